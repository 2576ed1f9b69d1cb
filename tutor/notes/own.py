"""The parts of a note in our own format (``knowledge/FORMAT.md``) besides question and answer."""

import re
from dataclasses import dataclass

from tutor.notes.labels import clean_inline
from tutor.notes.lines import Line

_COMMENT = re.compile(r"<!--\s*(.*?)\s*-->")
_PARTS = {
    "要点": "points", "key points": "points", "常见误区": "misconception", "misconception": "misconception",
    "追问": "follow_ups", "follow-ups": "follow_ups", "出处": "references", "source": "references",
}  # fmt: skip
_MARK = re.compile(r"^\[(必答|加分|required|bonus)\]\s*", re.IGNORECASE)


@dataclass(slots=True)
class Extras:
    """What the author wrote besides question and answer.

    Attributes:
        answer: Offsets of the answer in the file, not yet trimmed.
        ref: The author's id.
        level: The author's level.
        points: Text and whether required, in order.
        misconception: The misconception, verbatim.
        follow_ups: One entry an item.
        references: One entry an item.
        key_lines: Indexes of the lines of the key points.
        meta_lines: Indexes of the other lines that are not the answer.
    """

    answer: tuple[int, int]
    ref: str = ""
    level: str = ""
    points: tuple[tuple[str, bool], ...] = ()
    misconception: str = ""
    follow_ups: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    key_lines: tuple[int, ...] = ()
    meta_lines: tuple[int, ...] = ()


def read_extras(lines: list[Line], index: int, end: int, text: str) -> Extras:
    """Reads the comment line and the ``###`` parts of the note whose question is line ``index``."""
    begin = lines[index].end
    extras = Extras((begin, end))
    parts: dict[str, list[int]] = {}
    part = ""
    at = index + 1
    while at < len(lines) and lines[at].start < end:
        line = lines[at]
        comment = _COMMENT.search(line.text) if line.kind == "comment" and not part else None
        if comment and "id" in comment.group(1):
            fields = dict(_pair(piece) for piece in comment.group(1).split("|"))
            extras.ref, extras.level = fields.get("id", ""), fields.get("level", "")
            extras.meta_lines += (at,)
            extras.answer = (line.end, end)
        elif line.kind == "heading" and line.level == 3 and line.body.lower() in _PARTS:
            if not part:
                extras.answer = (extras.answer[0], line.start)
            part = _PARTS[line.body.lower()]
            parts.setdefault(part, []).append(at)
        elif part:
            parts[part].append(at)
        at += 1
    _fill(extras, parts, lines, text)
    return extras


def _pair(piece: str) -> tuple[str, str]:
    key, _, value = piece.partition(":")
    return key.strip().lower(), value.strip()


def _fill(extras: Extras, parts: dict[str, list[int]], lines: list[Line], text: str) -> None:
    for name, indexes in parts.items():
        items = [lines[i].body for i in indexes[1:] if lines[i].kind == "item"]
        items = items or [lines[i].body for i in indexes[1:] if lines[i].kind == "text"]
        if name == "points":
            extras.key_lines = tuple(indexes)
            extras.points = tuple(_point(item) for item in items)
        else:
            extras.meta_lines += tuple(indexes)
            if name == "misconception" and len(indexes) > 1:
                span = text[lines[indexes[1]].start : lines[indexes[-1]].end]
                extras.misconception = span.strip()
            elif name == "follow_ups":
                extras.follow_ups = tuple(items)
            elif name == "references":
                extras.references = tuple(items)


def _point(item: str) -> tuple[str, bool]:
    match = _MARK.match(item)
    required = match is None or match.group(1).lower() in ("必答", "required")
    return clean_inline(item[match.end() :] if match else item), required
