"""Values to table rows: pure, so that the ledger only has to run statements."""

from dataclasses import fields, replace
from typing import Any

from tutor.interview.types import Session
from tutor.progress.tables import iso


def storable(text: str) -> str:
    """The text without what databases refuse: NUL and lone surrogates become U+FFFD."""
    return (
        text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    )


def values_of(value: Any) -> dict[str, Any]:
    """The fields of a frozen value by name, strings made storable."""
    found = {field.name: getattr(value, field.name) for field in fields(value)}
    return {k: storable(v) if isinstance(v, str) else v for k, v in found.items()}


def saved_as(session: Session, version: int) -> Session:
    """The session with the version it is saved under."""
    return replace(session, version=version)


def turn_rows(session: Session) -> list[dict[str, Any]]:
    """One row a turn, for queries; the session's body stays the truth."""
    return [
        {
            "session_id": session.id,
            "turn": turn.index,
            "user_id": session.user,
            "note_id": storable(turn.note_id),
            "kind": turn.kind.value,
            "outcome": turn.outcome.value,
            "answer": storable(turn.answer),
            "score": turn.critique.score.value if turn.critique else None,
            "asked_at": iso(turn.asked_at),
            "answered_at": iso(turn.answered_at) if turn.answered_at else None,
        }
        for turn in session.turns
    ]


def point_rows(session: Session) -> list[dict[str, Any]]:
    """One row a judged key point."""
    return [
        {
            "session_id": session.id,
            "turn": turn.index,
            "point_id": verdict.point_id,
            "user_id": session.user,
            "note_id": storable(turn.note_id),
            "label": verdict.label.value,
            "at": iso(turn.answered_at or turn.asked_at),
        }
        for turn in session.turns
        if turn.critique
        for verdict in turn.critique.verdicts
    ]
