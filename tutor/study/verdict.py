"""Whether the notes bear out what a question states."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tutor.notes.types import Span
from tutor.study.claims import ClaimChecker, ClaimResult
from tutor.study.denied import denied_statement, find_denied
from tutor.study.passages import Passage
from tutor.study.premise import Premise, find_premise, split_premise
from tutor.study.wording import as_quoted

_HOLDS, _FAILS = 0.7, 0.35
_FAILS_PRESUPPOSED = 0.3  # nobody asked: correct only what is clearly denied
_MODEL_WEIGHT = 0.8
# Chance of a contradiction from which a reading denies what is asked, or said before a question; and
# of support from which it agrees. Chosen on benchmarks/premise_cases.jsonl.
_DENIES_ASKED, _DENIES_SAID = 0.6, 0.65
_AGREES, _UNDENIED = 0.85, 0.4
_BORNE_OUT = 0.5  # support from which a note's answer outweighs its misconception
_DENIED = 0.1  # support left to a statement that a note calls a misconception
_STATEMENTS = 3  # read of one question
_SAYS_SO = 0.5  # chance of a contradiction from which words deny a statement by themselves


@dataclass(frozen=True, slots=True)
class Stance:
    """What the notes say to a statement.

    Attributes:
        premise: The statement.
        holds: True or False; None where it cannot be told.
        support: Probability that it holds, 0 to 1.
        passage: Index of the note that says so.
        span: The words of that note.
        says_so: Whether these words by themselves tell what is right, so that they can be quoted alone;
            called only where that matters, since it may take a reading.
    """

    premise: Premise
    holds: bool | None
    support: float
    passage: int
    span: Span
    says_so: Callable[[], bool] = lambda: True


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
    judged = list(enumerate(results))
    if denial := _misconceived(premise, passages, [premise.text] * len(passages), judged):
        return denial
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


def read_stance(question: str, passages: Sequence[Passage], checker: ClaimChecker) -> Stance | None:
    """Compare what a question states with the notes, by a checker that reads them.

    Args:
        question: As it stands alone.
        passages: The notes, best first.
        checker: Reads claims (`ClaimChecker.reads`).

    Returns:
        None where the question states nothing.
    """
    premise = find_premise(question)
    if premise is None:
        return None
    texts = split_premise(premise)[:_STATEMENTS]
    judged = [
        (index, result)
        for index, passage in enumerate(passages)
        for result in checker.check_all(texts, passage.note.answer)
    ]
    if (denial := _misconceived(premise, passages, texts * len(passages), judged)) is not None:
        return denial
    denies = _DENIES_ASKED if premise.asked else _DENIES_SAID
    at = max(range(len(judged)), key=lambda i: judged[i][1].contradiction)
    index, worst = judged[at]
    if worst.contradiction >= denies:
        words = as_quoted(worst.span.of(passages[index].note.answer))

        def says_so() -> bool:
            alone = checker.check(texts[at % len(texts)], words)
            return alone.contradiction >= _SAYS_SO

        return Stance(premise, False, 1 - worst.contradiction, index, worst.span, says_so)
    index, best = max(judged[:: len(texts)], key=lambda pair: pair[1].support)
    agrees = best.support >= _AGREES and worst.contradiction < _UNDENIED
    return Stance(premise, True if agrees else None, best.support, index, best.span)


def _misconceived(
    premise: Premise,
    passages: Sequence[Passage],
    texts: Sequence[str],
    judged: Sequence[tuple[int, ClaimResult]],
) -> Stance | None:
    """The denial of a statement that a note names as a misconception and its answer does not bear out.

    Args:
        premise: The statement.
        passages: The notes.
        texts: The statement, or a clause of it, of each judgement.
        judged: Index of a note, and what its answer says to the text.
    """
    for text, (index, result) in zip(texts, judged, strict=True):
        passage = passages[index]
        denied = find_denied(passage.text)
        span = denied_statement(text, passage.text, denied)
        if span is None or result.support > max(result.contradiction, _BORNE_OUT):
            continue
        exact = denied_statement(text, passage.text, denied, exactly=True) is not None
        if not exact and result.support > result.contradiction:
            continue
        whole = next((s for s in passage.spans if s.start <= span.start < s.end), span)
        return Stance(premise, False, _DENIED, index, whole)
    return None


def _nearness(result: ClaimResult) -> float:
    return result.support + result.contradiction
