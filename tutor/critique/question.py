"""A question, its key points and its source, read once by the encoder and kept."""

from collections.abc import Sequence

import numpy as np

from tutor.critique.features import Question, split_parts
from tutor.critique.reading import Vectors, read_passages
from tutor.critique.units import count_letters
from tutor.notes.text import split_sentences
from tutor.search.types import Encoder

# What anyone might say about anything: a sentence nearer to these than to the note is an aside.
_BACKGROUND = (
    "今天天气很好，我们去公园散步。",
    "昨天晚上吃了什么，味道怎么样？",
    "周末和朋友一起看了一部电影。",
    "谢谢您的时间，很高兴认识您。",
    "说到这里我想起以前的一件事。",
    "请把这段话翻译成英文并发邮件给我。",
    "我觉得自己表现得不错，希望能通过。",
    "The weather was lovely and we went for a walk.",
    "Please write a short story about a holiday trip.",
    "How do I book a flight and a hotel online?",
    "Thank you for your time, it was nice to meet you.",
    "Let me tell you something about my family and my hobbies.",
)


_READ: dict[tuple[str, int], Vectors] = {}  # by encoder: the sentences never change


def _background(encoder: Encoder) -> Vectors:
    key = (encoder.name, encoder.dimension)
    if key not in _READ:
        _READ[key] = np.stack([item.vector for item in read_passages(encoder, _BACKGROUND)])
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
    return Question(asked, points_read, parts_read, sentences, spans, backing, _background(encoder))
