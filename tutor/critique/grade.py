"""One mark for a whole answer where only a reference answer is given, no key points."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tutor.critique import guards
from tutor.critique.calibrate import Floats, Weights, load_weights
from tutor.critique.features import NAMES, Question, measure_points
from tutor.critique.head import nearest_tokens
from tutor.critique.judge import combined_odds, head_for
from tutor.critique.question import read_question
from tutor.critique.reading import Reading, Vectors, read_text
from tutor.critique.relevance import keep_relevant
from tutor.llm.odds import sigmoid
from tutor.notes.keypoints import derive_points
from tutor.notes.text import normalise, words
from tutor.search.types import Encoder

WHOLE = ("align", "concepts", "opposed")
GRADE_NAMES = (
    "points_mean",  # mean chance that a derived point is found
    "points_odds",  # mean log-odds of the same, cut at 4
    "points_full",
    *(f"whole_{name}" for name in WHOLE),
    "words",  # share of the reference's words beyond the question's that are said
    "letters",  # the same of pairs of letters
    "similarity",  # cosine of answer and reference
)
_REFERENCE = 400  # characters of the reference compared as a whole
_ODDS = 4.0


@dataclass(frozen=True)
class Reference:
    """A reference answer, read once.

    Attributes:
        points: Its key points, derived or given.
        whole: Itself as one point, of its beginning only.
        words: Its words that the question does not hold.
        letters: Its `letter_pairs` that the question does not hold.
        vector: Unit vector of it.
    """

    points: Question
    whole: Question
    words: frozenset[str]
    letters: frozenset[str]
    vector: Vectors


def read_reference(encoder: Encoder, question: str, reference: str) -> Reference:
    """Derive key points from a reference answer and read them."""
    texts = [point.text for point in derive_points(reference, question)] or [reference]
    points = read_question(encoder, question, texts, reference)
    return read_whole(encoder, points, reference)


def read_whole(encoder: Encoder, points: Question, reference: str) -> Reference:
    """A reference answer whose key points are read."""
    asked = points.question.text
    return Reference(
        points,
        read_question(encoder, asked, [reference[:_REFERENCE]], ""),
        frozenset(words(reference)) - frozenset(words(asked)),
        letter_pairs(reference) - letter_pairs(asked),
        encoder.encode([reference], side="passage")[0],
    )


def letter_pairs(text: str) -> frozenset[str]:
    """Pairs of neighbouring letters and digits, lower-cased; across words too, in either script."""
    letters = [char for char in normalise(text).lower() if char.isalnum()]
    return frozenset(map("".join, pairwise(letters)))


def grade_features(odds: Sequence[dict[str, float]], whole: Floats, said: Floats) -> Floats:
    """The row of `GRADE_NAMES`: the points' log-odds, the whole answer's features, what is said."""
    found = np.clip([item["found"] for item in odds], -_ODDS, _ODDS)
    full = np.clip([item["full"] for item in odds], -_ODDS, _ODDS)
    values = dict(zip(NAMES, whole.tolist(), strict=True))
    points = [sigmoid(found).mean(), found.mean(), full.mean()]
    return np.array([*points, *(values[name] for name in WHOLE), *said])


def grade(
    encoder: Encoder,
    *,
    question: str,
    reference: str,
    answer: str,
    weights: Weights | None = None,
    read: Reference | None = None,
) -> float:
    """Mark of an answer against a reference answer, 0 to 1; rules for no answer apply first.

    Pass ``read`` to grade many answers to one question.
    """
    weights = weights or load_weights()
    guard = guards.check(question, answer)
    if guard is not None and guard.zero:
        return 0.0
    read = read or read_reference(encoder, question, reference)
    reading = read_text(encoder, answer, guard.kept if guard else None)
    kept = keep_relevant(read.points, reading, weights)
    if not kept.spans:
        return 0.0
    return mark_reading(encoder, read, kept, weights)


def mark_reading(encoder: Encoder, read: Reference, kept: Reading, weights: Weights) -> float:
    """Mark of an answer, 0 to 1, from clauses that speak of the reference."""
    row = measure_answer(encoder, read, kept, weights)
    return round(float(weights.models["grade"].probability(row)), 4)


def measure_answer(encoder: Encoder, read: Reference, kept: Reading, weights: Weights) -> Floats:
    """The row of `GRADE_NAMES` of one answer, from clauses that speak of the reference."""
    head = head_for(encoder)
    measured = measure_points(read.points, kept)
    odds = [
        combined_odds(
            features,
            read.points,
            index,
            nearest_tokens(read.points.points[index], kept),
            weights,
            head,
        )
        for index, features in enumerate(measured)
    ]
    whole = measure_points(read.whole, kept)[0].values
    return grade_features(odds, whole, _said(encoder, read, kept.said))


def _said(encoder: Encoder, read: Reference, text: str) -> Floats:
    """How much of the reference's words and letter pairs a text says, and how near it is to it."""
    shares = [
        len(held & said) / max(len(held), 1)
        for held, said in (
            (read.words, frozenset(words(text))),
            (read.letters, letter_pairs(text)),
        )
    ]
    vector = encoder.encode([text], side="passage")[0]
    return np.array([*shares, float(vector @ read.vector)])
