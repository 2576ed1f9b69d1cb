"""Does the plan pay? A simulated learner whose memory is known follows it, and two other ways.

The learner does not obey FSRS: memory fades exponentially, each note has its own half-life, and
a successful recall lengthens it the more, the nearer the note was to being forgotten (the spacing
effect; cf. Settles and Meeder, "A Trainable Spaced Repetition Model for Language Learning", ACL
2016). Every way of practising gets the same number of looks a day, so that only the choice differs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from tutor.notes.types import KeyPoint, Note, Source
from tutor.progress.readiness import choose_day, practice_seconds
from tutor.progress.schedule import review_card
from tutor.progress.types import Card, Rating

START = date(2026, 1, 1)


@dataclass(slots=True)
class Learner:
    """True memory: half-life in days and last look, by note; ``ease`` is each note's own growth."""

    ease: dict[str, float]
    half_life: dict[str, float]
    last: dict[str, date]

    def remembers(self, note_id: str, on: date) -> float:
        """True probability of recall, 0 for a note never seen."""
        if note_id not in self.last:
            return 0.0
        return float(0.5 ** ((on - self.last[note_id]).days / self.half_life[note_id]))

    def practise(self, note_id: str, on: date, rng: Random) -> Rating:
        """One look: the outcome is drawn, and memory changes."""
        first = note_id not in self.last
        known = self.remembers(note_id, on)
        recalled = rng.random() < known
        if first:
            self.half_life[note_id] = 1.5 * self.ease[note_id]
        elif recalled:
            growth = 1 + 3.0 * self.ease[note_id] * (1 - known)
            self.half_life[note_id] *= growth
        else:
            self.half_life[note_id] = max(1.0, 0.5 * self.half_life[note_id])
        self.last[note_id] = on
        return Rating.GOOD if recalled else Rating.AGAIN


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
    learner = Learner({note_id: rng.lognormvariate(0.0, 0.4) for note_id in ids}, {}, {})
    cards: dict[str, Card] = {}
    looks = 0
    for offset in range(days):
        on = START + timedelta(days=offset)
        for note_id in choose(on, cards):
            rating = learner.practise(note_id, on, rng)
            at = datetime.combine(on, time(12), UTC)
            cards[note_id] = review_card(cards.get(note_id), note_id, rating, at)
            looks += 1
    day = START + timedelta(days=days)
    return sum(learner.remembers(note_id, day) for note_id in ids) / len(ids), looks


def _note(index: int) -> Note:
    points = tuple(KeyPoint(f"p{number}", f"point {number}") for number in range(4))
    source = Source("simulated.md", index + 1, index + 1)
    return Note(f"n{index}", f"question {index}", "answer", source, key_points=points)
