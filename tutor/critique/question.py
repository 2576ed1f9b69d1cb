"""A question, its key points and its source, read once by the encoder and kept."""

from collections.abc import Sequence

import numpy as np

from tutor.critique.features import Question, split_parts
from tutor.critique.reading import read_passages
from tutor.critique.units import count_letters
from tutor.notes.text import split_sentences
from tutor.search.types import Encoder


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
    return Question(asked, points_read, parts_read, sentences, spans, backing)
