"""From a setting to a model, and from a provider's errors to ours; no provider is reached."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from langchain_core.exceptions import OutputParserException
from langchain_core.messages import HumanMessage
from pydantic import BaseModel

from tests.fakes import ScriptedModel
from tutor.errors import (
    ContextOverflowError,
    ModelAnswerError,
    ModelError,
    ModelUnavailableError,
    SettingsError,
    TutorError,
)
from tutor.llm.catalogue import LLM
from tutor.llm.local import LocalChatModel
from tutor.llm.providers import RemoteChatModel, build_model, map_error
from tutor.llm.types import ChoiceReader
from tutor.settings import load_settings


class HttpError(Exception):
    def __init__(self, status_code: int, text: str) -> None:
        super().__init__(text)
        self.status_code = status_code


class APIConnectionError(Exception):
    pass


class Value(BaseModel):
    right: bool


def test_none_is_no_model() -> None:
    assert build_model(load_settings(model="none")) is None


def test_local_needs_its_file_and_then_carries_the_settings() -> None:
    settings = load_settings(context_tokens=2048, threads=3)
    with pytest.raises(ModelUnavailableError, match="models pull"):
        build_model(settings)
    settings.models_dir.mkdir(parents=True)
    with (settings.models_dir / LLM.name).open("wb") as file:
        file.truncate(LLM.size)
    model = build_model(settings)
    assert isinstance(model, LocalChatModel)
    assert (model.context_tokens, model.threads) == (2048, 3)


def test_any_gguf_file_is_a_model(tmp_path: Path) -> None:
    path = tmp_path / "mine.gguf"
    path.write_bytes(b"GGUF....")
    model = build_model(load_settings(model=str(path)))
    assert isinstance(model, LocalChatModel)
    assert model.path == path
    path.write_bytes(b"nope")
    with pytest.raises(ModelUnavailableError, match="not a GGUF"):
        build_model(load_settings(model=str(path)))
    with pytest.raises(ModelUnavailableError, match="cannot be read"):
        build_model(load_settings(model=str(tmp_path / "gone.gguf")))


@pytest.mark.parametrize("name", ["lokal", "openai:", ":x"])
def test_a_name_that_is_no_model_is_a_settings_error(name: str) -> None:
    with pytest.raises(SettingsError, match="provider:name"):
        build_model(load_settings(model=name))


@pytest.mark.parametrize("provider", ["openai", "deepseek", "anthropic"])
def test_a_provider_without_its_key_is_told_by_name(provider: str) -> None:
    with pytest.raises(ModelUnavailableError, match=f"{provider.upper()}_API_KEY"):
        build_model(load_settings(model=f"{provider}:some-model"))


@pytest.mark.parametrize("provider", ["ollama", "nobody"])
def test_a_missing_package_or_unknown_provider_is_told(
    provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importlib.util.find_spec

    def without(name: str, package: str | None = None) -> Any:
        return None if name == f"langchain_{provider}" else real(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", without)
    expected = "pip install langchain-ollama" if provider == "ollama" else "nobody"
    with pytest.raises(TutorError, match=expected):
        build_model(load_settings(model=f"{provider}:some-model"))


@pytest.mark.skipif(
    importlib.util.find_spec("langchain_openai") is None, reason="langchain-openai not installed"
)
def test_a_server_of_ones_own_gets_its_address_and_never_the_key_of_openai(
    monkeypatch: pytest.MonkeyPatch, nobody: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-private")
    settings = load_settings(model="openai:qwen", model_url=f"{nobody}/v1")
    model = build_model(settings)
    assert isinstance(model, RemoteChatModel)
    inner: Any = model.inner
    assert inner.openai_api_base == f"{nobody}/v1"
    assert "sk-private" not in inner.openai_api_key.get_secret_value()
    inner.max_retries = 0
    with pytest.raises(ModelUnavailableError, match="TUTOR_MODEL_URL"):
        model.invoke("hello")


@pytest.mark.parametrize(
    ("error", "kind", "says"),
    [
        (HttpError(401, "bad key sk-secret"), ModelUnavailableError, "TUTOR_MODEL_KEY"),
        (HttpError(404, "no such model"), ModelUnavailableError, "TUTOR_MODEL"),
        (HttpError(429, "slow down"), ModelError, "quota"),
        (HttpError(503, "down sk-secret"), ModelError, "down"),
        (
            HttpError(400, "request exceeds the available context size"),
            ContextOverflowError,
            "shorten",
        ),
        (APIConnectionError("Connection error."), ModelUnavailableError, "TUTOR_MODEL_URL"),
        (ConnectionRefusedError("refused"), ModelUnavailableError, "TUTOR_MODEL_URL"),
        (ImportError("pip install langchain-x"), ModelUnavailableError, "langchain-x"),
        (OutputParserException("odd"), ModelAnswerError, "form"),
        (KeyError("?"), ModelError, "KeyError"),
        (SettingsError("as it was", "原样"), SettingsError, "as it was"),
    ],
)
def test_errors_are_ours_say_what_to_do_and_hold_no_key(
    error: Exception, kind: type[TutorError], says: str
) -> None:
    ours = map_error(error, "sk-secret")
    assert type(ours) is kind
    assert says in ours.en
    assert "sk-secret" not in ours.en + ours.zh


def test_replies_pass_through_and_errors_are_mapped_on_every_way() -> None:
    inner = ScriptedModel().enqueue("one", "two three four", '{"right": true}')
    model = RemoteChatModel(inner=inner, secret="sk-secret")
    assert model.invoke("q").text == "one"
    assert "".join(piece.text for piece in model.stream("q")) == "two three four"
    assert model.with_structured_output(Value).invoke("q") == Value(right=True)
    ways: list[Callable[[], object]] = [
        lambda: model.invoke("q"),
        lambda: list(model.stream("q")),
        lambda: model.with_structured_output(Value).invoke("q"),
    ]
    for way in ways:
        inner.enqueue(HttpError(401, "sk-secret"))
        with pytest.raises(ModelUnavailableError) as caught:
            way()
        assert caught.value.__cause__ is not None
    assert "sk-secret" not in repr(model)


def test_closing_a_remote_stream_closes_the_providers() -> None:
    inner = ScriptedModel().enqueue("one two three four five six")
    stream = RemoteChatModel(inner=inner).stream("q")
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert inner.closed_early == 1


def test_tokens_are_estimated_without_any_network() -> None:
    model = RemoteChatModel(inner=ScriptedModel())
    assert model.get_num_tokens("卷积神经网络") >= 4
    assert model.get_num_tokens_from_messages([HumanMessage("hello")]) > 4
    assert not isinstance(model, ChoiceReader)
