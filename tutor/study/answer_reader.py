"""Which sentences of a note answer a question, read by the language model's hidden state.

How near a sentence is to a question says little about whether it answers it: what is on the same
subject is as near. The state behind ``question, note, sentence →`` tells them apart
(`tutor.llm.readout`); joined with how well the sentence fits, and, for the note as a whole, with the
evidence gate. The sentences of a note share the examples and the question, which are read once.
"""

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from tutor.llm import prompts
from tutor.llm.odds import log_odds, sigmoid
from tutor.llm.readout import Readout, parse_readout
from tutor.llm.types import StateReader
from tutor.study.passages import Passage
from tutor.study.premise import may_be_wrong

SENTENCES_READ = 6
"""Sentences of a note that are read, those that fit best: they hold .95 of those that answer."""
GATE_BOUND = 1e-3
"""How far from 0 and 1 the gate's probability is kept."""
_REMEMBERED = 256
# Least probability of a misconception under a question that may take something wrong for granted, and
# under any other, where it is beside the point more often than not. Chosen on premises.jsonl.
_WRONG_FROM, _WRONG_FROM_PLAIN = 0.3, 0.6


@dataclass(frozen=True, slots=True)
class Weights:
    """Logistic regressions over what is known of a sentence, and of a note.

    Attributes:
        sentence: Weights of ``read`` (log-odds of the reading), ``fit`` and ``bias``.
        note: Weights of ``best`` (highest log-odds of its sentences), ``gate`` (log-odds of the
            evidence gate) and ``bias``.
    """

    sentence: Mapping[str, float]
    note: Mapping[str, float]

    def sentences(self, read: NDArray[np.float64], fit: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log-odds that each sentence answers."""
        own = self.sentence
        return np.asarray(own["read"] * read + own["fit"] * fit + own["bias"], dtype=np.float64)

    def holds(self, best: float, gate: float) -> float:
        """Probability that a note answers, from its best sentence and the gate's probability."""
        gate_odds = log_odds(gate, GATE_BOUND)
        odds = self.note["best"] * best + self.note["gate"] * gate_odds + self.note["bias"]
        return float(sigmoid(np.array(odds)))


@lru_cache(maxsize=1)
def load_readout() -> Readout:
    """The readout that ships with the product; `benchmarks/fit_answers.py` fits it."""
    return parse_readout((files("tutor.study") / "answer_readout.json").read_text("utf-8"))


@lru_cache(maxsize=1)
def load_weights() -> Weights:
    """The weights that ship with the product."""
    held = json.loads((files("tutor.study") / "answer_weights.json").read_text("utf-8"))
    return Weights(held["sentence"], held["note"])


class AnswerReader:
    """Reads which sentences answer.

    Args:
        model: Runs the model file that the readout was fitted on.
        readout: The fitted readout; the shipped one by default.
        weights: How it joins the measures; the shipped ones by default.
    """

    def __init__(
        self, model: StateReader, readout: Readout | None = None, weights: Weights | None = None
    ) -> None:
        self._model = model
        self._readout = readout or load_readout()
        self.weights = weights or load_weights()
        self._known: dict[tuple[str, str, str], dict[int, float]] = {}
        self._lock = threading.Lock()

    def read(self, question: str, passage: Passage, stop: threading.Event | None = None) -> Passage:
        """The passage with its `answers`; remembered for the same question and note.

        Args:
            question: As it stands alone.
            passage: The note, its sentences scored against the question.
            stop: Looked at before every sentence; a passage that was not read to its end comes
                back as it was.

        Raises:
            ModelError: The model could not be read.
        """
        key = (question, passage.note.question, passage.text)
        with self._lock:
            odds = self._known.get(key)
        if odds is None:
            odds = self._odds(question, passage, stop or threading.Event())
            if odds is None:
                return passage
            with self._lock:
                self._known[key] = odds
                while len(self._known) > _REMEMBERED:
                    self._known.pop(next(iter(self._known)))
        answers = np.zeros(len(passage.spans))
        enough = _WRONG_FROM if may_be_wrong(question) else _WRONG_FROM_PLAIN
        for index, one in odds.items():
            chance = float(sigmoid(np.array(one)))
            answers[index] = chance if chance >= enough or not passage.is_wrong(index) else 0.0
        return replace(passage, answers=answers)

    def chance(self, passage: Passage, gate: float) -> float:
        """Probability that a passage that was read answers, given the evidence gate's."""
        assert passage.answers is not None  # noqa: S101 -- the caller had it read
        return self.weights.holds(log_odds(float(passage.answers.max())), gate)

    def _odds(
        self, question: str, passage: Passage, stop: threading.Event
    ) -> dict[int, float] | None:
        if stop.is_set():
            return None
        nearest = nearest_sentences(passage, SENTENCES_READ)

        def tails() -> Iterator[str]:
            for index in nearest:
                if stop.is_set():
                    return
                yield prompts.answer_tail(passage.words(index))

        stem = prompts.answer_stem(question, passage.note.question)
        found = self._readout.read(self._model, prompts.ANSWER_EXAMPLES, stem, tails())
        if len(found) < len(nearest):
            return None
        read = np.array([odds["answers"] for odds in found])
        fit = passage.scores[nearest].astype(np.float64)
        odds = self.weights.sentences(read, fit)
        return dict(zip(nearest, odds.tolist(), strict=True))


def nearest_sentences(passage: Passage, most: int) -> list[int]:
    """Numbers of the sentences that fit the question best, in the note's order."""
    return sorted(np.argsort(-passage.scores, kind="stable")[:most].tolist())
