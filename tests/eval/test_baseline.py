"""What counts as worse, and how a run ends."""

from pathlib import Path

import pytest

from tests.eval.values import NumberSuite, make_bench
from tutor.errors import EvalError
from tutor.eval import __main__ as command
from tutor.eval.__main__ import exit_code
from tutor.eval.baseline import Comparison, Thresholds, compare_reports, read_thresholds
from tutor.eval.report import Report, as_baseline, make_report, read_report, write_report
from tutor.eval.runner import run_suites


def _report(values: list[float]) -> Report:
    bench = make_bench()
    suite = NumberSuite(range(len(values)), lambda number: values[number])
    return make_report(run_suites([suite], bench), bench)


def _compare(before: list[float], after: list[float], thresholds: Thresholds) -> Comparison:
    suites = {"numbers": NumberSuite([], float)}
    return compare_reports(_report(before), _report(after), suites, thresholds)


GOOD = [1.0] * 40 + [0.0] * 10


def test_the_same_run_is_no_regression() -> None:
    found = _compare(GOOD, GOOD, Thresholds())
    assert [figure.status for figure in found.figures] == ["same"]
    assert found.cases == ()


def test_a_real_drop_fails_and_lists_the_broken_cases() -> None:
    found = _compare(GOOD, [0.0] * 20 + GOOD[20:], Thresholds())
    (figure,) = found.figures
    assert (figure.status, figure.before, figure.after) == ("regression", 0.8, 0.4)
    assert [change.status for change in found.cases] == ["broken"] * 20


def test_a_gain_is_better_and_lists_the_fixed_cases() -> None:
    found = _compare(GOOD, [1.0] * 50, Thresholds())
    assert found.figures[0].status == "better"
    assert {change.status for change in found.cases} == {"fixed"}


def test_a_drop_within_tolerance_does_not_fail() -> None:
    found = _compare(GOOD, [0.0, *GOOD[1:]], Thresholds(default=0.05))
    assert found.figures[0].status == "worse"
    assert found.regressions == ()


def test_a_drop_that_may_be_chance_does_not_fail() -> None:
    """Two of five cases down, one up: beyond the tolerance, but five cases prove nothing."""
    found = _compare([1, 1, 0, 1, 0], [0, 0, 1, 1, 0], Thresholds(default=0.05))
    assert found.figures[0].p_worse is not None
    assert found.figures[0].p_worse > 0.05
    assert found.figures[0].status == "worse"


def test_a_figure_that_cannot_be_computed_any_more_fails() -> None:
    bench = make_bench()

    def attempt(number: int) -> float:
        raise ValueError("gone")

    after = make_report(run_suites([NumberSuite([0, 1], attempt)], bench), bench)
    suites = {"numbers": NumberSuite([], float)}
    found = compare_reports(_report([1.0, 1.0]), after, suites, Thresholds())
    assert [figure.status for figure in found.regressions] == ["lost"]


def test_cases_that_cannot_be_scored_any_more_fail_though_the_rest_is_fine() -> None:
    bench = make_bench()

    def attempt(number: int) -> float:
        if number < 6:
            raise ValueError("gone")
        return 1.0

    after = make_report(run_suites([NumberSuite(range(30), attempt)], bench), bench)
    suites = {"numbers": NumberSuite([], float)}
    found = compare_reports(_report([1.0] * 30), after, suites, Thresholds())
    assert [(f.status, f.before, f.after) for f in found.regressions] == [("lost", 1.0, 1.0)]


def test_an_ignored_figure_never_fails() -> None:
    found = _compare(GOOD, [0.0] * 50, Thresholds({"value": None}))
    assert found.figures[0].status == "ignored"


def test_the_most_exact_tolerance_wins() -> None:
    held = Thresholds({"hit@1": 0.1, "retrieval.hit@1": 0.2, "retrieval.own.hit@1": 0.3}, 0.4)
    assert held.of("retrieval", "own", "hit@1") == 0.3
    assert held.of("retrieval", "other", "hit@1") == 0.2
    assert held.of("other", "own", "hit@1") == 0.1
    assert held.of("other", "own", "mrr") == 0.4


def test_the_shipped_thresholds_are_read_and_ignore_times() -> None:
    held = read_thresholds()
    assert held.of("retrieval", "own", "latency_p95_ms") is None
    assert held.of("security", "own", "upward_score_rate") == 0.0
    assert 0 < held.default < 0.1


def test_thresholds_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    path = tmp_path / "t.toml"
    path.write_text('[tolerance]\n"mrr" = "a little"\n', encoding="utf-8")
    with pytest.raises(EvalError, match=r"t\.toml"):
        read_thresholds(path)


def test_a_baseline_file_is_enough_to_compare_with(tmp_path: Path) -> None:
    write_report(as_baseline(_report(GOOD)), tmp_path / "base.json")
    kept = read_report(tmp_path / "base.json")
    assert all("evidence" not in case for case in kept["cases"])
    suites = {"numbers": NumberSuite([], float)}
    found = compare_reports(kept, _report([0.0] * 50), suites, Thresholds())
    assert len(found.regressions) == 1


def test_a_suite_the_baseline_does_not_have_is_not_compared() -> None:
    report = _report(GOOD)
    empty = {**report, "figures": [], "cases": []}
    suites = {"numbers": NumberSuite([], float)}
    assert compare_reports(empty, report, suites, Thresholds()).figures == ()


def test_how_a_run_ends() -> None:
    report = _report(GOOD)
    worse = _compare(GOOD, [0.0] * 50, Thresholds())
    assert exit_code(report, None) == 0
    assert exit_code(report, _compare(GOOD, GOOD, Thresholds())) == 0
    assert exit_code(report, worse) == 1
    assert exit_code({**report, "figures": []}, None) == 2
    assert exit_code({**report, "partial": True}, worse) == 2
    broken = {"what": "retrieval own", "reason": "no model", "failed": True}
    assert exit_code({**report, "skipped": [broken]}, None) == 2
    assert exit_code({**report, "skipped": [{**broken, "failed": False}]}, None) == 0


def test_a_crash_is_not_mistaken_for_a_regression(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(command, "app", crash)
    monkeypatch.setattr("signal.signal", lambda *_: None)  # or it would hold for all later tests
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert ended.value.code == 2
