"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("user_id", sa.String(200), primary_key=True),
        sa.Column("goal_day", sa.String(10)),
        sa.Column("goal_minutes", sa.Integer),
        sa.Column("created_at", sa.String(32), nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("session_id", sa.String(100), primary_key=True),
        sa.Column("user_id", sa.String(200), sa.ForeignKey("users.user_id"), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("finished", sa.String(20), nullable=False),
        sa.Column("started_at", sa.String(32), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("sessions_by_user", "sessions", ["user_id", "started_at"])
    op.create_table(
        "turns",
        sa.Column("session_id", sa.String(100), primary_key=True),
        sa.Column("turn", sa.Integer, primary_key=True),
        sa.Column("user_id", sa.String(200), sa.ForeignKey("users.user_id"), nullable=False),
        sa.Column("note_id", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("score", sa.Float),
        sa.Column("asked_at", sa.String(32), nullable=False),
        sa.Column("answered_at", sa.String(32)),
    )
    op.create_index("turns_by_user", "turns", ["user_id", "asked_at"])
    op.create_table(
        "point_results",
        sa.Column("session_id", sa.String(100), primary_key=True),
        sa.Column("turn", sa.Integer, primary_key=True),
        sa.Column("point_id", sa.String(200), primary_key=True),
        sa.Column("user_id", sa.String(200), sa.ForeignKey("users.user_id"), nullable=False),
        sa.Column("note_id", sa.String(200), nullable=False),
        sa.Column("label", sa.String(20), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
    )
    op.create_index("point_results_by_user", "point_results", ["user_id", "at"])
    op.create_table(
        "answers",
        sa.Column("answer_id", sa.String(40), primary_key=True),
        sa.Column("user_id", sa.String(200), sa.ForeignKey("users.user_id"), nullable=False),
        sa.Column("session_id", sa.String(100), nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
    )
    op.create_index("answers_by_session", "answers", ["session_id", "at"])
    op.create_table(
        "reviews",
        sa.Column("user_id", sa.String(200), sa.ForeignKey("users.user_id"), primary_key=True),
        sa.Column("note_id", sa.String(200), primary_key=True),
        sa.Column("session_id", sa.String(100), primary_key=True),
        sa.Column("rating", sa.Integer, nullable=False),
        sa.Column("score", sa.Float),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
    )
    op.create_table(
        "disputes",
        sa.Column("dispute_id", sa.String(40), primary_key=True),
        sa.Column("user_id", sa.String(200), sa.ForeignKey("users.user_id"), nullable=False),
        sa.Column("session_id", sa.String(100), nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("note_id", sa.String(200), nullable=False),
        sa.Column("point_id", sa.String(200), nullable=False),
        sa.Column("before", sa.String(20), nullable=False),
        sa.Column("after", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
    )
    op.create_table(
        "refusals",
        sa.Column("refusal_id", sa.String(40), primary_key=True),
        sa.Column("user_id", sa.String(200), sa.ForeignKey("users.user_id"), nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("nearest", sa.Text, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("refusals")
    op.drop_table("disputes")
    op.drop_table("reviews")
    op.drop_table("answers")
    op.drop_table("point_results")
    op.drop_table("turns")
    op.drop_table("sessions")
    op.drop_table("users")
