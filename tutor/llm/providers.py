"""From the setting `TUTOR_MODEL` to a chat model."""

import importlib.util
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.exceptions import OutputParserException
from langchain_core.language_models import LanguageModelInput
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable, RunnableLambda
from pydantic import ValidationError

from tutor.errors import (
    ContextOverflowError,
    ModelAnswerError,
    ModelError,
    ModelUnavailableError,
    SettingsError,
    TutorError,
)
from tutor.llm.catalogue import LLM
from tutor.llm.local import LocalChatModel, check_gguf
from tutor.llm.prompts import about_tokens
from tutor.llm.weights import require
from tutor.settings import Settings

_KEYS = {
    "openai": "OPENAI_API_KEY",
    "deepseek": "DEEPSEEK_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
}
_TIMEOUT_S = 120.0


def build_model(settings: Settings) -> BaseChatModel | None:
    """The chat model that `TUTOR_MODEL` names; None for `none`. A local file is loaded on first use.

    Raises:
        SettingsError: The value is no model.
        WeightsError, ModelUnavailableError: A file, package or key is missing; says what to do.
    """
    name = settings.model.strip()
    if name == "none":
        return None
    if name == "local":
        return _local(require(settings, LLM.name), settings)
    path = Path(name).expanduser()
    if path.suffix.lower() == ".gguf" or path.is_file():
        check_gguf(path)
        return _local(path, settings)
    provider, separator, model = name.partition(":")
    if not (separator and provider and model):
        raise SettingsError(
            f"TUTOR_MODEL={name} is not a model; give `local`, `none`, a .gguf file, or "
            "`provider:name` such as `openai:gpt-5`.",
            f"TUTOR_MODEL={name} 不是可用的模型；请填 `local`、`none`、.gguf 文件，"
            "或 `服务商:名称`，例如 `openai:gpt-5`。",
        )
    return _remote(provider, model, settings)


def _local(path: Path, settings: Settings) -> LocalChatModel:
    return LocalChatModel(
        path=path, context_tokens=settings.context_tokens, threads=settings.threads
    )


def _remote(provider: str, model: str, settings: Settings) -> BaseChatModel:
    key = settings.model_key.get_secret_value() if settings.model_key else ""
    options: dict[str, Any] = {}
    if settings.model_url:
        options["base_url"] = settings.model_url
        if provider == "openai":
            # A server of one's own needs no key, and must not be sent the one of OpenAI.
            key = key or "none"
            options |= {"temperature": 0, "timeout": _TIMEOUT_S}
    elif provider in _KEYS and not (key or os.environ.get(_KEYS[provider])):
        raise ModelUnavailableError(
            f"{provider} needs a key; set {_KEYS[provider]} or TUTOR_MODEL_KEY.",
            f"{provider} 需要密钥；请设置 {_KEYS[provider]} 或 TUTOR_MODEL_KEY。",
        )
    if provider in ("ollama", "deepseek"):
        options["temperature"] = 0
    if key:
        options["api_key"] = key
    _require_package(provider)
    from langchain.chat_models import init_chat_model  # a second of imports, for remote models only

    try:
        inner = init_chat_model(model, model_provider=provider, **options)
    except Exception as error:
        raise map_error(error, key) from error
    return RemoteChatModel(inner=inner, secret=key)


def _require_package(provider: str) -> None:
    if provider in (*_KEYS, "ollama"):
        missing = importlib.util.find_spec(f"langchain_{provider}") is None
        package = f"langchain-{provider}"
    else:
        missing, package = False, f"langchain-{provider}"
    if missing:
        raise ModelUnavailableError(
            f"{provider} models need a package that is not installed; run `pip install {package}`.",
            f"使用 {provider} 的模型需要先安装软件包；请运行 `pip install {package}`。",
        )


def map_error(error: Exception, secret: str = "") -> TutorError:
    """A provider's error as ours; what says nothing to a learner is kept as text.

    Args:
        error: Whatever the provider's client raised.
        secret: The key, which must not appear in a message.
    """
    if isinstance(error, TutorError):
        return error
    told = " ".join(str(error).split())[:300]
    if secret:
        told = told.replace(secret, "***")
    kinds = {kind.__name__ for kind in type(error).__mro__}
    status = getattr(error, "status_code", None)
    if isinstance(error, (OutputParserException, ValidationError)):
        return ModelAnswerError(
            "The model's reply does not have the form that was asked for; try again.",
            "模型的回复不符合要求的格式；请重试。",
        )
    if isinstance(error, ImportError) or "not_found" in told or status == 404:
        return ModelUnavailableError(
            f"The model cannot be used ({told}); correct TUTOR_MODEL or install what is named.",
            f"无法使用该模型（{told}）；请改正 TUTOR_MODEL，或安装所提示的软件包。",
        )
    if status in (401, 403) or "api_key" in told:
        return ModelUnavailableError(
            f"The provider refused the key ({told}); set TUTOR_MODEL_KEY to a valid one.",
            f"服务商拒绝了密钥（{told}）；请在 TUTOR_MODEL_KEY 中填入有效的密钥。",
        )
    if status in (400, 413) and "context" in told and ("length" in told or "exceed" in told):
        return ContextOverflowError(
            f"The text is too long for the model ({told}); shorten it.",
            f"文本超出模型的上下文（{told}）；请缩短文本。",
        )
    if kinds & {"ConnectionError", "APIConnectionError", "ConnectError", "TimeoutException"}:
        return ModelUnavailableError(
            f"The model's server does not answer ({told}); check the network and TUTOR_MODEL_URL.",
            f"模型服务器没有响应（{told}）；请检查网络和 TUTOR_MODEL_URL。",
        )
    if status == 429:
        return ModelError(
            f"The provider is busy or the quota is used up ({told}); try again later.",
            f"服务商繁忙或额度用尽（{told}）；请稍后再试。",
        )
    return ModelError(
        f"The model could not answer ({type(error).__name__}: {told}); try again.",
        f"模型无法作答（{type(error).__name__}：{told}）；请重试。",
    )


class RemoteChatModel(BaseChatModel):
    """A provider's chat model whose errors are ours.

    Attributes:
        inner: The provider's own model.
        secret: Its key, kept out of error messages.
    """

    inner: BaseChatModel
    secret: str = ""

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        return [("inner", type(self.inner).__name__)]

    @property
    def _llm_type(self) -> str:
        return f"remote-{self.inner._llm_type}"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"inner": type(self.inner).__name__}

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        try:
            reply = self.inner.invoke(messages, stop=stop, **kwargs)
        except Exception as error:
            raise map_error(error, self.secret) from error
        message = reply if isinstance(reply, AIMessage) else AIMessage(content=reply.text)
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        try:
            for piece in self.inner.stream(messages, stop=stop, **kwargs):
                message = piece if isinstance(piece, AIMessageChunk) else None
                chunk = ChatGenerationChunk(message=message or AIMessageChunk(content=piece.text))
                if run_manager:
                    run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                yield chunk
        except Exception as error:
            raise map_error(error, self.secret) from error

    def with_structured_output(
        self, schema: Any, *, include_raw: bool = False, **kwargs: Any
    ) -> Runnable[LanguageModelInput, Any]:
        """The provider's own structured output, with its errors and odd replies as ours."""
        asked = self.inner.with_structured_output(schema, include_raw=include_raw, **kwargs)

        def ask(prompt: LanguageModelInput) -> Any:
            try:
                value = asked.invoke(prompt)
                if value is None:
                    raise OutputParserException("no value")
                return value
            except Exception as error:
                raise map_error(error, self.secret) from error

        return RunnableLambda(ask)

    def get_num_tokens(self, text: str) -> int:
        """About so many tokens; providers' own counters would load files from the network."""
        return about_tokens(text)

    def get_num_tokens_from_messages(
        self, messages: Sequence[BaseMessage], tools: Sequence[Any] | None = None
    ) -> int:
        """About so many tokens, four for each message's frame."""
        return sum(about_tokens(message.text) + 4 for message in messages)
