"""What a text states only to call it wrong: the beginning of a misconception."""

import re
from collections.abc import Sequence

from tutor.notes.polarity import count_negations, opposed_pairs
from tutor.notes.types import Span
from tutor.study.units import content_units

MISCONCEPTION = {"zh": "常见误区：", "en": "Misconception: "}
"""What stands before a misconception wherever it is shown or read, by language."""
_STATES = 0.75  # share of a claim's content that a misconception which states it holds
_STATED_OF = 0.55  # share of the misconception's content that the claim holds
_FRAME = content_units("以为 认为 误以为 把")
_ORDERS = re.compile(r"先|再|[之以]?[前后]|\b(?:before|after|first|then)\b", re.IGNORECASE)
_ARTICLE = {"1"}  # "一种"
_TURNING = "高低大小多少前后先入出上下左右内外长短快慢强弱"
# Who says so already knows better.
_JUDGES = re.compile(
    r"错|误|不同|区别|myth|wrong|mistak|misconception|differ|\bfalse\b", re.IGNORECASE
)
_STATED = re.compile(
    r"(?:^[ \t>*_]*|[“\"])(?:常见误区|Misconception)[*_]*[：:][ \t]*"
    r"(?P<stated>(?:[^。；;.!?！？\n]|\.[^\s\"”])*[。；;.!?！？]?)",
    re.MULTILINE | re.IGNORECASE,
)


def find_denied(text: str) -> list[Span]:
    """Sentences that stand right behind the word "misconception"; what sets them right follows."""
    return [
        Span(*found.span("stated")) for found in _STATED.finditer(text) if found["stated"].strip()
    ]


def denied_statement(
    claim: str, text: str, denied: Sequence[Span], *, exactly: bool = False
) -> Span | None:
    """The sentence that states a claim as a misconception; None if the text says it elsewhere too.

    Words cannot tell everything: who acts on it should also ask a judge, or for nothing more than what
    the sentence says.

    Args:
        claim: A statement.
        text: What may call it a misconception.
        denied: `find_denied` of the text.
        exactly: The claim says nothing that the sentence does not hold.
    """
    units = content_units(claim) - _ARTICLE
    if not units or not denied or _JUDGES.search(claim):
        return None
    rest = content_units(without(text, denied))
    least = 1.0 if exactly else _STATES
    for span in denied:
        words = span.of(text)
        own = content_units(words)
        both = units & own
        covers = len(both) >= least * len(units) and len(both) >= _STATED_OF * len(own - _FRAME)
        if covers and len(both) > len(units & rest) and _alike(claim, words, both):
            return span
    return None


def _alike(claim: str, words: str, both: frozenset[str]) -> bool:
    """Whether two statements of the same content say the same: neither turned nor in another order."""
    return (
        count_negations(claim) == count_negations(words)
        and not opposed_pairs(claim, words)
        and _turned(claim) == _turned(words, claim)
        and not (_ORDERS.search(claim) and _order(both, claim) != _order(both, words))
    )


def _order(units: frozenset[str], text: str) -> list[str]:
    """The units as they follow on each other in a text."""
    lower = text.lower()
    return sorted((unit for unit in units if unit in lower), key=lower.index)


def _turned(text: str, other: str = "") -> list[str]:
    """Letters that turn a statement round, in order; with another text, those it holds too."""
    return [char for char in text if char in _TURNING and (not other or char in other)]


def without(text: str, spans: Sequence[Span]) -> str:
    """The text with spans made blank, so that all other places stay."""
    for span in spans:
        text = text[: span.start] + " " * (span.end - span.start) + text[span.end :]
    return text
