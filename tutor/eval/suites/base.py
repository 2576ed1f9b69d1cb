"""The seam between the runner and a suite."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from tutor.eval.bench import Bench
from tutor.eval.types import Case, Dataset, Measure, Outcome

Try = Callable[[Case], Outcome]


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

    def measures(self, dataset: Dataset) -> Sequence[Measure]:
        """The figures of a data set."""

    def open(self, dataset: Dataset, bench: Bench) -> AbstractContextManager[Try]:
        """Make ready to try cases of a data set."""


def lang_of(row: dict[str, object], text: str) -> str:
    """Language a row states, else that of the text."""
    from tutor.notes.text import detect_lang

    given = str(row.get("lang") or "")
    return given if given in ("zh", "en") else detect_lang(text)
