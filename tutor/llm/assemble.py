"""One model file out of its parts: each checked as it arrives, the whole before it is in place."""

import hashlib
import http.client
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from tutor.errors import ARCHIVE_DAMAGE, DamagedFileError, DownloadError
from tutor.llm.catalogue import ModelFile, Part
from tutor.llm.sources import ForeignError, NotHereError, Source

Progress = Callable[[ModelFile, int], None]
"""Called with a file and how many of its bytes are there and checked, or just arriving."""

_BLOCK = 1 << 20


def first_bad(stream: BinaryIO, file: ModelFile, progress: Progress | None) -> int | None:
    """Index of the first part that is damaged or not there; None where all are right."""
    done = 0
    for index, part in enumerate(file.parts):
        digest, left = hashlib.sha256(), part.size
        while left and (block := stream.read(min(_BLOCK, left))):
            digest.update(block)
            left -= len(block)
            if progress:
                progress(file, done + part.size - left)
        if left or digest.hexdigest() != part.sha256:
            return index
        done += part.size
    return None


def assemble(
    file: ModelFile,
    target: Path,
    parts: Path,
    sources: Sequence[Source],
    progress: Progress | None,
) -> None:
    """Make a file out of its parts and move it to its place.

    Args:
        file: What to make.
        target: Its place.
        parts: Folder in which it grows; what an earlier pull left there is checked and kept.
        sources: Where each part may come from, in order.
        progress: Told of every block.

    Raises:
        DownloadError, DamagedFileError: See `tutor.llm.weights.pull`.
    """
    parts.mkdir(exist_ok=True)
    body = parts / "body"
    with body.open("r+b" if body.exists() else "w+b") as stream:
        first = first_bad(stream, file, progress)
        first = len(file.parts) if first is None else first
        offset = sum(part.size for part in file.parts[:first])
        for part in file.parts[first:]:
            _append(stream, file, part, offset, sources, progress)
            offset += part.size
        stream.truncate(offset)
        stream.flush()
        os.fsync(stream.fileno())
        stream.seek(0)
        if hashlib.file_digest(stream, "sha256").hexdigest() != file.sha256:
            stream.truncate(0)
            raise damaged_file(file.name, "every part is right, but not the whole")
    os.replace(body, target)
    shutil.rmtree(parts, ignore_errors=True)


def _append(
    body: BinaryIO,
    file: ModelFile,
    part: Part,
    offset: int,
    sources: Sequence[Source],
    progress: Progress | None,
) -> None:
    """Write one part at `offset` from the first source whose bytes are right."""
    told: list[str] = []
    damaged = False
    for source in sources:
        body.seek(offset)
        good = False
        try:
            with source.open(file, part, offset) as stream:
                good = _copy(stream, body, part, lambda n: progress and progress(file, offset + n))
            told.append(f"{source.name}: damaged")
            damaged |= not good
        except NotHereError as error:
            told.append(f"{source.name}: {error}")
        except (ForeignError, *ARCHIVE_DAMAGE) as error:
            told.append(f"{source.name}: {error or 'damaged'}")
            damaged = True
        finally:
            if not good:
                body.truncate(offset)
        if good:
            return
    which = f"part {file.parts.index(part) + 1} of {len(file.parts)} ({part.project})"
    if damaged:
        raise damaged_file(file.name, f"{which}; {'; '.join(told)}")
    raise DownloadError(
        f"{file.name}, {which}, could not be had from anywhere ({'; '.join(told)}); connect to "
        "the network, or set TUTOR_MODEL_SOURCE to a folder with the file, and pull again.",
        f"无法取得 {file.name} 的 {which}（{'；'.join(told)}）；请连接网络，"
        "或把 TUTOR_MODEL_SOURCE 设为含有该文件的文件夹，然后重新 pull。",
    )


def _copy(stream: BinaryIO, body: BinaryIO, part: Part, arrived: Callable[[int], object]) -> bool:
    """Copy a part's bytes; True if they are the right ones."""
    digest, size = hashlib.sha256(), 0
    while size < part.size:
        try:
            block = stream.read(min(_BLOCK, part.size - size))
        except (OSError, http.client.HTTPException) as error:  # the network went away in the middle
            raise NotHereError(str(error) or "broke off") from error
        if not block:
            raise NotHereError(f"broke off after {size} of {part.size} bytes")
        body.write(block)
        digest.update(block)
        size += len(block)
        arrived(size)
    body.flush()
    return digest.hexdigest() == part.sha256


def damaged_file(name: str, what: str) -> DamagedFileError:
    """The error for a model file whose bytes are not the published ones."""
    return DamagedFileError(
        f"The model file {name} is damaged ({what}); run `python -m tutor models pull`.",
        f"模型文件 {name} 已损坏（{what}）；请运行 `python -m tutor models pull`。",
    )
