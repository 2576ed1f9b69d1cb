"""How a point stands after several answers, and what a note's result makes of it."""

from dataclasses import replace

import pytest

from tests.interview.values import NOW, at, make_critique, make_notes
from tutor.critique.types import Label
from tutor.interview import machine
from tutor.interview.result import after_hints, note_result
from tutor.interview.standing import open_points, standing
from tutor.interview.types import AskNote, Choices, FollowUp, Session

NOTES = make_notes()
NOTE = NOTES["n0"]


def said(*labels: str) -> Session:
    """A question and its follow-ups, judged with these labels."""
    session = machine.start("s", "u", Choices(count=1), [NOTE], NOW)
    moves = [AskNote("n0"), *[FollowUp("n0", "p1")] * (len(labels) - 1)]
    for minute, (move, letters) in enumerate(zip(moves, labels, strict=True)):
        session = machine.apply(session, move, at(minute), prompt="问题？")
        text = f"回答 {minute}"
        session = machine.receive(session, text, at(minute + 1))
        session = machine.attach(session, make_critique(NOTE, text, letters), minute)
    return session


def labels_of(session: Session) -> str:
    letters = dict(zip(Label, "cpmxu", strict=True))
    return "".join(letters[v.label] for v in standing(session, NOTE).values())


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        (("mmm", "cpm"), "cpm"),  # what a follow-up brings counts
        (("cpm", "mmm"), "cpm"),  # what is not repeated is not lost
        (("xmm", "cmm"), "cmm"),  # corrected
        (("pmm", "pmm"), "pmm"),
        (("umm", "mmm"), "mmm"),
    ],
)
def test_best_statement_counts(turns: tuple[str, ...], expected: str) -> None:
    assert labels_of(said(*turns)) == expected


def test_contradiction_after_a_right_statement_is_the_last_word() -> None:
    assert standing(said("cmm", "xmm"), NOTE)["p0"].label is Label.CONTRADICTED


def test_overruled_verdict_stands_against_later_ones() -> None:
    session = said("mmm", "mxm")
    turn = session.turns[0]
    assert turn.critique is not None
    verdicts = tuple(
        replace(v, label=Label.COVERED, judge="learner") if v.point_id == "p1" else v
        for v in turn.critique.verdicts
    )
    critique = replace(turn.critique, verdicts=verdicts)
    overruled = machine.attach(session, critique, 0)
    assert standing(overruled, NOTE)["p1"].label is Label.COVERED
    result = note_result(overruled, NOTE)
    assert result.points is not None
    assert result.points.disputed


def test_open_points_are_ordered_by_what_they_are_worth() -> None:
    assert [p.id for p in open_points(said("mxm"), NOTE)] == ["p1", "p0", "p2"]
    assert [p.id for p in open_points(said("pmm"), NOTE)] == ["p1", "p0", "p2"]
    assert [p.id for p in open_points(said("ccx"), NOTE)] == ["p2"]
    assert open_points(said("ccc"), NOTE) == []
    assert open_points(said("uuu"), NOTE) == []


def test_verdict_of_a_point_the_note_no_longer_has_is_passed_over() -> None:
    edited = replace(NOTE, key_points=NOTE.key_points[:2])
    assert set(standing(said("ccc"), edited)) == {"p0", "p1"}
    assert note_result(said("ccc"), edited).score == 10.0


def test_result_counts_hints_follow_ups_and_contradictions() -> None:
    session = said("xcc", "mcc")
    session = session.with_turn(replace(session.turns[1], hints=2))
    result = note_result(session, NOTE)
    assert (result.hints, result.follow_ups, result.contradicted) == (2, 1, True)
    assert result.at == at(2)
    assert result.points is not None
    assert result.points.value is not None
    assert result.score == after_hints(result.points.value, 2)


def test_hints_cost_a_tenth_and_a_quarter() -> None:
    assert [after_hints(8.0, hints) for hints in (0, 1, 2, 9)] == [8.0, 7.2, 6.0, 6.0]
