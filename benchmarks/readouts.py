"""Fit linear readouts of hidden states (`tutor.llm.readout`); used by the fitting programs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class States:
    """Hidden states by the id of what was read; rows less their own mean, as the product has them."""

    index: Mapping[str, int]
    rows: NDArray[np.float32]

    def of(self, ids: Sequence[str]) -> NDArray[np.float32]:
        """The states of these ids, which must all be there."""
        return self.rows[[self.index[name] for name in ids]]


def load_states(folder: Path, names: str = "*") -> States:
    """The states that `benchmarks.read_states` wrote into a folder, of the sets so named."""
    ids: list[str] = []
    blocks = []
    for path in sorted(folder.glob(f"{names}.npz")):
        with np.load(path) as held:
            ids += held["ids"].tolist()
            blocks.append(held["states"].astype(np.float32))
    rows = np.concatenate(blocks)
    rows -= rows.mean(axis=1, keepdims=True)
    return States({name: number for number, name in enumerate(ids)}, rows)


@dataclass(frozen=True)
class Linear:
    """One question to a state: log-odds are ``(state - center) @ weight + bias``."""

    center: Floats
    weight: Floats
    bias: float

    def odds(self, rows: NDArray[np.float32]) -> Floats:
        """Log-odds of each row."""
        return np.asarray((rows - self.center) @ self.weight + self.bias, dtype=np.float64)


def fit_linear(
    rows: NDArray[np.float32], truth: Bools, weight: Floats, strength: float, center: Floats
) -> Linear:
    """A regularised logistic readout over standardised states, unrolled to plain weights."""
    scale = rows.std(axis=0) + 1e-6
    model = LogisticRegression(C=strength, max_iter=200)
    model.fit((rows - center) / scale, truth, sample_weight=weight)
    return Linear(center, model.coef_[0] / scale, float(model.intercept_[0]))


def cross_validate_linear(
    rows: NDArray[np.float32],
    truth: Bools,
    use: Bools,
    weight: Floats,
    groups: NDArray[np.str_],
    strength: float,
    folds: int,
) -> Floats:
    """Log-odds of every row from readouts that saw nothing of its group.

    Args:
        rows: States.
        truth: What is asked of each.
        use: Rows that a readout learns from.
        weight: Of each row.
        groups: Question or source.
        strength: Inverse regularisation.
        folds: How many.
    """
    odds = np.zeros(len(rows))
    for train, test in GroupKFold(folds).split(rows, groups=groups):
        learn = train[use[train]]
        center = rows[learn].mean(axis=0).astype(np.float64)
        model = fit_linear(rows[learn], truth[learn], weight[learn], strength, center)
        odds[test] = model.odds(rows[test])
    return odds
