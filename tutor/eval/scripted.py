"""Parts with known faults or known noise, put in the place of the tutor's own to try the evaluation."""

import random
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from numpy.typing import NDArray

from tutor.critique.critic import Critic
from tutor.critique.reading import encode_tokens
from tutor.critique.score import score
from tutor.critique.types import Critique, Label, Verdict
from tutor.notes.text import split_sentences
from tutor.notes.types import Note
from tutor.search.types import Encoder, Side

Vectors = NDArray[np.float32]
_FENCED = re.compile(r"<<<\n(.*?)\n>>>", re.DOTALL)
_INVENTED = (
    "这一方法由海洋研究所在 1893 年提出",
    "它主要用于预测潮汐和捕捞量",
    "船长们每年冬天都要重新校准它",
)
_ORDER = (Label.COVERED, Label.PARTIAL, Label.MISSED)


class Speaker(BaseChatModel):
    """A chat model whose replies are written by a method instead of a network."""

    def say(self, messages: Sequence[BaseMessage]) -> str:
        """The reply."""
        raise NotImplementedError

    @property
    def _llm_type(self) -> str:
        return type(self).__name__.lower()

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=AIMessage(self.say(messages)))])


class Parrot(Speaker):
    """A model that has been taken over: it always says the same words."""

    words: str

    def say(self, messages: Sequence[BaseMessage]) -> str:
        """Those words."""
        return self.words


class HonestReader(Speaker):
    """Reads two sentences of the first note out, marked ``[1]``; which ones, the seed decides.

    Attributes:
        seed: Picks the sentences; 0 takes the first two.
        slips: Share of sentences it invents instead.
    """

    seed: int = 0
    slips: float = 0.0

    def say(self, messages: Sequence[BaseMessage]) -> str:
        """Two sentences."""
        found = _FENCED.search(messages[-1].text)
        note = found[1] if found else ""
        said = [span.of(note).strip() for span in split_sentences(note)]
        draw = random.Random(f"{self.seed}:{note}")
        start = draw.randrange(max(len(said) - 1, 1)) if self.seed else 0
        picked = [
            draw.choice(_INVENTED) if draw.random() < self.slips else sentence
            for sentence in said[start : start + 2]
        ]
        return "".join(f"{sentence} [1]\n" for sentence in picked)


class IgnoresNotes(Speaker):
    """Replies fluently, and with nothing that any note says."""

    def say(self, messages: Sequence[BaseMessage]) -> str:
        """Two sentences about the sea."""
        return f"{_INVENTED[0]} [1]。{_INVENTED[1]} [1]。"


class RememberingEncoder:
    """An encoder that reads every text once, for many runs over the same texts."""

    def __init__(self, passages: Encoder, inner: Encoder) -> None:
        self._passages = passages
        self._inner = inner
        self._rows: dict[tuple[Side, str], Vectors] = {}
        self._tokens: dict[tuple[Side, str], Vectors] = {}

    @property
    def name(self) -> str:
        """Name of the model."""
        return self._inner.name

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._inner.dimension

    def encode(self, texts: Sequence[str], *, side: Side = "query") -> Vectors:
        """Unit vectors, one row a text."""
        new = list(dict.fromkeys(text for text in texts if (side, text) not in self._rows))
        if new:
            reader = self._passages if side == "passage" else self._inner
            rows = reader.encode(new, side=side)
            self._rows |= {(side, text): row for text, row in zip(new, rows, strict=True)}
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return np.stack([self._rows[side, text] for text in texts])

    def token_vectors(self, texts: Sequence[str], *, side: Side = "query") -> list[Vectors]:
        """Unit vectors of each text's tokens."""
        new = list(dict.fromkeys(text for text in texts if (side, text) not in self._tokens))
        for text, row in zip(new, encode_tokens(self._inner, new), strict=True):
            self._tokens[side, text] = row
        return [self._tokens[side, text] for text in texts]


class NoisyQueries(Encoder):
    """Reads questions a little differently each time a seed is changed; passages as they are.

    Args:
        inner: Reads them exactly.
        seed: Which reading.
        spread: Length of what is added to a unit vector.
    """

    def __init__(self, inner: Encoder, seed: int, spread: float = 0.1) -> None:
        self._inner = inner
        self._seed = seed
        self._spread = spread

    @property
    def name(self) -> str:
        """Name of the model."""
        return self._inner.name

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._inner.dimension

    def encode(self, texts: Sequence[str], *, side: Side = "query") -> Vectors:
        """Unit vectors, one row a text."""
        rows = self._inner.encode(texts, side=side)
        if side == "passage":
            return rows
        noise = [random.Random(f"{self._seed}:{text}").getrandbits(32) for text in texts]
        moved = []
        for row, state in zip(rows, noise, strict=True):
            step = np.random.default_rng(state).normal(size=len(row))
            shifted = row + self._spread * step / np.linalg.norm(step)
            moved.append(shifted / np.linalg.norm(shifted))
        return np.array(moved, dtype=np.float32)


class RememberingCritic(Critic):
    """A critic that judges every answer once, for many runs over the same answers."""

    def __init__(self, inner: Critic) -> None:
        self._inner = inner
        self._known: dict[tuple[str, str, str, bool], Critique] = {}

    def prepare(self, note: Note, question: str = "") -> None:
        """Nothing: a note is read when it is needed."""

    def final(
        self, note: Note, question: str, answer: str, lang: str, *, reveal: bool = True
    ) -> Critique:
        """The critique of the critic it stands for."""
        key = (f"{note.id}:{note.digest}", answer, lang, reveal)
        if key not in self._known:
            self._known[key] = self._inner.final(note, question, answer, lang, reveal=reveal)
        return self._known[key]


class _ChangedVerdicts(Critic):
    """A critic whose verdicts are changed; rules (empty, echo, orders) stand."""

    def __init__(self, inner: Critic) -> None:
        self._inner = inner

    def prepare(self, note: Note, question: str = "") -> None:
        """Read a note's points ahead of the answer."""
        self._inner.prepare(note, question)

    def final(
        self, note: Note, question: str, answer: str, lang: str, *, reveal: bool = True
    ) -> Critique:
        """The critique with its verdicts changed, and the score that follows."""
        honest = self._inner.final(note, question, answer, lang, reveal=reveal)
        if all(verdict.judge == "rule" for verdict in honest.verdicts):
            return honest
        verdicts = tuple(self.change(verdict, answer) for verdict in honest.verdicts)
        return replace(honest, verdicts=verdicts, score=score(verdicts, note.key_points))

    def change(self, verdict: Verdict, answer: str) -> Verdict:
        """The verdict to give instead."""
        raise NotImplementedError


class AlwaysCovered(_ChangedVerdicts):
    """Calls every point covered, for sure, whatever was said."""

    def change(self, verdict: Verdict, answer: str) -> Verdict:
        """Covered."""
        return replace(verdict, label=Label.COVERED, covered_probability=1.0)


class NoisyCritic(_ChangedVerdicts):
    """Lets one verdict in ten slip to a neighbouring label; which ones, the seed decides.

    Args:
        inner: Judges.
        seed: Which verdicts slip.
        slips: Share of them.
    """

    def __init__(self, inner: Critic, seed: int, slips: float = 0.1) -> None:
        super().__init__(inner)
        self._seed = seed
        self._slips = slips

    def change(self, verdict: Verdict, answer: str) -> Verdict:
        """The verdict, or a neighbouring one."""
        draw = random.Random(f"{self._seed}:{verdict.point_id}:{answer}")
        if verdict.label not in _ORDER or draw.random() >= self._slips:
            return verdict
        place = _ORDER.index(verdict.label)
        near = [_ORDER[at] for at in (place - 1, place + 1) if 0 <= at < len(_ORDER)]
        chance = min(max(verdict.covered_probability + draw.uniform(-0.3, 0.3), 0.0), 1.0)
        return replace(verdict, label=draw.choice(near), covered_probability=chance)
