"""Lines that could be questions, by the form in which a file may write them."""

import re

from tutor.notes.boxes import box_candidate, opens_box, table_candidates
from tutor.notes.candidate import Candidate, build_candidate
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
from tutor.notes.lines import Line
from tutor.notes.outline import Section

_BOLD_LINE = re.compile(r"^(?:[-*+]\s+)?(\*\*|__)(?P<bold>.+?)\1(?P<rest>.*)$")
_PAIR = re.compile(r"^((?=.*[ \u3400-\u9fff?？]).{2,150}?)\s*(?<!:)::(?!:)\s*(\S.*)$")
_TASK_BOX = re.compile(r"^\[[ xX]\]\s*")
_LABEL_STARTS = set("QqＱIi问题面试第【[*_>")


def strong_candidates(section: Section, lines: list[Line]) -> list[Candidate]:
    """Among the section's own lines: question labels, fold-outs, quoted lines and table rows."""
    found: list[Candidate] = []
    for index in section.body:
        line = lines[index]
        if line.kind in ("text", "item", "quote", "html"):
            found += _one(_strong_of_line(lines, index, section))
    return found + table_candidates(section, lines)


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
    if opens_box(line):
        return box_candidate(lines, index, section)
    body = _TASK_BOX.sub("", line.body) if line.body.startswith("[") else line.body
    if not body or len(body) > 1500 or (line.kind == "text" and body[0] not in _LABEL_STARTS):
        return None
    bare, _ = _bare(body)
    label = read_label(bare)
    if label.form == "q" and not answer_label(body):
        shape = "" if line.kind == "text" else line.kind
        return _label_candidate(line, body, index, section, shape, label.number is not None)
    if line.kind == "quote" and _alone(lines, index):
        return build_candidate("quote", f"quote:{label.form}", line, body, index, section)
    return None


def _weak_of_line(lines: list[Line], index: int, section: Section) -> Candidate | None:
    line = lines[index]
    body = _TASK_BOX.sub("", line.body) if line.body.startswith("[") else line.body
    if not body or len(body) > 1500:
        return None
    if "::" in body and (pair := _PAIR.match(body)) and not body.startswith("http"):
        found = build_candidate("pair", "pair", line, pair.group(1), index, section)
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
            return build_candidate("plain", shape, line, body, index, section)
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
    found = build_candidate("label", kind, line, raw, index, section, line.indent)
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
    found = build_candidate("bold", f"bold:{form}{marked}", line, body, index, section, line.indent)
    if found and tail and ends_asking(inner):
        _cut_inline_answer(found, line, body)
    elif found and tail and not asks(found.text) and re.match(r"^\s*[:：]", rest):
        return None  # "**1. Term**: definition" is an item of an answer
    return found


def _number_candidate(
    line: Line, body: str, index: int, section: Section, form: str
) -> Candidate | None:
    found = build_candidate("number", form, line, body, index, section, line.indent)
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
    found = build_candidate("item", f"item:{form}", line, body, index, section, line.indent)
    if found:
        _cut_inline_answer(found, line, body)
    return found
