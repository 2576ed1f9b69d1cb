"""Whether the notes bear out what a question states."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tutor.notes.types import Span
from tutor.study.claims import ClaimChecker, ClaimResult
from tutor.study.passages import Passage
from tutor.study.premise import Premise

_HOLDS, _FAILS = 0.7, 0.35
_FAILS_PRESUPPOSED = 0.3  # nobody asked: correct only what is clearly denied
_MODEL_WEIGHT = 0.8


@dataclass(frozen=True, slots=True)
class Stance:
    """What the notes say to a statement.

    Attributes:
        premise: The statement.
        holds: True or False; None where it cannot be told.
        support: Probability that it holds, 0 to 1.
        passage: Index of the note that says so.
        span: The words of that note.
    """

    premise: Premise
    holds: bool | None
    support: float
    passage: int
    span: Span


def judge_premise(
    premise: Premise,
    passages: Sequence[Passage],
    checker: ClaimChecker,
    context: Sequence[str] | None = None,
    lang: str = "zh",
) -> Stance:
    """Compare a statement with the notes, by measures and, where there is one, by the model.

    Args:
        premise: The statement.
        passages: The notes, best first.
        checker: Judges claims.
        context: The notes as the model's prompt shows them; None leaves the model out.
        lang: Language of that prompt.
    """
    results = [checker.measure_one(premise.text, p.note.answer) for p in passages]
    index = max(range(len(results)), key=lambda i: _nearness(results[i]))
    result = results[index]
    support = result.support / max(result.support + result.contradiction, 1e-6)
    certain = False
    odds = checker.odds(premise.text, context, lang) if context else None
    if odds is not None:
        own = math.log(max(support, 1e-3) / max(1 - support, 1e-3))
        support = 1 / (1 + math.exp(-(0.5 * own + _MODEL_WEIGHT * odds)))
        certain = True
    fails = _FAILS if premise.asked else _FAILS_PRESUPPOSED
    holds: bool | None = None
    if support >= _HOLDS:
        holds = True
    elif support <= fails and (certain or result.contradiction > 0.4):
        holds = False
    return Stance(premise, holds, support, index, result.span)


def _nearness(result: ClaimResult) -> float:
    return result.support + result.contradiction
