"""Seams of the language models."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from langchain_core.messages import BaseMessage


@runtime_checkable
class ChoiceReader(Protocol):
    """A model whose next-token probabilities can be read.

    Code that needs a judgement asks one short question and reads how likely each allowed first
    token is, instead of trusting generated text.
    """

    def choice_logprobs(
        self, messages: Sequence[BaseMessage], choices: Sequence[str]
    ) -> dict[str, float]:
        """Natural-log probability of each choice as the first token of the reply.

        A choice that is not among the model's top candidates gets the floor ``-20.0``.
        """
