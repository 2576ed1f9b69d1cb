"""From outcomes to figures: values, bootstrap intervals, and the paired test between two runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutor.eval import metrics
from tutor.eval.types import Figure, Floats, Measure, Outcome

PAIRED = 4000  # a comparison of fifty figures needs small probabilities
_LEVEL = 95.0


def by_group(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    """Outcomes by group, in order."""
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(outcome.group, []).append(outcome)
    return groups


@dataclass(frozen=True, slots=True)
class _Rows:
    """Scored rows by group, and how many rows there were in all."""

    blocks: list[Floats]
    scored: int
    total: int


def _rows(measure: Measure, groups: Mapping[str, Sequence[Outcome]]) -> _Rows:
    blocks: list[Floats] = []
    total = 0
    for members in groups.values():
        rows = measure.rows(members)
        total += len(rows)
        scored = [row for row in rows if all(value is not None for value in row)]
        if scored:
            blocks.append(np.array(scored, dtype=np.float64))
    return _Rows(blocks, sum(len(block) for block in blocks), total)


def _value(measure: Measure, blocks: Sequence[Floats]) -> float | None:
    rows = np.concatenate(blocks) if blocks else np.zeros((0, 1))
    return measure.statistic(rows) if len(rows) else None


def make_figure(
    measure: Measure,
    suite: str,
    dataset: str,
    outcomes: Sequence[Outcome],
    *,
    seed: int = 0,
    resamples: int = 1000,
) -> Figure:
    """The figure with a 95 % percentile bootstrap over groups (Efron & Tibshirani 1993)."""
    rows = _rows(measure, by_group(outcomes))
    value = _value(measure, rows.blocks)
    low = high = None
    if value is not None and len(rows.blocks) > 1 and resamples:
        size = len(rows.blocks)
        choices = np.random.default_rng(seed).integers(size, size=(resamples, size))
        found = [one for one in _resampled(measure, rows.blocks, choices) if one is not None]
        if found:
            ends = np.percentile(found, [(100 - _LEVEL) / 2, (100 + _LEVEL) / 2])
            low, high = float(ends[0]), float(ends[1])
    return Figure(
        suite=suite,
        dataset=dataset,
        name=measure.name,
        value=_rounded(value),
        low=_rounded(low),
        high=_rounded(high),
        scored=rows.scored,
        total=rows.total,
        unit=measure.unit,
        better=measure.better,
    )


def _resampled(
    measure: Measure, blocks: Sequence[Floats], choices: NDArray[np.int64]
) -> list[float | None]:
    """The value of every resample; a row of ``choices`` holds the blocks drawn."""
    if measure.statistic is mean_of:  # most figures are means: all resamples at once
        sums = np.array([block[:, 0].sum() for block in blocks])[choices].sum(1)
        counts = np.array([len(block) for block in blocks])[choices].sum(1)
        return [float(a / b) if b else None for a, b in zip(sums, counts, strict=True)]
    return [_value(measure, [blocks[index] for index in choice]) for choice in choices]


def mean_of(rows: Floats) -> float | None:
    """Mean of the first column."""
    return metrics.mean(rows[:, 0])


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


@dataclass(frozen=True, slots=True)
class Change:
    """A figure before and after, on the cases both runs have.

    Attributes:
        before: Value of the earlier run on the shared cases.
        after: Value of the later run on them.
        shared: Number of shared cases.
        p_worse: How often a drop as large comes about by chance; small means that it is no noise.
            1 where there is no drop, None where it was not asked for or cannot be told.
        more_unscored: By how much the share of rows grew that could not be scored.
    """

    before: float | None
    after: float | None
    shared: int
    p_worse: float | None
    more_unscored: float = 0.0


def compare_paired(
    measure: Measure,
    before: Sequence[Outcome],
    after: Sequence[Outcome],
    *,
    seed: int = 0,
    beyond: float | None = 0.0,
) -> Change:
    """A figure of two runs, and a paired randomisation test of its drop.

    If the runs differ by noise alone, the two outcomes of a case may as well be exchanged: the drop
    is compared with those after exchanging at random (Noreen 1989). Resampling cases instead calls
    too much significant where there are few (Riezler & Maxwell 2005).

    Args:
        measure: The figure.
        before: Outcomes of the earlier run.
        after: Outcomes of the later run.
        seed: Draws the exchanges.
        beyond: Only a larger drop is tested; None tests none.
    """
    earlier = {outcome.case_id: outcome for outcome in before}
    shared = [outcome for outcome in after if outcome.case_id in earlier]
    old, new = _units(measure, [earlier[outcome.case_id] for outcome in shared], shared)
    was, now = _value(measure, old.blocks), _value(measure, new.blocks)
    p_worse = None
    if was is not None and now is not None and measure.better and beyond is not None:
        sign = 1.0 if measure.better == "higher" else -1.0
        p_worse = 1.0
        if sign * (was - now) > beyond + 1e-9:
            p_worse = _chance(measure, old.blocks, new.blocks, sign, seed)
    more = _unscored(new) - _unscored(old)
    return Change(_rounded(was), _rounded(now), len(shared), p_worse, more)


def _units(
    measure: Measure, before: Sequence[Outcome], after: Sequence[Outcome]
) -> tuple[_Rows, _Rows]:
    """What may be exchanged between two runs, in the same order: cases, or else whole groups.

    A figure over pairs of answers to one question has no rows for a case alone.
    """
    groups = [list(by_group(outcomes).values()) for outcomes in (before, after)]
    singles = [[[outcome] for outcome in outcomes] for outcomes in (before, after)]
    alone = all(
        sum(len(measure.rows(unit)) for unit in one) == sum(len(measure.rows(g)) for g in many)
        for one, many in zip(singles, groups, strict=True)
    )
    old, new = (_scored(measure, units) for units in (singles if alone else groups))
    return old, new


def _scored(measure: Measure, units: Sequence[Sequence[Outcome]]) -> _Rows:
    """The scored rows of each unit; empty where it has none."""
    blocks: list[Floats] = []
    total = 0
    for unit in units:
        rows = measure.rows(unit)
        total += len(rows)
        scored = [row for row in rows if all(value is not None for value in row)]
        blocks.append(np.array(scored, dtype=np.float64) if scored else np.zeros((0, 1)))
    width = max((block.shape[1] for block in blocks), default=1)
    blocks = [block if len(block) else np.zeros((0, width)) for block in blocks]
    return _Rows(blocks, sum(map(len, blocks)), total)


def _unscored(rows: _Rows) -> float:
    return 1 - rows.scored / rows.total if rows.total else 0.0


def _chance(
    measure: Measure, old: Sequence[Floats], new: Sequence[Floats], sign: float, seed: int
) -> float | None:
    """Share of random exchanges after which the drop is at least as large."""
    count = len(old)
    pairs = [*old, *new]
    swapped = np.random.default_rng(seed).integers(2, size=(PAIRED, count)) * count
    places = np.arange(count)
    before = _resampled(measure, pairs, places + swapped)
    after = _resampled(measure, pairs, places + count - swapped)
    was, now = _value(measure, old), _value(measure, new)
    if was is None or now is None:
        return None
    drop = sign * (was - now)
    drops = [
        sign * (a - b)
        for a, b in zip(before, after, strict=True)
        if a is not None and b is not None
    ]
    # The runs as they are count as one exchange, so that chance is never ruled out altogether.
    return (1 + sum(one >= drop - 1e-12 for one in drops)) / (1 + len(drops))
