"""Deterministic stand-ins for the engines; each is a real subclass of what it stands in for."""

import hashlib
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import LanguageModelInput
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from numpy.typing import NDArray
from pydantic import PrivateAttr

from tutor.llm.structured import structured_output
from tutor.llm.types import StateReader
from tutor.search.types import Encoder, Side

FLOOR = -20.0

_PIECES = re.compile(r"\s*\S{1,8}")
_TOKENS = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]")


class ScriptExhaustedError(AssertionError):
    """The code under test asked the model more often than the test allowed."""


class ScriptedModel(BaseChatModel):
    """A chat model that gives enqueued replies in order and records what it was asked.

    `prompts` holds the messages of every generation and every choice reading; `warmed` those of
    `warm`; `closed_early` counts streams that the reader left before their end. An enqueued
    exception is raised in its turn. Asking with nothing enqueued raises `ScriptExhaustedError`.
    """

    _replies: deque[str | Exception] = PrivateAttr(default_factory=deque)
    _choices: deque[Mapping[str, float] | Exception] = PrivateAttr(default_factory=deque)
    _prompts: list[list[BaseMessage]] = PrivateAttr(default_factory=list)
    _warmed: list[list[BaseMessage]] = PrivateAttr(default_factory=list)
    _closed_early: int = PrivateAttr(default=0)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    @property
    def prompts(self) -> list[list[BaseMessage]]:
        return self._prompts

    @property
    def warmed(self) -> list[list[BaseMessage]]:
        return self._warmed

    @property
    def closed_early(self) -> int:
        return self._closed_early

    def enqueue(self, *replies: str | Exception) -> "ScriptedModel":
        """Add replies (text, or an exception to raise) in the order they will be given."""
        self._replies.extend(replies)
        return self

    def enqueue_choices(self, *readings: Mapping[str, float] | Exception) -> "ScriptedModel":
        """Add log-probabilities (natural log) for the next calls of `choice_logprobs`."""
        self._choices.extend(readings)
        return self

    def _next(self, messages: Sequence[BaseMessage]) -> str:
        self._prompts.append(list(messages))
        if not self._replies:
            raise ScriptExhaustedError(f"no reply left for: {messages[-1].text!r}")
        reply = self._replies.popleft()
        if isinstance(reply, Exception):
            raise reply
        return reply

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        reply = AIMessage(self._next(messages), response_metadata={"finish_reason": "stop"})
        return ChatResult(generations=[ChatGeneration(message=reply)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        text = self._next(messages)
        pieces = _PIECES.findall(text)
        tail = text[sum(map(len, pieces)) :]
        finished = False
        try:
            for piece in [*pieces, tail]:
                chunk = ChatGenerationChunk(message=AIMessageChunk(content=piece))
                if run_manager:
                    run_manager.on_llm_new_token(piece, chunk=chunk)
                yield chunk
            finished = True
        finally:
            self._closed_early += not finished

    def choice_logprobs(
        self, messages: Sequence[BaseMessage], choices: Sequence[str]
    ) -> dict[str, float]:
        self._prompts.append(list(messages))
        if not self._choices:
            raise ScriptExhaustedError(f"no choices left for: {messages[-1].text!r}")
        reading = self._choices.popleft()
        if isinstance(reading, Exception):
            raise reading
        return {choice: reading.get(choice, FLOOR) for choice in choices}

    def text_logits(self, text: str, choices: Sequence[str]) -> dict[str, float]:
        return self.choice_logprobs([HumanMessage(text)], choices)

    def warm(self, messages: Sequence[BaseMessage]) -> None:
        self._warmed.append(list(messages))

    def get_num_tokens(self, text: str) -> int:
        return len(_TOKENS.findall(text.lower()))

    def get_num_tokens_from_messages(
        self, messages: Sequence[BaseMessage], tools: Sequence[Any] | None = None
    ) -> int:
        return sum(self.get_num_tokens(message.text) + 4 for message in messages)

    def with_structured_output(
        self, schema: Any, *, include_raw: bool = False, **kwargs: Any
    ) -> Runnable[LanguageModelInput, Any]:
        return structured_output(self, schema, include_raw=include_raw)


class WordEmbedder(Encoder):
    """Unit vectors from hashed words and Chinese characters: texts that share words are near.

    No side prefix: a query and a passage with the same words get the same vector.
    """

    def __init__(self, dimension: int = 256, name: str = "word-hash") -> None:
        self._dimension = dimension
        self._name = name

    @property
    def name(self) -> str:
        return self._name

    @property
    def dimension(self) -> int:
        return self._dimension

    def _vector(self, text: str) -> NDArray[np.float32]:
        vector = np.zeros(self._dimension, dtype=np.float32)
        for token in _TOKENS.findall(text.lower()) or ["<empty>"]:
            digest = hashlib.blake2b(token.encode(), digest_size=8).digest()
            number = int.from_bytes(digest, "big")
            vector[number % self._dimension] += 1.0 if number >> 63 else 0.5
        length = float(np.linalg.norm(vector))
        return np.asarray(vector / length, dtype=np.float32)

    def encode(self, texts: Sequence[str], *, side: Side = "query") -> NDArray[np.float32]:
        if not texts:
            return np.zeros((0, self._dimension), dtype=np.float32)
        return np.stack([self._vector(text) for text in texts])


class ScriptedStates(StateReader):
    """Gives enqueued states in order and records the prompts; an enqueued exception is raised."""

    def __init__(self) -> None:
        self._states: deque[Sequence[float] | Exception] = deque()
        self.prompts: list[tuple[str, str, str]] = []
        self.ahead: list[str] = []

    def enqueue(self, *states: Sequence[float] | Exception) -> "ScriptedStates":
        """Add states, or exceptions, in the order they will be given."""
        self._states.extend(states)
        return self

    def states(self, examples: str, shared: str, tails: Iterable[str]) -> NDArray[np.float64]:
        rows = []
        for tail in tails:
            self.prompts.append((examples, shared, tail))
            if not self._states:
                raise ScriptExhaustedError(f"no state left for: {tail!r}")
            state = self._states.popleft()
            if isinstance(state, Exception):
                raise state
            rows.append(np.asarray(state, dtype=np.float64))
        return np.stack(rows) if rows else np.zeros((0, 1))

    def read_ahead(self, examples: str) -> None:
        self.ahead.append(examples)
