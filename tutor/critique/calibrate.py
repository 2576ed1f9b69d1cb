"""Fitted weights as plain numbers in `weights.json`, and the arithmetic that applies them.

Nothing is pickled: a reader can see every coefficient. `benchmarks/fit_critique.py` writes the
file; its `card` says from what data, when and how.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from tutor.errors import SettingsError
from tutor.llm.odds import sigmoid

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Logistic:
    """A standardised logistic model over named features.

    Attributes:
        names: Features, in order.
        mean: Mean of each.
        scale: Standard deviation of each.
        coef: Weight of each standardised feature.
        intercept: Log-odds at the mean.
        limit: Standardised features are cut at this many standard deviations.
    """

    names: tuple[str, ...]
    mean: Floats
    scale: Floats
    coef: Floats
    intercept: float
    limit: float = 4.0

    def logit(self, rows: Floats) -> Floats:
        """Log-odds of each row of features."""
        clipped = np.clip((rows - self.mean) / self.scale, -self.limit, self.limit)
        result: Floats = clipped @ self.coef + self.intercept
        return result

    def probability(self, rows: Floats) -> Floats:
        """Probability of each row of features, 0 to 1."""
        return sigmoid(self.logit(rows))

    def contributions(self, row: Floats) -> dict[str, float]:
        """Log-odds that each feature adds: why this probability."""
        clipped = np.clip((row - self.mean) / self.scale, -self.limit, self.limit)
        return dict(zip(self.names, (clipped * self.coef).tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Weights:
    """All fitted numbers of the critique.

    Attributes:
        models: Logistic models by name.
        cuts: Thresholds by name.
        card: Data, licence, date, command and counts.
    """

    models: Mapping[str, Logistic]
    cuts: Mapping[str, float]
    card: Mapping[str, object]


def read_weights(text: str) -> Weights:
    """Weights from the JSON text of a weights file.

    Raises:
        SettingsError: The text is not such a file.
    """
    try:
        raw = json.loads(text)
        models = {name: _logistic(fields) for name, fields in raw["models"].items()}
        cuts = {name: float(value) for name, value in raw["cuts"].items()}
        return Weights(models, cuts, raw["card"])
    except (KeyError, TypeError, ValueError) as error:
        raise SettingsError(
            "The fitted weights of the critique cannot be read; reinstall the package.",
            "评分模块的拟合参数无法读取；请重新安装本程序。",
        ) from error


def _logistic(fields: Mapping[str, Sequence[float]]) -> Logistic:
    names = tuple(str(name) for name in fields["names"])
    mean, scale, coef = (
        np.asarray(fields[key], dtype=np.float64) for key in ("mean", "scale", "coef")
    )
    if not len(names) == len(mean) == len(scale) == len(coef):
        raise ValueError("a model's lists differ in length")
    intercept = fields["intercept"]
    limit = float(np.asarray(fields.get("limit", 4.0)))
    return Logistic(names, mean, scale, coef, float(np.asarray(intercept)), limit)


@lru_cache(maxsize=1)
def load_weights() -> Weights:
    """The weights that ship with the product."""
    return read_weights((files("tutor.critique") / "weights.json").read_text(encoding="utf-8"))
