"""Notes are embedded before they are asked about, but never while a question is answered."""

import threading
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tests.fakes import WordEmbedder
from tests.study.values import BATCHNORM, GRU, note
from tutor.errors import SearchError
from tutor.search.gate import read_evidence
from tutor.search.types import Side
from tutor.study.ahead import ReadAhead
from tutor.study.finding import as_passage
from tutor.study.memory import RememberingEncoder
from tutor.study.passages import read_passage

TABLE = "| 门 | 作用 |\n| --- | --- |\n| 重置门 | 忘记过去 |\n| 更新门 | 混合新旧 |\n"
NOTES = [
    note("gru", "GRU 有什么特点？", GRU),
    note("bn", "BN 是什么？", BATCHNORM),
    note("table", "GRU 的门各做什么？", TABLE),
    note("empty", "待补充", ""),
]


class Counting(WordEmbedder):
    def __init__(self) -> None:
        super().__init__()
        self.passages: list[str] = []

    def encode(self, texts: Sequence[str], *, side: Side = "query") -> NDArray[np.float32]:
        if side == "passage":
            self.passages.extend(texts)
        return super().encode(texts, side=side)


class Broken(WordEmbedder):
    def encode(self, texts: Sequence[str], *, side: Side = "query") -> NDArray[np.float32]:
        raise SearchError("no model", "没有模型")


def test_what_was_read_ahead_is_not_embedded_again() -> None:
    inner = Counting()
    encoder = RememberingEncoder(inner)
    ReadAhead(encoder, lambda: NOTES).start().join()
    ahead = list(inner.passages)
    assert ahead
    for asked in NOTES:
        read_evidence("门有什么作用？", [as_passage(asked)], encoder)
        read_passage(asked, "门有什么作用？", encoder)
    assert inner.passages == ahead


def test_nothing_is_read_while_a_question_is_answered() -> None:
    inner = Counting()
    reading = ReadAhead(RememberingEncoder(inner), lambda: NOTES)
    with reading:
        thread = reading.start()
        thread.join(timeout=0.5)
        assert thread.is_alive()
        assert inner.passages == []
    thread.join()
    assert inner.passages


def test_it_is_begun_once_and_ends_when_it_is_told_to() -> None:
    reading = ReadAhead(RememberingEncoder(Counting()), lambda: NOTES * 1000)
    assert reading.start() is reading.start()
    reading.stop()
    assert not reading.start().is_alive()
    assert "read-ahead" not in {thread.name for thread in threading.enumerate()}


def test_an_encoder_that_fails_ends_it_quietly() -> None:
    thread = ReadAhead(RememberingEncoder(Broken()), lambda: NOTES).start()
    thread.join()
    assert not thread.is_alive()
