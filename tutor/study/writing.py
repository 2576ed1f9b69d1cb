"""The model's words, streamed by a LangChain chain, and let go of the moment a stop is asked for."""

import queue
import threading
from collections.abc import Iterator
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.output_parsers import StrOutputParser
from langchain_core.runnables import Runnable, RunnableLambda

from tutor.llm import prompts

_LOOK_SECONDS = 0.1  # how often a stop is looked for while no word comes
ANSWER_TOKENS = 150
LONG_ANSWER_TOKENS = 400


def build_chain(model: BaseChatModel, *, max_tokens: int = ANSWER_TOKENS) -> Runnable[Any, str]:
    """Prompt, model, text: takes ``{"question", "notes", "lang", "style", "denied"}``."""
    prompt: Runnable[Any, Any] = RunnableLambda(
        lambda asked: prompts.study_answer(
            asked["question"],
            asked["notes"],
            asked["lang"],
            style=asked.get("style", ""),
            denied=asked.get("denied", False),
        )
    )
    return prompt | model.bind(max_tokens=max_tokens) | StrOutputParser()


def stream_text(
    chain: Runnable[Any, str], asked: dict[str, Any], stop: threading.Event
) -> Iterator[str]:
    """Pieces of the chain's text; ends within a tenth of a second of ``stop``.

    The chain runs in a thread of its own: while the model still reads the prompt it gives no
    piece, and a stop must be heard then too. Closing this generator stops the chain as well, at
    its next piece.

    Raises:
        ModelError: The model could not answer.
    """
    pieces: queue.SimpleQueue[str | BaseException | None] = queue.SimpleQueue()
    left = threading.Event()

    def work() -> None:
        try:
            stream = chain.stream(asked)
            for piece in stream:
                if left.is_set() or stop.is_set():
                    stream.close()  # type: ignore[attr-defined]  # a generator, typed as Iterator
                    break
                pieces.put(piece)
        except BaseException as error:
            pieces.put(error)
        finally:
            pieces.put(None)

    threading.Thread(target=work, daemon=True, name="study-answer").start()
    try:
        while not stop.is_set():
            try:
                piece = pieces.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                continue
            if piece is None:
                return
            if isinstance(piece, BaseException):
                raise piece
            yield piece
    finally:
        left.set()
