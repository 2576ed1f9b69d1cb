"""Key points derived from an answer: whole statements, each with its place."""

import pytest

from tutor.notes.keypoints import derive_points


def points(answer: str) -> list[str]:
    found = derive_points(answer, "q")
    for point in found:
        assert point.span is not None
    return [point.text for point in found]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("池化降低分辨率。它扩大后续层的感受野。", ["池化降低分辨率。", "它扩大后续层的感受野。"]),
        (
            "好处有：(1)减少需要训练的参数 (2)对小的平移不敏感",
            ["好处有：减少需要训练的参数", "好处有：对小的平移不敏感"],
        ),
        (
            "（1）局部连接减少参数；（2）权值共享进一步减少参数。",
            ["局部连接减少参数", "权值共享进一步减少参数。"],
        ),
        ("①先对输入做归一化②再缩放和平移", ["先对输入做归一化", "再缩放和平移"]),
        (
            "第一步：计算输出与标签的误差。第二步：沿链式法则求梯度。",
            ["第一步：计算输出与标签的误差。", "第二步：沿链式法则求梯度。"],
        ),
        (
            "- It damps oscillation.\n- It speeds up flat directions.",
            ["It damps oscillation.", "It speeds up flat directions."],
        ),
        (
            "1. run the forward pass\n2. compute the loss",
            ["run the forward pass", "compute the loss"],
        ),
        ("![](a.png)\n\n如下图所示：\n\n残差让梯度直接传回浅层。", ["残差让梯度直接传回浅层。"]),
        (
            "```python\nx = 1\n```\nThe code sets a variable to one.",
            ["The code sets a variable to one."],
        ),
        ("## 结论\n\n归一化让训练更稳定。", ["归一化让训练更稳定。"]),
        (
            "It uses $a;b$ and [a link](http://x.org/?a=1). It is fast on large inputs.",
            ["It uses $a;b$ and a link.", "It is fast on large inputs."],
        ),
    ],
)
def test_statements(answer: str, expected: list[str]) -> None:
    assert points(answer) == expected


def test_table_rows_name_their_columns() -> None:
    answer = "| 方法 | 优点 | 缺点 |\n|---|---|---|\n| 批归一化 | 训练快 | 依赖批大小 |\n| 层归一化 | 不依赖批 | 卷积上较差 |\n"
    assert points(answer) == [
        "批归一化: 优点 训练快; 缺点 依赖批大小",
        "层归一化: 优点 不依赖批; 缺点 卷积上较差",
    ]


def test_no_more_than_eight_and_items_first() -> None:
    prose = "".join(f"这是第{c}句铺垫的话，没有结论。" for c in "甲乙丙丁戊己庚辛壬癸")
    items = "".join(f"\n- 要点{c}说明一个独立的结论" for c in "子丑寅卯")
    found = points(prose + "\n" + items)
    assert len(found) == 8
    assert sum(text.startswith("要点") for text in found) == 4


def test_labels_join_what_they_announce() -> None:
    assert points("优点：\n训练速度快，结构也简单。") == ["优点：训练速度快，结构也简单。"]


def test_first_points_are_required() -> None:
    found = derive_points("\n".join(f"- 第{c}个独立的结论在这里" for c in "甲乙丙丁戊己庚"), "q")
    assert [point.required for point in found] == [True] * 5 + [False] * 2


@pytest.mark.parametrize(
    "answer",
    ["", "![](a.png)", "http://a.org", "```\ncode\n```", "## Heading", "- [x](http://a.org)\n"],
)
def test_nothing_to_say(answer: str) -> None:
    assert [text for text in points(answer) if text != "x"] == []
