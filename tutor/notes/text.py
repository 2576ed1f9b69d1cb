"""Small text measures shared by every part: sentences, tokens, language, numbers.

They are deterministic and load no model (jieba's dictionary is read on first use).
"""

import re
import unicodedata
from functools import lru_cache

from tutor.notes.types import Span

_ZERO_WIDTH = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e"), None)
_CJK_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
_LETTER = re.compile(r"[A-Za-z]+")
_LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_+#.-]*|\d+(?:\.\d+)?%?")
# A full stop ends a sentence only before space or the end, so that "3.14" and "e.g.x" hold.
_SENTENCE_END = re.compile(r"[。！？!?；;]+[”’」』）)\]]*|\.(?=\s|$)[”’)\]]*|\n+")
_NUMBER = re.compile(r"(?<![A-Za-z\d])\d+(?:\.\d+)?(?:e-?\d+)?%?", re.IGNORECASE)
_ZH_DIGITS = {"零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7,
              "八": 8, "九": 9, "十": 10}  # fmt: skip
_ZH_COUNT = re.compile(r"([零一二两三四五六七八九十])(?=[个种类步层次阶倍维条点门项])")
_EN_COUNT = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
             "eight": 8, "nine": 9, "ten": 10}  # fmt: skip


def normalise(text: str) -> str:
    """NFKC form without zero-width characters: for comparing, never for storing."""
    return unicodedata.normalize("NFKC", text).translate(_ZERO_WIDTH)


def count_cjk(text: str) -> int:
    """Number of CJK characters."""
    return sum(map(len, _CJK_RUN.findall(text)))


def cjk_share(text: str) -> float:
    """Share of CJK characters among letters, 0 to 1; 0 for text without letters."""
    cjk = count_cjk(text)
    latin = sum(map(len, _LETTER.findall(text)))
    return cjk / (cjk + latin) if cjk + latin else 0.0


def detect_lang(text: str) -> str:
    """``zh`` where Chinese characters are a third of all characters and Latin words, else ``en``.

    A Latin word counts once, however long: technical Chinese is full of them.
    """
    chinese = count_cjk(text)
    return "zh" if chinese * 2 >= len(_LATIN_WORD.findall(text)) and chinese else "en"


def split_sentences(text: str) -> list[Span]:
    """Sentences and lines as spans of ``text``, trimmed of white space; none is empty."""
    spans: list[Span] = []
    start = 0
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    for end in [*ends, len(text)]:
        piece = text[start:end]
        left = len(piece) - len(piece.lstrip())
        stripped = piece.strip()
        if any(char.isalnum() for char in stripped):
            spans.append(Span(start + left, start + left + len(stripped)))
        start = end
    return spans


@lru_cache(maxsize=1)
def _jieba():  # type: ignore[no-untyped-def]
    import jieba

    jieba.setLogLevel(60)
    jieba.initialize()
    return jieba


def words(text: str) -> list[str]:
    """Lower-case tokens: jieba words for Chinese (search mode), whole words for Latin text."""
    clean = normalise(text).lower()
    tokens: list[str] = []
    for token in _jieba().cut_for_search(clean):
        if any(char.isalnum() for char in token):
            tokens.append(token.strip())
    return tokens


def cut_words(text: str) -> list[Span]:
    """Where the words of a Chinese text stand, by the dictionary alone."""
    return [Span(start, end) for _, start, end in _jieba().tokenize(text, HMM=False)]


def times_counted(word: str) -> int:
    """How often the segmenter's dictionary counted a Chinese word; 0 for what it does not hold."""
    return int(_jieba().dt.FREQ.get(word) or 0)


def char_ngrams(text: str, size: int = 2) -> set[str]:
    """Character n-grams of Chinese runs and whole Latin words, lower-cased: a script-fair bag."""
    clean = normalise(text).lower()
    grams = {match.group().strip(".-") for match in _LATIN_WORD.finditer(clean)}
    for run in _CJK_RUN.findall(clean):
        grams.update(run[i : i + size] for i in range(len(run) - size + 1))
        if len(run) < size:
            grams.add(run)
    return grams


def overlap(part: str, whole: str) -> float:
    """Share of the n-grams of ``part`` that also stand in ``whole``, 0 to 1."""
    grams = char_ngrams(part)
    return len(grams & char_ngrams(whole)) / len(grams) if grams else 0.0


MONTHS = tuple(
    "january february march april may june july august september october november december".split()
)
"""English names of the months, in order."""


def numbers(text: str) -> set[str]:
    """Numbers stated in the text; counts spelled in Chinese or English ("三个", "three") included."""
    clean = normalise(text).lower()
    found = {match.group() for match in _NUMBER.finditer(clean)}
    found |= {str(_ZH_DIGITS[match.group(1)]) for match in _ZH_COUNT.finditer(clean)}
    found |= {str(_EN_COUNT[word]) for word in re.findall(r"[a-z]+", clean) if word in _EN_COUNT}
    return found


def shorten(text: str, limit: int) -> str:
    """The text in one line, at most ``limit`` characters, with an ellipsis where cut."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
