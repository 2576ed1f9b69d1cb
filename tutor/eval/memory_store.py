"""A vector index in memory, for the many small contexts of a data set; search is exact."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tutor.search.store import Change, Hit, Progress, VectorStore
from tutor.search.types import Chunk, Encoder


class MemoryStore(VectorStore):
    """The vectors of a few notes, without a file: opening Chroma takes longer than searching them.

    Args:
        encoder: Embedding model.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.rebuilt = False
        self._held: list[Chunk] = []
        self._rows = np.zeros((0, encoder.dimension), dtype=np.float32)

    @property
    def words_folder(self) -> None:
        """Nowhere."""
        return None

    def ids(self) -> set[str]:
        """Ids of all stored chunks."""
        return {chunk.id for chunk in self._held}

    def sync(self, chunks: Sequence[Chunk], progress: Progress | None = None) -> Change:
        """Hold exactly these chunks."""
        before = self.ids()
        unique = {chunk.id: chunk for chunk in chunks}
        self._held = list(unique.values())
        self._rows = self._encoder.encode([chunk.text for chunk in self._held], side="passage")
        if progress:
            progress(len(self._held), len(self._held))
        return Change(len(unique.keys() - before), len(before - unique.keys()))

    def search(self, vectors: NDArray[np.float32], k: int) -> list[list[Hit]]:
        """The ``k`` nearest chunks of each vector, best first, by cosine similarity."""
        if not self._held:
            return [[] for _ in vectors]
        similarity = vectors @ self._rows.T
        order = np.argsort(-similarity, axis=1, kind="stable")[:, :k]
        return [
            [Hit(self._held[index].id, float(row[index])) for index in places]
            for row, places in zip(similarity, order, strict=True)
        ]

    def close(self) -> None:
        """Forget the vectors."""
        self._held = []
