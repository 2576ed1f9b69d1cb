"""A claim in the source's own words needs no judge; a piece of them may say the opposite."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import WordEmbedder
from tutor.study.claims import ClaimChecker
from tutor.study.verbatim import find_verbatim

SOURCE = (
    "Pre-LN 的主干是恒等通路（常配合 RMSNorm），梯度可以直达底层。此外 **Pre-LN** 在最后一层之后要再加一个"
    "归一化，否则输出幅度过大。第一阶段不需要标签。常见误区：残差不重要。学习率取 0.001，不是 0.01。"
)


@pytest.mark.parametrize(
    "claim",
    [
        "Pre-LN 在最后一层之后要再加一个归一化，否则输出幅度过大。",
        "pre-LN的主干是恒等通路，梯度可以直达底层",
        "第一阶段不需要标签。",
        "学习率取 0.001，不是 0.01。",
    ],
)
def test_whole_clauses_that_follow_on_each_other_are_found(claim: str) -> None:
    span = find_verbatim(claim, SOURCE)
    assert span is not None
    assert claim[-4:].strip("。") in span.of(SOURCE)


@pytest.mark.parametrize(
    "claim",
    [
        "需要标签。",
        "梯度可以直达底层，否则输出幅度过大。",
        "残差不重要。",
        "学习率取 0.01。",
        "对。",
        "",
    ],
)
def test_pieces_and_what_is_taken_back_are_not(claim: str) -> None:
    assert find_verbatim(claim, SOURCE) is None


def test_the_checker_supports_it_by_rule() -> None:
    result = ClaimChecker(WordEmbedder()).check("第一阶段不需要标签。", SOURCE)
    assert (result.label, result.judge) == ("supported", "rule")
    assert "不需要标签" in result.span.of(SOURCE)


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_is_borne(claim: str, source: str) -> None:
    span = find_verbatim(claim, source)
    assert span is None or 0 <= span.start < span.end <= len(source)
