"""Study questions as eval cases: kinds, traps, and what a refusal counts for."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.eval.values import make_bench, write_rows
from tests.fakes import ScriptedStates
from tutor.errors import EvalError, ModelUnavailableError
from tutor.eval.cases import STUDY_KINDS, own_folder, read_rows, study_files
from tutor.eval.figures import make_figure
from tutor.eval.suites.abstention import WITH_READING, AbstentionSuite
from tutor.eval.suites.grounding import GroundingSuite
from tutor.eval.suites.replies import judge_reply, reply_measures
from tutor.eval.types import Case, Figure, Outcome
from tutor.notes.types import Note, Source, Span
from tutor.study.answer_reader import load_readout
from tutor.study.types import Answer, Citation

ROW = {"id": "a", "question": "池化有什么用？", "kind": "answerable", "notes": ["pool"],
       "must_say": ["池化缩小特征图"], "must_not_say": ["池化放大特征图"]}  # fmt: skip
NOTES = {
    name: Note(name, "?", "池化缩小特征图。", Source("a.md", 1, 2), ref=name)
    for name in ("pool", "conv")
}


def _case(kind: str, **given: object) -> Case:
    content = {"question": "?", "kind": kind, "notes": [], "must_say": [], "must_not_say": []}
    return Case("q", "q", kind, content | given)


def _worth(case: Case, answer: Answer) -> dict[str, Figure]:
    outcome = judge_reply(case, answer, NOTES, lambda statement, text: statement in text)
    return {m.name: make_figure(m, "grounding", "own_replies", [outcome]) for m in reply_measures()}


def _over_notes(kind: str, *, answered: bool) -> Outcome:
    truth = None if kind in ("partly", "false_premise") else kind != "unanswerable"
    values = {"kind": kind, "answerable": truth, "answered": answered, "confidence": 0.5}
    return Outcome(f"{kind}{answered}", kind, values)


def test_an_unknown_kind_is_named(tmp_path: Path) -> None:
    write_rows(tmp_path / "study" / "x.jsonl", [json.dumps(ROW | {"kind": "half"})])
    with pytest.raises(EvalError, match=r"'half'.*answerable"):
        study_files(tmp_path)


def test_traps_are_a_data_set_of_their_own_drawn_by_trap() -> None:
    bench = make_bench()
    for suite, name in (
        (AbstentionSuite(), "own_adversarial"),
        (GroundingSuite(), "own_replies_adversarial"),
    ):
        found = next(d for d in suite.datasets(bench) if d.name == name)
        assert len(found.cases) >= 60
        strata = {case.stratum for case in found.cases}
        assert "nearly_answered" in strata
        assert not strata & {"unanswerable", "answerable"}
        assert all(case.content["attack"] == case.stratum for case in found.cases)


def test_with_the_embedded_model_questions_are_decided_once_more_by_reading() -> None:
    suite, bench = AbstentionSuite(), make_bench()
    plain = suite.datasets(bench)
    assert not any(dataset.name.endswith(WITH_READING) for dataset in plain)
    bench.__dict__["reader"] = ScriptedStates()
    read = [dataset for dataset in suite.datasets(bench) if dataset.name.endswith(WITH_READING)]
    assert [d.name.removesuffix(WITH_READING) for d in read] == [d.name for d in plain]
    assert {suite.default_limit(dataset, bench) for dataset in read} == {30}
    own = next(dataset for dataset in read if dataset.name == f"own_notes{WITH_READING}")
    assert "partly_refusal_rate" in {m.name for m in suite.measures(own.name, [])}
    assert own.setup["read_by"] == bench.model_name


@pytest.mark.parametrize("fails", [False, True])
def test_a_question_is_decided_by_what_is_read_and_one_that_could_not_be_read_fails(
    fails: bool,
) -> None:
    suite, bench = AbstentionSuite(), make_bench()
    readout, states = load_readout(), ScriptedStates()
    row = readout.matrix[0]
    never = readout.center - row * ((20 + readout.bias[0]) / (row @ row))
    states.enqueue(*([ModelUnavailableError("gone", "没了")] if fails else [never] * 60))
    bench.__dict__["reader"] = states
    dataset = next(d for d in suite.datasets(bench) if d.name == f"own{WITH_READING}")
    case = next(case for case in dataset.cases if case.content["answerable"])
    with suite.open(replace(dataset, cases=(case,)), bench) as attempt:
        if fails:
            with pytest.raises(ModelUnavailableError):
                attempt(case)
        else:
            assert attempt(case).values["answered"] is False
    assert states.prompts


def test_without_a_model_at_least_150_replies_are_measured() -> None:
    suite, bench = GroundingSuite(), make_bench()
    own = next(d for d in suite.datasets(bench) if d.name == "own_replies")
    assert suite.default_limit(own, bench) == 150
    assert len(own.cases) >= 150


def test_refusing_a_false_premise_is_counted_apart() -> None:
    tried = [
        _over_notes("answerable", answered=True),
        _over_notes("unanswerable", answered=False),
        _over_notes("false_premise", answered=False),
        _over_notes("partly", answered=False),
        _over_notes("partly", answered=True),
    ]
    measures = AbstentionSuite().measures("own_notes", tried)
    found = {m.name: make_figure(m, "abstention", "own_notes", tried) for m in measures}
    assert found["false_refusal_rate"].value == found["false_answer_rate"].value == 0.0
    assert (found["balanced_accuracy"].value, found["balanced_accuracy"].total) == (1.0, 2)
    assert found["false_premise_refusal_rate"].value == 1.0
    assert (found["partly_refusal_rate"].value, found["partly_refusal_rate"].total) == (0.5, 2)
    assert not any("partly" in m.name for m in AbstentionSuite().measures("rgb_zh_int", []))


def test_a_wrong_refusal_lowers_what_is_said_and_cited() -> None:
    case = _case("answerable", notes=["pool"], must_say=["甲", "乙"], must_not_say=["丙"])
    found = _worth(case, Answer("?", "?", "笔记里没有。", refused=True))
    assert (found["must_say_share"].value, found["must_say_share"].total) == (0.0, 2)
    assert found["right_note_cited"].value == 0.0
    assert found["must_not_say_share"].value == 0.0
    assert found["claim_support_before"].total == 0


@pytest.mark.parametrize("kind", ["partly", "unanswerable"])
def test_what_is_made_up_is_a_figure_of_its_own(kind: str) -> None:
    found = _worth(_case(kind, must_not_say=["五层"]), Answer("?", "?", "一共五层。"))
    assert found[f"must_not_say_share_{kind}"].value == 1.0
    other = {"partly": "unanswerable", "unanswerable": "partly"}[kind]
    assert found[f"must_not_say_share_{other}"].total == 0


def test_a_question_for_several_notes_needs_all_of_them() -> None:
    quote = Citation(1, "pool", Span(0, 8), "池化缩小特征图。")
    answer = Answer("?", "?", "池化缩小特征图。 [1]", citations=(quote,))
    found = _worth(_case("multi_note", notes=["pool", "conv"]), answer)
    assert found["right_note_cited"].value == 1.0
    assert found["notes_cited_share"].value == 0.5
    assert _worth(_case("answerable", notes=["pool"]), answer)["notes_cited_share"].total == 0


def test_the_trap_stands_in_the_evidence() -> None:
    outcome = judge_reply(
        _case("unanswerable", attack="typo"),
        Answer("?", "?", "", refused=True),
        NOTES,
        lambda *_: True,
    )
    assert "(typo, unanswerable)" in outcome.evidence


def test_our_statements_can_be_judged_as_statements() -> None:
    kinds = set()
    for folder in ("study", "adversarial"):
        for path in sorted((own_folder() / folder).glob("*.jsonl")):
            for row in read_rows(path):
                kinds.add(row["kind"])
                stated = row["must_say"] + row["must_not_say"]
                assert not [t for t in stated if len(t) < 4 or "笔记" in t], row["id"]
                assert row["must_say"] or row["kind"] == "unanswerable", row["id"]
    assert kinds == set(STUDY_KINDS)
