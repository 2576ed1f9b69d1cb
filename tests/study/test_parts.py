"""A question of several questions: found, read and answered one by one."""

import threading
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import WordEmbedder
from tests.study.test_answer_reader import reader
from tests.study.values import note
from tutor.errors import ModelUnavailableError
from tutor.notes.types import KeyPoint, Note, Source, Span
from tutor.study.answer_reader import AnswerReader
from tutor.study.answering import reply_from_notes
from tutor.study.finding import Task
from tutor.study.parts import read_parts, split_parts
from tutor.study.passages import read_passage

PSI = note("psi", "PSI 是什么？", "甲说的是用途。乙说的是别的。")
KAPPA = note("kappa", "kappa 是什么？", "丙说的是一致性。丁说的是别的。")
BOTH = "PSI 有什么用途？超过多少就得重训？"


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (BOTH, ("PSI 有什么用途？", "超过多少就得重训？")),
        ("kappa 到多少算合格", ("kappa 到多少算合格",)),
        ("PSI 有什么用途？为什么？", ("PSI 有什么用途？为什么？",)),
        ("BN 推理时用批统计量，对吗？为什么不用滑动平均？", None),
        ("推理时用的是批统计量，对吗？", None),
        ("What is SAM? What should rho be?", ("What is SAM?", "What should rho be?")),
        ("甲是什么？乙是什么？丙是什么？丁是什么？", None),
        ("mixup 是怎么混的？跟 CutMix 差在哪", ("mixup 是怎么混的？", "跟 CutMix 差在哪")),
        ("什么是过拟合？谢谢老师了！", None),
        ("PSI 是什么？请用中文简单回答一下。", None),
        ("What is PSI? Please answer in Chinese.", None),
        ("该用 L1 吗？还是用 L2 更好？", None),
        ("“什么是 LSTM？”这道题怎么答？", None),
        ("正则里的 a? 是什么意思？", None),
        ("决策树和 kmeans 能找到最优解吗？分别是因为什么", None),  # asked of what stands before it
        ("", None),
    ],
)
def test_questions_are_cut_where_each_asks(question: str, parts: tuple[str, ...] | None) -> None:
    if parts is None:
        assert "".join(split_parts(question)) == question
        return
    assert split_parts(question) == parts


@given(st.text(alphabet="甲乙丙a?？ ，吗为什么", max_size=60))
def test_no_letter_of_a_question_is_lost(question: str) -> None:
    def letters(text: str) -> list[str]:
        return [char for char in text if not char.isspace()]

    assert letters("".join(split_parts(question))) == letters(question)


def found(question: str, *notes: Note) -> Task:
    passages = tuple(read_passage(one, question, WordEmbedder()) for one in notes)
    return Task(question, question, "zh", "", passages, (), 0.9, (), (), notes)


def parts_of(question: str, reading: AnswerReader, *notes: Note) -> tuple[Task, list[list[str]]]:
    first: list[list[str]] = []

    def find(part: str, lang: str, before: Sequence[Note]) -> Task:
        assert lang == "zh"
        first.append([one.id for one in before])
        rest = [one for one in notes if one not in before]
        return found(part, *before, *rest)

    task = read_parts(found(question, *notes), find, reading, WordEmbedder(), threading.Event())
    return task, first


def test_the_part_that_no_note_answers_is_named_behind_the_reply() -> None:
    reading, _ = reader(9.0, -9.0, -9.0, -9.0, -9.0, -9.0)
    task, first = parts_of(BOTH, reading, PSI, KAPPA)
    assert first == [[], ["psi"]]  # what answered the first part is looked at first
    assert [passage.note.id for passage in task.passages] == ["psi"]
    assert task.unanswered == ("超过多少就得重训？",)
    reply = reply_from_notes(task, None)
    assert "甲说的是用途。" in reply.text
    assert "乙" not in reply.text
    assert reply.text.endswith("这一问在笔记里没有找到答案：“超过多少就得重训？”。")


def test_one_note_that_answers_both_parts_is_quoted_once() -> None:
    reading, states = reader(9.0, -9.0, -9.0, 9.0)
    task, _ = parts_of(BOTH, reading, PSI)
    assert task.unanswered == ()
    assert len(states.prompts) == 4
    reply = reply_from_notes(task, None)
    assert len(task.passages) == 1
    assert "甲说的是用途。乙说的是别的。" in reply.text


def test_nothing_is_left_where_no_part_is_answered() -> None:
    reading, _ = reader(*[-9.0] * 12)  # the parts, then the whole
    task, _ = parts_of(BOTH, reading, PSI, KAPPA)
    assert task.passages == ()
    assert task.unanswered == ()


def test_a_later_part_is_not_answered_from_a_note_on_something_else() -> None:
    reading, _ = reader(9.0, -9.0, -9.0, -9.0, 9.0, -9.0)
    task, _ = parts_of(BOTH, reading, PSI, KAPPA)
    assert [passage.note.id for passage in task.passages] == ["psi"]
    assert task.unanswered == ("超过多少就得重训？",)


def test_a_later_part_that_names_a_note_is_answered_from_it() -> None:
    reading, _ = reader(9.0, -9.0, -9.0, -9.0, 9.0, -9.0)
    task, _ = parts_of("PSI 有什么用途？kappa 怎么算？", reading, PSI, KAPPA)
    assert [passage.note.id for passage in task.passages] == ["psi", "kappa"]
    assert task.unanswered == ()


def test_the_whole_is_read_where_no_part_is_answered() -> None:
    reading, _ = reader(*[-9.0] * 8, 9.0, -9.0)
    task, _ = parts_of(BOTH, reading, PSI, KAPPA)
    assert [passage.note.id for passage in task.passages] == ["psi"]


def test_a_part_that_names_nothing_leaves_the_question_whole() -> None:
    reading, states = reader(9.0, -9.0)
    task, first = parts_of("PSI 有什么用途？该怎么改进？", reading, PSI)
    assert first == []
    assert len(states.prompts) == 2
    assert task.unanswered == ()


def test_a_part_in_a_notes_own_words_brings_its_key_points() -> None:
    held = Note(
        "psi",
        "PSI 有什么用途？",
        "甲说的是用途。乙说的是别的。",
        Source("n.md", 1, 9),
        key_points=(KeyPoint("1", "甲说的是用途", span=Span(0, 6)),),
    )
    reading, states = reader(-9.0, -9.0)  # only the second part is read
    task, _ = parts_of("PSI 有什么用途？超过多少就得重训？", reading, held)
    assert len(states.prompts) == 2
    assert "甲说的是用途" in reply_from_notes(task, None).text


def test_a_stop_names_nothing_as_missing() -> None:
    stop = threading.Event()
    reading, _ = reader(9.0, -9.0)

    def find(part: str, lang: str, before: Sequence[Note]) -> Task:
        if before:
            stop.set()
            return replace(found(part), candidates=(KAPPA,))
        return found(part, PSI)

    task = read_parts(found(BOTH, PSI), find, reading, WordEmbedder(), stop)
    assert [passage.note.id for passage in task.passages] == ["psi"]
    assert task.unanswered == ()


def test_a_part_that_could_not_be_read_is_quoted_by_fit() -> None:
    long = note("psi", "PSI", "甲。乙丙。丁戊。己庚。辛壬。PSI 超过多少就得重训写在这里。")
    reading, _ = reader(ModelUnavailableError("x", "x"), ModelUnavailableError("x", "x"))
    task, _ = parts_of(BOTH, reading, long)
    assert "PSI 超过多少就得重训写在这里。" in reply_from_notes(task, None).text
    assert "乙丙" not in reply_from_notes(task, None).text


OF_EACH = "LSTM 和 GRU 各有几个门？"
LSTM = note("lstm", "LSTM 是什么？", "三个门的是它。别的是另说。")
GRU = note("gru", "GRU 是什么？", "两个门的是这个。余下的是另说。")


def test_a_question_about_two_things_is_asked_of_each() -> None:
    reading, states = reader(9.0, -9.0, 9.0, -9.0)
    task, first = parts_of(OF_EACH, reading, LSTM, GRU)
    assert first == [["lstm"], ["gru"]]
    assert len(states.prompts) == 4  # a note on just the thing is read alone
    assert "LSTM 有几个门?" in states.prompts[0][1]
    assert "GRU 有几个门?" in states.prompts[2][1]
    assert (task.style, task.left_out, task.unanswered) == ("compare", (), ())
    reply = reply_from_notes(task, None)
    assert "三个门的是它。" in reply.text
    assert "两个门的是这个。" in reply.text
    assert "另说" not in reply.text


def test_the_thing_that_no_note_speaks_of_is_named_behind_the_reply() -> None:
    reading, _ = reader(9.0, -9.0, -9.0, -9.0)
    task, _ = parts_of(OF_EACH, reading, LSTM, GRU)
    assert task.left_out == ("GRU",)
    assert reply_from_notes(task, None).text.endswith("关于“GRU”，这里的笔记没有答到这一点。")
    english = replace(task, lang="en")
    assert reply_from_notes(english, None).text.endswith("For “GRU” the notes here do not say.")


def test_a_thing_is_said_to_be_missing_once() -> None:
    reading, _ = reader(9.0, -9.0, -9.0, -9.0)
    task, _ = parts_of(OF_EACH, reading, LSTM, GRU)
    text = reply_from_notes(replace(task, absent=("GRU",)), None).text
    assert text.count("GRU") == 1


def test_a_note_on_how_they_compare_answers_the_whole() -> None:
    both = note("both", "LSTM 和 GRU 有什么不同？", "门的数目不同。别的是另说。")
    reading, states = reader(9.0, -9.0)
    task, first = parts_of(OF_EACH, reading, both)
    assert first == []
    assert all(OF_EACH in shared for _, shared, _ in states.prompts)
    assert [passage.note.id for passage in task.passages] == ["both"]


def test_nothing_said_of_any_thing_leaves_the_whole() -> None:
    reading, _ = reader(*[-9.0] * 4, 9.0, -9.0, -9.0, -9.0)
    task, _ = parts_of(OF_EACH, reading, LSTM, GRU)
    assert [passage.note.id for passage in task.passages] == ["lstm"]
    assert task.left_out == ()


def test_a_one_click_follow_up_is_about_the_notes_it_has() -> None:
    reading, states = reader()
    held = replace(found(OF_EACH, LSTM), question="请举个例子。", style="example", candidates=())

    def find(part: str, lang: str, before: Sequence[Note]) -> Task:
        raise AssertionError("nothing is looked for")

    again = read_parts(held, find, reading, WordEmbedder(), threading.Event())
    assert again == held
    assert states.prompts == []


def test_a_question_behind_one_about_two_things_is_a_question_of_its_own() -> None:
    reading, _ = reader(9.0, -9.0, 9.0, -9.0, -9.0, -9.0, -9.0, -9.0)
    task, first = parts_of(f"{OF_EACH}学习率怎么选？", reading, LSTM, GRU)
    assert first[:2] == [["lstm"], ["gru"]]
    assert [passage.note.id for passage in task.passages] == ["lstm", "gru"]
    assert (task.left_out, task.unanswered) == ((), ("学习率怎么选？",))
