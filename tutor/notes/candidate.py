"""A place that may be a question: what is known of it, and how one is made from a line."""

from dataclasses import dataclass

from tutor.notes.labels import asks, clean_question, read_label
from tutor.notes.lines import Line
from tutor.notes.outline import Section


@dataclass(slots=True)
class Candidate:
    """A place that may be a question.

    Attributes:
        index: Index of its (first) line.
        family: ``heading, label, bold, number, quote, summary, table, item, plain``.
        shape: Its exact form within the family, such as ``h3:1.1`` or ``1.``.
        raw: Offsets of the question's own text in the file, marks excluded.
        text: The question for display.
        number: The author's number.
        answer: Offset in the file at which its answer may begin.
        stop: Offset at which the answer ends, where the form itself says so; -1 otherwise.
        depth: Heading level or indentation.
        asks: Whether it reads as a question.
        section: The section it stands in (for a heading its own).
    """

    index: int
    family: str
    shape: str
    raw: tuple[int, int]
    text: str
    number: int | None
    answer: int
    stop: int
    depth: int
    asks: bool
    section: Section


def build_candidate(
    family: str, shape: str, line: Line, raw: str, index: int, section: Section, depth: int = 0
) -> Candidate | None:
    """The candidate whose verbatim text is ``raw``, found in its line; None for an empty question."""
    text, number = clean_question(raw)
    if not any(char.isalnum() for char in text):
        return None
    at = line.start + max(line.text.find(raw), 0)
    return Candidate(
        index,
        family,
        shape,
        (at, at + len(raw)),
        text,
        number,
        line.end,
        -1,
        depth,
        asks(text),
        section,
    )


def heading_candidate(section: Section, lines: list[Line]) -> Candidate | None:
    """The section's heading as a question."""
    line = lines[section.index]
    label = read_label(section.title)
    shape = f"h{section.level}:{label.form}"
    found = build_candidate(
        "heading", shape, line, line.body, section.index, section, section.level
    )
    if found and section.index + 1 < len(lines) and lines[section.index + 1].kind == "underline":
        found.answer = lines[section.index + 1].end
    return found
