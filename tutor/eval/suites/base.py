"""The seam between the runner and a suite."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from tutor.errors import ModelError
from tutor.eval import metrics
from tutor.eval.bench import Bench
from tutor.eval.types import Case, Dataset, Floats, Measure, Outcome, Row
from tutor.notes.text import detect_lang

Try = Callable[[Case], Outcome]
Rows = Callable[[Sequence[Outcome]], list[Row]]


class PassedOver:
    """Model errors that the code under test passes over: the case then counts as failed."""

    def __init__(self) -> None:
        self._local = threading.local()  # cases may run side by side

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Keep a model error that leaves the block, and let it go on."""
        try:
            yield
        except ModelError as error:
            self._local.failed = error
            raise

    def check(self) -> None:
        """Raise what this thread passed over since it was last looked at."""
        failed, self._local.failed = getattr(self._local, "failed", None), None
        if failed is not None:
            raise failed


class Suite(Protocol):
    """One kind of evaluation."""

    @property
    def name(self) -> str:
        """Name on the command line."""

    @property
    def parts(self) -> tuple[str, ...]:
        """Source folders whose change makes kept outcomes stale."""

    @property
    def uses_model(self) -> bool:
        """Whether outcomes depend on the language model."""

    def datasets(self, bench: Bench) -> list[Dataset]:
        """All cases, before sampling."""

    def default_limit(self, dataset: Dataset, bench: Bench) -> int | None:
        """Cases at most where ``--limit`` is not given; None for all."""

    def measures(self, dataset: str, outcomes: Sequence[Outcome]) -> Sequence[Measure]:
        """The figures of a data set, by its name and what came of it."""

    def open(self, dataset: Dataset, bench: Bench) -> AbstractContextManager[Try]:
        """Make ready to try cases of a data set."""


def lang_of(row: dict[str, object], text: str) -> str:
    """Language a row states, else that of the text."""
    given = str(row.get("lang") or "")
    return given if given in ("zh", "en") else detect_lang(text)


def value_rows(*names: str) -> Rows:
    """One row an outcome, of these values; what failed is unscored."""

    def rows(outcomes: Sequence[Outcome]) -> list[Row]:
        return [tuple(_number(outcome, name) for name in names) for outcome in outcomes]

    return rows


def kept_rows(name: str) -> Rows:
    """One row for each outcome that has the value at all; null in it is unscored."""

    def rows(outcomes: Sequence[Outcome]) -> list[Row]:
        return [(_number(o, name),) for o in outcomes if o.error or name in o.values]

    return rows


def share_rows(name: str) -> Rows:
    """One row for each entry of a list value."""

    def rows(outcomes: Sequence[Outcome]) -> list[Row]:
        found: list[Row] = []
        for outcome in outcomes:
            if outcome.error:
                found.append((None,))
            found += [
                (None if one is None else float(one),) for one in outcome.values.get(name, ())
            ]
        return found

    return rows


def percentile_of(share: float) -> Callable[[Floats], float | None]:
    """Percentile of the first column."""
    return lambda rows: metrics.percentile(rows[:, 0], share)


def _number(outcome: Outcome, name: str) -> float | None:
    value = outcome.values.get(name)
    return None if value is None else float(value)
