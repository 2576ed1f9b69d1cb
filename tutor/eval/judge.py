"""Who decides whether a text supports a statement: the claim checker, or a second model."""

from collections.abc import Callable, Sequence

from langchain_core.language_models import BaseChatModel

from tutor.errors import ModelError
from tutor.llm import prompts
from tutor.llm.types import ChoiceReader
from tutor.notes.text import detect_lang
from tutor.study.claims import ClaimChecker
from tutor.study.reply import drop_marks

Supports = Callable[[str, str], bool | None]
"""Whether a text (second) supports a statement (first); None where it could not be decided."""

Stated = Callable[[Sequence[str], str], list[float | None]]
"""Probabilities that a reply (second) makes each statement (first); None where undecided."""


def checker_stated(checker: ClaimChecker) -> Stated:
    """The claim checker as judge of what a reply says; it may read by the model's hidden state.

    Replies quote what is wrong in order to deny it, which measures of likeness take for saying it:
    docs/grounding.md compares both with readers.
    """

    def stated(statements: Sequence[str], reply: str) -> list[float | None]:
        text = drop_marks(reply)
        if not text.strip():
            return [0.0] * len(statements)
        return [result.support for result in checker.check_all(list(statements), text)]

    return stated


def supports_stated(supports: Supports) -> Stated:
    """A judge of support as judge of what a reply says."""

    def stated(statements: Sequence[str], reply: str) -> list[float | None]:
        found = [supports(statement, reply) for statement in statements]
        return [None if one is None else float(one) for one in found]

    return stated


def checker_supports(checker: ClaimChecker) -> Supports:
    """The product's own claim checker as judge."""

    def supports(statement: str, text: str) -> bool | None:
        if not text.strip():
            return False
        return checker.check(statement, text).label == "supported"

    return supports


def model_supports(model: BaseChatModel) -> Supports:
    """A language model as judge: asked yes or no, read by its probabilities where it has them."""

    def supports(statement: str, text: str) -> bool | None:
        if not text.strip():
            return False
        lang = detect_lang(text)
        yes, no = prompts.CLAIM_CHOICES[lang]
        messages = prompts.claim_supported(statement, [text], lang)
        try:
            if isinstance(model, ChoiceReader):
                read = model.choice_logprobs(messages, (yes, no))
                return read[yes] > read[no]
            said = str(model.invoke(messages).text).strip()
        except ModelError:
            return None
        if said.lower().startswith(yes.lower()):
            return True
        return False if said.lower().startswith(no.lower()) else None

    return supports
