"""Lines that could be questions, by the form in which a file may write them."""

import re
from dataclasses import dataclass

from tutor.notes.folds import Fold, callout_end, fold_end, read_callout, read_fold
from tutor.notes.labels import (
    answer_label,
    asks,
    clean_inline,
    clean_question,
    ends_asking,
    is_answer_alone,
    is_reveal,
    read_label,
)
from tutor.notes.lines import Line, is_table_rule, table_cells
from tutor.notes.outline import Section

_BOLD_LINE = re.compile(r"^(?:[-*+]\s+)?(\*\*|__)(?P<bold>.+?)\1(?P<rest>.*)$")
_SUMMARY = re.compile(r"<summary>(?P<text>.*?)</summary>", re.IGNORECASE)
_PAIR = re.compile(r"^((?=.*[ \u3400-\u9fff?？]).{2,150}?)\s*(?<!:)::(?!:)\s*(\S.*)$")
_TASK_BOX = re.compile(r"^\[[ xX]\]\s*")
QUESTION_COLUMN = re.compile(
    r"^(?:(?:面试)?问题|题目|面试题|问|q|questions?|interview questions?|prompt|front|正面|题干)$",
    re.IGNORECASE,
)
ANSWER_COLUMN = re.compile(
    r"^(?:(?:参考|标准)?答案|回答|解答|答|解析|a|answers?|(?:model|sample|short) answers?|response|back|背面|explanation)$",
    re.IGNORECASE,
)
_LONGEST_SUMMARY = 2000
_LABEL_STARTS = set("QqＱIi问题面试第【[*_>")


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


def _build(
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
    found = _build("heading", shape, line, line.body, section.index, section, section.level)
    if found and section.index + 1 < len(lines) and lines[section.index + 1].kind == "underline":
        found.answer = lines[section.index + 1].end
    return found


def strong_candidates(section: Section, lines: list[Line]) -> list[Candidate]:
    """Among the section's own lines: question labels, fold-outs, quoted lines and table rows."""
    found: list[Candidate] = []
    for index in section.body:
        line = lines[index]
        if line.kind in ("text", "item", "quote", "html"):
            found += _one(_strong_of_line(lines, index, section))
    return found + _table_candidates(section, lines)


def weak_candidates(section: Section, lines: list[Line]) -> list[Candidate]:
    """Among the section's own lines: bold, numbered and bulleted lines and those that end in "?"."""
    found: list[Candidate] = []
    for index in section.body:
        if lines[index].kind in ("text", "item"):
            found += _one(_weak_of_line(lines, index, section))
    return found


def _bare(body: str) -> tuple[str, re.Match[str] | None]:
    """The line's text without the bold marks that open it, and the match of these."""
    bold = _BOLD_LINE.match(body) if body.startswith(("**", "__")) else None
    bare = f"{bold.group('bold').strip()} {bold.group('rest')}" if bold else body
    return bare.strip().lstrip("*_[ "), bold


def _strong_of_line(lines: list[Line], index: int, section: Section) -> Candidate | None:
    line = lines[index]
    if line.kind in ("text", "html") and (fold := read_fold(line.body)):
        return _fold_candidate(lines, index, section, fold)
    if line.kind == "quote" and (callout := read_callout(line.body)):
        return _callout_candidate(lines, index, section, callout)
    if "<" in line.body and (line.kind == "html" or "<summary>" in line.body.lower()):
        return _summary_candidate(line, index, section) or _summary_below(lines, index, section)
    body = _TASK_BOX.sub("", line.body) if line.body.startswith("[") else line.body
    if not body or len(body) > 1500 or (line.kind == "text" and body[0] not in _LABEL_STARTS):
        return None
    bare, _ = _bare(body)
    label = read_label(bare)
    if label.form == "q" and not answer_label(body):
        shape = "" if line.kind == "text" else line.kind
        return _label_candidate(line, body, index, section, shape, label.number is not None)
    if line.kind == "quote" and _alone(lines, index):
        return _build("quote", f"quote:{label.form}", line, body, index, section)
    return None


def _weak_of_line(lines: list[Line], index: int, section: Section) -> Candidate | None:
    line = lines[index]
    body = _TASK_BOX.sub("", line.body) if line.body.startswith("[") else line.body
    if not body or len(body) > 1500:
        return None
    if "::" in body and (pair := _PAIR.match(body)) and not body.startswith("http"):
        found = _build("pair", "pair", line, pair.group(1), index, section)
        if found:
            found.answer, found.stop = line.start + line.text.find(body) + pair.start(2), line.end
        return found
    if line.kind == "item":
        return _item_candidate(line, body, index, section)
    bare, bold = _bare(body)
    if bold:
        return _bold_candidate(lines, line, body, bold, index, section)
    label = read_label(bare)
    if label.form and line.indent <= 3:
        return _number_candidate(line, body, index, section, label.form)
    if line.indent <= 3 and len(body) <= 300:
        separated = line.kind == "text" and _between_rule_and_gap(lines, index)
        if separated or ends_asking(body):
            shape = "plain+s" if separated else "plain"
            return _build("plain", shape, line, body, index, section)
    return None


def _between_rule_and_gap(lines: list[Line], index: int) -> bool:
    """Whether the line stands alone below a rule or the file's beginning, and is no sentence."""
    if index + 1 < len(lines) and lines[index + 1].kind != "blank":
        return False
    if lines[index].body.endswith((".", "。", "!", "！", ";", "；", ":", "：")):
        return False
    above = index - 1
    while above >= 0 and lines[above].kind == "blank":
        above -= 1
    return above < 0 or lines[above].kind in ("rule", "front")


def _one(candidate: Candidate | None) -> list[Candidate]:
    return [candidate] if candidate else []


def _alone(lines: list[Line], index: int) -> bool:
    """Whether a quoted line is not part of a longer quotation."""
    above = lines[index - 1].kind if index else "blank"
    below = lines[index + 1].kind if index + 1 < len(lines) else "blank"
    return above != "quote" and below != "quote"


def _label_candidate(
    line: Line, body: str, index: int, section: Section, shape: str, numbered: bool
) -> Candidate | None:
    """A line with a question label; "Q: … A: …" on one line is cut at the answer's label."""
    kind = f"{shape}:{'n' if numbered else 'q'}"
    cut = re.search(r"(?<=[\s?？。.!！|])(?:A(?:nswer)?|答案?|回答)\s*\d*\s*[:：]\s*(?=\S)", body)
    raw = body[: cut.start()].rstrip() if cut else body
    found = _build("label", kind, line, raw, index, section, line.indent)
    if found and cut:
        found.answer = line.start + line.text.find(body) + cut.end()
    elif found:
        _cut_inline_answer(found, line, raw)
    return found


def _cut_inline_answer(found: Candidate, line: Line, raw: str) -> None:
    """A bold question followed by text, or a question mark followed by a sentence or more."""
    bold = _BOLD_LINE.match(raw)
    if (
        bold
        and ends_asking(bold.group("bold").strip())
        and len(bold.group("rest").strip(" :：")) > 12
    ):
        end = raw.index(bold.group("bold")) + len(bold.group("bold")) + 2
    else:
        match = re.match(r"(?:[^?？`$\[]{4,250}[?？])+(?=\s*[^\s?？)）」”\]*_])", raw)
        rest = raw[match.end() :].strip() if match else ""
        if not match or len(rest) < 20 or "?" in rest or "？" in rest or "](" in rest:
            return
        end = match.end()
    text, _ = clean_question(raw[:end])
    if text:
        found.text, found.asks = text, True
        found.raw = (found.raw[0], found.raw[0] + end)
        found.answer = found.raw[1]


def _separated(lines: list[Line], index: int) -> str:
    """``+s`` where a rule, a break or a heading is the next thing above the line."""
    for above in reversed(lines[max(index - 5, 0) : index]):
        if above.kind != "blank":
            return "+s" if above.kind in ("break", "rule", "heading") else ""
    return ""


def _ends_in_emoji(text: str) -> bool:
    return any(
        0x2600 <= ord(char) <= 0x2BFF or ord(char) >= 0x1F000 or ord(char) == 0xFE0F
        for char in text.rstrip().rstrip("*_")[-2:]
    )


def _bold_candidate(
    lines: list[Line], line: Line, body: str, bold: re.Match[str], index: int, section: Section
) -> Candidate | None:
    inner, rest = bold.group("bold").strip(), bold.group("rest")
    form = read_label(inner).form
    tail = clean_inline(rest).strip(" :：.。")
    if tail and not form and not ends_asking(inner):
        return None
    if answer_label(body) or is_answer_alone(inner):
        return None
    marked = _separated(lines, index) + ("+e" if _ends_in_emoji(line.text) else "")
    found = _build("bold", f"bold:{form}{marked}", line, body, index, section, line.indent)
    if found and tail and ends_asking(inner):
        _cut_inline_answer(found, line, body)
    elif found and tail and not asks(found.text) and re.match(r"^\s*[:：]", rest):
        return None  # "**1. Term**: definition" is an item of an answer
    return found


def _number_candidate(
    line: Line, body: str, index: int, section: Section, form: str
) -> Candidate | None:
    found = _build("number", form, line, body, index, section, line.indent)
    if found:
        _cut_inline_answer(found, line, body)
        if len(found.text) > 300 or (form == "1" and not found.asks):
            return None
    return found


def _item_candidate(line: Line, body: str, index: int, section: Section) -> Candidate | None:
    if is_reveal(body) or not any(char.isalnum() for char in clean_inline(body)):
        return None
    if body.startswith(("# ", "## ", "### ")):
        return None  # a heading that an outliner wrote as a bullet
    bold = _BOLD_LINE.match(body) if body.startswith(("**", "__")) else None
    form = "bold" if bold and not bold.group("rest").strip(" :：?？") else read_label(body).form
    found = _build("item", f"item:{form}", line, body, index, section, line.indent)
    if found:
        _cut_inline_answer(found, line, body)
    return found


def _summary_candidate(line: Line, index: int, section: Section) -> Candidate | None:
    match = _SUMMARY.search(line.text[:_LONGEST_SUMMARY])
    if not match or is_reveal(match.group("text")):
        return None
    raw = match.group("text").strip()
    found = _build("summary", "summary", line, raw, index, section)
    if found:
        found.answer = line.start + match.end()
    return found


def _fold_candidate(
    lines: list[Line], index: int, section: Section, fold: Fold
) -> Candidate | None:
    """The title of a site generator's box, if the box is made for questions or its title asks."""
    if not fold.title or is_reveal(fold.title) or not (fold.asks or ends_asking(fold.title)):
        return None
    found = _build("summary", "fold", lines[index], fold.title, index, section)
    if found:
        found.stop = fold_end(lines, index, fold)
    return found


def _callout_candidate(
    lines: list[Line], index: int, section: Section, callout: Fold
) -> Candidate | None:
    """The title of a callout, or the first line in it where it has no title."""
    if callout.title:
        title = callout.title
    elif callout.asks and index + 1 < len(lines) and lines[index + 1].kind == "quote":
        index += 1
        title = lines[index].body
    else:
        return None
    if is_reveal(title) or not (callout.asks or ends_asking(title)):
        return None
    found = _build("summary", "callout", lines[index], title, index, section)
    if found:
        found.stop = callout_end(lines, index)
    return found


def _summary_below(lines: list[Line], index: int, section: Section) -> Candidate | None:
    """A ``<summary>`` whose text stands on the lines below it."""
    if "<summary" not in lines[index].text.lower() or "</summary" in lines[index].text.lower():
        return None
    for below in range(index + 1, min(index + 4, len(lines))):
        line = lines[below]
        if "</summary" in line.text.lower() and not clean_inline(line.text):
            return None
        if clean_inline(line.text) and not is_reveal(line.text):
            raw = re.sub(r"</summary>\s*$", "", line.text, flags=re.IGNORECASE).strip()
            found = _build("summary", "summary", line, raw, below, section)
            if found and below + 1 < len(lines) and "</summary" in lines[below + 1].text.lower():
                found.answer = lines[below + 1].end
            return found
    return None


def _table_candidates(section: Section, lines: list[Line]) -> list[Candidate]:
    """Rows of tables whose header names a question and an answer column."""
    found: list[Candidate] = []
    columns: tuple[int, int] | None = None
    for index in section.body:
        line = lines[index]
        if line.kind != "table":
            columns = None
            continue
        cells = table_cells(line.text)
        if index + 1 < len(lines) and is_table_rule(lines[index + 1].text) and columns is None:
            columns = _columns([clean_inline(line.text[a:b]) for a, b in cells])
        elif columns and not is_table_rule(line.text) and len(cells) > max(columns):
            (q_from, q_to), (a_from, a_to) = cells[columns[0]], cells[columns[1]]
            one = _build("table", "table", line, line.text[q_from:q_to], index, section)
            if one and q_to > q_from:
                one.raw = (line.start + q_from, line.start + q_to)
                one.answer, one.stop = line.start + a_from, line.start + a_to
                found.append(one)
    return found


def _columns(header: list[str]) -> tuple[int, int] | None:
    question = [i for i, name in enumerate(header) if QUESTION_COLUMN.match(name)]
    answer = [i for i, name in enumerate(header) if ANSWER_COLUMN.match(name)]
    return (question[0], answer[0]) if question and answer else None
