"""One mark for a whole answer where only a reference answer is given, no key points."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tutor.critique import guards
from tutor.critique.calibrate import Floats, Weights, load_weights
from tutor.critique.features import NAMES, Question, measure_points
from tutor.critique.head import nearest_tokens
from tutor.critique.judge import combined_odds, head_for
from tutor.critique.question import read_question
from tutor.critique.reading import Reading, read_text
from tutor.critique.relevance import keep_relevant
from tutor.notes.keypoints import derive_points
from tutor.search.types import Encoder

WHOLE = (
    "best",
    "align",
    "align_gain",
    "align_low",
    "lexical",
    "concepts",
    "opposed",
    "negation",
    "cross",
)
GRADE_NAMES = (
    "points_mean",  # mean chance that a derived point is found
    "points_odds",  # mean log-odds of the same, cut at 4
    "points_full",
    "points_against",
    "length",  # content units of the answer per unit of the reference, at most 1
    *(f"whole_{name}" for name in WHOLE),
)
_REFERENCE = 400  # characters of the reference compared as a whole
_ODDS = 4.0


@dataclass(frozen=True)
class Reference:
    """A reference answer, read once: its derived points, and itself as one point."""

    points: Question
    whole: Question


def read_reference(encoder: Encoder, question: str, reference: str) -> Reference:
    """Derive key points from a reference answer and read them."""
    texts = [point.text for point in derive_points(reference, question)] or [reference]
    points = read_question(encoder, question, texts, reference)
    return Reference(points, read_whole(encoder, question, reference))


def read_whole(encoder: Encoder, question: str, reference: str) -> Question:
    """A reference answer as the one point of a question."""
    return read_question(encoder, question, [reference[:_REFERENCE]], "")


def grade_features(odds: Sequence[dict[str, float]], whole: Floats, length: float) -> Floats:
    """The row of `GRADE_NAMES` from the points' log-odds and the whole answer's features."""
    found = np.clip([item["found"] for item in odds], -_ODDS, _ODDS)
    full = np.clip([item["full"] for item in odds], -_ODDS, _ODDS)
    against = np.clip([item["contradicted"] for item in odds], -_ODDS, _ODDS)
    values = dict(zip(NAMES, whole.tolist(), strict=True))
    chances = 1.0 / (1.0 + np.exp(-found))
    row = [chances.mean(), found.mean(), full.mean(), against.mean(), min(length, 1.0)]
    return np.array([*row, *(values[name] for name in WHOLE)])


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
    length = len(kept.units) / max(len(read.whole.points[0].units), 1)
    return grade_features(odds, whole, length)
