"""What came of each note in an interview: the score of everything said, less what hints cost."""

from dataclasses import dataclass, replace
from datetime import datetime

from tutor.critique.score import score
from tutor.critique.types import Label, Score, Verdict
from tutor.interview.standing import standing
from tutor.interview.types import Kind, Outcome, Session
from tutor.notes.types import Note

# Share of a question's score that hints cost, by the number taken.
HINT_COST = (0.0, 0.1, 0.25)


def after_hints(score: float, hints: int) -> float:
    """A score of 0 to 10 less what the hints cost, one decimal."""
    return round(score * (1 - HINT_COST[min(hints, len(HINT_COST) - 1)]), 1)


@dataclass(frozen=True, slots=True)
class NoteResult:
    """What came of one note in an interview, all its turns taken together.

    Attributes:
        outcome: What became of the question itself.
        verdicts: The standing of each judged point, in the note's order.
        points: The score of these verdicts, before hints; None where nothing was judged.
        score: 0 to 10 with hints deducted; None where nothing could be scored.
        hints: The most hints taken in one turn.
        follow_ups: Follow-ups and contrasts answered.
        contradicted: Whether a required point stands contradicted.
        at: When the last of its turns was closed; None while it is open.
    """

    note_id: str
    outcome: Outcome
    verdicts: tuple[Verdict, ...]
    points: Score | None
    score: float | None
    hints: int
    follow_ups: int
    contradicted: bool
    at: datetime | None


def note_result(session: Session, note: Note) -> NoteResult:
    """Everything said about one note, summed up: the score of the merged verdicts."""
    turns = session.of_note(note.id)
    verdicts = tuple(standing(session, note).values())
    points = score(verdicts, note.key_points) if verdicts else None
    overruled = any(turn.critique and turn.critique.score.disputed for turn in turns)
    if points and overruled:
        points = replace(points, disputed=True)
    hints = max((turn.hints for turn in turns), default=0)
    value = points.value if points else None
    required = {point.id for point in note.key_points if point.required}
    closed = [turn.answered_at for turn in turns if turn.answered_at]
    questions = [turn.outcome for turn in turns if turn.kind is Kind.QUESTION]
    return NoteResult(
        note_id=note.id,
        outcome=questions[-1] if questions else Outcome.PENDING,
        verdicts=verdicts,
        points=points,
        score=None if value is None else after_hints(value, hints),
        hints=hints,
        follow_ups=sum(
            turn.kind is not Kind.QUESTION and turn.outcome is Outcome.ANSWERED for turn in turns
        ),
        contradicted=any(
            v.label is Label.CONTRADICTED and v.point_id in required for v in verdicts
        ),
        at=max(closed, default=None),
    )
