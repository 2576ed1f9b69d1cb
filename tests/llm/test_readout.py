"""A fitted readout: what is written is read back, and log-odds are the plain linear form."""

from hashlib import sha256

import numpy as np
import pytest

from tests.fakes import ScriptedStates
from tutor.critique import point_reader
from tutor.errors import SettingsError
from tutor.llm import prompts
from tutor.llm.reader import READER_NAME, WIDTH
from tutor.llm.readout import Readout, format_readout, parse_readout
from tutor.study import claim_reader

CARD = {"reader": "some.gguf", "prompt_sha256": "ab"}


def small() -> Readout:
    return parse_readout(
        format_readout(
            questions=["one", "two"],
            center=np.array([1.0, 0.0, -1.0]),
            matrix=np.array([[1.0, 2.0, 0.0], [0.0, 0.0, -4.0]]),
            bias=np.array([0.5, -0.25]),
            card=CARD,
        )
    )


def test_log_odds_are_the_linear_form() -> None:
    found = small().log_odds(np.array([2.0, 1.0, 0.0]))
    assert found == pytest.approx({"one": 1.0 + 2.0 + 0.5, "two": -4.0 - 0.25})


def test_a_state_is_read_at_the_end_of_each_prompt() -> None:
    model = ScriptedStates().enqueue([2.0, 1.0, 0.0], [1.0, 0.0, -1.0])
    found = small().read(model, "examples", "shared", ["first", "second"])
    assert [item["one"] for item in found] == pytest.approx([3.5, 0.5])
    assert model.prompts == [("examples", "shared", "first"), ("examples", "shared", "second")]


@pytest.mark.parametrize("text", ["", "{}", '{"card": {}, "width": 2}', "[1]"])
def test_a_file_that_is_no_readout_is_told(text: str) -> None:
    with pytest.raises(SettingsError, match="reinstall"):
        parse_readout(text)


@pytest.mark.parametrize(
    ("readout", "examples", "questions"),
    [
        (
            point_reader.load_readout,
            prompts.POINT_EXAMPLES,
            ("found", "full", "contradicted"),
        ),
        (claim_reader.load_readout, prompts.CLAIM_EXAMPLES, ("supported", "contradicted")),
    ],
)
def test_shipped_readouts_go_with_the_prompts_and_the_reader(
    readout: object, examples: str, questions: tuple[str, ...]
) -> None:
    assert callable(readout)
    shipped = readout()
    assert shipped.prompt_sha256 == sha256(examples.encode()).hexdigest()
    assert shipped.reader == READER_NAME
    assert shipped.questions == questions
    assert shipped.matrix.shape == (len(questions), WIDTH)
    assert shipped.card["licence"] == "Apache-2.0"
