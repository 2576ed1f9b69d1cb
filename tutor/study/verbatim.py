"""Sentences taken over from the source word for word: those need no judge.

A claim counts as taken over where its clauses are whole clauses of the source that follow on each
other; only brackets may be left out. A piece of a clause can say the opposite ("不需要标签" holds
"需要标签"), and so can two clauses with what stood between them gone.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from tutor.notes.text import normalise
from tutor.notes.types import Span

_LEAST = 5  # letters of all clauses together: "对" or "Yes." is nobody's clause
_CUT = re.compile(r"[，。；：！？、…,;:!?\n（）()“”\"|]|(?<!\d)\.|\.(?!\d)")
_SIGNS = re.compile(r"[\s*_`$#>「」『』《》\[\]\\{}~-]+")
# Words that only string clauses together; those that give reasons or oppose are kept.
_STRUNG = re.compile(
    r"^(?:另外|此外|同时|其中|并且|首先|其次|最后|第[一二三四五]步?|例如|比如|也就是|即|且|"
    r"also|inaddition|moreover|first|second|third|finally|then|and)"
)
_DENIED = re.compile(
    r"误区|误解|误以为|以为|错误|不对|并非|不是说|不要以为|myth|wrong|mistak|misconception|not true",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[。！？!?\n]|\.\s")
_BEFORE = 24  # characters before a clause in which the source may take it back


@dataclass(frozen=True, slots=True)
class _Clause:
    text: str
    span: Span


def _bare(text: str) -> str:
    bare = _SIGNS.sub("", normalise(text).lower())
    return _STRUNG.sub("", bare)


def _clauses(text: str) -> list[_Clause]:
    found: list[_Clause] = []
    start = 0
    for end in [*(cut.start() for cut in _CUT.finditer(text)), len(text)]:
        bare = _bare(text[start:end])
        if bare:
            found.append(_Clause(bare, Span(start, end)))
        start = end + 1
    return found


@lru_cache(maxsize=64)
def _source_clauses(source: str) -> tuple[_Clause, ...]:
    return tuple(_clauses(source))


def find_verbatim(claim: str, source: str) -> Span | None:
    """Where the source says a claim in the claim's own words; None if it does not.

    Args:
        claim: One sentence, without marks.
        source: The text that may hold it.
    """
    wanted = [clause.text for clause in _clauses(claim)]
    if sum(map(len, wanted)) < _LEAST:
        return None
    held = _source_clauses(source)
    for first, clause in enumerate(held):
        if clause.text == wanted[0]:
            span = _follow(wanted, held, first, source)
            if span and not _taken_back(source, span):
                return _trimmed(source, span)
    return None


def _follow(wanted: list[str], held: tuple[_Clause, ...], first: int, source: str) -> Span | None:
    """From the first clause to the last, if all follow on each other; brackets may be left out."""
    at = first
    for text in wanted[1:]:
        at += 1
        while at < len(held) and held[at].text != text and _bracketed(source, held[at].span):
            at += 1
        if at >= len(held) or held[at].text != text:
            return None
    return Span(held[first].span.start, held[at].span.end)


def _bracketed(source: str, span: Span) -> bool:
    return source[span.start - 1 : span.start] in ("（", "(")


def _taken_back(source: str, span: Span) -> bool:
    """Whether the words before a clause, in its sentence, say that it is not so."""
    before = source[max(0, span.start - _BEFORE) : span.start]
    return bool(_DENIED.search(_SENTENCE.split(before)[-1]))


def _trimmed(source: str, span: Span) -> Span:
    piece = span.of(source)
    left = len(piece) - len(piece.lstrip(" \t\r\n*-。，"))
    right = len(piece.rstrip())
    return Span(span.start + left, span.start + max(right, left + 1))
