"""Where a note's answer begins and ends: frames, labels and lines about the question taken off."""

import re

from tutor.notes.folds import closes, read_callout, read_fold
from tutor.notes.labels import answer_label, clean_inline, is_answer_alone, is_reveal, read_label
from tutor.notes.lines import Line

_TRIM = ("blank", "break", "rule", "front", "comment")
_FRAME = re.compile(
    r"^\s*(?:<details[^>]*>|</details>|<summary>.*?</summary>|</?summary>|</?p>|</?div[^>]*>|</?center>|"
    r"<a\s+(?:name|id)=[^<>]*>\s*(?:</a>)?|</a>|\s)+$",
    re.IGNORECASE,
)
_LONGEST_FRAME = 2000
_BACK = re.compile(
    r"^\W*(?:back to (?:top|contents?|questions?|index|table of contents)|"
    r"(?:返回|回到)(?:顶部|目录|首页|页首)|top)\W*$",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^\s*(?:<details[^>]*>\s*)?(?:<summary>(?P<s>.*?)</summary>\s*)?", re.IGNORECASE
)
_CLOSING = re.compile(r"\s*</details>\s*$", re.IGNORECASE)
_ABOUT = (
    r"difficulty(?: level)?|level|tags?|topics?|category|categories|company|companies|asked (?:by|at|in)|"
    r"frequency|importance|难度|难度系数|标签|分类|类别|考点|知识点|公司|出现频率|频率|考察频率|重要(?:程度|性)|星级"
)
_ABOUT_LINE = re.compile(
    rf"^[\W_]*(?:{_ABOUT}|题目|问题|题干|question|problem)\s*(?:\*\*|__)?\s*[:：]\s*(?:\*\*|__)?\s*\S.{{0,200}}$",
    re.IGNORECASE,
)
_ABOUT_HEADING = re.compile(rf"^(?:{_ABOUT})$", re.IGNORECASE)
_PROPERTY = re.compile(r"^[a-z][a-z0-9-]*:: \S*$")
_DEFINITION = re.compile(r"^[ \t]*:[ \t]+(?=\S)")
_JOINT = re.compile(r"^[ \t]*(?:[-–—]+[ \t]+|[:：][ \t]*)(?=\S)")
_CHAPTER_LINE = re.compile(
    r"^(?:【[^【】]{1,30}】|[一二三四五六七八九十]{1,3}[、.．][^。？?！!；;]{1,30}|"
    r"第[一二三四五六七八九十\d]{1,3}[章节篇部]分?[^。？?！!；;]{0,30}|(?:part|chapter|section) [\divx]+\b[^.?!]{0,60})$",
    re.IGNORECASE,
)


def line_at(lines: list[Line], offset: int, low: int) -> int:
    """Index of the line that holds the offset, searched from index ``low`` on."""
    high = len(lines) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if lines[middle].start <= offset:
            low = middle
        else:
            high = middle - 1
    return low


def answer_range(text: str, lines: list[Line], begin: int, end: int, index: int) -> tuple[int, int]:
    """The answer between two offsets: gaps, rules, its label and the frame of a fold-out taken off.

    ``index`` is the line of the question.
    """
    first, last = line_at(lines, begin, index), line_at(lines, max(end - 1, begin), index)
    begin, first = _begin(text, lines, begin, end, first, last)
    end = _end(text, lines, begin, end, first, last)
    closing = _CLOSING.search(text, begin, end) if text[begin:end].rstrip().endswith(">") else None
    if closing and "<details" not in text[begin:end].lower():
        end = closing.start()
    while begin < end and text[begin] in " \t\r\n":
        begin += 1
    while begin < end and text[end - 1] in " \t\r\n":
        end -= 1
    return (begin, end) if begin < end else (begin, begin)


def _begin(
    text: str, lines: list[Line], begin: int, end: int, first: int, last: int
) -> tuple[int, int]:
    """Offset of the answer's first character, and the index of its line."""
    while first <= last and begin < end:
        line = lines[first]
        piece = text[max(begin, line.start) : min(line.end, end)]
        whole = begin <= line.start
        if not piece.strip() or (whole and _dispensable(lines, first)) or _is_frame(piece):
            first = _behind_about(lines, first, last) if whole else first + 1
            begin = lines[first].start if first < len(lines) else end
            continue
        begin = max(begin, line.start)
        begin += _mark_length(text[begin : min(line.end, end)], whole)
        if text[begin : line.end].strip():
            break
        first += 1
        begin = lines[first].start if first < len(lines) else end
    return begin, first


def _mark_length(piece: str, whole: bool) -> int:
    """Characters in front of the answer's own text: a fold-out's frame, an answer label, a colon."""
    taken = 0
    opening = _OPENING.match(piece[:_LONGEST_FRAME])
    if opening and opening.end() and is_reveal(opening.group("s") or "") and "<" in piece[:9]:
        taken = opening.end()
        piece = piece[taken:]
    inner = piece.lstrip(" \t>-#")
    length = answer_label(inner)
    if length:
        return taken + len(piece) - len(inner) + length
    joint = (_DEFINITION if whole else _JOINT).match(piece)
    return taken + (joint.end() if joint else 0)


def _end(text: str, lines: list[Line], begin: int, end: int, first: int, last: int) -> int:
    """Offset behind the answer's last character."""
    while last >= first and end > begin:
        line = lines[last]
        piece = text[max(begin, line.start) : min(line.end, end)]
        if (
            not piece.strip()
            or line.kind in (*_TRIM, "answer")
            or _is_frame(piece)
            or (closes(piece.strip()) and _unbalanced(lines, first, last))
            or _is_chapter_line(lines, first, last)
        ):
            end = max(begin, line.start)
            last -= 1
            continue
        return min(line.end, end)
    return end


def _is_frame(piece: str) -> bool:
    """Whether a line is a fold-out's frame or a link back to the top of the page."""
    if len(piece) > _LONGEST_FRAME:
        return False
    if _FRAME.match(piece):
        return True
    if len(piece) >= 200:
        return False
    bare = piece.strip().lstrip("> ")
    box = read_callout(bare) if bare.startswith("[!") else read_fold(bare)
    if box and (is_reveal(box.title) if box.title else box.asks):
        return True
    return bool(_BACK.match(clean_inline(piece)))


def _unbalanced(lines: list[Line], first: int, last: int) -> bool:
    """Whether a line that closes a box closes none that the answer has opened."""
    depth = 0
    for line in lines[first : last + 1]:
        if closes(line.body):
            depth -= 1
        elif line.kind in ("text", "html") and (box := read_fold(line.body)) and not box.block:
            depth += 1
    return depth < 0


def _is_chapter_line(lines: list[Line], first: int, last: int) -> bool:
    """Whether the answer's last line is the title of the chapter that follows."""
    line = lines[last]
    if line.kind != "text" or last <= first or len(line.body) > 60:
        return False
    alone = lines[last - 1].kind in _TRIM
    followed = last + 1 < len(lines) and (
        lines[last + 1].kind in _TRIM or line.body.startswith("【")
    )
    if not (alone and followed and _CHAPTER_LINE.match(line.body.strip("*_ "))):
        return False
    form = read_label(line.body.strip("*_ ")).form
    return not form or all(read_label(other.body).form != form for other in lines[first:last])


def _dispensable(lines: list[Line], index: int) -> bool:
    """Whether a line before the answer says nothing of it: a gap, its caption, the question's level."""
    line = lines[index]
    if line.kind in (*_TRIM, "answer", "underline") or is_answer_alone(line.body):
        return True
    if line.kind == "heading":
        return bool(_ABOUT_HEADING.match(clean_inline(line.body).strip(" :：")))
    return line.kind in ("text", "item", "quote") and bool(
        _ABOUT_LINE.match(line.body) or _PROPERTY.match(line.body)
    )


def _behind_about(lines: list[Line], first: int, last: int) -> int:
    """Index of the line behind a dispensable one; a heading such as "Difficulty" takes its text along."""
    index = first + 1
    if lines[first].kind != "heading":
        return index
    while index <= last and lines[index].kind not in ("heading", "answer"):
        index += 1
    return index if index <= last else first + 1
