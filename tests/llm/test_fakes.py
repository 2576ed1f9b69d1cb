"""The fakes keep the contracts that other tests rest on, and the network guard holds."""

import socket

import numpy as np
import pytest
from langchain_core.messages import HumanMessage
from pydantic import BaseModel

from tests.conftest import NetworkBlockedError
from tests.fakes import FLOOR, ScriptedModel, ScriptExhaustedError, WordEmbedder
from tutor.errors import ModelAnswerError
from tutor.llm.types import ChoiceReader
from tutor.settings import load_settings

ASK = [HumanMessage("why?")]


class Verdict(BaseModel):
    covered: bool


def test_replies_come_in_order_and_running_out_is_an_error() -> None:
    model = ScriptedModel().enqueue("one", "two")
    assert [model.invoke(ASK).text, model.invoke(ASK).text] == ["one", "two"]
    with pytest.raises(ScriptExhaustedError):
        model.invoke(ASK)
    assert len(model.prompts) == 3


def test_a_stream_is_the_reply_in_pieces_and_an_early_close_is_counted() -> None:
    text = "  gradient descent\n\nfollows the slope \n"
    model = ScriptedModel().enqueue(text, text)
    pieces = [chunk.text for chunk in model.stream(ASK)]
    assert "".join(pieces) == text
    assert len(pieces) > 3
    stream = model.stream(ASK)
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert model.closed_early == 1


def test_an_enqueued_error_is_raised() -> None:
    model = ScriptedModel().enqueue(ModelAnswerError("no", "不"))
    with pytest.raises(ModelAnswerError):
        model.invoke(ASK)


def test_choices_are_read_with_a_floor() -> None:
    model = ScriptedModel().enqueue_choices({"yes": -0.1})
    assert isinstance(model, ChoiceReader)
    assert model.choice_logprobs(ASK, ["yes", "no"]) == {"yes": -0.1, "no": FLOOR}
    with pytest.raises(ScriptExhaustedError):
        model.choice_logprobs(ASK, ["yes"])


def test_structured_replies_are_parsed_or_refused() -> None:
    model = ScriptedModel().enqueue('{"covered": true}', "not json", "not json")
    ask = model.with_structured_output(Verdict, method="json_schema")
    assert ask.invoke(ASK) == Verdict(covered=True)
    with pytest.raises(ModelAnswerError):
        ask.invoke(ASK)
    raw = model.with_structured_output(Verdict, include_raw=True).invoke(ASK)
    assert raw["parsed"] is None
    assert isinstance(raw["parsing_error"], ModelAnswerError)


def test_vectors_are_unit_deterministic_and_near_for_shared_words() -> None:
    encoder = WordEmbedder()
    texts = ["池化层的作用", "池化 有什么 作用?", "what is dropout", ""]
    vectors = encoder.encode(texts)
    assert vectors.shape == (4, encoder.dimension)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert np.array_equal(vectors, WordEmbedder().encode(texts, side="passage"))
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]


def test_the_network_is_blocked_but_this_machine_is_not() -> None:
    with pytest.raises(NetworkBlockedError):
        socket.create_connection(("example.org", 80))
    with pytest.raises(NetworkBlockedError), socket.socket() as outside:
        outside.connect(("192.0.2.1", 80))
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()


def test_folders_are_temporary(tmp_path: object) -> None:
    settings = load_settings()
    assert str(settings.cache_dir).startswith(str(tmp_path))
    assert str(settings.data_dir).startswith(str(tmp_path))
