"""What kind of thing a question asks for, and whether a sentence holds one of that kind.

A passage about the right subject need not hold the number, date, name or reason that is asked.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import log

from tutor.notes.terms import concepts
from tutor.notes.text import detect_lang, normalise
from tutor.notes.text import words as split_words
from tutor.search.lexical import STOP_WORDS, word_stem

_NUMBER = r"(?:\d[\d,.]*|[零一二两三四五六七八九十百千万亿]{1,8})"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_ASKED: Mapping[str, re.Pattern[str]] = {
    "time": re.compile(
        r"什么时候|何时|时间|日期|哪一?[年月天日]|几[号月点]|哪几天|\bwhen\b|\b(?:what|which) (?:year|date|day|month)"
    ),
    "number": re.compile(
        r"多少|几[个名位层种次人家部门点]|多[大长高重远]|数量|人数|比例|增长率|增速|营收|票房|震级|奖金|产量"
        r"|how (?:many|much|long|large|big|high|fast)|what (?:number|rate|percentage|size|value)"
    ),
    "person": re.compile(
        r"谁|导演|主演|演员|教练|得主|冠军|总统|总理|市长|校长|主席|作者|\bwho(?:se|m)?\b"
    ),
    "place": re.compile(
        r"哪里|在哪|何处|地点|哪个(?:城市|国家|地方|省)|举办[地国]|起点|终点|\bwhere\b|\bwhich (?:city|country)"
    ),
    "reason": re.compile(r"为什么|为啥|为何|原因|\bwhy\b"),
}
_HELD: Mapping[str, re.Pattern[str]] = {
    "time": re.compile(
        rf"{_NUMBER}\s*[年月日号点时]|\d+[-/]\d+|(?:1[89]|20)\d\d|{_MONTH}\s*\d+|(?:周|星期)[一二三四五六日天]"
        r"|[今去明前后]年|[今昨明]天|当晚"
    ),
    "number": re.compile(rf"{_NUMBER}|\b(?:one|two|three|four|five|six|seven|eight|nine|ten)\b"),
    "reason": re.compile(
        r"因为|由于|因[此而]?|原因|为了|所以|导致|使得?|否则|\bbecause\b|\bsince\b|\bdue to\b|\bso that\b|\bas\b"
    ),
}
_LATIN = re.compile(r"[a-z0-9][a-z0-9.+#%-]*[a-z0-9+#%]|[a-z0-9]")
# Words of a question that ask rather than name.
_ASKING = frozenset(
    "多少 什么 谁 哪里 哪 何时 时候 时间 地点 分别 几 叫 第 年 月 日 名 位 哪个 多 大 啥 为啥 原因 怎样 怎么 "
    "many much long kind type year date place name".split()
)


def asked_kinds(question: str) -> tuple[str, ...]:
    """Kinds a question asks for: any of ``time number person place reason``; may be none."""
    clean = normalise(question).lower()
    return tuple(kind for kind, pattern in _ASKED.items() if pattern.search(clean))


@lru_cache(maxsize=1)
def _tagger():  # type: ignore[no-untyped-def]
    import jieba.posseg

    return jieba.posseg


@lru_cache(maxsize=4096)
def tagged_words(text: str) -> tuple[tuple[str, str], ...]:
    """Words with their part of speech (jieba's letters: ``n``, ``v``, ``eng`` …)."""
    return tuple((pair.word, pair.flag) for pair in _tagger().cut(text))


def _names(text: str, flags: tuple[str, ...]) -> set[str]:
    tagged = tagged_words(text)
    found = {word.lower() for word, flag in tagged if flag in flags and len(word) > 1}
    found |= {
        name.lower() for name in re.findall(r"[\u4e00-\u9fff]{2,8}[·・•][\u4e00-\u9fff]+", text)
    }
    return found | {
        name.lower()
        for name in re.findall(r"(?<![.!?] )(?<!^)\b[A-Z][a-z]+(?: [A-Z][a-z]+)*", text)
    }


def holds(kind: str, sentence: str, question: str) -> bool:
    """Whether a sentence holds something of this kind that the question does not already name."""
    asked = normalise(question).lower()
    if kind in _HELD:
        found = {match.group() for match in _HELD[kind].finditer(normalise(sentence).lower())}
    else:
        flags = ("nr", "nrt", "nrfg") if kind == "person" else ("ns",)
        found = _names(normalise(sentence), flags)
    return any(item not in asked for item in found)


@lru_cache(maxsize=1)
def _frequencies() -> tuple[Mapping[str, int], float]:
    import jieba

    split_words("")  # reads the dictionary
    return jieba.dt.FREQ, float(jieba.dt.total)


def _rarity(word: str) -> float:
    """Weight of a word, 0 to 1: how rare it is in Chinese at large; a Latin word or number counts 1."""
    if word.isascii():
        return 1.0
    counts, total = _frequencies()
    return log(total / max(counts.get(word, 0), 3)) / log(total / 3)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a question is about.

    Attributes:
        lang: Language of the question.
        words: Its content words, each with its weight; Latin words are stems.
        concepts: Concepts of the field it names, in either language.
    """

    lang: str
    words: Mapping[str, float]
    concepts: frozenset[str]


@lru_cache(maxsize=1024)
def content_terms(question: str) -> Terms:
    """The words and concepts that say what a question is about."""
    found = {
        word_stem(word): _rarity(word)
        for word in split_words(question)
        if word not in _ASKING and word not in STOP_WORDS
    }
    return Terms(detect_lang(question), found, frozenset(concepts(question)))


@lru_cache(maxsize=8192)
def _latin_stems(text: str) -> frozenset[str]:
    return frozenset(word_stem(word) for word in _LATIN.findall(text))


def coverage(terms: Terms, text: str) -> float:
    """Weighted share of a question's terms that a text holds, 0 to 1; 0 where there are no terms.

    A concept counts as held under any of its names. Of a text in the other language only what can
    stand there is asked for: concepts, and words and numbers in Latin script.
    """
    clean = normalise(text).lower()
    latin, named = _latin_stems(clean), set(concepts(text))
    across = detect_lang(text) != terms.lang
    total = held = 0.0
    for word, weight in terms.words.items():
        if across and not (word.isascii() and (terms.lang == "zh" or word[:1].isdigit())):
            continue
        total += weight
        if (word in latin) if word.isascii() else (word in clean):
            held += weight
    for concept in terms.concepts:
        total += 1.0
        held += concept in named
    return held / total if total else 0.0
