"""The second encoder is asked where question and notes are in English, and only there."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.fakes import WordEmbedder
from tests.search.conftest import DROPOUT, NOTES, POOLING, make_note
from tutor.search.english import EnglishIndex
from tutor.search.retriever import Retriever
from tutor.search.store import VectorStore
from tutor.search.types import Chunk, Side

MOMENTUM = make_note("en:momentum", "", "Momentum averages past gradients to smooth the steps.")
DECAY = make_note("en:decay", "", "Weight decay shrinks the weights a little at every update.")
ENGLISH = [DROPOUT, MOMENTUM, DECAY]


class Numb(WordEmbedder):
    """Sees no difference between any two texts."""

    def encode(self, texts: Sequence[str], *, side: Side = "query") -> NDArray[np.float32]:
        return np.tile(super().encode(["the same"]), (len(texts), 1))


class Noting(WordEmbedder):
    """Remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__(name="noting")
        self.asked: dict[Side, list[str]] = {"query": [], "passage": []}

    def encode(self, texts: Sequence[str], *, side: Side = "query") -> NDArray[np.float32]:
        self.asked[side] += texts
        return super().encode(texts, side=side)


@pytest.fixture
def second() -> Noting:
    return Noting()


@pytest.fixture
def retriever(
    tmp_path: Path, open_store: Callable[..., VectorStore], second: Noting
) -> Iterator[Retriever]:
    made = Retriever(
        open_store(Numb()),
        Numb(),
        lexical=False,
        english=EnglishIndex(tmp_path / "english", second),
    )
    yield made
    made.close()


def test_it_finds_what_the_first_does_not_see(retriever: Retriever) -> None:
    retriever.sync([*NOTES, MOMENTUM, DECAY])
    for note in ENGLISH:
        found = retriever.search(note.answer, k=3)
        assert found[0].note_id == note.id
        assert found[0].span is not None or found[0].text == note.question
        assert found[0].score > found[1].score


def test_a_question_in_chinese_and_notes_in_chinese_are_not_its_business(
    retriever: Retriever, second: Noting
) -> None:
    retriever.sync([*NOTES, MOMENTUM])
    retriever.search("池化有什么用？")
    assert second.asked["query"] == []
    assert not any("池化" in text for text in second.asked["passage"])
    retriever.search("What does dropout do?")
    assert second.asked["query"] == ["What does dropout do?"]


def test_without_english_notes_nothing_is_opened(
    retriever: Retriever, second: Noting, tmp_path: Path
) -> None:
    retriever.sync([POOLING])
    assert retriever.search("What is pooling?")
    assert second.asked == {"query": [], "passage": []}
    assert not (tmp_path / "english").exists()


def test_it_follows_the_notes(retriever: Retriever, second: Noting) -> None:
    retriever.sync([DROPOUT, MOMENTUM])
    embedded = len(second.asked["passage"])
    retriever.sync([DROPOUT, MOMENTUM])
    assert len(second.asked["passage"]) == embedded
    retriever.sync([POOLING])
    assert [e.note_id for e in retriever.search(MOMENTUM.answer)] == [POOLING.id]
    assert second.asked["query"] == []


def test_progress_counts_both_encoders_as_one_piece_of_work(retriever: Retriever) -> None:
    told: list[tuple[int, int]] = []
    retriever.sync([*NOTES, MOMENTUM], lambda done, total: told.append((done, total)))
    done = [one for one, _ in told]
    assert done == sorted(done)
    assert {total for _, total in told} == {done[-1]}


def test_the_folder_is_free_again_after_closing(tmp_path: Path) -> None:
    for _ in range(2):
        index = EnglishIndex(tmp_path / "english", WordEmbedder())
        index.sync([])
        assert index.missing([]) == 0
        index.close()


class Failing(Noting):
    """Fails on one side."""

    def __init__(self, side: Side) -> None:
        super().__init__()
        self._side = side

    def encode(self, texts: Sequence[str], *, side: Side = "query") -> NDArray[np.float32]:
        if side == self._side:
            raise ValueError("damaged weights")
        return super().encode(texts, side=side)


@pytest.mark.parametrize("side", ["passage", "query"])
def test_search_goes_on_without_it_where_it_fails(
    tmp_path: Path, open_store: Callable[..., VectorStore], side: Side
) -> None:
    index = EnglishIndex(tmp_path / "english", Failing(side))
    made = Retriever(open_store(), WordEmbedder(), english=index)
    made.sync(ENGLISH)
    for _ in range(2):
        assert made.search(MOMENTUM.answer)[0].note_id == MOMENTUM.id
    made.sync([*ENGLISH, POOLING])
    assert made.search(POOLING.answer)[0].note_id == POOLING.id
    made.close()


def test_a_model_that_cannot_be_opened_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "english").write_text("no folder", encoding="utf-8")
    index = EnglishIndex(tmp_path / "english", WordEmbedder())
    index.sync([])
    assert index.missing([Chunk("c", "n", "text", None, "answer")]) == 0
    with index.beside("text", 3) as found:
        pass
    assert found == []
    index.close()


def test_an_error_of_the_caller_is_passed_on(retriever: Retriever, tmp_path: Path) -> None:
    index = EnglishIndex(tmp_path / "own", WordEmbedder())
    index.sync([Chunk("c", "n", "text", None, "answer")])
    with pytest.raises(KeyError), index.beside("text", 3):
        raise KeyError
    with index.beside("text", 3) as found:
        pass
    assert [hit.chunk_id for hit in found] == ["c"]
    index.close()
