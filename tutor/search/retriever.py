"""Hybrid search over notes: dense and BM25 scores, fused note by note."""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

import numpy as np

from tutor.errors import ModelError
from tutor.notes.text import detect_lang
from tutor.notes.types import Note
from tutor.search.bridge import bridge
from tutor.search.chunk import chunk_note, pack_sentences
from tutor.search.english import EnglishIndex
from tutor.search.fusion import fuse
from tutor.search.lexical import LexicalIndex
from tutor.search.spelling import Spelling
from tutor.search.store import Change, Hit, Progress, VectorStore
from tutor.search.types import Chunk, Encoder, Evidence, Reranker

_LOG = logging.getLogger(__name__)

RERANKED = 5
"""How many of the first notes a reranker looks at."""

# Chosen on the dev questions (docs/grounding.md has the table).
_YES_NO = 0.8  # what an answer that begins with yes or no gains under a question that asks for it
_POOL = 60  # how many pieces each leg brings
_ASKS_YES_NO = re.compile(
    r"(?:is|are|can|could|does|do(?! you know)|should|will|would|if)\b"
    r"|.*(?:吗|是否|能否|可否|会不会|能不能|要不要|是不是)",
    re.IGNORECASE,
)
_SAYS_YES_NO = re.compile(
    r"\W*(?:(?:yes|no|not|it depends)\b|(?:是的|可以|不是|不能|不会|不一定|能|会|否|对|不)[，,。；;、\s])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What indexing changed.

    Attributes:
        notes: Notes indexed.
        added: Pieces embedded.
        removed: Pieces dropped.
        rebuilt: True where a damaged index was made anew.
    """

    notes: int
    added: int
    removed: int
    rebuilt: bool


class Retriever:
    """Finds the notes that speak of a question.

    Args:
        store: Vector index, kept in step with the notes by `sync`.
        encoder: Embedding model of the store.
        dense: False drops the dense leg (used by the evals to show what it brings).
        lexical: False drops the BM25 leg.
        translate: Gives a question in another language (``zh`` or ``en``), or None; the translation
            is searched too where there are notes in that language.
        rerank: Looks again at the first `RERANKED` notes; one that fails changes nothing.
        english: Asked as well where question and notes are in English; None for one encoder only.
    """

    def __init__(
        self,
        store: VectorStore,
        encoder: Encoder,
        *,
        dense: bool = True,
        lexical: bool = True,
        translate: Callable[[str, str], str | None] | None = None,
        rerank: Reranker | None = None,
        english: EnglishIndex | None = None,
    ) -> None:
        self._store = store
        self._encoder = encoder
        self._use_dense = dense
        self._use_lexical = lexical
        self._translate = translate
        self._rerank = rerank
        self._english = english
        self._notes: list[Note] = []
        self._by_id: dict[str, Note] = {}
        self._chunks: dict[str, Chunk] = {}
        self._first_chunk: dict[str, Chunk] = {}
        self._lang_of: dict[str, str] = {}
        self._langs: list[str] = []
        self._says_yes_no: set[str] = set()
        self._in_english: set[str] = set()
        self._headed: set[str] = set()
        self._bm25 = LexicalIndex([])
        self._spelling = Spelling([], self._bm25)

    def sync(self, notes: Sequence[Note], progress: Progress | None = None) -> SyncReport:
        """Index exactly these notes; pieces that did not change are left as they are."""
        by_note = [(note, chunk_note(note)) for note in notes]
        chunks = [chunk for _, pieces in by_note for chunk in pieces]
        lang_of = {
            n.id: detect_lang(f"{n.question}\n{n.answer}") for n, pieces in by_note if pieces
        }
        change = self._index(chunks, lang_of, progress)
        self._notes = [note for note, pieces in by_note if pieces]
        self._by_id = {note.id: note for note in self._notes}
        self._chunks = {chunk.id: chunk for chunk in chunks}
        self._first_chunk = {note.id: pieces[-1] for note, pieces in by_note if pieces}
        self._lang_of = lang_of
        self._langs = sorted(set(lang_of.values()))
        self._in_english = {name for name, lang in lang_of.items() if lang == "en"}
        self._headed = {n.id for n in self._notes if n.question}
        self._says_yes_no = {n.id for n in self._notes if _SAYS_YES_NO.match(n.answer)}
        # The question counts twice: it is short, and it says what the note is about.
        self._bm25 = LexicalIndex(
            [f"{n.question}\n{n.question}\n{n.answer}\n{n.misconception}" for n in self._notes],
            self._store.words_folder,
        )
        self._spelling = Spelling(self._notes, self._bm25)
        return SyncReport(len(self._notes), change.added, change.removed, self._store.rebuilt)

    def _index(
        self, chunks: Sequence[Chunk], lang_of: Mapping[str, str], progress: Progress | None
    ) -> Change:
        """Embed what is new, with both encoders; told as one piece of work."""
        if self._english is None:
            return self._store.sync(chunks, progress)
        english = [chunk for chunk in chunks if lang_of[chunk.note_id] == "en"]
        second, first = self._english.missing(english), self._store.missing(chunks)

        def tell(before: int) -> Progress | None:
            return progress and (lambda done, _: progress(before + done, first + second))

        change = self._store.sync(chunks, tell(0))
        self._english.sync(english, tell(first))
        return change

    def respell(self, question: str) -> str:
        """A question without the typing errors that the notes' own words tell."""
        return self._spelling.mend(question)

    def search(self, query: str, *, k: int = 5, also: Sequence[str] = ()) -> list[Evidence]:
        """The ``k`` best notes for a query, best first.

        Notes in the other language are searched with the query's concepts named in theirs.

        Args:
            query: What the learner asks.
            k: How many notes.
            also: Other forms of the same question (a translation, a rewriting); a note gets the
                best score any form gives it.
        """
        if not self._notes:
            return []
        best: dict[str, Evidence] = {}
        for form in (query, *also, *self._translations(query)):
            for evidence in self._search_form(form):
                known = best.get(evidence.note_id)
                if known is None or evidence.score > known.score:
                    best[evidence.note_id] = evidence
        found = sorted(best.values(), key=lambda e: (-e.score, e.note_id))
        return self._reranked(query, found)[:k]

    def _reranked(self, query: str, found: list[Evidence]) -> list[Evidence]:
        """The first notes in the reranker's order; each place keeps the score it had."""
        first = found[:RERANKED]
        if self._rerank is None or len(first) < 2:
            return found
        scores = [evidence.score for evidence in first]
        try:
            order = self._rerank.order(query, [self._passage(e) for e in first], scores)
        except ModelError as error:
            _LOG.warning("notes not reranked: %s", error)
            return found
        if sorted(order) != list(range(len(first))):
            _LOG.warning("notes not reranked: %s is no order of %d notes", order, len(first))
            return found
        placed = [
            replace(first[place], score=score) for place, score in zip(order, scores, strict=True)
        ]
        return [*placed, *found[RERANKED:]]

    def _passage(self, evidence: Evidence) -> str:
        """A note's heading and the piece that matched, or where that is the heading, the first."""
        note = self._by_id[evidence.note_id]
        if evidence.span is not None or evidence.text != note.question:
            piece = evidence.text
        else:
            piece = next((span.of(note.answer) for span in pack_sentences(note.answer)), "")
        return f"{note.question}\n{piece}".strip()

    def _translations(self, query: str) -> list[str]:
        if self._translate is None:
            return []
        own = detect_lang(query)
        made = [self._translate(query, lang) for lang in self._langs if lang != own]
        return [text for text in made if text]

    def _search_form(self, query: str) -> list[Evidence]:
        similarity: dict[str, float] = {}
        piece: dict[str, Chunk] = {}
        second: dict[str, Chunk] = {}
        lexical: dict[str, float] = {}
        english: dict[str, float] = {}
        own = detect_lang(query)
        forms = {lang: query if lang == own else bridge(query, lang) for lang in self._langs}
        if self._use_dense:
            with self._beside(query, own) as theirs:
                vectors = self._encoder.encode(list(forms.values()), side="query")
            for lang, hits in zip(forms, self._store.search(vectors, _POOL), strict=True):
                self._keep_best(hits, lang, similarity, piece)
            self._keep_best(theirs, "en", english, second)
        if self._use_lexical:
            for lang, form in forms.items():
                self._search_lexical(form, lang, lexical)
        return self._fuse(query, similarity, lexical, english, second | piece)

    def _beside(self, query: str, lang: str) -> AbstractContextManager[list[Hit]]:
        """The encoder for English at work meanwhile, if there is one and it can read the query."""
        if self._english is None or lang != "en":
            return nullcontext([])
        return self._english.beside(query, _POOL)

    def _keep_best(
        self,
        hits: Sequence[Hit],
        lang: str,
        similarity: dict[str, float],
        piece: dict[str, Chunk],
    ) -> None:
        """The best piece of each note in a language."""
        for hit in hits:
            chunk = self._chunks.get(hit.chunk_id)
            if chunk is None or self._lang_of.get(chunk.note_id) != lang:
                continue
            if hit.similarity > similarity.get(chunk.note_id, -1):
                similarity[chunk.note_id] = hit.similarity
                piece[chunk.note_id] = chunk

    def _search_lexical(self, form: str, lang: str, lexical: dict[str, float]) -> None:
        scores = self._bm25.scores(form)
        for index in np.argsort(-scores, kind="stable")[:_POOL]:
            name = self._notes[index].id
            if scores[index] > 0 and self._lang_of[name] == lang:
                lexical[name] = float(scores[index])

    def _fuse(
        self,
        query: str,
        similarity: dict[str, float],
        lexical: dict[str, float],
        english: dict[str, float],
        piece: dict[str, Chunk],
    ) -> list[Evidence]:
        names = sorted(similarity.keys() | lexical.keys() | english.keys())
        floor = min(similarity.values(), default=0.0)
        fused = fuse(
            names,
            similarity,
            lexical,
            english,
            in_english=self._in_english,
            headed=self._headed,
        )
        sign = 1 if _ASKS_YES_NO.match(query) else -1
        fused += np.array([sign * _YES_NO * (name in self._says_yes_no) for name in names])
        found = []
        for name, score in zip(names, fused, strict=True):
            chunk = piece.get(name, self._first_chunk[name])
            found.append(
                Evidence(
                    note_id=name,
                    chunk_id=chunk.id,
                    text=chunk.text,
                    span=chunk.span,
                    score=float(score),
                    dense=similarity.get(name, floor),
                    lexical=lexical.get(name, 0.0),
                )
            )
        return found

    def close(self) -> None:
        """Let go of the index folders."""
        try:
            self._store.close()
        finally:
            if self._english is not None:
                self._english.close()
