"""A question, its key points and its source, read once by the encoder and kept."""

from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

import numpy as np

from tutor.critique.features import Question, split_parts
from tutor.critique.reading import Vectors, read_passages
from tutor.critique.units import count_letters
from tutor.notes.text import detect_lang, split_sentences
from tutor.search.types import Encoder


@lru_cache(maxsize=1)
def load_asides() -> dict[str, tuple[str, ...]]:
    """Lines of text about anything, by section: ``everyday``, ``records`` and ``text``."""
    text = (files("tutor.critique") / "asides.txt").read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    name = ""
    for line in text.splitlines():
        if line.startswith("[") and line.endswith("]"):
            name = line[1:-1]
        elif line.strip() and not line.startswith("#"):
            found.setdefault(name, []).append(line)
    return {name: tuple(lines) for name, lines in found.items()}


_READ: dict[tuple[str, int, str], Vectors] = {}  # by encoder: the lines never change


def _background(encoder: Encoder, lang: str = "") -> Vectors:
    """Vectors of everyday sentences; with ``lang``, of records and of text in that language."""
    key = (encoder.name, encoder.dimension, lang)
    if key not in _READ:
        lines = load_asides()
        wide = (*lines["records"], *(line for line in lines["text"] if detect_lang(line) == lang))
        rows = read_passages(encoder, wide if lang else lines["everyday"])
        _READ[key] = np.stack([item.vector for item in rows])
    return _READ[key]


def read_question(encoder: Encoder, question: str, points: Sequence[str], source: str) -> Question:
    """Read a question for judging: one encoder call for all its texts."""
    # A list number ("1.") is no sentence to stand behind a point.
    spans = tuple(span for span in split_sentences(source) if count_letters(span.of(source)) >= 5)
    parts = [split_parts(point) for point in points]
    texts = [question or " ", *points, *(span.of(source) for span in spans)]
    extra = [part for group in parts if len(group) > 1 for part in group]
    rows = read_passages(encoder, [*texts, *extra])
    asked, points_read = rows[0], tuple(rows[1 : 1 + len(points)])
    sentences = tuple(rows[1 + len(points) : len(texts)])
    rest = iter(rows[len(texts) :])
    parts_read = tuple(
        tuple(next(rest) for _ in group) if len(group) > 1 else (point,)
        for group, point in zip(parts, points_read, strict=True)
    )
    if sentences:
        matrix = np.stack([sentence.vector for sentence in sentences])
        backing = tuple(int((matrix @ point.vector).argmax()) for point in points_read)
    else:
        backing = tuple(-1 for _ in points_read)
    lang = detect_lang(" ".join([question, *points]))
    return Question(
        question=asked,
        points=points_read,
        parts=parts_read,
        source=sentences,
        source_spans=spans,
        backing=backing,
        background=_background(encoder),
        asides=_background(encoder, lang),
    )
