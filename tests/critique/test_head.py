"""The learned comparison in plain numpy, with small random parameters."""

import base64
import json

import numpy as np
import pytest

from tests.fakes import WordEmbedder
from tutor.critique.features import NAMES
from tutor.critique.head import (
    ANSWER_TOKENS,
    CLASSES,
    compare,
    load_head,
    nearest_tokens,
    read_head,
)
from tutor.critique.reading import read_passages, read_text
from tutor.errors import SettingsError

DIM, BASE, INNER, HIDDEN = 256, 12, 6, 5


def _pack(array: np.ndarray) -> dict[str, object]:
    raw = array.astype("<f2").tobytes()
    return {"shape": list(array.shape), "data": base64.b64encode(raw).decode()}


def _head_text(seed: int = 0) -> str:
    rng = np.random.default_rng(seed)
    count = len(NAMES)
    shapes = {
        "w.weight": (INNER, BASE),
        "cmp.0.weight": (HIDDEN, 4 * INNER + 3),
        "cmp.0.bias": (HIDDEN,),
        "rev.0.weight": (HIDDEN, 4 * INNER + 1),
        "rev.0.bias": (HIDDEN,),
        "tau": (),
        "out.0.weight": (HIDDEN, 4 * HIDDEN + count),
        "out.0.bias": (HIDDEN,),
        "out.3.weight": (len(CLASSES), HIDDEN),
        "out.3.bias": (len(CLASSES),),
        "lin.weight": (len(CLASSES), count),
        "lin.bias": (len(CLASSES),),
    }
    member = {name: _pack(np.asarray(rng.normal(size=shape))) for name, shape in shapes.items()}
    return json.dumps(
        {
            "card": {"encoder": "word-hash"},
            "temperature": 1.0,
            "mean": _pack(np.zeros(DIM)),
            "basis": _pack(rng.normal(size=(DIM, BASE))),
            "feature_mean": [0.0] * count,
            "feature_scale": [1.0] * count,
            "members": [member],
        }
    )


def test_log_probabilities_are_a_distribution_and_repeat_exactly() -> None:
    head = read_head(_head_text())
    encoder = WordEmbedder(DIM)
    point, question = read_passages(encoder, ["训练时随机失活", "Dropout是什么？"])
    answer = read_text(encoder, "训练的时候随机关掉一部分神经元，测试时不关。")
    tokens = nearest_tokens(point, answer)
    logs = compare(head, point, question, tokens, np.zeros(len(NAMES)))
    assert np.exp(logs).sum() == pytest.approx(1.0, abs=1e-5)
    again = compare(head, point, question, tokens, np.zeros(len(NAMES)))
    assert (again == logs).all()
    other = nearest_tokens(point, read_text(encoder, "完全是另一回事，说的是池化。"))
    assert not np.allclose(compare(head, point, question, other, np.zeros(len(NAMES))), logs)


def test_only_the_nearest_clauses_of_a_long_answer_are_read() -> None:
    encoder = WordEmbedder(DIM)
    (point,) = read_passages(encoder, ["训练时随机失活神经元"])
    filler = "".join(f"第{number}件事是关于别的话题的一段很长的说明。" for number in range(40))
    answer = read_text(encoder, filler + "训练时随机失活神经元。")
    tokens = nearest_tokens(point, answer)
    assert len(tokens) <= ANSWER_TOKENS + 20
    assert (tokens[-1] == answer.tokens[-1][-1]).all()


@pytest.mark.parametrize(
    "text", ["", "{}", '{"card": {}}', _head_text().replace('"shape"', '"form"')]
)
def test_damaged_file_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(SettingsError):
        read_head(text)


def test_shipped_head_fits_the_features() -> None:
    head = load_head()
    assert len(head.feature_mean) == len(head.feature_scale) == len(NAMES)
    assert head.card["command"]
    for member in head.members:
        assert member["lin.weight"].shape == (len(CLASSES), len(NAMES))
