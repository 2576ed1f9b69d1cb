"""Notes: text to `Note`."""

from tutor.notes.doctor import examine
from tutor.notes.edits import (
    Edit,
    apply_edits,
    load_edits,
    make_edit,
    move_edits,
    save_edits,
    stale_edits,
)
from tutor.notes.ids import Changes, changes, match_ids
from tutor.notes.library import Library, load_notes, parse_notes
from tutor.notes.parse import parse_report, parse_text
from tutor.notes.read import read_file
from tutor.notes.report import ParseReport, Use

__all__ = [
    "Changes",
    "Edit",
    "Library",
    "ParseReport",
    "Use",
    "apply_edits",
    "changes",
    "examine",
    "load_edits",
    "load_notes",
    "make_edit",
    "match_ids",
    "move_edits",
    "parse_notes",
    "parse_report",
    "parse_text",
    "read_file",
    "save_edits",
    "stale_edits",
]
