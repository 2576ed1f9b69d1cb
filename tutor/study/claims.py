"""Does a source support a claim: a calibrated judgement from measures, and a model where unsure.

Two forms of claim are known: a statement, and a question with its answer (``问：… 答：…``), where
the answer itself must stand in the source, near words of the question.
"""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
from langchain_core.language_models import BaseChatModel
from numpy.typing import NDArray

from tutor.errors import ModelError
from tutor.llm import prompts
from tutor.llm.types import ChoiceReader
from tutor.notes.text import detect_lang, normalise
from tutor.notes.types import Span
from tutor.search.gate import gate
from tutor.search.named import find_absent
from tutor.search.types import Encoder
from tutor.study.claim_reader import ClaimReader, nearest_text
from tutor.study.clash import miscounts
from tutor.study.denied import denied_statement, find_denied
from tutor.study.measures import NAMES, Source, measure_vector, read_source
from tutor.study.pairs import check_pair, holds_alike, read_pair
from tutor.study.subjects import lost_subjects
from tutor.study.units import STOP_EN
from tutor.study.verbatim import find_verbatim

LABELS = ("supported", "unsupported", "contradicted")
SUPPORTED = 0.5
"""Least support of a claim that counts as supported."""
_UNSURE = (0.04, 0.9)
_JUST_OVER = 0.51  # the gate decides, at a threshold of its own
_NOT_OFF = 0.1  # chance of an answer below which a source speaks of something else
_DISCREDITED = 0.1  # support left to a claim with a number or subject the source does not give it
_TAKEN_OVER = 0.98  # support of a claim in the source's own words
_DENIED = 0.9  # chance of a contradiction where the source calls the claim a misconception
_REMEMBERED = 64  # sources, and the model's readings of claims


@dataclass(frozen=True, slots=True)
class ClaimResult:
    """What the source says about a claim.

    Attributes:
        label: ``supported``, ``unsupported`` or ``contradicted``.
        support: Calibrated probability that the source supports it, 0 to 1.
        contradiction: Calibrated probability that the source denies it, 0 to 1.
        span: The words of the source that it was compared with.
        judge: ``rule``, ``measures`` or ``llm``.
    """

    label: str
    support: float
    contradiction: float
    span: Span
    judge: str = "measures"


@dataclass(frozen=True)
class Weights:
    """A fitted multinomial logistic regression over `NAMES`; rows are `LABELS`."""

    coefficients: NDArray[np.float64]
    intercepts: NDArray[np.float64]

    def probabilities(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probability of each label."""
        logits = self.coefficients @ values + self.intercepts
        shifted = np.exp(logits - logits.max())
        return np.asarray(shifted / shifted.sum(), dtype=np.float64)


@lru_cache(maxsize=1)
def load_weights() -> Weights:
    """The weights that ship with the package; `benchmarks/fit_claims.py` fits them."""
    text = (files("tutor.study") / "claims_weights.json").read_text(encoding="utf-8")
    held = json.loads(text)
    if tuple(held["names"]) != NAMES or tuple(held["labels"]) != LABELS:
        raise ValueError("claims_weights.json was fitted for other measures; fit it again")
    return Weights(np.array(held["coefficients"]), np.array(held["intercepts"]))


class ClaimChecker:
    """Checks claims against sources.

    Args:
        encoder: Embedding model.
        model: Asked yes or no about claims the measures are unsure of, if it is a `ChoiceReader`.
        reader: Reads claims by the hidden state of the embedded model; goes before ``model``.
    """

    def __init__(
        self,
        encoder: Encoder,
        model: BaseChatModel | None = None,
        *,
        reader: ClaimReader | None = None,
    ) -> None:
        self._encoder = encoder
        self._reader = reader
        self._model = model if isinstance(model, ChoiceReader) else None
        self._sources: dict[str, Source] = {}
        self._odds: dict[tuple[str, ...], float | None] = {}

    @property
    def reads(self) -> bool:
        """Whether claims are read by hidden state."""
        return self._reader is not None

    def check(self, claim: str, source: str, question: str = "") -> ClaimResult:
        """Check one claim; see `check_all`."""
        return self.check_all([claim], source, question)[0]

    def check_all(
        self,
        claims: Sequence[str],
        source: str,
        question: str = "",
        *,
        context: Sequence[str] | None = None,
        lang: str = "",
    ) -> list[ClaimResult]:
        """Check claims against one source.

        Args:
            claims: Statements, or questions with their answers (``问：… 答：…``).
            source: The text that must support them.
            question: What was asked; its words are not held against a claim.
            context: The notes as an earlier prompt showed them, so that the model need not read
                them again; the source itself by default.
            lang: Language of that prompt; the source's by default.
        """
        denied = find_denied(source)
        read = self._read(source)
        if not claims or not read.spans:
            return [ClaimResult("unsupported", 0.0, 0.0, Span(0, 0), "rule") for _ in claims]
        vectors = self._encoder.encode([_as_statement(claim) for claim in claims], side="query")
        results = [
            self._judge(claim, vector, read, question, context or [source], lang)
            for claim, vector in zip(claims, vectors, strict=True)
        ]
        return [
            _taken_back(result, claim, source, denied)
            for claim, result in zip(claims, results, strict=True)
        ]

    def measure_one(self, claim: str, source: str) -> ClaimResult:
        """`check` by the measures alone."""
        read = self._read(source)
        if not read.spans:
            return ClaimResult("unsupported", 0.0, 0.0, Span(0, 0), "rule")
        vector = self._encoder.encode([claim], side="query")[0]
        return _by_measures(claim, vector, read, "")

    def _read(self, source: str) -> Source:
        if source not in self._sources:
            if len(self._sources) > _REMEMBERED:
                self._sources.pop(next(iter(self._sources)))
            self._sources[source] = read_source(source, self._encoder)
        return self._sources[source]

    def _judge(
        self,
        claim: str,
        vector: NDArray[np.float32],
        source: Source,
        question: str,
        context: Sequence[str],
        lang: str,
    ) -> ClaimResult:
        pair = read_pair(claim)
        if pair:
            held = check_pair(*pair, source)
            denial = (1 - held.support) * self._answers_otherwise(*pair, source)
            label = _label(held.support, denial)
            return ClaimResult(label, held.support, denial, held.span, "rule")
        verbatim = find_verbatim(claim, source.text)
        if verbatim is not None:
            return ClaimResult("supported", _TAKEN_OVER, 0.0, verbatim, "rule")
        if miscounts(claim, f"{source.text}\n{question}") or _invents(claim, source, question):
            return _discredited(_by_measures(claim, vector, source, question))
        result = _by_measures(claim, vector, source, question)
        if lost_subjects(claim, source.text, result.span, question):
            return _discredited(result)
        read = self._read_claim(claim, source, result)
        if read is not None:
            support, denial = read
            return ClaimResult(_label(support, denial), support, denial, result.span, "llm")
        if self._model is not None and _UNSURE[0] < result.support < _UNSURE[1]:
            asked = self.odds(claim, context, lang or detect_lang(source.text))
            if asked is not None:
                support = _mix(result.support, asked)
                denial = result.contradiction * (1 - support) / (1 - result.support)
                label = _label(support, denial)
                return ClaimResult(label, support, denial, result.span, "llm")
        return result

    def _answers_otherwise(self, asked: str, said: str, source: Source) -> float:
        """Probability that a source answers a question, though not with this answer."""
        found = gate(asked, [source.text], self._encoder)
        alike = holds_alike(said, source.text)
        answered = found.answerable if alike is None else alike and found.probability >= _NOT_OFF
        return max(found.probability, _JUST_OVER) if answered else 0.0

    def _read_claim(
        self, claim: str, source: Source, measured: ClaimResult
    ) -> tuple[float, float] | None:
        """Support and contradiction by reading and measures; None without a reader that works."""
        if self._reader is None:
            return None
        try:
            text = nearest_text(source, claim, self._encoder)
            read = self._reader.read([claim], text)[0]
        except ModelError:
            return None
        by_measures = (measured.support, measured.contradiction)
        return self._reader.shares(by_measures, read, whole=text == source.text)

    def odds(self, claim: str, notes: Sequence[str], lang: str) -> float | None:
        """The model's log-odds that the notes say so; None without a model that can be read."""
        if self._model is None:
            return None
        key = (claim, lang, *notes)
        if key not in self._odds:
            if len(self._odds) > _REMEMBERED:
                self._odds.pop(next(iter(self._odds)))
            self._odds[key] = _read_odds(self._model, claim, notes, lang)
        return self._odds[key]


def _read_odds(model: ChoiceReader, claim: str, notes: Sequence[str], lang: str) -> float | None:
    yes, no = prompts.CLAIM_CHOICES[lang]
    try:
        read = model.choice_logprobs(prompts.claim_supported(claim, notes, lang), (yes, no))
    except ModelError:
        return None
    return read[yes] - read[no]


def _invents(claim: str, source: Source, question: str) -> bool:
    """Whether a claim names a thing that neither source nor question speaks of."""
    if detect_lang(claim) != detect_lang(source.text):
        return False  # a name may well be written otherwise in the other language
    spoken = [source.text, question]
    absent = find_absent(claim, spoken).names
    return any(not _short_for(name, claim, " ".join(spoken)) for name in absent)


def _short_for(name: str, claim: str, spoken: str) -> bool:
    """Whether a claim gives a name in brackets as the initials of words before it that are spoken of.

    "National Air and Space Museum (NASM)" over a source that names the museum in full.
    """
    before, bracket, _ = normalise(claim).partition(f"({name})")
    if not bracket:
        return False
    letters = name.lower().removesuffix("s")
    held = set(re.findall(r"[^\W\d_]+", normalise(spoken).lower()))
    for small in (True, False):  # "DoD" counts the small words, "NASM" does not
        words = re.findall(r"[^\W\d_]+", before.lower())
        words = [word for word in words if small or word not in STOP_EN][-len(letters) :]
        if "".join(word[0] for word in words) == letters and held.issuperset(words):
            return True
    return False


def _by_measures(
    claim: str, vector: NDArray[np.float32], source: Source, question: str
) -> ClaimResult:
    measured = measure_vector(claim, vector, source, given=question)
    chances = load_weights().probabilities(measured.values)
    support, denial = float(chances[0]), float(chances[2])
    return ClaimResult(_label(support, denial), support, denial, measured.window)


def _taken_back(
    result: ClaimResult, claim: str, source: str, denied: Sequence[Span]
) -> ClaimResult:
    """Contradicted where the source holds the claim as a misconception only."""
    span = denied_statement(claim, source, denied, exactly=True)
    if span is None or result.support >= _TAKEN_OVER:
        return result
    denial = max(result.support, result.contradiction, _DENIED)
    return ClaimResult(LABELS[2], 1 - denial, denial, span, "rule")


def _discredited(result: ClaimResult) -> ClaimResult:
    """A wrong number or subject makes a claim wrong, however near the rest; no model is asked."""
    support = min(result.support, _DISCREDITED)
    denial = max(result.contradiction, (1 - support) * result.support)
    return ClaimResult(_label(support, denial), support, denial, result.span, "rule")


def _as_statement(claim: str) -> str:
    pair = read_pair(claim)
    return " ".join(pair) if pair else claim


def _mix(support: float, odds: float) -> float:
    own = math.log(support / (1 - support))
    return 1 / (1 + math.exp(-(own + 0.5 * max(-4.0, min(4.0, odds)))))


def _label(support: float, denial: float) -> str:
    if support >= SUPPORTED:
        return "supported"
    return "contradicted" if denial > 1 - support - denial else "unsupported"
