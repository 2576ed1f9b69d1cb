"""Clauses of an answer and the content words of a text, in Chinese and English.

A learner packs several points into one sentence, so the judge reads clauses; and says "BN" where
the note says "批归一化", so words are compared as concepts of a small bilingual lexicon
(`terms.txt`, written for this project) before they are compared as characters.
"""

import re
from collections.abc import Iterable
from functools import cache

from tutor.notes.terms import find_mentions
from tutor.notes.text import detect_lang, normalise, split_sentences
from tutor.notes.types import Span

_COMMA = re.compile(r"[，,：:]|—+|(?<=\s)-(?=\s)")
_WORD = re.compile(r"[a-z][a-z0-9_+#]*|\d+(?:\.\d+)?%?")
_CJK_RUN = re.compile(r"[\u3400-\u9fff]+")
_MIN_LETTERS = 5  # a shorter piece ("其次", "For SGD") cannot be judged without its neighbour

_STOP_EN = frozenset(
    "a an the of to in on at by for and or but is are was were be been being it its this that these "
    "those as with from into than then so because since while when which who what how why do does "
    "did can could will would should may might must have has had you your we our they their them he "
    "she i me my one just also very more most such each every all any some there here not no if up "
    "out about over only get gets got like using use used uses via let lets make makes".split()
)
_STOP_ZH = frozenset(
    "的 了 是 在 和 与 或 而 就 也 都 把 被 让 使 对 从 到 向 以 为 于 中 上 下 里 这 那 它 他 我 你 们 个 种 "
    "会 能 可 要 用 有 着 过 得 地 等 之 其 所 及 并 但 则 因 由 如 若 即 便 还 又 再 更 很 太 最 吧 嘛 呢 啊".split()
)


@cache
def content_units(text: str) -> frozenset[str]:
    """Concepts, remaining content words and Chinese bigrams of ``text``.

    Concepts are marked ``#``; function words and single characters are left out.
    """
    clean = normalise(text).lower()
    units: set[str] = set()
    rest = list(clean)
    for mention in find_mentions(text):
        units.add("#" + mention.concept)
        rest[mention.start : mention.end] = " " * (mention.end - mention.start)
    left = "".join(rest)
    units |= {stem(word) for word in _WORD.findall(left) if word not in _STOP_EN}
    for run in _CJK_RUN.findall(left):
        pieces = re.split("[" + "".join(_STOP_ZH) + "]", run)
        units |= {piece[i : i + 2] for piece in pieces for i in range(len(piece) - 1)}
    return frozenset(unit for unit in units if len(unit) > 1 or unit.isdigit())


def stem(word: str) -> str:
    """An English word without its commonest endings: enough to match plurals and verb forms."""
    for ending in ("ations", "ation", "ings", "ing", "ies", "ied", "ed", "es", "s", "ly"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)].rstrip("e")
    return word.rstrip("e") if len(word) > 4 else word


def shared_script(unit: str) -> bool:
    """Whether a unit can appear in a text of the other language: concepts, Latin words, numbers."""
    return unit.startswith("#") or unit.isascii()


def weigh(units: Iterable[str]) -> float:
    """Weight of a set of units: a concept counts as much as two bigrams."""
    return sum(2.0 if unit.startswith("#") else 1.0 for unit in units)


def same_language(one: str, other: str) -> bool:
    """Whether two texts are both Chinese or both English."""
    return detect_lang(one) == detect_lang(other)


def count_letters(text: str) -> int:
    """Length of a text in Chinese characters; a Latin word or number counts as two."""
    cjk = sum("\u3400" <= char <= "\u9fff" for char in text)
    return cjk + 2 * len(re.findall(r"[A-Za-z0-9]+", text))


def split_clauses(text: str) -> list[tuple[Span, int]]:
    """Clauses of ``text`` with the number of the sentence each stands in.

    Commas and colons end a clause; a piece too short to be judged is joined to the next one
    (the last to the one before), never across sentences.
    """
    clauses: list[tuple[Span, int]] = []
    for number, sentence in enumerate(split_sentences(text)):
        body = sentence.of(text)
        cuts = [0, *(match.end() for match in _COMMA.finditer(body)), len(body)]
        pieces: list[Span] = []
        start = 0
        for cut in cuts[1:]:
            if count_letters(body[start:cut]) >= _MIN_LETTERS:
                pieces.append(Span(start, cut))
                start = cut
        if start < len(body):
            if pieces:
                pieces[-1] = Span(pieces[-1].start, len(body))
            else:
                pieces.append(Span(start, len(body)))
        for piece in pieces:
            raw = piece.of(body)
            left = len(raw) - len(raw.lstrip())
            begin = sentence.start + piece.start + left
            clauses.append((Span(begin, begin + len(raw.strip())), number))
    return clauses
