"""A fitted readout of a language model's hidden state: what the model saw, not what it would say.

Small models say yes to nearly everything, yet a linear classifier on the state behind their next
token tells statements that hold from those that do not (Alain & Bengio, "Understanding intermediate
layers using linear classifier probes", 2016; Azaria & Mitchell, "The Internal State of an LLM Knows
When It's Lying", EMNLP Findings 2023). The state is read through the logits of a few hundred
tokens, which are a linear image of it, so any engine that gives logits will do.

Files of this kind are written by the ``benchmarks/fit_*.py`` programs and carry a card.
"""

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tutor.errors import SettingsError
from tutor.llm.types import StateReader

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Readout:
    """Linear questions to a hidden state.

    Attributes:
        questions: Names of what is asked.
        center: Mean state, shape (width,).
        matrix: One row a question, shape (questions, width).
        bias: One number a question.
        reader: Name of the model file it was fitted on.
        prompt_sha256: Of the examples that stand before every case; other examples, other states.
        card: Data, licence, date and command of the fit.
    """

    questions: tuple[str, ...]
    center: Floats
    matrix: Floats
    bias: Floats
    reader: str
    prompt_sha256: str
    card: Mapping[str, object]

    def log_odds(self, state: Floats) -> dict[str, float]:
        """Log-odds of each question from a state."""
        values = self.matrix @ (state - self.center) + self.bias
        return dict(zip(self.questions, values.tolist(), strict=True))

    def read(
        self, model: StateReader, examples: str, shared: str, tails: Iterable[str]
    ) -> list[dict[str, float]]:
        """Log-odds of each question at the end of each prompt; see `StateReader.states`.

        Raises:
            ModelError: The model could not be read.
        """
        return [self.log_odds(state) for state in model.states(examples, shared, tails)]


def parse_readout(text: str) -> Readout:
    """A readout from the JSON text of its file.

    Raises:
        SettingsError: The text is not such a file.
    """
    try:
        raw = json.loads(text)
        questions = tuple(str(name) for name in raw["questions"])
        return Readout(
            questions=questions,
            center=_unpack(raw["center"], (int(raw["width"]),)),
            matrix=_unpack(raw["matrix"], (len(questions), int(raw["width"]))),
            bias=np.asarray(raw["bias"], dtype=np.float64),
            reader=str(raw["card"]["reader"]),
            prompt_sha256=str(raw["card"]["prompt_sha256"]),
            card=raw["card"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SettingsError(
            "A fitted readout of the language model cannot be read; reinstall the package.",
            "语言模型的拟合读数文件无法读取；请重新安装本程序。",
        ) from error


def format_readout(
    *,
    questions: Sequence[str],
    center: Floats,
    matrix: Floats,
    bias: Floats,
    card: Mapping[str, object],
) -> str:
    """The file's text; `parse_readout` reads it back (arrays as 32-bit floats)."""
    fields: dict[str, Any] = {
        "card": dict(card),
        "questions": list(questions),
        "width": len(center),
        "bias": [round(float(value), 6) for value in bias],
        "center": _pack(center),
        "matrix": _pack(matrix),
    }
    return json.dumps(fields, ensure_ascii=False, indent=1) + "\n"


def _pack(array: Floats) -> str:
    return base64.b64encode(np.ascontiguousarray(array, dtype="<f4").tobytes()).decode()


def _unpack(text: str, shape: tuple[int, ...]) -> Floats:
    flat = np.frombuffer(base64.b64decode(text), dtype="<f4")
    return np.asarray(flat.reshape(shape), dtype=np.float64)
