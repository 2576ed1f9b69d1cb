"""What a reply says by rule: refusals, corrections, agreement."""

import re
from collections.abc import Sequence

from tutor.notes.text import shorten
from tutor.notes.types import Note
from tutor.study.reply import mask_formulas

_REFUSAL = {
    "zh": "笔记里没有这个问题的答案。",
    "en": "The notes do not answer this question.",
}
_NEAREST = {"zh": "最接近的题目：{titles}。", "en": " Nearest questions: {titles}."}
_WRONG = {
    "zh": "不对，笔记的说法不同：“{words}”{mark}。",
    "en": "Not quite; the note says otherwise: “{words}” {mark}.",
}
_PREMISE_WRONG = {
    "zh": "先纠正问题里的说法：笔记写的是“{words}”{mark}。",
    "en": "First, the question assumes something the note does not say; it says: “{words}” {mark}.",
}
_UNCLEAR = {
    "zh": "对照笔记的原话：“{words}”{mark}。",
    "en": "In the note's own words: “{words}” {mark}.",
}
_WRONG_BELOW = {
    "zh": "不对，笔记的说法不同：",
    "en": "Not quite; the note says otherwise:",
}
_PREMISE_WRONG_BELOW = {
    "zh": "先纠正问题里的说法，笔记写的是：",
    "en": "First, the question assumes something the note does not say; it says:",
}
_UNCLEAR_BELOW = {"zh": "对照笔记的原话：", "en": "In the note's own words:"}
_LEFT_OUT = {
    "zh": "关于{names}，这里的笔记没有答到这一点。",
    "en": "For {names} the notes here do not say.",
}
_UNHELD = {
    "zh": "这里的笔记没有提到 {names}，这部分没有依据可答。",
    "en": "The notes here do not mention {names}; that part is left unanswered.",
}
_UNANSWERED = {
    "zh": "这一问在笔记里没有找到答案：{parts}",
    "en": "The notes hold no answer to this part: {parts}",
}
_FROM_NOTE = {"zh": "笔记原文：{words} {mark}", "en": "From the note: {words} {mark}"}
_ONLY_MENTIONED = {
    "zh": "笔记里没有专门讲“{name}”的题，只在这些地方提到：",
    "en": "No note is about “{name}” itself; it is only mentioned here:",
}
_OTHER_LANGUAGE = {
    "zh": "相关笔记是英文，下面是笔记原文：",
    "en": "The notes on this are in Chinese; here are their own words:",
}
_PARTLY_OTHER_LANGUAGE = {
    "zh": "相关笔记有一部分是英文，按原文引用：",
    "en": "Some of the notes on this are in Chinese; they are quoted as they are:",
}
_RIGHT = {"zh": "对。", "en": "Yes."}
_QUOTE_CHARS = 160


def refusal(nearest: Sequence[Note], lang: str) -> str:
    """The refusal, naming the nearest questions."""
    if not nearest:
        return _REFUSAL[lang]
    left, right, joint = ("“", "”", "、") if lang == "zh" else ("“", "”", ", ")
    titles = joint.join(f"{left}{shorten(note.question, 60)}{right}" for note in nearest)
    return _REFUSAL[lang] + _NEAREST[lang].format(titles=titles)


def clip(text: str, limit: int) -> str:
    """The beginning of a text up to the last clause that ends within the limit, formulas whole.

    A first clause that is longer is given whole: half a formula cannot be shown.
    """
    if len(text) <= limit:
        return text
    ends = [found.end() for found in re.finditer(r"[。；，;]|[.,]\s", mask_formulas(text))]
    within = [end for end in ends if end <= limit]
    return text[: within[-1] if within else min(ends, default=len(text))]


def correction(words: str, number: int, lang: str, *, asked: bool, sure: bool = True) -> str:
    """The correction of a false statement by the note's own words.

    Args:
        words: The note's sentence; empty where it follows below.
        number: Its citation.
        lang: Language of the reply.
        asked: Whether the learner asked if the statement holds.
        sure: False quotes the note without taking sides.
    """
    if not words:
        below = _UNCLEAR_BELOW if not sure else _WRONG_BELOW if asked else _PREMISE_WRONG_BELOW
        return below[lang]
    form = (_UNCLEAR if not sure else _WRONG if asked else _PREMISE_WRONG)[lang]
    return form.format(words=as_quoted(words), mark=f"[{number}]")


def as_quoted(words: str) -> str:
    """The beginning of a note's words, as a correction quotes it in its own sentence."""
    return clip(" ".join(words.split()), _QUOTE_CHARS).rstrip("。.；;，, ")


def from_note(words: str, number: int, lang: str) -> str:
    """A sentence of a note put behind a reply that lacks it, word for word, with its mark."""
    flat = " ".join(words.lstrip("*-•").split())
    return _FROM_NOTE[lang].format(words=flat, mark=f"[{number}]")


def unanswered(parts: Sequence[str], lang: str) -> str:
    """What a reply to several questions says of those the notes do not answer; empty for none."""
    joint, end = ("、", "。") if lang == "zh" else (", ", ".")
    said = joint.join(f"“{shorten(part, 60)}”" for part in parts)
    return _UNANSWERED[lang].format(parts=said) + end if parts else ""


def left_out(names: Sequence[str], lang: str) -> str:
    """What a reply about several things says of those the notes do not answer for; empty for none."""
    said = ("、" if lang == "zh" else ", ").join(f"“{name}”" for name in names)
    return _LEFT_OUT[lang].format(names=said) if names else ""


def unheld(names: Sequence[str], lang: str) -> str:
    """What a reply ends with where the notes answer only part of the question; empty for no names."""
    joint = "、" if lang == "zh" else ", "
    return _UNHELD[lang].format(names=joint.join(names)) if names else ""


def only_mentioned(name: str, lang: str) -> str:
    """What stands above sentences that mention a topic which no note is about."""
    return _ONLY_MENTIONED[lang].format(name=name)


def in_other_language(lang: str, *, every: bool) -> str:
    """What stands above quotations of which some, or all, are in another language than the asker's."""
    return (_OTHER_LANGUAGE if every else _PARTLY_OTHER_LANGUAGE)[lang]


def agreement(lang: str) -> str:
    """The opening of a reply to a statement that the note bears out."""
    return _RIGHT[lang]
