"""Each finding of the note doctor, and what it must not find."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tutor.notes import examine, parse_text
from tutor.notes.doctor import judge_answer


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("", "no_answer"),
        ("\n\n", "no_answer"),
        ("...", "no_answer"),
        ("image", "image_only"),
        ("![](a.png)", "image_only"),
        ('<img src="a.png" width="50%">\n\n![b](b.png)', "image_only"),
        ("https://example.org/a", "link_only"),
        ("参考博客：https://example.org/a https://example.org/b", "link_only"),
        ("[[Answer]](https://example.org/a)", "link_only"),
        ("**参考资料**\n\n- [一篇文章的标题](https://example.org)", "link_only"),
        ("TODO", "todo"),
        ("- [ ] TODO", "todo"),
        ("Answer here", "todo"),
        ("待补充", "todo"),
        ("- [ ] TODO\n\n**参考资料**\n\n- [标题很长的一篇参考文章](https://example.org)", "todo"),
        ("缩小特征图", "too_thin"),
        ("Adam.", "too_thin"),
    ],
)
def test_answers_that_cannot_be_used(answer: str, code: str) -> None:
    found = judge_answer("q", answer, "f.md", 3)
    assert found is not None
    assert (found.code, found.file, found.line) == (code, "f.md", 3)
    assert found.severity == ("warning" if code == "too_thin" else "error")
    assert found.en.endswith(".")
    assert found.zh.endswith("。")


@pytest.mark.parametrize(
    "answer",
    [
        "取窗口内的最大值，从而降低分辨率。",
        "It keeps the largest value of each window.",
        "![](a.png)\n\n取窗口内的最大值，从而降低分辨率。",
        "See [this](https://example.org): it keeps the largest value of each window.",
        "```sql\nSELECT count(*) FROM ads WHERE status = 'active';\n```",
    ],
)
def test_answers_that_can_be_used(answer: str) -> None:
    assert judge_answer("q", answer, "f.md", 3) is None


def codes(text: str, **options: object) -> list[tuple[str, int]]:
    return [(p.code, p.line) for p in examine(parse_text(text), **options)]  # type: ignore[arg-type]


def test_near_duplicates() -> None:
    text = (
        "## 1. 为什么要在卷积网络里使用池化层？\n\n降低分辨率，扩大感受野。\n\n"
        "## 2. 在卷积网络里为什么要使用池化层？\n\n降低分辨率，扩大感受野。\n"
    )
    assert ("near_duplicate", 5) in codes(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What is object detection in images?", "What is object segmentation in images?"),
        ("L1 正则化对线性模型权重的影响是什么？", "L2 正则化对线性模型权重的影响是什么？"),
        ("卷积神经网络模型的优点是什么？", "卷积神经网络模型的缺点是什么？"),
        (
            "What is the effect of 2 layers on the loss?",
            "What is the effect of 3 layers on the loss?",
        ),
    ],
)
def test_different_questions_are_no_duplicates(one: str, other: str) -> None:
    text = f"## {one}\n\nIt depends on many things here.\n\n## {other}\n\nIt depends on much else here.\n"
    assert codes(text) == []


def test_basic_ideas_of_two_topics_are_no_duplicates() -> None:
    body = "\n\n这里写着这个模型的基本原理。\n\n"
    text = f"# 笔记\n\n## 随机森林\n\n### 基本原理{body}## 支持向量机\n\n### 基本原理{body}"
    assert codes(text) == []


def test_disagreement_in_number_and_negation() -> None:
    for second in ("LSTM 单元一共有 4 个门来控制信息。", "LSTM 单元并非一共有 3 个门来控制信息。"):
        text = (
            "## LSTM 单元里有几个门？\n\nLSTM 单元一共有 3 个门来控制信息。\n\n"
            f"## LSTM 单元里有几个门呢？\n\n{second}\n"
        )
        assert ("disagreement", 5) in codes(text)


def test_agreeing_twins_do_not_disagree() -> None:
    text = "## LSTM 里有几个门？\n\n一共有三个门控制信息。\n\n## LSTM 里有几个门？\n\n一共有三个门，输入、遗忘和输出。\n"
    assert codes(text) == [("near_duplicate", 5)]


def test_numbering() -> None:
    body = "\n\nThis is an answer of enough words.\n\n"
    names = ("one", "two", "four", "four again", "first again")
    numbers = (1, 2, 4, 4, 1)
    text = "".join(f"## {n}. What is {w}?{body}" for n, w in zip(numbers, names, strict=True))
    assert [line for code, line in codes(text) if code == "broken_numbering"] == [9, 13]


def test_changed_since_passed() -> None:
    text = "## What is a margin?\n\nThe distance to the nearest point.\n"
    (note,) = parse_text(text)
    assert codes(text, passed={note.id: note.digest}) == []
    assert codes(text, passed={note.id: "older"}) == [("changed_since_passed", 1)]


class SynonymEncoder:
    """Maps both names of one thing to the same direction."""

    def encode(self, texts: list[str]) -> NDArray[np.float32]:
        rows = [
            [1.0, 0.0] if "step size" in t or "learning rate" in t else [0.0, 1.0] for t in texts
        ]
        return np.array(rows, dtype=np.float32)


def test_the_same_in_other_words_needs_an_encoder() -> None:
    text = (
        "## How is the learning rate chosen?\n\nBy a search over powers of ten.\n\n"
        "## The step size: how chosen?\n\nBy a search over powers of ten.\n"
    )
    assert codes(text) == []
    text = text.replace(
        "The step size: how chosen?", "How is the step size of the learning rate chosen?"
    )
    assert codes(text, encoder=SynonymEncoder()) == [("near_duplicate", 5)]
