"""An answer cut into statements: list items, inline enumerations, table rows, sentences."""

import re
from dataclasses import dataclass
from itertools import pairwise

from tutor.notes.labels import clean_inline
from tutor.notes.lines import Line, classify, is_table_rule, table_cells
from tutor.notes.text import cjk_share, split_sentences
from tutor.notes.types import Span

_ENUM = re.compile(
    r"(?:[(（]\s*(\d{1,2})\s*[)）]|(?<![\w.(（])(\d{1,2})\s*[)）、]|([①-⑳]))\s*[.、:：]?\s*"
)
_LEAD = re.compile(
    r"^(?:[-*+•·]\s+|\[[ xX]\]\s*|(?:[(（]?\d{1,2}(?:[)）.、:：]+)|[①-⑳]|[一二三四五六七八九十]{1,2}、)\s*)+"
)
_DANGLING = re.compile(
    r"(?:如下|如下图|如下所示|下图|上图|见图|例如|比如|as follows|follows|shown below|below)?\s*[:：]$",
    re.IGNORECASE,
)
_POINTING = re.compile(
    r"(?:如|见|参见|参考|详见)?[上下]图(?:所示)?|参考(?:文献|资料|博客|链接|blog)|^(?:图|表)\s*\d|shown (?:in the figure|below)|^(?:see|source|ref)\b|todo|click here",
    re.IGNORECASE,
)
_ADVERT = re.compile(
    r"公众号|扫码|加(?:微信|群)|(?:欢迎|点个?|求)\s*(?:关注|star|点?赞)|转载请|follow me on|subscribe to|star this repo",
    re.IGNORECASE,
)
_LABEL_ONLY = re.compile(r"^[^。.!?！？]{1,24}[:：]$")
_ORDINAL = re.compile(
    r"第([一二三四五六七八九])(?:步|点|个|种|重要的?|阶段|类)?\s*[:：,，、是]?\s*"
)
_PICTURE_WORD = re.compile(r"[\s，,]*(?:image|img|图片)\s*$", re.IGNORECASE)
_WHOLE = re.compile(
    r"<[A-Za-z/][^<>]*>|\]\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)|https?://[^\s)\]）]+|`[^`\n]+`|\$[^$\n]+\$|\$\$.+?\$\$",
    re.DOTALL,
)
_CHINESE, _LATIN = re.compile(r"[\u3400-\u9fff]+"), re.compile(r"[A-Za-z0-9]+")
LONGEST = 110
_NEAR = 12  # characters between a label or fragment and what it belongs to
_LISTED = 1.8


@dataclass(slots=True)
class Unit:
    """A statement of the answer.

    Attributes:
        text: The statement for display.
        span: Its characters in the answer.
        worth: Preference when there are too many; higher is kept.
    """

    text: str
    span: Span
    worth: float = 0.0


def units_of(answer: str) -> list[Unit]:
    """The answer's statements in order; code, images, links and headings say none."""
    lines = classify(answer)
    units: list[Unit] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        if line.kind == "table":
            index = _table(answer, lines, index, units)
        elif line.kind in ("item", "text", "quote") or (
            line.kind == "html" and clean_inline(line.text)
        ):
            index = _paragraph(answer, lines, index, units)
        else:
            index += 1
    merged = _merge_short(units, answer)
    return merged or _merge_short(units, answer, least=1)


def sentences_of(text: str) -> list[Span]:
    """Sentences of Markdown: a mark inside a link, tag, formula or code ends none."""
    if len(text) > 20_000:  # no paragraph of prose
        return split_sentences(text)
    return split_sentences(_WHOLE.sub(lambda match: "x" * len(match.group()), text))


def _is_item(line: Line) -> bool:
    return line.kind == "item" or (line.kind == "text" and bool(_LEAD.match(line.body)))


def _paragraph(answer: str, lines: list[Line], index: int, units: list[Unit]) -> int:
    """Reads one list item or one paragraph; returns the index of the line behind it."""
    first = lines[index]
    item = _is_item(first)
    last = index
    while last + 1 < len(lines):
        below = lines[last + 1]
        if below.kind != first.kind and not (item and below.kind == "text"):
            break
        if below.kind not in ("text", "quote") or _is_item(below):
            break
        if item and below.indent <= first.indent and first.kind == "item" and below.indent == 0:
            break
        last += 1
    start = first.start + len(first.text) - len(first.text.lstrip(" \t>\u3000"))
    span = Span(start, lines[last].end)
    kind = "quote" if first.kind == "quote" else "item" if item else "text"
    _statements(answer, span, kind, units)
    return last + 1


def _statements(answer: str, span: Span, kind: str, units: list[Unit]) -> None:
    text = span.of(answer)
    pieces = _enumerated(text)
    if pieces:
        for part in pieces:
            _add_item(answer, Span(span.start + part.start, span.start + part.end), units)
        return
    if kind == "item":
        _add_item(answer, span, units)
        return
    for sentence in sentences_of(text):
        _add(answer, Span(span.start + sentence.start, span.start + sentence.end), 1.0, units)


def _enumerated(text: str) -> list[Span]:
    """Pieces of "(1) … (2) …" or "第一…第二…" inside one paragraph; empty without."""
    for pattern in (_ENUM, _ORDINAL):
        marks: list[re.Match[str]] = []
        for match in pattern.finditer(text):
            if _mark_number(match) == len(marks) + 1:
                marks.append(match)
        if len(marks) >= 2:
            break
    else:
        return []
    edges = [mark.start() for mark in marks] + [len(text)]
    pieces = list(sentences_of(text[: edges[0]]))
    for start, end in pairwise(edges):
        part = text[start:end]
        pieces.append(Span(start, start + len(part.rstrip())))
    return pieces


def _mark_number(match: re.Match[str]) -> int:
    if match.re is _ORDINAL:
        return "一二三四五六七八九".index(match.group(1)) + 1
    digits = match.group(1) or match.group(2)
    return int(digits) if digits else ord(match.group(3)) - ord("①") + 1


def _add_item(answer: str, span: Span, units: list[Unit]) -> None:
    """An item is one statement; of a long one the first sentence leads, the others count less."""
    text = span.of(answer)
    if len(text) <= LONGEST or size_of(clean_inline(text)) <= LONGEST:
        _add(answer, span, 2.0, units)
        return
    for order, sentence in enumerate(sentences_of(text)):
        part = Span(span.start + sentence.start, span.start + sentence.end)
        _add(answer, part, 1.8 if order == 0 else 0.8, units)


def _add(answer: str, span: Span, worth: float, units: list[Unit]) -> None:
    raw = span.of(answer)
    text = _LEAD.sub("", clean_inline(_LEAD.sub("", raw.lstrip("> ")))).strip(" |>-*；;，,、")
    text = _PICTURE_WORD.sub("", text)
    if len(text) < 40 and _POINTING.search(text):
        return
    if len(text) < 100 and _ADVERT.search(text):
        return
    if len(text) < 60 and _DANGLING.search(text) and not _LABEL_ONLY.match(text):
        return
    if text.endswith(("?", "？")) or not any(char.isalpha() for char in text):
        return
    if "**" in raw:
        worth += 0.3
    units.append(Unit(text, span, worth))


def _table(answer: str, lines: list[Line], index: int, units: list[Unit]) -> int:
    """Rows of a table, each as "row: column value; …"."""
    header: list[str] = []
    while index < len(lines) and lines[index].kind == "table":
        line = lines[index]
        cells = [clean_inline(line.text[a:b]) for a, b in table_cells(line.text)]
        ruled = index + 1 < len(lines) and is_table_rule(lines[index + 1].text)
        if ruled:
            header = cells
        elif not is_table_rule(line.text) and len(cells) >= 2 and cells[0]:
            named = [
                f"{name} {cell}".strip() if name else cell
                for name, cell in zip(header[1:] or [""] * len(cells), cells[1:], strict=False)
                if cell
            ]
            if named:
                _row(line, f"{cells[0]}: {'; '.join(named)}", units)
        index += 1
    return index


def _row(line: Line, text: str, units: list[Unit]) -> None:
    lead = len(line.text) - len(line.text.lstrip())
    span = Span(line.start + lead, line.start + len(line.text.rstrip()))
    units.append(Unit(text, span, 1.5))


def size_of(text: str) -> int:
    """Weight of a statement: Chinese characters, and two for a Latin word; never above its length."""
    return sum(map(len, _CHINESE.findall(text))) + 2 * len(_LATIN.findall(text))


def _merge_short(units: list[Unit], answer: str, least: int = 6) -> list[Unit]:
    """Joins fragments with the statement that follows; a label goes before each item it announces."""
    merged: list[Unit] = []
    waiting: Unit | None = None
    label, last_end = "", 0
    for unit in units:
        near = unit.span.start - last_end <= _NEAR
        last_end = unit.span.end
        listed = unit.worth >= _LISTED
        if _LABEL_ONLY.match(unit.text):
            label = unit.text
            waiting = None
            continue
        if waiting is not None and near:
            text = f"{waiting.text}{_joint(waiting.text)}{unit.text}"
            unit = Unit(
                text, Span(waiting.span.start, unit.span.end), max(unit.worth, waiting.worth)
            )
        waiting = None
        if label and near:
            unit = Unit(f"{label}{_joint(label)}{unit.text}", unit.span, unit.worth)
        if not (listed and near):
            label = ""
        if len(unit.text) < 60 and size_of(unit.text) < (min(least, 4) if listed else least):
            waiting = unit
            continue
        merged.append(_cut(unit))
    if waiting is not None:
        _append_tail(merged, waiting, least)
    return merged


def _joint(text: str) -> str:
    """What joins two fragments: nothing behind a colon, else a comma of the text's script."""
    if text.endswith(":"):
        return " " if text.isascii() else ""
    if text.endswith(("：", "。", "！", "；")):
        return ""
    if text.endswith((".", "!", ";")):
        return " "
    return "，" if cjk_share(text) > 0.2 else ", "


def _append_tail(merged: list[Unit], tail: Unit, least: int) -> None:
    if merged and tail.span.start - merged[-1].span.end <= 4:
        last = merged[-1]
        merged[-1] = _cut(
            Unit(
                f"{last.text}{_joint(last.text)}{tail.text}",
                Span(last.span.start, tail.span.end),
                last.worth,
            )
        )
    elif size_of(tail.text) >= min(least, 3):
        merged.append(tail)


def _cut(unit: Unit) -> Unit:
    """Shortens the shown text at a clause; the span keeps all of it."""
    if len(unit.text) <= LONGEST or size_of(unit.text) <= LONGEST + 30:
        return unit
    limit = LONGEST if cjk_share(unit.text) > 0.2 else 3 * LONGEST
    head = unit.text[:limit]
    at = max(head.rfind(mark) for mark in ("。", "；", "，", "; ", ", ", ". "))
    text = head[:at] if at > limit // 3 else head.rsplit(" ", 1)[0] if " " in head else head
    return Unit(
        text.rstrip(" ，,;；") + ("…" if len(text) < len(unit.text) else ""), unit.span, unit.worth
    )
