"""What an evaluation is made of: cases go in, outcomes come out, measures make figures of them."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Row = tuple[float | None, ...]
Better = Literal["higher", "lower", ""]


def digest_of(value: object) -> str:
    """SHA-256 (first 16 hex digits) of a JSON value; equal values, equal digest."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to try, with what is known to be right.

    Attributes:
        id: Unique within its data set.
        group: What is drawn together in the bootstrap: usually the question.
        stratum: Kind of case; a limited run takes its share of every kind.
        content: Everything the suite needs, as JSON values.
    """

    id: str
    group: str
    stratum: str
    content: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """Changes when the case does."""
        return digest_of([self.id, self.content])


@dataclass(frozen=True, slots=True)
class Dataset:
    """Cases that are reported together.

    Attributes:
        suite: The suite that runs them.
        name: ``own``, or the name of the outside file.
        cases: What is run, after sampling.
        setup: What all cases share, such as the digest of the passages searched.
        available: How many cases there were before sampling.
    """

    suite: str
    name: str
    cases: tuple[Case, ...]
    setup: Mapping[str, Any] = field(default_factory=dict)
    available: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one case.

    Attributes:
        case_id: The case.
        group: Its group.
        values: JSON values the measures read; empty where the case failed.
        seconds: Time the part under test took.
        evidence: What a reader needs to understand a bad result, a few lines.
        error: Why the case could not be run; empty where it was.
        badness: 0 (right) to 1 (as wrong as can be); orders the worst cases.
    """

    case_id: str
    group: str
    values: Mapping[str, Any]
    seconds: float = 0.0
    evidence: str = ""
    error: str = ""
    badness: float = 0.0


@dataclass(frozen=True, slots=True)
class Measure:
    """How a figure is computed.

    Attributes:
        name: Name of the figure.
        rows: The outcomes of one group as rows of numbers; a row with None is unscored.
        statistic: All scored rows, shape ``(n, columns)``, to the value; None where undefined.
        unit: Unit of the value; empty for a share or a score.
        better: Which direction is an improvement; empty where there is none.
    """

    name: str
    rows: Callable[[Sequence[Outcome]], list[Row]]
    statistic: Callable[[Floats], float | None]
    unit: str = ""
    better: Better = "higher"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its 95 % interval.

    Attributes:
        value: None where nothing was scored; never zero for lack of data.
        scored: Rows the value rests on.
        total: Rows there would be had nothing failed.
    """

    suite: str
    dataset: str
    name: str
    value: float | None
    low: float | None
    high: float | None
    scored: int
    total: int
    unit: str = ""
    better: Better = ""
