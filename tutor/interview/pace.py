"""Time in an interview: only the learner's own time counts."""

from datetime import datetime

from tutor.interview.types import Mode, Phase, Session
from tutor.notes.types import Note

NUDGE_AT = 1.5


def suggested_seconds(note: Note) -> int:
    """A fair time for the answer: half a minute to begin, 20 s a point, 1 to 4 minutes."""
    return min(240, max(60, 30 + 20 * len(note.key_points)))


def needs_nudge(session: Session, note: Note, now: datetime) -> bool:
    """Whether a Real interview should gently say that time is passing (1.5 times the fair time)."""
    turn = session.current
    if session.choices.mode is not Mode.REAL or turn is None or session.phase is not Phase.ASKED:
        return False
    return turn.seconds(now) >= NUDGE_AT * suggested_seconds(note)


def elapsed_seconds(session: Session, now: datetime) -> float:
    """Answering time so far; waiting for the machine does not count."""
    return sum(turn.seconds(now) for turn in session.turns)


def time_is_up(session: Session, now: datetime) -> bool:
    """Whether the minutes that were chosen are used; never, where none were."""
    minutes = session.choices.minutes
    return minutes is not None and elapsed_seconds(session, now) >= 60 * minutes
