"""Translations are asked for once, kept, and never stand in the way of a search."""

from pathlib import Path

import pytest

from tests.fakes import WordEmbedder
from tests.search.conftest import DROPOUT, NOTES, make_note
from tutor.errors import ModelUnavailableError
from tutor.search.retriever import Retriever
from tutor.search.store import VectorStore
from tutor.search.translate import QueryTranslator


class Dictionary:
    """Answers from a table and counts how often it is asked."""

    def __init__(self, **table: str) -> None:
        self.table = table
        self.asked: list[tuple[str, str]] = []

    def __call__(self, question: str, to: str) -> str:
        self.asked.append((question, to))
        return self.table[question]


def test_a_translation_is_asked_for_once_even_across_restarts(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "translations.json"
    model = Dictionary(pooling="池化")
    translate = QueryTranslator(path, model)
    assert translate("pooling", "zh") == translate(" pooling  ", "zh") == "池化"
    assert QueryTranslator(path, model)("pooling", "zh") == "池化"
    assert model.asked == [("pooling", "zh")]
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("reply", ["", "  \n", "pooling again"])
def test_a_reply_that_is_no_translation_is_not_kept(tmp_path: Path, reply: str) -> None:
    path = tmp_path / "t.json"
    assert QueryTranslator(path, Dictionary(pooling=reply))("pooling", "zh") is None
    assert not path.exists()


def test_a_model_that_fails_leaves_the_search_as_it_is(tmp_path: Path) -> None:
    def fail(question: str, to: str) -> str:
        raise ModelUnavailableError("no model", "没有模型")

    translate = QueryTranslator(tmp_path / "t.json", fail)
    retriever = Retriever(
        VectorStore(tmp_path / "i", WordEmbedder()), WordEmbedder(), translate=translate
    )
    retriever.sync(NOTES)
    assert retriever.search("dropout", k=1)[0].note_id == DROPOUT.id
    retriever.close()


@pytest.mark.parametrize("content", ["", "[1]", "{broken", '{"zh\\tpooling": 5}'])
def test_a_damaged_file_is_begun_again(tmp_path: Path, content: str) -> None:
    path = tmp_path / "t.json"
    path.write_text(content, encoding="utf-8")
    assert QueryTranslator(path, Dictionary(pooling="池化"))("pooling", "zh") == "池化"


def test_the_translation_finds_what_the_question_does_not(tmp_path: Path) -> None:
    notes = [*NOTES, make_note("zh:crane", "起重机怎样工作？", "起重机用滑轮组提起重物。")]
    table = {"how does a hoist work": "起重机怎样工作"}
    translate = QueryTranslator(tmp_path / "t.json", Dictionary(**table))
    retriever = Retriever(
        VectorStore(tmp_path / "i", WordEmbedder()), WordEmbedder(), translate=translate
    )
    retriever.sync(notes)
    assert retriever.search("how does a hoist work", k=1)[0].note_id == "zh:crane"
    retriever.close()
