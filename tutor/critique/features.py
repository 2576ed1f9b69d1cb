"""What the fast judge measures of one key point in one answer. No language model, no randomness.

Late interaction over contextual token vectors follows the idea of ColBERT (Khattab and Zaharia,
2020); everything is measured against what the question already says, because repeating the
question is not an answer.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutor.critique.polarity import (
    agreed_pairs,
    compare_owners,
    count_negations,
    numbers_differ,
    opposed_pairs,
)
from tutor.critique.reading import Passage, Reading, Vectors, Window
from tutor.critique.units import content_units, same_language, shared_script, weigh
from tutor.notes.types import Span

NAMES = (
    "best",  # cosine of the best window
    "best_gain",  # the same, less the question's own similarity to the point
    "align",  # share of the point's tokens found in the answer, soft
    "align_gain",  # the same, less what the question's tokens give
    "align_low",  # the point's worst-found quarter of tokens
    "align_window",  # soft share found in the best window alone
    "lexical",  # share of the point's new content units in the answer
    "lexical_window",  # the same in the best window
    "concepts",  # share of its new concepts in the answer
    "margin",  # how much better the best window fits this point than any other point
    "source",  # cosine of the answer's best window to the note sentence behind the point
    "parts_low",  # worst-found part of a point with several parts
    "cross",  # answer and point in different languages
    "negation",  # point and best window differ in being negated
    "opposed",  # opposites named, weighed by similarity
    "agreed",  # same sides of opposites
    "moved",  # attributes given to another subject
    "kept",  # attributes given to the same subject
    "numbers",  # different numbers
    "opposed_any",  # opposites in any similar window
    "negation_any",
    "reach",  # cosine of the best window, squeezed to the upper range
)
_PARTS = re.compile(r"[，,；;、]|并且|以及|而且|\band\b|\bbut\b|但|和|而")
_QUARTER = 0.25


@dataclass(frozen=True)
class Question:
    """A question with its key points, read once.

    Attributes:
        question: The question.
        points: Its key points, in order.
        parts: Parts of each point (the point itself where it has one part).
        source: Sentences of the note's answer.
        backing: For each point, index of the source sentence nearest to it; -1 without a source.
        source_spans: Where they stand in the note's answer.
        background: Vectors of everyday sentences, to tell an aside from an answer.
        asides: Vectors of other kinds of text, for sentences that name nothing of the note.
    """

    question: Passage
    points: tuple[Passage, ...]
    parts: tuple[tuple[Passage, ...], ...]
    source: tuple[Passage, ...]
    source_spans: tuple[Span, ...]
    backing: tuple[int, ...]
    background: Vectors
    asides: Vectors


@dataclass(frozen=True)
class PointFeatures:
    """The measures of one point, and the window they rest on."""

    values: NDArray[np.float64]
    window: Window | None


def split_parts(point: str) -> list[str]:
    """Parts of a point that can be covered one by one; the point itself where there is one."""
    parts = [part.strip() for part in _PARTS.split(point)]
    parts = [part for part in parts if len(part) >= 3 and weigh(content_units(part)) >= 2]
    return parts if len(parts) > 1 else [point]


def _best_by_token(point: Vectors, other: Vectors) -> Vectors:
    best: Vectors = (point @ other.T).max(axis=1)
    return best


def _share(units: frozenset[str], found: frozenset[str], across: bool) -> float | None:
    wanted = [unit for unit in units if not across or shared_script(unit)]
    total = weigh(wanted)
    return weigh(unit for unit in wanted if unit in found) / total if total else None


def _squeeze(value: float, low: float, high: float) -> float:
    return min(max((value - low) / (high - low), 0.0), 1.0)


def measure_points(question: Question, answer: Reading) -> list[PointFeatures]:
    """Features of every point of the question in one answer, in the points' order."""
    if not answer.spans:
        empty = np.zeros(len(NAMES))
        return [PointFeatures(empty, None) for _ in question.points]
    sims = np.stack([answer.window_vectors @ point.vector for point in question.points])
    return [_measure(question, answer, index, sims) for index in range(len(question.points))]


def _measure(
    question: Question, answer: Reading, index: int, sims: NDArray[np.float32]
) -> PointFeatures:
    point = question.points[index]
    across = not same_language(point.text, answer.said)
    asked = question.question
    weights = np.clip(1.0 - _best_by_token(point.tokens, asked.tokens), 0.05, None)
    weights = weights / weights.sum()
    answer_hits = _best_by_token(point.tokens, answer.all_tokens)
    asked_hits = _best_by_token(point.tokens, asked.tokens)
    window, window_hits = _pick_window(point, answer, sims[index], weights)
    best = float(sims[index].max())
    new_units = (point.units - asked.units) or point.units
    lexical = _share(new_units, answer.units, across)
    lexical_window = _share(new_units, content_units(window.text), across)
    concept_units = frozenset(unit for unit in new_units if unit.startswith("#"))
    concepts = _share(concept_units, answer.units, across)
    others = np.delete(sims, index, axis=0)[:, _index_of(answer, window)]
    margin = float(sims[index, _index_of(answer, window)] - others.max()) if len(others) else 0.0
    backing = question.backing[index]
    source = (
        float((answer.window_vectors @ question.source[backing].vector).max())
        if backing >= 0
        else best
    )
    parts = [float((answer.window_vectors @ part.vector).max()) for part in question.parts[index]]
    order = np.sort(answer_hits)
    low = float(order[: max(1, int(len(order) * _QUARTER))].mean())
    opposite = _opposition(asked.text, point, answer, window, sims[index])
    values = np.array(
        [
            best,
            best - float(asked.vector @ point.vector),
            float(weights @ answer_hits),
            float(weights @ (answer_hits - asked_hits)),
            low,
            float(weights @ window_hits),
            0.4 if lexical is None else lexical,
            0.3 if lexical_window is None else lexical_window,
            0.4 if concepts is None else concepts,
            margin,
            source,
            min(parts),
            float(across),
            *opposite,
            _squeeze(best, 0.82, 0.95),
        ]
    )
    return PointFeatures(values, window)


def _index_of(answer: Reading, window: Window) -> int:
    return next(i for i, item in enumerate(answer.windows) if item is window)


def _pick_window(
    point: Passage, answer: Reading, sims: NDArray[np.float32], weights: NDArray[np.float32]
) -> tuple[Window, Vectors]:
    """The window that holds the point best: by cosine and soft alignment, short ones first."""
    best: tuple[float, Window, Vectors] | None = None
    for number, window in enumerate(answer.windows):
        hits = _best_by_token(point.tokens, window.tokens)
        score = float(sims[number]) + float(weights @ hits) - 0.01 * (window.last - window.first)
        if best is None or score > best[0]:
            best = (score, window, hits)
    if best is None:
        raise ValueError("an answer without clauses has no window")
    return best[1], best[2]


def _opposition(
    asked: str, point: Passage, answer: Reading, window: Window, sims: NDArray[np.float32]
) -> Sequence[float]:
    """Signs of contradiction in the best window and in any window nearly as similar."""
    near = [
        answer.windows[number]
        for number in np.flatnonzero(sims >= sims.max() - 0.03)
        if answer.windows[number].last - answer.windows[number].first <= 1
    ] or [window]
    negated = count_negations(point.text) > 0
    owners = compare_owners(point.text, answer.said, asked)
    closeness = _squeeze(float(sims.max()), 0.82, 0.92)
    return (
        float(negated != (count_negations(window.text) > 0)) * closeness,
        min(opposed_pairs(point.text, window.text), 2) * closeness,
        min(agreed_pairs(point.text, window.text), 2) * closeness,
        owners.moved / max(owners.moved + owners.kept, 1),
        owners.kept / max(owners.moved + owners.kept, 1),
        float(numbers_differ(point.text, window.text)) * closeness,
        float(any(opposed_pairs(point.text, item.text) for item in near)) * closeness,
        float(any(negated != (count_negations(item.text) > 0) for item in near)) * closeness,
    )
