"""A passage as a reader meets it: its heading, and the sentences that say something.

A note can hold a question and no answer: a heading over "TODO", a list of links, a picture. What is
left after those are taken away is what a question can be answered from.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from tutor.notes.text import char_ngrams, normalise, split_sentences

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_IMAGE = re.compile(r"!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])|<img\b[^>]*>", re.IGNORECASE)
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s，。；、）)>]+", re.IGNORECASE)
_HEADING = re.compile(r"^\s{0,3}(#{1,6})\s*(.+?)\s*#*\s*$")
_RULE = re.compile(r"^\s*(?:[-*_=]\s*){3,}$|^\s*```\w*\s*$|^\s*\|?[\s:|-]+\|?\s*$")
_BULLET = re.compile(r"^\s*(?:>\s*)*(?:[-*+•]\s+(?:\[[ xX]?\]\s*)?|\d{1,2}[.)、]\s*)?")
_EMPHASIS = re.compile(r"\*\*|__|`")
_PLACEHOLDER = re.compile(
    r"[\s（(【\[]*(?:to[\s-]?do|tbd|fixme|wip|n/?a|coming soon|to be (?:added|continued|completed)"
    r"|待补充?|待续|待完善|待填|待更新|待整理|未完待续|未完成|暂无|暂缺|略|无|空|占位|以后再[写补]|有空再[写补])"
    r"[\s.。…!！:：)）】\]]*",
    re.IGNORECASE,
)
_REFERENCES = re.compile(
    r"(?:参考(?:资料|链接|文献|文章)?|延伸阅读|相关阅读|推荐阅读|链接|出处|来源"
    r"|references?|further reading|see also|links?|sources?)[\s:：]*",
    re.IGNORECASE,
)
_LEADS = re.compile(r"^(?:答案?|answer|a)\s*[:：]\s*", re.IGNORECASE)
_ECHO = 0.9  # share of n-grams, both ways, from which a sentence is the question over again
_LONGEST = 240  # characters of one sentence; run-on text is cut


@dataclass(frozen=True, slots=True)
class Passage:
    """What a passage says.

    Attributes:
        heading: Its headings, joined; empty if it has none.
        sentences: Its sentences, in order, without markup, placeholders and bare links.
    """

    heading: str
    sentences: tuple[str, ...]


def _line_text(line: str) -> str:
    """What a line says; empty for a link, a picture, a placeholder or the title of a list of links."""
    bare = _ADDRESS.sub(" ", _LINK.sub(" ", line))
    if bare != line and not any(char.isalnum() for char in bare.replace("参考", "")):
        return ""
    text = _ADDRESS.sub("", _LINK.sub(r"\1", line))
    text = _EMPHASIS.sub("", _BULLET.sub("", text, count=1)).strip()
    text = _LEADS.sub("", text)
    if _PLACEHOLDER.fullmatch(text) or _REFERENCES.fullmatch(text):
        return ""
    return text


def _pieces(line: str) -> list[str]:
    found: list[str] = []
    for span in split_sentences(line):
        text = span.of(line)
        found.extend(text[start : start + _LONGEST] for start in range(0, len(text), _LONGEST))
    return found


@lru_cache(maxsize=4096)
def read_passage(text: str) -> Passage:
    """Heading and sentences of a passage of Markdown or plain text."""
    headings: list[str] = []
    sentences: list[str] = []
    for line in _IMAGE.sub(" ", _COMMENT.sub(" ", normalise(text))).splitlines():
        heading = _HEADING.match(line)
        if heading:
            title = _line_text(heading[2])
            if title:
                headings.append(title)
        elif not _RULE.match(line):
            sentences.extend(_pieces(_line_text(line)))
    return Passage(" ".join(headings), tuple(sentences))


def is_echo(sentence: str, question: str) -> bool:
    """Whether a sentence only repeats the question."""
    said, asked = char_ngrams(sentence), char_ngrams(question)
    shared = len(said & asked)
    return bool(said) and shared >= _ECHO * len(said) and shared >= _ECHO * len(asked)
