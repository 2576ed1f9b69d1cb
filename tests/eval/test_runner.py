"""Running, resuming, interrupting."""

import threading
from pathlib import Path

import numpy as np
import pytest

from tests.eval.values import NumberSuite, make_bench
from tests.fakes import WordEmbedder
from tutor.errors import EvalError, SearchError
from tutor.eval.cache import Cache, CachedEncoder
from tutor.eval.report import make_report, outcomes_of, read_report, write_report
from tutor.eval.runner import run_suites


def test_figures_come_from_all_cases() -> None:
    run = run_suites([NumberSuite([1, 2, 3], float)], make_bench())
    (figure,) = run.figures
    assert (figure.value, figure.scored, figure.total) == (2.0, 3, 3)


def test_a_failing_case_is_unscored_and_stops_nothing() -> None:
    def attempt(number: int) -> float:
        if number == 2:
            raise SearchError("the index is gone", "索引不见了")
        return 1.0

    run = run_suites([NumberSuite([1, 2, 3], attempt)], make_bench())
    (figure,) = run.figures
    assert (figure.value, figure.scored, figure.total) == (1.0, 2, 3)
    assert [outcome.error for outcome in run.runs[0].outcomes] == ["", "the index is gone", ""]


def test_what_was_tried_is_not_tried_again_but_failures_are(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    broken = [True]

    def attempt(number: int) -> float:
        if number == 2 and broken[0]:
            raise ValueError("not yet")
        return 0.5

    first = NumberSuite([1, 2, 3], attempt)
    run_suites([first], make_bench(cache))
    broken[0] = False
    second = NumberSuite([1, 2, 3, 4], attempt)
    run = run_suites([second], make_bench(Cache(tmp_path)))
    assert second.tried == [2, 4]
    assert run.runs[0].reused == 2
    assert run.figures[0].scored == 4


def test_other_settings_try_again(tmp_path: Path) -> None:
    run_suites([NumberSuite([1], float)], make_bench(Cache(tmp_path)))
    again = NumberSuite([1], float)
    bench = make_bench(Cache(tmp_path))
    bench.dense = False
    run_suites([again], bench)
    assert again.tried == [1]


def test_an_interrupted_run_keeps_what_it_measured_and_is_taken_up_again(tmp_path: Path) -> None:
    def attempt(number: int) -> float:
        if number == 3:
            raise KeyboardInterrupt
        return float(number)

    bench = make_bench(Cache(tmp_path))
    run = run_suites([NumberSuite([1, 2, 3, 4], attempt)], bench)
    assert run.partial
    assert (run.figures[0].value, run.figures[0].scored) == (1.5, 2)
    assert make_report(run, bench)["partial"] is True
    rest = NumberSuite([1, 2, 3, 4], float)
    assert not run_suites([rest], make_bench(Cache(tmp_path))).partial
    assert rest.tried == [3, 4]


class _Unopenable(NumberSuite):
    """A suite whose parts cannot be built."""

    name = "broken"

    def open(self, dataset, bench):  # type: ignore[no-untyped-def]
        raise RuntimeError("no library")


def test_a_suite_that_cannot_be_opened_stops_no_other() -> None:
    run = run_suites([_Unopenable([1], float), NumberSuite([1, 2], float)], make_bench())
    assert [(skip.what, skip.failed) for skip in run.skipped] == [("broken own", True)]
    assert "no library" in run.skipped[0].reason
    assert [figure.value for figure in run.figures] == [1.5]


def test_a_data_set_without_one_scored_case_could_not_be_run() -> None:
    def attempt(number: int) -> float:
        raise SearchError("the index is gone", "索引不见了")

    run = run_suites([NumberSuite([1, 2], attempt)], make_bench())
    assert [skip.failed for skip in run.skipped] == [True]
    assert "the index is gone" in run.skipped[0].reason
    assert (run.figures[0].value, run.figures[0].scored, run.figures[0].total) == (None, 0, 2)


def test_several_jobs_run_together_and_keep_the_order() -> None:
    together = threading.Barrier(3)

    def attempt(number: int) -> float:
        together.wait()
        return float(number)

    run = run_suites([NumberSuite([5, 1, 3], attempt)], make_bench(jobs=3))
    assert [outcome.values["value"] for outcome in run.runs[0].outcomes] == [5.0, 1.0, 3.0]


def test_a_limit_is_kept_and_told() -> None:
    suite = NumberSuite(range(40), float)
    run = run_suites([suite], make_bench(limit=10))
    report = make_report(run, make_bench(limit=10))
    assert len(suite.tried) == 10
    assert sum(number % 2 for number in suite.tried) == 5
    assert report["datasets"][0]["available"] == 40


def test_progress_is_told_case_by_case() -> None:
    told: list[tuple[str, int, int]] = []
    run_suites([NumberSuite([1, 2], float)], make_bench(), lambda *what: told.append(what))
    assert told == [("numbers own", 1, 2), ("numbers own", 2, 2)]


def test_a_report_is_read_back_whole(tmp_path: Path) -> None:
    bench = make_bench()
    report = make_report(run_suites([NumberSuite([1, 2], float)], bench), bench)
    write_report(report, tmp_path / "deep" / "run.json")
    again = read_report(tmp_path / "deep" / "run.json")
    assert again["figures"] == report["figures"]
    assert outcomes_of(again) == outcomes_of(report)
    assert set(again["figures"][0]) >= {
        *("suite", "dataset", "name", "value", "low", "high", "scored", "total", "unit")
    }
    assert again["settings"]["model"] == "none"
    assert again["versions"]["python"]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"figures": 3}'])
def test_what_is_no_report_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(EvalError, match=r"x\.json"):
        read_report(path)


class _Counting(WordEmbedder):
    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []

    def encode(self, texts, *, side="query"):  # type: ignore[no-untyped-def]
        self.read += texts
        return super().encode(texts, side=side)


def test_passages_are_read_once_and_come_back_the_same(tmp_path: Path) -> None:
    inner = _Counting()
    texts = ["long passage of words", "short", "short"]
    plain = WordEmbedder().encode(texts)
    first = CachedEncoder(inner, Cache(tmp_path)).encode(texts, side="passage")
    again = CachedEncoder(inner, Cache(tmp_path)).encode(texts, side="passage")
    assert sorted(inner.read) == ["long passage of words", "short"]
    assert np.allclose(first, plain)
    assert (again == first).all()


def test_queries_are_always_read(tmp_path: Path) -> None:
    inner = _Counting()
    encoder = CachedEncoder(inner, Cache(tmp_path))
    encoder.encode(["q"])
    encoder.encode(["q"])
    assert inner.read == ["q", "q"]


def test_a_cache_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(EvalError, match="TUTOR_CACHE_DIR"):
        Cache(tmp_path / "file" / "below")
