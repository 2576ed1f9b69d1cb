"""The linter finds each breach it is there for."""

import pytest

from tutor.notes import parse_text
from tutor.notes.lint import formula_faults, lint, lint_together

GOOD = """---
topic: 优化
lang: zh
---
# 优化

## 1. 动量是什么？
<!-- id: momentum-idea | level: basic -->

动量对过去的梯度取滑动平均，把它当作更新的方向，而不是只看当前一步的梯度 $g_t$。这样在狭长的谷里来回振荡的分量互相抵消，沿着谷底的分量不断累积，
于是收敛更快。系数通常取 0.9，系数越大，历史的影响越久。

### 要点
- [必答] 对过去的梯度取滑动平均作为更新方向
- [必答] 振荡的分量互相抵消
- [加分] 系数通常取 0.9

### 常见误区
“动量就是更大的学习率。”两者不同。

### 追问
- Nesterov 动量有什么不同？

### 出处
- 某人, "某书", 某社, 2016.
"""


def test_good_notes_have_no_fault() -> None:
    assert lint(GOOD, file="g.md") == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("topic: 优化", "title: x", "names no topic"),
        ("lang: zh", "lang: fr", "names no lang"),
        ("## 1.", "## 2.", "number should be 1"),
        ("id: momentum-idea", "id: Momentum_Idea", "not lower-case"),
        ("level: basic", "level: easy", "none of basic"),
        ("<!-- id: momentum-idea | level: basic -->", "", "the line below must be"),
        ("### 常见误区", "### 误区", "parts must be"),
        ("- [加分] 系数通常取 0.9\n", "", "2 key points"),
        ("- [必答] 振荡", "- [加分] 振荡", "fewer than two required"),
        ("- [必答] 振荡", "- 振荡", "must begin with"),
        ("振荡的分量互相抵消\n- [加", "振荡" * 40 + "\n- [加", "too long"),
        ("系数通常取 0.9\n\n", "猫狗鸟鱼\n\n", "not backed"),
        ("“动量就是更大的学习率。”两者不同。", "", "no misconception"),
        ("- Nesterov 动量有什么不同？", "", "0 follow-ups"),
        (", 2016.", ".", "every source needs"),
        ("$g_t$", "$g_{t$", "unbalanced braces"),
        ("$g_t$", "$\\foo g_t$", "unknown command \\foo"),
        ("$g_t$", "$g_t", "without its partner"),
        (
            "沿着谷底的分量不断累积，\n于是收敛更快。系数通常取 0.9，系数越大，历史的影响越久。",
            "0.9。",
            "too short",
        ),
    ],
)
def test_each_fault_is_found(old: str, new: str, fault: str) -> None:
    assert old in GOOD
    found = [str(one) for one in lint(GOOD.replace(old, new, 1), file="g.md")]
    assert any(fault in one for one in found), found


def test_ids_across_files() -> None:
    zh = parse_text(GOOD, file="a.md")
    again = parse_text(GOOD, file="b.md")
    en = parse_text(
        GOOD.replace("lang: zh", "lang: en").replace("momentum-idea", "other-idea"), file="en/a.md"
    )
    assert lint_together(zh) == []
    assert [fault.text for fault in lint_together([*zh, *again])] == [
        "id momentum-idea is used twice"
    ] * 2
    assert [fault.text for fault in lint_together([*zh, *en])] == [
        "id other-idea has no Chinese counterpart"
    ]


@pytest.mark.parametrize(
    ("formula", "fault"),
    [
        ("\\frac{a}{b}", None),
        ("\\begin{pmatrix}1 & 2\\\\3 & 4\\end{pmatrix}", None),
        ("\\left(\\frac12\\right)", None),
        ("\\text{if } x > 0", None),
        ("\\begin{array}{c}1\\end{array}", "environment array"),
        ("\\begin{cases}1", "\\begin without \\end"),
        ("\\left(a", "\\left without \\right"),
        ("}{", "unbalanced braces"),
        ("\\newcommand{a}{b}", "unknown command \\newcommand"),
    ],
)
def test_formulas(formula: str, fault: str | None) -> None:
    assert formula_faults(formula) == ([fault] if fault else [])
