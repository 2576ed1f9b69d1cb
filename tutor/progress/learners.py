"""Simulated learners whose true memory is known, under four laws of memory.

The plan knows none of them: it sees ratings only. Each learner's parameters are drawn anew, and so
is how well each note is known at first.

- ``fsrs``: FSRS-6 with parameters of the learner's own.
- ``exponential``: recall e^(-t/S); S grows by success, the more the nearer it was to being forgotten.
- ``half-life``: recall 2^(-t/h); success doubles h, failure halves it, whenever it happens (Settles
  and Meeder, "A Trainable Spaced Repetition Model for Language Learning", ACL 2016).
- ``power``: ACT-R's sum of decaying traces (Pavlik and Anderson, "Practice and Forgetting Effects on
  Vocabulary Memory", Cognitive Science 2005), which failure does not set back.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from random import Random
from typing import Protocol

import fsrs

from tutor.progress.memory import Memory, make_memory
from tutor.progress.schedule import recall, review_card
from tutor.progress.types import Card, Rating

LAWS = ("fsrs", "exponential", "half-life", "power")
_FIRST = ([Rating.AGAIN, Rating.HARD, Rating.GOOD], [0.5, 0.3, 0.2])
# Days, by the first rating, that a memory lasts after the first look; times the learner's own.
_LASTS = {Rating.AGAIN: 0.9, Rating.HARD: 2.25, Rating.GOOD: 6.0}
# Traces that ACT-R starts with, by the first rating; two more come with each practice.
_TRACES = {Rating.AGAIN: 2, Rating.HARD: 3, Rating.GOOD: 5}
# ACT-R's decay (a, c), threshold, noise, and seconds outside practice as it counts them.
_ACTR_A, _ACTR_C, _ACTR_THRESHOLD, _ACTR_NOISE, _ACTR_DAY = (
    0.177,
    0.217,
    -0.704,
    0.255,
    0.025 * 86400,
)


class Learner(Protocol):
    """A memory that practice changes."""

    def remembers(self, note_id: str, on: date) -> float:
        """True probability of recall, 0 for a note never seen."""

    def practise(self, note_id: str, on: date, rng: Random) -> Rating:
        """One look: the outcome is drawn, and memory changes."""


def draw_learner(rng: Random, ids: Sequence[str], law: str = "fsrs") -> Learner:
    """A learner of one of the `LAWS`, with parameters around the usual ones (log-normal)."""
    first = {note_id: rng.choices(*_FIRST)[0] for note_id in ids}
    if law == "fsrs":
        return FsrsLearner(_draw_memory(rng), first)
    if law == "power":
        return TraceLearner(
            first,
            {note_id: rng.gauss(0, 0.2) for note_id in ids},
            _ACTR_A * math.exp(rng.gauss(0, 0.2)),
            _ACTR_C * math.exp(rng.gauss(0, 0.2)),
        )
    if law not in LAWS:
        raise ValueError(f"no such law of memory: {law}")
    own = math.exp(rng.gauss(0, 0.5))
    lasts = {i: own * _LASTS[first[i]] * math.exp(rng.gauss(0, 0.4)) for i in ids}
    growth = 2.5 * math.exp(rng.gauss(0, 0.3)) if law == "exponential" else None
    return FadingLearner(first, lasts, growth)


def _draw_memory(rng: Random) -> Memory:
    parameters = list(fsrs.scheduler.DEFAULT_PARAMETERS)
    low, high = fsrs.scheduler.LOWER_BOUNDS_PARAMETERS, fsrs.scheduler.UPPER_BOUNDS_PARAMETERS
    first_impression = math.exp(rng.gauss(0, 0.5))
    factors = dict.fromkeys(range(4), first_impression)
    factors |= {8: math.exp(rng.gauss(0, 0.2)), 20: math.exp(rng.gauss(0, 0.5))}
    for index, factor in factors.items():
        parameters[index] = min(high[index], max(low[index], parameters[index] * factor))
    return make_memory(parameters)


@dataclass(slots=True)
class FsrsLearner:
    """Forgets as FSRS-6 says; ``first`` is how well each note is known at first."""

    memory: Memory
    first: dict[str, Rating]
    cards: dict[str, Card] = field(default_factory=dict)

    def remembers(self, note_id: str, on: date) -> float:
        """True probability of recall."""
        card = self.cards.get(note_id)
        return recall(card, noon(on), memory=self.memory) if card else 0.0

    def practise(self, note_id: str, on: date, rng: Random) -> Rating:
        """One look."""
        known = self.cards.get(note_id)
        rating = _draw_rating(self, note_id, on, rng) if known else self.first[note_id]
        self.cards[note_id] = review_card(known, note_id, rating, noon(on), memory=self.memory)
        return rating


@dataclass(slots=True)
class FadingLearner:
    """Forgets at a constant rate: exponentially with ``growth``, by half-lives without it.

    ``lasts`` is, for each note, the time in days its memory lasts after the first look.
    """

    first: dict[str, Rating]
    lasts: dict[str, float]
    growth: float | None
    seen: dict[str, tuple[float, date]] = field(default_factory=dict)

    def remembers(self, note_id: str, on: date) -> float:
        """True probability of recall."""
        if note_id not in self.seen:
            return 0.0
        lasts, last = self.seen[note_id]
        gone = (on - last).days / lasts
        return math.exp(-gone) if self.growth is not None else 2.0**-gone

    def practise(self, note_id: str, on: date, rng: Random) -> Rating:
        """One look."""
        if note_id not in self.seen:
            self.seen[note_id] = (self.lasts[note_id], on)
            return self.first[note_id]
        lasts, chance = self.seen[note_id][0], self.remembers(note_id, on)
        rating = _draw_rating(self, note_id, on, rng)
        if rating is Rating.AGAIN:
            lasts = max(lasts / 2, 0.3)
        else:
            lasts *= 2 if self.growth is None else 1 + self.growth * (1 - chance)
        self.seen[note_id] = (lasts, on)
        return rating


@dataclass(slots=True)
class TraceLearner:
    """Each look leaves traces that decay by a power of time; recall depends on their sum.

    ``ease`` is added to a note's activation; ``a`` and ``c`` decide how fast a trace decays that is
    laid down at a given activation.
    """

    first: dict[str, Rating]
    ease: dict[str, float]
    a: float
    c: float
    traces: dict[str, list[tuple[date, float]]] = field(default_factory=dict)

    def remembers(self, note_id: str, on: date) -> float:
        """True probability of recall."""
        if note_id not in self.traces:
            return 0.0
        above = self._activation(note_id, on) - _ACTR_THRESHOLD
        return 1 / (1 + math.exp(-above / _ACTR_NOISE))

    def practise(self, note_id: str, on: date, rng: Random) -> Rating:
        """One look."""
        if note_id not in self.traces:
            rating = self.first[note_id]
            self.traces[note_id] = [(on, self.a)] * _TRACES[rating]
            return rating
        rating = _draw_rating(self, note_id, on, rng)
        decay = self.a + self.c * math.exp(min(self._activation(note_id, on), 1.0))
        self.traces[note_id] += [(on, decay)] * 2
        return rating

    def _activation(self, note_id: str, on: date) -> float:
        strength = (
            max((on - day).days * _ACTR_DAY, 60.0) ** -decay for day, decay in self.traces[note_id]
        )
        return math.log(sum(strength)) + self.ease[note_id]


def noon(day: date) -> datetime:
    """The middle of a day."""
    return datetime.combine(day, time(12), UTC)


def _draw_rating(learner: Learner, note_id: str, on: date, rng: Random) -> Rating:
    return Rating.GOOD if rng.random() < learner.remembers(note_id, on) else Rating.AGAIN
