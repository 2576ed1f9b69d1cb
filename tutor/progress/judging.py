"""What an interview asks of a critic, and what becomes of its verdicts: no database here."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from tutor.critique.score import score
from tutor.critique.types import Critique, Label
from tutor.errors import InterviewError, ModelError
from tutor.interview.types import Kind, Mode, Session, Turn
from tutor.notes.types import Note
from tutor.progress.types import Dispute


class Judging(Protocol):
    """What an interview needs of a critic (`tutor.critique.critic.Critic`)."""

    def read_ahead(self) -> None:
        """Begin to read what judging will need, in the background; returns at once."""

    def provisional(
        self, note: Note, question: str, answer: str, lang: str, *, reveal: bool = True
    ) -> Critique:
        """A critique at once, without the language model."""

    def final(
        self, note: Note, question: str, answer: str, lang: str, *, reveal: bool = True
    ) -> Critique:
        """The critique that counts."""

    def word_comment(self, critique: Critique, note: Note, question: str, lang: str) -> Critique:
        """The critique with its comment worded by the model and checked."""

    def dispute(
        self, critique: Critique, note: Note, point_id: str, label: Label, lang: str
    ) -> Critique:
        """The critique after the learner overruled one verdict."""


def judge_turn(
    critic: Judging, session: Session, turn: Turn, note: Note, *, word_comments: bool
) -> Iterator[Critique]:
    """The provisional critique where there is one, then the final one.

    If the model fails, the verdicts of the fast judge stand, and say so themselves.
    """
    lang = session.choices.lang
    reveal = may_reveal(session, turn)
    critique = critic.provisional(note, turn.prompt, turn.answer, lang, reveal=reveal)
    if not critique.final:
        yield critique
        try:
            critique = critic.final(note, turn.prompt, turn.answer, lang, reveal=reveal)
        except ModelError:
            critique = replace(critique, final=True)
    if word_comments and reveal:
        critique = critic.word_comment(critique, note, turn.prompt, lang)
    yield critique


def may_reveal(session: Session, turn: Turn) -> bool:
    """Whether the comment may name points that were not said.

    A real interview keeps them to itself until its end, and so does a question that may still be
    followed up.
    """
    follow_up_ahead = turn.kind is Kind.QUESTION and session.choices.follow_ups > 0
    return session.choices.mode is not Mode.REAL and not follow_up_ahead


def judge_point_again(
    critic: Judging, turn: Turn, note: Note, point_id: str, words: str, lang: str
) -> Critique:
    """The turn's critique with one point judged anew on other words of the learner's.

    Raises:
        InterviewError: The answer has not been judged yet.
    """
    before = critique_of(turn)
    again = critic.final(note, turn.prompt, words, lang)
    said = {verdict.point_id: verdict for verdict in again.verdicts}
    verdicts = tuple(
        # The new words are not part of the answer, so they cannot be pointed at in it.
        replace(said[verdict.point_id], learner_span=None, reason="explained_again")
        if verdict.point_id == point_id
        else verdict
        for verdict in before.verdicts
    )
    total = replace(score(verdicts, note.key_points), disputed=True)
    return replace(before, verdicts=verdicts, score=total)


def make_dispute(
    session: Session, turn: Turn, after: Critique, point_id: str, reason: str, now: datetime
) -> Dispute:
    """What is logged of a dispute."""
    before, then = (
        next(v.label for v in critique.verdicts if v.point_id == point_id)
        for critique in (critique_of(turn), after)
    )
    return Dispute(
        session_id=session.id,
        turn=turn.index,
        note_id=turn.note_id,
        point_id=point_id,
        before=before,
        after=then,
        reason=reason,
        answer=turn.answer,
        at=now,
    )


def critique_of(turn: Turn) -> Critique:
    """The turn's critique.

    Raises:
        InterviewError: The answer has not been judged yet.
    """
    if turn.critique is None:
        raise InterviewError(
            "This answer has not been judged yet; wait for the verdicts, then dispute.",
            "这个回答还没有评判完；请等评判出来后再提出异议。",
        )
    return turn.critique
