"""Text to classified lines: what each line is in Markdown, with its exact character offsets."""

import re
from dataclasses import dataclass
from itertools import pairwise

_EOL = re.compile(r"\r\n|\n|\r")
_FENCE = re.compile(r"^\s*(`{3,}|~{3,})(.*)$")
_QUOTE_FENCE = re.compile(r"^\s*>\s*(`{3,}|~{3,})(.*)$")
_HEADING = re.compile(r"^ {0,3}(#{1,6})(?:[ \t\u3000\xa0]+(.*)|(?=[^#\s])(.*))?$")
_ITEM = re.compile(r"^([ \t\u3000]*)([-*+•·])[ \t\u3000\xa0]+(.*)$")
_NUMBERED = re.compile(r"^([ \t\u3000]*)(\d{1,4}[.)])[ \t\xa0]+(.*)$")
_HR = re.compile(r"^ {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$")
_SETEXT = re.compile(r"^ {0,3}(=+|-{2,})[ \t]*$")
_QUOTE = re.compile(r"^ {0,3}>[ \t]?(.*)$")
_TABLE_RULE = re.compile(r"^\|?[ \t]*:?-+:?(?:[ \t]*\|[ \t]*:?-+:?)+[ \t]*\|?$")
_LONGEST_RULE = 2000
_BREAK = re.compile(r"^\s*(?:<br\s*/?>|<hr\s*/?>|&nbsp;|&#x20;|\s)+$", re.IGNORECASE)
_HTML = re.compile(r"^\s*</?[A-Za-z][\w-]*(?:\s[^<>]*)?/?>")
_HTML_HEADING = re.compile(r"^\s*<h([1-6])\b[^<>]*>(.*?)</h\1>\s*$", re.IGNORECASE)
_HTML_OPEN_HEADING = re.compile(r"^\s*<h([1-6])\b[^<>]*>\s*$", re.IGNORECASE)
_HTML_CLOSED_HEADING = re.compile(r"^\s*</h[1-6]>\s*$", re.IGNORECASE)
_ADORNMENT = re.compile(r"^([=~^\"+#-])\1{3,}[ \t]*$")
_DIRECTIVE = re.compile(r"^\.\.[ \t]+[\w-]+::")
_COMMENT_ONE = re.compile(r"^\s*<!--.*?-->\s*$")
_CARD_KEY = re.compile(r"^(?:answer|a|back|答案?|回答)\s*[:：]", re.IGNORECASE)
_NUMBER_OF_INDENT = {"\t": 4, "\u3000": 2}


@dataclass(slots=True)
class Line:
    """One line of the file.

    Attributes:
        no: 1-based line number.
        start: Offset of its first character.
        end: Offset behind its last character, the line ending not counted.
        text: The characters between the two.
        kind: One of ``blank, front, fence, math, comment, heading, underline, item, quote,
            table, rule, break, html, text``.
        level: Heading level, 1 to 6; 0 for other lines.
        indent: Width of the leading white space in columns.
        body: The text behind the Markdown mark (heading marks, bullet, ``>``).
    """

    no: int
    start: int
    end: int
    text: str
    kind: str = "text"
    level: int = 0
    indent: int = 0
    body: str = ""


def split_lines(text: str) -> list[Line]:
    """Lines of the text by CR, LF or CRLF only, so that offsets always fit the source."""
    lines: list[Line] = []
    start = 0
    for match in _EOL.finditer(text):
        lines.append(Line(len(lines) + 1, start, match.start(), text[start : match.start()]))
        start = match.end()
    if start < len(text) or not lines:
        lines.append(Line(len(lines) + 1, start, len(text), text[start:]))
    return lines


def classify(text: str) -> list[Line]:
    """Every line of the text with its kind; code, formulas and comments hide what is in them."""
    lines = split_lines(text)
    begin = _mark_front_matter(lines)
    fence, math, comment = "", False, False
    for index in range(begin, len(lines)):
        line = lines[index]
        if fence:
            line.kind = "fence"
            mark = _FENCE.match(line.text) or _QUOTE_FENCE.match(line.text)
            if mark and not mark.group(2).strip() and mark.group(1).startswith(fence):
                fence = ""
        elif math:
            line.kind, math = "math", not line.text.rstrip().endswith(("$$", "\\]"))
        elif comment:
            line.kind, comment = "comment", "-->" not in line.text
        elif _underlines(lines, index, begin):
            line.body, line.kind = line.text.strip(), "underline"
        else:
            _classify_one(line)
            if line.kind == "fence":
                mark = _FENCE.match(line.text) or _QUOTE_FENCE.match(line.text)
                fence = mark.group(1) if mark and _closes(lines, index, mark.group(1)) else ""
            elif line.kind == "math":
                math = _opens_math(line.text) and _math_closes(lines, index)
            elif line.kind == "comment":
                comment = "-->" not in line.text and _comment_closes(lines, index)
    _mark_two_line_forms(lines, begin)
    _mark_split_headings(lines)
    return lines


def _mark_front_matter(lines: list[Line]) -> int:
    """Marks a leading ``---`` block of ``key: value`` lines; returns the index behind it."""
    if not lines or lines[0].text.strip().lstrip("\ufeff") != "---":
        return 0
    for index in range(1, min(len(lines), 60)):
        text = lines[index].text.strip()
        if _CARD_KEY.match(text):
            return 0  # a card, not a file's description
        if text in ("---", "..."):
            for line in lines[: index + 1]:
                line.kind = "front"
            return index + 1
        if text and ":" not in text and not text.startswith(("-", "#")):
            return 0
    return 0


def _closes(lines: list[Line], index: int, mark: str) -> bool:
    """Whether a fence is closed further down; an open one would hide the rest of the file."""
    for line in lines[index + 1 : index + 2000]:
        found = _FENCE.match(line.text) or _QUOTE_FENCE.match(line.text)
        if found and found.group(1).startswith(mark):
            return True
    return False


def _comment_closes(lines: list[Line], index: int) -> bool:
    """Whether a comment ends further down; a stray ``<!--`` would hide the rest of the file."""
    return any("-->" in line.text for line in lines[index + 1 : index + 500])


def _opens_math(text: str) -> bool:
    stripped = text.strip().lstrip("> ")
    if stripped.startswith("\\["):
        return "\\]" not in stripped
    return stripped.count("$$") % 2 == 1


def _math_closes(lines: list[Line], index: int) -> bool:
    return any(line.text.rstrip().endswith(("$$", "\\]")) for line in lines[index + 1 : index + 80])


def _underlines(lines: list[Line], index: int, begin: int) -> bool:
    """Whether the line is the row of marks under or over a title of reStructuredText.

    ``=`` and ``-`` under a title are Markdown's too and are read later; a row over one is only this.
    """
    line = lines[index]
    mark = _ADORNMENT.match(line.text) if line.text[:1] in tuple('=~^"+#-') else None
    if not mark:
        return False
    size = len(line.text.rstrip())
    if index + 2 < len(lines) and lines[index + 2].text.rstrip() == line.text.rstrip():
        title = lines[index + 1].text.strip()
        return bool(title) and len(title) <= size and not _ADORNMENT.match(title)
    if mark.group(1) in "=-" or index <= begin:
        return False
    above = lines[index - 1]
    lone = index - 2 < begin or lines[index - 2].kind in ("blank", "underline")
    if above.kind != "text" or not lone or size * 2 < len(above.body):
        return False
    above.kind, above.level = "heading", 3 + '~^"+#'.index(mark.group(1)) % 3
    return True


def _mark_split_headings(lines: list[Line]) -> None:
    """``<h3>``, a title and ``</h3>`` on three lines are one heading."""
    for above, line, below in zip(lines, lines[1:], lines[2:], strict=False):
        opening = _HTML_OPEN_HEADING.match(above.text) if above.kind == "html" else None
        if opening and line.kind in ("text", "item") and _HTML_CLOSED_HEADING.match(below.text):
            line.kind, line.level = "heading", int(opening.group(1))
            above.kind = below.kind = "break"


def _classify_one(line: Line) -> None:
    text = line.text.lstrip("\ufeff") if line.start == 0 else line.text
    line.body = text.strip()
    if not line.body:
        line.kind = "blank"
        return
    head = text[: len(text) - len(text.lstrip())]
    line.indent = sum(_NUMBER_OF_INDENT.get(char, 1) for char in head)
    first = line.body[0]
    if first in "`~>" and (_FENCE.match(text) or _QUOTE_FENCE.match(text)):
        line.kind = "fence"
    elif line.body.startswith(("$$", "\\[")):
        line.kind = "math"
    elif first == "#" and (match := _HEADING.match(text)):
        _set_heading(line, match)
    elif first == "<":
        _classify_html(line, text)
    elif first in "-*_" and _HR.match(text):
        line.kind = "rule"
    elif first == ">" and (match := _QUOTE.match(text)):
        line.kind, line.body = "quote", match.group(1).strip()
    elif first in "-*+•·" and (match := _ITEM.match(text)):
        line.kind, line.body = "item", match.group(3).strip()
    elif first == "|" and line.body.count("|") >= 2:
        line.kind = "table"
    elif first == "&" and _BREAK.match(text):
        line.kind = "break"
    elif first == "." and _DIRECTIVE.match(text):
        line.kind = "comment"


def _classify_html(line: Line, text: str) -> None:
    heading = _HTML_HEADING.match(text)
    if heading and heading.group(2).strip():
        line.kind, line.level, line.body = (
            "heading",
            int(heading.group(1)),
            heading.group(2).strip(),
        )
    elif line.body.startswith("<!--"):
        line.kind = "comment" if _COMMENT_ONE.match(text) or "-->" not in text else "html"
    elif _BREAK.match(text):
        line.kind = "break"
    elif _HTML.match(text):
        line.kind = "html"


def _set_heading(line: Line, match: re.Match[str]) -> None:
    body = (match.group(2) or match.group(3) or "").strip()
    # "#tag" and "#1" without a space are headings only with one or two marks less than a tag cloud
    if match.group(2) is None and (len(match.group(1)) < 2 or not body):
        return
    line.kind, line.level = "heading", len(match.group(1))
    line.body = re.sub(r"[ \t]+#+$|(?<=[^#\s])#{2,}$", "", body).strip()


def _mark_two_line_forms(lines: list[Line], begin: int) -> None:
    """Setext headings and tables without outer bars need their neighbour to be seen."""
    for index in range(begin, len(lines)):
        line = lines[index]
        if line.kind in ("fence", "math", "comment", "front"):
            continue
        above = lines[index - 1] if index > begin else None
        if above is None:
            continue
        if _SETEXT.match(line.text) and above.kind == "text" and above.indent < 4:
            lone = index - 2 < begin or lines[index - 2].kind not in ("text", "item", "quote")
            if lone and len(above.body) <= 200:
                above.kind, above.level = "heading", 1 if "=" in line.text else 2
                line.kind = "underline"
        elif "|" in above.text and above.kind in ("text", "table") and is_table_rule(line.text):
            above.kind = line.kind = "table"
            for below in lines[index + 1 :]:
                if "|" not in below.text or below.kind != "text":
                    break
                below.kind = "table"


def is_table_rule(text: str) -> bool:
    """Whether the line is the ``|---|---|`` line under a table's header."""
    return len(text) <= _LONGEST_RULE and bool(_TABLE_RULE.match(text.strip()))


def table_cells(text: str) -> list[tuple[int, int]]:
    r"""Cells of a table row as trimmed ``(start, end)`` offsets in the row; ``\|`` is no border."""
    borders = [m.start() for m in re.finditer(r"(?<!\\)\|", text)]
    left = len(text) - len(text.lstrip())
    edges = borders if borders and borders[0] == left else [-1, *borders]
    if not text.rstrip().endswith("|"):
        edges = [*edges, len(text)]
    cells: list[tuple[int, int]] = []
    for start, end in pairwise(edges):
        piece = text[start + 1 : end]
        lead = len(piece) - len(piece.lstrip())
        cells.append((start + 1 + lead, start + 1 + lead + len(piece.strip())))
    return cells
