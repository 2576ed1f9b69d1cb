"""Does the plan pay? Simulated learners whose memory is known follow it, and two other ways.

Every way of practising gets the same number of looks on every day, so that only the choice of
notes differs. The plan sees the ratings alone; see `learners` for the laws they forget by.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from tutor.notes.types import KeyPoint, Note, Source
from tutor.progress.learners import draw_learner, noon
from tutor.progress.memory import fit_memory
from tutor.progress.planner import choose_day, practice_seconds
from tutor.progress.schedule import recall, replay
from tutor.progress.types import Review

START = date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class PlanGain:
    """True mean recall on the day, over all notes, by way of practising; looks are the same for all.

    Attributes:
        foreseen: What the plan expected of that recall on the last evening.
    """

    plan: float
    random: float
    fixed: float
    looks: int
    foreseen: float

    @property
    def gain(self) -> float:
        """Plan minus the better of the two others."""
        return self.plan - max(self.random, self.fixed)


@dataclass(frozen=True, slots=True)
class _End:
    """True and foreseen mean recall on the day, and the number of looks."""

    recall: float
    foreseen: float
    looks: int


Choose = Callable[[date, Sequence[Review]], list[str]]


def simulate_plan(
    seed: int, law: str = "fsrs", *, notes: int = 60, days: int = 30, a_day: int = 8
) -> PlanGain:
    """One learner, three ways: the plan, random choice, and a fixed interval.

    The fixed interval goes through all notes in turn, which at this number of looks is the
    shortest interval that is the same for every note.
    """
    deck = [_note(index) for index in range(notes)]
    ids = [note.id for note in deck]
    day = START + timedelta(days=days)
    seconds = a_day * practice_seconds(deck[0])
    picks = Random(seed + 1)

    def by_plan(on: date, reviews: Sequence[Review]) -> list[str]:
        memory = fit_memory(reviews)
        return choose_day(deck, replay(reviews, memory=memory), on, day, seconds, memory=memory)

    def at_random(on: date, reviews: Sequence[Review]) -> list[str]:
        return picks.sample(ids, a_day)

    def in_turn(on: date, reviews: Sequence[Review]) -> list[str]:
        begin = (on - START).days * a_day
        return [ids[(begin + step) % notes] for step in range(a_day)]

    plan, random, fixed = (_run(seed, law, ids, days, c) for c in (by_plan, at_random, in_turn))
    if len({plan.looks, random.looks, fixed.looks}) != 1:
        raise ValueError("the ways of practising had different numbers of looks")
    return PlanGain(plan.recall, random.recall, fixed.recall, plan.looks, plan.foreseen)


def _run(seed: int, law: str, ids: Sequence[str], days: int, choose: Choose) -> _End:
    rng = Random(seed)
    learner = draw_learner(rng, ids, law)
    reviews: list[Review] = []  # what the ledger knows
    for offset in range(days):
        on = START + timedelta(days=offset)
        for note_id in choose(on, reviews):
            rating = learner.practise(note_id, on, rng)
            reviews.append(Review(note_id, f"s{offset}", rating, noon(on)))
    day = START + timedelta(days=days)
    memory = fit_memory(reviews)
    cards = replay(reviews, memory=memory)
    return _End(
        recall=sum(learner.remembers(note_id, day) for note_id in ids) / len(ids),
        foreseen=sum(recall(c, noon(day), memory=memory) for c in cards.values()) / len(ids),
        looks=len(reviews),
    )


def _note(index: int) -> Note:
    points = tuple(KeyPoint(f"p{number}", f"point {number}") for number in range(4))
    source = Source("simulated.md", index + 1, index + 1)
    return Note(f"n{index}", f"question {index}", "answer", source, key_points=points)
