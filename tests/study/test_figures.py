"""The figures count what they say, with a judge that looks for the claim's words."""

import pytest

from tutor.notes.types import Span
from tutor.study.figures import (
    Share,
    citation_precision,
    citation_recall,
    cited_words,
    claim_support,
    false_premise_corrected,
)
from tutor.study.types import Answer, Citation, Claim

CITED = (
    Citation(1, "n", Span(0, 1), "甲 乙"),
    Citation(2, "n", Span(1, 2), "丙"),
)


def judge(claim: str, source: str) -> bool:
    return all(word in source for word in claim.split())


def reply(*claims: Claim, **more: object) -> Answer:
    return Answer("q", "q", "t", claims, CITED, written_by="llm", **more)  # type: ignore[arg-type]


def test_support_counts_dropped_claims_before_and_only_shown_ones_after() -> None:
    answer = reply(
        Claim("甲", (1,), "supported", 0.9),
        Claim("丁", (), "unsupported", 0.1, shown=False),
    )
    assert claim_support([answer], judge, cited_words, shown_only=False) == Share(1, 2)
    assert claim_support([answer], judge, cited_words, shown_only=True) == Share(1, 1)


def test_recall_joins_the_citations_of_a_claim() -> None:
    answer = reply(Claim("甲 丙", (1, 2), "supported", 0.9), Claim("丁", (2,), "supported", 0.9))
    assert citation_recall([answer], judge) == Share(1, 2)


@pytest.mark.parametrize(
    ("claim", "numbers", "share"),
    [
        ("甲 丙", (1, 2), Share(2, 2)),  # both are needed
        ("甲", (1, 2), Share(1, 2)),  # the second adds nothing
        ("丁", (1, 2), Share(0, 2)),  # nothing supports it
    ],
)
def test_precision_counts_the_citations_that_are_needed(
    claim: str, numbers: tuple[int, ...], share: Share
) -> None:
    answer = reply(Claim(claim, numbers, "supported", 0.9))
    assert citation_precision([answer], judge) == share


def test_a_refusal_counts_nothing_and_no_share_is_no_number() -> None:
    refused = reply(Claim("丁", (1,), "supported", 0.9), refused=True)
    assert citation_recall([refused], judge).value is None
    assert not false_premise_corrected(refused, ["甲"], [], judge)


@pytest.mark.parametrize(
    ("text", "right"),
    [("不对，甲", True), ("甲，乙也对", False), ("丙", False)],
)
def test_a_premise_is_corrected_by_the_right_words_without_the_wrong_ones(
    text: str, right: bool
) -> None:
    answer = Answer("q", "q", text)
    assert false_premise_corrected(answer, ["甲"], ["乙"], judge) is right
