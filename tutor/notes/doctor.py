"""The note doctor: what is wrong with a note and what to do about it."""

import itertools
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from tutor.notes.compare import Encoder, conflict, same_questions
from tutor.notes.labels import clean_inline, is_reveal
from tutor.notes.types import Note, Problem

_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)|<img\b[^>]*>|!\[\[[^\]]*\]\]", re.IGNORECASE)
_IMAGE_WORD = re.compile(
    r"^(?:image|img|picture|screenshot|图片?|如图|见图|图\s*\d*)[\s.。:：]*$", re.IGNORECASE
)
_LINK = re.compile(r"\[[^\]]*\]\([^)]*\)\]?|https?://[^\s)\]，。]+|www\.\S+")
_LINK_WORDS = re.compile(
    r"(?:参考|见|详见|参见|原文|来源|出处|博客|文章|链接|答案|知乎|资料|文献|推荐|阅读|blog|link|see|source|src|ref(?:erence)?s?|"
    r"answer|url|click|here|点击|查看|这里|更多|详情)+", re.IGNORECASE,
)  # fmt: skip
_TODO = re.compile(
    r"^(?:\W|\[[ xX]\])*(?:todo|tbd|fixme|wip|coming soon|answer here|to be (?:added|done|continued|written)|your answer.*|"
    r"add (?:an )?answer.*|待补充|待完善|待更新|待续|未完待续|待办|待写|暂无(?:答案)?|略|无|施工中|占坑|\.{3,}|…+)\W*$",
    re.IGNORECASE,
)
_CHINESE, _LATIN = re.compile(r"[\u3400-\u9fff]+"), re.compile(r"[A-Za-z0-9]+")
_LETTERS = re.compile(r"[^\W_]+")
_LINK_OR_PICTURE = re.compile(r"http|www\.|\]\(|!\[|<img", re.IGNORECASE)
_OPENING = 400  # characters in which a plain answer shows that it says something
MIN_ZH, MIN_EN = 8, 5
_LOOKED_AT = 20_000  # characters; an answer that says nothing so far says nothing

MESSAGES: dict[str, tuple[str, str]] = {
    "no_answer": (
        "This question has no answer below it; write one and it can be asked.",
        "这道题下面没有答案；补写后即可用于面试。",
    ),
    "image_only": (
        "The answer is only an image, which cannot be read; add the text of it.",
        "答案只有图片，无法读取；请补写文字。",
    ),
    "link_only": (
        "The answer is only a link; write down what it says.",
        "答案只有链接；请把内容写下来。",
    ),
    "todo": (
        "The answer is a placeholder; write it and the question can be asked.",
        "答案还是占位内容；补写后即可用于面试。",
    ),
    "too_thin": (
        "The answer is very short; a judgement of replies will be coarse until more is written.",
        "答案过短，评判会比较粗略；建议补充。",
    ),
}


def problem(code: str, file: str, line: int, severity: str = "error") -> Problem:
    """A finding with its standard sentences."""
    en, zh = MESSAGES[code]
    return Problem(code, file, line, en, zh, severity)


def judge_answer(question: str, answer: str, file: str, line: int) -> Problem | None:
    """What is wrong with the answer itself, if anything; errors come before warnings."""
    lines = [text.strip() for text in answer[:_LOOKED_AT].splitlines()]
    lines = [text for text in lines if text and not is_bare_mark(text)]
    if not lines:
        return problem("no_answer", file, line)
    written = [
        text for text in lines if len(text) > 100 or not _TODO.match(clean_inline(text) or text)
    ]
    if not written:
        return problem("todo", file, line)
    text = "\n".join(written)
    if len(written) == len(lines) and _says_something(text):
        return None
    bare = _IMAGE.sub(" ", text)
    pictures = bare != text or all(_IMAGE_WORD.match(piece) for piece in written)
    bare = "\n".join(piece for piece in bare.split("\n") if not _IMAGE_WORD.match(piece.strip()))
    rest = _LINK_WORDS.sub(" ", _LINK.sub(" ", bare))
    links = "todo" if len(written) < len(lines) else "link_only"
    if not _letters(rest):
        if not _letters(bare):
            return problem("image_only" if pictures else "no_answer", file, line)
        return problem(links, file, line)
    if _LINK.search(bare) and _letters(rest) < 4:
        return problem(links, file, line)
    if len(written) < len(lines) and not _substantial(_without_links(bare)):
        return problem("todo", file, line)
    if not _substantial(bare):
        return problem("too_thin", file, line, "warning")
    return None


def _says_something(text: str) -> bool:
    """Whether plain prose without a link or picture shows from its first lines that it answers."""
    if _LINK_OR_PICTURE.search(text):
        return False
    opening = text[:_OPENING]
    prose = "\n".join(line for line in opening.split("\n") if not _IMAGE_WORD.match(line))
    return _substantial(prose) and _letters(_LINK_WORDS.sub(" ", prose)) >= 4 * MIN_ZH


def _without_links(text: str) -> str:
    """The lines that hold more than a link or the caption of a list of links."""
    kept = [
        line for line in text.split("\n") if not _LINK.search(line) and not is_source_caption(line)
    ]
    return "\n".join(kept)


def is_source_caption(line: str) -> bool:
    """Whether the line only announces sources ("**参考资料**")."""
    return bool(
        re.fullmatch(
            r"\W*(?:参考(?:资料|文献|链接)?|资料|references?|sources?|links?)\W*",
            line,
            re.IGNORECASE,
        )
    )


def is_bare_mark(text: str) -> bool:
    """Whether a line of an answer says nothing: an ellipsis, a fold-out's caption, a tag."""
    if len(text) > 100:
        return False
    clean = clean_inline(text).strip(" -*•>·")
    if (
        not clean
        and "<img" not in text.lower()
        and "![" not in text
        and "](" not in text
        and "http" not in text
    ):
        return True
    return bool(clean) and "http" not in text and is_reveal(clean)


def _letters(text: str) -> int:
    return sum(map(len, _LETTERS.findall(text)))


def _substantial(text: str) -> bool:
    chinese = sum(map(len, _CHINESE.findall(text)))
    words = len(_LATIN.findall(text))
    return chinese + 2 * words >= 2 * MIN_ZH or words >= MIN_EN or chinese >= MIN_ZH


def examine(
    notes: Sequence[Note],
    *,
    encoder: Encoder | None = None,
    passed: Mapping[str, str] | None = None,
) -> list[Problem]:
    """Everything the note doctor finds, in file and line order.

    Args:
        notes: The notes of one or more files.
        encoder: Also finds questions that mean the same in other words.
        passed: Digest by note id when the learner last passed the note; a changed one is named.
    """
    found: list[Problem] = []
    for note in notes:
        found += [known for known in note.problems if known.code in MESSAGES]  # found in reading
        if passed and note.id in passed and passed[note.id] != note.digest:
            found.append(_changed(note))
    found += _numbering(notes)
    for earlier, later in same_questions(notes, encoder):
        found.append(_duplicate(earlier, later))
        clash = conflict(earlier, later)
        if clash:
            found.append(_disagreement(earlier, later, clash))
    return sorted(found, key=lambda p: (p.file, p.line, p.severity, p.code))


def _at(note: Note, code: str, en: str, zh: str) -> Problem:
    return Problem(code, note.source.file, note.source.first_line, en, zh)


def _changed(note: Note) -> Problem:
    return _at(
        note,
        "changed_since_passed",
        "This note has changed since you last passed it; practise it again.",
        "这条笔记在你上次通过之后改过；建议重新练习。",
    )


def _duplicate(earlier: Note, later: Note) -> Problem:
    place = f"{earlier.source.file}:{earlier.source.first_line}"
    return _at(
        later,
        "near_duplicate",
        f"This asks nearly the same as {place}; merge the two or reword one.",
        f"这道题与 {place} 几乎相同；请合并或改写其中一道。",
    )


def _disagreement(earlier: Note, later: Note, clash: tuple[str, str]) -> Problem:
    place = f"{earlier.source.file}:{earlier.source.first_line}"
    return _at(
        later,
        "disagreement",
        f"This says “{clash[1]}” but {place} says “{clash[0]}”; check which is right.",
        f"这里写的是“{clash[1]}”，而 {place} 写的是“{clash[0]}”；请核对哪一个正确。",
    )


def _numbering(notes: Sequence[Note]) -> list[Problem]:
    """Numbers that repeat or jump within one heading of one file; a new start at 0 or 1 is fine."""
    groups: dict[tuple[str, str], list[Note]] = defaultdict(list)
    for note in notes:
        if note.number is not None:
            groups[(note.source.file, note.topic)].append(note)
    found: list[Problem] = []
    for group in groups.values():
        if len(group) < 3:
            continue
        for above, note in itertools.pairwise(group):
            number, before = note.number or 0, above.number or 0
            if number in (before + 1, 0, 1):
                continue
            en = "appears twice" if number == before else f"follows number {before}"
            zh = "重复出现" if number == before else f"排在 {before} 之后"
            found.append(
                _at(
                    note,
                    "broken_numbering",
                    f"Number {number} {en}; renumber if a question is missing (history is kept).",
                    f"编号 {number} {zh}；如有缺题请重新编号（学习记录会保留）。",
                )
            )
    return found
