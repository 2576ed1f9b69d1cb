"""A BM25 index on disk: whole, unchanged, or not at all.

The folder beside the vectors belongs to one process (`VectorStore` holds its lock).
"""

import hashlib
import logging
import shutil
import tempfile
from pathlib import Path

import bm25s

_LOG = logging.getLogger(__name__)
_SUM = "sha256"


def load_index(place: Path) -> bm25s.BM25 | None:
    """The index kept in a folder; None where there is none, or it is not as it was saved."""
    try:
        if not place.is_dir():
            return None
        if (place / _SUM).read_text(encoding="ascii") != _checksum(place):
            raise ValueError("its files have changed")
        return bm25s.BM25.load(place, show_progress=False)
    except Exception as error:  # a copy is never worth a failed start, whatever is wrong with it
        _LOG.warning("the words of the notes are counted anew: %s", error)
        return None


def save_index(index: bm25s.BM25, place: Path) -> None:
    """Keep an index in a folder, and nothing else beside it; where that fails, go on without."""
    made: Path | None = None
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=place.parent))
        index.save(made, show_progress=False)
        (made / _SUM).write_text(_checksum(made), encoding="ascii")
        for old in place.parent.iterdir():
            if old != made:
                _remove(old)
        made.rename(place)
    except Exception as error:  # disks and libraries fail in many ways; see `load_index`
        _LOG.warning("the index of words is not kept: %s", error)
        if made is not None:
            _remove(made)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _checksum(place: Path) -> str:
    total = hashlib.sha256()
    for file in sorted(place.iterdir()):
        if file.name != _SUM:
            total.update(file.name.encode() + b"\0")
            with file.open("rb") as opened:
                total.update(hashlib.file_digest(opened, "sha256").digest())
    return total.hexdigest()
