"""What of a claim stands in a source: measures for the claim checker, no model but the encoder."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tutor.notes.polarity import agreed_pairs, count_negations, opposed_pairs
from tutor.notes.terms import concepts
from tutor.notes.text import detect_lang, normalise, numbers, overlap, split_sentences
from tutor.notes.types import Span
from tutor.search.types import Encoder
from tutor.study.clash import find_clash
from tutor.study.reply import mask_formulas
from tutor.study.units import LATIN_WORD, STOP_EN, STOP_ZH, content_units, stem

NAMES = (
    "similar",  # cosine of claim and best window, squeezed to the range e5 uses
    "covered",  # weighted share of the claim's content words in the best window
    "covered_all",  # the same in the whole source
    "gap",  # longest run of the claim's letters that the source lacks, as a share
    "names_missing",  # share of Latin words and names that the source lacks
    "numbers_missing",  # share of the claim's numbers that the source lacks
    "numbers_far",  # the same for the best window
    "negated",  # one of claim and best window is negated, the other is not; weighed by coverage
    "opposed",  # opposites named, weighed by coverage
    "agreed",  # the same sides of opposites
    "across",  # claim and source in different languages
    "across_similar",  # similarity, where the languages differ
    "long",  # length of the claim
    "covered_similar",  # both high together
    "concepts",  # share of the claim's concepts, in either language, that the best window names
    "concepts_all",  # the same for the whole source
    "clash",  # a clause that disagrees with its closest counterparts
    "across_concepts",  # concepts_all, where the languages differ
)
_TAKEN_OVER = 0.9  # share of a clause's words that stand in the question
_LOW, _HIGH = 0.78, 0.93  # what multilingual e5 gives unrelated and equal sentences


@dataclass(frozen=True)
class Source:
    """A text that claims are checked against, read once.

    Attributes:
        text: The text.
        spans: Windows: its sentences, and neighbours joined two by two.
        vectors: One row a window.
        rarity: Weight of each unit, from how few sentences it stands in.
    """

    text: str
    spans: tuple[Span, ...]
    vectors: NDArray[np.float32]
    units: tuple[frozenset[str], ...]
    rarity: dict[str, float]

    @property
    def all_units(self) -> frozenset[str]:
        """Units of the whole text."""
        return frozenset().union(*self.units) if self.units else frozenset()


def read_source(text: str, encoder: Encoder, *, most: int = 60) -> Source:
    """Cut a source into windows and embed them.

    Args:
        text: The source.
        encoder: Embedding model.
        most: More sentences than that are packed into longer windows first.
    """
    sentences = split_sentences(mask_formulas(text))
    if len(sentences) > most:
        sentences = _pack(sentences, math.ceil(len(sentences) / most))
    pairs = [Span(a.start, b.end) for a, b in pairwise(sentences)]
    spans = (*sentences, *pairs)
    texts = [span.of(text) for span in spans]
    units = tuple(content_units(piece) for piece in texts)
    counts = Counter(unit for found in units[: len(sentences)] for unit in found)
    total = len(sentences) + 1
    rarity = {unit: math.log(1 + total / (1 + count)) for unit, count in counts.items()}
    vectors = encoder.encode(texts, side="query")
    return Source(text, spans, vectors, units, rarity)


def _pack(spans: Sequence[Span], size: int) -> list[Span]:
    return [
        Span(spans[i].start, spans[min(i + size, len(spans)) - 1].end)
        for i in range(0, len(spans), size)
    ]


@dataclass(frozen=True)
class Measured:
    """The measures of one claim, in the order of `NAMES`, and the window they rest on."""

    values: NDArray[np.float64]
    window: Span


def _squeeze(value: float) -> float:
    return min(max((value - _LOW) / (_HIGH - _LOW), 0.0), 1.2)


def _weight(units: frozenset[str], source: Source) -> float:
    unseen = math.log(1 + len(source.spans) + 1)
    return sum(source.rarity.get(unit, unseen) * (1.6 if unit.isascii() else 1.0) for unit in units)


def _share(units: frozenset[str], found: frozenset[str], source: Source) -> float:
    total = _weight(units, source)
    return _weight(units & found, source) / total if total else 0.0


def _gap(claim: str, source: str) -> float:
    """Longest run of the claim that the source has no two neighbouring letters or word of."""
    clean, there = normalise(claim).lower(), normalise(source).lower()
    words = set(LATIN_WORD.findall(there))
    longest = run = total = 0
    for piece in re.findall(r"[a-z][a-z0-9_+#]*(?:[-.][a-z0-9]+)*|[\u3400-\u9fff]+", clean):
        if piece[0].isascii():
            if piece in STOP_EN:
                continue
            total += 2
            run = 0 if piece in words or stem(piece) in there else run + 2
            longest = max(longest, run)
            continue
        for index, char in enumerate(piece):
            total += 1
            known = piece[max(0, index - 1) : index + 1] in there if index else False
            known = known or (index + 1 < len(piece) and piece[index : index + 2] in there)
            run = 0 if known or STOP_ZH.match(char) else run + 1
            longest = max(longest, run)
    return longest / max(total, 6)


def _own_words(claim: str, given: str) -> str:
    """The claim without clauses it took over from the question ("不做偏差修正，……")."""
    if not given:
        return claim
    kept = [part for part in re.split(r"[，,；;]", claim) if overlap(part, given) < _TAKEN_OVER]
    return "，".join(kept) or claim


def _named(claim: str, text: str) -> float:
    """Share of the concepts a claim names that a text names; a half where it names none."""
    named = set(concepts(claim))
    return len(named & set(concepts(text))) / len(named) if named else 0.5


def measure(claim: str, source: Source, encoder: Encoder, *, given: str = "") -> Measured:
    """Measure one claim; words of ``given`` (the question) need not stand in the source again."""
    vector = encoder.encode([claim], side="query")[0]
    return measure_vector(claim, vector, source, given=given)


def measure_vector(
    claim: str, vector: NDArray[np.float32], source: Source, *, given: str = ""
) -> Measured:
    """`measure` for a claim whose vector is known."""
    if not source.spans:
        return Measured(np.zeros(len(NAMES)), Span(0, 0))
    similar = source.vectors @ vector
    own = content_units(claim)
    units = (own - content_units(given)) or own
    shares = np.array([_share(units, found, source) for found in source.units])
    lengths = np.array([len(span.of(source.text)) for span in source.spans])
    score = similar + 0.25 * shares - 0.00005 * lengths
    best = int(np.argmax(score))
    window = source.spans[best].of(source.text)
    everything = source.all_units
    across = detect_lang(claim) != detect_lang(source.text)
    names = frozenset(unit for unit in units if unit.isascii() and not unit[0].isdigit())
    stated = numbers(claim) - numbers(given)
    near = numbers(window) | numbers(given)
    covered = float(shares[best])
    close = _squeeze(float(similar[best])) if across else min(1.0, covered * 1.5)
    spoken = _own_words(claim, given)
    negated = (count_negations(spoken) > 0) != (count_negations(window) > 0)
    values = [
        _squeeze(float(similar.max())),
        covered,
        _share(units, everything, source),
        0.0 if across else _gap(claim, f"{source.text}\n{given}"),
        len(names - everything) / len(names) if names and not across else 0.0,
        len(stated - numbers(source.text)) / len(stated) if stated else 0.0,
        len(stated - near) / len(stated) if stated else 0.0,
        float(negated) * close,
        min(opposed_pairs(spoken, window), 2) * close,
        min(agreed_pairs(claim, window), 3) / 3,
        float(across),
        _squeeze(float(similar.max())) * across,
        min(len(claim) / 120, 1.5),
        covered * _squeeze(float(similar[best])),
        _named(claim, window),
        _named(claim, source.text),
        0.0 if across else find_clash(spoken, source.text),
        _named(claim, source.text) * across,
    ]
    return Measured(np.array(values), source.spans[best])
