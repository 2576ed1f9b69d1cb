"""Figures of real replies, as pure functions; who judges support is an argument.

Judged by the checker that also filters the replies, support after the check would be 1 by
construction: give a judge that is independent of it (people's labels, a larger model), or say so.
Citation recall and precision follow Gao et al., "Enabling Large Language Models to Generate Text
with Citations", EMNLP, 2023 (ALCE).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tutor.study.types import Answer, Claim

Judge = Callable[[str, str], bool]
"""Whether a source (second) supports a claim (first)."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share with what it was counted over; ``value`` is None where there was nothing to count."""

    hits: int
    total: int

    @property
    def value(self) -> float | None:
        """The share, 0 to 1."""
        return self.hits / self.total if self.total else None

    def __add__(self, other: "Share") -> "Share":
        return Share(self.hits + other.hits, self.total + other.total)


def cited_words(answer: Answer, claim: Claim, *, without: int = 0) -> str:
    """The note words a claim cites, joined; ``without`` leaves one citation out."""
    quotes = {citation.number: citation.quote for citation in answer.citations}
    numbers = [n for n in claim.citations if n != without and n in quotes]
    return "\n".join(quotes[n] for n in numbers)


def written_claims(answer: Answer, *, shown_only: bool) -> list[Claim]:
    """The model's claims, all or those shown; none for a refusal.

    Where the model's whole reply was dropped, the note's own words were shown in its place; they
    count among the shown claims and not among the written ones.
    """
    if answer.refused:
        return []
    if answer.written_by == "note":
        return [claim for claim in answer.claims if claim.shown == shown_only]
    return [claim for claim in answer.claims if claim.shown or not shown_only]


def claim_support(
    answers: Sequence[Answer],
    judge: Judge,
    source: Callable[[Answer, Claim], str],
    *,
    shown_only: bool,
) -> Share:
    """Share of claims that their source supports.

    Args:
        answers: Replies; refusals count nothing.
        judge: Decides.
        source: The text a claim is held against: its cited words, or the notes that were read.
        shown_only: False counts everything the model wrote (before the check), True what the
            learner saw (after it).
    """
    share = Share(0, 0)
    for answer in answers:
        for claim in written_claims(answer, shown_only=shown_only):
            share += Share(int(judge(claim.text, source(answer, claim))), 1)
    return share


def citation_recall(answers: Sequence[Answer], judge: Judge) -> Share:
    """Share of shown claims that the words they cite, taken together, support."""
    return claim_support(answers, judge, cited_words, shown_only=True)


def citation_precision(answers: Sequence[Answer], judge: Judge) -> Share:
    """Share of citations that are relevant.

    A citation is irrelevant where its claim is not supported by all its citations together, or
    where it alone does not support the claim and the others do without it.
    """
    share = Share(0, 0)
    for answer in answers:
        for claim in written_claims(answer, shown_only=True):
            whole = bool(claim.citations) and judge(claim.text, cited_words(answer, claim))
            for number in claim.citations:
                share += Share(int(whole and _needed(answer, claim, number, judge)), 1)
    return share


def _needed(answer: Answer, claim: Claim, number: int, judge: Judge) -> bool:
    quote = next((c.quote for c in answer.citations if c.number == number), "")
    if judge(claim.text, quote):
        return True
    rest = cited_words(answer, claim, without=number)
    return not (rest and judge(claim.text, rest))


def false_premise_corrected(
    answer: Answer,
    must_say: Sequence[str],
    must_not_say: Sequence[str],
    states: Judge,
) -> bool:
    """Whether a reply to a false premise sets it right.

    Args:
        answer: The reply.
        must_say: Statements, one of which sets it right.
        must_not_say: Statements, each of which goes along with it.
        states: Whether a text (second) states a statement (first).
    """
    if answer.refused:
        return False
    right = any(states(statement, answer.text) for statement in must_say)
    return right and not any(states(statement, answer.text) for statement in must_not_say)
