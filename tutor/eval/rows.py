"""Rows of other people's files, read with care: a bad row is told and left unscored, never guessed."""

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tutor.errors import EvalError
from tutor.eval.types import Case

RowDict = dict[str, Any]
BAD_LINE = "unreadable_line"
_YES = ("true", "yes", "1", "是")
_NO = ("false", "no", "0", "否")


def need(row: RowDict, *names: str) -> None:
    """Refuse a row that lacks a field, or was no JSON object to begin with.

    Raises:
        EvalError: It does.
    """
    if BAD_LINE in row:
        raise _bad(row, str(row[BAD_LINE]))
    missing = [name for name in names if row.get(name) is None]
    if missing:
        raise EvalError(
            f"Row {row.get('id', '?')} lacks {', '.join(missing)}; see evals/README.md for the "
            "row formats.",
            f"数据行 {row.get('id', '?')} 缺少 {'、'.join(missing)}；格式见 evals/README.md。",
        )


def _bad(row: RowDict, why: str) -> EvalError:
    name = row.get("id", "?")
    return EvalError(
        f"Row {name}: {why}; see evals/README.md for the row formats.",
        f"数据行 {name}：{why}；格式见 evals/README.md。",
    )


def text_of(row: RowDict, name: str) -> str:
    """A text field; a number is taken as its digits.

    Raises:
        EvalError: It is missing or no text.
    """
    need(row, name)
    value = row[name]
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _bad(row, f"{name} is not a text")
    return str(value)


def texts_of(row: RowDict, name: str) -> list[str]:
    """A field that is a text or a list of texts, as a list.

    Raises:
        EvalError: It is missing or something else.
    """
    need(row, name)
    values = row[name] if isinstance(row[name], list) else [row[name]]
    return [text_of({**row, name: value}, name) for value in values]


def number_of(row: RowDict, name: str) -> float:
    """A finite number, also where it is written as a text.

    Raises:
        EvalError: It is missing or no finite number.
    """
    need(row, name)
    try:
        value = float(row[name])
    except (TypeError, ValueError) as error:
        raise _bad(row, f"{name} is not a number") from error
    if not math.isfinite(value):
        raise _bad(row, f"{name} is not a finite number")
    return value


def flag_of(row: RowDict, name: str) -> bool:
    """A yes or no, also where it is written as 0, 1 or a word.

    Raises:
        EvalError: It is missing or neither.
    """
    word = text_of({**row, name: str(row.get(name))}, name).strip().lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise _bad(row, f"{name} is neither true nor false")


def label_of(row: RowDict, value: object, names: Mapping[str, Sequence[str]]) -> str:
    """One of our labels, also where it is written in another common way.

    Args:
        row: The row, for the message.
        value: What stands there; of a list of votes the one named most often.
        names: Our labels, each with other ways to write it.

    Raises:
        EvalError: It is none of them.
    """
    votes = value if isinstance(value, list) else [value]
    read = [str(vote).strip().lower().replace(" ", "_").replace("-", "_") for vote in votes]
    counts = {
        ours: sum(word == ours or word in others for word in read) for ours, others in names.items()
    }
    best = max(counts.values(), default=0)
    winners = [ours for ours, count in counts.items() if count == best]
    if not best or len(winners) > 1:
        raise _bad(row, f"the label {value!r} is none of {', '.join(names)}")
    return winners[0]


def read_cases(
    rows: Sequence[RowDict], make: Callable[[RowDict], Case | None], *, own: bool = False
) -> list[Case]:
    """Each row as a case; one that cannot be read becomes a case that says so and is unscored.

    Args:
        rows: Rows of one file, in order.
        make: A row to its case; None leaves the row out on purpose.
        own: Our own rows must be right.

    Raises:
        EvalError: A row of our own cannot be read.
    """
    found = []
    for number, given in enumerate(rows, start=1):
        row = {**given, "id": given.get("id", f"row-{number}")}
        try:
            case = make(row)
        except EvalError as error:
            if own:
                raise
            content = {"unreadable": [error.en, error.zh]}
            case = Case(str(row["id"]), str(row["id"]), "unreadable", content)
        if case is not None:
            found.append(case)
    return found


def digest_group(text: str) -> str:
    """A group for rows that name none: rows with the same text belong together."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]
