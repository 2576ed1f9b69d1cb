"""The interview, the report and the other tabs as HTML, from real sessions of the tutor."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tutor.critique.types import Label
from tutor.errors import StaleSessionError
from tutor.interview.types import Choices, Mode, Phase
from tutor.progress.types import Goal, Refusal
from tutor.study.types import Answer, Answered, Citation, Claim, SourcesFound
from ui.dispute import read_target
from ui.notes_view import gaps_html, gaps_markdown, points_text, read_points
from ui.page import explain, notice, read_person
from ui.progress_view import overview_html, session_choices
from ui.records import read_overview
from ui.render import interview_html
from ui.reply import Entry, messages
from ui.report_view import report_view


def start(tutor, mode=Mode.STUDY, count=1, follow_ups=1):
    choices = Choices(count=count, mode=mode, follow_ups=follow_ups, seed=1)
    return tutor.rehearsal.start("s1", "me", choices)


def finish(tutor, session):
    while session.phase is Phase.ASKED:
        for later in tutor.rehearsal.answer(session, "不知道"):
            session = later
    return session


def html_of(tutor, session, lang="zh"):
    return interview_html(session, tutor.shelf.notes, lang, tutor.clock())


def test_the_open_question_is_shown_without_its_answer(tutor):
    session = start(tutor)
    html = html_of(tutor, session)
    note = tutor.shelf.notes[session.turns[0].note_id]
    assert "第 1 题" in html
    assert all(point.text not in html for point in note.key_points)


def test_points_still_in_play_are_held_back_and_shown_at_the_end(tutor):
    session = start(tutor)
    note = tutor.shelf.notes[session.turns[0].note_id]
    *_, session = tutor.rehearsal.answer(session, "不知道")
    assert session.phase is Phase.ASKED  # a follow-up
    hidden = html_of(tutor, session)
    assert all(point.text not in hidden for point in note.key_points)
    session = finish(tutor, session)
    shown = html_of(tutor, session)
    assert all(point.text in shown for point in note.key_points)


def test_real_mode_shows_no_verdict_before_its_end(tutor):
    session = start(tutor, mode=Mode.REAL, count=2)
    *_, session = tutor.rehearsal.answer(session, "不知道")
    html = html_of(tutor, session)
    assert 'class="point' not in html
    assert 'class="tally"' not in html
    assert 'class="small-tally"' not in html


def test_a_provisional_critique_is_marked(tutor):
    session = start(tutor)
    states = list(tutor.rehearsal.answer(session, "不知道"))
    judged = next(state for state in states if state.turns[0].critique)
    turn = judged.turns[0]
    early = judged.with_turn(replace(turn, critique=replace(turn.critique, final=False)))
    assert "初评" in html_of(tutor, early)
    assert "初评" not in html_of(tutor, judged)


def test_the_report_shows_verdicts_table_and_judge(tutor):
    session = finish(tutor, start(tutor))
    html = report_view(session, tutor.shelf.notes, (), "zh")
    assert "<b>0</b> / " in html
    assert "规则" in html
    assert "评分表" in html
    assert 'id="dispute-0-' in html
    english = report_view(session, tutor.shelf.notes, (), "en")
    assert "How the score was added up" in english


def test_an_overruled_verdict_is_marked(tutor):
    session = finish(tutor, start(tutor))
    point = session.turns[0].critique.verdicts[0].point_id
    session = tutor.rehearsal.overrule(session, 0, point, Label.COVERED, "说过")
    html = report_view(session, tutor.shelf.notes, (), "zh")
    assert "你改判" in html
    assert '<span class="badge disputed">有异议</span>' in html


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("dispute-3-p2", (3, "p2")),
        ("dispute-0-a-b", (0, "a-b")),
        ("dispute-x-p", None),
        ("", None),
        ("other-1-p", None),
        ("dispute-1", None),
    ],
)
def test_a_button_names_its_verdict(text, place):
    assert read_target(text) == place


@pytest.mark.parametrize(
    ("stored", "user", "lang"),
    [
        ({"user": "lin", "lang": "en"}, "lin", "en"),
        ({"user": "  ", "lang": "fr"}, "me", "zh"),
        (None, "me", "zh"),
        ("nonsense", "me", "zh"),
        ({"user": "x" * 99, "lang": "zh"}, "x" * 40, "zh"),
    ],
)
def test_the_browser_is_not_trusted_with_the_person(stored, user, lang):
    person = read_person(stored, "zh")
    assert (person.user, person.lang) == (user, lang)


def test_an_error_is_one_sentence_in_the_language():
    error = StaleSessionError("gone on", "已继续")
    assert explain(error, "zh") == "已继续"
    assert explain(error, "en") == "gone on"
    assert "终端" in explain(RuntimeError("x"), "zh")
    assert "&lt;b&gt;" in notice("<b>")


def test_a_reply_links_only_marks_that_stand_for_something(tutor):
    note = next(iter(tutor.shelf.notes.values()))
    citation = Citation(1, note.id, note.key_points[0].span, "训练时用当前批的均值")
    answer = Answer(
        "问",
        "问",
        "是 [1]，不是 [7]，代码 `a[1]`。",
        citations=(citation,),
        claims=(Claim("多余", (1,), "unsupported", 0.1, shown=False),),
        written_by="llm",
    )
    html = messages([Entry("问", answer=answer)], tutor.shelf.notes, "zh")[1]["content"]
    assert html.count('class="cite" href="#source-0-1"') == 1
    assert "[7]" in html
    assert "a[1]" in html
    assert "去掉了 1 句" in html


def test_a_reply_is_shown_as_it_grows(tutor):
    events = list(tutor.ask("me", "丢弃法为什么能减轻过拟合？"))
    found = next(event for event in events if isinstance(event, SourcesFound))
    notes = tutor.shelf.notes
    early = messages([Entry("问", sources=found.citations)], notes, "zh")[1]["content"]
    assert "正在依据" in early
    assert "pending" in early
    assert isinstance(events[-1], Answered)
    late = messages([Entry("问", answer=events[-1].answer)], notes, "zh")[1]["content"]
    assert "pending" not in late


def test_progress_from_nothing_and_from_an_interview(tutor):
    notes, today = tutor.shelf.notes, tutor.clock().date()
    empty = overview_html(read_overview(tutor, "me"), notes, "zh", today)
    assert "还没有练习记录" in empty
    finish(tutor, start(tutor))
    view = read_overview(tutor, "me")
    html = overview_html(view, notes, "en", today)
    assert "Weakest points" in html
    assert 'role="img"' in html
    assert len(session_choices(view.sessions, notes, "zh")) == 1


def test_a_goal_on_trial_changes_the_plan_and_is_not_kept(tutor):
    day = tutor.clock().date() + timedelta(days=5)
    trial = read_overview(tutor, "me", Goal(day, 60))
    assert trial.plan.goal.day == day
    assert tutor.ledger.goal("me") is None


def test_a_goal_that_has_passed_is_planned_without_a_date(tutor):
    now = tutor.clock()
    tutor.ledger.set_goal("me", Goal(now.date() - timedelta(days=1), 30), now)
    assert read_overview(tutor, "me").goal.day is None


def test_key_points_survive_the_edit_box(tutor):
    note = next(iter(tutor.shelf.notes.values()))
    assert read_points(points_text(note)) == [(p.text, p.required) for p in note.key_points]
    assert read_points("甲\n\n+ 乙\n+\n") == [("甲", True), ("乙", False)]


def test_the_list_of_gaps_names_each_question_once(tutor):
    now = tutor.clock()
    note_id = next(iter(tutor.shelf.notes))
    refusals = [Refusal("<b>问</b>", (note_id, "gone"), now)] * 2
    html = gaps_html(refusals, tutor.shelf.notes, "zh")
    assert html.count("&lt;b&gt;问") == 1
    assert gaps_markdown(refusals, "zh").count("## ") == 1


@pytest.mark.parametrize(("value", "shown"), [(None, False), (6.5, True)])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_estimate_of_the_whole_answer_stands_behind_the_table(tutor, value, shown, lang):
    session = finish(tutor, start(tutor, follow_ups=0))
    turn = session.turns[0]
    critique = replace(turn.critique, estimate=value)
    html = html_of(tutor, session.with_turn(replace(turn, critique=critique)), lang)
    assert ("6.5" in html) is shown
