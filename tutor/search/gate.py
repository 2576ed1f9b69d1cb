"""The evidence gate: do these passages answer this question at all?

A calibrated logistic regression over a few features of the passages; similarity alone cannot tell,
since a note that holds only the question is as near to it as can be. Weights, threshold and the
account of how they were fitted stand in ``gate.json`` (made by ``benchmarks/fit_gate.py``).
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from math import exp

import numpy as np
from numpy.typing import NDArray

from tutor.search.asking import asked_kinds, content_terms, coverage, holds
from tutor.search.passage import is_echo, read_passage
from tutor.search.types import Encoder

NOTHING = 0.01  # probability where no passage says anything
_SIMILARITY = 3.0  # weight of similarity beside coverage in choosing the best window
_WITHOUT_KIND = 0.3  # what a window loses that holds nothing of the kind asked for
_PARALLEL = re.compile(r"分别|和|与|及|、|\band\b|\brespectively\b")


@dataclass(frozen=True, slots=True)
class GateResult:
    """Whether the passages answer the question.

    Attributes:
        probability: Calibrated probability that they do, 0 to 1.
        answerable: Whether it reaches the threshold.
        sentence: The sentence that fits the question best; empty if the passages say nothing.
        passage: Index of the passage it stands in; -1 if none.
        features: What the probability was computed from, by name.
    """

    probability: float
    answerable: bool
    sentence: str = ""
    passage: int = -1
    features: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Weights:
    """The fitted regression: one weight and scale a feature, a bias, the threshold of answering."""

    names: tuple[str, ...]
    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    weight: NDArray[np.float64]
    bias: float
    threshold: float

    def probability(self, features: Mapping[str, float]) -> float:
        """Probability of answerable for a set of features."""
        values = np.array([features[name] for name in self.names])
        logit = float(((values - self.mean) / self.scale) @ self.weight) + self.bias
        return 1.0 / (1.0 + exp(-min(max(logit, -30.0), 30.0)))


@lru_cache(maxsize=1)
def load_weights() -> Weights:
    """The weights that ship with the package."""
    card = json.loads((files("tutor.search") / "gate.json").read_text(encoding="utf-8"))
    rows = card["features"]
    return Weights(
        names=tuple(row["name"] for row in rows),
        mean=np.array([row["mean"] for row in rows]),
        scale=np.array([row["scale"] for row in rows]),
        weight=np.array([row["weight"] for row in rows]),
        bias=float(card["bias"]),
        threshold=float(card["threshold"]),
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """A question's passages, read: one row a sentence that says something."""

    sentences: tuple[str, ...]
    passages: tuple[int, ...]
    similarity: NDArray[np.float64]
    covered: NDArray[np.float64]
    typed: NDArray[np.float64]

    @property
    def fit(self) -> NDArray[np.float64]:
        """How well each sentence with its neighbours fits the question."""
        return self.covered + _SIMILARITY * self.similarity - _WITHOUT_KIND * (1.0 - self.typed)


def read_evidence(question: str, passages: Sequence[str], encoder: Encoder) -> Reading | None:
    """Compare every sentence of the passages with the question; None if they say nothing."""
    sentences: list[str] = []
    owners: list[int] = []
    windows: list[str] = []
    for index, passage in enumerate(passages):
        read = read_passage(passage)
        said = [text for text in read.sentences if not is_echo(text, question)]
        sentences += said
        owners += [index] * len(said)
        # A sentence is read with its neighbours and its heading: they carry the subject.
        windows += [
            "\n".join([read.heading, *said[max(0, at - 1) : at + 2]]) for at in range(len(said))
        ]
    if not sentences:
        return None
    terms, kinds = content_terms(question), asked_kinds(question)
    asked = encoder.encode([question], side="query")[0]
    vectors = encoder.encode(sentences, side="passage")
    return Reading(
        tuple(sentences),
        tuple(owners),
        np.asarray(vectors @ asked, dtype=np.float64),
        np.array([coverage(terms, window) for window in windows]),
        np.array([float(all(holds(kind, text, question) for kind in kinds)) for text in sentences]),
    )


def compute_features(question: str, reading: Reading) -> dict[str, float]:
    """What the regression sees."""
    similarity = np.sort(reading.similarity)[::-1]
    fit = reading.fit
    return {
        "best_similarity": float(similarity[0]),
        "similarity_gap": float(similarity[0] - similarity.mean()),
        "best_coverage": float(reading.covered.max()),
        "best_fit": float(fit.max()),
        "all_coverage": coverage(content_terms(question), "\n".join(reading.sentences)),
        "parallel": float(bool(_PARALLEL.search(question))),
        "kind_asked": float(bool(asked_kinds(question))),
    }


def gate(question: str, passages: Sequence[str], encoder: Encoder) -> GateResult:
    """Whether the passages, read together, answer the question.

    Args:
        question: What is asked, understandable by itself.
        passages: Markdown or plain text. Give a note as ``## question`` on a line, then the answer:
            a heading says what the text under it is about, but answers nothing by itself.
        encoder: Embedding model.
    """
    reading = read_evidence(question, passages, encoder)
    if reading is None:
        return GateResult(NOTHING, answerable=False)
    features = compute_features(question, reading)
    weights = load_weights()
    probability = weights.probability(features)
    best = int(reading.fit.argmax())
    return GateResult(
        probability,
        probability >= weights.threshold,
        reading.sentences[best],
        reading.passages[best],
        features,
    )
