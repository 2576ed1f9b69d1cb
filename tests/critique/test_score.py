"""The score table."""

from hypothesis import given
from hypothesis import strategies as st

from tutor.critique.score import score, score_table
from tutor.critique.types import Label, Verdict
from tutor.notes.types import KeyPoint


def _verdicts(labels: list[Label]) -> tuple[list[Verdict], list[KeyPoint]]:
    points = [KeyPoint(str(n), f"point {n}", required=n % 2 == 0) for n in range(len(labels))]
    return [Verdict(str(n), label, 0.9, 0.5) for n, label in enumerate(labels)], points


def test_bonus_points_weigh_half() -> None:
    verdicts, points = _verdicts([Label.COVERED, Label.MISSED])
    assert score(verdicts, points).value == 6.7
    assert score(verdicts, points).earned == 1.0


def test_contradiction_costs_more_than_silence() -> None:
    silent, points = _verdicts([Label.COVERED, Label.MISSED, Label.MISSED])
    wrong, _ = _verdicts([Label.COVERED, Label.MISSED, Label.CONTRADICTED])
    assert (score(silent, points).value, score(wrong, points).value) == (4.0, 3.0)


def test_unscored_points_leave_the_sum() -> None:
    verdicts, points = _verdicts([Label.COVERED, Label.UNSCORED])
    assert (score(verdicts, points).value, score(verdicts, points).total) == (10.0, 1)
    assert score(*_verdicts([Label.UNSCORED])).value is None


def test_learner_verdict_marks_the_score_as_disputed() -> None:
    points = [KeyPoint("a", "point")]
    assert score([Verdict("a", Label.COVERED, 1.0, 0.1, judge="learner")], points).disputed


@given(st.lists(st.sampled_from(list(Label)), min_size=1, max_size=8))
def test_score_stays_in_range_and_is_the_sum_of_its_table(labels: list[Label]) -> None:
    verdicts, points = _verdicts(labels)
    result = score(verdicts, points)
    lines = score_table(verdicts, points)
    if result.value is None:
        assert lines == []
        return
    assert 0.0 <= result.value <= 10.0
    total = sum(line.weight for line in lines)
    assert result.value == round(max(sum(line.earned for line in lines), 0) * 10 / total, 1)


@given(st.lists(st.sampled_from(list(Label)), min_size=1, max_size=8), st.data())
def test_a_better_verdict_never_lowers_the_score(labels: list[Label], data: st.DataObject) -> None:
    order = [Label.CONTRADICTED, Label.MISSED, Label.PARTIAL, Label.COVERED]
    number = data.draw(st.integers(0, len(labels) - 1))
    if labels[number] not in order[:-1]:
        return
    better = labels.copy()
    better[number] = order[order.index(labels[number]) + 1]
    low, high = score(*_verdicts(labels)).value, score(*_verdicts(better)).value
    assert low is not None
    assert high is not None
    assert high >= low
