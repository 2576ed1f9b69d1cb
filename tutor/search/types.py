"""What search takes and returns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from tutor.notes.types import Span

Side = Literal["query", "passage"]


class Encoder(Protocol):
    """Turns texts into unit vectors; the seam every embedding-based part takes as an argument."""

    @property
    def name(self) -> str:
        """Name of the model, as kept in the index."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    def encode(self, texts: Sequence[str], *, side: Side = "query") -> NDArray[np.float32]:
        """Unit vectors, one row a text: shape ``(len(texts), dimension)``."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """An indexed piece of one note; never crosses into a neighbour.

    Attributes:
        id: Digest of the note id and the text, so that an unchanged piece keeps its id.
        note_id: The note it belongs to.
        text: What is embedded.
        span: Where it stands in the note's answer; None where it is not of the answer.
        kind: ``question``, ``misconception`` or ``answer``.
    """

    id: str
    note_id: str
    text: str
    span: Span | None
    kind: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A retrieved note with the piece that matched best.

    Attributes:
        note_id: The note.
        chunk_id: Its best piece.
        text: That piece's text.
        span: Where the piece stands in the note's answer; None if the question or the misconception
            matched.
        score: Fused score; higher is better; comparable only within one search.
        dense: Best cosine similarity of the note's pieces to the query, -1 to 1.
        lexical: BM25 score of the note (0 where no token matches).
    """

    note_id: str
    chunk_id: str
    text: str
    span: Span | None
    score: float
    dense: float = 0.0
    lexical: float = 0.0


class Reranker(Protocol):
    """Looks again at the first notes of a search, with more care than a search has time for."""

    def order(
        self, question: str, passages: Sequence[str], scores: Sequence[float]
    ) -> Sequence[int]:
        """The passages' places, best first, each of them once.

        Args:
            question: What the learner asks.
            passages: The first notes, each by its heading and the piece that matched, best first.
            scores: What the search gave them.

        Raises:
            ModelError: The passages could not be judged; the search's own order then stands.
        """
