"""A small learned comparison of a key point with an answer, over the encoder's token vectors.

Decomposable attention (Parikh et al., 2016) on frozen vectors: each token of the point is compared
with the answer's words that match it, and each of those answer words with the point, so that
"increases" beside an otherwise matching clause can be told from "reduces". Plain numpy; the
parameters stand in `head.json`, as 16-bit floats in base64, with a card. `benchmarks/critique_head.py`
writes the file.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from tutor.critique.reading import Passage, Reading, Vectors
from tutor.errors import SettingsError

CLASSES = ("covered", "partial", "missed", "contradicted")
ANSWER_TOKENS = 96  # of the clauses nearest to the point; the rest of a long answer is not read
POINT_TOKENS = 40
_SMOOTH = 7  # answer tokens beside a matching one that are looked at with it


@dataclass(frozen=True, slots=True)
class Head:
    """Parameters of the comparison.

    Attributes:
        mean: Mean token vector, taken off first.
        basis: Whitening projection.
        feature_mean: Mean of each hand-made feature.
        feature_scale: Its standard deviation.
        members: Parameters of each member of the ensemble, by name.
        encoder: Name of the encoder whose vectors it was fitted on.
        temperature: Divides the averaged logits, so that probabilities are calibrated.
    """

    mean: Vectors
    basis: Vectors
    feature_mean: Vectors
    feature_scale: Vectors
    members: tuple[Mapping[str, Vectors], ...]
    encoder: str
    temperature: float
    card: Mapping[str, object]


def _array(field: Mapping[str, object]) -> Vectors:
    raw = np.frombuffer(base64.b64decode(str(field["data"])), dtype="<f2")
    shape = field["shape"]
    if not isinstance(shape, list):
        raise TypeError("an array has no shape")
    return np.asarray(raw.reshape(shape), dtype=np.float32)


def read_head(text: str) -> Head:
    """A head from the JSON text of its file.

    Raises:
        SettingsError: The text is not such a file.
    """
    try:
        raw = json.loads(text)
        return Head(
            mean=_array(raw["mean"]),
            basis=_array(raw["basis"]),
            feature_mean=np.asarray(raw["feature_mean"], dtype=np.float32),
            feature_scale=np.asarray(raw["feature_scale"], dtype=np.float32),
            members=tuple(
                {name: _array(field) for name, field in member.items()} for member in raw["members"]
            ),
            encoder=str(raw["card"]["encoder"]),
            temperature=float(raw["temperature"]),
            card=raw["card"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SettingsError(
            "The fitted parameters of the critique cannot be read; reinstall the package.",
            "评分模块的拟合参数无法读取；请重新安装本程序。",
        ) from error


@lru_cache(maxsize=1)
def load_head() -> Head:
    """The head that ships with the product."""
    return read_head((files("tutor.critique") / "head.json").read_text(encoding="utf-8"))


def nearest_tokens(point: Passage, answer: Reading) -> Vectors:
    """Token vectors of the clauses nearest to the point, in the answer's order."""
    near = answer.clause_vectors @ point.vector
    kept: list[int] = []
    size = 0
    for number in np.argsort(-near, kind="stable").tolist():
        if kept and size + len(answer.tokens[number]) > ANSWER_TOKENS:
            continue
        kept.append(number)
        size += len(answer.tokens[number])
    return np.concatenate([answer.tokens[number] for number in sorted(kept)])


def _unit(rows: Vectors) -> Vectors:
    scaled: Vectors = rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-6)
    return scaled


def _softmax(values: Vectors, axis: int) -> Vectors:
    shifted = np.exp(values - values.max(axis=axis, keepdims=True))
    result: Vectors = shifted / shifted.sum(axis=axis, keepdims=True)
    return result


def _relu(values: Vectors) -> Vectors:
    result: Vectors = np.maximum(values, 0.0)
    return result


def _pairs(one: Vectors, other: Vectors, extra: Sequence[Vectors]) -> Vectors:
    columns = [column[:, None] for column in extra]
    return np.concatenate([one, other, np.abs(one - other), one * other, *columns], axis=1)


def _smoothed(mass: Vectors) -> Vectors:
    wide = np.convolve(mass, np.full(_SMOOTH, 1.0 / _SMOOTH), mode="full")
    start = _SMOOTH // 2
    middle: Vectors = wide[start : start + len(mass)].astype(np.float32)
    result: Vectors = middle / middle.sum()
    return result


def compare(
    head: Head, point: Passage, question: Passage, answer: Vectors, features: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Log-probabilities of `CLASSES` for one point against the tokens of an answer."""
    p, a, q = (
        _unit(np.asarray((rows - head.mean) @ head.basis, dtype=np.float32))
        for rows in (
            point.tokens[:POINT_TOKENS],
            answer[: 2 * ANSWER_TOKENS],
            question.tokens[:POINT_TOKENS],
        )
    )
    x = np.clip((features.astype(np.float32) - head.feature_mean) / head.feature_scale, -4.0, 4.0)
    chances = np.mean([_member(weights, p, a, q, x) for weights in head.members], axis=0)
    logs = np.log(np.maximum(chances, 1e-7)) / head.temperature
    result: NDArray[np.float64] = logs - np.log(np.exp(logs).sum())
    return result


def _member(w: Mapping[str, Vectors], p: Vectors, a: Vectors, q: Vectors, x: Vectors) -> Vectors:
    wp, wa = p @ w["w.weight"].T, a @ w["w.weight"].T
    match = _unit(wp) @ _unit(wa).T
    plain = p @ a.T
    asked = (p @ q.T).max(axis=1)
    to_answer = _softmax(match * w["tau"], axis=1)
    rows = _pairs(wp, to_answer @ wa, [plain.max(axis=1), asked, match.max(axis=1)])
    seen = _relu(rows @ w["cmp.0.weight"].T + w["cmp.0.bias"])
    weight = (1.05 - np.clip(asked, 0.0, 1.0))[:, None]
    first = (seen * weight).sum(axis=0) / weight.sum()
    to_point = _softmax(match * w["tau"], axis=0).T
    back = _pairs(wa, to_point @ wp, [plain.max(axis=0)])
    heard = _relu(back @ w["rev.0.weight"].T + w["rev.0.bias"])
    mass = to_answer.sum(axis=0)
    mass = _smoothed(mass / mass.sum())
    third = (heard * mass[:, None]).sum(axis=0)
    fourth = (heard * (mass / mass.max())[:, None]).max(axis=0)
    joined = np.concatenate([first, seen.max(axis=0), third, fourth, x])
    hidden = _relu(w["out.0.weight"] @ joined + w["out.0.bias"])
    scores = w["out.3.weight"] @ hidden + w["out.3.bias"] + w["lin.weight"] @ x + w["lin.bias"]
    return _softmax(scores, axis=0)
