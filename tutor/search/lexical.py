"""BM25 over words (Robertson & Zaragoza, "The Probabilistic Relevance Framework", 2009).

The index lives in memory. Cutting the notes into words takes 3 to 4 ms a note, so a copy is kept on
disk (`tutor.search.kept`) and taken up at the next start if the notes are the same.
"""

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import bm25s
import numpy as np
import snowballstemmer
from numpy.typing import NDArray

from tutor.notes.terms import all_concepts, lexicon_text
from tutor.notes.text import detect_lang, normalise, words
from tutor.search.kept import load_index, save_index

_LAYOUT = 2  # raise when texts are cut into terms in another way
_CONCEPT = "\N{SECTION SIGN}"  # no word begins so

# Words that shape a question without saying what it is about.
STOP_WORDS = frozenset(
    "a an the of to in on for and or is are was were be been it its this that these those what "
    "which who how why when where do does did you your we our i can could should would will may "
    "might have has had with as by from at about into than then so if not no there their they "
    "them explain describe tell me know difference between use used using "
    "的 了 是 在 和 与 或 及 对 中 为 有 哪些 什么 如何 怎么 怎样 为什么 吗 呢 请 一下 简述 介绍 解释 "
    "说明 之间 以及 还有 那么 这个 一个 可以 常见 常用 几种 有何 何 是否 哪 哪个 哪几 么".split()
)
_NAME = re.compile(r"[a-z0-9]")
_CJK_RUN = re.compile(r"[\u4e00-\u9fff]+")


@lru_cache(maxsize=1)
def _stemmer() -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer("english")


@lru_cache(maxsize=65_536)
def word_stem(word: str) -> str:
    """An English word without its ending; any other word as it is."""
    return str(_stemmer().stemWord(word)) if word.isascii() else word


def index_terms(text: str) -> list[str]:
    """What BM25 counts: words without stop words, English stemmed, Chinese also as bigrams, concepts.

    The bigrams catch what the word segmenter cuts differently in question and note. A concept of the
    lexicon counts once a text under whatever name: "Lasso" meets "L1 正则化".
    """
    terms = [word_stem(word) for word in words(text) if word not in STOP_WORDS]
    for run in _CJK_RUN.findall(normalise(text)):
        terms.extend(run[start : start + 2] for start in range(len(run) - 1))
    terms.extend(_CONCEPT + name for name in all_concepts(text))
    return terms


def query_terms(query: str) -> list[str]:
    """`index_terms` of a query, with what it names counted twice.

    That are its concepts, and in a Chinese query (an English one with Chinese names behind it is one
    too) words in Latin script and numbers. What it asks with ("用来干嘛") is long and stands in many notes;
    the name may stand once in the right one, and of two years an embedding tells next to nothing.
    """
    terms = index_terms(query)
    chinese = detect_lang(query) == "zh"
    return terms + [
        term for term in terms if term.startswith(_CONCEPT) or (chinese and _NAME.match(term))
    ]


class LexicalIndex:
    """BM25 scores of a fixed list of texts.

    Args:
        texts: The texts, in the order that scores come back in.
        folder: Where a copy is kept; one that cannot be read or written is done without.
    """

    def __init__(self, texts: Sequence[str], folder: Path | None = None) -> None:
        self._size = len(texts)
        place = folder / _digest(texts) if folder and texts else None
        known = load_index(place) if place else None
        self._bm25 = known or _build(texts)
        if place and self._bm25 is not None and known is None:
            save_index(self._bm25, place)

    def scores(self, query: str) -> NDArray[np.float32]:
        """BM25 score of every text for the query, shape ``(len(texts),)``; 0 where nothing matches."""
        if self._bm25 is None:
            return np.zeros(self._size, dtype=np.float32)
        known = [token for token in query_terms(query) if token in self._bm25.vocab_dict]
        if not known:
            return np.zeros(self._size, dtype=np.float32)
        return np.asarray(self._bm25.get_scores(known), dtype=np.float32)

    def holds(self, term: str) -> bool:
        """Whether a word (an English one without its ending) or Chinese bigram stands in any text."""
        return self._bm25 is not None and term in self._bm25.vocab_dict

    def holds_concept(self, name: str) -> bool:
        """Whether any text names a concept of the lexicon."""
        return self.holds(_CONCEPT + name)


def _build(texts: Sequence[str]) -> bm25s.BM25 | None:
    tokens = [index_terms(text) for text in texts]
    if not any(tokens):
        return None  # bm25s cannot index an empty vocabulary
    made = bm25s.BM25()
    made.index(tokens, show_progress=False)
    return made


def _digest(texts: Sequence[str]) -> str:
    """Names a copy by the texts and by all that decides how they are cut into terms."""
    libraries = [version(name) for name in ("bm25s", "jieba", "snowballstemmer")]
    known = hashlib.sha256(repr((_LAYOUT, libraries, sorted(STOP_WORDS))).encode())
    for text in (lexicon_text(), *texts):
        known.update(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())
    return known.hexdigest()[:24]
