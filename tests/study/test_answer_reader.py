"""Sentences read for whether they answer, and the closer look at the notes found."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.fakes import ScriptedStates, WordEmbedder
from tests.study.values import GRU, note
from tutor.errors import ModelUnavailableError
from tutor.llm import prompts
from tutor.llm.readout import Readout
from tutor.notes.types import Note
from tutor.study.answer_reader import (
    SENTENCES_READ,
    AnswerReader,
    Weights,
    load_readout,
    load_weights,
    nearest_sentences,
)
from tutor.study.evidence import asks_several, look_closer, topics
from tutor.study.finding import Task
from tutor.study.passages import Passage, read_passage
from tutor.study.quoting import choose_quotes

ASKED = "更新门管什么？"
PLAIN = Readout(
    questions=("answers",),
    center=np.zeros(1),
    matrix=np.eye(1),
    bias=np.zeros(1),
    reader="",
    prompt_sha256="",
    card={},
)
BY_READING = Weights(
    {"read": 1.0, "fit": 0.0, "bias": 0.0}, {"best": 1.0, "gate": 0.0, "bias": 0.0}
)
THREE = "甲说的是更新门。乙说的是重置门。丙说的是别的。"


def reader(*odds: float | Exception) -> tuple[AnswerReader, ScriptedStates]:
    states = ScriptedStates()
    states.enqueue(*[one if isinstance(one, Exception) else (one,) for one in odds])
    return AnswerReader(states, PLAIN, BY_READING), states


def passage(held: Note, question: str = ASKED) -> Passage:
    return read_passage(held, question, WordEmbedder())


def task(*notes: Note, gate: float = 0.5, found: Sequence[Note] = (), asked: str = ASKED) -> Task:
    read = tuple(passage(one, asked) for one in found)
    return Task(asked, asked, "zh", "", read, (), gate, (), (), tuple(notes))


def look(asked: Task, reading: AnswerReader) -> Task:
    return look_closer(asked, reading, WordEmbedder(), threading.Event())


def test_every_sentence_is_read_once_behind_the_question_and_its_note() -> None:
    held = passage(note("gru", "GRU 是什么？", THREE))
    reading, states = reader(2.0, -2.0, -3.0)
    answers = reading.read(ASKED, held).answers
    assert answers is not None
    assert answers.round(2).tolist() == [0.88, 0.12, 0.05]
    again = reading.read(ASKED, held).answers
    assert again is not None
    assert again.tolist() == answers.tolist()
    assert [one[:2] for one in states.prompts] == [
        (prompts.ANSWER_EXAMPLES, prompts.answer_stem(ASKED, "GRU 是什么？"))
    ] * 3
    assert states.prompts[0][2] == prompts.answer_tail("甲说的是更新门。")


def test_a_changed_note_is_read_anew() -> None:
    held = passage(note("gru", "GRU 是什么？", THREE))
    reading, states = reader(*[1.0] * 6)
    reading.read(ASKED, held)
    reading.read(ASKED, replace(held, note=replace(held.note, misconception="丁也是。")))
    assert len(states.prompts) == 6


def test_of_a_long_note_the_nearest_sentences_are_read_and_the_rest_do_not_answer() -> None:
    text = "".join(f"第{n}句说的是别的。" for n in range(12)) + "更新门管旧状态。"
    held = passage(note("long", "GRU", text))
    near = nearest_sentences(held, SENTENCES_READ)
    assert len(near) == SENTENCES_READ
    assert len(held.spans) - 1 in near
    assert near == sorted(near)
    reading, states = reader(*[3.0] * SENTENCES_READ)
    answers = reading.read(ASKED, held).answers
    assert answers is not None
    assert (answers > 0).sum() == len(states.prompts) == SENTENCES_READ


def test_what_is_seen_to_answer_is_quoted_however_well_the_rest_fits() -> None:
    held = passage(note("gru", "GRU 是什么？", THREE))
    reading, _ = reader(-4.0, -4.0, 2.0)
    quoted = [s.of(held.note.answer) for s in choose_quotes(reading.read(ASKED, held), ASKED)]
    assert quoted == ["丙说的是别的。"]


def test_where_no_sentence_is_likely_the_likeliest_is_quoted() -> None:
    held = passage(note("gru", "GRU 是什么？", THREE))
    reading, _ = reader(-3.0, -4.0, -4.0)
    quoted = [s.of(held.note.answer) for s in choose_quotes(reading.read(ASKED, held), ASKED)]
    assert quoted == ["甲说的是更新门。"]


def test_what_the_gate_doubts_is_answered_where_a_sentence_is_seen_to_answer() -> None:
    held = note("gru", "GRU 是什么？", THREE)
    reading, _ = reader(3.0, -3.0, -3.0)
    found = look(task(held, gate=0.3), reading)
    assert [one.note.id for one in found.passages] == ["gru"]
    assert found.confidence == pytest.approx(0.95, abs=0.01)


def test_what_the_gate_lets_through_is_refused_where_no_sentence_answers() -> None:
    held = note("gru", "GRU 是什么？", THREE)
    reading, _ = reader(-3.0, -3.0, -3.0)
    found = look(task(held, found=[held], gate=0.6), reading)
    assert found.passages == ()
    assert found.confidence < 0.1


def test_the_next_note_is_read_where_the_first_does_not_answer_and_only_then() -> None:
    first, second = note("a", "甲", THREE), note("b", "乙", GRU)
    sentences = len(passage(second).spans)
    reading, states = reader(-3.0, -3.0, -3.0, *[3.0] * sentences)
    found = look(task(first, second, found=[first]), reading)
    assert [one.note.id for one in found.passages] == ["b"]
    reading, states = reader(3.0, -3.0, -3.0)
    assert [one.note.id for one in look(task(first, second), reading).passages] == ["a"]
    assert len(states.prompts) == 3


def test_a_question_for_two_things_gets_both_notes_in_the_order_found() -> None:
    asked = "LSTM 和 GRU 的门有什么区别？"
    first, second = note("a", "LSTM 的门", THREE), note("b", "GRU 的门", THREE)
    third = note("c", "别的门", THREE)
    reading, states = reader(1.0, -3.0, -3.0, 2.0, -3.0, -3.0)
    found = look(task(first, second, third, asked=asked), reading)
    assert [one.note.id for one in found.passages] == ["a", "b"]
    assert found.style == "compare"
    assert len(states.prompts) == 6  # the title of the third names nothing that is asked for


def test_a_note_that_names_nothing_new_is_not_answered_from() -> None:
    asked = "LSTM 和 GRU 的门有什么区别？"
    first, second = note("a", "GRU 的门", THREE), note("b", "又是 GRU 的门", THREE)
    reading, _ = reader(0.8, -3.0, -3.0, 3.0, -3.0, -3.0)
    found = look(task(first, second, asked=asked), reading)
    assert [one.note.id for one in found.passages] == ["b"]


def test_a_question_far_off_is_not_read() -> None:
    reading, states = reader()
    asked = task(note("a", "甲", THREE), gate=0.05)
    assert look(asked, reading) is asked
    assert states.prompts == []


def test_a_later_note_over_the_threshold_is_answered_from() -> None:
    first, second = note("a", "甲", THREE), note("b", "乙", THREE)
    reading, _ = reader(0.24, -3.0, -3.0, 0.62, -3.0, -3.0)
    found = look(task(first, second), reading)
    assert [one.note.id for one in found.passages] == ["b"]


def test_the_notes_own_question_is_not_read() -> None:
    held = note("a", "GRU 有几个门？", THREE)
    reading, states = reader()
    asked = task(held, found=[held], asked="GRU 有几个门？")
    assert look(asked, reading) is asked
    assert states.prompts == []


def test_a_note_without_sentences_is_passed_over() -> None:
    empty, second = note("a", "甲", " "), note("b", "乙", THREE)
    reading, _ = reader(3.0, -3.0, -3.0)
    assert [one.note.id for one in look(task(empty, second), reading).passages] == ["b"]


def test_what_was_found_stands_where_the_model_fails_or_is_stopped() -> None:
    held = note("a", "甲", THREE)
    asked = task(held, found=[held])
    reading, _ = reader(1.0, ModelUnavailableError("gone", "没了"))
    assert look(asked, reading) is asked
    stop = threading.Event()
    stop.set()
    reading, states = reader()
    assert look_closer(asked, reading, WordEmbedder(), stop) is asked
    assert states.prompts == []


def test_what_was_read_before_the_model_failed_decides_if_it_answers() -> None:
    first, second = note("a", "甲", THREE), note("b", "乙", THREE)
    reading, _ = reader(0.6, -3.0, -3.0, ModelUnavailableError("gone", "没了"))
    found = look(task(first, second, found=[second]), reading)
    assert [one.note.id for one in found.passages] == ["a"]


def test_a_stop_between_two_sentences_leaves_the_passage_unread() -> None:
    stop = threading.Event()

    class Stopping(ScriptedStates):
        def states(self, examples: str, shared: str, tails: Iterable[str]) -> NDArray[np.float64]:
            def until_first() -> Iterator[str]:
                for tail in tails:
                    yield tail
                    stop.set()

            return super().states(examples, shared, until_first())

    states = Stopping().enqueue((1.0,))
    reading = AnswerReader(states, PLAIN, BY_READING)
    held = passage(note("a", "甲", THREE))
    assert reading.read(ASKED, held, stop).answers is None
    assert len(states.prompts) == 1


def test_a_name_that_the_note_answered_from_speaks_of_is_not_called_missing() -> None:
    held = note("a", "甲", "GRU 有两个门。")
    asked = replace(task(held, asked="GRU 和 Zeta 各有几个门？"), absent=("GRU", "Zeta"))
    reading, _ = reader(3.0)
    assert look(asked, reading).absent == ("Zeta",)


@pytest.mark.parametrize(
    ("question", "several"),
    [
        ("LSTM 和 GRU 谁更快", True),
        ("What is the difference between L1 and L2?", True),
        ("Dropout 测试时怎么做？", False),
        ("sigmoid 为什么会饱和？", False),
        ("未参与训练的神经元怎么办？", False),
        ("涉及哪些超参数？", False),
        ("How does dropout work?", False),
    ],
)
def test_questions_for_several_things(question: str, several: bool) -> None:
    assert asks_several(question) is several


def test_words_that_only_ask_are_no_topic() -> None:
    shared = topics("L1 和 L2 有什么区别？") & topics("Dropout 是什么？")
    assert shared == frozenset()
    assert topics("LSTM 的作用是什么？") & topics("LSTM 的门") == topics("LSTM")


def test_the_shipped_numbers_fit_the_shipped_examples() -> None:
    readout, weights = load_readout(), load_weights()
    assert readout.questions == ("answers",)
    assert readout.prompt_sha256 == sha256(prompts.ANSWER_EXAMPLES.encode()).hexdigest()
    assert weights.sentence["read"] > 0
    low, high = weights.holds(-3.0, 0.5), weights.holds(3.0, 0.5)
    assert 0 <= low < high <= 1
    assert weights.holds(0.0, 0.1) < weights.holds(0.0, 0.9)


def test_a_note_that_only_the_gate_is_sure_of_ends_no_search() -> None:
    gated = Weights(BY_READING.sentence, {"best": 0.1, "gate": 1.0, "bias": 0.0})
    states = ScriptedStates().enqueue((-2.0,), (9.0,))
    one, two = note("a", "甲", "更新门说的是甲。"), note("b", "乙", "更新门说的是乙。")
    found = look(task(one, two, gate=0.95), AnswerReader(states, PLAIN, gated))
    assert len(states.prompts) == 2
    assert [passage.note.id for passage in found.passages] == ["b"]


@pytest.mark.parametrize(
    ("question", "counts"), [("更新门管什么？", False), ("为什么更新门只管输入？", True)]
)
def test_a_misconception_counts_under_a_question_that_may_be_wrong(
    question: str, counts: bool
) -> None:
    held = replace(note("gru", "GRU 是什么？", THREE), misconception="以为更新门只管输入。")
    reading, _ = reader(-3.0, -3.0, -3.0, 0.0)  # the last one is as likely as not
    answers = reading.read(question, passage(held, question)).answers
    assert answers is not None
    assert bool(answers[3] > 0) is counts
