"""What a checked reply lacks is said in the note's own words."""

from collections.abc import Sequence
from dataclasses import dataclass

from tutor.notes.text import detect_lang, overlap
from tutor.notes.types import Span
from tutor.study.passages import Passage

_SAID = 0.6  # share of a sentence's words in the reply that makes it said already
_MOST = 2  # quotations added to a reply
_CHARS = 260  # of a quotation; a longer sentence is left to the sources beside the reply
_NEARLY = 0.03  # similarity below a note's best sentence at which another still answers


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the notes a sentence stands, or would stand.

    Attributes:
        passage: Index of the note.
        span: The words of that note's answer.
    """

    passage: int
    span: Span


def find_missing(
    passages: Sequence[Passage], shown: str, cited: Sequence[Place], dropped: Sequence[Place]
) -> list[Place]:
    """Sentences of the notes that answer the question and that the reply does not hold.

    They are each note's sentence nearest to the question, and those that dropped sentences of the
    reply stood for, as far as they are nearly as near to the question.

    Args:
        passages: The notes that were read.
        shown: The reply as shown.
        cited: Where its sentences stand.
        dropped: Where its dropped sentences would have stood.
    """
    found: list[Place] = []
    for index, passage in enumerate(passages):
        if not passage.spans:
            continue
        # What is wrong and why is no sentence that a reply lacks.
        own = passage.scores[: passage.own]
        best = float(own.max())
        near = {int(own.argmax())}
        for lost in dropped:
            if lost.passage == index:
                near |= {
                    number
                    for number in _within(passage, lost.span)
                    if number < len(own) and float(passage.scores[number]) >= best - _NEARLY
                }
        for number in sorted(near):
            span = passage.spans[number]
            if not _held(passage, index, span, shown, cited):
                found.append(Place(index, span))
    return found[:_MOST]


def _within(passage: Passage, span: Span) -> list[int]:
    return [
        number
        for number, own in enumerate(passage.spans)
        if own.start < span.end and span.start < own.end
    ]


def _held(passage: Passage, index: int, span: Span, shown: str, cited: Sequence[Place]) -> bool:
    """Whether a reply says a sentence already, or could not quote it well."""
    words = span.of(passage.text)
    if len(words) > _CHARS or "```" in words or words.lstrip().startswith("|"):
        return True
    said = overlap(words, shown)
    cites = any(
        held.passage == index and held.span.start <= span.start and span.end <= held.span.end
        for held in cited
    )
    across = detect_lang(words) != detect_lang(shown)
    return said >= _SAID or (cites and (across or said >= _SAID / 2))
