"""Comparisons: what a source says of one thing must not be said of the other."""

import re

from tutor.notes.terms import concepts
from tutor.notes.text import normalise
from tutor.notes.types import Span
from tutor.study.units import LATIN_WORD, STOP_EN

COMPARES = re.compile(
    r"区别|不同|异同|相比|比较|对比|各自|分别|哪个更|和.{1,20}的关系|联系|"
    r"\b(?:difference|differ|compare|versus|vs\.?|relation|both|each)\b",
    re.IGNORECASE,
)
_BEFORE = 80  # characters before the compared words in which a subject may have been named


def _names(text: str) -> frozenset[str]:
    latin = {
        word
        for word in LATIN_WORD.findall(normalise(text).lower())
        if len(word) > 1 and word not in STOP_EN
    }
    return frozenset(concepts(text)) | latin


def lost_subjects(claim: str, source: str, span: Span, question: str) -> bool:
    """Whether a claim speaks of a compared thing that its words in the source do not name.

    Args:
        claim: One sentence of a reply.
        source: The note's text.
        span: The words of the source that the claim was compared with.
        question: What was asked; only comparisons of two or more named things are looked at.
    """
    compared = _names(question) if COMPARES.search(question) else frozenset()
    if len(compared) < 2:
        return False
    spoken = _names(claim) & compared
    near = source[max(0, span.start - _BEFORE) : span.end]
    return bool(spoken - _names(near))
