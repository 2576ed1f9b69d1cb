"""Names in a question: which of them the passages do not speak of."""

import pytest

from tests.fakes import WordEmbedder
from tutor.search.gate import NOTHING, gate
from tutor.search.named import find_absent, names_nothing

ADAM = "## Adam 怎么更新参数？\nAdam 结合动量和 RMSProp，beta1 默认 0.9，beta2 默认 0.999。"
LSTM = "## LSTM 有哪些门？\nLSTM（长短期记忆网络）有遗忘门、输入门和输出门，用 batch 训练。"


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Lion 优化器的默认 beta 是多少？", ("Lion",)),
        ("Adam 的 beta2 默认多少", ()),
        ("what is the default beta of Lion?", ("Lion",)),
        ("Which betas does Adam use?", ()),
        ("Chronos-Adam 为啥不用做偏差修正", ("Chronos-Adam",)),
        ("RMSporp 和 adam 是什么关系", ()),  # a typing error is no other name
        ("beta3 默认多少", ("beta3",)),  # another number is
        ("AdamW 改了什么", ("AdamW",)),
        ("What is an Adam-based method?", ()),
    ],
)
def test_a_name_that_stands_nowhere_is_found(question: str, names: tuple[str, ...]) -> None:
    assert find_absent(question, [ADAM]).names == names


def test_another_name_of_the_lexicon_counts() -> None:
    assert find_absent("long short-term memory 和 LSTM 是一回事吗", [LSTM]).names == ()
    assert find_absent("长短期记忆里的共振门怎么算", [LSTM]).names == ("共振门",)
    assert find_absent("LSTM 的输出门怎么算", [LSTM]).names == ()


def test_a_month_may_be_shortened() -> None:
    assert find_absent("It was released on January 15", ["Released Tue 15 Jan 2019"]).names == ()
    assert find_absent("It was released in September", ["Sept 2, 2015: the release"]).names == ()
    for text in ("Released 15 Jan", "Marc and Mar were born.", "Released in March-like weather"):
        held = "March" in text
        assert find_absent("It was released in March", [text]).names == (() if held else ("March",))


def test_words_in_latin_script_that_name_nothing_are_no_names() -> None:
    assert find_absent("训练 loss 一直 NaN，batch 要调吗", [LSTM]).names == ("NaN",)
    assert find_absent("3x3 的 step size 多大", [LSTM]).names == ()


def test_a_question_counts_by_the_clause_that_fits_best() -> None:
    half = find_absent("LSTM 有哪些门？Mamba 又是怎么做的？", [LSTM])
    assert (half.names, half.share, half.decisive) == (("Mamba",), 0.0, False)
    whole = find_absent("Mamba 和 RWKV 哪个好？", [LSTM])
    assert (whole.share, whole.decisive) == (1.0, True)
    assert find_absent("为什么要用门？", [LSTM]).share == 0.0


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("给我 Adam 原论文的 bibtex", "citation"),
        ("Adam 论文的图 3 画了什么", "figure"),
        ("用 Adam 训练一次要多少钱", "price"),
        ("Adam 是哪年提出的", "year"),
        ("Adam 是谁提出的", "author"),
        ("Adam 在排行榜上第几", "ranking"),
        ("which version of Adam is this", "version"),
    ],
)
def test_a_detail_that_no_passage_shows_is_found(question: str, kind: str) -> None:
    assert find_absent(question, [ADAM]).attributes == (kind,)


def test_a_detail_that_is_shown_is_not_missed() -> None:
    assert find_absent("Adam 是哪年提出的", [ADAM + "Adam 于 2014 年提出。"]).attributes == ()


@pytest.mark.parametrize(
    "question", ["它有什么缺点？", "为啥不行啊", "那这个公式怎么来的", "why does it work better?"]
)
def test_a_question_about_nothing_is_refused(question: str) -> None:
    assert names_nothing(question)
    assert gate(question, [ADAM], WordEmbedder()).probability == NOTHING


@pytest.mark.parametrize(
    "question", ["什么是过拟合？", "Adam 好在哪", "why does dropout work?", "样本不均衡怎么办"]
)
def test_a_short_question_about_something_is_not(question: str) -> None:
    assert not names_nothing(question)


def test_an_absent_name_makes_an_answer_unlikely() -> None:
    held = gate("Adam 的默认 beta 是多少？", [ADAM], WordEmbedder())
    absent = gate("Lion 的默认 beta 是多少？", [ADAM], WordEmbedder())
    assert (held.absent, absent.absent) == ((), ("Lion",))
    assert absent.probability < held.probability
    assert not absent.answerable
    assert (held.features["name_absent"], absent.features["name_absent"]) == (0.0, 1.0)


def test_no_passages_no_names() -> None:
    assert find_absent("Adam 好吗", []).names == ("Adam",)
    assert find_absent("", [ADAM]).names == ()
