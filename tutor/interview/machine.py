"""The interview as a pure state machine: a session and an event in, a new session out.

No model, no database, no clock: the caller passes the notes, the time and the critique. Every
function either returns a valid session or raises `InterviewError` and changes nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from tutor.critique.types import Critique, Label
from tutor.errors import InterviewError
from tutor.interview.pace import time_is_up
from tutor.interview.plan import plan_notes, question_similarity
from tutor.interview.standing import open_points, standing
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
    Turn,
    Wait,
)
from tutor.notes.types import Note

MAX_HINTS = 2
MAX_FOLLOW_UPS = 2


def start(
    session_id: str,
    user: str,
    choices: Choices,
    notes: Iterable[Note],
    now: datetime,
    *,
    asked: Sequence[str] = (),
    due: Sequence[str] = (),
    similarity: Callable[[str, str], float] = question_similarity,
) -> Session:
    """A new interview with its plan; see `plan_notes` for the order.

    Raises:
        InterviewError: The choices cannot be met.
    """
    in_range = (
        (choices.count is None or choices.count >= 1)
        and (choices.minutes is None or choices.minutes >= 1)
        and 0 <= choices.follow_ups <= MAX_FOLLOW_UPS
        and (choices.count or choices.minutes)
        and choices.lang in ("zh", "en")
    )
    if not in_range:
        raise InterviewError(
            "Choose at least one question or one minute, at most two follow-ups, and Chinese or "
            "English.",
            "请至少选择一道题或一分钟，追问不超过两次，语言为中文或英文。",
        )
    plan = plan_notes(notes, choices, asked=asked, due=due, similarity=similarity)
    return Session(id=session_id, user=user, choices=choices, plan=plan, started_at=now)


def next_move(session: Session, notes: Mapping[str, Note], now: datetime) -> Move:
    """What the interviewer does next; the same session and time always give the same move.

    Notes that have gone since the start are passed over.
    """
    if session.finished:
        return Finish(session.finished)
    last = session.current
    if last and session.phase is Phase.ASKED:
        return Wait(last.index)
    if last and session.phase is Phase.JUDGING and last.note_id in notes:
        return Judge(last.index)
    out_of_time = time_is_up(session, now)
    if last and last.outcome is Outcome.ANSWERED and last.note_id in notes:
        move = _after_answer(session, last, notes[last.note_id], out_of_time)
        if move:
            return move
    if out_of_time:
        return Finish("time")
    note_id = _next_note(session, notes)
    return AskNote(note_id) if note_id else Finish("plan")


def apply(session: Session, move: Move, now: datetime, *, prompt: str = "") -> Session:
    """The session after a move of the interviewer; ``prompt`` is what the learner is asked.

    Raises:
        InterviewError: The interview is waiting for something else.
    """
    if isinstance(move, Wait | Judge):
        return session
    if isinstance(move, Finish) and session.finished == move.reason:
        return session
    if session.phase not in (Phase.READY, Phase.JUDGING):
        raise _not_now()
    if isinstance(move, Finish):
        return replace(session, finished=move.reason, finished_at=now)
    if isinstance(move, RevealPoint):
        last = session.turns[-1] if session.turns else None
        if last is None or last.note_id != move.note_id:
            raise _not_now()
        return session.with_turn(replace(last, shown=_added(last.shown, [move.point_id])))
    if not prompt.strip():
        raise ValueError("a question needs its words")
    kind = {AskNote: Kind.QUESTION, FollowUp: Kind.FOLLOW_UP, Contrast: Kind.CONTRAST}[type(move)]
    point_id = "" if isinstance(move, AskNote) else move.point_id
    turn = Turn(len(session.turns), kind, move.note_id, prompt, now, point_id=point_id)
    return session.with_turn(turn)


def receive(session: Session, text: str, now: datetime) -> Session:
    """The learner's answer, kept verbatim (empty ones too: the guards judge them)."""
    return _close(session, Outcome.ANSWERED, now, text)


def attach(session: Session, critique: Critique, index: int | None = None) -> Session:
    """The critique put beside the answer it judges; doing it again changes nothing.

    A later critique of the same answer (the final one after a provisional one, or a disputed
    one) takes the place of the earlier. Works in a finished interview too. Without ``index`` the
    latest turn with this note and this answer is taken.

    Raises:
        InterviewError: No turn has this answer.
    """
    for turn in reversed(session.turns):
        fits = turn.note_id == critique.note_id and turn.answer == critique.answer
        if fits and turn.outcome is Outcome.ANSWERED and index in (None, turn.index):
            return session.with_turn(replace(turn, critique=critique, set_aside=False))
    raise InterviewError(
        "This judgement belongs to no answer of the interview; judge the saved answer again.",
        "这份评判与面试中的任何回答都对不上；请重新评判已保存的回答。",
    )


def set_aside(session: Session) -> Session:
    """Go on without the critique of the last answer; it can still be attached later."""
    if session.phase is not Phase.JUDGING:
        return session
    return session.with_turn(replace(session.turns[-1], set_aside=True))


def skip(session: Session, now: datetime, text: str = "") -> Session:
    """Pass over the question; ``text`` is what was typed so far and is kept."""
    return _close(session, Outcome.SKIPPED, now, text)


def reveal(session: Session, note: Note, now: datetime, text: str = "") -> Session:
    """Give up and see the answer (Study mode only); every point counts as shown."""
    if session.choices.mode is Mode.REAL:
        raise InterviewError(
            "A real interview shows answers only at the end; skip the question instead.",
            "真实模式在结束后才显示答案；请改用“跳过”。",
        )
    closed = _close(session, Outcome.REVEALED, now, text)
    points = [point.id for point in note.key_points]
    last = closed.turns[-1]
    return closed.with_turn(replace(last, shown=_added(last.shown, points)))


def postpone(session: Session, now: datetime, text: str = "") -> Session:
    """Answer later: the question comes back after the others, once."""
    turn = _pending(session)
    before = [t for t in session.of_note(turn.note_id) if t.outcome is Outcome.POSTPONED]
    if turn.kind is not Kind.QUESTION or before:
        raise InterviewError(
            "This question cannot be put off again; answer it or skip it.",
            "这道题不能再推迟；请作答或跳过。",
        )
    return _close(session, Outcome.POSTPONED, now, text)


def hint(session: Session) -> Session:
    """One more hint for the pending question, recorded; see `followup.hint_text`."""
    turn = _pending(session)
    if turn.hints >= MAX_HINTS:
        raise InterviewError(
            "There is no further hint; answer as far as you can, or skip.",
            "没有更多提示了；请尽量作答，或跳过。",
        )
    return session.with_turn(replace(turn, hints=turn.hints + 1))


def repeat(session: Session) -> Session:
    """The question is said once more; its words are the pending turn's ``prompt``."""
    turn = _pending(session)
    return session.with_turn(replace(turn, repeats=turn.repeats + 1))


def stop(session: Session, now: datetime, text: str = "") -> Session:
    """End early; what was typed so far is kept with the open question. Done twice, changes nothing."""
    if session.finished:
        return session
    if session.phase is Phase.ASKED and text:
        session = session.with_turn(replace(session.turns[-1], answer=text))
    return replace(session, finished="stopped", finished_at=now)


def resume(session: Session, now: datetime) -> Session:
    """Take an interview up again: the time away does not count as answering time."""
    if session.phase is not Phase.ASKED:
        return session
    return session.with_turn(replace(session.turns[-1], asked_at=now))


def unjudged(session: Session) -> tuple[Turn, ...]:
    """Answers without a critique, oldest first: judging can be run on them at any time."""
    return tuple(turn for turn in session.turns if turn.unjudged)


def _after_answer(session: Session, last: Turn, note: Note, out_of_time: bool) -> Move | None:
    """The follow-up, or the point to show, after a judged answer; None to go on."""
    if last.critique is None:
        return None
    verdicts = standing(session, note)
    if last.kind is not Kind.QUESTION and session.choices.mode is Mode.STUDY:
        still = verdicts.get(last.point_id)
        lacking = still is None or still.label is not Label.COVERED
        if lacking and last.point_id not in last.shown and _has_point(note, last.point_id):
            return RevealPoint(note.id, last.point_id)
    asked = [turn for turn in session.of_note(note.id) if turn.kind is not Kind.QUESTION]
    if out_of_time or len(asked) >= session.choices.follow_ups:
        return None
    tried = {turn.point_id for turn in asked}
    for point in open_points(session, note):
        if point.id in tried:
            continue
        verdict = verdicts[point.id]
        if verdict.label is Label.CONTRADICTED and verdict.learner_span:
            return Contrast(note.id, point.id, verdict.learner_span.of(last.critique.answer))
        return FollowUp(note.id, point.id)
    return None


def _next_note(session: Session, notes: Mapping[str, Note]) -> str | None:
    asked = {turn.note_id for turn in session.turns if turn.kind is Kind.QUESTION}
    fresh = [note_id for note_id in session.plan if note_id not in asked]
    put_off = [
        turn.note_id
        for turn in session.turns
        if turn.outcome is Outcome.POSTPONED and session.of_note(turn.note_id)[-1] is turn
    ]
    return next((note_id for note_id in (*fresh, *put_off) if note_id in notes), None)


def _pending(session: Session) -> Turn:
    if session.phase is not Phase.ASKED:
        raise _not_now()
    return session.turns[-1]


def _close(session: Session, outcome: Outcome, now: datetime, text: str) -> Session:
    turn = _pending(session)
    answered_at = max(now, turn.asked_at)  # a clock set back must not make a negative time
    return session.with_turn(replace(turn, outcome=outcome, answer=text, answered_at=answered_at))


def _has_point(note: Note, point_id: str) -> bool:
    return any(point.id == point_id for point in note.key_points)


def _added(shown: tuple[str, ...], points: Iterable[str]) -> tuple[str, ...]:
    return (*shown, *(point for point in points if point not in shown))


def _not_now() -> InterviewError:
    return InterviewError(
        "The interview is at another point; reload the page to see where it stands.",
        "面试已经进行到别处；请刷新页面查看当前进度。",
    )
