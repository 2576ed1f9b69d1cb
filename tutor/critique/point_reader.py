"""Key points read by the language model's hidden state: one short reading a point.

All points of an answer share the examples, the question and the answer, which the engine reads
once; a point costs its own tokens. The examples in the prompt show the four verdicts, so that the
state behind the last sign tells them apart.
"""

from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

from tutor.llm import prompts
from tutor.llm.readout import Readout, parse_readout
from tutor.llm.types import StateReader


@lru_cache(maxsize=1)
def load_readout() -> Readout:
    """The readout that ships with the product."""
    return parse_readout((files("tutor.critique") / "readout.json").read_text(encoding="utf-8"))


class PointReader:
    """Reads key points in answers.

    Args:
        model: Runs the model file that the readout was fitted on.
        readout: The fitted readout; the shipped one by default.
    """

    def __init__(self, model: StateReader, readout: Readout | None = None) -> None:
        self._model = model
        self._readout = readout or load_readout()

    def prepare(self) -> None:
        """Read the examples in the background, while the learner types."""
        self._model.read_ahead(prompts.POINT_EXAMPLES)

    def read(self, question: str, answer: str, points: Sequence[str]) -> list[dict[str, float]]:
        """Log-odds of `found`, `full` and `contradicted` for each point.

        Raises:
            ModelError: The model could not be read.
        """
        stem = prompts.point_stem(question, answer)
        tails = [prompts.point_tail(point) for point in points]
        return self._readout.read(self._model, prompts.POINT_EXAMPLES, stem, tails)
