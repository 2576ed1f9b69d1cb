"""Pieces cover the answer, stay within one note and keep their ids."""

import dataclasses
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.search.conftest import GATES, make_note
from tutor.search.chunk import TARGET_CHARS, chunk_note, pack_sentences

TEXTS = st.text(
    alphabet=st.sampled_from("甲乙丙丁。！？；\n abcXYZ123.;$-*"), min_size=0, max_size=900
)


@given(TEXTS)
def test_pieces_are_in_order_apart_and_no_longer_than_the_model_reads(text: str) -> None:
    spans = pack_sentences(text)
    for before, after in pairwise(spans):
        assert before.end <= after.start
    for span in spans:
        assert 0 < span.end - span.start <= 2 * TARGET_CHARS
        assert span.of(text).strip()


@given(TEXTS)
def test_no_letter_is_lost(text: str) -> None:
    kept = "".join(span.of(text) for span in pack_sentences(text))
    assert [c for c in kept if c.isalnum()] == [c for c in text if c.isalnum()]


@given(TEXTS, TEXTS)
def test_ids_depend_on_note_and_text_only(question: str, answer: str) -> None:
    note = make_note("zh:a", question, answer)
    ids = [chunk.id for chunk in chunk_note(note)]
    assert len(set(ids)) == len(ids)
    moved = dataclasses.replace(note, source=dataclasses.replace(note.source, first_line=900))
    assert [chunk.id for chunk in chunk_note(moved)] == ids
    other = dataclasses.replace(note, id="zh:b")
    assert not {chunk.id for chunk in chunk_note(other)} & set(ids)


def test_question_and_answer_are_apart() -> None:
    chunks = chunk_note(GATES)
    assert [chunk.kind for chunk in chunks] == ["question", "answer"]
    assert chunks[0].span is None
    assert chunks[1].span is not None
    assert chunks[1].text == chunks[1].span.of(GATES.answer) == GATES.answer
    assert GATES.question not in chunks[1].text


def test_a_misconception_is_found_by_itself() -> None:
    note = dataclasses.replace(GATES, misconception="以为 LSTM 只有两个门。")
    chunks = chunk_note(note)
    assert [chunk.kind for chunk in chunks] == ["question", "misconception", "answer"]
    assert chunks[1].text == note.misconception
    assert chunks[1].span is None
    assert len(chunk_note(dataclasses.replace(note, answer=""))) == 1


def test_one_endless_sentence_is_cut() -> None:
    spans = pack_sentences("长" * 2000)
    assert len(spans) > 3
    assert sum(span.end - span.start for span in spans) == 2000


def test_a_note_without_answer_keeps_its_question() -> None:
    assert [chunk.text for chunk in chunk_note(make_note("x", "什么是 CRF？", ""))] == [
        "什么是 CRF？"
    ]
    assert chunk_note(make_note("x", "", "")) == []
