"""Many files to one library: a bad file is reported and does not stop the others."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from tutor.errors import NotesError
from tutor.notes.cards import notes_of
from tutor.notes.columns import is_card_text, read_card_text, report_cards
from tutor.notes.convert import SUFFIXES as CONVERTED
from tutor.notes.convert import convert
from tutor.notes.doctor import examine
from tutor.notes.labels import asks
from tutor.notes.parse import parse_report, unique
from tutor.notes.read import read_file
from tutor.notes.report import ParseReport
from tutor.notes.types import Note, Problem

TEXT_SUFFIXES = (".md", ".markdown", ".mdown", ".txt", ".text", ".rst")
SUFFIXES = (*TEXT_SUFFIXES, *CONVERTED)
_NOT_NOTES = {
    "format.md", "contributing.md", "license.md", "licence.md", "changelog.md", "code_of_conduct.md",
    "security.md", "license.txt", "notice.txt", "requirements.txt",
}  # fmt: skip
_SKIPPED_FOLDERS = {"node_modules", "__pycache__", "site-packages"}

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Library:
    """What a set of files holds.

    Attributes:
        notes: All notes, ids unique; those with problems carry them.
        problems: All findings of the note doctor, in file and line order.
        errors: One for each file that could not be read.
        reports: How each file's lines were used (text files only).
        files: Every file that was looked at, by the name its notes carry.
    """

    notes: tuple[Note, ...] = ()
    problems: tuple[Problem, ...] = ()
    errors: tuple[NotesError, ...] = ()
    reports: tuple[ParseReport, ...] = ()
    files: dict[str, Path] = field(default_factory=dict)

    def usable(self) -> list[Note]:
        """The notes that can be asked in an interview."""
        return [note for note in self.notes if note.usable]


def parse_notes(path: Path | str) -> list[Note]:
    """The notes of one file of any supported format; empty if it holds no question.

    Raises:
        UnreadableFileError: The file is not what its name says.
        FileTooLargeError: It is over the size limit.
        NotesError: It is missing, or a converter for its format is not installed.
    """
    path = Path(path)
    return _read(path, path.name)[0]


def load_notes(
    paths: Path | str | Iterable[Path | str], *, progress: Progress | None = None
) -> Library:
    """The notes of files and folders, folders with all they hold except links that lead out.

    Args:
        paths: Files and folders. A note's file name is relative to the folder given.
        progress: Called with files done, files in all and the next file's name.
    """
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    errors: list[NotesError] = []
    files: dict[str, Path] = {}
    for one in given:
        for name, path in _files_of(Path(one), errors):
            files[_free_name(name, path, files)] = path
    notes: list[Note] = []
    reports: list[ParseReport] = []
    seen: dict[str, int] = {}
    for done, (name, path) in enumerate(files.items()):
        if progress:
            progress(done, len(files), name)
        try:
            found, report = _read(path, name)
        except NotesError as error:
            errors.append(error)
            continue
        if path.name.lower().startswith("readme") and not _has_questions(found):
            continue
        notes += [replace(note, id=unique(note.id, seen)) for note in found]
        if report:
            reports.append(report)
    if progress:
        progress(len(files), len(files), "")
    problems = examine(notes)
    attached = _attach(notes, problems)
    return Library(tuple(attached), tuple(problems), tuple(errors), tuple(reports), files)


def _read(path: Path, name: str) -> tuple[list[Note], ParseReport | None]:
    if path.suffix.lower() in CONVERTED:
        return convert(path, name)
    text = read_file(path)
    if path.suffix.lower() in (".txt", ".text") and is_card_text(text):
        cards = read_card_text(text, path.name)
        notes = notes_of(cards, name)
        return notes, report_cards(text, cards, notes, name)
    return parse_report(text, file=name)


def _has_questions(notes: list[Note]) -> bool:
    """Whether a read-me is a list of questions rather than the description of a project."""
    asking = sum(asks(note.question) or note.number is not None for note in notes)
    return asking >= 3 and asking * 2 >= len(notes)


def _files_of(path: Path, errors: list[NotesError]) -> list[tuple[str, Path]]:
    """Files below the path with their names relative to it, sorted, hidden ones left out."""
    if not path.exists():
        errors.append(
            NotesError(
                f"{path.name} does not exist; check the path.", f"{path.name} 不存在，请检查路径。"
            )
        )
        return []
    if path.is_file():
        return [(path.name, path)]
    root = path.resolve()
    found: list[tuple[str, Path]] = []
    for folder, folders, names in os.walk(root, followlinks=False):
        folders[:] = sorted(
            f for f in folders if not f.startswith(".") and f not in _SKIPPED_FOLDERS
        )
        for name in sorted(names):
            file = Path(folder) / name
            if name.startswith(".") or name.lower() in _NOT_NOTES:
                continue
            if file.suffix.lower() not in SUFFIXES:
                continue
            if _stays_inside(file, root):
                found.append((file.relative_to(root).as_posix(), file))
            elif file.is_symlink():
                errors.append(_leads_out(file.relative_to(root).as_posix()))
    return found


def _leads_out(name: str) -> NotesError:
    return NotesError(
        f"{name} is a link that leads out of the folder and was not read; copy the file itself in.",
        f"{name} 是指向文件夹之外的链接，没有读取；请把文件本身复制进来。",
    )


def _stays_inside(file: Path, root: Path) -> bool:
    """Whether the file is regular and, if a link, leads to a place below the folder given."""
    try:
        return file.resolve(strict=True).is_relative_to(root) and file.is_file()
    except (OSError, RuntimeError):
        return False


def _free_name(name: str, path: Path, files: dict[str, Path]) -> str:
    """The name, made different where two given folders hold files of the same name."""
    if name not in files or files[name] == path:
        return name
    other = f"{path.parent.name}/{name}"
    count = 2
    while other in files:
        other = f"{path.parent.name}-{count}/{name}"
        count += 1
    return other


def _attach(notes: list[Note], problems: list[Problem]) -> list[Note]:
    """Notes with the findings that concern their own lines."""
    by_place: dict[tuple[str, int], list[Problem]] = {}
    for problem in problems:
        by_place.setdefault((problem.file, problem.line), []).append(problem)
    return [
        replace(note, problems=tuple(by_place.get((note.source.file, note.source.first_line), ())))
        for note in notes
    ]
