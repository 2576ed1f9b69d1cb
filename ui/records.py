"""What the Progress tab shows, gathered from ledger, schedule and readiness: pure values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tutor.app import Tutor
from tutor.interview.types import Session
from tutor.notes.types import Note
from tutor.progress.memory import fit_memory
from tutor.progress.planner import one_of_each
from tutor.progress.readiness import (
    Plan,
    Readiness,
    make_plan,
    measure_readiness,
    point_shares,
    readiness_history,
)
from tutor.progress.schedule import (
    WrongPoint,
    due_queue,
    leeches,
    recall,
    replay,
    wrong_points,
)
from tutor.progress.types import Card, Goal, Review

CALENDAR_DAYS = 84
DEFAULT_GOAL = Goal(None, 30)


@dataclass(frozen=True, slots=True)
class Due:
    """A note whose review is due, with the predicted share of remembering it now."""

    note: Note
    recall: float


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the tab shows.

    Attributes:
        plan: The days until the interview, with today's and the forecast readiness.
        today: Readiness now.
        curve: Readiness on past days, oldest first.
        days: Reviews by day, for the calendar.
        practised: Notes practised at least once, by topic.
    """

    goal: Goal
    plan: Plan
    today: Readiness
    curve: tuple[tuple[date, float], ...]
    days: Mapping[date, int]
    due: tuple[Due, ...]
    weak: tuple[WrongPoint, ...]
    leeches: tuple[Card, ...]
    sessions: tuple[Session, ...]
    practised: Mapping[str, int]
    reviews: int


def read_overview(
    tutor: Tutor, user: str, goal: Goal | None = None, *, lang: str = "zh"
) -> Overview:
    """The learner's standing now; ``goal`` is one to try out instead of the saved one.

    Raises:
        InterviewError: The interview's day has passed.
        LedgerError: The records cannot be read.
    """
    now = tutor.clock()
    notes = tutor.shelf.notes
    ledger = tutor.ledger
    reviews, results = ledger.reviews(user), ledger.point_results(user)
    memory = fit_memory(reviews)
    cards = {i: card for i, card in replay(reviews, memory=memory).items() if i in notes}
    usable = one_of_each(notes.values(), cards, lang)
    points = point_shares(notes, results)
    goal = goal or ledger.goal(user) or DEFAULT_GOAL
    if goal.day is not None and goal.day < now.date():
        goal = Goal(None, goal.minutes)
    first = min((review.at.date() for review in reviews), default=now.date())
    history = readiness_history(usable, reviews, results, now.date(), memory=memory)
    due = tuple(
        Due(notes[card.note_id], recall(card, now, memory=memory))
        for card in due_queue(cards, now, memory=memory)
    )
    practised: dict[str, int] = {}
    for note in usable:
        practised[note.topic] = practised.get(note.topic, 0) + (note.id in cards)
    return Overview(
        goal=goal,
        plan=make_plan(usable, cards, points, goal, now, memory=memory),
        today=measure_readiness(usable, cards, points, now.date(), memory=memory),
        curve=_curve(history, first),
        days=_by_day(reviews),
        due=due,
        weak=tuple(point for point in wrong_points(results) if point.note_id in notes),
        leeches=tuple(leeches(cards)),
        sessions=tuple(ledger.sessions(user, limit=20)),
        practised=practised,
        reviews=len(reviews),
    )


def _curve(history: Sequence[Readiness], first: date) -> tuple[tuple[date, float], ...]:
    """Readiness by day from the first day of practice on."""
    return tuple((past.day, past.value) for past in history if past.day >= first)


def _by_day(reviews: Sequence[Review]) -> dict[date, int]:
    days: dict[date, int] = {}
    for review in reviews:
        day = review.at.astimezone().date()
        days[day] = days.get(day, 0) + 1
    return days
