"""Intervals, counts, and the paired test."""

import numpy as np
import pytest
from scipy import stats

from tutor.eval import metrics
from tutor.eval.figures import compare_paired, make_figure, mean_of
from tutor.eval.suites.base import value_rows
from tutor.eval.types import Measure, Outcome

SHARE = Measure("share", value_rows("hit"), mean_of)


def _outcomes(hits: list[float | None], *, per_group: int = 1) -> list[Outcome]:
    return [
        Outcome(f"c{number}", f"g{number // per_group}", {"hit": hit})
        for number, hit in enumerate(hits)
    ]


def test_unscored_rows_are_counted_and_left_out() -> None:
    figure = make_figure(SHARE, "s", "d", _outcomes([1, 1, None, 0]))
    assert (figure.value, figure.scored, figure.total) == (pytest.approx(2 / 3), 3, 4)


def test_nothing_scored_is_no_value_at_all() -> None:
    figure = make_figure(SHARE, "s", "d", _outcomes([None, None]))
    assert (figure.value, figure.low, figure.high) == (None, None, None)
    assert (figure.scored, figure.total) == (0, 2)


def test_a_failed_case_is_unscored() -> None:
    failed = Outcome("x", "x", {}, error="broken")
    figure = make_figure(SHARE, "s", "d", [*_outcomes([1.0]), failed])
    assert (figure.value, figure.scored, figure.total) == (1.0, 1, 2)


def test_the_interval_is_seeded_and_holds_the_value() -> None:
    outcomes = _outcomes([float(number % 3 == 0) for number in range(90)])
    one, two = (make_figure(SHARE, "s", "d", outcomes, seed=3) for _ in range(2))
    assert one == two
    assert one.low is not None
    assert one.high is not None
    assert one.value is not None
    assert one.low < one.value < one.high
    # The normal approximation of a share of 1/3 of 90.
    assert one.high - one.low == pytest.approx(2 * 1.96 * np.sqrt(2 / 9 / 90), rel=0.2)


def test_whole_groups_are_drawn() -> None:
    """Ten equal cases a group carry no more than one: the interval must not shrink."""
    hits = [float(number % 2) for number in range(20)]
    alone = make_figure(SHARE, "s", "d", _outcomes(hits))
    tenfold = make_figure(
        SHARE, "s", "d", _outcomes([hit for hit in hits for _ in range(10)], per_group=10)
    )
    assert tenfold.low == pytest.approx(alone.low, abs=1e-9)


def test_a_clear_drop_is_no_chance_and_none_is() -> None:
    before = _outcomes([1.0] * 60 + [0.0] * 40)
    worse = _outcomes([1.0] * 45 + [0.0] * 55)
    drop = compare_paired(SHARE, before, worse)
    assert drop.p_worse is not None
    assert drop.p_worse < 0.01
    assert (drop.before, drop.after, drop.shared) == (0.6, 0.45, 100)
    assert compare_paired(SHARE, before, before).p_worse == 1.0


def test_symmetric_noise_is_chance() -> None:
    rng = np.random.default_rng(1)
    hits = (rng.random(200) < 0.7).astype(float)
    found = []
    for seed in range(20):
        noise = np.random.default_rng(seed + 50)
        up, down = (
            noise.choice(np.flatnonzero(hits == value), 6, replace=False) for value in (0, 1)
        )
        again = hits.copy()
        again[up], again[down] = 1.0, 0.0
        change = compare_paired(SHARE, _outcomes(list(hits)), _outcomes(list(again)))
        found.append(change.p_worse)
    assert all(p is not None and p > 0.05 for p in found)


def test_only_shared_cases_are_compared() -> None:
    before = _outcomes([1, 1, 1, 1])
    after = [Outcome("new", "new", {"hit": 0.0}), *_outcomes([1, 1])]
    change = compare_paired(SHARE, before, after)
    assert (change.shared, change.before, change.after) == (2, 1.0, 1.0)


def test_lower_is_better_where_the_measure_says_so() -> None:
    errors = Measure(
        "errors", value_rows("hit"), lambda rows: metrics.mean(rows[:, 0]), "", "lower"
    )
    change = compare_paired(errors, _outcomes([0.0] * 30), _outcomes([1.0] * 20 + [0.0] * 10))
    assert change.p_worse == pytest.approx(1 / 4001)


def test_few_cases_never_prove_a_drop_however_alike_they_are() -> None:
    """Four cases, all worse: one exchange of sixteen does as much; resampling would be certain."""
    change = compare_paired(SHARE, _outcomes([1.0] * 4), _outcomes([0.0] * 4))
    assert change.p_worse == pytest.approx(1 / 16, abs=0.02)


def test_the_randomisation_test_agrees_with_scipy() -> None:
    rng = np.random.default_rng(4)
    before, after = rng.uniform(0, 1, (2, 25))
    after = after - 0.1
    expected = stats.permutation_test(
        (before, after),
        lambda one, two, axis: (one - two).mean(axis=axis),
        permutation_type="samples",
        alternative="greater",
        n_resamples=20_000,
        rng=1,
    ).pvalue
    change = compare_paired(SHARE, _outcomes(list(before)), _outcomes(list(after)))
    assert change.p_worse == pytest.approx(expected, abs=0.02)


def test_a_figure_over_pairs_exchanges_whole_groups() -> None:
    def pairs(outcomes):  # type: ignore[no-untyped-def]
        one, *others = outcomes
        return [(float(one.values["hit"] > two.values["hit"]),) for two in others]

    order = Measure("order", pairs, mean_of)
    before = _outcomes([1.0, 0.0] * 20, per_group=2)
    after = _outcomes([0.0, 1.0] * 20, per_group=2)
    change = compare_paired(order, before, after)
    assert (change.before, change.after) == (1.0, 0.0)
    assert change.p_worse == pytest.approx(1 / 4001)


def test_a_drop_within_its_tolerance_is_not_tested() -> None:
    before, after = _outcomes([1.0] * 30), _outcomes([1.0] * 29 + [0.0])
    assert compare_paired(SHARE, before, after, beyond=0.05).p_worse == 1.0
    assert compare_paired(SHARE, before, after, beyond=None).p_worse is None
