"""Disputes and refusals of a learner, reviewed one by one and kept as cases of ours."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tutor.critique.score import score
from tutor.critique.types import Label, Verdict
from tutor.errors import EvalError
from tutor.eval.cases import own_folder, read_rows
from tutor.eval.types import digest_of
from tutor.notes import load_notes
from tutor.notes.text import detect_lang
from tutor.notes.types import Note
from tutor.settings import bundled_notes

Ask = Callable[[str], str]
Tell = Callable[[str], object]
_FILE = "reviewed.jsonl"


def read_export(path: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows of an export by table.

    Raises:
        EvalError: The file is no export.
    """
    tables: dict[str, list[dict[str, Any]]] = {}
    header, *rows = read_rows(path) or [{}]
    if header.get("program") != "interview-tutor":
        raise EvalError(
            f"{path.name} is not an export of the tutor; write one with `python -m tutor export`.",
            f"{path.name} 不是本程序的导出文件；请用 `python -m tutor export` 导出。",
        )
    for row in rows:
        tables.setdefault(str(row.get("table")), []).append(dict(row.get("row", {})))
    return tables


def dispute_case(
    dispute: Mapping[str, Any],
    tables: Mapping[str, list[dict[str, Any]]],
    notes: Mapping[str, Note],
) -> dict[str, Any] | None:
    """A critique case from a dispute; None if its note is not one of ours or has changed."""
    note = notes.get(dispute["note_id"])
    labels = {
        row["point_id"]: row["label"]
        for row in tables.get("point_results", ())
        if (row["session_id"], row["turn"]) == (dispute["session_id"], dispute["turn"])
    }
    labels[dispute["point_id"]] = dispute["after"]
    if note is None or not note.ref or set(labels) != {point.id for point in note.key_points}:
        return None
    if any(label == Label.UNSCORED for label in labels.values()):
        return None
    verdicts = [Verdict(p.id, Label(labels[p.id]), 1.0, 0.0) for p in note.key_points]
    total = score(verdicts, note.key_points).value
    return {
        "id": f"dispute-{digest_of([dispute['note_id'], dispute['answer'], dispute['point_id']])}",
        "note": note.ref,
        "answer": dispute["answer"],
        "labels": [labels[point.id] for point in note.key_points],
        "score": total,
        "kind": "dispute",
        "lang": detect_lang(dispute["answer"]),
        "reason": "",
    }


def refusal_case(refusal: Mapping[str, Any]) -> dict[str, Any]:
    """A study case from a refusal; what is right is said by the reviewer."""
    return {
        "id": f"refusal-{digest_of(refusal['question'])}",
        "question": refusal["question"],
        "kind": "unanswerable",
        "notes": [],
        "must_say": [],
        "must_not_say": [],
        "reason": "",
    }


def review_export(path: Path, folder: Path | None, ask: Ask, tell: Tell) -> int:
    """Show each dispute and refusal, ask whether to keep it, and write those that are kept.

    Args:
        path: An export of the tutor.
        folder: Folder of cases; ours by default.
        ask: Asks the reviewer and gives the reply.
        tell: Shows the reviewer a text.

    Returns:
        How many cases were written.

    Raises:
        EvalError: The export cannot be read, or a case cannot be written.
    """
    tables = read_export(path)
    place = folder or own_folder()
    notes = {note.id: note for note in load_notes([bundled_notes()]).notes}
    kept = 0
    for dispute in tables.get("disputes", ()):
        case = dispute_case(dispute, tables, notes)
        if case is None:
            tell(f"left out: the note {dispute['note_id']} is not ours, or has changed")
            continue
        point = next(p for p in notes[dispute["note_id"]].key_points if p.id == dispute["point_id"])
        tell(f"\n{point.text}\n> {dispute['answer']}\n{dispute['before']} → {dispute['after']}")
        kept += _decide(case, place / "critique" / _FILE, ask)
    for refusal in tables.get("refusals", ()):
        case = refusal_case(refusal)
        tell(f"\nrefused: {refusal['question']}")
        reply = ask("Note that answers it (its id), or empty if none does").strip()
        if reply:
            case |= {"kind": "answerable", "notes": [reply]}
        kept += _decide(case, place / "study" / _FILE, ask)
    return kept


def _decide(case: dict[str, Any], file: Path, ask: Ask) -> bool:
    """Ask for a reason; an empty one leaves the case out, and so does a case already there."""
    if file.is_file() and any(row.get("id") == case["id"] for row in read_rows(file)):
        return False
    reason = ask("Why is this a good case? (empty leaves it out)").strip()
    if not reason:
        return False
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(case | {"reason": reason}, ensure_ascii=False) + "\n")
    except OSError as error:
        raise EvalError(
            f"{file} cannot be written ({error.strerror}); give another --folder.",
            f"无法写入 {file}（{error.strerror}）；请另给 --folder。",
        ) from error
    return True
