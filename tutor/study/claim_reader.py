"""Claims read by the language model's hidden state, beside the measures of `tutor.study.measures`.

All claims about a source share the examples and the source, which the engine reads once. A long
source is cut down to the sentences nearest to the claim, so that a reading stays a matter of
seconds.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from tutor.llm import prompts
from tutor.llm.odds import log_odds, sigmoid
from tutor.llm.readout import Readout, parse_readout
from tutor.llm.types import StateReader
from tutor.notes.text import detect_lang
from tutor.search.types import Encoder
from tutor.study.measures import Source

JOINED_NAMES = ("measured_support", "measured_denial", "read_supported", "read_contradicted")
_TOKENS = 330  # of a source that is read whole or in part
_PARTS = re.compile(
    r"[,;，；、]|\b(?:and|which|who|where|but|after|before|because|while|when)\b|并且|而且|但|因为|所以"
)
_LEAST_PART = {"zh": 8, "en": 15}  # signs of a part that can be looked for by itself
_REMEMBERED = 256
_BOUND = 1e-4  # how far from 0 and 1 the measures' probabilities are kept


CLAIMS, STATEMENTS = (
    ("readout.json", "joint_weights.json"),
    ("statement_readout.json", "statement_weights.json"),
)
"""Fitted files: for claims about any source, and for what learners state about their notes."""
CUT = "cut_weights.json"
"""As the second of `CLAIMS`, for sources of which only part is read."""


@lru_cache(maxsize=2)
def load_readout(name: str = CLAIMS[0]) -> Readout:
    """A readout that ships with the product."""
    return parse_readout((files("tutor.study") / name).read_text(encoding="utf-8"))


class ClaimReader:
    """Reads what a source says of claims.

    Args:
        model: Runs the model file that the readout was fitted on.
        readout: The fitted readout; the shipped one for claims by default.
        joint: How it joins the measures; the shipped one for claims by default.
        cut: The same where only part of a source is read, which bears out less of a claim;
            ``joint`` where that is given, else the shipped one.
    """

    def __init__(
        self,
        model: StateReader,
        readout: Readout | None = None,
        joint: "Joint | None" = None,
        cut: "Joint | None" = None,
    ) -> None:
        self._model = model
        self._joint = joint or load_joint()
        self._cut = cut or joint or load_joint(CUT)
        self._readout = readout or load_readout()
        self._known: dict[tuple[str, str], dict[str, float]] = {}

    def read(self, claims: Sequence[str], source: str) -> list[dict[str, float]]:
        """Log-odds that the source ``supported`` or ``contradicted`` each claim; remembered.

        Raises:
            ModelError: The model could not be read.
        """
        new = [claim for claim in dict.fromkeys(claims) if (claim, source) not in self._known]
        if new:
            stem = prompts.claim_stem(source)
            tails = [prompts.claim_tail(claim) for claim in new]
            found = self._readout.read(self._model, prompts.CLAIM_EXAMPLES, stem, tails)
            for claim, odds in zip(new, found, strict=True):
                if len(self._known) >= _REMEMBERED:
                    self._known.pop(next(iter(self._known)))
                self._known[claim, source] = odds
        return [self._known[claim, source] for claim in claims]

    def shares(
        self, measured: tuple[float, float], read: dict[str, float], *, whole: bool
    ) -> tuple[float, float]:
        """Probabilities of support and of contradiction; together at most 1.

        Args:
            measured: The same two by the measures alone.
            read: Log-odds from `read`.
            whole: Whether all of the source was read.
        """
        return (self._joint if whole else self._cut).shares(joined_row(*measured, read))


def statement_reader(model: StateReader) -> ClaimReader:
    """A reader of what learners state about notes, fitted on claims about notes as well."""
    return ClaimReader(model, load_readout(STATEMENTS[0]), load_joint(STATEMENTS[1]))


def nearest_text(source: Source, claim: str, encoder: Encoder) -> str:
    """The source, or the sentences of a long one that are nearest to a claim, in their order.

    The claim and each of its parts choose in turn: what bears out a claim of several facts often
    stands far apart, and the sentences nearest to the whole of it may all be about one of them.
    """
    if prompts.about_tokens(source.text) <= _TOKENS:
        return source.text
    sentences = (len(source.spans) + 1) // 2  # they stand first, then neighbours two by two
    spans = source.spans[:sentences]
    vectors = encoder.encode(split_claim(claim), side="query")
    orders = np.argsort(-(vectors @ source.vectors[:sentences].T), axis=1, kind="stable")
    kept: list[int] = []
    room = _TOKENS
    for number in _in_turn(orders.tolist()):
        cost = prompts.about_tokens(spans[number].of(source.text))
        if kept and cost > room:
            continue
        kept.append(number)
        room -= cost
    return " ".join(spans[number].of(source.text).strip() for number in sorted(kept))


def _in_turn(orders: Sequence[Sequence[int]]) -> Iterator[int]:
    """Each number once: the orders give, one after the other, their next that was not given yet."""
    given: set[int] = set()
    waiting = [iter(order) for order in orders]
    while waiting:
        for order in tuple(waiting):
            number = next((number for number in order if number not in given), None)
            if number is None:
                waiting.remove(order)
                continue
            given.add(number)
            yield number


def split_claim(claim: str) -> tuple[str, ...]:
    """A claim, then its parts where it has several."""
    least = _LEAST_PART[detect_lang(claim)]
    parts = [part.strip() for part in _PARTS.split(claim)]
    parts = [part for part in parts if len(part) >= least]
    return (claim, *parts) if len(parts) > 1 else (claim,)


@dataclass(frozen=True, slots=True)
class Joint:
    """Logistic models over `JOINED_NAMES`, one a label of ``supported`` and ``contradicted``."""

    coefficients: NDArray[np.float64]
    intercepts: NDArray[np.float64]

    def shares(self, row: NDArray[np.float64]) -> tuple[float, float]:
        """Probabilities of support and of contradiction; together at most 1."""
        support, denial = sigmoid(self.coefficients @ row + self.intercepts)
        over = max(float(support + denial), 1.0)
        return float(support) / over, float(denial) / over


@lru_cache(maxsize=3)
def load_joint(name: str = CLAIMS[1]) -> Joint:
    """Weights that ship with the product; `benchmarks/fit_claims.py` fits them."""
    text = (files("tutor.study") / name).read_text(encoding="utf-8")
    held = json.loads(text)
    if tuple(held["names"]) != JOINED_NAMES:
        raise ValueError(f"{name} was fitted for other measures; fit it again")
    return Joint(np.array(held["coefficients"]), np.array(held["intercepts"]))


def joined_row(support: float, denial: float, read: dict[str, float]) -> NDArray[np.float64]:
    """The row of `JOINED_NAMES`: what measures and reading say of a claim."""
    measured = [log_odds(share, _BOUND) for share in (support, denial)]
    return np.array([*measured, read["supported"], read["contradicted"]])
