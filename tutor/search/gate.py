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

from tutor.notes.text import detect_lang
from tutor.search.asking import asked_kinds, content_terms, coverage, holds
from tutor.search.bridge import bridge
from tutor.search.named import Absent, find_absent, names_nothing
from tutor.search.passage import Passage, is_echo, read_passage
from tutor.search.types import Encoder

NOTHING = 0.01  # probability where no passage says anything
SIMILARITY = 3.0
"""Weight of similarity beside coverage in how well a sentence fits a question."""
_PARALLEL = re.compile(r"分别|各自|和|与|及|、|\b(?:and|respectively|both)\b", re.IGNORECASE)
WITHOUT_KIND = 0.3
"""What a sentence loses that holds nothing of the kind asked for."""


@dataclass(frozen=True, slots=True)
class GateResult:
    """Whether the passages answer the question.

    Attributes:
        probability: Calibrated probability that they do, 0 to 1.
        answerable: Whether it reaches the threshold.
        sentence: The sentence that fits the question best; empty if the passages say nothing.
        passage: Index of the passage it stands in; -1 if none.
        absent: Names in the question that no passage speaks of; where the passages answer all the
            same, they answer the other part of it.
        features: What the probability was computed from, by name.
    """

    probability: float
    answerable: bool
    sentence: str = ""
    passage: int = -1
    absent: tuple[str, ...] = ()
    features: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Weights:
    """The fitted regression: one weight and scale a feature, a bias, the threshold of answering.

    Attributes:
        absence: What the log-odds lose where something asked for is not spoken of, by feature.
    """

    names: tuple[str, ...]
    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    weight: NDArray[np.float64]
    bias: float
    threshold: float
    absence: Mapping[str, float] = field(default_factory=dict)

    def probability(self, features: Mapping[str, float]) -> float:
        """Probability of answerable for a set of features."""
        values = np.array([features[name] for name in self.names])
        logit = float(((values - self.mean) / self.scale) @ self.weight) + self.bias
        logit -= sum(loss * features[name] for name, loss in self.absence.items())
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
        absence=card["absence"],
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """A question's passages, read: one row a sentence that says something.

    Attributes:
        sentences: The sentences.
        passages: Index of the passage each stands in.
        similarity: Cosine of each to the question.
        covered: Share of the question's terms in each sentence with its neighbours and heading.
        typed: 1 where a sentence holds all kinds of thing the question asks for, else 0.
        heading: Highest cosine of a passage's heading to the question; None if none has a heading.
        absent: What the question names and the passages do not speak of.
    """

    sentences: tuple[str, ...]
    passages: tuple[int, ...]
    similarity: NDArray[np.float64]
    covered: NDArray[np.float64]
    typed: NDArray[np.float64]
    heading: float | None
    absent: Absent

    @property
    def fit(self) -> NDArray[np.float64]:
        """How well each sentence with its neighbours fits the question."""
        return self.covered + SIMILARITY * self.similarity - WITHOUT_KIND * (1.0 - self.typed)


def _sentences(question: str, passages: Sequence[Passage]) -> list[tuple[int, str, str]]:
    """Passage index, sentence, and the sentence with what carries its subject."""
    rows: list[tuple[int, str, str]] = []
    for index, passage in enumerate(passages):
        said = [text for text in passage.sentences if not is_echo(text, question)]
        for at, text in enumerate(said):
            near = [passage.heading, *said[max(0, at - 1) : at + 2]]
            rows.append((index, text, "\n".join(near)))
    return rows


def _cover(question: str, windows: Sequence[str]) -> NDArray[np.float64]:
    """Coverage of each window; the best one is completed by another where two things are asked."""
    terms = content_terms(question)
    covered = np.array([coverage(terms, window) for window in windows])
    if _PARALLEL.search(question):
        best = int(covered.argmax())
        covered[best] = max(coverage(terms, f"{windows[best]}\n{window}") for window in windows)
    return covered


def evidence_texts(passage: str) -> list[str]:
    """What of a passage `read_evidence` embeds, so that it can be embedded before it is asked about."""
    read = read_passage(passage)
    return [*read.sentences, *filter(None, [read.heading])]


def read_evidence(question: str, passages: Sequence[str], encoder: Encoder) -> Reading | None:
    """Compare every sentence of the passages with the question; None if they say nothing."""
    read = [read_passage(passage) for passage in passages]
    rows = _sentences(question, read)
    if not rows:
        return None
    own = detect_lang(question)
    langs = [detect_lang(passage) for passage in passages]
    forms = {
        lang: question if lang == own else bridge(question, lang) for lang in sorted(set(langs))
    }
    asked = dict(zip(forms, encoder.encode(list(forms.values()), side="query"), strict=True))
    # A note without an answer has a heading too; only those with something under it count.
    headed = [(at, read[at].heading) for at in sorted({row[0] for row in rows}) if read[at].heading]
    texts = [*(row[1] for row in rows), *(heading for _, heading in headed)]
    owners = [*(row[0] for row in rows), *(at for at, _ in headed)]
    vectors = encoder.encode(texts, side="passage")
    similarity = np.array(
        [float(vector @ asked[langs[at]]) for vector, at in zip(vectors, owners, strict=True)]
    )
    kinds = asked_kinds(question)
    return Reading(
        sentences=tuple(row[1] for row in rows),
        passages=tuple(row[0] for row in rows),
        similarity=similarity[: len(rows)],
        covered=_cover(question, [row[2] for row in rows]),
        typed=np.array([float(all(holds(k, row[1], question) for k in kinds)) for row in rows]),
        heading=float(similarity[len(rows) :].max()) if headed else None,
        absent=find_absent(question, passages),
    )


def compute_features(reading: Reading) -> dict[str, float]:
    """What the regression sees; where no passage has a heading, the best sentence stands for it."""
    best = float(reading.similarity.max())
    return {
        "best_fit": float(reading.fit.max()),
        "best_coverage": float(reading.covered.max()),
        "best_similarity": best,
        "similarity_gap": best - float(reading.similarity.mean()),
        "heading_similarity": best if reading.heading is None else reading.heading,
        "has_heading": float(reading.heading is not None),
        "name_absent": float(reading.absent.decisive),
        "attribute_absent": float(bool(reading.absent.attributes)),
    }


def gate(question: str, passages: Sequence[str], encoder: Encoder) -> GateResult:
    """Whether the passages, read together, answer the question.

    Args:
        question: What is asked, understandable by itself.
        passages: Markdown or plain text. Give a note as ``## question`` on a line, then the answer:
            a heading says what the text under it is about, but answers nothing by itself.
        encoder: Embedding model.
    """
    reading = None if names_nothing(question) else read_evidence(question, passages, encoder)
    if reading is None:
        return GateResult(NOTHING, answerable=False)
    features = compute_features(reading)
    weights = load_weights()
    probability = weights.probability(features)
    best = int(reading.fit.argmax())
    return GateResult(
        probability,
        probability >= weights.threshold,
        reading.sentences[best],
        reading.passages[best],
        reading.absent.names,
        features,
    )
