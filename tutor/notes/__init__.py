"""Notes: text to `Note`."""

from tutor.notes.parse import parse_notes, parse_report, parse_text
from tutor.notes.read import read_file
from tutor.notes.report import ParseReport, Use

__all__ = ["ParseReport", "Use", "parse_notes", "parse_report", "parse_text", "read_file"]
