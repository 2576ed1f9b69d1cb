"""What to practise when: critiques become FSRS reviews, reviews become a queue.

The memory model is FSRS-6 (Jarrett Ye, "A Stochastic Shortest Path Algorithm for Optimizing Spaced
Repetition Scheduling", KDD 2022, and its open successor) as py-fsrs implements it. A card is never
stored: it is replayed from the reviews, so that a changed rating or a repeated judgement cannot
leave it wrong.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import fsrs

from tutor.critique.types import Label
from tutor.interview.result import note_result
from tutor.interview.types import Outcome, Session
from tutor.notes.types import Note
from tutor.progress.memory import USUAL, Memory
from tutor.progress.types import Card, PointResult, Rating, Review

# How a question's score of 0 to 10 (hints deducted) becomes a rating. A revealed or skipped
# question is AGAIN; a hint, a follow-up or a contradicted required point rules out the best.
GOOD_FROM, HARD_FROM, EASY_FROM = 7.0, 4.0, 9.0
# Which verdict of one interview stands: the best, and a wrong belief says more than silence.
_STANDS = {"missed": 0, "contradicted": 1, "partial": 2, "covered": 3}
LEECH_LAPSES = 4
LEECH_MISSES = 4


@dataclass(frozen=True, slots=True)
class WrongPoint:
    """A key point whose last verdict was not "covered".

    Attributes:
        label: That last verdict.
        wrong: In how many interviews it was not covered.
        seen: In how many interviews it was judged.
        last: When it was last judged.
    """

    note_id: str
    point_id: str
    label: str
    wrong: int
    seen: int
    last: datetime

    @property
    def leech(self) -> bool:
        """Whether it keeps going wrong: learn it in another way, not once more."""
        return self.wrong >= LEECH_MISSES


def rate(
    score: float, *, hints: int = 0, follow_ups: int = 0, contradicted: bool = False
) -> Rating:
    """The rating of a score: below 4 AGAIN, below 7 HARD, below 9 GOOD, else EASY.

    With a hint or a follow-up at most GOOD; with two hints or a contradicted required point at
    most HARD.
    """
    if score < HARD_FROM:
        return Rating.AGAIN
    if score < GOOD_FROM or hints >= 2 or contradicted:
        return Rating.HARD
    if score < EASY_FROM or hints or follow_ups:
        return Rating.GOOD
    return Rating.EASY


def rate_session(session: Session, notes: Mapping[str, Note]) -> list[Review]:
    """One review for each question that was judged, skipped or revealed.

    Unscored answers, open questions and notes that are gone give none.
    """
    found: list[Review] = []
    for note_id in dict.fromkeys(turn.note_id for turn in session.turns):
        if note_id not in notes:
            continue
        result = note_result(session, notes[note_id])
        if result.at is None:
            continue
        if result.outcome in (Outcome.SKIPPED, Outcome.REVEALED):
            rating, score = Rating.AGAIN, 0.0
        elif result.outcome is Outcome.ANSWERED and result.score is not None:
            score = result.score
            rating = rate(
                score,
                hints=result.hints,
                follow_ups=result.follow_ups,
                contradicted=result.contradicted,
            )
        else:
            continue
        found.append(Review(note_id, session.id, rating, result.at, score))
    return found


def rerate(review: Review, rating: Rating) -> Review:
    """The review with the learner's own rating."""
    return replace(review, rating=rating, source="learner")


def replay(reviews: Iterable[Review], *, memory: Memory = USUAL) -> dict[str, Card]:
    """The cards that a history of reviews makes, by note id; the order given does not matter."""
    cards: dict[str, Card] = {}
    for review in sorted(reviews, key=lambda r: (r.at, r.session_id)):
        seen = cards.get(review.note_id)
        cards[review.note_id] = review_card(
            seen, review.note_id, review.rating, review.at, memory=memory
        )
    return cards


def review_card(
    card: Card | None, note_id: str, rating: Rating, at: datetime, *, memory: Memory = USUAL
) -> Card:
    """The card after one more review; None for a note never seen."""
    after, _ = memory.review_card(_to_fsrs(card, at), fsrs.Rating(int(rating)), _utc(at))
    if after.stability is None or after.difficulty is None:
        raise ValueError("FSRS gave a reviewed card no stability")
    lapsed = card is not None and rating is Rating.AGAIN
    return Card(
        note_id=note_id,
        stability=after.stability,
        difficulty=after.difficulty,
        due=after.due,
        last_review=_utc(at),
        reviews=(card.reviews if card else 0) + 1,
        lapses=(card.lapses if card else 0) + int(lapsed),
    )


def recall(card: Card, at: datetime, *, memory: Memory = USUAL) -> float:
    """Predicted probability, 0 to 1, that the note is remembered at that moment."""
    return memory.get_card_retrievability(_to_fsrs(card, at), _utc(at))


def due_queue(cards: Mapping[str, Card], now: datetime, *, memory: Memory = USUAL) -> list[Card]:
    """The cards that are due, those nearest to being forgotten first."""
    due = [card for card in cards.values() if card.due <= _utc(now)]
    return sorted(due, key=lambda card: (recall(card, now, memory=memory), card.due, card.note_id))


def wrong_points(results: Sequence[PointResult]) -> list[WrongPoint]:
    """Points to work on across all interviews: the wrong ones first, then the often missed.

    Counted in interviews: within one the best turn decides, as a follow-up gives a second chance.
    """
    best: dict[tuple[str, str, str], PointResult] = {}
    for result in sorted(results, key=lambda r: (r.at, r.turn)):
        place = (result.note_id, result.point_id, result.session_id)
        if result.label == Label.UNSCORED:
            continue
        if place not in best or _STANDS[result.label] > _STANDS[best[place].label]:
            best[place] = result
    history: dict[tuple[str, str], list[PointResult]] = defaultdict(list)
    for result in sorted(best.values(), key=lambda r: (r.at, r.turn)):
        history[result.note_id, result.point_id].append(result)
    found = [
        WrongPoint(
            note_id=note_id,
            point_id=point_id,
            label=past[-1].label,
            wrong=sum(r.label != Label.COVERED for r in past),
            seen=len(past),
            last=past[-1].at,
        )
        for (note_id, point_id), past in history.items()
        if past[-1].label != Label.COVERED
    ]
    return sorted(
        found,
        key=lambda p: (p.label != Label.CONTRADICTED, -p.wrong, p.last, p.note_id, p.point_id),
    )


def leeches(cards: Mapping[str, Card]) -> list[Card]:
    """Notes forgotten again and again (four lapses): better split or re-learned than repeated."""
    return sorted(
        (card for card in cards.values() if card.lapses >= LEECH_LAPSES),
        key=lambda card: (-card.lapses, card.note_id),
    )


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _to_fsrs(card: Card | None, at: datetime) -> fsrs.Card:
    if card is None:
        return fsrs.Card(card_id=1, due=_utc(at))
    return fsrs.Card(
        card_id=1,
        state=fsrs.State.Review,
        step=None,
        stability=card.stability,
        difficulty=card.difficulty,
        due=card.due,
        last_review=card.last_review,
    )
