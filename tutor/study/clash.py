"""Whether a claim and the clause of a source that it is closest to say different things."""

import re
from functools import cache

from tutor.notes.polarity import count_negations, opposed_pairs
from tutor.notes.text import numbers
from tutor.study.units import content_units

_CLAUSE = re.compile(r"[，,；;：:。！？!?\n（）()]+|\s[-–—]\s|(?<=[a-z])\.\s")
_CLOSE = 0.5  # least share of a clause's words that make two clauses comparable
_AS_CLOSE = 0.85  # clauses nearly as close as the closest are heard too


@cache
def split_clauses(text: str) -> tuple[str, ...]:
    """Clauses with at least two content words."""
    return tuple(part for part in _CLAUSE.split(text) if len(content_units(part)) >= 2)


def find_clash(claim: str, source: str) -> float:
    """How strongly some clause of the claim disagrees with its counterpart in the source.

    A clause disagrees where it differs from every close clause of the source in being negated, in
    the side of an opposite, or in its numbers.

    Returns:
        The share of words the clashing clauses have in common, 0 (no clash) to 1.
    """
    worst = 0.0
    for clause in split_clauses(claim):
        units = content_units(clause)
        scored = [
            (len(units & content_units(other)) / len(units), other)
            for other in split_clauses(source)
        ]
        best = max((score for score, _ in scored), default=0.0)
        if best < _CLOSE:
            continue
        near = [other for score, other in scored if score >= _AS_CLOSE * best]
        if all(_differs(clause, other) for other in near):
            worst = max(worst, best)
    return worst


@cache
def _differs(one: str, other: str) -> bool:
    if (count_negations(one) > 0) != (count_negations(other) > 0):
        return True
    ours, theirs = numbers(one), numbers(other)
    return opposed_pairs(one, other) > 0 or bool(ours and theirs and not ours & theirs)
