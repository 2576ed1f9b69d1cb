"""What a reply says, judged by chances and by readers."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.eval.values import write_rows
from tests.fakes import ScriptedStates, WordEmbedder
from tests.study.test_claim_reader import PLAIN
from tutor.errors import EvalError
from tutor.eval.cases import study_files
from tutor.eval.judge import checker_stated, supports_stated
from tutor.eval.suites.readings import find_reading, readings_by_id
from tutor.eval.suites.replies import judge_reply, reply_measures
from tutor.eval.types import Case, Outcome
from tutor.study.claim_reader import ClaimReader
from tutor.study.claims import ClaimChecker
from tutor.study.types import Answer

RIGHT, WRONG = "推理时用滑动平均", "推理时用当前批的统计量"


def _case(**more: object) -> Case:
    content = {"question": "?", "kind": "false_premise", "notes": [], "must_say": [RIGHT],
               "must_not_say": [WRONG]}  # fmt: skip
    return Case("bn", "bn", "false_premise", content | more)


def _outcome(right: float | None, wrong: float | None, **more: object) -> Outcome:
    said = dict(zip((RIGHT, WRONG), (right, wrong), strict=True))
    return judge_reply(
        _case(**more),
        Answer("?", "?", "推理时用滑动平均。 [1]"),
        {},
        lambda *_: False,
        stated=lambda texts, _: [said[text] for text in texts],
    )


@pytest.mark.parametrize(
    ("right", "wrong", "corrected"),
    [
        (0.9, 0.1, 1.0),
        (0.9, 0.7, 1.0),  # named in order to deny it
        (0.6, 0.8, 0.0),  # said rather than denied
        (0.7, 0.7, 0.0),
        (0.4, 0.1, 0.0),  # beside the point
        (None, 0.1, None),
        (0.9, None, None),
    ],
)
def test_a_premise_is_corrected_by_what_is_said_rather_than_named(
    right: float | None, wrong: float | None, corrected: float | None
) -> None:
    assert _outcome(right, wrong).values["corrected"] == corrected


def test_what_must_not_be_said_is_counted_however_much_is_said_beside_it() -> None:
    assert _outcome(0.9, 0.7).values["wrong"] == [1.0]


@pytest.mark.parametrize(("verdict", "share"), [(2, 1.0), (1, 0.0), (0, 0.0), (-1, 0.0)])
def test_readers_say_whether_a_reply_they_read_sets_it_right(verdict: int, share: float) -> None:
    read = [{"id": "bn", "reply": "推理时用滑动平均。\n[1]", "corrected": verdict}]
    assert _outcome(0.9, 0.1, readings=read).values["corrected_read"] == share


def test_a_reply_in_other_words_has_no_reading() -> None:
    read = [{"id": "bn", "reply": "推理时用滑动平均。", "corrected": 2}]
    outcome = _outcome(0.9, 0.1, readings=read)
    assert outcome.values["corrected_read"] is None
    (measure,) = (m for m in reply_measures() if m.name == "false_premise_corrected_read")
    assert measure.rows([outcome]) == [(None,)]  # unscored, and still of the total


def test_a_refusal_corrects_nothing_and_needs_no_reader() -> None:
    refused = judge_reply(_case(), Answer("?", "?", "", refused=True), {}, lambda *_: True)
    assert refused.values["corrected"] == 0.0
    assert refused.values["corrected_read"] == 0.0
    (measure,) = (m for m in reply_measures() if m.name == "corrected_kappa")
    assert measure.rows([refused]) == []


def test_agreement_of_measure_and_readers_is_shown() -> None:
    def one(right: float, verdict: int) -> Outcome:
        read = [{"id": "bn", "reply": "推理时用滑动平均。 [1]", "corrected": verdict}]
        return _outcome(right, 0.1, readings=read)

    (measure,) = (m for m in reply_measures() if m.name == "corrected_kappa")
    assert measure.rows([one(0.9, 2), one(0.1, 1)]) == [(1.0, 1.0), (0.0, 0.0)]


def test_readings_are_found_by_question(tmp_path: Path) -> None:
    row: dict[str, Any] = {"id": "bn", "reply": "甲。 [1]", "corrected": 2}
    write_rows(tmp_path / "readings" / "x.jsonl", [json.dumps(row)])
    assert readings_by_id(tmp_path) == {"bn": [row]}
    assert readings_by_id(tmp_path / "none") == {}
    assert find_reading([row], "甲。\n\n[1]") == row
    assert find_reading([row], "乙。 [1]") is None


@pytest.mark.parametrize("more", [{"corrected": 3}, {"corrected": "yes"}, {}])
def test_a_reading_that_cannot_be_understood_is_named(
    tmp_path: Path, more: dict[str, object]
) -> None:
    row = json.dumps({"id": "bn", "reply": "甲。"} | more)
    write_rows(tmp_path / "readings" / "x.jsonl", [row])
    with pytest.raises(EvalError, match=r"bn.*corrected"):
        readings_by_id(tmp_path)


def test_our_readings_are_of_our_questions_and_judge_every_statement() -> None:
    cases = {row["id"]: row for file in study_files() for row in file.rows}
    readings = readings_by_id()
    assert len(readings) >= 60
    for name, rows in readings.items():
        assert cases[name]["kind"] == "false_premise"
        for row in rows:
            assert len(row["right"]) == len(cases[name]["must_say"])
            assert len(row["wrong"]) == len(cases[name]["must_not_say"])


def test_the_checker_reads_replies_without_their_marks() -> None:
    states = ScriptedStates().enqueue((8.0, -8.0), (-8.0, 8.0))
    checker = ClaimChecker(WordEmbedder(), reader=ClaimReader(states, PLAIN))
    stated = checker_stated(checker)
    found = stated(["归一化统计量改用累积的", "归一化统计量不再累积"], "统计量是滑动平均。 [1]")
    assert found[0] is not None
    assert found[1] is not None
    assert found[0] > 0.5 > found[1]
    assert stated(["甲", "乙"], " [1] ") == [0.0, 0.0]


def test_a_judge_of_support_judges_replies_too() -> None:
    stated = supports_stated(lambda statement, text: None if statement == "?" else True)
    assert stated(["甲", "?"], "乙") == [1.0, None]
