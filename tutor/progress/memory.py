"""How memory fades and grows, over whole arrays, and how one learner's differs from the usual.

FSRS-6's formulas (Jarrett Ye and others, 2022-2025) as py-fsrs has them, written for arrays: of
days, where the plan compares all days to come, and of parameters, where they are fitted.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import fsrs
import numpy as np
from numpy.typing import NDArray

from tutor.progress.types import Rating, Review

Array = NDArray[np.float64]
Number = float | Array
Memory = fsrs.Scheduler

# The grid that is searched for a learner: factor on the stability of first impressions, speed of
# fading in the long run (FSRS's w20), and what is added to the growth by repetition (to its w8).
_FACTORS = (0.1, 0.18, 0.32, 0.56, 1.0, 1.8, 3.2, 5.6)
_FADING = (0.1, 0.1542, 0.25, 0.4, 0.6, 0.8)
_GROWTH = (-1.0, -0.5, 0.0, 0.5)
# The usual parameters, and how far learners lie from them (logarithms, growth as it is).
_USUAL_POINT = (0.0, float(np.log(fsrs.scheduler.DEFAULT_PARAMETERS[20])), 0.0)
_SPREAD = (0.7, 0.5, 0.4)


def make_memory(parameters: Sequence[float] = fsrs.scheduler.DEFAULT_PARAMETERS) -> Memory:
    """A memory model from FSRS-6's 21 parameters; the defaults were fitted to many learners."""
    # No steps of minutes: one interview a day is the unit. No fuzz: same history, same plan.
    return fsrs.Scheduler(
        parameters=tuple(parameters), learning_steps=(), relearning_steps=(), enable_fuzzing=False
    )


USUAL = make_memory()


@dataclass(frozen=True, slots=True, eq=False)
class Law:
    """FSRS-6's arithmetic; every argument and every parameter may be an array.

    Stability is in days, difficulty 1 to 10, recall 0 to 1.
    """

    w: tuple[Any, ...]

    def recall(self, stability: Number, days: Number) -> Any:
        """Probability of recall that many days after a look."""
        decay = -self.w[20]
        factor = 0.9 ** (1 / decay) - 1
        return (1 + factor * np.maximum(days, 0) / stability) ** decay

    def first(self, rating: Rating) -> tuple[Any, Any]:
        """Stability and difficulty after the first look."""
        return np.maximum(self.w[rating - 1], 0.001), np.clip(self._first_difficulty(rating), 1, 10)

    def next(self, stability: Any, difficulty: Any, recall: Any, rating: Rating) -> tuple[Any, Any]:
        """Stability and difficulty after a look on a later day than the last."""
        w = self.w
        if rating is Rating.AGAIN:
            long = w[11] * difficulty ** -w[12] * ((stability + 1) ** w[13] - 1)
            after = np.minimum(
                long * np.exp((1 - recall) * w[14]), stability / np.exp(w[17] * w[18])
            )
        else:
            ease = {Rating.HARD: w[15], Rating.EASY: w[16]}.get(rating, 1.0)
            growth = np.exp(w[8]) * (11 - difficulty) * stability ** -w[9]
            after = stability * (1 + growth * (np.exp((1 - recall) * w[10]) - 1) * ease)
        step = -w[6] * (rating - 3) * (10 - difficulty) / 9
        easiest = self._first_difficulty(Rating.EASY)
        harder = w[7] * easiest + (1 - w[7]) * (difficulty + step)
        return np.maximum(after, 0.001), np.clip(harder, 1, 10)

    def expected(self, stability: Any, difficulty: Any, recall: Any) -> tuple[Any, Any]:
        """Stability and difficulty after a look whose outcome is not known yet.

        The two outcomes are weighed by the probability of recall; stability as its logarithm.
        """
        good, easier = self.next(stability, difficulty, recall, Rating.GOOD)
        again, harder = self.next(stability, difficulty, recall, Rating.AGAIN)
        return (
            np.exp(recall * np.log(good) + (1 - recall) * np.log(again)),
            recall * easier + (1 - recall) * harder,
        )

    def _first_difficulty(self, rating: Rating) -> Any:
        return self.w[4] - np.exp(self.w[5] * (rating - 1)) + 1


def law_of(memory: Memory) -> Law:
    """The arithmetic of a memory model."""
    return Law(tuple(memory.parameters))


def fit_memory(reviews: Iterable[Review]) -> Memory:
    """The memory that explains what one learner remembered and forgot: the mean over a grid.

    The grid varies how well first impressions last, how fast memory fades and how much a
    repetition adds; each of its points counts as much as it makes the ratings probable. Few
    reviews leave the parameters near the usual ones, since those are the prior.
    A second look on the same day says nothing about forgetting and is passed over.
    """
    histories: dict[str, list[Review]] = defaultdict(list)
    for review in sorted(reviews, key=lambda r: (r.at, r.session_id)):
        histories[review.note_id].append(review)
    grid = np.array(list(product(np.log(_FACTORS), np.log(_FADING), _GROWTH)))
    law = Law(_parameters(*grid.T))
    fit = -0.5 * (((grid - _USUAL_POINT) / _SPREAD) ** 2).sum(axis=1)
    for history in histories.values():
        fit = fit + _log_likelihood(law, history)
    weight = np.exp(fit - fit.max())
    middle = weight @ grid / weight.sum()
    return make_memory([float(value) for value in _parameters(*middle)])


def _parameters(factor: Number, fading: Number, growth: Number) -> tuple[Any, ...]:
    """FSRS's parameters at points of the grid; ``factor`` and ``fading`` are logarithms."""
    w: list[Any] = list(fsrs.scheduler.DEFAULT_PARAMETERS)
    low, high = fsrs.scheduler.LOWER_BOUNDS_PARAMETERS, fsrs.scheduler.UPPER_BOUNDS_PARAMETERS
    for index in range(4):
        w[index] = np.clip(w[index] * np.exp(factor), low[index], high[index])
    w[8] = np.clip(w[8] + growth, low[8], high[8])
    w[20] = np.clip(np.exp(fading), low[20], high[20])
    return tuple(w)


def _log_likelihood(law: Law, history: Sequence[Review]) -> Any:
    first, *later = history
    stability, difficulty = law.first(first.rating)
    last, total = first.at, 0.0
    for review in later:
        days = (review.at - last).days
        if days < 1:
            continue
        recall = np.clip(law.recall(stability, days), 0.001, 0.999)
        total = total + np.log(1 - recall if review.rating is Rating.AGAIN else recall)
        stability, difficulty = law.next(stability, difficulty, recall, review.rating)
        last = review.at
    return total
