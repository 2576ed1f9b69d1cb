"""The lexicon: one concept a line, every name once, and each of them is recognised."""

from collections import Counter
from importlib.resources import files

import pytest

from tutor.notes.terms import all_concepts, concepts, forms_in
from tutor.notes.text import normalise

CRITIQUES, FURTHER = (
    [
        [normalise(form).strip().lower() for form in line.split("|")]
        for line in place.read_text("utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    ]
    for place in (
        files("tutor") / "critique" / "terms.txt",
        files("tutor") / "notes" / "names.txt",
    )
)
KNOWN = {line[0] for line in CRITIQUES}
# A further line that begins with a concept of the critique's lexicon adds names to it.
LINES = [*CRITIQUES, *(line[1:] if line[0] in KNOWN else line for line in FURTHER)]


def test_every_name_stands_on_one_line_once() -> None:
    counts = Counter(form for line in LINES for form in line)
    assert [form for form, count in counts.items() if count > 1 or not form] == []
    for lines in (CRITIQUES, FURTHER):
        assert len({line[0] for line in lines}) == len(lines)


def test_every_name_stands_for_its_concept() -> None:
    wrong = [
        (form, line[0])
        for line in [*CRITIQUES, *FURTHER]
        for form in line
        if line[0] not in all_concepts(f"：{form}。")
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CoT", "思维链"),
        ("束宽", "beam size"),
        ("灰度发布", "canary release"),
        ("Lasso", "L1 正则"),
        ("LRN", "局部响应归一化"),
        ("整流线性单元", "ReLU"),
    ],
)
def test_names_of_one_thing_meet(one: str, other: str) -> None:
    assert set(all_concepts(f"什么是 {one}？")) & set(all_concepts(f"{other} is used"))


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("KV 缓存占多少显存", "kv cache"),
        ("k 近邻怎么选 k", "knn"),
        ("双向 LSTM", "bilstm"),
        ("画 PR 曲线", "pr curve"),
        ("死亡ReLU", "dead relu"),
    ],
)
def test_a_space_between_latin_and_chinese_makes_no_other_name(text: str, concept: str) -> None:
    assert concept in all_concepts(text)
    assert all_concepts(text) == all_concepts(text.replace(" ", ""))


def test_a_longer_name_of_search_takes_nothing_from_the_critiques_lexicon() -> None:
    assert concepts("正弦位置编码") == ("positional encoding",)
    assert all_concepts("正弦位置编码") == ("positional encoding", "sinusoidal encoding")
    assert "bilstm" not in concepts("双向 LSTM 和 bilstm")


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("cotton", "chain of thought"),
        ("在 Colab 测试一下", "a/b test"),
        ("Gitlab测试环境", "a/b test"),
        ("VITS 是怎么合成语音的", "vision transformer"),
        ("把 map值 排序", "p-value"),
    ],
)
def test_a_name_inside_another_word_is_none(text: str, concept: str) -> None:
    assert concept not in all_concepts(text)


def test_names_come_in_the_language_asked_for() -> None:
    assert "思维链" in forms_in("chain of thought", "zh")
    assert "cot" in forms_in("chain of thought", "en")
