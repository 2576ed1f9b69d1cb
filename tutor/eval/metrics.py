"""Metrics as pure functions of arrays; None where a metric is undefined.

Tests hold each against an independent library (scikit-learn, SciPy) to 1e-9.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tutor.eval.types import Floats


def hit_at_k(ranks: ArrayLike, k: int) -> float | None:
    """Share of ranks from 1 to ``k``; rank 0 means not found."""
    found = np.asarray(ranks, dtype=np.float64)
    return float(((found >= 1) & (found <= k)).mean()) if found.size else None


def mean_reciprocal_rank(ranks: ArrayLike) -> float | None:
    """Mean of 1/rank of the first right result, 0 where it was not found (Voorhees, TREC-8)."""
    found = np.asarray(ranks, dtype=np.float64)
    return float(np.where(found > 0, 1 / np.maximum(found, 1), 0.0).mean()) if found.size else None


def ndcg(ranks: ArrayLike) -> float | None:
    """Discounted gain with one right result a question (nDCG): mean of 1/log2(1 + rank).

    Järvelin & Kekäläinen, "Cumulated gain-based evaluation of IR techniques", 2002.
    """
    found = np.asarray(ranks, dtype=np.float64)
    if not found.size:
        return None
    return float(np.where(found > 0, 1 / np.log2(1 + np.maximum(found, 1)), 0.0).mean())


def average_ranks(values: ArrayLike) -> Floats:
    """Ranks from 1; equal values share the mean of their ranks."""
    given = np.asarray(values, dtype=np.float64)
    ordered = np.sort(given)  # resampling ranks tens of thousands of times: `np.unique` is slower
    before, last = ordered.searchsorted(given), ordered.searchsorted(given, "right")
    ranks: Floats = (before + 1 + last) / 2.0
    return ranks


def auc(truth: ArrayLike, scores: ArrayLike) -> float | None:
    """Probability that a true row scores above a false one, ties half (area under the ROC curve)."""
    true = np.asarray(truth).astype(bool)
    positives = int(true.sum())
    negatives = len(true) - positives
    if not positives or not negatives:
        return None
    ranks = average_ranks(scores)
    total = float(ranks[true].sum()) - positives * (positives + 1) / 2
    return total / (positives * negatives)


def accuracy(truth: ArrayLike, given: ArrayLike) -> float | None:
    """Share of equal labels."""
    true = np.asarray(truth)
    return float((true == np.asarray(given)).mean()) if true.size else None


def precision(truth: ArrayLike, given: ArrayLike) -> float | None:
    """Share of what was called true that is true; None where nothing was called so."""
    true, said = np.asarray(truth).astype(bool), np.asarray(given).astype(bool)
    return float((true & said).sum() / said.sum()) if said.any() else None


def recall(truth: ArrayLike, given: ArrayLike) -> float | None:
    """Share of what is true that was called so; None where nothing is true."""
    true, said = np.asarray(truth).astype(bool), np.asarray(given).astype(bool)
    return float((true & said).sum() / true.sum()) if true.any() else None


def balanced_accuracy(truth: ArrayLike, given: ArrayLike) -> float | None:
    """Mean recall over the classes that occur; None unless at least two do."""
    true, said = np.asarray(truth), np.asarray(given)
    classes = np.unique(true)
    if len(classes) < 2:
        return None
    return float(np.mean([(said[true == label] == label).mean() for label in classes]))


def pearson(first: ArrayLike, second: ArrayLike) -> float | None:
    """Linear correlation; None where one side does not vary."""
    one, two = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if len(one) < 3:
        return None
    one, two = one - one.mean(), two - two.mean()
    spread = float(np.sqrt((one @ one) * (two @ two)))
    return float(one @ two) / spread if spread > 1e-12 else None


def spearman(first: ArrayLike, second: ArrayLike) -> float | None:
    """Rank correlation, ties averaged."""
    return pearson(average_ranks(first), average_ranks(second))


def mean_absolute_error(truth: ArrayLike, given: ArrayLike) -> float | None:
    """Mean distance."""
    true = np.asarray(truth, dtype=np.float64)
    return float(np.abs(true - np.asarray(given)).mean()) if true.size else None


def rmse(truth: ArrayLike, given: ArrayLike) -> float | None:
    """Root of the mean squared distance."""
    true = np.asarray(truth, dtype=np.float64)
    return float(np.sqrt(((true - np.asarray(given)) ** 2).mean())) if true.size else None


def kappa(first: ArrayLike, second: ArrayLike, *, quadratic: bool = False) -> float | None:
    """Cohen's kappa; ``quadratic`` weighs a disagreement by its squared distance (QWK).

    None where chance agreement is complete.
    """
    one, two = np.asarray(first), np.asarray(second)
    labels = np.unique(np.concatenate([one, two]))
    if len(labels) < 2:
        return None
    size = len(labels)
    observed = np.zeros((size, size))
    np.add.at(observed, (np.searchsorted(labels, one), np.searchsorted(labels, two)), 1.0)
    expected = np.outer(observed.sum(axis=1), observed.sum(axis=0)) / len(one)
    if quadratic:
        places = labels.astype(np.float64)
        weights = (places[:, None] - places[None, :]) ** 2
    else:
        weights = 1.0 - np.eye(size)
    chance = float((weights * expected).sum())
    return 1.0 - float((weights * observed).sum()) / chance if chance > 0 else None


def expected_calibration_error(
    truth: ArrayLike, probability: ArrayLike, bins: int = 10
) -> float | None:
    """Mean distance of stated probability and observed share over equal bins (Naeini et al. 2015)."""
    true = np.asarray(truth, dtype=np.float64)
    stated = np.asarray(probability, dtype=np.float64)
    if not true.size:
        return None
    places = np.clip((stated * bins).astype(int), 0, bins - 1)
    # Of each bin: its share of the rows, times the distance of its two means.
    return float(np.abs(np.bincount(places, true - stated)).sum() / true.size)


def percentile(values: ArrayLike, share: float) -> float | None:
    """The value below which ``share`` per cent lie, interpolated."""
    given = np.asarray(values, dtype=np.float64)
    return float(np.percentile(given, share)) if given.size else None


def mean(values: ArrayLike) -> float | None:
    """Arithmetic mean."""
    given = np.asarray(values, dtype=np.float64)
    return float(given.mean()) if given.size else None


def confusion(
    truth: Sequence[str], given: Sequence[str], labels: Sequence[str]
) -> NDArray[np.int64]:
    """Counts, one row a true label and one column a given one."""
    table = np.zeros((len(labels), len(labels)), dtype=np.int64)
    place = {label: number for number, label in enumerate(labels)}
    for true, said in zip(truth, given, strict=True):
        if true in place and said in place:
            table[place[true], place[said]] += 1
    return table
