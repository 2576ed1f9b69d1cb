"""A note as a row of sentences: what a reply is written from and what it is checked against."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tutor.llm.prompts import about_tokens
from tutor.notes.text import detect_lang, split_sentences
from tutor.notes.types import Note, Span
from tutor.search.asking import asked_kinds, content_terms, coverage, holds
from tutor.search.bridge import bridge
from tutor.search.gate import SIMILARITY, WITHOUT_KIND
from tutor.search.types import Encoder
from tutor.study.denied import MISCONCEPTION
from tutor.study.reply import mask_formulas

_QUOTE_CHARS = 280
_BREAK = "\n\n"
_ROW = re.compile(r"^[ \t]*\|.*$", re.MULTILINE)
_RULE = re.compile(r"\n[ \t]*\|?[ \t]*:?-{2,}")  # under the heading of a table
_BLANK = re.compile(r"\n[ \t]*\n")
_BAR = re.compile(r"(?<!\\)\|")
_ENDS = re.compile(r"[。；;！!？?]")  # of sentences; of one letter each, so that places stay


@dataclass(frozen=True, slots=True)
class Passage:
    """A note's answer, cut into sentences, and behind it the misconception its author names.

    Attributes:
        note: The note.
        spans: Sentences of `text`; a display formula or code block is one sentence, and so is the
            misconception, since its beginning alone says what is wrong.
        scores: How well each sentence fits the question; similarity and shared terms, about 0 to 1.3.
        answers: Probability that each sentence answers the question, 0 where it was not read; None
            where none was (`tutor.study.answer_reader`).
    """

    note: Note
    spans: tuple[Span, ...]
    scores: NDArray[np.float32]
    answers: NDArray[np.float64] | None = None

    @property
    def text(self) -> str:
        """What the spans are places of: the answer and, so named, the misconception."""
        return full_text(self.note)

    @property
    def texts(self) -> list[str]:
        """The sentences."""
        whole = self.text
        return [span.of(whole) for span in self.spans]

    def words(self, index: int) -> str:
        """A sentence as it is read by itself: a table's row with the headings of its columns."""
        if self.is_wrong(index):
            return self.spans[index].of(self.text)
        return row_words(self.note.answer, index)

    @property
    def own(self) -> int:
        """Number of sentences of the answer itself; what follows is the misconception."""
        return sum(span.end <= len(self.note.answer) for span in self.spans)

    def is_wrong(self, index: int) -> bool:
        """Whether a sentence is the misconception."""
        return index >= self.own


def full_text(note: Note) -> str:
    """A note's answer, and behind it the misconception that its author names, called one."""
    if not note.misconception:
        return note.answer
    label = MISCONCEPTION.get(note.lang, MISCONCEPTION["en"])
    return f"{note.answer}{_BREAK}{label}{note.misconception}"


@lru_cache(maxsize=4096)
def split_note(answer: str) -> tuple[Span, ...]:
    """Sentences of an answer; formulas, code and rows of tables are never cut."""
    return tuple(split_sentences(_ROW.sub(_mask_row, mask_formulas(answer))))


def _mask_row(row: re.Match[str]) -> str:
    return _ENDS.sub("，", row.group())


def _unscored(note: Note) -> Passage:
    spans = split_note(note.answer)
    if spans and len(whole := full_text(note)) > len(note.answer):
        spans = (*spans, Span(len(note.answer) + len(_BREAK), len(whole)))
    return Passage(note, spans, np.zeros(len(spans), dtype=np.float32))


def passage_texts(note: Note) -> list[str]:
    """What of a note `read_passage` embeds: its sentences, rows of tables with their columns."""
    return _all_words(_unscored(note))


def _all_words(passage: Passage) -> list[str]:
    return [passage.words(at) for at in range(len(passage.spans))]


def read_passage(note: Note, question: str, encoder: Encoder) -> Passage:
    """The note's sentences, each compared with the question as the evidence gate compares them.

    Similarity alone puts a sentence that answers first in .57 of our study questions; with the
    question's terms, looked for also in the heading and the sentences beside it, in .64.
    """
    passage = _unscored(note)
    if not passage.spans:
        return passage
    texts = _all_words(passage)
    vectors = encoder.encode(texts, side="passage")
    own = note.lang if note.lang in ("zh", "en") else detect_lang(note.answer)
    form = question if detect_lang(question) == own else bridge(question, own)
    asked = encoder.encode([form], side="query")[0]
    terms, kinds = content_terms(question), asked_kinds(question)
    fits = [
        coverage(terms, "\n".join([note.question, *texts[max(0, at - 1) : at + 2]]))
        - WITHOUT_KIND * (not all(holds(kind, text, question) for kind in kinds))
        for at, text in enumerate(texts)
    ]
    scores = vectors @ asked + np.array(fits) / SIMILARITY
    return replace(passage, scores=np.asarray(scores, dtype=np.float32))


@lru_cache(maxsize=4096)
def table_heads(answer: str) -> Mapping[int, int]:
    """For each sentence that is a row of a Markdown table, the number of the row that heads it."""
    spans = split_note(answer)
    heads: dict[int, int] = {}
    for index in range(1, len(spans)):
        between = answer[spans[index - 1].end : spans[index].start]
        if _is_row(spans[index].of(answer)) and _is_row(spans[index - 1].of(answer)):
            if _RULE.search(between):
                heads[index] = index - 1
            elif index - 1 in heads and not _BLANK.search(between):
                heads[index] = heads[index - 1]
    return heads


def row_words(answer: str, index: int) -> str:
    """A sentence of an answer; of a table's row its cells, each behind the heading of its column."""
    spans = split_note(answer)
    text = spans[index].of(answer)
    head = table_heads(answer).get(index)
    if head is None:
        return text
    heads, cells = _cells(spans[head].of(answer)), _cells(text)
    named = [
        f"{name} {cell}".strip() for name, cell in zip(heads[1:], cells[1:], strict=False) if cell
    ]
    return f"{cells[0]}: {'; '.join(named)}" if named else text


def _is_row(text: str) -> bool:
    return text.lstrip().startswith("|") and text.count("|") > 1


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in _BAR.split(row.strip().strip("|"))]


def best_window(passage: Passage, *, chars: int = _QUOTE_CHARS) -> Span:
    """The consecutive sentences that fit the question best, about ``chars`` characters of them."""
    if not passage.spans:
        return Span(0, 0)
    best, chosen = -9.0, passage.spans[0]
    for first in range(len(passage.spans)):
        last = first
        while (
            last + 1 < len(passage.spans)
            and passage.spans[last + 1].end - passage.spans[first].start <= chars
        ):
            last += 1
        scores = np.sort(passage.scores[first : last + 1])[::-1]
        score = float(scores[0] + 0.5 * scores[:3].mean())
        if score > best:
            best, chosen = score, Span(passage.spans[first].start, passage.spans[last].end)
    return chosen


def excerpt(passage: Passage, tokens: int) -> str:
    """The answer's sentences nearest to the question, in its order, within about so many tokens.

    Without the misconception: a small model would repeat it as what the note says.
    """
    whole = passage.note.answer
    if about_tokens(whole) <= tokens:
        return whole
    own = passage.own
    answer = replace(passage, spans=passage.spans[:own], scores=passage.scores[:own])
    kept: set[int] = set()
    room = tokens
    for index in np.argsort(-answer.scores, kind="stable"):
        cost = about_tokens(answer.spans[index].of(whole))
        if cost <= room:
            kept.add(int(index))
            room -= cost
    if not kept:
        return best_window(answer).of(whole)
    parts: list[str] = []
    for index in sorted(kept):
        parts.append(passage.spans[index].of(whole))
    return "\n".join(parts)
