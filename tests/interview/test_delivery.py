"""Delivery is measured apart from knowledge, by counts that anybody can check."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.interview.delivery import ADVICE, measure_delivery

GOOD = "首先，批归一化用小批量的均值和方差做标准化。其次，它再用可学习的缩放和平移恢复表达能力。因此训练更稳定，例如可以用更大的学习率。"


def test_clear_answer_gets_no_advice() -> None:
    found = measure_delivery(GOOD, seconds=60)
    assert found.advice == ()
    assert found.markers >= 3
    assert found.has_example
    assert found.pace == pytest.approx(found.length)


@pytest.mark.parametrize(
    ("answer", "seconds", "code"),
    [
        ("标准化。", 10, "short"),
        ("这是一个句子。" * 90, 60, "long"),
        ("批归一化" * 20, 60, "long_sentences"),
        ("嗯，那个，就是说，呃，批归一化用均值和方差做标准化，怎么说呢，训练更稳定一些。", 30, "fillers"),
        ("批归一化用小批量的均值和方差。" * 9, 60, "no_structure"),
        ("批归一化用均值和方差做标准化。", 300, "slow"),
        ("Um, it is, you know, a kind of normalisation, um, sort of, that uses the mean.", 20, "fillers"),
        ("It normalises the activations of a layer by the batch mean and variance. " * 8, 60, "no_structure"),
    ],
)  # fmt: skip
def test_each_weakness_is_named(answer: str, seconds: float, code: str) -> None:
    assert code in measure_delivery(answer, seconds).advice


def test_ordinary_words_are_no_fillers() -> None:
    text = "那个参数叫缩放，这个参数叫平移，金额和大小无关。首先看均值，然后看方差，它们都来自小批量的数据。"
    assert measure_delivery(text).fillers == ()


def test_no_time_gives_no_pace_and_empty_text_no_advice() -> None:
    assert measure_delivery(GOOD).pace is None
    assert measure_delivery("").advice == ()
    assert measure_delivery("", 500).advice == ()


@given(st.text(max_size=300), st.none() | st.floats(0, 1e5))
def test_any_text_can_be_measured_and_every_advice_has_words(
    text: str, seconds: float | None
) -> None:
    found = measure_delivery(text, seconds)
    assert found.longest <= max(found.length, 1) * 2
    for code in found.advice:
        assert ADVICE["zh"][code] != ADVICE["en"][code]
