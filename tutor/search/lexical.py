"""BM25 over words (Robertson & Zaragoza, "The Probabilistic Relevance Framework", 2009).

The index is small and quick to build, so it lives in memory and is made from the notes at start.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

import bm25s
import numpy as np
import snowballstemmer
from numpy.typing import NDArray

from tutor.notes.text import normalise, words

# Words that shape a question without saying what it is about.
STOP_WORDS = frozenset(
    "a an the of to in on for and or is are was were be been it its this that these those what "
    "which who how why when where do does did you your we our i can could should would will may "
    "might have has had with as by from at about into than then so if not no there their they "
    "them explain describe tell me know difference between use used using "
    "的 了 是 在 和 与 或 及 对 中 为 有 哪些 什么 如何 怎么 怎样 为什么 吗 呢 请 一下 简述 介绍 解释 "
    "说明 之间 以及 还有 那么 这个 一个 可以 常见 常用 几种 有何 何 是否 哪 哪个 哪几 么".split()
)
_CJK_RUN = re.compile(r"[\u4e00-\u9fff]+")


@lru_cache(maxsize=1)
def _stemmer() -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer("english")


@lru_cache(maxsize=65_536)
def word_stem(word: str) -> str:
    """An English word without its ending; any other word as it is."""
    return str(_stemmer().stemWord(word)) if word.isascii() else word


def index_terms(text: str) -> list[str]:
    """What BM25 counts: words without stop words, English stemmed, Chinese also as bigrams.

    The bigrams catch what the word segmenter cuts differently in question and note.
    """
    terms = [word_stem(word) for word in words(text) if word not in STOP_WORDS]
    for run in _CJK_RUN.findall(normalise(text)):
        terms.extend(run[start : start + 2] for start in range(len(run) - 1))
    return terms


class LexicalIndex:
    """BM25 scores of a fixed list of texts.

    Args:
        texts: The texts, in the order that scores come back in.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._size = len(texts)
        tokens = [index_terms(text) for text in texts]
        # bm25s cannot index an empty vocabulary.
        self._bm25 = bm25s.BM25() if any(tokens) else None
        if self._bm25 is not None:
            self._bm25.index(tokens, show_progress=False)

    def scores(self, query: str) -> NDArray[np.float32]:
        """BM25 score of every text for the query, shape ``(len(texts),)``; 0 where nothing matches."""
        if self._bm25 is None:
            return np.zeros(self._size, dtype=np.float32)
        known = [token for token in index_terms(query) if token in self._bm25.vocab_dict]
        if not known:
            return np.zeros(self._size, dtype=np.float32)
        return np.asarray(self._bm25.get_scores(known), dtype=np.float32)
