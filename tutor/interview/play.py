"""An interview played by a program from start to end, and what can be counted in one.

For evaluations and demonstrations: the learner and the judge are functions, time is simulated, and
nothing is stored.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tutor.critique.types import Critique, Label
from tutor.interview.followup import Phrase, ask_follow_up, ask_question, leaks, said_about
from tutor.interview.machine import apply, attach, next_move, receive
from tutor.interview.plan import TOO_SIMILAR, question_similarity
from tutor.interview.standing import standing
from tutor.interview.types import (
    AskNote,
    Contrast,
    FollowUp,
    Judge,
    Kind,
    Outcome,
    Phase,
    Session,
    Turn,
    Wait,
)
from tutor.notes.types import Note
from tutor.search.types import Encoder

Answer = Callable[[Turn, Note], str]
JudgeAnswer = Callable[[Turn, Note], Critique]


@dataclass(frozen=True, slots=True)
class Counts:
    """What happened in an interview.

    Attributes:
        questions: Notes asked, postponed ones once.
        repeats: Questions that ask again what an earlier one asked.
        follow_ups: Follow-ups and contrasts.
        aimed: Those that aim at a point that was not covered before.
        leaks: Those whose words tell a point that was neither said nor shown.
    """

    questions: int
    repeats: int
    follow_ups: int
    aimed: int
    leaks: int


def play(
    session: Session,
    notes: Mapping[str, Note],
    answer: Answer,
    judge: JudgeAnswer,
    now: datetime,
    *,
    seconds: float = 60.0,
    phrase: Phrase | None = None,
    encoder: Encoder | None = None,
) -> Session:
    """The interview after its end; every answer takes ``seconds``."""
    while session.phase is not Phase.DONE:
        move = next_move(session, notes, now)
        if isinstance(move, Wait):
            now += timedelta(seconds=seconds)
            turn = session.turns[move.turn]
            session = receive(session, answer(turn, notes[turn.note_id]), now)
        elif isinstance(move, Judge):
            turn = session.turns[move.turn]
            session = attach(session, judge(turn, notes[turn.note_id]), turn.index)
        else:
            prompt = ""
            if isinstance(move, AskNote):
                prompt = ask_question(notes[move.note_id], session.choices)
            elif isinstance(move, FollowUp | Contrast):
                note = notes[move.note_id]
                prompt = ask_follow_up(session, note, move, phrase=phrase, encoder=encoder)
            session = apply(session, move, now, prompt=prompt)
    return session


def count(session: Session, notes: Mapping[str, Note], *, encoder: Encoder | None = None) -> Counts:
    """Count what happened; each follow-up is looked at with what was known when it was asked."""
    asked: list[str] = []
    repeats = aimed = told = follow_ups = 0
    for turn in session.turns:
        note = notes.get(turn.note_id)
        if note is None or turn.outcome is Outcome.POSTPONED:
            continue
        before = _until(session, turn.index)
        if turn.kind is Kind.QUESTION:
            repeats += any(question_similarity(note.question, q) >= TOO_SIMILAR for q in asked)
            asked.append(note.question)
            continue
        follow_ups += 1
        verdict = standing(before, note).get(turn.point_id)
        aimed += verdict is not None and verdict.label is not Label.COVERED
        shown = [point for t in before.of_note(note.id) for point in t.shown]
        said = said_about(before, note.id)
        told += leaks(turn.prompt, note, shown, said=said, encoder=encoder)
    return Counts(len(asked), repeats, follow_ups, aimed, told)


def _until(session: Session, index: int) -> Session:
    return replace(session, turns=session.turns[:index])
