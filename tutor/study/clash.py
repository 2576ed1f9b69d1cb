"""Whether a claim and the clause of a source that it is closest to say different things."""

import re
from functools import cache

from tutor.notes.polarity import count_negations, opposed_pairs
from tutor.notes.text import MONTHS, normalise, numbers
from tutor.study.units import STOP_EN, content_units, stem

_CLAUSE = re.compile(r"[，,；;：:。！？!?\n（）()]+|\s[-–—]\s|(?<=[a-z])\.\s")
_CLOSE = 0.5  # least share of a clause's words that make two clauses comparable
_AS_CLOSE = 0.85  # clauses nearly as close as the closest are heard too


# Whole names and their short forms, not what begins like one: "two decoders", "three marks".
_MONTH = "|".join(f"{name}|{name[:3]}" for name in MONTHS) + "|sept"
# A year, a day of a month and an amount of money count nothing.
_COUNTED = re.compile(
    r"(?P<zh>\d+|[零一二两三四五六七八九十])\s*(?P<unit>[个种类步层组项点条次倍路阶])(?P<noun>[\u3400-\u9fff]{0,1})"
    r"|(?<![€£$¥])(?<![€£$¥]\s)(?<!\d[.,])\b(?!(?:1[5-9]|20)\d\d\b)"
    r"(?P<en>\d+|one(?! of\b)|two|three|four|five|six|seven|eight|nine|ten)\s+"
    rf"(?!(?:{_MONTH})\b)(?P<word>[a-z]{{3,}})"
)
_FIGURE_ONE = re.compile(r"(?<![\d.,])1(?![\d.,]*\d)")
_ORDINAL = re.compile(r"第\s*(?:\d+|[零一二两三四五六七八九十]+)")


@cache
def counted(text: str) -> frozenset[tuple[str, str]]:
    """What a text counts: number and thing, as in "三个门" and "three gates"."""
    clean = _ORDINAL.sub(" ", normalise(text).lower())
    found: set[tuple[str, str]] = set()
    for match in _COUNTED.finditer(clean):
        if match["en"] and match["word"] in STOP_EN:
            continue  # "in 1986 and", "in 1956 for"
        if match["en"]:
            number = next(iter(numbers(match["en"])), match["en"])
            found.add((number, stem(match["word"]).rstrip("e")))  # "gate" and "gates"
        else:
            number = next(iter(numbers(f"{match['zh']}个")), match["zh"])
            found.add((number, match["noun"] or match["unit"]))
    return frozenset(found)


def miscounts(claim: str, source: str) -> bool:
    """Whether a claim states a number that its source does not, or counts a thing otherwise.

    "三个门" is a miscount over a source that counts gates, but never three of them, also where the
    source has three of something else.
    """
    unseen = numbers(_ORDINAL.sub(" ", claim)) - numbers(source)
    if unseen == {"1"} and not _FIGURE_ONE.search(normalise(claim)):
        unseen = set()  # "one" and "一个" are articles too
    if unseen:
        return True
    held = counted(source)
    things = {thing for _, thing in held}
    return any(pair not in held and pair[1] in things for pair in counted(claim))


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
