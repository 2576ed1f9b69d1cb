"""How ready the learner will be on the day of the interview, and what to practise until then.

Readiness is a product of three shares, each shown beside it: what is remembered on that day
(FSRS), how many key points are said when it is remembered, and how much of the topics was
practised at all. A product, because one that is missing cannot be made up by the others.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from tutor.critique.types import Label
from tutor.errors import InterviewError
from tutor.interview.pace import suggested_seconds
from tutor.notes.types import Note
from tutor.progress.schedule import recall, review_card
from tutor.progress.types import Card, Goal, PointResult, Rating, Review

# Reading the critique afterwards, in seconds.
READING_SECONDS = 60
# Without a date the plan looks this far ahead, in days.
HORIZON_DAYS = 30
# Assumptions of the forecast, shown with it: a note practised for the first time is remembered
# with effort and this share of its points is said; each later practice closes this share of the gap.
FIRST_POINTS = 0.5
GAP_CLOSED = 0.4
_CREDIT = {Label.COVERED.value: 1.0, Label.PARTIAL.value: 0.5}


@dataclass(frozen=True, slots=True)
class TopicReadiness:
    """Readiness of one topic; all shares 0 to 1.

    Attributes:
        recall: Mean predicted recall of its practised notes on the day.
        points: Mean share of key points said in the last practice of them.
        coverage: Share of its notes practised at least once.
        notes: Number of notes.
    """

    topic: str
    recall: float
    points: float
    coverage: float
    notes: int

    @property
    def value(self) -> float:
        """Recall x key points x coverage."""
        return self.recall * self.points * self.coverage


@dataclass(frozen=True, slots=True)
class Readiness:
    """Readiness on a day, over all notes and by topic; see `TopicReadiness` for the shares."""

    day: date
    overall: TopicReadiness
    topics: tuple[TopicReadiness, ...]

    @property
    def value(self) -> float:
        """Recall x key points x coverage over all notes, 0 to 1."""
        return self.overall.value


@dataclass(frozen=True, slots=True)
class DayPlan:
    """What to practise on one day: notes seen before, and new ones."""

    day: date
    again: tuple[str, ...]
    new: tuple[str, ...]
    minutes: float


@dataclass(frozen=True, slots=True)
class Plan:
    """The days until the interview.

    Attributes:
        days: From today to the day before the interview (or that day, if it is today).
        idle: Readiness on the day if nothing more is practised.
        forecast: Readiness on the day if the plan is followed, under the assumptions above.
    """

    goal: Goal
    days: tuple[DayPlan, ...]
    idle: Readiness
    forecast: Readiness


def point_shares(notes: Mapping[str, Note], results: Sequence[PointResult]) -> dict[str, float]:
    """Share of required key points that stand said at the last look, by note; judged notes only."""
    last: dict[tuple[str, str], PointResult] = {}
    for result in sorted(results, key=lambda r: (r.at, r.turn)):
        before = last.get((result.note_id, result.point_id))
        if result.label == Label.UNSCORED:
            continue
        # Within one interview the best turn counts; a later interview replaces an earlier one.
        same = before is not None and before.session_id == result.session_id
        if not (same and before and _credit(before) > _credit(result)):
            last[result.note_id, result.point_id] = result
    shares: dict[str, float] = {}
    for note_id in {note_id for note_id, _ in last}:
        note = notes.get(note_id)
        if note is None:
            continue
        wanted = [p.id for p in note.key_points if p.required] or [p.id for p in note.key_points]
        earned = [_credit(last[note_id, p]) for p in wanted if (note_id, p) in last]
        if earned:
            shares[note_id] = sum(earned) / len(wanted)
    return shares


def measure_readiness(
    notes: Sequence[Note], cards: Mapping[str, Card], points: Mapping[str, float], day: date
) -> Readiness:
    """Readiness on a day from what is known now; only usable notes count."""
    usable = [note for note in notes if note.usable]
    by_topic: dict[str, list[Note]] = {}
    for note in usable:
        by_topic.setdefault(note.topic, []).append(note)
    return Readiness(
        day=day,
        overall=_topic("", usable, cards, points, day),
        topics=tuple(_topic(t, group, cards, points, day) for t, group in by_topic.items()),
    )


def readiness_history(
    notes: Sequence[Note],
    reviews: Iterable[Review],
    results: Sequence[PointResult],
    until: date,
    *,
    days: int = 30,
) -> list[Readiness]:
    """Readiness as it stood on each of the last days, the oldest first, ``until`` included."""
    by_id = {note.id: note for note in notes}
    waiting = deque(sorted(reviews, key=lambda review: (review.at, review.session_id)))
    cards: dict[str, Card] = {}
    history: list[Readiness] = []
    for back in range(days - 1, -1, -1):
        day = until - timedelta(days=back)
        while waiting and waiting[0].at.date() <= day:
            review = waiting.popleft()
            seen = cards.get(review.note_id)
            cards[review.note_id] = review_card(seen, review.note_id, review.rating, review.at)
        known = [result for result in results if result.at.date() <= day]
        history.append(measure_readiness(notes, cards, point_shares(by_id, known), day))
    return history


def make_plan(
    notes: Sequence[Note],
    cards: Mapping[str, Card],
    points: Mapping[str, float],
    goal: Goal,
    now: datetime,
) -> Plan:
    """What to practise each day; call it again with another goal for a what-if.

    Each day takes, within its minutes, the notes whose practice on that day raises the predicted
    recall on the interview's day most for the time it takes.

    Raises:
        InterviewError: The interview's day has passed.
    """
    today = now.date()
    day = goal.day or today + timedelta(days=HORIZON_DAYS)
    if day < today:
        raise InterviewError(
            "The interview date has passed; set a new one.", "面试日期已过；请设置新的日期。"
        )
    usable = {note.id: note for note in notes if note.usable}
    future = {note_id: card for note_id, card in cards.items() if note_id in usable}
    shares = dict(points)
    usual = sum(shares.values()) / len(shares) if shares else FIRST_POINTS
    days: list[DayPlan] = []
    for offset in range(max(1, (day - today).days)):
        on = today + timedelta(days=offset)
        chosen = choose_day(list(usable.values()), future, on, day, 60 * goal.minutes)
        days.append(_as_day(chosen, usable, future, on))
        for note_id in chosen:
            seen = future.get(note_id)
            rating = Rating.GOOD if seen else Rating.HARD
            future[note_id] = review_card(seen, note_id, rating, _noon(on))
            share = shares.get(note_id)
            shares[note_id] = usual if share is None else share + GAP_CLOSED * (1 - share)
    return Plan(
        goal=replace(goal, day=day),
        days=tuple(days),
        idle=measure_readiness(notes, cards, points, day),
        forecast=measure_readiness(notes, future, shares, day),
    )


def choose_day(
    notes: Sequence[Note], cards: Mapping[str, Card], on: date, day: date, seconds: float
) -> list[str]:
    """Ids of the notes to practise on one day, best first, within the seconds.

    At least one note is given where there is any; nothing seen on that same day is repeated.
    """
    fresh = _gain_of_new(on, day)
    worth: list[tuple[float, int, Note]] = []
    for order, note in enumerate(notes):
        card = cards.get(note.id)
        if card is not None and card.last_review.date() >= on:
            continue
        gain = fresh if card is None else _gain(card, on, day)
        worth.append((gain / practice_seconds(note), -order, note))
    chosen: list[str] = []
    left = seconds
    for gain, _, note in sorted(worth, key=lambda item: item[:2], reverse=True):
        cost = practice_seconds(note)
        if gain > 0 and (cost <= left or not chosen):
            chosen.append(note.id)
            left -= cost
    return chosen


def practice_seconds(note: Note) -> int:
    """Time one practice of the note takes: answering and reading the critique."""
    return suggested_seconds(note) + READING_SECONDS


def _gain(card: Card, on: date, day: date) -> float:
    """Rise of the predicted recall on ``day`` if the card is practised on ``on``."""
    at, then = _noon(on), _noon(day)
    known = recall(card, at)
    good = recall(review_card(card, card.note_id, Rating.GOOD, at), then)
    again = recall(review_card(card, card.note_id, Rating.AGAIN, at), then)
    return known * good + (1 - known) * again - recall(card, then)


def _gain_of_new(on: date, day: date) -> float:
    return recall(review_card(None, "", Rating.HARD, _noon(on)), _noon(day))


def _topic(
    topic: str,
    notes: Sequence[Note],
    cards: Mapping[str, Card],
    points: Mapping[str, float],
    day: date,
) -> TopicReadiness:
    seen = [note for note in notes if note.id in cards]
    judged = [points[note.id] for note in seen if note.id in points]
    return TopicReadiness(
        topic=topic,
        recall=_mean([recall(cards[note.id], _noon(day)) for note in seen]),
        points=_mean(judged),
        coverage=len(seen) / len(notes) if notes else 0.0,
        notes=len(notes),
    )


def _as_day(
    chosen: Sequence[str], notes: Mapping[str, Note], cards: Mapping[str, Card], on: date
) -> DayPlan:
    return DayPlan(
        day=on,
        again=tuple(note_id for note_id in chosen if note_id in cards),
        new=tuple(note_id for note_id in chosen if note_id not in cards),
        minutes=sum(practice_seconds(notes[note_id]) for note_id in chosen) / 60,
    )


def _credit(result: PointResult) -> float:
    return _CREDIT.get(result.label, 0.0)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)
