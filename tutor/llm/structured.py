"""JSON-schema answers: the one way every local model is asked for a value instead of text."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from langchain_core.language_models import LanguageModelInput
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import BaseMessage
from langchain_core.runnables import Runnable, RunnableLambda
from pydantic import BaseModel, ValidationError

from tutor.errors import ModelAnswerError, ModelError

Schema = Mapping[str, Any] | type[BaseModel]
Reply = TypeVar("Reply", bound=BaseModel)


def response_format(schema: Schema) -> dict[str, Any]:
    """The schema as the `response_format` of an OpenAI-style request."""
    if isinstance(schema, Mapping):
        body = dict(schema)
    elif isinstance(schema, type) and issubclass(schema, BaseModel):
        body = schema.model_json_schema()
    else:
        raise TypeError("schema must be a JSON schema or a pydantic model class")
    name = str(body.get("title", "answer"))
    return {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": body}}


def parse_answer(message: BaseMessage, schema: Schema) -> Any:
    """The value in a JSON reply: a model instance for a pydantic class, else plain JSON.

    Raises:
        ModelAnswerError: The reply was cut off, is not JSON, or does not fit the schema.
    """
    if message.response_metadata.get("finish_reason") == "length":
        raise ModelAnswerError(
            "The model's reply was cut off before it was complete; allow it more tokens.",
            "模型的回复在写完之前被截断；请允许更多的 token。",
        )
    try:
        if isinstance(schema, type):
            return schema.model_validate_json(message.text)
        return json.loads(message.text)
    except (ValidationError, json.JSONDecodeError) as error:
        raise ModelAnswerError(
            "The model's reply does not have the form that was asked for; try again.",
            "模型的回复不符合要求的格式；请重试。",
        ) from error


def structured_output(
    model: BaseChatModel, schema: Schema, *, include_raw: bool = False
) -> Runnable[LanguageModelInput, Any]:
    """The model with its decoding bound to the schema and its reply parsed.

    Args:
        model: A model that honours a `response_format` keyword.
        schema: JSON schema or pydantic class of the value.
        include_raw: Give `{"raw", "parsed", "parsing_error"}` instead of raising.
    """

    def read(message: BaseMessage) -> Any:
        if not include_raw:
            return parse_answer(message, schema)
        try:
            return {
                "raw": message,
                "parsed": parse_answer(message, schema),
                "parsing_error": None,
            }
        except ModelAnswerError as error:
            return {"raw": message, "parsed": None, "parsing_error": error}

    return model.bind(response_format=response_format(schema)) | RunnableLambda(read)


def structured_reply(
    model: BaseChatModel, schema: type[Reply], messages: Sequence[BaseMessage], failed: ModelError
) -> Reply | None:
    """The model's reply in a schema; None where it is something else.

    Args:
        model: Any LangChain chat model with structured output.
        schema: What the reply must be.
        messages: What is asked.
        failed: Raised where the provider fails: each has its own errors, and who asks must not
            fall over.

    Raises:
        ModelError: The model failed or its reply does not fit.
    """
    try:
        reply = model.with_structured_output(schema).invoke(list(messages))
    except ModelError:
        raise
    except Exception as error:
        raise failed from error
    return reply if isinstance(reply, schema) else None
