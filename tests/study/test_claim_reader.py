"""Claims read by hidden state, beside the measures."""

import numpy as np

from tests.fakes import ScriptedStates, WordEmbedder
from tutor.errors import ModelUnavailableError
from tutor.llm import prompts
from tutor.llm.readout import Readout
from tutor.study.claim_reader import (
    JOINED_NAMES,
    ClaimReader,
    joined_row,
    load_joint,
    nearest_text,
    split_claim,
)
from tutor.study.claims import ClaimChecker
from tutor.study.measures import read_source

SOURCE = "GRU 有两个门：更新门和重置门。更新门控制保留多少旧状态，写入多少新内容。"
CLAIM = "更新门控制保留多少旧状态，重置门则不同。"
PLAIN = Readout(
    questions=("supported", "contradicted"),
    center=np.zeros(2),
    matrix=np.eye(2),
    bias=np.zeros(2),
    reader="",
    prompt_sha256="",
    card={},
)


def checked(*states: tuple[float, ...], claim: str = CLAIM) -> tuple[ClaimChecker, ScriptedStates]:
    model = ScriptedStates().enqueue(*states)
    return ClaimChecker(WordEmbedder(), reader=ClaimReader(model, PLAIN)), model


def test_a_reading_moves_the_judgement_and_is_remembered() -> None:
    supports = []
    for state in ((6.0, -6.0), (-6.0, 6.0)):
        checker, model = checked(state)
        first = checker.check(CLAIM, SOURCE)
        assert checker.check(CLAIM, SOURCE) == first
        assert first.judge == "llm"
        assert len(model.prompts) == 1
        assert model.prompts[0] == (
            prompts.CLAIM_EXAMPLES,
            prompts.claim_stem(SOURCE),
            prompts.claim_tail(CLAIM),
        )
        supports.append(first.support)
    assert supports[0] > supports[1]


def test_a_reader_that_fails_leaves_the_measures_in_charge() -> None:
    model = ScriptedStates().enqueue(ModelUnavailableError("gone", "没了"))
    checker = ClaimChecker(WordEmbedder(), reader=ClaimReader(model, PLAIN))
    assert checker.check(CLAIM, SOURCE) == ClaimChecker(WordEmbedder()).check(CLAIM, SOURCE)


def test_a_question_with_its_answer_is_decided_by_rule_alone() -> None:
    checker, model = checked()
    assert checker.check("问：GRU 有几个门？ 答：三十七个", SOURCE).label != "supported"
    assert checker.check("问：GRU 有几个门？ 答：两个门", SOURCE).label == "supported"
    assert model.prompts == []


def test_probabilities_are_probabilities() -> None:
    joint = load_joint()
    assert joint.coefficients.shape == (2, len(JOINED_NAMES))
    for support in (0.0, 0.5, 1.0):
        for odds in (-20.0, 0.0, 20.0):
            row = joined_row(support, 1 - support, {"supported": odds, "contradicted": -odds})
            yes, no = joint.shares(row)
            assert 0.0 <= yes <= 1.0
            assert 0.0 <= no <= 1.0
            assert yes + no <= 1.0 + 1e-9


def test_a_long_source_is_cut_to_what_is_near_the_claim() -> None:
    filler = "".join(f"第 {n} 条与此无关的说明写在这里，讲的是别的事情。" for n in range(60))
    encoder = WordEmbedder()
    source = read_source(f"{filler}{SOURCE}{filler}", encoder)
    text = nearest_text(source, CLAIM, encoder)
    assert "更新门控制保留多少旧状态" in text
    assert len(text) < len(source.text) / 3
    short = read_source(SOURCE, encoder)
    assert nearest_text(short, CLAIM, encoder) == SOURCE


def test_every_part_of_a_claim_chooses_from_a_long_source() -> None:
    about_one = "".join(f"The museum shows old clocks in room {n} of the hall. " for n in range(60))
    other = "Its founder had been a baker in Leeds for years. "
    source = read_source(about_one + other + about_one, WordEmbedder())
    claim = "The museum shows old clocks in the hall, and its founder had been a baker"
    assert other.strip() in nearest_text(source, claim, WordEmbedder())


def test_a_claim_is_cut_into_parts_that_can_be_looked_for() -> None:
    assert split_claim("Dropout is off at test time.") == ("Dropout is off at test time.",)
    assert split_claim("It was founded in 1901, and moved to Dublin after the long war ended.") == (
        "It was founded in 1901, and moved to Dublin after the long war ended.",
        "It was founded in 1901",
        "moved to Dublin",
        "the long war ended.",
    )
    assert split_claim("更新门控制保留多少旧状态，重置门控制写入时看多少旧状态")[1:] == (
        "更新门控制保留多少旧状态",
        "重置门控制写入时看多少旧状态",
    )
