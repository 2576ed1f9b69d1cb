"""Seams of the language models."""

from collections.abc import Iterable, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from langchain_core.messages import BaseMessage
from numpy.typing import NDArray


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


@runtime_checkable
class TextReader(Protocol):
    """A model that can be read behind raw text, in its own template or none."""

    def text_logits(self, text: str, choices: Sequence[str]) -> dict[str, float]:
        """Logit of each choice's first token right behind the text, up to a constant they share."""


@runtime_checkable
class StateReader(Protocol):
    """A model whose hidden state can be read (see `tutor.llm.readout`)."""

    def states(self, examples: str, shared: str, tails: Iterable[str]) -> NDArray[np.float64]:
        """The hidden state at the end of each of several prompts that begin alike.

        The same texts give the same states, whatever was read before.

        Args:
            examples: What all prompts of this kind begin with.
            shared: What these prompts have in common behind it.
            tails: Their ends, taken one by one: who must be able to stop ends them early.

        Returns:
            One row a tail, each less its own mean; shape (tails, width).
        """

    def read_ahead(self, examples: str) -> None:
        """Begin to read examples in the background, so that states behind them come fast."""
