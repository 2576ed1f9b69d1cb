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


WITHOUT_ANSWERS = {"link_list.md", "list_only.md", "company_rounds.md"}


@pytest.mark.parametrize("name", sorted(set(TRUTH) - WITHOUT_ANSWERS))
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


@pytest.mark.parametrize(
    ("name", "question", "answer"),
    [
        ("admonition_question.md", "What is causal masking?", "Positions may not attend to later ones, so generation stays autoregressive."),
        ("vuepress_details.md", "隐藏层越多越好吗？", "不一定，层数多了难以训练，也容易过拟合。\n\n::: tip\n残差连接可以缓解。\n:::"),
        ("obsidian_callouts.md", "What is hybrid search?", "> Dense and lexical results are fused into one ranking."),
        ("spaced_repetition.md", "什么是温度系数？", "在 softmax 之前除以的常数，控制分布的平滑程度。"),
        ("definition_list.md", "What is a prior?", "The distribution over parameters before data is seen."),
        ("bold_dash_answer.md", "What is a tensor?", "An array with any number of dimensions that frameworks compute on."),
        ("logseq_cards.md", "What is BLEU?", "- It measures n-gram precision against references with a brevity penalty."),
        ("padded_number_headings.md", "Softmax 的数值稳定实现", "先减去最大值再取指数，结果不变而不会溢出。"),
        ("difficulty_blocks.md", "How would you detect data drift?", "Compare feature distributions of recent data with the training data.\n\n**Follow-up:** What if labels arrive late?"),
        ("chapters_and_plain_numbers.md", "生成模型与判别模型", "前者对联合分布建模，后者直接对条件分布建模。"),
        ("yuque_export.md", "1x1 卷积的作用", "跨通道融合信息，升维或降维，增加非线性。<br />"),
        ("underlines.rst", "What is the lasso?", "Least squares with an absolute penalty, which gives sparse weights."),
        ("roman_headings.md", "On-policy versus off-policy", "On-policy learns about the policy that acts; off-policy learns about another one."),
        ("anki_export.txt", "What is stride?", "How far the filter moves at each step."),
        ("question_n_bold_answer.md", "Why is a small learning rate used?", "Each tree then corrects only a part, which generalises better but needs more trees."),
        ("number_ans_bullets.md", "Why shuffle the data every epoch?", "- So that batches differ and the gradient is not biased by the order."),
        ("keycap_lines.md", "什么是注意力掩码？", "用来屏蔽填充或未来位置的矩阵。"),
        ("html_block_headings.md", "What does log loss punish?", "<p>Confident predictions that are wrong.</p>"),
        ("day_headings.md", "Handling rare categories", "Group them into one level or smooth their encodings."),
    ],
)  # fmt: skip
def test_spot_answers(name: str, question: str, answer: str) -> None:
    found = {note.question: note.answer for note in parse_notes(HERE / "samples" / name)}
    assert found[question] == answer


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


def test_entities_are_text_not_tags() -> None:
    (note,) = parse_text(
        "## 1. What do &lt;eos&gt; &amp; &alpha; mean&#63;\n\nAn end mark and a letter.\n"
    )
    assert note.question == "What do <eos> & α mean?"


def test_advertising_is_no_note_and_no_point() -> None:
    text = (
        "## 关注公众号\n\n扫码关注，领取资料？\n\n## 1. 什么是熵？\n\n不确定性的度量，单位是比特。\n\n"
        "> 欢迎关注我的公众号：某某，回复“面试”领取更多的学习资料\n"
    )
    (note,) = parse_text(text)
    assert [point.text for point in note.key_points] == ["不确定性的度量，单位是比特。"]
