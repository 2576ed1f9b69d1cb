"""A second index, of the English pieces only, by a model that reads nothing but English.

An encoder for a hundred languages knows each of them less well than one of the same kind for one
language. Questions in English are looked up by both where there are notes in English.
"""

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from threadpoolctl import ThreadpoolController

from tutor.search.store import Hit, Progress, VectorStore
from tutor.search.types import Chunk, Encoder

_LOG = logging.getLogger(__name__)


class EnglishIndex:
    """The English pieces as a second encoder sees them; opened once there are any.

    Args:
        folder: Parent folder of the index, none else's.
        encoder: Reads English.
    """

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        self._folder = folder
        self._encoder = encoder
        self._store: VectorStore | None = None
        self._filled = False
        self._broken = False
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="english")
        self._pools: ThreadpoolController | None = None

    def missing(self, chunks: Sequence[Chunk]) -> int:
        """How many of these pieces `sync` would have to embed."""
        store = self._for(chunks)
        return store.missing(chunks) if store is not None else 0

    def _for(self, chunks: Sequence[Chunk]) -> VectorStore | None:
        """The index, opened once there are pieces; None where it or the model cannot be used."""
        if chunks and self._store is None and not self._broken:
            try:
                self._store = VectorStore(self._folder, self._encoder)
            except Exception:  # a damaged model raises nearly anything
                self._give_up("opened")
        return self._store

    def _give_up(self, what: str) -> None:
        self._broken, self._filled = True, False
        _LOG.warning("the second encoder, for English, is not used: not %s", what, exc_info=True)

    def sync(self, chunks: Sequence[Chunk], progress: Progress | None = None) -> None:
        """Make the index hold exactly these pieces."""
        store = self._for(chunks)
        self._filled = False
        if store is None or self._broken:
            return
        try:
            store.sync(chunks, progress)
            self._filled = bool(chunks)
        except Exception:
            self._give_up("filled")

    @contextmanager
    def beside(self, query: str, k: int) -> Iterator[list[Hit]]:
        """Look for the ``k`` nearest pieces while the caller's block runs.

        Yields:
            The pieces, best first; filled when the block ends, and empty where there is no English or
            the second encoder fails.
        """
        found: list[Hit] = []
        if not self._filled:
            yield found
            return
        begun = self._worker.submit(self._search, query, k)
        try:
            # A question is so short that a second core does not make one model quicker, but two
            # models in a row take as long as both.
            with self._one_thread():
                yield found
        except BaseException:
            begun.cancel()
            raise
        try:
            found += begun.result()
        except Exception:
            self._give_up("searched")

    def _search(self, query: str, k: int) -> list[Hit]:
        assert self._store is not None  # noqa: S101 -- filled
        with self._one_thread():
            vectors = self._encoder.encode([query], side="query")
        return self._store.search(vectors, k)[0]

    def _one_thread(self) -> AbstractContextManager[object]:
        """Holds the calling thread's matrix products to one core."""
        if self._pools is None:
            self._pools = ThreadpoolController()  # finds the libraries that are loaded by now
        held: AbstractContextManager[object] = self._pools.limit(limits=1, user_api="openmp")
        return held

    def close(self) -> None:
        """Let go of the index."""
        self._filled = False
        self._worker.shutdown()
        if self._store is not None:
            self._store.close()
