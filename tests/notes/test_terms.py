"""The lexicon: one concept a line, every name once, and each of them is recognised."""

from collections import Counter
from importlib.resources import files

import pytest

from tutor.notes.terms import concepts, forms_in
from tutor.notes.text import normalise

LINES = [
    [normalise(form).strip().lower() for form in line.split("|")]
    for line in (files("tutor") / "critique" / "terms.txt").read_text("utf-8").splitlines()
    if line.strip() and not line.startswith("#")
]


def test_every_name_stands_on_one_line_once() -> None:
    counts = Counter(form for line in LINES for form in line)
    assert [form for form, count in counts.items() if count > 1 or not form] == []


def test_every_name_stands_for_its_concept() -> None:
    wrong = [
        (form, line[0]) for line in LINES for form in line if line[0] not in concepts(f"：{form}。")
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CoT", "思维链"),
        ("束宽", "beam size"),
        ("灰度发布", "canary release"),
        ("Lasso", "L1 正则"),
    ],
)
def test_names_of_one_thing_meet(one: str, other: str) -> None:
    assert set(concepts(f"什么是 {one}？")) & set(concepts(f"{other} is used"))


def test_a_part_of_a_longer_name_is_not_the_thing() -> None:
    assert concepts("beam size") == ("beam size",)
    assert concepts("cotton") == ()


def test_names_come_in_the_language_asked_for() -> None:
    assert "思维链" in forms_in("chain of thought", "zh")
    assert "cot" in forms_in("chain of thought", "en")
