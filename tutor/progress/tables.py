"""The ledger's tables, and the one place that turns database errors into sentences.

Times are ISO-8601 text in UTC with microseconds, so that they sort alike in SQLite and Postgres.
Every table has ``user_id``: export and deletion need no list of special cases.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import sqlalchemy as sa

from tutor.errors import LedgerError

metadata = sa.MetaData()


def _user() -> sa.Column[str]:
    return sa.Column("user_id", sa.String(200), sa.ForeignKey("users.user_id"), nullable=False)


users = sa.Table(
    "users",
    metadata,
    sa.Column("user_id", sa.String(200), primary_key=True),
    sa.Column("goal_day", sa.String(10)),
    sa.Column("goal_minutes", sa.Integer),
    sa.Column("created_at", sa.String(32), nullable=False),
)
sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("session_id", sa.String(100), primary_key=True),
    _user(),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("finished", sa.String(20), nullable=False),
    sa.Column("started_at", sa.String(32), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Index("sessions_by_user", "user_id", "started_at"),
)
turns = sa.Table(
    "turns",
    metadata,
    sa.Column("session_id", sa.String(100), primary_key=True),
    sa.Column("turn", sa.Integer, primary_key=True),
    _user(),
    sa.Column("note_id", sa.String(200), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("outcome", sa.String(20), nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("score", sa.Float),
    sa.Column("asked_at", sa.String(32), nullable=False),
    sa.Column("answered_at", sa.String(32)),
    sa.Index("turns_by_user", "user_id", "asked_at"),
)
point_results = sa.Table(
    "point_results",
    metadata,
    sa.Column("session_id", sa.String(100), primary_key=True),
    sa.Column("turn", sa.Integer, primary_key=True),
    sa.Column("point_id", sa.String(200), primary_key=True),
    _user(),
    sa.Column("note_id", sa.String(200), nullable=False),
    sa.Column("label", sa.String(20), nullable=False),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Index("point_results_by_user", "user_id", "at"),
)
answers = sa.Table(
    "answers",
    metadata,
    sa.Column("answer_id", sa.String(40), primary_key=True),
    _user(),
    sa.Column("session_id", sa.String(100), nullable=False),
    sa.Column("turn", sa.Integer, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Index("answers_by_session", "session_id", "at"),
)
reviews = sa.Table(
    "reviews",
    metadata,
    sa.Column("user_id", sa.String(200), sa.ForeignKey("users.user_id"), primary_key=True),
    sa.Column("note_id", sa.String(200), primary_key=True),
    sa.Column("session_id", sa.String(100), primary_key=True),
    sa.Column("rating", sa.Integer, nullable=False),
    sa.Column("score", sa.Float),
    sa.Column("source", sa.String(20), nullable=False),
    sa.Column("at", sa.String(32), nullable=False),
)
disputes = sa.Table(
    "disputes",
    metadata,
    sa.Column("dispute_id", sa.String(40), primary_key=True),
    _user(),
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
refusals = sa.Table(
    "refusals",
    metadata,
    sa.Column("refusal_id", sa.String(40), primary_key=True),
    _user(),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("nearest", sa.Text, nullable=False),
    sa.Column("at", sa.String(32), nullable=False),
)

# Parents first: rows are written in this order and deleted in the reverse one.
ALL = (users, sessions, turns, point_results, answers, reviews, disputes, refusals)


def iso(moment: datetime) -> str:
    """The moment as the ledger keeps it; a time without a zone is taken as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="microseconds")


def moment(text: str) -> datetime:
    """The moment that `iso` wrote."""
    return datetime.fromisoformat(text)


_SENTENCES: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        ("readonly", "read-only", "permission denied"),
        "The progress database cannot be written; give yourself write access to it, or set "
        "TUTOR_DATA_DIR to a folder you can write.",
        "学习记录数据库不可写；请为它加上写权限，或把 TUTOR_DATA_DIR 设为可写的文件夹。",
    ),
    (
        ("unable to open", "file exists", "not a directory", "is a directory"),
        "The progress database cannot be opened; check that its folder exists and can be written, "
        "or set TUTOR_DATA_DIR to another one.",
        "无法打开学习记录数据库；请检查所在文件夹是否存在且可写，或把 TUTOR_DATA_DIR 设为其他文件夹。",
    ),
    (
        ("is locked", "is busy", "lock timeout"),
        "Another program is holding the progress database; close it and try again. What you typed "
        "is still on the page.",
        "另一个程序正占用学习记录数据库；请关闭后重试。你输入的内容仍在页面上。",
    ),
    (
        ("not a database", "malformed", "disk image", "file is encrypted"),
        "The progress database is damaged and was left untouched; move the file away (a new one is "
        "made at the next start) and bring your records back from an export.",
        "学习记录数据库已损坏，程序没有改动它；请把该文件移到别处（下次启动会新建），再用导出文件恢复记录。",
    ),
    (
        ("is full", "no space", "disk full", "disk i/o"),
        "The disk is full, so progress cannot be saved; free some space and try again.",
        "磁盘已满，无法保存学习记录；请释放空间后重试。",
    ),
    (
        ("could not connect", "connection refused", "connection failed", "server closed", "timeout"),
        "The database server does not answer; check TUTOR_DATABASE_URL and that the server runs.",
        "数据库服务器没有响应；请检查 TUTOR_DATABASE_URL 以及服务器是否在运行。",
    ),
)  # fmt: skip


def ledger_error(error: BaseException) -> LedgerError:
    """The sentence for a database error."""
    text = str(error).lower()
    for marks, en, zh in _SENTENCES:
        if any(mark in text for mark in marks):
            return LedgerError(en, zh)
    reason = " ".join(str(getattr(error, "orig", error)).split())[:200]
    return LedgerError(
        f"The progress database refused the work ({reason}); nothing was changed. Try again, and "
        "check TUTOR_DATABASE_URL if it happens again.",
        f"学习记录数据库拒绝了操作（{reason}），数据没有改动；请重试，若再次出现请检查 TUTOR_DATABASE_URL。",
    )


@contextmanager
def clear_errors() -> Iterator[None]:
    """Database errors inside the block come out as `LedgerError`."""
    try:
        yield
    except (sa.exc.SQLAlchemyError, OSError) as error:
        raise ledger_error(error) from error
