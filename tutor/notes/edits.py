"""The learner's own key points: kept beside the notes, laid over them at every reading."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from tutor.errors import NotesError
from tutor.notes.keep import write_json
from tutor.notes.keypoints import explicit_points
from tutor.notes.types import KeyPoint, Note

FILE_NAME = "key_points.json"
FEWEST, MOST = 1, 12


@dataclass(frozen=True, slots=True)
class Edit:
    """A learner's key points for one note.

    Attributes:
        note_id: The note.
        points: Text and whether required, in order.
        digest: The note's digest when they were written.
    """

    note_id: str
    points: tuple[tuple[str, bool], ...]
    digest: str


def make_edit(note: Note, points: Iterable[KeyPoint | tuple[str, bool]]) -> Edit:
    """An edit of the note; empty points are dropped.

    Raises:
        NotesError: No point is left, or there are too many.
    """
    pairs = [(p.text, p.required) if isinstance(p, KeyPoint) else p for p in points]
    kept = tuple((" ".join(text.split()), required) for text, required in pairs if text.strip())
    if not FEWEST <= len(kept) <= MOST:
        raise NotesError(
            f"A note needs {FEWEST} to {MOST} key points; add or remove some.",
            f"一条笔记需要 {FEWEST} 到 {MOST} 个要点；请增减。",
        )
    return Edit(note.id, kept, note.digest)


def apply_edits(notes: Iterable[Note], edits: Mapping[str, Edit]) -> list[Note]:
    """The notes with the learner's key points in place of their own; others unchanged."""
    return [
        replace(note, key_points=explicit_points(edits[note.id].points, note.answer))
        if note.id in edits and note.answer
        else note
        for note in notes
    ]


def stale_edits(notes: Iterable[Note], edits: Mapping[str, Edit]) -> list[str]:
    """Ids of notes whose text has changed since their key points were edited: look again."""
    return [n.id for n in notes if n.id in edits and edits[n.id].digest != n.digest]


def move_edits(edits: Mapping[str, Edit], matched: Mapping[str, str]) -> dict[str, Edit]:
    """The edits under the notes' new ids (``match_ids``); edits of notes that are gone are kept."""
    back = {old: new for new, old in matched.items()}
    moved: dict[str, Edit] = {}
    for old_id, edit in edits.items():
        new_id = back.get(old_id, old_id)
        moved[new_id] = replace(edit, note_id=new_id)
    return moved


def load_edits(folder: Path | str) -> dict[str, Edit]:
    """The edits kept in a data folder; empty if there are none.

    Raises:
        NotesError: The file is damaged.
    """
    path = Path(folder) / FILE_NAME
    if not path.exists():
        return {}
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        return {
            row["note_id"]: Edit(
                str(row["note_id"]),
                tuple((str(text), bool(required)) for text, required in row["points"]),
                str(row["digest"]),
            )
            for row in rows
        }
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise NotesError(
            f"{FILE_NAME} in the data folder is damaged; move it away to start with the notes' own"
            " key points.",
            f"数据文件夹中的 {FILE_NAME} 已损坏；移走它即可恢复笔记自带的要点。",
        ) from error


def save_edits(folder: Path | str, edits: Mapping[str, Edit]) -> None:
    """Writes all edits in one atomic step.

    Raises:
        NotesError: The folder cannot be written.
    """
    write_json(Path(folder) / FILE_NAME, [asdict(edits[key]) for key in sorted(edits)])
