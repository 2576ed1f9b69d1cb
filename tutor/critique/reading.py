"""Texts read once by the encoder: clauses, their token vectors, and windows of neighbouring clauses."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from tutor.critique.units import content_units, split_clauses
from tutor.notes.text import normalise, words
from tutor.notes.types import Span
from tutor.search.types import Encoder, Side

Vectors = NDArray[np.float32]
_WINDOW = 3  # clauses; a point is rarely spread over more


@runtime_checkable
class TokenEncoder(Encoder, Protocol):
    """An encoder that also gives the contextual vector of every token."""

    def token_vectors(self, texts: Sequence[str], *, side: Side = "query") -> list[Vectors]:
        """Unit vectors of each text's tokens, one row a token."""


def encode_tokens(encoder: Encoder, texts: Sequence[str]) -> list[Vectors]:
    """Token vectors of each text; word by word where the encoder has no token vectors."""
    if not texts:
        return []
    if isinstance(encoder, TokenEncoder):
        rows = encoder.token_vectors(texts)
    else:
        rows = [encoder.encode(words(text) or [text]) for text in texts]
    return [
        row if len(row) else encoder.encode([text]) for row, text in zip(rows, texts, strict=True)
    ]


def pool(tokens: Vectors) -> Vectors:
    """Unit mean of token vectors."""
    mean = tokens.mean(axis=0)
    unit: Vectors = mean / max(float(np.linalg.norm(mean)), 1e-9)
    return unit


@dataclass(frozen=True)
class Passage:
    """One short text with its token vectors: a key point, a question."""

    text: str
    tokens: Vectors

    @cached_property
    def vector(self) -> Vectors:
        """Unit vector of the whole text."""
        return pool(self.tokens)

    @cached_property
    def units(self) -> frozenset[str]:
        """Its content units."""
        return content_units(self.text)


@dataclass(frozen=True)
class Window:
    """One clause, or up to three neighbouring ones of the same sentence or the next."""

    span: Span
    text: str
    first: int
    last: int
    tokens: Vectors
    vector: Vectors


@dataclass(frozen=True)
class Reading:
    """A longer text as clauses and windows over them.

    Attributes:
        text: The text, verbatim.
        spans: Its clauses, in order, doubles left out.
        sentences: Number of the sentence of each clause.
        tokens: Token vectors of each clause.
    """

    text: str
    spans: tuple[Span, ...]
    sentences: tuple[int, ...]
    tokens: tuple[Vectors, ...]

    @cached_property
    def said(self) -> str:
        """The clauses' own words: the text without what was left out."""
        return " ".join(span.of(self.text) for span in self.spans)

    @cached_property
    def clause_vectors(self) -> Vectors:
        """Unit vectors of the clauses, one row each."""
        return np.stack([pool(rows) for rows in self.tokens])

    @cached_property
    def all_tokens(self) -> Vectors:
        """Token vectors of all clauses."""
        return np.concatenate(self.tokens)

    @cached_property
    def units(self) -> frozenset[str]:
        """Content units of all clauses."""
        return frozenset().union(*(content_units(span.of(self.text)) for span in self.spans))

    @cached_property
    def windows(self) -> tuple[Window, ...]:
        """All runs of one to three neighbouring clauses."""
        found = []
        count = len(self.spans)
        for first in range(count):
            for last in range(first, min(first + _WINDOW, count)):
                if self.sentences[last] - self.sentences[first] > 1:
                    break
                rows = np.concatenate(self.tokens[first : last + 1])
                span = Span(self.spans[first].start, self.spans[last].end)
                text = " ".join(piece.of(self.text) for piece in self.spans[first : last + 1])
                found.append(Window(span, text, first, last, rows, pool(rows)))
        return tuple(found)

    @cached_property
    def window_vectors(self) -> Vectors:
        """Unit vectors of the windows, one row each."""
        return np.stack([window.vector for window in self.windows])

    def without(self, drop: Sequence[bool]) -> "Reading":
        """The reading with the marked clauses left out."""
        keep = [index for index, gone in enumerate(drop) if not gone]
        return Reading(
            self.text,
            tuple(self.spans[index] for index in keep),
            tuple(self.sentences[index] for index in keep),
            tuple(self.tokens[index] for index in keep),
        )


def read_passages(encoder: Encoder, texts: Sequence[str]) -> list[Passage]:
    """Each text as a passage."""
    rows = encode_tokens(encoder, texts)
    return [Passage(text, tokens) for text, tokens in zip(texts, rows, strict=True)]


def read_text(encoder: Encoder, text: str, kept: Sequence[Span] | None = None) -> Reading:
    """A text, or the kept spans of it, as clauses; a clause said before counts once."""
    seen: set[str] = set()
    spans: list[Span] = []
    sentences: list[int] = []
    for span, sentence in _clauses_of(text, kept):
        key = "".join(char for char in normalise(span.of(text)).lower() if char.isalnum())
        if key in seen:
            continue
        seen.add(key)
        spans.append(span)
        sentences.append(sentence)
    tokens = encode_tokens(encoder, [span.of(text) for span in spans])
    return Reading(text, tuple(spans), tuple(sentences), tuple(tokens))


def _clauses_of(text: str, kept: Sequence[Span] | None) -> list[tuple[Span, int]]:
    found: list[tuple[Span, int]] = []
    for keep in [Span(0, len(text))] if kept is None else kept:
        first = found[-1][1] + 1 if found else 0
        found += [
            (Span(keep.start + span.start, keep.start + span.end), first + sentence)
            for span, sentence in split_clauses(keep.of(text))
        ]
    return found
