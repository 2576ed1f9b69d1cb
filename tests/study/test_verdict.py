"""What a checker that reads makes of statements in questions."""

from dataclasses import replace

import pytest

from tests.fakes import ScriptedStates, WordEmbedder
from tests.study.test_claim_reader import PLAIN
from tests.study.values import BATCHNORM, note
from tutor.notes.types import Span
from tutor.study.answering import opening_of
from tutor.study.claim_reader import ClaimReader
from tutor.study.claims import ClaimChecker
from tutor.study.compose import Citations
from tutor.study.finding import Task
from tutor.study.passages import read_passage
from tutor.study.verdict import Stance, read_stance

HELD, DENIED, OPEN = (8.0, -8.0), (-8.0, 8.0), (-8.0, -8.0)


def stance(question: str, *states: tuple[float, float], misconception: str = "") -> Stance | None:
    encoder = WordEmbedder()
    checker = ClaimChecker(encoder, reader=ClaimReader(ScriptedStates().enqueue(*states), PLAIN))
    assert checker.reads
    held = replace(note("bn", "批归一化用什么统计量？", BATCHNORM), misconception=misconception)
    passage = read_passage(held, question, encoder)
    return read_stance(question, [passage], checker)


@pytest.mark.parametrize(
    ("state", "holds"),
    [(HELD, True), (DENIED, False), (OPEN, None)],
    ids=["held", "denied", "open"],
)
def test_a_statement_is_held_denied_or_left_open(
    state: tuple[float, float], holds: bool | None
) -> None:
    found = stance("批归一化推理时总是用当前批的统计量，对吗？", state)
    assert found is not None
    assert found.holds is holds


def test_one_wrong_clause_is_enough() -> None:
    asked = "批归一化训练时用当前批的统计量，所以推理时也用当前批的统计量，对吗？"
    found = stance(asked, OPEN, HELD, DENIED)
    assert found is not None
    assert found.holds is False


@pytest.mark.parametrize(("alone", "quoted_first"), [(DENIED, True), (OPEN, False)])
def test_words_that_do_not_deny_by_themselves_are_not_put_before_those_that_answer(
    alone: tuple[float, float], *, quoted_first: bool
) -> None:
    question = "批归一化推理时总是用当前批的统计量，对吗？"
    found = stance(question, DENIED, alone)
    assert found is not None
    assert found.says_so() is quoted_first
    passage = read_passage(note("bn", "?", BATCHNORM), question, WordEmbedder())
    task = Task(question, question, "zh", "", (passage,), (), 0.9, ())
    elsewhere = [Span(found.span.end, len(BATCHNORM))]
    opening = opening_of(found, task, Citations(), elsewhere)
    assert opening.startswith(
        "不对，笔记的说法不同：“" if quoted_first else "不对，笔记的说法不同：\n"
    )
    # Where nothing else is quoted, the words stand there all the same.
    assert opening_of(found, task, Citations()).startswith("不对，笔记的说法不同：“")


def test_a_plain_question_is_not_read() -> None:
    assert stance("批归一化推理时用什么统计量？") is None


WRONG = "以为批归一化推理时总是用当前批的统计量。那要看模式。"


@pytest.mark.parametrize(
    ("question", "state", "holds"),
    [
        ("批归一化推理时总是用当前批的统计量，对吗？", OPEN, False),
        ("既然批归一化推理时总是用当前批的统计量，那批多大合适？", OPEN, False),
        ("批归一化推理时总是用当前批的统计量，对吗？", HELD, True),
        ("批归一化推理时不总是用当前批的统计量，对吗？", OPEN, None),
    ],
    ids=["asked", "said", "borne out", "turned"],
)
def test_what_the_note_calls_a_misconception_is_denied_unless_its_answer_says_so(
    question: str, state: tuple[float, float], holds: bool | None
) -> None:
    found = stance(question, state, misconception=WRONG)
    assert found is not None
    assert found.holds is holds
    if holds is False:
        assert found.span.start > len(BATCHNORM)


def test_a_misconception_is_never_cut_where_it_corrects() -> None:
    question = "批归一化推理时总是用当前批的统计量，对吗？"
    found = stance(question, OPEN, misconception=WRONG + "接着说清楚。" * 40)
    assert found is not None
    held = replace(
        note("bn", "批归一化用什么统计量？", BATCHNORM), misconception=WRONG + "接着说清楚。" * 40
    )
    passage = read_passage(held, question, WordEmbedder())
    task = Task(question, question, "zh", "", (passage,), (), 0.9, ())
    citations = Citations()
    opening = opening_of(found, task, citations)
    assert opening.startswith("不对，笔记的说法不同：\n\n常见误区：以为")
    assert opening.rstrip().endswith("接着说清楚。 [1]")
    assert citations.held[0].quote == passage.texts[-1]
