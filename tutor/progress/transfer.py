"""Records out and in again: JSON lines for everything, CSV and Anki for the memory."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

from tutor.errors import LedgerError
from tutor.notes.types import Note
from tutor.progress.ledger import Ledger
from tutor.progress.schedule import recall
from tutor.progress.types import Card

FORMAT = 1
_NAME = "interview-tutor"
_COLUMNS = (
    *("note_id", "topic", "question", "key_points", "file", "line"),
    *("reviews", "lapses", "recall_now", "points_said", "last_review", "due"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export_user(ledger: Ledger, user: str) -> Iterator[str]:
    """Everything of the user as JSON lines, the header first; `import_user` reads it back."""
    # ASCII: no character of anybody's words may look like the end of a line (U+2028, U+0085).
    yield json.dumps({"program": _NAME, "format": FORMAT, "user": user})
    for table, row in ledger.rows_of(user):
        yield json.dumps({"table": table, "row": row}, sort_keys=True)


def import_user(ledger: Ledger, lines: Iterable[str]) -> int:
    """Bring exported records; the number of rows that were new.

    What is already there stays, so importing twice changes nothing; a damaged file changes
    nothing at all.

    Raises:
        LedgerError: The file is no export, is damaged, is from a newer version, or holds records
            that belong to somebody else here.
    """
    rows: list[tuple[str, dict[str, Any]]] = []
    read = 1
    try:
        filled = (line for line in lines if line.strip())
        header = json.loads(next(filled, "null"))
        if header["program"] != _NAME:
            raise ValueError("another program")
        if header["format"] > FORMAT:
            raise LedgerError(
                "This export was written by a newer version; update the program to import it.",
                "这份导出由更新的版本写出；请升级程序后再导入。",
            )
        for line in filled:
            read += 1
            entry = json.loads(line)
            row = dict(entry["row"])
            if row["user_id"] != header["user"]:
                raise ValueError("a row of another user")
            rows.append((str(entry["table"]), row))
        return ledger.add_rows(rows)
    except (ValueError, KeyError, TypeError) as error:
        raise LedgerError(
            f"This file is no complete export of this program (line {read}); choose the "
            ".jsonl file that “Export” wrote. Nothing was imported.",
            f"这不是本程序的完整导出文件（第 {read} 行）；请选择“导出”得到的 .jsonl 文件。没有导入任何内容。",
        ) from error


def progress_csv(
    notes: Sequence[Note],
    cards: Mapping[str, Card],
    points: Mapping[str, float],
    now: datetime,
) -> str:
    """One line a note: what it is, how it is remembered, when it is due. UTF-8 with BOM, for Excel."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for note in notes:
        card = cards.get(note.id)
        writer.writerow(
            [
                *(_cell(text) for text in (note.id, note.topic, note.question)),
                _cell(" | ".join(point.text for point in note.key_points)),
                _cell(note.source.file),
                note.source.first_line,
                card.reviews if card else 0,
                card.lapses if card else 0,
                f"{recall(card, now):.3f}" if card else "",
                f"{points[note.id]:.3f}" if note.id in points else "",
                card.last_review.date().isoformat() if card else "",
                card.due.date().isoformat() if card else "",
            ]
        )
    return "\ufeff" + out.getvalue()


def export_anki(notes: Iterable[Note], path: Path, *, deck_name: str = "Interview Tutor") -> int:
    """Write an Anki package with one card a usable note; the number of cards.

    A note keeps its identity, so importing a later export updates the cards instead of
    doubling them. Formulas are handed to Anki's MathJax.

    Raises:
        LedgerError: The extra `anki` is not installed, or the file cannot be written.
    """
    try:
        import genanki
    except ImportError as error:
        raise LedgerError(
            "Anki export needs the extra `anki`; run pip install 'interview-tutor[anki]'.",
            "导出 Anki 需要附加组件 anki；请运行 pip install 'interview-tutor[anki]'。",
        ) from error
    deck = genanki.Deck(_number(f"deck {deck_name}"), deck_name)
    model = genanki.Model(
        _number(f"{_NAME} model 1"),
        "Interview Tutor",
        fields=[{"name": name} for name in ("Question", "Points", "Answer", "Source")],
        templates=[
            {
                "name": "Question",
                "qfmt": "{{Question}}",
                "afmt": "{{FrontSide}}<hr id=answer>{{Points}}<hr>{{Answer}}"
                "<p><small>{{Source}}</small></p>",
            }
        ],
        css=".card { font-family: sans-serif; font-size: 18px; text-align: left; }",
    )
    count = 0
    for note in notes:
        if note.usable:
            deck.add_note(
                genanki.Note(
                    model=model,
                    fields=_fields(note),
                    guid=genanki.guid_for(_NAME, note.id),
                    tags=[_tag(note.topic)] if _tag(note.topic) else [],
                )
            )
            count += 1
    try:
        genanki.Package(deck).write_to_file(str(path))
    except OSError as error:
        raise LedgerError(
            f"The file {path.name} cannot be written; choose another folder.",
            f"无法写入文件 {path.name}；请换一个文件夹。",
        ) from error
    return count


def _fields(note: Note) -> list[str]:
    points = "".join(f"<li>{_html(point.text)}</li>" for point in note.key_points)
    source = note.source
    where = f"{source.file}, {source.first_line}–{source.last_line}"
    return [
        _html(note.question),
        f"<ul>{points}</ul>",
        _html(note.answer).replace("\n", "<br>"),
        _html("; ".join([where, *note.references])),
    ]


def _html(text: str) -> str:
    """Escaped text with ``$$…$$`` and ``$…$`` as the delimiters Anki renders."""
    parts = escape(text, quote=False).split("$$")
    for index, part in enumerate(parts):
        if index % 2:
            parts[index] = f"\\[{part}\\]"
            continue
        pieces = part.split("$")
        whole = len(pieces) % 2 == 1  # an odd dollar is a dollar
        if whole:
            pieces[1::2] = [f"\\({piece}\\)" for piece in pieces[1::2]]
        parts[index] = ("" if whole else "$").join(pieces)
    return "".join(parts)


def _tag(topic: str) -> str:
    return "::".join("_".join(part.split()) for part in topic.split(" / ") if part.strip())


def _cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _number(name: str) -> int:
    """A stable id as Anki wants it, from a name."""
    return int(sha256(name.encode()).hexdigest()[:8], 16) | 1
