"""Questions are found in every written form of the sample files, and nothing else is."""

import json
from pathlib import Path

import pytest

from tutor.notes import parse_notes, parse_text

HERE = Path(__file__).parent
TRUTH = json.loads((HERE / "truth" / "samples.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", sorted(TRUTH))
def test_sample_questions(name: str) -> None:
    notes = parse_notes(HERE / "samples" / name)
    assert [note.source.first_line for note in notes] == TRUTH[name]


@pytest.mark.parametrize("name", sorted(set(TRUTH) - {"link_list.md", "list_only.md"}))
def test_sample_answers_are_verbatim_and_usable(name: str) -> None:
    text = (HERE / "samples" / name).read_text(encoding="utf-8")
    lines = text.split("\n")
    for note in parse_notes(HERE / "samples" / name):
        assert note.usable
        assert note.answer in text
        enclosed = "\n".join(lines[note.source.answer_first - 1 : note.source.answer_last])
        assert note.answer in enclosed
        assert "<details" not in note.answer
        assert "<summary" not in note.answer
        assert not note.answer.startswith(("A:", "答：", "Answer"))


def test_every_sample_has_a_truth() -> None:
    assert {path.name for path in (HERE / "samples").iterdir()} == set(TRUTH)


def test_display_text_is_clean() -> None:
    text = "### Q3: **What** is [dropout](http://x.org)? 🚀 [[src](http://y.org)] ###\n\nIt switches units off.\n"
    (note,) = parse_text(text)
    assert note.question == "What is dropout?"
    assert note.number == 3
    assert note.raw_question in text


def test_compatibility_letters_are_made_plain_for_display_only() -> None:
    text = "## 1. ⾃注意⼒的 𝐬𝐜𝐚𝐥𝐞 是什么？\n\n除以维度的平⽅根，防⽌点积过⼤。\n"
    (note,) = parse_text(text)
    assert note.question == "自注意力的 scale 是什么？"
    assert note.answer == "除以维度的平⽅根，防⽌点积过⼤。"


def test_crlf_and_bom_change_no_character() -> None:
    text = "\ufeff# 题目\r\n\r\n## 什么是 A？\r\n\r\n第一行。\r\n第二行。\r\n\r\n## 什么是 B？\r\n\r\n另一段。\r\n"
    first, second = parse_text(text)
    assert first.answer == "第一行。\r\n第二行。"
    assert second.source.first_line == 8


def test_code_never_asks() -> None:
    text = "## What is a loop?\n\n```python\n# 1. What?\n## Q2: Why?\n**Q3: How?**\n```\nIt repeats a block.\n"
    (note,) = parse_text(text)
    assert note.answer.startswith("```python")


def test_own_format() -> None:
    text = (
        "---\ntopic: 优化\nlang: zh\n---\n# 优化\n\n## 1. 动量是什么？\n<!-- id: momentum-idea | level: basic -->\n\n"
        "动量对过去的梯度取滑动平均。它减小振荡。\n\n### 要点\n- [必答] 对过去的梯度取滑动平均\n- [加分] 减小振荡\n\n"
        '### 常见误区\n动量不是学习率。\n\n### 追问\n- 什么是 Nesterov 动量？\n\n### 出处\n- 某某, "某书", 2016.\n'
    )
    (note,) = parse_text(text, file="o.md")
    assert (note.id, note.ref, note.level, note.topic, note.number) == (
        "zh:momentum-idea", "momentum-idea", "basic", "优化", 1,
    )  # fmt: skip
    assert note.answer == "动量对过去的梯度取滑动平均。它减小振荡。"
    assert [(p.text, p.required) for p in note.key_points] == [
        ("对过去的梯度取滑动平均", True),
        ("减小振荡", False),
    ]
    assert [p.span.of(note.answer) for p in note.key_points if p.span] == [
        "动量对过去的梯度取滑动平均。", "它减小振荡。",
    ]  # fmt: skip
    assert note.misconception == "动量不是学习率。"
    assert note.follow_ups == ("什么是 Nesterov 动量？",)
    assert note.references == ('某某, "某书", 2016.',)
