"""Seeded damage must fail the right figures, and twenty other draws of an undamaged tutor none."""

import pytest

from benchmarks.degradation import (
    AlwaysCovered,
    HonestReader,
    IgnoresNotes,
    measure,
    worse_figures,
)
from tests.eval.values import make_bench
from tutor.eval.report import Report
from tutor.eval.runner import run_suites

SUITES = ("retrieval", "critique", "grounding")


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> Report:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("run"))
        return measure(make_bench(limit=60), SUITES, HonestReader())


def test_a_dropped_leg_of_search_fails_retrieval(baseline: Report) -> None:
    bench = make_bench(limit=60)
    bench.lexical = False
    worse = worse_figures(baseline, measure(bench, ("retrieval",)))
    assert ("retrieval", "hit@1") in worse
    assert {suite for suite, _ in worse} == {"retrieval"}


def test_a_judge_that_always_says_covered_fails_the_critique(baseline: Report) -> None:
    bench = make_bench(limit=60)
    bench.given_critic = AlwaysCovered(bench.encoder)
    worse = worse_figures(baseline, measure(bench, ("critique",)))
    assert ("critique", "point_auc") in worse
    assert ("critique", "score_mae") in worse
    assert {suite for suite, _ in worse} == {"critique"}


def test_a_model_that_ignores_the_notes_fails_grounding(baseline: Report) -> None:
    worse = worse_figures(baseline, measure(make_bench(limit=60), ("grounding",), IgnoresNotes()))
    assert ("grounding", "claim_support_before") in worse
    assert {suite for suite, _ in worse} == {"grounding"}


def test_twenty_other_draws_fail_nothing(baseline: Report) -> None:
    bench = make_bench(limit=60)
    for seed in range(1, 21):
        again = measure(make_bench(bench.cache, limit=25, seed=seed), ("critique",))
        assert worse_figures(baseline, again, seed=seed) == set(), seed
    assert run_suites([], bench).figures == []
