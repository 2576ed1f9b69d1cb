"""Which notes to look at on which day, so that most is remembered on the day of the interview.

Looks are placed one at a time: each on the note and the day where it raises the expected recall
*on the interview's day* most for its minutes, given the looks placed before, until the days are
full. So the last days fill first, with what fades; earlier days get the looks that make memory
last; and a note that will be remembered anyway gets none. Only today's looks are binding: the plan
is made anew from what was really remembered.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from tutor.interview.pace import suggested_seconds
from tutor.notes.types import Note
from tutor.progress.memory import USUAL, Array, Law, Memory, law_of
from tutor.progress.types import Card, Rating

# Reading the critique afterwards, in seconds.
READING_SECONDS = 60
# How a note never seen is expected to go: remembered with effort.
FIRST_RATING = Rating.HARD
# A topic never practised is worth more than its share of the notes: its first note counts double.
FIRST_OF_TOPIC = 2.0
_NEVER = -1.0


def practice_seconds(note: Note) -> int:
    """Time one practice of the note takes: answering and reading the critique."""
    return suggested_seconds(note) + READING_SECONDS


def one_of_each(notes: Iterable[Note], cards: Mapping[str, Card], lang: str) -> list[Note]:
    """The usable notes with a note and its translation counted once.

    Of the two the one practised last stands for both, else the one in that language.
    """
    chosen: dict[str, Note] = {}

    def preference(note: Note) -> tuple[bool, float, bool]:
        card = cards.get(note.id)
        return card is not None, card.last_review.timestamp() if card else 0.0, note.lang == lang

    for note in notes:
        if note.usable:
            same = note.ref or note.id
            other = chosen.setdefault(same, note)
            chosen[same] = max(other, note, key=preference)
    return list(chosen.values())


@dataclass(slots=True, eq=False)
class Looks:
    """A note with the looks planned for it.

    Attributes:
        days: Days from today on which it is planned, in order.
        gain: Rise of the expected recall on the interview's day by one more look, for each day.
        then: Expected recall on the interview's day after the planned looks.
        state: Expected stability, difficulty and last day after the planned looks; None where
            the note is unseen and unplanned.
    """

    note: Note
    card: Card | None
    seconds: int
    days: list[int] = field(default_factory=list)
    gain: Array = field(default_factory=lambda: np.zeros(0))
    then: float = 0.0
    state: tuple[float, float, int] | None = None


def plan_looks(
    notes: Sequence[Note],
    cards: Mapping[str, Card],
    on: date,
    day: date,
    seconds: float,
    *,
    memory: Memory = USUAL,
) -> list[Looks]:
    """The notes with their looks on the days from ``on`` to the day before ``day``.

    Each day holds ``seconds`` of practice, or one look where the first one takes longer. What was
    practised on ``on`` already is taken off that day, and is not planned for it again.
    """
    law = law_of(memory)
    length = max(1, (day - on).days)
    planned = [Looks(n, cards.get(n.id), practice_seconds(n)) for n in _topics_in_turn(notes)]
    if not planned:
        return []
    for looks in planned:
        if looks.card:
            days = length - (looks.card.last_review.date() - on).days
            looks.then = float(law.recall(looks.card.stability, days))
        _measure(law, looks, on, length)
    costs = np.array([looks.seconds for looks in planned], dtype=float)
    gains = np.stack([looks.gain for looks in planned])
    first = _never_practised(planned)
    worth = np.ones(len(planned))
    worth[[index for topic in first.values() for index in topic]] = FIRST_OF_TOPIC
    room = np.full(length, float(seconds))
    empty = np.ones(length, dtype=bool)
    done = [p.seconds for p in planned if _seen_on(p, on)]
    room[0], empty[0] = room[0] - sum(done), not done
    rates = gains * (worth / costs)[:, None]
    while True:
        fits = (costs[:, None] <= room[None, :]) | empty[None, :]
        choice = np.where(fits, rates, _NEVER)
        index, offset = divmod(int(choice.argmax()), length)
        if choice[index, offset] <= 0:
            break
        looks = planned[index]
        looks.then += float(looks.gain[offset])
        looks.days = sorted([*looks.days, offset])
        room[offset] -= looks.seconds
        empty[offset] = False
        _measure(law, looks, on, length)
        gains[index] = looks.gain
        changed = first.pop(looks.note.topic, [index])
        worth[changed] = 1.0
        rates[changed] = gains[changed] / costs[changed, None]
    for looks in planned:
        looks.state = _follow(law, looks.card, _last(looks, on), looks.days)
    return planned


def choose_day(
    notes: Sequence[Note],
    cards: Mapping[str, Card],
    on: date,
    day: date,
    seconds: float,
    *,
    memory: Memory = USUAL,
) -> list[str]:
    """Ids of the notes to practise on one day, within the seconds: known ones first, then new.

    Of the known ones those nearest to being forgotten come first. At least one note is given where
    there is any; nothing seen on that same day is repeated.
    """
    law = law_of(memory)
    planned = plan_looks(notes, cards, on, day, seconds, memory=memory)
    today = [looks for looks in planned if 0 in looks.days]
    left = seconds - sum(p.seconds for p in planned if p in today or _seen_on(p, on))
    rest = [looks for looks in planned if 0 not in looks.days and looks.gain[0] > 0]
    for looks in sorted(rest, key=lambda looks: -looks.gain[0] / looks.seconds):
        if looks.seconds <= left:  # what no later day had room for
            today.append(looks)
            left -= looks.seconds

    def urgency(looks: Looks) -> tuple[bool, float]:
        card = looks.card
        if card is None:
            return True, 0.0
        return False, float(law.recall(card.stability, (on - card.last_review.date()).days))

    return [looks.note.id for looks in sorted(today, key=urgency)]


def _never_practised(planned: Sequence[Looks]) -> dict[str, list[int]]:
    """The places of the notes of each topic that has no card."""
    seen = {looks.note.topic for looks in planned if looks.card}
    places: dict[str, list[int]] = {}
    for index, looks in enumerate(planned):
        if looks.note.topic not in seen:
            places.setdefault(looks.note.topic, []).append(index)
    return places


def _last(looks: Looks, on: date) -> int:
    """Day of the last review, counted from today; 0 where there was none."""
    return (looks.card.last_review.date() - on).days if looks.card else 0


def _seen_on(looks: Looks, on: date) -> bool:
    return looks.card is not None and looks.card.last_review.date() >= on


def _topics_in_turn(notes: Sequence[Note]) -> list[Note]:
    """The notes with their topics taking turns, so that equal worth is spread over topics."""
    ranks: dict[str, int] = {}
    order: list[tuple[int, int]] = []
    for index, note in enumerate(notes):
        rank = ranks[note.topic] = ranks.get(note.topic, -1) + 1
        order.append((rank, index))
    return [notes[index] for _, index in sorted(order)]


def _measure(law: Law, looks: Looks, on: date, length: int) -> None:
    """Fill in what one more look on each day would add to the planned ones."""
    last = _last(looks, on)
    days = np.arange(length, dtype=float)
    rows = np.sort(np.stack([days, *(np.full(length, float(d)) for d in looks.days)]), axis=0)
    then = _follow(law, looks.card, last, list(rows))
    looks.gain = law.recall(then[0], length - then[2]) - looks.then
    looks.gain[looks.days] = _NEVER
    if looks.card is not None and last >= 0:
        looks.gain[0] = _NEVER


def _follow(law: Law, card: Card | None, last: int, days: Sequence[Any]) -> Any:
    """Expected stability, difficulty and last day after looks on those days, one after another."""
    rest = list(days)
    if card is not None:
        stability, difficulty, before = card.stability, card.difficulty, last
    elif rest:
        stability, difficulty = law.first(FIRST_RATING)
        before = rest.pop(0)
    else:
        return None
    for day in rest:
        recall = law.recall(stability, day - before)
        stability, difficulty = law.expected(stability, difficulty, recall)
        before = day
    return stability, difficulty, before
