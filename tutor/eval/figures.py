"""From outcomes to figures: values, bootstrap intervals, and the paired test between two runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutor.eval import metrics
from tutor.eval.types import Figure, Floats, Measure, Outcome

RESAMPLES = 1000
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
    return measure.statistic(np.concatenate(blocks)) if blocks else None


def make_figure(
    measure: Measure, suite: str, dataset: str, outcomes: Sequence[Outcome], *, seed: int = 0
) -> Figure:
    """The figure with a 95 % percentile bootstrap over groups (Efron & Tibshirani 1993)."""
    rows = _rows(measure, by_group(outcomes))
    value = _value(measure, rows.blocks)
    low = high = None
    if value is not None and len(rows.blocks) > 1:
        size = len(rows.blocks)
        choices = np.random.default_rng(seed).integers(size, size=(RESAMPLES, size))
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
        sums = np.array([block[:, 0].sum() for block in blocks])
        counts = np.array([len(block) for block in blocks])
        means: list[float | None] = (sums[choices].sum(1) / counts[choices].sum(1)).tolist()
        return means
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
        p_worse: Share of paired resamples in which the later run is not worse; small means that
            the drop is no noise. None where there is no direction or nothing to compare.
    """

    before: float | None
    after: float | None
    shared: int
    p_worse: float | None


def compare_paired(
    measure: Measure, before: Sequence[Outcome], after: Sequence[Outcome], *, seed: int = 0
) -> Change:
    """Paired bootstrap over groups of the difference between two runs (Koehn 2004)."""
    earlier = {outcome.case_id: outcome for outcome in before}
    later = {outcome.case_id: outcome for outcome in after}
    shared = [case_id for case_id in later if case_id in earlier]
    groups_before = by_group([earlier[case_id] for case_id in shared])
    groups_after = by_group([later[case_id] for case_id in shared])
    names = [name for name in groups_after if name in groups_before]
    blocks_before = [_blocks(measure, groups_before[name]) for name in names]
    blocks_after = [_blocks(measure, groups_after[name]) for name in names]
    old, new = _joined(measure, blocks_before), _joined(measure, blocks_after)
    p_worse = None
    if old is not None and new is not None and measure.better:
        sign = 1.0 if measure.better == "higher" else -1.0
        # Nothing has to be drawn to see that no drop is no drop.
        p_worse = 1.0
        if sign * (new - old) < 0:
            choices = np.random.default_rng(seed).integers(len(names), size=(RESAMPLES, len(names)))
            pairs = [
                (
                    _joined(measure, [blocks_before[index] for index in choice]),
                    _joined(measure, [blocks_after[index] for index in choice]),
                )
                for choice in choices
            ]
            kept = [sign * (b - a) >= 0 for a, b in pairs if a is not None and b is not None]
            p_worse = sum(kept) / len(kept) if kept else None
    return Change(_rounded(old), _rounded(new), len(shared), p_worse)


def _blocks(measure: Measure, members: Sequence[Outcome]) -> list[Floats]:
    return _rows(measure, {"": members}).blocks


def _joined(measure: Measure, parts: Sequence[list[Floats]]) -> float | None:
    return _value(measure, [block for part in parts for block in part])
