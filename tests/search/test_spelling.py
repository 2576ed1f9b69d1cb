"""Mistyped questions are read as meant; what is only unusual is left alone."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.mistyped import expected, read_cases
from tutor.notes.library import load_notes
from tutor.notes.text import normalise
from tutor.notes.types import Note, Source
from tutor.search.lexical import LexicalIndex
from tutor.search.spelling import Spelling, differ_by_one
from tutor.settings import bundled_notes

TEXTS = [
    ("BatchNorm 前面的卷积层还要不要偏置？", "减均值时 bias 被抵消，所以卷积后面接 BatchNorm 时不带偏置。"),
    ("什么是过拟合？", "训练集上好、验证集上差。可以用交叉验证、Dropout 和梯度裁剪。"),
    ("HNSW 的 efSearch 怎么调？", "越大召回越高，也越慢。随机森林与它无关。"),
    ("ResNet 解决什么问题？", "残差连接缓解梯度消失。Adam 与 tokenizer 也常用。"),
    ("What are precision and recall?", "Precision is the share of hits; regularization fails sometimes."),
]  # fmt: skip


@pytest.fixture(scope="module")
def spelling() -> Spelling:
    place = Source("a.md", 1, 1)
    notes = [Note(str(i), question, text, place) for i, (question, text) in enumerate(TEXTS)]
    return Spelling(notes, LexicalIndex([f"{n.question}\n{n.answer}" for n in notes]))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("bacthnorm 前面那个卷机还要不要 bais", "BatchNorm 前面那个卷积还要不要 bias"),
        ("过拟和了怎么办", "过拟合了怎么办"),
        ("随机深林是什么", "随机森林是什么"),  # shen, sen
        ("交差验证是啥", "交叉验证是啥"),  # 差 alone is chā, in 交差 chāi
        ("hnws 的 efserach 调大会咋样", "HNSW 的 efSearch 调大会咋样"),
        ("梯度消实怎么办", "梯度消失怎么办"),
        ("what is precison and recal", "what is Precision and recall"),
        ("Adma 是什么", "Adam 是什么"),
        ("p=0.03时BN/LN前的卷机怎么办", "p=0.03时BN/LN前的卷积怎么办"),
        ("ｔｏｋｅｎｉｚｒｅ 是什么？", "tokenizer 是什么？"),  # full-width letters
        ("验证级分多少？", "验证集分多少？"),
    ],
)
def test_a_mistake_is_mended(spelling: Spelling, typed: str, meant: str) -> None:
    assert spelling.mend(typed) == meant


@pytest.mark.parametrize(
    "question",
    [
        "BatchNorm 前面的卷积层还要不要偏置？",
        "ResNeXt 和 ResNet 有什么不一样？",  # a name the notes do not hold
        "Adan 和 Adam 的区别",
        "what is resnext",  # the same in a hurry
        "faiss 里它默认是几",  # one letter from "fails"
        "regularisation is spelt so in Britain",
        "它 tokenizes 了什么，tokenized 之后呢",
        "clip_grad_norm_ 和 n_estimatros 怎么设",  # identifiers are copied, not typed
        "训练损失还在降，两条线交叉上了说明什么",  # 交叉熵 by its sound
        "数据文件是未知编码",
        "训练及测试怎么分",  # 训练集 and a word between
        "目标类加角度",
        "自变量和因变量",
        "RMSLE 和 RMSE 的区别",
        "Adams et al. 与 Adamo",
        "https://foo.com/tokenizre/x",
        "def f(bais): return bais",
        "“卷机”是什么",  # in quotation marks: as it stands
        "計算量はどのくらい卷機",
        "测试及格了没有",  # 及格 is a word, so 测试及 is none
        "",
        "？！",
    ],
)
def test_what_is_no_mistake_stays(spelling: Spelling, question: str) -> None:
    assert spelling.mend(question) == question


def test_traditional_characters_are_read(spelling: Spelling) -> None:
    assert spelling.mend("什麼是過擬合") == "什麼是过拟合"


def test_a_common_word_that_is_as_near_may_be_meant(spelling: Spelling) -> None:
    question = "what does a laywer do"
    assert spelling.mend(question) == question


def _words() -> Iterator[str]:
    yield from "BatchNorm dropout 卷积 过拟合 交叉验证 的 是 ResNet 卷机 bais 1.5 ？ [1] \n".split(
        " "
    )


@given(st.lists(st.sampled_from([*_words()]) | st.text(max_size=8), max_size=8))
def test_what_is_mended_stays_so_and_keeps_its_length_but_for_a_letter_a_word(
    spelling: Spelling, parts: list[str]
) -> None:
    question = "".join(parts)
    mended = spelling.mend(question)
    assert spelling.mend(mended) == mended
    assert abs(len(mended) - len(question)) <= max(len(parts), len(normalise(question)) // 4)


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("batchnorm", "bacthnorm", True),
        ("precison", "precision", True),
        ("recal", "recall", True),
        ("adam", "adamw", False),
        ("gpt-3", "gpt-4", False),
        ("bert", "albert", False),
    ],
)
def test_one_typing_error(one: str, other: str, near: bool) -> None:
    assert differ_by_one(one, other) is near
    assert differ_by_one(other, one) is near


def test_mistyped_questions_over_our_notes_are_read_as_meant() -> None:
    """`benchmarks.mistyped` has the figures; here only that they do not fall."""
    notes = load_notes([bundled_notes()]).notes
    texts = [f"{n.question}\n{n.answer}\n{n.misconception}" for n in notes]
    spelling = Spelling(notes, LexicalIndex(texts))
    wrong = [
        case
        for case in read_cases()
        if spelling.mend(case["question"]).lower() != expected(case).lower()
    ]
    assert [case["question"] for case in wrong if case["kind"] == "sound"] == []
    assert len(wrong) <= 12
