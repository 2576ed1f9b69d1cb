"""Print how fitted judges do on questions that took no part in the fit; used by `fit_critique`.

Intervals are 95 % bootstraps that draw whole questions.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.cases import Case
from tutor.critique.score import BONUS_WEIGHT, REQUIRED_WEIGHT, SCALE, net_credit
from tutor.critique.types import Label
from tutor.eval import metrics
from tutor.notes.text import detect_lang

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Names = NDArray[np.str_]
Odds = Mapping[str, Floats]
_DRAWS = 400
_APART = 2.0  # marks between two answers whose order counts


def interval(groups: Names, measure: Callable[[NDArray[np.int64]], float | None]) -> str:
    """The interval of a measure of row numbers, as text."""
    rng = np.random.default_rng(0)
    names = np.unique(groups)
    members = {name: np.flatnonzero(groups == name) for name in names}
    found = []
    for _ in range(_DRAWS):
        drawn = np.concatenate([members[name] for name in rng.choice(names, len(names))])
        value = measure(drawn)
        if value is not None:
            found.append(value)
    low, high = np.percentile(found, [2.5, 97.5])
    return f"[{low:.3f}, {high:.3f}]"


def print_auc(title: str, groups: Names, truth: Bools, odds: Floats) -> None:
    """One AUC with its interval; nothing where all rows are of one class."""
    if not 0 < truth.sum() < len(truth):
        return
    spread = interval(groups, lambda rows: metrics.auc(truth[rows], odds[rows]))
    print(f"{title} AUC {metrics.auc(truth, odds):.3f} {spread} n={len(truth)}")


def label_points(odds: Odds, cuts: Mapping[str, float]) -> Names:
    """Labels as `tutor.critique.judge.decide` gives them."""
    chance = {
        name: 1.0 / (1.0 + np.exp(-np.clip(values, -30, 30))) for name, values in odds.items()
    }
    found, full, against = (chance[name] for name in ("found", "full", "contradicted"))
    wrong = (against >= cuts["contradicted"]) & (against > found * cuts["contra_over_found"])
    told = np.where(full >= cuts["full"], "covered", "partial")
    return np.where(wrong, "contradicted", np.where(found < cuts["found"], "missed", told))


def sum_scores(points: Sequence[tuple[Case, int]], labels: Names) -> list[tuple[Case, float]]:
    """Scores of 10 by the product's table, answer by answer.

    Args:
        points: The case and the number of the point, a row a point.
        labels: Of the same rows.
    """
    earned: dict[tuple[str, str], tuple[Case, float]] = {}
    for (case, number), label in zip(points, labels.tolist(), strict=True):
        weight = _weight(case, number)
        key = (case.origin, case.id)
        before = earned[key][1] if key in earned else 0.0
        earned[key] = (case, before + weight * net_credit(Label(label)))
    return [
        (case, SCALE * max(value, 0.0) / sum(_weight(case, n) for n in range(len(case.points))))
        for case, value in earned.values()
    ]


def _weight(case: Case, number: int) -> float:
    return REQUIRED_WEIGHT if case.required[number] else BONUS_WEIGHT


def print_labels(
    points: Sequence[tuple[Case, int]], labels: Names, given: Names, groups: Names
) -> None:
    """Contradictions, labels by language, and what the scores are worth."""
    truth, said = labels == "contradicted", given == "contradicted"
    for name, measure in (("precision", metrics.precision), ("recall", metrics.recall)):
        spread = interval(groups, lambda rows, by=measure: by(truth[rows], said[rows]))
        value = measure(truth, said)
        print(f"     contradicted {name} {value or 0:.2f} {spread} n={truth.sum()}")
    for name, same in (("same", True), ("other", False)):
        rows = np.array([_same_language(case) is same for case, _ in points])
        if rows.any():
            right = metrics.accuracy(labels[rows], given[rows])
            print(f"     labels right, answer in the {name} language {right:.3f} n={rows.sum()}")
    scored = sum_scores(points, given)
    marks = np.array([case.score for case, _ in scored])
    found = np.array([value for _, value in scored])
    asked = np.array([case.question_id for case, _ in scored])
    apart = interval(asked, lambda rows: metrics.mean_absolute_error(marks[rows], found[rows]))
    ranks = interval(asked, lambda rows: metrics.spearman(marks[rows], found[rows]))
    print(
        f"     score MAE {np.abs(marks - found).mean():.2f} {apart}, "
        f"Spearman {metrics.spearman(marks, found):.3f} {ranks} n={len(marks)}"
    )
    kept = keep_order(asked, marks, found)
    print(f"     order kept {np.mean(kept):.3f} of {len(kept)} pairs {_APART:g} marks apart")


def _same_language(case: Case) -> bool:
    return detect_lang(case.answer) == detect_lang(case.source)


def keep_order(asked: Names, marks: Floats, found: Floats) -> list[float]:
    """For each two answers to one question, marks apart: 1 for the same order, half for a tie."""
    kept = []
    for one in range(len(marks)):
        for other in range(len(marks)):
            if asked[one] == asked[other] and marks[one] >= marks[other] + _APART:
                kept.append(0.5 + 0.5 * float(np.sign(found[one] - found[other])))
    return kept
