"""The ledger: everything that survives a restart, in SQLite or Postgres.

The only part of the product that speaks SQL, with `store`, `tables` and `migrate` beside it.
"""

import json
from datetime import date, datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from tutor.errors import LedgerError, StaleSessionError
from tutor.interview.types import Kind, Phase, Session
from tutor.progress import tables as t
from tutor.progress.rows import point_rows, saved_as, storable, turn_rows, values_of
from tutor.progress.store import Store
from tutor.progress.types import (
    Dispute,
    Goal,
    PointResult,
    Rating,
    Refusal,
    Review,
    TypedAnswer,
)


class Ledger(Store):
    """One database of users, interviews and memory; safe to share between threads.

    Each method is a transaction of its own, unless it is called on the ledger that
    `transaction` gives: then everything in the block is kept or nothing.

    Args:
        url: SQLAlchemy URL, `Settings.ledger_url`.

    Raises:
        LedgerError: The database cannot be opened; every method raises it when the database
            refuses the work.
    """

    # Users

    def ensure_user(self, user: str, now: datetime) -> None:
        """Make the user known; nothing happens where it is."""
        with self._connect(writes=True) as db:
            self._ensure(db, user, now)

    def users(self) -> list[str]:
        """Everybody with records here, by name."""
        with self._connect(writes=False) as db:
            return list(db.scalars(sa.select(t.users.c.user_id).order_by(t.users.c.user_id)))

    def set_goal(self, user: str, goal: Goal, now: datetime) -> None:
        """Remember the interview's day and the minutes a day."""
        with self._connect(writes=True) as db:
            self._ensure(db, user, now)
            day = goal.day.isoformat() if goal.day else None
            values = {"goal_day": day, "goal_minutes": goal.minutes}
            db.execute(sa.update(t.users).where(t.users.c.user_id == user).values(**values))

    def goal(self, user: str) -> Goal | None:
        """The goal that was set; None where none was."""
        with self._connect(writes=False) as db:
            row = db.execute(sa.select(t.users).where(t.users.c.user_id == user)).one_or_none()
        if row is None or row.goal_minutes is None:
            return None
        return Goal(date.fromisoformat(row.goal_day) if row.goal_day else None, row.goal_minutes)

    def delete_user(self, user: str) -> int:
        """Delete everything of the user; the number of rows deleted."""
        with self._connect(writes=True) as db:
            gone = 0
            for table in reversed(t.ALL):
                gone += db.execute(sa.delete(table).where(table.c.user_id == user)).rowcount
            return gone

    # Interviews

    def append_answer(
        self, user: str, session_id: str, turn: int, text: str, now: datetime
    ) -> None:
        """Journal what was typed, before anything else is done with it; nothing is overwritten."""
        with self._connect(writes=True) as db:
            self._ensure(db, user, now)
            db.execute(
                sa.insert(t.answers).values(
                    answer_id=uuid4().hex,
                    user_id=user,
                    session_id=session_id,
                    turn=turn,
                    text=storable(text),
                    at=t.iso(now),
                )
            )

    def typed_answers(self, session_id: str) -> list[TypedAnswer]:
        """The journal of one interview, oldest first."""
        query = sa.select(t.answers).where(t.answers.c.session_id == session_id)
        with self._connect(writes=False) as db:
            rows = db.execute(query.order_by(t.answers.c.at)).all()
        return [TypedAnswer(r.session_id, r.turn, r.text, t.moment(r.at)) for r in rows]

    def unsent_answer(self, session: Session) -> str:
        """Words journalled for the open question that never reached the session, or nothing.

        The page offers them again after a crash.
        """
        turn = session.current
        if turn is None or session.phase is not Phase.ASKED:
            return ""
        typed = [a.text for a in self.typed_answers(session.id) if a.turn == turn.index]
        return typed[-1] if typed else ""

    def save_session(self, session: Session) -> Session:
        """Keep the session; the returned copy carries the version for the next save.

        Raises:
            StaleSessionError: Another tab or process saved it since this copy was loaded.
        """
        with self._connect(writes=True) as db:
            self._ensure(db, session.user, session.started_at)
            saved = saved_as(session, session.version + 1)
            body = {
                "version": saved.version,
                "finished": saved.finished,
                "body": saved.to_json(),
            }
            table = t.sessions
            if session.version == 0:
                self._insert_new(db, saved, body)
            else:
                same = (table.c.session_id == saved.id) & (table.c.version == session.version)
                if db.execute(sa.update(table).where(same).values(**body)).rowcount != 1:
                    raise _stale()
            _save_turns(db, saved)
            return saved

    def load_session(self, session_id: str) -> Session:
        """The interview as it was last saved.

        Raises:
            LedgerError: There is none with this id.
        """
        query = sa.select(t.sessions.c.body).where(t.sessions.c.session_id == session_id)
        with self._connect(writes=False) as db:
            body = db.scalar(query)
        if body is None:
            raise LedgerError(
                "This interview is not in the ledger; start a new one.",
                "记录中没有这场面试；请开始新的面试。",
            )
        return Session.from_json(body)

    def sessions(self, user: str, *, limit: int | None = None) -> list[Session]:
        """The user's interviews, the latest first."""
        return self._sessions(t.sessions.c.user_id == user, limit)

    def unfinished(self, user: str) -> list[Session]:
        """Interviews that can be taken up again, the latest first."""
        return self._sessions((t.sessions.c.user_id == user) & (t.sessions.c.finished == ""), None)

    def asked(self, user: str, *, limit: int = 200) -> list[str]:
        """Note ids of the questions asked lately, the most recent first, each once."""
        query = (
            sa.select(t.turns.c.note_id)
            .where(t.turns.c.user_id == user, t.turns.c.kind == Kind.QUESTION.value)
            .group_by(t.turns.c.note_id)
            .order_by(sa.func.max(t.turns.c.asked_at).desc(), t.turns.c.note_id)
            .limit(limit)
        )
        with self._connect(writes=False) as db:
            return list(db.scalars(query))

    # Memory

    def record_review(self, user: str, review: Review) -> None:
        """Keep a review; judging the same session's answer again replaces it.

        A rating that the learner set stays: only another one by the learner replaces it.
        """
        key = {"user_id": user, "note_id": review.note_id, "session_id": review.session_id}
        same = sa.and_(*(t.reviews.c[name] == value for name, value in key.items()))
        values = {
            "rating": int(review.rating),
            "score": review.score,
            "source": review.source,
            "at": t.iso(review.at),
        }
        with self._connect(writes=True) as db:
            self._ensure(db, user, review.at)
            kept = db.execute(sa.select(t.reviews).where(same)).one_or_none()
            if kept is None:
                db.execute(sa.insert(t.reviews).values(**key, **values))
                return
            values["at"] = kept.at  # when it was remembered does not move
            if kept.source == "learner" and review.source != "learner":
                values |= {"rating": kept.rating, "source": kept.source}
            db.execute(sa.update(t.reviews).where(same).values(**values))

    def reviews(self, user: str) -> list[Review]:
        """All reviews, oldest first."""
        query = sa.select(t.reviews).where(t.reviews.c.user_id == user)
        with self._connect(writes=False) as db:
            rows = db.execute(query.order_by(t.reviews.c.at, t.reviews.c.note_id)).all()
        return [
            Review(r.note_id, r.session_id, Rating(r.rating), t.moment(r.at), r.score, r.source)
            for r in rows
        ]

    def point_results(self, user: str) -> list[PointResult]:
        """Every judged key point, oldest first."""
        c = t.point_results.c
        query = sa.select(t.point_results).where(c.user_id == user)
        with self._connect(writes=False) as db:
            rows = db.execute(query.order_by(c.at, c.session_id, c.turn, c.point_id)).all()
        return [
            PointResult(r.note_id, r.point_id, r.session_id, r.turn, r.label, t.moment(r.at))
            for r in rows
        ]

    # Disputes and gaps

    def record_dispute(self, user: str, dispute: Dispute) -> None:
        """Log a verdict that the learner did not accept."""
        self._log(t.disputes, "dispute_id", user, values_of(dispute), dispute.at)

    def disputes(self, user: str) -> list[Dispute]:
        """Disputed verdicts, oldest first."""
        return [Dispute(**row) for row in self._logged(t.disputes, "dispute_id", user)]

    def record_refusal(self, user: str, refusal: Refusal) -> None:
        """Note a question that the learner's notes do not answer."""
        values = values_of(refusal) | {"nearest": json.dumps(list(refusal.nearest))}
        self._log(t.refusals, "refusal_id", user, values, refusal.at)

    def refusals(self, user: str) -> list[Refusal]:
        """Questions the notes do not answer, oldest first."""
        rows = self._logged(t.refusals, "refusal_id", user)
        return [Refusal(**(row | {"nearest": tuple(json.loads(row["nearest"]))})) for row in rows]

    def _insert_new(self, db: sa.Connection, saved: Session, body: dict[str, Any]) -> None:
        same = t.sessions.c.session_id == saved.id
        if db.scalar(sa.select(t.sessions.c.session_id).where(same)) is not None:
            raise _stale()
        started = t.iso(saved.started_at)
        row = {"session_id": saved.id, "user_id": saved.user, "started_at": started}
        try:
            db.execute(sa.insert(t.sessions).values(**row, **body))
        except sa.exc.IntegrityError as error:  # another process was first
            raise _stale() from error

    def _sessions(self, where: sa.ColumnElement[bool], limit: int | None) -> list[Session]:
        query = sa.select(t.sessions.c.body).where(where)
        query = query.order_by(t.sessions.c.started_at.desc(), t.sessions.c.session_id)
        with self._connect(writes=False) as db:
            bodies = list(db.scalars(query.limit(limit)))
        return [Session.from_json(body) for body in bodies]


def _save_turns(db: sa.Connection, session: Session) -> None:
    for table, rows in ((t.turns, turn_rows(session)), (t.point_results, point_rows(session))):
        db.execute(sa.delete(table).where(table.c.session_id == session.id))
        if rows:
            db.execute(sa.insert(table), rows)


def _stale() -> StaleSessionError:
    return StaleSessionError(
        "This interview went on in another tab or process; reload the page. What you typed was "
        "kept in the journal.",
        "这场面试已在另一个标签页或进程中继续；请刷新页面。你输入的内容已另行保存。",
    )
