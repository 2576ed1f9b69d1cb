"""What a checker that reads makes of statements in questions."""

import pytest

from tests.fakes import ScriptedStates, WordEmbedder
from tests.study.test_claim_reader import PLAIN
from tests.study.values import BATCHNORM, note
from tutor.study.claim_reader import ClaimReader
from tutor.study.claims import ClaimChecker
from tutor.study.passages import read_passage
from tutor.study.verdict import Stance, read_stance

HELD, DENIED, OPEN = (8.0, -8.0), (-8.0, 8.0), (-8.0, -8.0)


def stance(question: str, *states: tuple[float, float]) -> Stance | None:
    encoder = WordEmbedder()
    checker = ClaimChecker(encoder, reader=ClaimReader(ScriptedStates().enqueue(*states), PLAIN))
    assert checker.reads
    passage = read_passage(note("bn", "批归一化用什么统计量？", BATCHNORM), question, encoder)
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


def test_a_plain_question_is_not_read() -> None:
    assert stance("批归一化推理时用什么统计量？") is None
