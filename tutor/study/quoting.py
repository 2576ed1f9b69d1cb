"""Answers in the notes' own words: which sentences of a note answer a question.

Beside most questions two or three sentences do; docs/grounding.md says how many of the right ones
are chosen.
"""

import re
from collections.abc import Collection, Sequence

import numpy as np

from tutor.llm.prompts import about_tokens
from tutor.notes.text import overlap
from tutor.notes.types import Note, Span
from tutor.study.followups import own_words
from tutor.study.passages import Passage, table_heads
from tutor.study.subjects import COMPARES
from tutor.study.titles import asks_for

_MOST = 3  # sentences, beside those they lean on
_MOST_OF_MANY = 5  # where several things are asked, or each was read
_ANSWERS = 0.2  # least probability of a sentence that is quoted, where sentences were read
_CLOSE = 0.08  # fit below the best sentence's with which another still belongs to the answer
_LETTERS = 4  # least letters of a sentence; "4." is none
_LEANS_ON = 2  # sentences before one that leans on the one before it
_TABLE_ROWS = 12  # above a row that is quoted
_WHOLE_TOKENS = 260  # of a note that is asked for as a whole
_SAME = 0.75  # share of words that makes a question the note's own
_MANY = re.compile(
    r"哪些|哪几|几种|几个|分别|各自|各有|步骤|流程|过程|优缺点|和.{1,12}呢|列举|"
    r"\b(?:which|list|steps?|types?|kinds?|ways|respectively|pros and cons|each)\b",
    re.IGNORECASE,
)
_LEADS_ON = re.compile(r"[：:]\s*$")
_LABELLED = re.compile(
    r"\s*(?:[-*+]|\d+[.)、])\s*\**[^。；;!?！？：:]{1,30}\**\s*[：:]"
)  # "- **tanh**：…"
# A sentence that begins so says little without the one before it: a word for something named there,
# or no subject at all.
_LEANS = re.compile(
    r"^(?:它|他们|它们|这|此|该|其|前者|后者|因此|所以|于是|否则|但|而|不过|然而|同理|同样|反之|反过来|两者|二者|"
    r"(?:主要)?(?:优点|缺点|好处|坏处|代价|局限|不足)|越|不用|不需|需要|可以|可理解|能(?!量)|会|常用(?!的)|适合|适用|用于|"
    r"做不到|不然|例如|比如|换句话说|换言之|也就是说|"
    r"(?:it|they|this|that|these|those|both|the former|the latter|so|therefore|thus|hence|but|"
    r"however|otherwise|instead|for example|for instance|in other words)\b)",
    re.IGNORECASE,
)


def choose_quotes(passage: Passage, question: str, *, least: float = _ANSWERS) -> list[Span]:
    """The sentences of a note that answer the question best, neighbours joined, in the note's order.

    A question that is the note's own asks for the whole: its key points are quoted.

    Args:
        passage: The note, its sentences scored against the question.
        question: As it stands alone.
        least: Probability from which a sentence that was read is quoted.
    """
    note = passage.note
    if not passage.spans:
        return []
    if asks_whole(question, note) and (whole := _key_sentences(passage)):
        return _quoted_spans(passage, whole)
    several = passage.answers is not None or _MANY.search(question) or COMPARES.search(question)
    most = _MOST_OF_MANY if several else _MOST
    texts = passage.texts
    rating = passage.scores.astype(np.float64) if passage.answers is None else passage.answers
    order = np.argsort(-rating, kind="stable").tolist()
    worded = [at for at in order if sum(char.isalpha() for char in texts[at]) >= _LETTERS]
    pool = (worded or order)[:most]  # of a note that is one formula, the formula
    best = float(rating[pool[0]])
    lowest = best - _CLOSE if passage.answers is None else min(least, best)
    kept = {at for at in pool if float(rating[at]) >= lowest}
    return _quoted_spans(passage, kept)


def _quoted_spans(passage: Passage, chosen: Collection[int]) -> list[Span]:
    """Sentences with what they lean on, neighbours joined, in the note's order."""
    kept: set[int] = set()
    for index in chosen:
        kept |= _with_context(passage, index)
    return _joined(passage.spans, sorted(kept))


def asks_whole(question: str, note: Note) -> bool:
    """Whether a question is the note's own, in nearly the same words, or names its topic only."""
    return is_own(question, note) or asks_for(question, note.question)


def is_own(question: str, note: Note) -> bool:
    """Whether a question is the note's own, in nearly the same words."""
    there, back = overlap(question, note.question), overlap(note.question, question)
    return there >= _SAME and back >= _SAME


def _key_sentences(passage: Passage) -> list[int]:
    """Sentences that hold the note's required key points, as far as they can be read in a reply."""
    found: set[int] = set()
    room = _WHOLE_TOKENS
    for point in own_words(passage.note, "simpler"):
        for index, span in enumerate(passage.spans):
            if span.start < point.end and point.start < span.end and index not in found:
                cost = about_tokens(span.of(passage.text))
                if cost <= room or not found:
                    found.add(index)
                    room -= cost
    return sorted(found)


def _with_context(passage: Passage, index: int) -> set[int]:
    """A sentence, with the one before it that it leans on and what follows a lead-in.

    A row of a table comes with the heading of the table and the rows between, or a few of them.
    """
    texts = passage.texts
    head = table_heads(passage.note.answer).get(index, index)
    found = {index, head}
    if index - head <= _TABLE_ROWS:
        found |= set(range(head, index))
    for at in range(index, max(index - _LEANS_ON, 0), -1):
        if not _leans(texts[at], texts[at - 1]):
            break
        found.add(at - 1)
    if _LEADS_ON.search(texts[index]) and index + 1 < len(texts):
        found.add(index + 1)
    return found | _of_item(passage, index)


def _leans(text: str, before: str) -> bool:
    """Whether a sentence says little without the one before it, or goes on with it ("…; many …")."""
    goes_on = before.rstrip().endswith(";") and text[:1].islower()
    return bool(goes_on or _LEANS.match(text.lstrip("*- ")) or _LEADS_ON.search(before))


def _of_item(passage: Passage, index: int) -> set[int]:
    """What stands before a sentence in its item of a list, whose label says what it is about."""
    spans, found = passage.spans, set[int]()
    for at in range(index, max(index - _LEANS_ON, 0), -1):
        if "\n" in passage.text[spans[at - 1].end : spans[at].start]:
            break
        found.add(at - 1)
        if _LABELLED.match(passage.texts[at - 1]):
            return found
    return set()


def _joined(spans: Sequence[Span], indexes: Sequence[int]) -> list[Span]:
    found: list[Span] = []
    last = -2
    for index in indexes:
        if index == last + 1 and found:
            found[-1] = Span(found[-1].start, spans[index].end)
        else:
            found.append(spans[index])
        last = index
    return found
