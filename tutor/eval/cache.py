"""What was computed once: outcomes and vectors, kept on disk so that a run can be taken up again."""

import hashlib
import json
import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tutor.errors import EvalError
from tutor.eval.types import Outcome
from tutor.search.types import Encoder, Side

_TABLES = """
CREATE TABLE IF NOT EXISTS outcomes (key TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS vectors (key TEXT PRIMARY KEY, body BLOB NOT NULL);
"""


class Cache:
    """Outcomes by key and vectors by text, in one SQLite file; safe to share between threads.

    Args:
        folder: Made if missing; None keeps everything in memory.

    Raises:
        EvalError: The folder cannot be written.
    """

    def __init__(self, folder: Path | None) -> None:
        self._lock = threading.Lock()
        try:
            if folder is not None:
                folder.mkdir(parents=True, exist_ok=True)
            place = ":memory:" if folder is None else str(folder / "cache.sqlite")
            self._connection = sqlite3.connect(place, check_same_thread=False, timeout=60)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.executescript(_TABLES)
        except (OSError, sqlite3.Error) as error:
            raise EvalError(
                f"The cache folder {folder} cannot be used ({error}); set TUTOR_CACHE_DIR to "
                "another one, or delete it.",
                f"缓存目录 {folder} 不可用（{error}）；请另设 TUTOR_CACHE_DIR，或删除该目录。",
            ) from error

    def outcome(self, key: str) -> Outcome | None:
        """The outcome kept under the key."""
        with self._lock:
            found = self._connection.execute(
                "SELECT body FROM outcomes WHERE key = ?", (key,)
            ).fetchone()
        return Outcome(**json.loads(found[0])) if found else None

    def keep(self, key: str, outcome: Outcome) -> None:
        """Keep an outcome; at once on disk, so that an interrupted run loses nothing."""
        body = json.dumps(asdict(outcome), ensure_ascii=False)
        with self._lock, self._connection:
            self._connection.execute("INSERT OR REPLACE INTO outcomes VALUES (?, ?)", (key, body))

    def vectors(self, keys: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """The vectors kept under these keys."""
        found: dict[str, NDArray[np.float32]] = {}
        with self._lock:
            for start in range(0, len(keys), 500):
                part = list(keys[start : start + 500])
                marks = ",".join("?" * len(part))
                rows = self._connection.execute(
                    f"SELECT key, body FROM vectors WHERE key IN ({marks})",  # noqa: S608 -- marks only
                    part,
                )
                found |= {key: np.frombuffer(body, dtype=np.float32) for key, body in rows}
        return found

    def keep_vectors(self, vectors: dict[str, NDArray[np.float32]]) -> None:
        """Keep vectors."""
        rows = [(key, vector.astype(np.float32).tobytes()) for key, vector in vectors.items()]
        with self._lock, self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


class CachedEncoder(Encoder):
    """An encoder that remembers the vectors of passages; queries are always encoded.

    Queries are not remembered because the time of a search is measured.

    Args:
        inner: Does the work.
        cache: Remembers.
    """

    def __init__(self, inner: Encoder, cache: Cache) -> None:
        self._inner = inner
        self._cache = cache

    @property
    def name(self) -> str:
        """Name of the model."""
        return self._inner.name

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._inner.dimension

    def encode(self, texts: Sequence[str], *, side: Side = "query") -> NDArray[np.float32]:
        """Unit vectors, one row a text; new passages are read in batches of similar length."""
        if side == "query" or not texts:
            return self._inner.encode(texts, side=side)
        keys = [self._key(text) for text in texts]
        known = self._cache.vectors(keys)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            # Padding to the longest text of a batch is what costs most.
            order = sorted(missing, key=lambda key: len(missing[key]))
            rows = self._inner.encode([missing[key] for key in order], side=side)
            new = dict(zip(order, rows, strict=True))
            self._cache.keep_vectors(new)
            known |= new
        return np.stack([known[key] for key in keys]).astype(np.float32)

    def _key(self, text: str) -> str:
        return hashlib.sha256(f"{self._inner.name}\0{text}".encode()).hexdigest()
