"""Model text is made harmless, cut where sentences end, and never inside a formula."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.study.reply import (
    StreamStripper,
    drop_marks,
    join_answers,
    read_marks,
    split_reply,
    strip_markup,
    whole_sentences,
    write_marks,
)

HOSTILE = [
    ("见[这里](http://evil.example/a?b=1)。", "见这里。"),
    ("![追踪](https://evil.example/p.png)好", "好"),
    ("<img src=x onerror=alert(1)>好", "好"),
    ("<script>alert(1)</script>好", "alert(1)好"),
    ("好<iframe src=javascript:alert(1)", "好"),
    ("打开 https://evil.example/x 看", "打开  看"),
    ("[a]: http://evil.example\n好", "\n好"),
    ("<a href='http://evil.example'>点我</a>", "点我"),
]


@pytest.mark.parametrize(("text", "clean"), HOSTILE)
def test_links_images_and_html_are_taken_out(text: str, clean: str) -> None:
    assert strip_markup(text) == clean


def test_formulas_code_and_marks_are_kept() -> None:
    text = "若 $a<5$ 且 a < b，则 $$x_{t}=f(x)$$ 成立[1]，代码 `vector<int> v;`[2]。"
    assert strip_markup(text) == text


def test_a_generic_type_stays_readable_and_a_formula_cannot_open_a_tag() -> None:
    assert strip_markup("用 List<int> 存") == "用 List\\<int> 存"
    assert "<img" not in strip_markup("$<img src=x onerror=alert(1)>$")


@pytest.mark.parametrize("size", [1, 3, 7])
@pytest.mark.parametrize(
    "text", [text for text, _ in HOSTILE] + ["公式 $a_1 < b$，完。[1] 又 a<b！"]
)
def test_the_stream_ends_as_the_whole_text_and_never_shows_what_is_taken_out(
    text: str, size: int
) -> None:
    stripper = StreamStripper()
    told = "".join(stripper.feed(text[i : i + size]) for i in range(0, len(text), size))
    assert told + stripper.finish() == strip_markup(text)
    assert "http" not in told
    assert "<i" not in told


@given(st.text(alphabet=st.sampled_from("[]()<>!$aimg/:.。 好1\n"), max_size=60))
def test_the_stream_never_shows_a_tag_or_a_link(text: str) -> None:
    stripper = StreamStripper()
    told = "".join(stripper.feed(char) for char in text) + stripper.finish()
    assert not re.search(r"(?<!\\)<(?:a|i|img)\b[^<>]*>", told)
    assert not re.search(r"!\[[^\]\n$]*\]\([^)\n$]+\)", told)


def test_sentences_carry_their_marks_and_list_items_their_lead() -> None:
    found = split_reply("GRU 有两个门：\n1. 更新门[1]\n2. 重置门。[2]\n参数更少[1][3]。")
    assert [s.text for s in found] == ["GRU 有两个门：", "更新门", "重置门。", "参数更少。"]
    assert [s.marks for s in found] == [(), (1,), (2,), (1, 3)]
    assert found[0].is_lead
    assert found[1].claim == "GRU 有两个门：更新门"
    assert found[3].lead == ""


def test_a_formula_with_stops_is_one_sentence() -> None:
    found = split_reply("更新为 $c_t = f. g; h$，其中\n$$a.\nb。c$$\n完。")
    assert any("f. g; h" in s.text for s in found)
    assert any("a.\nb。c" in s.text for s in found)


def test_marks_are_read_written_and_dropped_but_not_inside_formulas() -> None:
    assert read_marks("甲[1]，$x[2]$，乙【笔记 3】。") == (1, 3)
    assert drop_marks("甲[1]，$x[2]$。") == "甲，$x[2]$。"
    assert write_marks("甲是乙。", (1, 2)) == "甲是乙[1][2]。"
    assert write_marks("A is B.", (1,)) == "A is B [1]."
    assert write_marks("甲", ()) == "甲"


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("甲是乙。丙是", "甲是乙。"),
        ("甲是乙。丙是丁[1]", "甲是乙。丙是丁[1]"),
        ("甲是乙。[1]", "甲是乙。[1]"),
        ("It is 3.5 wide", ""),
        ("It is so. It is 3", "It is so."),
        ("完了。\n$$a.b", "完了。"),
    ],
)
def test_an_unfinished_sentence_is_cut_off(text: str, whole: str) -> None:
    assert whole_sentences(text) == whole


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("根据笔记 [1]，GRU 有两个门。", "GRU 有两个门。"),
        ("根据笔记 [1] 的描述，GRU 有两个门。", "GRU 有两个门。"),
        ("According to note [1], the cache is small.", "The cache is small."),
        ("The note states that it works [1].", "It works."),
        ("笔记里没有提到 BERT。", "笔记里没有提到 BERT。"),
    ],
)
def test_words_that_only_name_the_source_are_taken_out(text: str, said: str) -> None:
    assert [sentence.text for sentence in split_reply(text)] == [said]


def test_talk_about_marks_is_no_sentence() -> None:
    assert [s.text for s in split_reply("GRU 有两个门 [1]。依据的笔记编号为 [1]。")] == [
        "GRU 有两个门。"
    ]


def test_a_bare_yes_or_no_goes_with_its_reason() -> None:
    sentences = split_reply("不需要。框架里的交叉熵直接接收 logits。")
    joined = join_answers(sentences)
    assert [s.text for s in joined] == ["不需要。框架里的交叉熵直接接收 logits。"]
    assert join_answers(split_reply("没错。")) == []


def test_agreement_with_what_the_notes_deny_is_taken_out() -> None:
    sentences = split_reply("没错，填充值是零。是的。推理时用滑动平均。")
    joined = join_answers(sentences, agreeing_only=True)
    assert [s.text for s in joined] == ["填充值是零。", "推理时用滑动平均。"]
