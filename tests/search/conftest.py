"""Notes and stores for the search tests."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fakes import WordEmbedder
from tutor.notes.types import Note, Source
from tutor.search.retriever import Retriever
from tutor.search.store import VectorStore
from tutor.search.types import Encoder


def make_note(note_id: str, question: str, answer: str) -> Note:
    return Note(note_id, question, answer, Source("notes.md", 1, 2), lang="zh")


GATES = make_note(
    "zh:lstm", "LSTM 有哪些门？", "LSTM 有遗忘门、输入门和输出门。遗忘门决定丢掉多少旧的细胞状态。"
)
POOLING = make_note("zh:pooling", "池化有什么用？", "池化缩小特征图，扩大感受野，减少计算。")
DROPOUT = make_note(
    "en:dropout", "What does dropout do?", "Dropout switches units off at random while training."
)
NOTES = [GATES, POOLING, DROPOUT]


@pytest.fixture
def open_store(tmp_path: Path) -> Iterator[Callable[..., VectorStore]]:
    opened: list[VectorStore] = []

    def open_one(encoder: Encoder | None = None, name: str = "index") -> VectorStore:
        store = VectorStore(tmp_path / name, encoder or WordEmbedder())
        opened.append(store)
        return store

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def retriever(open_store: Callable[..., VectorStore]) -> Retriever:
    made = Retriever(open_store(), WordEmbedder())
    made.sync(NOTES)
    return made
