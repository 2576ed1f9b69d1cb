"""A question meets notes in the other language through the concepts it names."""

from collections.abc import Callable

import pytest

from tests.fakes import WordEmbedder
from tests.search.conftest import make_note
from tutor.notes.terms import concepts, forms_in
from tutor.search.bridge import bridge
from tutor.search.retriever import Retriever
from tutor.search.store import VectorStore

ZH = make_note("zh:norm", "批归一化有什么优点？", "批归一化让训练更稳定，可以用更大的学习率。")
EN = make_note("en:trees", "What is a random forest?", "A random forest averages many trees.")
OTHER = make_note("zh:rl", "什么是强化学习？", "智能体与环境交互，学习最大化回报的策略。")


def test_concepts_and_what_is_asked_are_named() -> None:
    assert bridge("What are the advantages of batch normalization?", "zh").endswith(
        "批归一化 优点 是什么 概念"
    )
    assert "random forest" in bridge("随机森林有什么优缺点", "en")
    assert "pros and cons" in bridge("随机森林有什么优缺点", "en")


def test_a_phrase_is_used_up() -> None:
    assert bridge("advantages and disadvantages of it", "zh").split()[-1] == "优缺点"


def test_an_unknown_question_stays_as_it_is() -> None:
    assert bridge("zzz qqq", "zh") == "zzz qqq"
    assert bridge("", "en") == ""


@pytest.mark.parametrize(
    ("question", "note_id"),
    [
        ("what are the advantages of batch normalization", ZH.id),
        ("随机森林是什么", EN.id),
        ("什么是强化学习", OTHER.id),
    ],
)
def test_notes_in_the_other_language_are_found(
    open_store: Callable[..., VectorStore], question: str, note_id: str
) -> None:
    retriever = Retriever(open_store(), WordEmbedder())
    retriever.sync([ZH, EN, OTHER])
    assert retriever.search(question, k=1)[0].note_id == note_id


def test_terms_are_read_whole() -> None:
    assert "gru" not in concepts("a congruent matrix")
    assert concepts("Batch norm and dropout")[:1] == concepts("批归一化")
    assert all(form.isascii() for form in forms_in("lstm", "en"))
    assert "长短时记忆" in forms_in("lstm", "zh")
    assert forms_in("no such concept", "zh") == ()
