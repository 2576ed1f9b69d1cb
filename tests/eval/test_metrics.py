"""Every metric against an independent library, to 1e-9."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve

from tutor.eval import metrics
from tutor.eval.figures import make_figure
from tutor.eval.suites.grading import GradingSuite
from tutor.eval.types import Outcome

SEEDS = st.integers(0, 10_000)
NEAR = 1e-9


def _binary(seed: int, size: int = 60) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, size)
    truth[:2] = (0, 1)
    return truth, rng.integers(0, 12, size) / 11  # few values: many ties


def _labels(seed: int, classes: int = 4, size: int = 80) -> NDArray[np.int64]:
    drawn = np.random.default_rng(seed).integers(0, classes, (2, size))
    drawn[:, :classes] = np.arange(classes)
    return drawn


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_auc_agrees_with_scikit_learn(seed: int) -> None:
    truth, scores = _binary(seed)
    assert metrics.auc(truth, scores) == pytest.approx(sk.roc_auc_score(truth, scores), abs=NEAR)


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_accuracies_agree_with_scikit_learn(seed: int) -> None:
    truth, given_ = _labels(seed)
    assert metrics.accuracy(truth, given_) == pytest.approx(
        sk.accuracy_score(truth, given_), abs=NEAR
    )
    assert metrics.balanced_accuracy(truth, given_) == pytest.approx(
        sk.balanced_accuracy_score(truth, given_), abs=NEAR
    )
    one, two = truth == 0, given_ == 0
    assert metrics.precision(one, two) == pytest.approx(sk.precision_score(one, two), abs=NEAR)
    assert metrics.recall(one, two) == pytest.approx(sk.recall_score(one, two), abs=NEAR)


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_kappas_agree_with_scikit_learn(seed: int) -> None:
    first, second = _labels(seed)
    plain = sk.cohen_kappa_score(first, second)
    weighted = sk.cohen_kappa_score(first, second, weights="quadratic")
    assert metrics.kappa(first, second) == pytest.approx(plain, abs=NEAR)
    assert metrics.kappa(first, second, quadratic=True) == pytest.approx(weighted, abs=NEAR)


def test_quadratic_kappa_weighs_by_value_where_a_label_is_missing() -> None:
    gold, given_ = [0, 0, 2, 2, 0, 2], [0, 2, 2, 0, 0, 2]
    expected = sk.cohen_kappa_score(gold, given_, weights="quadratic", labels=[0, 1, 2])
    assert metrics.kappa(gold, given_, quadratic=True) == pytest.approx(expected, abs=NEAR)


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_correlations_and_distances_agree(seed: int) -> None:
    _, one = _binary(seed)
    _, two = _binary(seed + 1)
    assert metrics.pearson(one, two) == pytest.approx(stats.pearsonr(one, two).statistic, abs=NEAR)
    assert metrics.spearman(one, two) == pytest.approx(
        stats.spearmanr(one, two).statistic, abs=NEAR
    )
    assert metrics.mean_absolute_error(one, two) == pytest.approx(
        sk.mean_absolute_error(one, two), abs=NEAR
    )
    assert metrics.rmse(one, two) == pytest.approx(sk.root_mean_squared_error(one, two), abs=NEAR)


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_ranking_metrics_agree_with_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size, passages = 25, 12
    scores = rng.permuted(np.tile(np.arange(passages, dtype=float), (size, 1)), axis=1)
    gold = rng.integers(0, passages, size)
    ranks = [int((row > row[right]).sum()) + 1 for row, right in zip(scores, gold, strict=True)]
    relevant = np.eye(passages, dtype=int)[gold]
    for k in (1, 3, 5, 10):
        expected = sk.top_k_accuracy_score(gold, scores, k=k, labels=np.arange(passages))
        assert metrics.hit_at_k(ranks, k) == pytest.approx(expected, abs=NEAR)
    assert metrics.mean_reciprocal_rank(ranks) == pytest.approx(
        sk.label_ranking_average_precision_score(relevant, scores), abs=NEAR
    )
    assert metrics.ndcg(ranks) == pytest.approx(sk.ndcg_score(relevant, scores), abs=NEAR)


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_confusion_agrees_with_scikit_learn(seed: int) -> None:
    names = np.array(["a", "b", "c", "d"])
    truth, given_ = (names[row].tolist() for row in _labels(seed))
    expected = sk.confusion_matrix(truth, given_, labels=list(names))
    assert (metrics.confusion(truth, given_, list(names)) == expected).all()


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_calibration_error_is_the_weighted_gap_of_scikit_learns_curve(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth, stated = rng.integers(0, 2, 200), rng.uniform(0.001, 0.999, 200)
    observed, mean = calibration_curve(truth, stated, n_bins=10)
    held = np.histogram(stated, bins=np.linspace(0, 1, 11))[0]
    weights = held[held > 0] / held.sum()
    expected = float((weights * np.abs(observed - mean)).sum())
    assert metrics.expected_calibration_error(truth, stated) == pytest.approx(expected, abs=NEAR)


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.integers(0, 100))
def test_percentiles_and_ranks_agree_with_scipy(seed: int, share: int) -> None:
    _, values = _binary(seed)
    expected = stats.mstats.mquantiles(values, [share / 100], alphap=1, betap=1)[0]
    assert metrics.percentile(values, share) == pytest.approx(expected, abs=NEAR)
    assert metrics.average_ranks(values) == pytest.approx(stats.rankdata(values), abs=NEAR)
    assert metrics.mean(values) == pytest.approx(stats.tmean(values), abs=NEAR)


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.sampled_from([2, 4, 5, 10]))
def test_the_figure_qwk_agrees_with_scikit_learn_on_the_scale_of_the_marks(
    seed: int, steps: int
) -> None:
    rng = np.random.default_rng(seed)
    gold = rng.integers(0, steps + 1, 50)
    given_ = rng.uniform(0, 1, 50)
    outcomes = [
        Outcome(str(n), str(n), {"gold": one / steps, "given": two, "steps": steps})
        for n, (one, two) in enumerate(zip(gold, given_, strict=True))
    ]
    (qwk,) = [m for m in GradingSuite().measures("own", outcomes) if m.name == "qwk"]
    figure = make_figure(qwk, "grading", "own", outcomes)
    whole = np.rint(given_ * steps).astype(int)
    expected = sk.cohen_kappa_score(gold, whole, weights="quadratic", labels=np.arange(steps + 1))
    assert figure.value == pytest.approx(expected, abs=1e-6)  # written with six digits


def test_rank_zero_is_never_a_hit() -> None:
    assert metrics.hit_at_k([0, 1], 10) == 0.5
    assert metrics.mean_reciprocal_rank([0, 2]) == 0.25
    assert metrics.ndcg([0]) == 0.0


@pytest.mark.parametrize(
    "value",
    [
        metrics.hit_at_k([], 1),
        metrics.auc([1, 1], [0.2, 0.3]),
        metrics.precision([True], [False]),
        metrics.recall([False], [True]),
        metrics.balanced_accuracy([1, 1], [1, 0]),
        metrics.pearson([1, 1, 1], [1, 2, 3]),
        metrics.kappa([1, 1], [1, 1]),
        metrics.mean([]),
        metrics.percentile([], 50),
    ],
)
def test_what_is_undefined_is_none_and_never_zero(value: float | None) -> None:
    assert value is None


def test_percentile_interpolates() -> None:
    assert metrics.percentile([1, 2, 3, 4], 50) == 2.5
    assert math.isclose(metrics.percentile([0, 10], 95) or 0, 9.5)
