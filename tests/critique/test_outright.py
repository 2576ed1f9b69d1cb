import pytest

from tutor.critique.outright import said_outright

QUESTION = "权重衰减和 L2 正则化等价吗？"
POINT = "在普通 SGD 下，权重衰减与 L2 正则化等价"


@pytest.mark.parametrize(
    "words",
    [
        POINT,
        "其次，在普通 SGD 下，权重衰减与 L2 正则化等价；",
        "在普通SGD下权重衰减与L2正则化等价，这很好推",
    ],
)
def test_the_points_own_words_are_heard(words: str) -> None:
    assert said_outright(POINT, words, QUESTION)


@pytest.mark.parametrize(
    "words",
    [
        "权重衰减和 L2 正则化等价吗？",
        "在普通 SGD 下，权重衰减与 L2 正则化并不等价",
        "SGD、权重衰减、L2 正则化",
    ],
)
def test_other_words_are_left_to_the_judge(words: str) -> None:
    assert not said_outright(POINT, words, QUESTION)


def test_exchanged_roles_are_not_the_point() -> None:
    assert not said_outright("LSTM 的参数比 GRU 的参数多", "GRU 的参数比 LSTM 的参数多", "比较两者")


def test_a_changed_number_is_not_the_point() -> None:
    assert not said_outright("LSTM 一共有三个门控单元", "LSTM 一共有四个门控单元", "LSTM 是什么？")


def test_a_point_that_the_question_says_cannot_be_earned_by_repeating_it() -> None:
    assert not said_outright("池化是缩小特征图", "池化是缩小特征图", "为什么说池化是缩小特征图？")
