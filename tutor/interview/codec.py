"""Frozen values to plain JSON and back, by their own type hints."""

import json
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def encode(value: object) -> Any:
    """The value as dicts, lists and scalars that `json` writes; datetimes in ISO form."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: encode(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple | list):
        return [encode(item) for item in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"cannot encode {type(value).__name__}")


def decode(kind: type[T], value: Any) -> T:
    """The value of type ``kind`` that `encode` wrote.

    Names the type does not know are ignored and missing ones get its defaults, so that an older
    or a newer file can still be read.

    Raises:
        TypeError, ValueError, KeyError: The value does not have the shape of ``kind``.
    """
    result: T = _decode(kind, value)
    return result


def dumps(value: object) -> str:
    """`encode` as one line of JSON, Chinese kept readable."""
    return json.dumps(encode(value), ensure_ascii=False, sort_keys=True)


def _decode(kind: Any, value: Any) -> Any:
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        inner = [arg for arg in get_args(kind) if arg is not NoneType]
        return None if value is None else _decode(inner[0], value)
    if origin is tuple:
        if not isinstance(value, list):
            raise TypeError("a list was expected")
        return tuple(_decode(get_args(kind)[0], item) for item in value)
    if is_dataclass(kind):
        if not isinstance(value, dict):
            raise TypeError("an object was expected")
        hints = _hints(kind if isinstance(kind, type) else type(kind))
        known = {name: _decode(hints[name], value[name]) for name in hints if name in value}
        return kind(**known)  # type: ignore[operator]
    if kind is datetime:
        return datetime.fromisoformat(value)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kind):
        raise TypeError(f"{kind.__name__} was expected, not {type(value).__name__}")
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    names = {field.name for field in fields(kind)}
    return {name: hint for name, hint in get_type_hints(kind).items() if name in names}
