"""LangChain messages to llama.cpp's requests and its replies back; pure functions."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    HumanMessage,
    SystemMessage,
)
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGenerationChunk

from tutor.errors import ContextOverflowError, ModelError

Wire = dict[str, Any]

CHOICE_FLOOR = -20.0
"""Log-probability of a choice that is not among the model's candidates."""

PROBABILITY_FLOOR = -60.0
"""Natural log of the least probability told apart among candidates that are read together."""


def to_wire(messages: Sequence[BaseMessage]) -> list[Wire]:
    """The messages as role and text.

    Raises:
        TypeError: A message is neither system, human nor AI.
    """
    roles = ((SystemMessage, "system"), (HumanMessage, "user"), (AIMessage, "assistant"))
    wire = []
    for message in messages:
        role = next((name for kind, name in roles if isinstance(message, kind)), None)
        if role is None:
            raise TypeError(f"the local model takes no {type(message).__name__}")
        wire.append({"role": role, "content": message.text})
    return wire


def overflow(prompt: int, reply: int, context: int) -> ContextOverflowError:
    """The error for a prompt and reply that do not fit; all figures are tokens."""
    return ContextOverflowError(
        f"The text is too long for the model: {prompt} tokens and {reply} for the reply, but it "
        f"holds {context}; shorten it or raise TUTOR_CONTEXT_TOKENS.",
        f"文本超出模型的上下文：提示 {prompt} 个 token，回复预留 {reply} 个，而上限是 {context} 个；"
        "请缩短文本或调大 TUTOR_CONTEXT_TOKENS。",
    )


def raise_for_error(reply: Mapping[str, Any]) -> None:
    """Raise our error where the engine answered with one; it returns errors as plain values."""
    error = reply.get("error")
    if not isinstance(error, Mapping):
        return
    if error.get("type") == "exceed_context_size_error":
        raise overflow(int(error.get("n_prompt_tokens", 0)), 0, int(error.get("n_ctx", 0)))
    told = str(error.get("message", error))
    raise ModelError(
        f"The local model could not answer ({told}); try again, or restart the program.",
        f"本地模型无法作答（{told}）；请重试，或重新启动程序。",
    )


def _usage(counts: Mapping[str, Any]) -> UsageMetadata:
    prompt, reply = int(counts["prompt_tokens"]), int(counts["completion_tokens"])
    cached = int((counts.get("prompt_tokens_details") or {}).get("cached_tokens", 0))
    return UsageMetadata(
        input_tokens=prompt,
        output_tokens=reply,
        total_tokens=prompt + reply,
        input_token_details={"cache_read": cached},
    )


def read_chunk(reply: Mapping[str, Any]) -> ChatGenerationChunk | None:
    """One streamed piece; None for progress reports and other pieces that carry nothing.

    The last pieces carry `finish_reason`, the token counts and llama.cpp's `timings`
    (milliseconds and tokens per second).
    """
    text, told, usage = "", dict[str, Any](), None
    for choice in reply.get("choices", ())[:1]:
        text = (choice.get("delta") or {}).get("content") or choice.get("text") or ""
        if choice.get("finish_reason"):
            told["finish_reason"] = choice["finish_reason"]
        if choice.get("logprobs"):
            told["logprobs"] = choice["logprobs"]
    if reply.get("usage"):
        usage = _usage(reply["usage"])
        told["timings"] = dict(reply.get("timings") or {})
    if not text and not told:
        return None
    message = AIMessageChunk(content=text, response_metadata=told, usage_metadata=usage)
    return ChatGenerationChunk(message=message, generation_info=told or None)


def read_choices(
    logprobs: Mapping[str, Any] | None, first_tokens: Mapping[str, int]
) -> dict[str, float]:
    """Log-probabilities of the choices from the candidates of the reply's first token.

    Args:
        logprobs: The reply's `logprobs`, with candidates by token id.
        first_tokens: Each choice with the id of its first token.
    """
    steps = (logprobs or {}).get("content") or [{}]
    found = {item["id"]: float(item["logprob"]) for item in steps[0].get("top_logprobs", ())}
    return {
        choice: max(CHOICE_FLOOR, found.get(token, CHOICE_FLOOR))
        for choice, token in first_tokens.items()
    }


def read_candidates(reply: Mapping[str, Any]) -> dict[int, float]:
    """Natural-log probabilities by token id of the reply's first token, after sampling filters."""
    for choice in reply.get("choices", ()):
        steps = (choice.get("logprobs") or {}).get("content") or []
        if steps:
            return {
                int(item["id"]): max(PROBABILITY_FLOOR, math.log(item["prob"]))
                if item["prob"] > 0
                else PROBABILITY_FLOOR
                for item in steps[0].get("top_probs", ())
            }
    return {}
