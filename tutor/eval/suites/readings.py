"""Replies that readers judged: what they said holds as long as the tutor says the same words.

Replies in the notes' own words are the same on every machine. A reply that changed has no reading any
more, which is seen in ``scored`` of the figure, until somebody reads it (evals/README.md).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tutor.errors import EvalError
from tutor.eval.cases import need, own_files

READINGS = "readings"


def readings_by_id(folder: Path | None = None) -> dict[str, list[dict[str, Any]]]:
    """Readings of replies by the question's id.

    Args:
        folder: Folder of our own cases, if not the shipped one.

    Raises:
        EvalError: A row lacks a field, or says of a premise something else than 2 (set right), 1
            (half), 0 (left) or -1 (gone along with).
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for file in own_files(READINGS, folder):
        for row in file.rows:
            need(row, "id", "reply", "corrected")
            if row["corrected"] not in (2, 1, 0, -1):
                raise EvalError(
                    f"The reading of {row['id']} says corrected = {row['corrected']!r}; "
                    "2, 1, 0 or -1 is known.",
                    f"{row['id']} 的判读写着 corrected = {row['corrected']!r}；只能是 2、1、0 或 -1。",
                )
            found.setdefault(str(row["id"]), []).append(row)
    return found


def find_reading(readings: Sequence[Mapping[str, Any]], reply: str) -> Mapping[str, Any] | None:
    """The reading of this very reply, spaces aside; None if nobody read it."""
    words = reply.split()
    return next((one for one in readings if str(one["reply"]).split() == words), None)
