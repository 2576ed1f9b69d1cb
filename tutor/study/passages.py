"""A note as a row of sentences: what a reply is written from and what it is checked against."""

from collections.abc import Sequence
from dataclasses import dataclass
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
from tutor.study.reply import mask_formulas

_QUOTE_CHARS = 280


@dataclass(frozen=True, slots=True)
class Passage:
    """A note's answer, cut into sentences.

    Attributes:
        note: The note.
        spans: Sentences of the answer; a display formula or code block is one sentence.
        scores: How well each sentence fits the question; similarity and shared terms, about 0 to 1.3.
        answers: Probability that each sentence answers the question, 0 where it was not read; None
            where none was (`tutor.study.answer_reader`).
    """

    note: Note
    spans: tuple[Span, ...]
    scores: NDArray[np.float32]
    answers: NDArray[np.float64] | None = None

    @property
    def texts(self) -> list[str]:
        """The sentences."""
        return [span.of(self.note.answer) for span in self.spans]


@lru_cache(maxsize=4096)
def split_note(answer: str) -> tuple[Span, ...]:
    """Sentences of an answer; formulas and code are never cut."""
    return tuple(split_sentences(mask_formulas(answer)))


def read_passage(note: Note, question: str, encoder: Encoder) -> Passage:
    """The note's sentences, each compared with the question as the evidence gate compares them.

    Similarity alone puts a sentence that answers first in .57 of our study questions; with the
    question's terms, looked for also in the heading and the sentences beside it, in .64.
    """
    spans = split_note(note.answer)
    whole = [span.of(note.answer) for span in spans]
    texts = [row_words(whole, at) for at in range(len(whole))]
    if not texts:
        return Passage(note, (), np.zeros(0, dtype=np.float32))
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
    return Passage(note, spans, np.asarray(scores, dtype=np.float32))


def table_start(texts: Sequence[str], index: int) -> int:
    """Number of the heading row above a row of a Markdown table; ``index`` where it is no row."""
    start = index
    while _is_row(texts[start]) and start and _is_row(texts[start - 1]):
        start -= 1
    return start


def row_words(texts: Sequence[str], index: int) -> str:
    """A sentence; of a table's row its cells, each behind the heading of its column."""
    start = table_start(texts, index)
    if start == index:
        return texts[index]
    heads, cells = _cells(texts[start]), _cells(texts[index])
    named = [
        f"{head} {cell}".strip() for head, cell in zip(heads[1:], cells[1:], strict=False) if cell
    ]
    return f"{cells[0]}: {'; '.join(named)}" if cells and named else texts[index]


def _is_row(text: str) -> bool:
    return text.lstrip().startswith("|") and text.count("|") > 1


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


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
    """The sentences nearest to the question, in the note's order, within about so many tokens."""
    whole = passage.note.answer
    if about_tokens(whole) <= tokens:
        return whole
    kept: set[int] = set()
    room = tokens
    for index in np.argsort(-passage.scores, kind="stable"):
        cost = about_tokens(passage.spans[index].of(whole))
        if cost <= room:
            kept.add(int(index))
            room -= cost
    if not kept:
        return best_window(passage).of(whole)
    parts: list[str] = []
    for index in sorted(kept):
        parts.append(passage.spans[index].of(whole))
    return "\n".join(parts)
