"""Notes compared with one another: the same question twice, and answers that disagree."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from math import ceil
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tutor.notes.labels import clean_inline
from tutor.notes.outline import heading_key
from tutor.notes.text import char_ngrams, numbers, shorten, split_sentences
from tutor.notes.types import Note

ALIKE = 0.75
MEANING_ALIKE = 0.97
_MOST_SHARING = 60
_GENERIC = 10
_OPPOSITES = (
    "优点 缺点", "优势 劣势", "输入 输出", "训练 推理", "训练 测试", "编码 解码", "前向 反向", "上 下", "大 小",
    "前 后", "增 减", "升 降", "高 低", "一阶 二阶", "有 无", "有监督 无监督", "硬 软", "encoder decoder",
    "advantages disadvantages", "pros cons", "input output", "supervised unsupervised", "before after",
    "hard soft", "forward backward", "increase decrease", "high low", "large small", "over under", "first second",
)  # fmt: skip
_COMMON = set(
    "a an the of in on for to and or is are was do does did what why how when which who s it its we you your can"
    " could would should explain describe define discuss briefly please between with by as from that this".split()
)
_NEGATION = re.compile(
    r"不是|不会|不能|不可|不需|没有|无法|无需|并非|不(?=[\u4e00-\u9fff])|\b(?:not|never|no|cannot|without)\b|n['’]t\b"
)


class Encoder(Protocol):
    """Texts to unit vectors, for finding questions that mean the same."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, one row a text."""
        ...


def same_questions(
    notes: Sequence[Note], encoder: Encoder | None = None
) -> list[tuple[Note, Note]]:
    """Pairs of notes in one language that ask the same, the earlier first."""
    keys = [_key(note) for note in notes]
    by_key: dict[str, int] = {}
    pairs: dict[tuple[int, int], None] = {}
    firsts: list[int] = []
    for index, key in enumerate(keys):
        if key and key in by_key:
            pairs[(by_key[key], index)] = None
        elif key:
            by_key[key] = index
            firsts.append(index)
    for one, other in _overlapping(notes, firsts):
        pairs[(one, other)] = None
    if encoder is not None and notes:
        for one, other in _meaning_alike(notes, firsts, encoder):
            pairs[(one, other)] = None
    named: dict[int, int] = {}
    for one, other in sorted(pairs):
        named.setdefault(other, one)  # one earlier twin is enough to say
    return [(notes[one], notes[other]) for other, one in sorted(named.items())]


def _key(note: Note) -> str:
    """The question's letters; "Basic idea" says nothing without its topic, so the topic joins."""
    key = heading_key(note.question)
    if len(key) < _GENERIC:
        key += "/" + heading_key(note.topic.rsplit(" / ", 1)[-1])
    return f"{note.lang}:{key}"


def _overlapping(notes: Sequence[Note], indexes: list[int]) -> Iterator[tuple[int, int]]:
    """Pairs whose n-grams overlap by ``ALIKE`` (Jaccard), found by their rarest n-grams.

    Method: prefix filtering (Chaudhuri, Ganti and Kaushik, "A Primitive Operator for Similarity
    Joins", ICDE 2006): two sets that overlap so much share one of their few rarest members.
    """
    grams = {i: char_ngrams(notes[i].question) for i in indexes}
    frequency = Counter(gram for one in grams.values() for gram in one)
    holders: dict[str, list[int]] = defaultdict(list)
    for index in indexes:
        mine = grams[index]
        if len(mine) < 4:
            continue
        rarest = sorted(mine, key=lambda gram: (frequency[gram], gram))
        prefix = rarest[: len(mine) - ceil(ALIKE * len(mine)) + 1]
        near = {other for gram in prefix for other in holders[gram][-_MOST_SHARING:]}
        for other in sorted(near):
            theirs = grams[other]
            if not ALIKE * len(mine) <= len(theirs) <= len(mine) / ALIKE:
                continue
            shared = len(mine & theirs)
            alike = shared >= ALIKE * (len(mine) + len(theirs) - shared)
            if alike and _may_be_same(notes[other], notes[index]):
                yield other, index
        for gram in prefix:
            holders[gram].append(index)


def _meaning_alike(
    notes: Sequence[Note], indexes: list[int], encoder: Encoder
) -> Iterator[tuple[int, int]]:
    vectors = encoder.encode([notes[i].question for i in indexes])
    for row in range(1, len(indexes)):
        scores = vectors[:row] @ vectors[row]
        for column in range(row):
            one, other = notes[indexes[column]], notes[indexes[row]]
            if scores[column] >= MEANING_ALIKE and _may_be_same(one, other):
                yield indexes[column], indexes[row]


def _may_be_same(one: Note, other: Note) -> bool:
    """Whether nothing shows that the questions differ: language, names, numbers, opposites."""
    if one.lang != other.lang:
        return False
    left, right = one.question.lower(), other.question.lower()
    names = r"[a-z][a-z0-9+#-]*|\d+"
    mine, theirs = set(re.findall(names, left)), set(re.findall(names, right))
    if one.lang == "zh" and mine != theirs:
        return False
    if mine - theirs - _COMMON and theirs - mine - _COMMON:
        return False  # a word was exchanged: "object detection", "object segmentation"
    if set(re.findall(r"\d+", left)) != set(re.findall(r"\d+", right)):
        return False
    return not any(_opposed(left, right, *pair.split()) for pair in _OPPOSITES)


def _opposed(left: str, right: str, a: str, b: str) -> bool:
    if a.isascii():
        a, b = rf"\b{a}", rf"\b{b}"
    has = [bool(re.search(word, text)) for text in (left, right) for word in (a, b)]
    return has[:2] != has[2:]


def conflict(one: Note, other: Note) -> tuple[str, str] | None:
    """Two sentences of nearly the same words that differ in a number or a negation, if any."""
    theirs = [span.of(other.answer) for span in split_sentences(other.answer)][:40]
    bags = [char_ngrams(_words_only(sentence)) for sentence in theirs]
    for span in split_sentences(one.answer)[:40]:
        mine = span.of(one.answer)
        bag = char_ngrams(_words_only(mine))
        if len(bag) < 6:
            continue
        for sentence, their in zip(theirs, bags, strict=True):
            if len(bag & their) < 0.7 * len(bag | their):
                continue
            left, right = numbers(mine), numbers(sentence)
            differ = bool(left and right) and not (left <= right or right <= left)
            negated = len(_NEGATION.findall(mine)) != len(_NEGATION.findall(sentence))
            if differ or negated:
                return shorten(clean_inline(mine), 60), shorten(clean_inline(sentence), 60)
    return None


def _words_only(text: str) -> str:
    return _NEGATION.sub(" ", re.sub(r"\d+(?:\.\d+)?", " ", clean_inline(text).lower()))
