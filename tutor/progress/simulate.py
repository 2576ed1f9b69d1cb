"""Does the plan pay? A simulated learner whose memory is known follows it, and two other ways.

The learner's true memory has FSRS's form with parameters of its own, drawn anew for each learner
and unknown to the plan: how stable a first impression is, how fast memory fades, how much a
repetition adds. Some notes are known at first sight and some are not. Every way of practising gets
the same number of looks on every day, so that only the choice of notes differs.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random

import fsrs

from tutor.notes.types import KeyPoint, Note, Source
from tutor.progress.readiness import choose_day, practice_seconds
from tutor.progress.schedule import Memory, make_memory, recall, review_card
from tutor.progress.types import Card, Rating

START = date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class PlanGain:
    """True mean recall on the day, over all notes, by way of practising; looks are the same for all."""

    plan: float
    random: float
    fixed: float
    looks: int

    @property
    def gain(self) -> float:
        """Plan minus the better of the two others."""
        return self.plan - max(self.random, self.fixed)


@dataclass(slots=True)
class Learner:
    """True memory, changed by each look; ``first`` is how well each note is known at first."""

    memory: Memory
    first: dict[str, Rating]
    cards: dict[str, Card] = field(default_factory=dict)

    def remembers(self, note_id: str, on: date) -> float:
        """True probability of recall, 0 for a note never seen."""
        card = self.cards.get(note_id)
        return recall(card, _noon(on), memory=self.memory) if card else 0.0

    def practise(self, note_id: str, on: date, rng: Random) -> Rating:
        """One look: the outcome is drawn, and memory changes."""
        known = self.cards.get(note_id)
        if known is None:
            rating = self.first[note_id]
        else:
            recalled = rng.random() < self.remembers(note_id, on)
            rating = Rating.GOOD if recalled else Rating.AGAIN
        self.cards[note_id] = review_card(known, note_id, rating, _noon(on), memory=self.memory)
        return rating


def draw_learner(rng: Random, ids: Sequence[str]) -> Learner:
    """A learner whose parameters lie around the usual ones (log-normal, sd .5, .2 and .5)."""
    parameters = list(fsrs.scheduler.DEFAULT_PARAMETERS)
    low, high = fsrs.scheduler.LOWER_BOUNDS_PARAMETERS, fsrs.scheduler.UPPER_BOUNDS_PARAMETERS
    first_impression = math.exp(rng.gauss(0, 0.5))
    factors = dict.fromkeys(range(4), first_impression)
    factors |= {8: math.exp(rng.gauss(0, 0.2)), 20: math.exp(rng.gauss(0, 0.5))}
    for index, factor in factors.items():
        parameters[index] = min(high[index], max(low[index], parameters[index] * factor))
    ratings = [Rating.AGAIN, Rating.HARD, Rating.GOOD]
    first = {note_id: rng.choices(ratings, [0.5, 0.3, 0.2])[0] for note_id in ids}
    return Learner(make_memory(parameters), first)


Choose = Callable[[date, dict[str, Card]], list[str]]


def simulate_plan(seed: int, *, notes: int = 60, days: int = 30, a_day: int = 8) -> PlanGain:
    """One learner, three ways: the plan, random choice, and a fixed interval.

    The fixed interval goes through all notes in turn, which at this number of looks is the
    shortest interval that is the same for every note.
    """
    deck = [_note(index) for index in range(notes)]
    ids = [note.id for note in deck]
    day = START + timedelta(days=days)
    seconds = a_day * practice_seconds(deck[0])
    picks = Random(seed + 1)

    def by_plan(on: date, cards: dict[str, Card]) -> list[str]:
        return choose_day(deck, cards, on, day, seconds)

    def at_random(on: date, cards: dict[str, Card]) -> list[str]:
        return picks.sample(ids, a_day)

    def in_turn(on: date, cards: dict[str, Card]) -> list[str]:
        begin = (on - START).days * a_day
        return [ids[(begin + step) % notes] for step in range(a_day)]

    results = [_run(seed, ids, days, choose) for choose in (by_plan, at_random, in_turn)]
    looks = {count for _, count in results}
    if len(looks) != 1:
        raise ValueError("the ways of practising had different numbers of looks")
    return PlanGain(results[0][0], results[1][0], results[2][0], looks.pop())


def _run(seed: int, ids: Sequence[str], days: int, choose: Choose) -> tuple[float, int]:
    """Mean true recall on the day after the last, and the number of looks."""
    rng = Random(seed)
    learner = draw_learner(rng, ids)
    cards: dict[str, Card] = {}  # what the ledger knows: ratings only, read with the usual memory
    looks = 0
    for offset in range(days):
        on = START + timedelta(days=offset)
        for note_id in choose(on, cards):
            rating = learner.practise(note_id, on, rng)
            cards[note_id] = review_card(cards.get(note_id), note_id, rating, _noon(on))
            looks += 1
    day = START + timedelta(days=days)
    return sum(learner.remembers(note_id, day) for note_id in ids) / len(ids), looks


def _note(index: int) -> Note:
    points = tuple(KeyPoint(f"p{number}", f"point {number}") for number in range(4))
    source = Source("simulated.md", index + 1, index + 1)
    return Note(f"n{index}", f"question {index}", "answer", source, key_points=points)


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)
