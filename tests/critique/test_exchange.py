import pytest

from tutor.critique.exchange import exchanged

BN = "训练用当前批的统计量，推理用训练中累积的滑动平均"


@pytest.mark.parametrize(
    "words",
    [
        "BN在推理的时候用当前batch的统计量，训练时用滑动平均",
        "推理时用当前批的统计量",
        "训练的时候用滑动平均",
    ],
)
def test_an_exchange_is_seen(words: str) -> None:
    assert exchanged(BN, words)


@pytest.mark.parametrize(
    "words",
    [
        "训练时用当前 batch 的均值方差，推理时用滑动平均",
        "推理的时候不用当前批的统计量",
        "训练和推理不一样",
        "批统计量和滑动平均都会用到",
        BN,
    ],
)
def test_what_is_right_or_open_is_no_exchange(words: str) -> None:
    assert not exchanged(BN, words)


def test_a_point_about_one_setting_cannot_be_exchanged() -> None:
    assert not exchanged("训练时按概率随机失活", "推理时按概率随机失活")
