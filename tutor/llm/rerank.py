"""The first notes of a search in a new order, by what a language model makes of them.

A local model reads a passage with the question and shows how likely it finds "yes, this answers
it": log-odds that are added to the search's own score, so that a small model can tip a close race
but not turn a clear one. A provider's model that shows no logits puts all passages in order in one
structured reply (Sun et al., "Is ChatGPT Good at Search?", EMNLP 2023), and its order is taken.
"""

from collections.abc import Sequence

from langchain_core.language_models.chat_models import BaseChatModel
from pydantic import BaseModel, Field

from tutor.errors import ModelError
from tutor.llm import prompts
from tutor.llm.structured import structured_reply
from tutor.llm.types import TextReader
from tutor.notes.text import detect_lang

# Chosen on our own questions (docs/grounding.md has the figures).
_CLOSE = 1.0
_WEIGHT = 2.0


class LogitReranker:
    """Orders the passages of a close race by their score and a local model's log-odds of yes.

    Only passages whose score comes within ``close`` of the first are read: the others could not
    win, and where the first stands alone nothing is read at all.

    Args:
        model: Read, never asked to write.
        weight: What one unit of log-odds counts beside the search's score.
        close: How far behind the first score a passage may stand and still be read.
    """

    def __init__(
        self, model: TextReader, *, weight: float = _WEIGHT, close: float = _CLOSE
    ) -> None:
        self._model = model
        self._weight = weight
        self._close = close

    def order(
        self, question: str, passages: Sequence[str], scores: Sequence[float]
    ) -> Sequence[int]:
        """See `tutor.search.types.Reranker`.

        Raises:
            ModelError: The model could not be read.
        """
        near = [place for place, score in enumerate(scores) if scores[0] - score < self._close]
        if len(near) > 1:
            joined = {p: scores[p] + self._weight * self._odds(question, passages[p]) for p in near}
            near.sort(key=lambda place: -joined[place])
        return [*near, *(place for place in range(len(passages)) if place not in near)]

    def _odds(self, question: str, passage: str) -> float:
        yes, no = prompts.PASSAGE_CHOICES
        found = self._model.text_logits(prompts.passage_answers(question, passage), (yes, no))
        return found[yes] - found[no]


class PassageOrder(BaseModel):
    """Numbers of the passages, best first."""

    best_first: list[int] = Field(min_length=1)


class ProviderReranker:
    """Orders passages as a provider's model does in one structured reply.

    Args:
        model: Any LangChain chat model with structured output.
    """

    def __init__(self, model: BaseChatModel) -> None:
        self._model = model

    def order(
        self, question: str, passages: Sequence[str], scores: Sequence[float]
    ) -> Sequence[int]:
        """See `tutor.search.types.Reranker`; passages the reply leaves out come last, as they were.

        Raises:
            ModelError: The model failed or its reply does not fit.
        """
        messages = prompts.passages_order(question, passages, detect_lang(question))
        failed = ModelError(
            "The model could not order the notes; the search's own order stands.",
            "模型没有完成排序；保留检索本身的顺序。",
        )
        reply = structured_reply(self._model, PassageOrder, messages, failed)
        named = reply.best_first if reply else []
        places = [number - 1 for number in named if 1 <= number <= len(passages)]
        return list(dict.fromkeys([*places, *range(len(passages))]))


def build_reranker(model: BaseChatModel | None) -> LogitReranker | ProviderReranker | None:
    """The reranker that goes with a chat model; None where there is no model."""
    if model is None:
        return None
    return LogitReranker(model) if isinstance(model, TextReader) else ProviderReranker(model)
