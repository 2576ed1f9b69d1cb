"""One score for a note out of several: how near its pieces are, and the words it shares.

Every score is standardised over the notes found (zero mean, unit variance) and added with a weight.
The weights were chosen on the dev questions and on our own; docs/grounding.md has the tables.
"""

from collections.abc import Mapping, Sequence, Set

import numpy as np
from numpy.typing import NDArray

DENSE_WEIGHT = 0.5
"""Share of similarity, the rest being words."""

# With two encoders that agree, words tell less, and least over bare text: a note with a heading of
# its own has the words that questions use there.
_WORDS_HEADED, _WORDS_BARE = 0.4, 0.1
_ENGLISH = 0.75  # share of the encoder for English in the similarity of an English note


def fuse(
    names: Sequence[str],
    similarity: Mapping[str, float],
    lexical: Mapping[str, float],
    english: Mapping[str, float],
    *,
    in_english: Set[str] = frozenset(),
    headed: Set[str] = frozenset(),
) -> NDArray[np.float64]:
    """Scores of notes, in the order of ``names``; higher is better, comparable within one search.

    Args:
        names: The notes found by any of the three.
        similarity: Best cosine similarity of a note's pieces to the query.
        lexical: BM25 scores.
        english: Best similarity by the encoder for English; empty where it was not asked.
        in_english: Notes in English.
        headed: Notes with a question or heading of their own.
    """
    dense = standardise(_filled(names, similarity))
    sparse = standardise(_filled(names, lexical, 0.0))
    words = np.full(len(names), 1 - DENSE_WEIGHT)
    theirs = np.array([name in in_english for name in names], dtype=bool)
    if english and theirs.any():
        ours = dense[theirs]
        second = standardise(_filled([name for name in names if name in in_english], english))
        # How near English is beside another language only the first encoder can say.
        dense[theirs] = (1 - _ENGLISH) * ours + _ENGLISH * (ours.mean() + second)
        headings = np.array([name in headed for name in names], dtype=bool)
        words[theirs] = np.where(headings[theirs], _WORDS_HEADED, _WORDS_BARE)
    return (1 - words) * dense + words * sparse


def _filled(
    names: Sequence[str], scores: Mapping[str, float], empty: float | None = None
) -> NDArray[np.float64]:
    """Scores in the order of names; a note that was not found has the lowest of those that were."""
    floor = min(scores.values(), default=0.0) if empty is None else empty
    return np.array([scores.get(name, floor) for name in names])


def standardise(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Zero mean and unit variance, so that two scores on different scales can be added."""
    spread = float(values.std()) if values.size else 0.0
    return (values - values.mean()) / spread if spread > 1e-9 else np.zeros_like(values)
