"""The vector index: embedded Chroma through LangChain's interface; the only importer of chromadb.

One folder for one embedding model: another model, another dimension or another layout of the
index opens another folder, and the old one is removed. A file lock keeps a second process out,
since a Chroma client does not see what another process writes.
"""

import hashlib
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
from filelock import FileLock, Timeout
from langchain_core.documents import Document
from numpy.typing import NDArray

from tutor.errors import SearchError
from tutor.search.embed import LangChainEmbeddings
from tutor.search.types import Chunk, Encoder

if TYPE_CHECKING:
    from chromadb.api.client import Client

_LAYOUT = 1  # raise when what is stored changes
_BATCH = 64
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Hit:
    """One piece found: its chunk id and its cosine similarity."""

    chunk_id: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Change:
    """How many chunks a `VectorStore.sync` added and removed."""

    added: int
    removed: int


class VectorStore:
    """Chunk vectors on disk.

    Args:
        folder: Parent folder of the index; made if missing.
        encoder: Embedding model; its name and dimension key the index.

    Raises:
        SearchError: Another process owns the folder, or it cannot be written.
    """

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        self._encoder = encoder
        self._client: Client | None = None
        self.rebuilt = False
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(folder / "owner.lock")
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise SearchError(
                f"Another tutor is using the index in {folder}; stop it or set another "
                "TUTOR_DATA_DIR.",
                f"另一个进程正在使用 {folder} 中的索引；请先停止它，或另设 TUTOR_DATA_DIR。",
            ) from error
        except OSError as error:
            raise SearchError(
                f"The index folder {folder} cannot be written ({error.strerror}); choose another "
                "one with TUTOR_DATA_DIR.",
                f"索引目录 {folder} 无法写入（{error.strerror}）；请用 TUTOR_DATA_DIR 另选目录。",
            ) from error
        key = f"{_LAYOUT}\0{encoder.name}\0{encoder.dimension}"
        self._key = hashlib.sha256(key.encode()).hexdigest()[:12]
        self.folder = self._current(folder)
        for old in folder.iterdir():
            if old.is_dir() and old != self.folder:
                shutil.rmtree(old, ignore_errors=True)
        self._open()

    def _current(self, folder: Path) -> Path:
        """The folder of this model's index: the latest, where it was made anew."""
        rounds = [
            int(old.name[13:]) for old in folder.glob(f"{self._key}-*") if old.name[13:].isdigit()
        ]
        return folder / f"{self._key}-{max(rounds, default=0)}"

    @property
    def words_folder(self) -> Path | None:
        """Where the index of words is kept beside the vectors; None where nothing is kept."""
        return self.folder / "words"

    def _open(self) -> None:
        from chromadb import PersistentClient
        from langchain_chroma import Chroma

        existed = self.folder.exists()
        try:
            self._client = cast("Client", PersistentClient(self.folder))
            self._chroma = Chroma(
                collection_name="notes",
                embedding_function=LangChainEmbeddings(self._encoder),
                client=self._client,
                collection_configuration={"hnsw": {"space": "cosine"}},
                collection_metadata={"embedding": self._encoder.name},
            )
            self._collection = self._client.get_collection("notes")
            # Damage often shows only on the first read.
            self._chroma.get(limit=1, include=["embeddings"])
        except Exception as error:  # chromadb raises many types, one of them from Rust
            if not existed:
                raise SearchError(
                    f"The index cannot be created in {self.folder.parent} ({error}); free disk "
                    "space or choose another TUTOR_DATA_DIR.",
                    f"无法在 {self.folder.parent} 建立索引（{error}）；请清理磁盘或另设 TUTOR_DATA_DIR。",
                ) from error
            self._discard()

    def _discard(self) -> None:
        """Drop a damaged index and open an empty one; the notes fill it again."""
        self._release()
        shutil.rmtree(self.folder, ignore_errors=True)
        # Under a new name: chromadb remembers, for the life of the process, a path that failed.
        number = int(self.folder.name[13:]) + 1
        self.folder = self.folder.with_name(f"{self._key}-{number}")
        self.rebuilt = True
        self._open()

    def _release(self) -> None:
        """Close our own client, and only ours: chromadb shares state between clients."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def ids(self) -> set[str]:
        """Ids of all stored chunks."""
        return set(self._chroma.get(include=[])["ids"])

    def missing(self, chunks: Sequence[Chunk]) -> int:
        """How many of these chunks are not stored yet; all of them where the index is damaged."""
        try:
            present = self.ids()
        except Exception:  # as in _open; `sync` makes it anew
            return len(chunks)
        return len({chunk.id for chunk in chunks} - present)

    def sync(self, chunks: Sequence[Chunk], progress: Progress | None = None) -> Change:
        """Make the index hold exactly ``chunks``; only what changed is embedded.

        Args:
            chunks: What to hold.
            progress: Told how many of the new chunks are done.
        """
        try:
            present = self.ids()
        except Exception:  # as in _open
            self._discard()
            present = set()
        wanted = {chunk.id: chunk for chunk in chunks}
        gone = sorted(present - wanted.keys())
        new = [chunk for identity, chunk in wanted.items() if identity not in present]
        for start in range(0, len(gone), 1000):
            self._chroma.delete(ids=gone[start : start + 1000])
        for start in range(0, len(new), _BATCH):
            batch = new[start : start + _BATCH]
            self._chroma.add_documents(
                [
                    Document(chunk.text, metadata={"note_id": chunk.note_id, "kind": chunk.kind})
                    for chunk in batch
                ],
                ids=[chunk.id for chunk in batch],
            )
            if progress:
                progress(min(start + _BATCH, len(new)), len(new))
        return Change(len(new), len(gone))

    def search(self, vectors: NDArray[np.float32], k: int) -> list[list[Hit]]:
        """The ``k`` nearest chunks of each vector, best first, by cosine similarity.

        Asked of the collection itself: LangChain's search takes one vector at a time and fetches the
        text of every piece, which costs three quarters of the time.
        """
        try:
            found = self._collection.query(
                query_embeddings=vectors, n_results=k, include=["distances"]
            )
            rows = list(zip(found["ids"], found["distances"] or [], strict=True))
        except Exception as error:
            raise SearchError(
                f"The index is damaged ({error}); restart the tutor and it will be rebuilt.",
                f"索引已损坏（{error}）；重新启动后会自动重建。",
            ) from error
        return [
            [Hit(name, 1.0 - float(far)) for name, far in zip(ids, distances, strict=True)]
            for ids, distances in rows
        ]

    def close(self) -> None:
        """Let go of the folder."""
        self._release()
        self._lock.release()
