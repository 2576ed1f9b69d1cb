"""Ids that outlive an edit: a renumbered or lightly reworded question keeps its history.

A note's own id follows from its file, heading and question. The registry remembers which ids the
learner's history was kept under; when a question is read again under a new id, `match_ids` finds
the one it had, and the note goes on under that.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from tutor.notes.ids import match_ids
from tutor.notes.keep import read_json, write_json
from tutor.notes.types import Note, Source

FILE_NAME = "note_ids.json"


def keep_ids(folder: Path, notes: Iterable[Note]) -> list[Note]:
    """The notes under the ids their history has; remembers them for the next reading.

    Raises:
        NotesError: The data folder cannot be written.
    """
    notes = list(notes)
    rows = _load(folder)
    now = [_slim(note) for note in notes]
    before = [_from_row(row) for row in rows.values()]
    matched = match_ids(before, now)
    known = {computed: row["kept"] for computed, row in rows.items()}
    kept: dict[str, str] = {}
    taken: set[str] = set()
    for note in now:
        identity = known.get(matched.get(note.id, note.id), note.id)
        if identity in taken:  # two questions must never share one history
            identity = note.id
        taken.add(identity)
        kept[note.id] = identity
    fresh = {note.id: _row(note, kept[note.id]) for note in now}
    # What is gone stays known: a file may come back. What was renamed goes on under its new id.
    renamed = {old for new, old in matched.items() if new != old}
    gone = {key: row for key, row in rows.items() if key not in fresh and key not in renamed}
    if gone | fresh != rows:
        write_json(folder / FILE_NAME, gone | fresh)
    return [replace(note, id=kept[note.id]) for note in notes]


def _slim(note: Note) -> Note:
    """The note with its answer's digest for the answer: enough to tell whether it is the same."""
    digest = hashlib.sha256(note.answer.encode()).hexdigest() if note.answer else ""
    return replace(note, answer=digest, key_points=(), problems=())


def _row(note: Note, kept: str) -> dict[str, str]:
    return {
        "id": note.id,
        "kept": kept,
        "file": note.source.file,
        "question": note.question,
        "answer": note.answer,
        "lang": note.lang,
    }


def _from_row(row: dict[str, str]) -> Note:
    source = Source(row["file"], 1, 1)
    return Note(row["id"], row["question"], row["answer"], source, lang=row["lang"])


def _load(folder: Path) -> dict[str, dict[str, str]]:
    """What was remembered; nothing where the file is missing or damaged (ids are then as read)."""
    read = read_json(folder / FILE_NAME)
    if not isinstance(read, dict):
        return {}
    wanted = {"id", "kept", "file", "question", "answer", "lang"}
    return {
        str(key): {str(name): str(value) for name, value in row.items()}
        for key, row in read.items()
        if isinstance(row, dict) and wanted <= row.keys()
    }
