"""The retriever finds the note that speaks of a question, and only indexed notes."""

import dataclasses
from collections.abc import Callable, Sequence

import pytest

from tests.fakes import WordEmbedder
from tests.search.conftest import DROPOUT, GATES, NOTES, POOLING, make_note
from tutor.errors import ModelError, ModelUnavailableError
from tutor.notes.types import Note
from tutor.search.retriever import RERANKED, Retriever
from tutor.search.store import VectorStore
from tutor.search.types import Reranker

OpenStore = Callable[..., VectorStore]


def test_each_note_is_found_by_its_question_and_by_its_answer(retriever: Retriever) -> None:
    for note in NOTES:
        assert retriever.search(note.question)[0].note_id == note.id
        assert retriever.search(note.answer)[0].note_id == note.id


@pytest.mark.parametrize("legs", [{"dense": False}, {"lexical": False}, {}])
def test_each_leg_alone_finds_the_note(open_store: OpenStore, legs: dict[str, bool]) -> None:
    retriever = Retriever(open_store(), WordEmbedder(), **legs)
    retriever.sync(NOTES)
    found = retriever.search("遗忘门决定什么")
    assert found[0].note_id == GATES.id


def test_evidence_is_the_notes_own_words(retriever: Retriever) -> None:
    evidence = retriever.search("遗忘门决定丢掉多少旧的细胞状态")[0]
    assert evidence.span is not None
    assert evidence.text == evidence.span.of(GATES.answer)
    assert evidence.dense > 0
    assert evidence.lexical > 0


def test_scores_fall_and_k_is_kept(retriever: Retriever) -> None:
    found = retriever.search("门", k=2)
    assert len(found) == 2
    assert found[0].score >= found[1].score
    assert len({evidence.note_id for evidence in found}) == 2


def test_the_order_never_changes(retriever: Retriever) -> None:
    first = retriever.search("特征图和门")
    assert all(retriever.search("特征图和门") == first for _ in range(5))


def test_another_form_of_the_question_is_searched_too(retriever: Retriever) -> None:
    assert retriever.search("zzz", k=1, also=["池化有什么用"])[0].note_id == POOLING.id


def test_removed_and_changed_notes_follow_sync(retriever: Retriever) -> None:
    report = retriever.sync([POOLING, DROPOUT])
    assert (report.notes, report.added, report.removed) == (2, 0, 2)
    assert GATES.id not in {e.note_id for e in retriever.search("LSTM 有哪些门")}
    changed = dataclasses.replace(POOLING, answer="最大池化取窗口里的最大值。")
    retriever.sync([changed, DROPOUT])
    assert retriever.search("窗口里的最大值")[0].text == changed.answer


def test_no_notes_and_empty_questions(open_store: OpenStore) -> None:
    retriever = Retriever(open_store(), WordEmbedder())
    assert retriever.search("门") == []
    retriever.sync([])
    assert retriever.search("门") == []
    retriever.sync(NOTES)
    assert len(retriever.search("")) <= 5
    assert len(retriever.search("？？？")) <= 5


def test_neighbours_do_not_bleed(open_store: OpenStore) -> None:
    retriever = Retriever(open_store(), WordEmbedder())
    notes = [make_note(f"n{i}", f"问题{i}", f"独特词{i}甲。独特词{i}乙。") for i in range(12)]
    retriever.sync(notes)
    for evidence in retriever.search("独特词3甲", k=12):
        note = next(note for note in notes if note.id == evidence.note_id)
        assert evidence.text in (note.question, note.answer)


def test_a_yes_or_no_question_prefers_an_answer_that_says_so(open_store: OpenStore) -> None:
    retriever = Retriever(open_store(), WordEmbedder())
    says = make_note("says", "", "No, L2 regularization shrinks weights without making them zero.")
    tells = make_note("tells", "", "L2 regularization shrinks weights without making them zero.")
    retriever.sync([says, tells, POOLING])
    assert retriever.search("Does L2 regularization make weights zero?")[0].note_id == "says"
    assert retriever.search("How does L2 regularization shrink weights?")[0].note_id == "tells"


class Reversed(Reranker):
    """Turns the order round; gives or raises what it is told to instead."""

    def __init__(self, instead: Sequence[int] | ModelError | None = None) -> None:
        self._instead = instead
        self.asked: list[tuple[str, list[str]]] = []

    def order(
        self, question: str, passages: Sequence[str], scores: Sequence[float]
    ) -> Sequence[int]:
        self.asked.append((question, list(passages)))
        if isinstance(self._instead, ModelError):
            raise self._instead
        return list(range(len(passages)))[::-1] if self._instead is None else self._instead


def reranked(store: VectorStore, rerank: Reranker | None, notes: Sequence[Note]) -> Retriever:
    made = Retriever(store, WordEmbedder(), rerank=rerank)
    made.sync(notes)
    return made


def test_a_reranker_orders_the_first_notes_and_sees_their_headings(open_store: OpenStore) -> None:
    rerank = Reversed()
    found = reranked(open_store(), rerank, NOTES).search("LSTM 有哪些门")
    plain = reranked(open_store(name="plain"), None, NOTES).search("LSTM 有哪些门")
    assert [e.note_id for e in found] == [e.note_id for e in plain][::-1]
    assert [e.score for e in found] == [e.score for e in plain]  # scores still fall
    question, passages = rerank.asked[0]
    assert question == "LSTM 有哪些门"
    # The question matched, so the first piece of the answer is shown under it.
    assert passages[0] == f"{GATES.question}\n{GATES.answer}"


def test_notes_behind_the_first_few_stay_where_they_are(open_store: OpenStore) -> None:
    notes = [make_note(f"zh:{n}", f"第{n}个门", f"门{n}。") for n in range(RERANKED + 3)]
    rerank = Reversed()
    found = [e.note_id for e in reranked(open_store(), rerank, notes).search("门", k=8)]
    plain = [e.note_id for e in reranked(open_store(name="p"), None, notes).search("门", k=8)]
    assert found == plain[:RERANKED][::-1] + plain[RERANKED:]
    assert len(rerank.asked[0][1]) == RERANKED


@pytest.mark.parametrize(
    "instead", [ModelUnavailableError("gone", "没了"), [], [0, 0, 1], [0, 1], [1, 2, 3], [-1, 0, 1]]
)
def test_a_reranker_that_fails_changes_nothing(
    open_store: OpenStore, instead: Sequence[int] | ModelError
) -> None:
    found = reranked(open_store(), Reversed(instead), NOTES).search("LSTM 有哪些门")
    assert found == reranked(open_store(name="p"), None, NOTES).search("LSTM 有哪些门")
