"""Questions with their answers as claims: does the answer stand where the question is spoken of.

An answer is short ("3", "江苏苏宁"): it counts as supported where it stands word for word, numbers
and names whole, in a source that speaks of the question. How near the two stand was tried as a
further condition and brought nothing: titles carry the subject, far from the line that answers.
"""

import math
import re
from dataclasses import dataclass

from tutor.notes.text import normalise, numbers
from tutor.notes.types import Span
from tutor.study.measures import Source
from tutor.study.units import content_units

_PAIR = re.compile(
    r"^\s*(?:问|问题|Q|Question)\s*[:：]\s*(?P<asked>.+?)\s*(?:答|答案|回答|A|Answer)\s*[:：]\s*(?P<said>.+)$",
    re.DOTALL,
)
_NUMBER = r"\d+(?:[.,]\d+)*"
_AROUND = 60  # characters read on either side of a place
_STEP = 30
ASKING = re.compile(
    r"什么|怎么样?|怎样|如何|为什么|哪[里儿个些年天]?|多少|多大|多久|是否|谁|几|请问|"
    r"\b(?:what|why|how|which|when|who|where|many|much|is|are|was|were|do|does|did)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Held:
    """How a source holds an answer: probability of support, and where it (or its topic) stands."""

    support: float
    span: Span


def read_pair(claim: str) -> tuple[str, str] | None:
    """Question and answer of a claim in that form; None for a statement."""
    found = _PAIR.match(claim)
    return (found["asked"], found["said"].strip().rstrip("。.")) if found else None


def places(said: str, source: str) -> list[Span]:
    """Where an answer stands in a source, letter case, width and spaces aside.

    A number is found only whole: "3" does not stand in "2023".
    """
    letters = [char for char in normalise(said).lower() if not char.isspace()]
    if not letters:
        return []
    body = r"\s*".join(map(re.escape, letters))
    left = r"(?<![\d.])" if letters[0].isdigit() else ""
    left = left or (r"(?<![a-z])" if letters[0].isascii() and letters[0].isalpha() else "")
    right = r"(?!\d|\.\d)" if letters[-1].isdigit() else ""
    right = right or (r"(?![a-z])" if letters[-1].isascii() and letters[-1].isalpha() else "")
    clean = source.lower()
    if len(clean) != len(source):
        clean = source
    return [Span(*found.span()) for found in re.finditer(left + body + right, clean)]


def holds_alike(said: str, source: str) -> bool | None:
    """Whether a source holds a value of an answer's form, with whatever numbers.

    A source that gives another date, percentage or part number may deny the one that was said; a
    source without any leaves it open. None where an answer has no form that could be looked for: no
    number, or nothing but one.
    """
    compact = "".join(normalise(said).split())
    pieces = [piece for piece in re.split(f"({_NUMBER})", compact) if piece]
    if len(pieces) < 2:
        return None
    form = (_NUMBER if re.fullmatch(_NUMBER, piece) else re.escape(piece) for piece in pieces)
    return re.search(r"\s*".join(form), normalise(source), re.IGNORECASE) is not None


def _held_in_words(said: str, source: str) -> float:
    """How far an answer that does not stand there word for word is still said, 0 to 1."""
    stated = numbers(said)
    if stated - numbers(source):
        return 0.0
    units = content_units(said)
    return 0.8 * len(units & content_units(source)) / len(units) if units else 0.0


def check_pair(asked: str, said: str, source: Source) -> Held:
    """Check a question with its answer against a source."""
    text = source.text
    topic = content_units(ASKING.sub(" ", asked)) - content_units(said)
    found = places(said, normalise(text) if len(normalise(text)) == len(text) else text)
    spots = [Span(max(0, p.start - _AROUND), min(len(text), p.end + _AROUND)) for p in found]
    anywhere = [
        Span(start, min(len(text), start + 2 * _AROUND)) for start in range(0, len(text), _STEP)
    ]
    rarity = _rarity(topic, [content_units(span.of(text)) for span in anywhere[::2]])
    whole = sum(rarity.values())
    _, near = _nearest(spots, text, rarity)
    best, place = _nearest(anywhere, text, rarity)
    about = best / whole if whole else 1.0
    said_so = 1.0 if found else _held_in_words(said, text)
    support = 1 / (1 + math.exp(-(9.0 * (said_so - 0.7) + 2.0 * (about - 0.3))))
    return Held(support, near if found else place)


def _rarity(topic: frozenset[str], windows: list[frozenset[str]]) -> dict[str, float]:
    total = len(windows) + 1
    return {
        unit: math.log(1 + total / (1 + sum(unit in window for window in windows)))
        for unit in topic
    }


def _nearest(spans: list[Span], text: str, rarity: dict[str, float]) -> tuple[float, Span]:
    """The span that holds most of the question's words, by weight."""
    best, chosen = 0.0, spans[0] if spans else Span(0, len(text))
    for span in spans:
        units = content_units(span.of(text))
        score = sum(weight for unit, weight in rarity.items() if unit in units)
        if score > best:
            best, chosen = score, span
    return best, chosen
