"""Probabilities and log-odds."""

import numpy as np
from numpy.typing import NDArray

_MOST = 30.0  # log-odds beyond which a probability is as good as certain


def log_odds(share: float, bound: float = 1e-6) -> float:
    """Log-odds of a probability that is kept so far from 0 and 1."""
    bounded = min(max(share, bound), 1 - bound)
    return float(np.log(bounded / (1 - bounded)))


def sigmoid(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities of log-odds."""
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -_MOST, _MOST))), dtype=np.float64)
