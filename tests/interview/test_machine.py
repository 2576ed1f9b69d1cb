"""Any sequence of inputs, reloads and failures leaves a valid interview and loses nothing typed."""

import json
from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from tests.interview.values import NOW, at, make_critique, make_notes
from tutor.errors import InterviewError
from tutor.interview import machine
from tutor.interview.followup import ask_follow_up, ask_question, hint_text, show_point
from tutor.interview.pace import elapsed_seconds, needs_nudge, suggested_seconds
from tutor.interview.standing import shown_points, visible_points
from tutor.interview.types import (
    AskNote,
    Choices,
    Contrast,
    Finish,
    FollowUp,
    Judge,
    Kind,
    Mode,
    Move,
    Outcome,
    Phase,
    RevealPoint,
    Session,
    Wait,
)

NOTES = make_notes()


def words(session: Session, move: Move) -> str:
    match move:
        case AskNote(note_id):
            return ask_question(NOTES[note_id], session.choices)
        case FollowUp(note_id) | Contrast(note_id):
            return ask_follow_up(session, NOTES[note_id], move)
    return ""


def begin(**choices: object) -> Session:
    given = Choices(**({"count": 4} | choices))  # type: ignore[arg-type]
    return machine.start("s", "u", given, NOTES.values(), NOW)


def step(session: Session, minute: float = 0) -> Session:
    """Apply interviewer moves until somebody else has to act."""
    while True:
        move = machine.next_move(session, NOTES, at(minute))
        moved = machine.apply(session, move, at(minute), prompt=words(session, move))
        if moved == session:
            return session
        session = moved


def answer(session: Session, text: str, labels: str, minute: float = 0) -> Session:
    session = machine.receive(session, text, at(minute))
    note = NOTES[session.turns[-1].note_id]
    return step(machine.attach(session, make_critique(note, text, labels)), minute)


class Interviews(RuleBasedStateMachine):
    """Drives an interview with everything that can happen to it."""

    @initialize(
        mode=st.sampled_from(Mode),
        count=st.sampled_from([1, 3, 9, None]),
        minutes=st.sampled_from([None, 1, 5]),
        follow_ups=st.integers(0, 2),
        seed=st.integers(0, 99),
    )
    def start(
        self, mode: Mode, count: int | None, minutes: int | None, follow_ups: int, seed: int
    ) -> None:
        if count is None and minutes is None:
            minutes = 5
        choices = Choices(mode=mode, count=count, minutes=minutes, follow_ups=follow_ups, seed=seed)
        self.session = machine.start("s", "u", choices, NOTES.values(), NOW)
        self.minute = 0.0
        self.typed: list[str] = []

    @rule(minutes=st.floats(-1, 3))
    def time_passes(self, minutes: float) -> None:
        self.minute += minutes  # backwards too: clocks are set

    @rule()
    def interviewer_moves(self) -> None:
        move = machine.next_move(self.session, NOTES, at(self.minute))
        self.session = machine.apply(
            self.session, move, at(self.minute), prompt=words(self.session, move)
        )

    @rule(text=st.text(max_size=30))
    def learner_answers(self, text: str) -> None:
        self._attempt(lambda: machine.receive(self.session, text, at(self.minute)), text)

    @rule(text=st.text(max_size=10), how=st.sampled_from(["skip", "postpone", "stop"]))
    def learner_leaves(self, text: str, how: str) -> None:
        act = getattr(machine, how)
        open_question = self.session.phase is Phase.ASKED
        kept = text if open_question else ""
        self._attempt(lambda: act(self.session, at(self.minute), text), kept)

    @rule(text=st.text(max_size=10))
    def learner_gives_up(self, text: str) -> None:
        note = NOTES[self.session.turns[-1].note_id] if self.session.turns else NOTES["n0"]
        self._attempt(lambda: machine.reveal(self.session, note, at(self.minute), text), text)

    @rule(how=st.sampled_from(["hint", "repeat"]))
    def learner_asks(self, how: str) -> None:
        self._attempt(lambda: getattr(machine, how)(self.session), "")

    @precondition(lambda self: machine.unjudged(self.session))
    @rule(labels=st.text("cpmxu", min_size=3, max_size=3), twice=st.booleans())
    def judge_finishes(self, labels: str, twice: bool) -> None:
        turn = machine.unjudged(self.session)[0]
        critique = make_critique(NOTES[turn.note_id], turn.answer, labels)
        once = machine.attach(self.session, critique, turn.index)
        if twice:
            assert machine.attach(once, critique, turn.index) == once
        self.session = once

    @rule()
    def judge_fails(self) -> None:
        self.session = machine.set_aside(self.session)

    @rule()
    def page_reloads(self) -> None:
        self.session = machine.resume(Session.from_json(self.session.to_json()), at(self.minute))

    def _attempt(self, act, text: str) -> None:  # type: ignore[no-untyped-def]
        before = self.session
        try:
            self.session = act()
        except InterviewError:
            assert self.session == before
        else:
            self.typed += [text] if text else []

    @invariant()
    def is_valid(self) -> None:
        session = self.session
        assert [turn.index for turn in session.turns] == list(range(len(session.turns)))
        pending = [t.index for t in session.turns if t.outcome is Outcome.PENDING]
        assert pending in ([], [len(session.turns) - 1])
        kept = [turn.answer for turn in session.turns if turn.answer]
        assert sorted(kept) == sorted(self.typed)
        assert Session.from_json(session.to_json()) == session
        assert elapsed_seconds(session, at(self.minute)) >= 0
        assert isinstance(machine.next_move(session, NOTES, at(self.minute)), Move)

    @invariant()
    def keeps_its_rules(self) -> None:
        session = self.session
        for note_id in session.plan:
            turns = session.of_note(note_id)
            questions = [t for t in turns if t.kind is Kind.QUESTION]
            repeats = [t for t in questions if t.outcome is Outcome.POSTPONED]
            assert len(questions) <= 1 + len(repeats) <= 2
            assert len(turns) - len(questions) <= session.choices.follow_ups
            aims = [t.point_id for t in turns if t.point_id]
            assert len(aims) == len(set(aims))
        if session.choices.mode is Mode.REAL:
            assert not any(turn.shown for turn in session.turns)
        if session.choices.count:
            asked = {t.note_id for t in session.turns}
            assert len(asked) <= session.choices.count

    def teardown(self) -> None:
        """However it was left, it can be brought to its end."""
        if not hasattr(self, "session"):
            return
        for _ in range(60):
            session = step(self.session, self.minute)
            if session.phase is Phase.DONE:
                return
            if session.phase is Phase.ASKED:
                session = machine.skip(session, at(self.minute))
            else:
                session = machine.set_aside(session)
            self.session = session
        raise AssertionError("the interview does not end")


TestInterviews = Interviews.TestCase
TestInterviews.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_missed_point_gets_one_follow_up_and_is_then_shown() -> None:
    session = answer(step(begin()), "动量累积梯度", "cmm")
    assert session.turns[-1].kind is Kind.FOLLOW_UP
    assert session.turns[-1].point_id == "p1"
    first = session.turns[0].note_id
    session = answer(session, "不知道", "mmm")
    assert "p1" in shown_points(session, first)
    assert session.turns[-1].kind is Kind.QUESTION
    assert session.turns[-1].note_id != first


def test_follow_up_that_succeeds_shows_nothing_and_goes_on() -> None:
    session = answer(step(begin()), "一", "cmc")
    session = answer(session, "二", "mcm")
    assert not any(turn.shown for turn in session.turns)
    assert session.turns[-1].kind is Kind.QUESTION


def test_contradiction_is_asked_first_and_quotes_the_learner() -> None:
    session = answer(step(begin()), "梯度方向不重要", "mxm")
    assert session.turns[-1].kind is Kind.CONTRAST
    assert session.turns[-1].point_id == "p1"
    assert "梯度方向不重要" in session.turns[-1].prompt


def test_required_points_come_before_bonus_points() -> None:
    session = answer(step(begin()), "一", "cpm")
    assert session.turns[-1].point_id == "p1"  # p2 is missed, but a bonus


def test_real_mode_follows_up_but_shows_nothing_before_the_end() -> None:
    session = answer(step(begin(mode=Mode.REAL)), "一", "cmm")
    note = NOTES[session.turns[0].note_id]
    assert session.turns[-1].kind is Kind.FOLLOW_UP
    assert visible_points(session, note, in_play=False) == frozenset()
    session = answer(session, "二", "mmm")
    assert not any(turn.shown for turn in session.turns)
    with pytest.raises(InterviewError):
        machine.reveal(session, NOTES[session.turns[-1].note_id], NOW)
    assert visible_points(machine.stop(session, NOW), note, in_play=False) == {"p0", "p1", "p2"}


def test_study_mode_holds_back_missed_points_while_a_follow_up_may_come() -> None:
    session = answer(step(begin()), "一", "cmm")
    note = NOTES[session.turns[0].note_id]
    assert visible_points(session, note, in_play=True) == {"p0"}
    assert visible_points(session, note, in_play=False) == {"p0", "p1", "p2"}


def test_judging_that_fails_is_set_aside_and_can_be_done_at_the_end() -> None:
    session = machine.receive(step(begin(count=1)), "答案", at(1))
    assert machine.next_move(session, NOTES, at(1)) == Judge(0)
    session = step(machine.set_aside(session), 1)
    assert session.phase is Phase.DONE
    assert machine.unjudged(session) == (session.turns[0],)
    note = NOTES[session.turns[0].note_id]
    judged = machine.attach(session, make_critique(note, "答案", "ccc"))
    assert machine.unjudged(judged) == ()


def test_critique_of_another_answer_is_refused() -> None:
    session = machine.receive(step(begin()), "答案", NOW)
    note = NOTES[session.turns[0].note_id]
    with pytest.raises(InterviewError):
        machine.attach(session, make_critique(note, "别的回答", "ccc"))


def test_final_critique_takes_the_place_of_the_provisional_one() -> None:
    session = machine.receive(step(begin()), "答案", NOW)
    note = NOTES[session.turns[0].note_id]
    session = machine.attach(session, make_critique(note, "答案", "mmm", final=False))
    final = make_critique(note, "答案", "ccc")
    assert machine.attach(session, final).turns[0].critique == final


def test_postponed_question_returns_at_the_end_once() -> None:
    session = step(begin(count=2))
    first = session.turns[0].note_id
    session = step(machine.postpone(session, NOW, "草稿"))
    session = step(machine.skip(session, NOW))
    assert session.turns[-1].note_id == first
    assert session.turns[0].answer == "草稿"
    with pytest.raises(InterviewError):
        machine.postpone(session, NOW)


def test_minutes_end_the_interview_but_not_the_time_away() -> None:
    session = step(begin(count=None, minutes=10))
    later = machine.resume(session, at(60))  # an hour away
    assert machine.next_move(machine.skip(later, at(61)), NOTES, at(61)) != Finish("time")
    assert machine.next_move(machine.skip(session, at(10)), NOTES, at(10)) == Finish("time")


def test_nudge_comes_at_one_and_a_half_times_the_suggested_time() -> None:
    session = step(begin(mode=Mode.REAL))
    note = NOTES[session.turns[0].note_id]
    limit = 1.5 * suggested_seconds(note) / 60
    assert not needs_nudge(session, note, at(limit - 0.1))
    assert needs_nudge(session, note, at(limit))
    study = step(begin())
    assert not needs_nudge(study, NOTES[study.turns[0].note_id], at(60))


def test_hints_are_recorded_and_end_after_two() -> None:
    session = step(begin())
    note = NOTES[session.turns[0].note_id]
    first = machine.hint(session)
    second = machine.hint(first)
    assert hint_text(first, note) != hint_text(second, note)
    assert note.key_points[0].text not in hint_text(second, note)
    assert second.turns[0].hints == 2
    with pytest.raises(InterviewError):
        machine.hint(second)


def test_same_seed_same_order_and_asked_notes_come_last() -> None:
    plans = {begin(seed=seed).plan for seed in range(20)}
    assert len(plans) > 3
    assert begin(seed=5).plan == begin(seed=5).plan
    session = machine.start("s", "u", Choices(count=4), NOTES.values(), NOW, asked=["n2", "n0"])
    assert session.plan[-2:] == ("n0", "n2")
    due = machine.start("s", "u", Choices(count=2), NOTES.values(), NOW, due=["n3", "n1"])
    assert due.plan == ("n3", "n1")


def test_topic_level_and_unusable_notes_are_respected() -> None:
    assert set(begin(topics=("卷积",)).plan) == {"n2", "n3"}
    with pytest.raises(InterviewError) as caught:
        begin(topics=("强化学习",))
    assert caught.value.zh != caught.value.en
    bare = replace(NOTES["n0"], key_points=())
    with pytest.raises(InterviewError):
        machine.start("s", "u", Choices(), [bare], NOW)


def test_nearly_the_same_question_is_asked_once() -> None:
    twin = replace(NOTES["n0"], id="twin", question="动量法解决了什么问题呢？")
    translated = replace(NOTES["n1"], id="en", question="Why warm up?", ref="warm", lang="en")
    notes = [NOTES["n0"], twin, replace(NOTES["n1"], ref="warm"), translated]
    plan = machine.start("s", "u", Choices(count=9), notes, NOW).plan
    assert len(plan) == 2
    assert "en" not in plan
    english = machine.start("s", "u", Choices(count=9, lang="en"), notes, NOW).plan
    assert "en" in english
    # Asked in Chinese lately, so its translation is not new either.
    again = machine.start("s", "u", Choices(count=9, lang="en"), notes, NOW, asked=["n1"]).plan
    assert again[-1] == "en"


def test_note_deleted_in_the_middle_is_passed_over() -> None:
    session = machine.receive(step(begin()), "答案", NOW)
    left = {key: note for key, note in NOTES.items() if key != session.turns[0].note_id}
    move = machine.next_move(session, left, NOW)
    assert isinstance(move, AskNote)
    assert move.note_id in left
    assert machine.next_move(machine.set_aside(session), {}, NOW) == Finish("plan")


def test_revealed_point_is_said_in_the_notes_words() -> None:
    move = RevealPoint("n0", "p1")
    assert NOTES["n0"].key_points[1].text in show_point(NOTES["n0"], move, "zh")


def test_saved_interview_that_is_damaged_or_newer_is_refused() -> None:
    text = begin().to_json()
    newer = json.dumps(json.loads(text) | {"format": 99})
    for bad in (text[:-5], "{}", "[]", newer, '{"format": 1, "session": {"id": 3}}'):
        with pytest.raises(InterviewError):
            Session.from_json(bad)


def test_wait_is_the_move_while_the_learner_thinks() -> None:
    session = step(begin())
    assert machine.next_move(session, NOTES, NOW) == Wait(0)
    assert machine.apply(session, Wait(0), NOW) == session
    with pytest.raises(InterviewError):
        machine.apply(session, AskNote("n1"), NOW, prompt="抢问？")


@pytest.mark.parametrize(
    "bad",
    [{"count": 0}, {"count": None}, {"minutes": 0}, {"follow_ups": 3}, {"lang": "fr"}],
)
def test_choices_that_cannot_be_met_are_refused(bad: dict[str, object]) -> None:
    with pytest.raises(InterviewError):
        begin(**bad)
