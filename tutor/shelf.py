"""The notes in use: read from files, kept in step with the index, edited by the learner."""

import contextlib
import shutil
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from langchain_core.language_models import BaseChatModel

from tutor.errors import NoNotesError, NotesError
from tutor.llm import prompts
from tutor.notes import Library, examine, load_notes
from tutor.notes.condense import (
    CondenseReport,
    apply_condensed,
    condense_all,
    load_condensed,
    save_condensed,
)
from tutor.notes.edits import apply_edits, load_edits, make_edit, save_edits, stale_edits
from tutor.notes.keep import read_json, write_json
from tutor.notes.registry import keep_ids
from tutor.notes.types import KeyPoint, Note, Problem
from tutor.search.retriever import Retriever, SyncReport
from tutor.search.store import Progress
from tutor.search.types import Encoder
from tutor.settings import Settings

_PASSED = "passed.json"


@dataclass(frozen=True, slots=True)
class Topic:
    """A heading path of the notes: how many questions stand below it, how many can be asked."""

    name: str
    usable: int
    total: int


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What reading and indexing the notes brought.

    Attributes:
        files: Files read.
        notes: Questions found.
        usable: Questions that an interview can ask.
        sync: What changed in the index; None where search is off.
        problems: Findings of the note doctor.
        errors: Files that could not be used.
    """

    files: int
    notes: int
    usable: int
    sync: SyncReport | None
    problems: tuple[Problem, ...]
    errors: tuple[NotesError, ...]

    def text(self, lang: str) -> str:
        """One line for people."""
        added = self.sync.added if self.sync else 0
        removed = self.sync.removed if self.sync else 0
        rebuilt = self.sync is not None and self.sync.rebuilt
        if lang == "zh":
            line = (
                f"读取 {self.files} 个文件，共 {self.notes} 道题（{self.usable} 道可用于面试）；"
                f"索引新增 {added} 段，移除 {removed} 段。"
            )
            return line + ("原索引已损坏，已自动重建。" if rebuilt else "")
        line = (
            f"{self.files} files, {self.notes} questions ({self.usable} ready for an interview); "
            f"{added} pieces indexed, {removed} removed."
        )
        return line + (" The index was damaged and has been rebuilt." if rebuilt else "")


class Shelf:
    """The notes of one tutor; safe to share between threads.

    Args:
        settings: Where notes, uploads and edits live.
        retriever: Kept in step with the notes; None to read notes without search.
    """

    def __init__(self, settings: Settings, retriever: Retriever | None) -> None:
        self.settings = settings
        self._retriever = retriever
        self._library = Library()
        self._notes: dict[str, Note] = {}
        self._derived: dict[str, Note] = {}  # as read, before condensed and edited key points
        self._ingest_lock = threading.Lock()
        self._seen: dict[str, tuple[int, int]] = {}
        self.report: IngestReport | None = None  # of the last reading

    @property
    def notes(self) -> Mapping[str, Note]:
        """All notes by id, in the files' order."""
        return self._notes

    @property
    def library(self) -> Library:
        """The notes with what the parser and the note doctor found."""
        return self._library

    def topics(self) -> list[Topic]:
        """Topics in the files' order, with how many questions each holds."""
        counts: dict[str, list[int]] = {}
        for note in self._notes.values():
            held = counts.setdefault(note.topic, [0, 0])
            held[0] += note.usable
            held[1] += 1
        return [Topic(name, usable, total) for name, (usable, total) in counts.items()]

    def counterpart(self, note: Note, lang: str) -> Note | None:
        """The same question in another language, linked by the author's id; None if there is none."""
        if note.lang == lang:
            return note
        return next(
            (n for n in self._notes.values() if note.ref and n.ref == note.ref and n.lang == lang),
            None,
        )

    def question_in(self, note: Note, lang: str) -> str:
        """The note's question in a language, from its counterpart; its own words if there is none."""
        other = self.counterpart(note, lang)
        return other.question if other else note.question

    def reload(self, progress: Progress | None = None) -> IngestReport:
        """Read the notes again and index what changed.

        Raises:
            NoNotesError: Nothing to learn from was found.
            SearchError: The index cannot be used.
        """
        with self._ingest_lock:
            self._seen = self._look()
            library = load_notes(self.settings.note_paths())
            kept = keep_ids(self.settings.data_dir, library.notes)
            self._derived = {note.id: note for note in kept}
            notes = self._with_points(kept)
            if not notes:
                places = ", ".join(str(path) for path in self.settings.note_paths())
                raise NoNotesError(
                    f"No questions were found in {places}; add a note file or set TUTOR_NOTES.",
                    f"在 {places} 中没有找到题目；请添加笔记文件或设置 TUTOR_NOTES。",
                )
            sync = self._retriever.sync(notes, progress) if self._retriever else None
            problems = (*library.problems, *self._changed_since_passed(notes))
            self._library = replace(library, notes=tuple(notes), problems=problems)
            self._notes = {note.id: note for note in notes}
        self.report = IngestReport(
            files=len({note.source.file for note in notes}),
            notes=len(notes),
            usable=sum(note.usable for note in notes),
            sync=sync,
            problems=self._library.problems,
            errors=tuple(library.errors),
        )
        return self.report

    def refresh(self, progress: Progress | None = None) -> IngestReport | None:
        """Read the notes again if a file was added, changed or deleted since; None if not."""
        return self.reload(progress) if self._look() != self._seen else None

    def _look(self) -> dict[str, tuple[int, int]]:
        """Size and time of change of every file the notes are read from."""
        found: dict[str, tuple[int, int]] = {}
        for place in self.settings.note_paths():
            for path in [place] if place.is_file() else sorted(place.rglob("*")):
                with contextlib.suppress(OSError):  # gone between listing and looking
                    stat = path.stat()
                    if path.is_file():
                        found[str(path)] = (stat.st_size, stat.st_mtime_ns)
        return found

    def mark_passed(self, note: Note) -> None:
        """Remember the note's text as passed, so that a later change is pointed out."""
        path = self.settings.data_dir / _PASSED
        passed = self._passed()
        if passed.get(note.id) != note.digest:
            write_json(path, passed | {note.id: note.digest})

    def _passed(self) -> dict[str, str]:
        read = read_json(self.settings.data_dir / _PASSED)
        return {str(k): str(v) for k, v in read.items()} if isinstance(read, dict) else {}

    def _changed_since_passed(self, notes: Sequence[Note]) -> list[Problem]:
        passed = self._passed()
        changed = [note for note in notes if passed.get(note.id, note.digest) != note.digest]
        found = examine(changed, passed=passed)
        return [problem for problem in found if problem.code == "changed_since_passed"]

    def add_files(self, paths: Sequence[Path], progress: Progress | None = None) -> IngestReport:
        """Copy note files into the learner's own notes and index them; bad ones are named, not kept.

        A file of the same name is replaced: that is how a changed file is brought in.
        """
        folder = self.settings.uploads_dir
        errors: list[NotesError] = []
        for path in paths:
            found = load_notes([path])
            errors.extend(found.errors)
            if not found.notes and not found.errors:
                errors.append(
                    NoNotesError(
                        f"No question was found in {path.name}; see knowledge/FORMAT.md.",
                        f"在 {path.name} 中没有找到题目；格式见 knowledge/FORMAT.md。",
                    )
                )
            if found.notes:
                _copy_in(path, folder)
        report = self.reload(progress)
        return replace(report, errors=(*errors, *report.errors))

    def remove_file(self, name: str, progress: Progress | None = None) -> IngestReport:
        """Take one of the learner's own note files out again; history of its questions stays."""
        path = self.settings.uploads_dir / Path(name).name
        if not path.is_file():
            raise NoNotesError(
                f"{name} is not one of your own files; shipped notes cannot be removed here.",
                f"{name} 不是您添加的文件；内置笔记不能在这里移除。",
            )
        path.unlink()
        return self.reload(progress)

    def own_files(self) -> list[str]:
        """Names of the files the learner added."""
        folder = self.settings.uploads_dir
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    def outdated_edits(self) -> list[str]:
        """Ids of notes whose text changed after the learner edited their key points."""
        return stale_edits(self._notes.values(), load_edits(self.settings.data_dir))

    def _with_points(self, notes: Sequence[Note]) -> list[Note]:
        """The notes with condensed key points where there are some, and the learner's own over them."""
        folder = self.settings.data_dir
        return apply_edits(apply_condensed(notes, load_condensed(folder)), load_edits(folder))

    def condense_points(
        self, model: BaseChatModel, encoder: Encoder, progress: Progress | None = None
    ) -> CondenseReport:
        """Let the model shorten and merge derived key points; each result is checked and kept.

        Author's and learner's own points are never touched. A note is asked about once; running
        again goes on where it stopped.

        Raises:
            ModelError: The model gave out; what was done until then is kept.
            NotesError: The data folder cannot be written.
        """
        folder = self.settings.data_dir
        kept, own = load_condensed(folder), load_edits(folder)

        def ask(note: Note) -> str:
            texts = [point.text for point in note.key_points]
            messages = prompts.shorter_points(note.question, texts, note.lang)
            return str(model.invoke(messages, max_tokens=400).text)

        try:
            todo = [note for note in self._derived.values() if note.id not in own]
            return condense_all(todo, kept, ask, encoder, progress)
        finally:
            save_condensed(folder, kept)
            self._lay_points()

    def restore_points(self) -> None:
        """Take the derived key points again in place of the condensed ones.

        Raises:
            NotesError: The data folder cannot be written.
        """
        save_condensed(self.settings.data_dir, {})
        self._lay_points()

    def _lay_points(self) -> None:
        with self._ingest_lock:
            self._notes = {
                note.id: note for note in self._with_points(list(self._derived.values()))
            }
            self._library = replace(self._library, notes=tuple(self._notes.values()))

    def edit_key_points(self, note_id: str, points: Sequence[KeyPoint | tuple[str, bool]]) -> Note:
        """Replace a note's key points by the learner's own; kept when the file is read again."""
        with self._ingest_lock:
            note = self._derived[note_id]
            edits = load_edits(self.settings.data_dir) | {note_id: make_edit(note, points)}
            save_edits(self.settings.data_dir, edits)
            edited = apply_edits([note], edits)[0]
            self._notes[note_id] = edited
        return edited


def _copy_in(path: Path, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / f".{path.name}.part"
        shutil.copyfile(path, partial)
        partial.replace(folder / path.name)
    except OSError as error:
        raise NotesError(
            f"{path.name} cannot be copied to {folder} ({error.strerror}); free disk space or set "
            "TUTOR_DATA_DIR.",
            f"无法把 {path.name} 复制到 {folder}（{error.strerror}）；请清理磁盘或另设 TUTOR_DATA_DIR。",
        ) from error
