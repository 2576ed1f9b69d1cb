"""The embedded language model: llama.cpp in this process, as a LangChain chat model.

The only importer of `xllamacpp`. `LocalChatModel` is a light value that finds its loaded file, an
`Engine` shared by the whole process, when it is first asked something.
"""

import contextlib
import json
import os
import secrets
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import LanguageModelInput
from langchain_core.language_models.chat_models import BaseChatModel, generate_from_stream
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from numpy.typing import NDArray

from tutor.errors import ModelError, ModelUnavailableError
from tutor.llm.engine import Engine
from tutor.llm.structured import structured_output
from tutor.llm.wire import (
    PROBABILITY_FLOOR,
    Wire,
    overflow,
    read_candidates,
    read_choices,
    read_chunk,
    to_wire,
)

_BATCH = 32
"""Prompt tokens read between two looks at the stop flag: under a second on two cores."""

_CANDIDATES = 200
"""How many candidates of the first token are fetched for a choice reading."""

_LIFT = 100.0
"""Put on the logits of tokens that are read together; more than models tell tokens apart by."""

_DRAWS = 6
"""How often a token is drawn until one is a whole letter; one draw in a hundred is none."""

_CACHE_MIB = 512
"""Memory for prompt prefixes that were left and may be returned to."""


def check_gguf(path: Path) -> None:
    """Refuse a file that llama.cpp cannot load, with the reason; the engine itself gives none.

    Raises:
        ModelUnavailableError: The file is missing, unreadable, or not GGUF.
    """
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise ModelUnavailableError(
            f"The model file {path} cannot be read ({error.strerror}); run "
            "`python -m tutor models pull` or correct TUTOR_MODEL.",
            f"无法读取模型文件 {path}（{error.strerror}）；请运行 `python -m tutor models pull`，"
            "或改正 TUTOR_MODEL。",
        ) from error
    if magic != b"GGUF":
        raise ModelUnavailableError(
            f"{path} is not a GGUF model file; give TUTOR_MODEL a file that ends in .gguf.",
            f"{path} 不是 GGUF 模型文件；请把 TUTOR_MODEL 设为 .gguf 文件。",
        )


def default_threads() -> int:
    """One thread a usable core, four at most: more of them read no faster on laptops."""
    cores = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    return max(1, min(4, cores))


def _start(path: Path, context_tokens: int, threads: int) -> Engine:
    check_gguf(path)
    # Spinning OpenMP threads of two engines starve each other; must be set before the import.
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    try:
        import xllamacpp
    except ImportError as error:
        raise ModelUnavailableError(
            f"The local model cannot run here ({error}); install xllamacpp, or set TUTOR_MODEL to "
            "`none` or to a provider.",
            f"本地模型无法在此运行（{error}）；请安装 xllamacpp，或把 TUTOR_MODEL 设为 `none` 或某个服务商。",
        ) from error
    key = secrets.token_hex(16)
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.n_ctx = context_tokens
    params.n_batch = params.n_ubatch = _BATCH
    params.n_parallel = 1
    params.cache_ram_mib = _CACHE_MIB
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    params.verbosity = -1
    # The engine always opens a port on this machine: shut to everyone without the key.
    params.api_keys = [key]
    params.cors_origins = "http://127.0.0.1"
    params.ui = False
    try:
        return Engine(xllamacpp.Server(params), key)
    except RuntimeError as error:
        raise ModelUnavailableError(
            f"The model file {path.name} could not be loaded ({error}): it is damaged or too large "
            "for this machine's memory; run `python -m tutor models verify`.",
            f"无法加载模型文件 {path.name}（{error}）：文件已损坏，或超出本机内存；"
            "请运行 `python -m tutor models verify`。",
        ) from error


_ENGINES: dict[tuple[Path, int, int], Engine] = {}
_ENGINES_LOCK = threading.Lock()


def shared_engine(path: Path, context_tokens: int, threads: int) -> Engine:
    """The process's one engine for this file and these sizes, loaded when first needed."""
    key = (path.expanduser().resolve(), context_tokens, threads or default_threads())
    with _ENGINES_LOCK:
        if key not in _ENGINES:
            _ENGINES[key] = _start(*key)
        return _ENGINES[key]


class LocalChatModel(BaseChatModel):
    """A GGUF file as a LangChain chat model and `ChoiceReader`.

    Same messages, same reply: temperature 0 and a fixed seed unless asked otherwise. Calls take
    `max_tokens`, `temperature`, `seed`, `response_format`, `logprobs` and `top_logprobs`.
    A prompt that begins like an earlier one is read only from where it differs.

    Attributes:
        path: The GGUF file.
        context_tokens: Prompt and reply together, in tokens.
        threads: CPU threads; 0 for one a core, four at most.
        max_tokens: Longest reply, in tokens, where a call does not say.
    """

    path: Path
    context_tokens: int = 4096
    threads: int = 0
    max_tokens: int = 512
    temperature: float = 0.0
    seed: int = 7

    @property
    def _llm_type(self) -> str:
        return "local-llama.cpp"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"file": self.path.name, "temperature": self.temperature, "seed": self.seed}

    @property
    def engine(self) -> Engine:
        """The loaded file; loads it if it is not loaded yet (seconds)."""
        return shared_engine(self.path, self.context_tokens, self.threads)

    def _body(
        self, messages: Sequence[BaseMessage], stop: list[str] | None, options: dict[str, Any]
    ) -> Wire:
        body: Wire = {
            "messages": to_wire(messages),
            "max_tokens": self.max_tokens,
            "temperature": self.temperature,
            "seed": self.seed,
            "stream_options": {"include_usage": True},
        }
        if stop:
            body["stop"] = stop
        body |= {name: value for name, value in options.items() if value is not None}
        size = self.get_num_tokens_from_messages(messages)
        if size + body["max_tokens"] > self.context_tokens:
            raise overflow(size, body["max_tokens"], self.context_tokens)
        return body

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        # LangChain's own bookkeeping options are not the engine's.
        options = {
            k: v for k, v in kwargs.items() if k not in ("stream", "ls_structured_output_format")
        }
        body = self._body(messages, stop, options)
        for reply in self.engine.stream("handle_chat_completions", body):
            # A piece without text lets the reader leave while the prompt is still being read.
            chunk = read_chunk(reply) or ChatGenerationChunk(message=AIMessageChunk(content=""))
            if run_manager and chunk.text:
                run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        # One path for both: Ctrl-C reaches a stream, but not a blocking call into the engine.
        return generate_from_stream(self._stream(messages, stop, run_manager, **kwargs))

    def with_structured_output(
        self, schema: Any, *, include_raw: bool = False, **kwargs: Any
    ) -> Runnable[LanguageModelInput, Any]:
        """The model with its decoding held to a JSON schema; `method` can only be `json_schema`.

        Raises:
            ModelAnswerError: (when asked) The reply was cut off or does not fit the schema.
        """
        method = kwargs.get("method", "json_schema")
        if method != "json_schema":
            raise ValueError(f"the local model supports method='json_schema', not {method!r}")
        return structured_output(self, schema, include_raw=include_raw)

    def choice_logprobs(
        self, messages: Sequence[BaseMessage], choices: Sequence[str]
    ) -> dict[str, float]:
        """Natural-log probability of each choice's first token as the first token of the reply.

        Raises:
            ValueError: Two choices begin with the same token and cannot be told apart.
            ContextOverflowError: The prompt does not fit.
        """
        first = {choice: self.engine.tokens(choice)[0] for choice in choices}
        if len(set(first.values())) < len(first):
            raise ValueError(f"choices {list(choices)} do not differ in their first token")
        reply = self.bind(logprobs=True, top_logprobs=_CANDIDATES, max_tokens=1).invoke(
            list(messages)
        )
        return read_choices(reply.response_metadata.get("logprobs"), first)

    def token_logits(self, prompt: str, tokens: Sequence[int]) -> NDArray[np.float64]:
        """Logits of the given tokens right after a prompt, up to a constant they share.

        A linear image of the model's last hidden state: what a fitted readout needs, at the cost
        of reading the prompt. The tokens are lifted above all others, which leaves the differences
        between them as they are.

        Args:
            prompt: Raw text in the model's own template; its control tokens count as such.
            tokens: Token ids, each once.

        Raises:
            ContextOverflowError: The prompt does not fit.
            ModelError: The engine gave no probabilities.
        """
        body = {
            "prompt": prompt,
            "n_predict": 1,
            "temperature": 1.0,
            "samplers": ["top_k", "temperature"],
            "top_k": len(tokens),
            "n_probs": len(tokens),
            "post_sampling_probs": True,
            "logit_bias": [[int(token), _LIFT] for token in tokens],
        }
        # A drawn token that is part of a letter is held back, and its probabilities with it.
        for seed in range(self.seed, self.seed + _DRAWS):
            for reply in self.engine.stream("handle_completions", body | {"seed": seed}):
                found = read_candidates(reply)
                if found:
                    return np.array([found.get(int(token), PROBABILITY_FLOOR) for token in tokens])
        raise ModelError(
            "The local model gave no probabilities; run `python -m tutor doctor`.",
            "本地模型没有给出概率；请运行 `python -m tutor doctor`。",
        )

    def text_logits(self, text: str, choices: Sequence[str]) -> dict[str, float]:
        """Logit of each choice's first token right behind raw text, up to a constant they share.

        Raises:
            ContextOverflowError: The text does not fit.
            ModelError: The engine gave no probabilities.
        """
        first = [self.engine.tokens(choice)[0] for choice in choices]
        return dict(zip(choices, self.token_logits(text, first).tolist(), strict=True))

    def continuation_logprobs(self, messages: Sequence[BaseMessage], text: str) -> list[float]:
        """Natural-log probability of each token of `text` as the beginning of the reply.

        Costs one decoding step a token: the engine reports no probabilities for prompt tokens, so
        the text is generated under a grammar that allows nothing else, while probabilities are
        read before the grammar is applied.
        """
        prompt = self.engine.prompt(messages)
        size, reply_size = self.get_num_tokens(prompt), self.get_num_tokens(text)
        if size + reply_size + 1 > self.context_tokens:
            raise overflow(size, reply_size, self.context_tokens)
        body = {
            "prompt": prompt,
            # The grammar ends the reply; bytes bound its tokens.
            "n_predict": len(text.encode()) + 1,
            "n_probs": 1,
            "temperature": 0.0,
            "grammar": f"root ::= {json.dumps(text, ensure_ascii=False)}",
        }
        found: list[float] = []
        for reply in self.engine.stream("handle_completions", body):
            for choice in reply.get("choices", ()):
                steps = (choice.get("logprobs") or {}).get("content") or []
                found.extend(float(step["logprob"]) for step in steps)
        return found

    def warm(self, messages: Sequence[BaseMessage]) -> None:
        """Begin to read a prompt in the background, so that a later one that begins alike is fast.

        Returns at once; ends by itself when something else is asked. Too long a prompt is ignored.
        """
        body: Wire = {
            "messages": to_wire(messages),
            "max_tokens": 1,
            "temperature": 0.0,
            "seed": self.seed,
        }

        def work() -> None:
            with contextlib.suppress(ModelError):  # what is wrong is said when it is asked
                self.engine.warm("handle_chat_completions", body)

        threading.Thread(target=work, daemon=True, name="llama-load").start()

    def read_prompt(self, prompt: str) -> None:
        """Read a raw prompt to its end and keep it.

        Raises:
            ModelError: The prompt does not fit, or the engine refused it.
        """
        body = {"prompt": prompt, "n_predict": 1, "temperature": 0.0, "seed": self.seed}
        for _ in self.engine.stream("handle_completions", body):
            pass

    def get_num_tokens(self, text: str) -> int:
        """Tokens of the text, counted by the model's own tokenizer."""
        return len(self.engine.tokens(text))

    def get_num_tokens_from_messages(
        self, messages: Sequence[BaseMessage], tools: Sequence[Any] | None = None
    ) -> int:
        """Tokens of the messages in the model's chat template, the reply's opening included."""
        return len(self.engine.tokens(self.engine.prompt(messages)))
