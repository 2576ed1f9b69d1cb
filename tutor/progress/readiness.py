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
from tutor.notes.types import Note
from tutor.progress.memory import USUAL, Memory
from tutor.progress.planner import Looks, plan_looks
from tutor.progress.schedule import recall, review_card
from tutor.progress.types import Card, Goal, PointResult, Review

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
    notes: Sequence[Note],
    cards: Mapping[str, Card],
    points: Mapping[str, float],
    day: date,
    *,
    memory: Memory = USUAL,
) -> Readiness:
    """Readiness on a day from what is known now; only usable notes count."""
    usable = [note for note in notes if note.usable]
    by_topic: dict[str, list[Note]] = {}
    for note in usable:
        by_topic.setdefault(note.topic, []).append(note)
    return Readiness(
        day=day,
        overall=_topic("", usable, cards, points, day, memory),
        topics=tuple(_topic(t, g, cards, points, day, memory) for t, g in by_topic.items()),
    )


def readiness_history(
    notes: Sequence[Note],
    reviews: Iterable[Review],
    results: Sequence[PointResult],
    until: date,
    *,
    days: int = 30,
    memory: Memory = USUAL,
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
            cards[review.note_id] = review_card(
                seen, review.note_id, review.rating, review.at, memory=memory
            )
        known = [result for result in results if result.at.date() <= day]
        shares = point_shares(by_id, known)
        history.append(measure_readiness(notes, cards, shares, day, memory=memory))
    return history


def make_plan(
    notes: Sequence[Note],
    cards: Mapping[str, Card],
    points: Mapping[str, float],
    goal: Goal,
    now: datetime,
    *,
    memory: Memory = USUAL,
) -> Plan:
    """What to practise each day; call it again with another goal for a what-if.

    See `planner.plan_looks` for the choice. The forecast expects neither luck nor diligence
    beyond the plan: each look may be remembered or forgotten, as likely as ``memory`` says.

    Raises:
        InterviewError: The interview's day has passed.
    """
    today = now.date()
    day = goal.day or today + timedelta(days=HORIZON_DAYS)
    if day < today:
        raise InterviewError(
            "The interview date has passed; set a new one.", "面试日期已过；请设置新的日期。"
        )
    usable = [note for note in notes if note.usable]
    looks = plan_looks(usable, cards, today, day, 60 * goal.minutes, memory=memory)
    future = dict(cards) | {
        planned.note.id: _expected(planned, today) for planned in looks if planned.days
    }
    return Plan(
        goal=replace(goal, day=day),
        days=tuple(_day_plan(looks, today, offset) for offset in range(max(1, (day - today).days))),
        idle=measure_readiness(notes, cards, points, day, memory=memory),
        forecast=measure_readiness(notes, future, _said_then(looks, points), day, memory=memory),
    )


def _said_then(looks: Sequence[Looks], points: Mapping[str, float]) -> dict[str, float]:
    """Shares of key points said after the planned looks, under the assumptions above."""
    usual = sum(points.values()) / len(points) if points else FIRST_POINTS
    shares = dict(points)
    for planned in looks:
        times = len(planned.days)
        if times:
            known = points.get(planned.note.id)
            gap = 1 - (usual if known is None else known)
            shares[planned.note.id] = 1 - gap * (1 - GAP_CLOSED) ** (times - (known is None))
    return shares


def _expected(planned: Looks, today: date) -> Card:
    """The note's card as it is expected to be after the planned looks."""
    if planned.state is None:
        raise ValueError("a planned note has a state")
    stability, difficulty, last = planned.state
    seen = _noon(today + timedelta(days=int(last)))
    return Card(
        note_id=planned.note.id,
        stability=float(stability),
        difficulty=float(difficulty),
        due=seen,
        last_review=seen,
        reviews=(planned.card.reviews if planned.card else 0) + len(planned.days),
        lapses=planned.card.lapses if planned.card else 0,
    )


def _day_plan(looks: Sequence[Looks], today: date, offset: int) -> DayPlan:
    """One day of the plan; a note is new on the first of its days."""
    on_day = [planned for planned in looks if offset in planned.days]
    new = [p.note.id for p in on_day if p.card is None and p.days[0] == offset]
    return DayPlan(
        day=today + timedelta(days=offset),
        again=tuple(p.note.id for p in on_day if p.note.id not in new),
        new=tuple(new),
        minutes=sum(p.seconds for p in on_day) / 60,
    )


def _topic(
    topic: str,
    notes: Sequence[Note],
    cards: Mapping[str, Card],
    points: Mapping[str, float],
    day: date,
    memory: Memory,
) -> TopicReadiness:
    seen = [note for note in notes if note.id in cards]
    judged = [points[note.id] for note in seen if note.id in points]
    return TopicReadiness(
        topic=topic,
        recall=_mean([recall(cards[note.id], _noon(day), memory=memory) for note in seen]),
        points=_mean(judged),
        coverage=len(seen) / len(notes) if notes else 0.0,
        notes=len(notes),
    )


def _credit(result: PointResult) -> float:
    return _CREDIT.get(result.label, 0.0)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)
