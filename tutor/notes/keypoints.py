"""Key points of an answer, without a model: items, enumerations, table rows, sentences."""

import re

from tutor.notes.points import Unit, units_of
from tutor.notes.text import char_ngrams, split_sentences
from tutor.notes.types import KeyPoint, Span

MOST, REQUIRED = 8, 5
_NO_LETTER = re.compile(r"[\W_]+")


def derive_points(answer: str, question: str) -> tuple[KeyPoint, ...]:
    """2 to 8 checkable statements in the answer's order; one where it says only one thing."""
    units = _chosen(units_of(answer))
    return tuple(
        KeyPoint(f"k{order}", unit.text, order <= REQUIRED, unit.span)
        for order, unit in enumerate(units, start=1)
    )


def explicit_points(given: tuple[tuple[str, bool], ...], answer: str) -> tuple[KeyPoint, ...]:
    """The author's points, each with the sentence of the answer that supports it best."""
    sentences = split_sentences(answer)
    grams = [char_ngrams(span.of(answer)) for span in sentences]
    points: list[KeyPoint] = []
    for order, (text, required) in enumerate(given, start=1):
        points.append(KeyPoint(f"k{order}", text, required, _support(text, sentences, grams)))
    return tuple(points)


def _support(text: str, sentences: list[Span], grams: list[set[str]]) -> Span | None:
    """The sentence, or two neighbouring ones, that share most of the statement's n-grams."""
    wanted = char_ngrams(text)
    if not wanted or not sentences:
        return None
    shares = [len(wanted & one) / len(wanted) for one in grams]
    order = max(range(len(sentences)), key=lambda at: shares[at])
    best, best_worth = sentences[order], shares[order]
    for at in range(len(sentences) - 1):
        both = len(wanted & (grams[at] | grams[at + 1])) / len(wanted)
        if both > max(best_worth, shares[order] + 0.15):
            best, best_worth = Span(sentences[at].start, sentences[at + 1].end), both
    return best if best_worth >= 0.1 else None


def _chosen(units: list[Unit]) -> list[Unit]:
    """At most ``MOST`` units, those of lists and early ones first, in the answer's order."""
    distinct: list[Unit] = []
    seen: set[str] = set()
    for unit in units:
        key = _NO_LETTER.sub("", unit.text.lower())
        if key and key not in seen:
            seen.add(key)
            distinct.append(unit)
    if len(distinct) <= MOST:
        return distinct
    ranked = sorted(range(len(distinct)), key=lambda order: (-distinct[order].worth, order))
    return [distinct[order] for order in sorted(ranked[:MOST])]
