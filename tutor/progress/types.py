"""What the ledger keeps besides interviews."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum


class Rating(IntEnum):
    """How well a question was remembered; the numbers are FSRS's own."""

    AGAIN = 1
    HARD = 2
    GOOD = 3
    EASY = 4


@dataclass(frozen=True, slots=True)
class Goal:
    """The day of the real interview and the practice time a day, in minutes."""

    day: date | None
    minutes: int = 30


@dataclass(frozen=True, slots=True)
class Review:
    """One look at one note, as FSRS counts it; one a note and session.

    Attributes:
        score: 0 to 10, hints deducted; None where nothing was scored.
        source: ``critique`` (mapped from the score) or ``learner`` (changed by hand).
    """

    note_id: str
    session_id: str
    rating: Rating
    at: datetime
    score: float | None = None
    source: str = "critique"


@dataclass(frozen=True, slots=True)
class Card:
    """What FSRS knows of one note; `schedule.replay` makes it from the reviews alone.

    Attributes:
        stability: Days until the predicted recall falls to 90 %.
        difficulty: 1 (easy) to 10.
        due: When to practise next.
        reviews: How often it was looked at.
        lapses: How often it was forgotten after having been known.
    """

    note_id: str
    stability: float
    difficulty: float
    due: datetime
    last_review: datetime
    reviews: int
    lapses: int


@dataclass(frozen=True, slots=True)
class PointResult:
    """One key point judged in one turn."""

    note_id: str
    point_id: str
    session_id: str
    turn: int
    label: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TypedAnswer:
    """Words exactly as they were sent, journalled before anything else was done with them."""

    session_id: str
    turn: int
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Dispute:
    """A verdict the learner did not accept.

    Attributes:
        before: Label that was judged.
        after: Label after it was judged again or overruled.
        reason: What the learner said.
        answer: The answer in question, so that the case can be reviewed by itself.
    """

    session_id: str
    turn: int
    note_id: str
    point_id: str
    before: str
    after: str
    reason: str
    answer: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Refusal:
    """A question the notes did not answer, with the ids of the nearest notes."""

    question: str
    nearest: tuple[str, ...]
    at: datetime
