"""What a note states only as a misconception does not bear a claim out."""

import pytest

from tests.fakes import WordEmbedder
from tutor.study.claims import ClaimChecker
from tutor.study.denied import denied_statement, find_denied, without

PCA = (
    "主成分是原特征的线性组合。\n\n常见误区：把 PCA 当成特征选择。"
    "它不是挑出几个原始特征，而是把所有特征线性组合成新变量。 [1]"
)


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        (PCA, ["把 PCA 当成特征选择。"]),
        ("**常见误区**：甲等于乙。其实不等。", ["甲等于乙。"]),
        ("Misconception: AUC 0.9 means 90% right. It does not.", ["AUC 0.9 means 90% right."]),
        ("这是一个常见误区：甲等于乙。", []),
        ("常见误区：", []),
        ("", []),
    ],
)
def test_the_sentence_behind_the_word_is_what_is_denied(text: str, stated: list[str]) -> None:
    found = find_denied(text)
    assert [span.of(text) for span in found] == stated
    assert len(without(text, found)) == len(text)
    assert all(span.of(without(text, found)).strip() == "" for span in found)


@pytest.mark.parametrize(
    ("claim", "contradicted"),
    [
        ("PCA 是一种特征选择", True),
        ("把所有特征线性组合成新变量", False),
        ("主成分是原特征的线性组合", False),
        ("苹果是水果", False),
        ("PCA 不是特征选择", False),
    ],
)
def test_a_claim_that_is_only_a_misconception_is_contradicted(
    claim: str, contradicted: bool
) -> None:
    assert (denied_statement(claim, PCA, find_denied(PCA)) is not None) == contradicted
    result = ClaimChecker(WordEmbedder()).check(claim, PCA)
    assert (result.label == "contradicted" and result.judge == "rule") == contradicted
    if contradicted:
        assert result.span.of(PCA) == "把 PCA 当成特征选择。"


@pytest.mark.parametrize(
    ("claim", "misconception"),
    [
        ("梯度消失时越靠近输入的层学得越慢", "梯度消失时越靠近输出的层学得越慢。"),
        ("NMS 删掉的是与最高分框 IoU 高的框", "以为 NMS 删掉的是与最高分框 IoU 低的框。"),
        ("先划分训练集和测试集再过采样", "先过采样再划分训练集和测试集。"),
        ("8 个头就是 8 倍的计算量和参数是错的", "以为 8 个头就是 8 倍的计算量和参数。"),
        ("PCA differs from feature selection", "PCA is feature selection."),
    ],
)
def test_one_turned_word_is_no_misconception(claim: str, misconception: str) -> None:
    text = f"常见误区：{misconception}其实不然。"
    assert denied_statement(claim, text, find_denied(text)) is None


def test_another_subject_is_not_denied_by_words_alone() -> None:
    text = "常见误区：以为 PagedAttention 是一种近似注意力。其实不是。"
    denied = find_denied(text)
    assert denied_statement("PagedAttention 是近似注意力", text, denied, exactly=True)
    assert denied_statement("稀疏注意力是一种近似注意力", text, denied, exactly=True) is None


def test_what_a_text_also_says_elsewhere_is_not_taken_back() -> None:
    text = "常见误区：以为甲层没有参数。其实甲层没有参数只在推理时成立。"
    assert denied_statement("甲层没有参数", text, find_denied(text)) is None
