"""Questions in boxes and tables: fold-outs, callouts, summaries and rows."""

import re

from tutor.notes.candidate import Candidate, build_candidate
from tutor.notes.folds import Fold, callout_end, fold_end, read_callout, read_fold
from tutor.notes.labels import clean_inline, ends_asking, is_reveal
from tutor.notes.lines import Line, is_table_rule, table_cells
from tutor.notes.outline import Section

_SUMMARY = re.compile(r"<summary>(?P<text>.*?)</summary>", re.IGNORECASE)
QUESTION_COLUMN = re.compile(
    r"^(?:(?:面试)?问题|题目|面试题|问|q|questions?|interview questions?|prompt|front|正面|题干)$",
    re.IGNORECASE,
)
ANSWER_COLUMN = re.compile(
    r"^(?:(?:参考|标准)?答案|回答|解答|答|解析|a|answers?|(?:model|sample|short) answers?|response|back|背面|explanation)$",
    re.IGNORECASE,
)
_LONGEST_SUMMARY = 2000


def box_candidate(lines: list[Line], index: int, section: Section) -> Candidate | None:
    """The title of a box that the line opens, if the box asks."""
    line = lines[index]
    if line.kind in ("text", "html") and (fold := read_fold(line.body)):
        return _fold_candidate(lines, index, section, fold)
    if line.kind == "quote" and (callout := read_callout(line.body)):
        return _callout_candidate(lines, index, section, callout)
    if "<" in line.body and (line.kind == "html" or "<summary>" in line.body.lower()):
        return _summary_candidate(line, index, section) or _summary_below(lines, index, section)
    return None


def opens_box(line: Line) -> bool:
    """Whether the line opens a box or is markup, so that no other form can claim it."""
    if line.kind == "quote":
        return read_callout(line.body) is not None
    if "<" in line.body and (line.kind == "html" or "<summary>" in line.body.lower()):
        return True
    return line.kind in ("text", "html") and read_fold(line.body) is not None


def _fold_candidate(
    lines: list[Line], index: int, section: Section, fold: Fold
) -> Candidate | None:
    """The title of a site generator's box, if the box is made for questions or its title asks."""
    if not fold.title or is_reveal(fold.title) or not (fold.asks or ends_asking(fold.title)):
        return None
    found = build_candidate("summary", "fold", lines[index], fold.title, index, section)
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
    found = build_candidate("summary", "callout", lines[index], title, index, section)
    if found:
        found.stop = callout_end(lines, index)
    return found


def _summary_candidate(line: Line, index: int, section: Section) -> Candidate | None:
    match = _SUMMARY.search(line.text[:_LONGEST_SUMMARY])
    if not match or is_reveal(match.group("text")):
        return None
    raw = match.group("text").strip()
    found = build_candidate("summary", "summary", line, raw, index, section)
    if found:
        found.answer = line.start + match.end()
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
            found = build_candidate("summary", "summary", line, raw, below, section)
            if found and below + 1 < len(lines) and "</summary" in lines[below + 1].text.lower():
                found.answer = lines[below + 1].end
            return found
    return None


def table_candidates(section: Section, lines: list[Line]) -> list[Candidate]:
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
            one = build_candidate("table", "table", line, line.text[q_from:q_to], index, section)
            if one and q_to > q_from:
                one.raw = (line.start + q_from, line.start + q_to)
                one.answer, one.stop = line.start + a_from, line.start + a_to
                found.append(one)
    return found


def _columns(header: list[str]) -> tuple[int, int] | None:
    question = [i for i, name in enumerate(header) if QUESTION_COLUMN.match(name)]
    answer = [i for i, name in enumerate(header) if ANSWER_COLUMN.match(name)]
    return (question[0], answer[0]) if question and answer else None
