"""What was embedded once is not embedded again, and the vectors are the same."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tests.fakes import WordEmbedder
from tutor.search.types import Side
from tutor.study.memory import RememberingEncoder


class Counting(WordEmbedder):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def encode(self, texts: Sequence[str], *, side: Side = "query") -> NDArray[np.float32]:
        self.seen.extend(texts)
        return super().encode(texts, side=side)


def test_a_text_is_embedded_once_a_side() -> None:
    inner = Counting()
    encoder = RememberingEncoder(inner)
    first = encoder.encode(["甲", "乙", "甲"])
    second = encoder.encode(["乙", "丙"])
    encoder.encode(["甲"], side="passage")
    assert inner.seen == ["甲", "乙", "丙", "甲"]
    assert np.array_equal(first[0], first[2])
    assert np.array_equal(first[1], second[0])
    assert np.array_equal(first, WordEmbedder().encode(["甲", "乙", "甲"]))


def test_the_longest_unused_goes_first() -> None:
    inner = Counting()
    encoder = RememberingEncoder(inner, most=2)
    encoder.encode(["甲", "乙"])
    encoder.encode(["甲"])
    encoder.encode(["丙"])
    encoder.encode(["甲"])
    encoder.encode(["乙"])
    assert inner.seen == ["甲", "乙", "丙", "乙"]
    assert encoder.encode([]).shape == (0, encoder.dimension)
