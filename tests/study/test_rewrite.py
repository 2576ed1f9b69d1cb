"""Follow-up questions stand alone after the rules have read the conversation into them."""

import pytest

from tests.fakes import ScriptedModel
from tutor.errors import ModelUnavailableError
from tutor.study.rewrite import needs_context, rewrite_by_model, rewrite_by_rule, subject_of
from tutor.study.types import Exchange

ZH = [Exchange("Dropout 在训练和测试时有什么不同？", "训练时随机置零。", ("dropout",))]
EN = [Exchange("What is batch normalization?", "It normalizes.", ("bn",))]


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("那批归一化呢？", ("批归一化", "训练和测试时有什么不同")),
        ("它为什么能防止过拟合？", ("Dropout", "防止过拟合")),
        ("跟 L2 正则化相比呢？", ("Dropout", "L2 正则化")),
        ("为什么？", ("Dropout", "为什么")),
    ],
)
def test_chinese_follow_ups_get_their_subject_back(question: str, parts: tuple[str, ...]) -> None:
    written = rewrite_by_rule(question, ZH)
    assert all(part in written for part in parts)


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("What about layer norm?", ("layer norm",)),
        ("Why does it help?", ("batch normalization", "help")),
        ("How does it compare to dropout?", ("batch normalization", "dropout", "difference")),
    ],
)
def test_english_follow_ups_get_their_subject_back(question: str, parts: tuple[str, ...]) -> None:
    written = rewrite_by_rule(question, EN)
    assert all(part in written for part in parts)


@pytest.mark.parametrize(
    "question", ["GRU 有几个门？", "为什么 Transformer 要除以根号 d？", "What is weight decay?"]
)
def test_a_question_that_stands_alone_is_left_alone(question: str) -> None:
    assert not needs_context(question)
    assert rewrite_by_rule(question, ZH) == question


def test_without_a_conversation_nothing_is_rewritten() -> None:
    assert rewrite_by_rule("那批归一化呢？", []) == "那批归一化呢？"


@pytest.mark.parametrize(
    ("question", "subject"),
    [
        ("批归一化有什么作用？", "批归一化"),
        ("什么是自注意力？", "自注意力"),
        ("What is dropout?", "dropout"),
    ],
)
def test_the_subject_is_what_stands_before_the_asking_words(question: str, subject: str) -> None:
    assert subject_of(question) == subject


def test_the_models_wording_is_taken_only_if_it_keeps_to_the_conversation() -> None:
    model = ScriptedModel().enqueue("Dropout 为什么能减轻过拟合？", "今天天气怎么样，适合出门吗？")
    model.enqueue(ModelUnavailableError("gone", "没了"))
    written = [
        rewrite_by_model("它为什么能减轻过拟合？", ZH, model, fallback="F") for _ in range(3)
    ]
    assert written == ["Dropout 为什么能减轻过拟合？", "F", "F"]
