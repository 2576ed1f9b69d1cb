"""Holds an interview: the pure machine, the critic and the ledger, one saved step after another.

Every step is saved before anybody sees it, so an interview can be taken up from the ledger alone,
by this process or another. What a crash cut off is done again when the interview is next advanced.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from tutor.critique.score import score
from tutor.critique.types import Critique, Label
from tutor.errors import InterviewError, ModelError, QuestionTooLongError
from tutor.interview import machine
from tutor.interview.followup import Phrase, ask_follow_up, ask_question, hint_text
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
    Session,
    Turn,
    Wait,
)
from tutor.notes.types import Note
from tutor.progress.ledger import Ledger
from tutor.progress.schedule import due_queue, rate_session, replay
from tutor.progress.types import Dispute, Rating
from tutor.search.types import Encoder

MAX_ANSWER_CHARS = 20_000


class Judging(Protocol):
    """What an interview needs of a critic (`tutor.critique.critic.Critic`)."""

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


class Rehearsal:
    """Interviews of one ledger.

    Args:
        ledger: Where they are kept.
        critic: Judges the answers.
        notes: Gives the notes by id as they are now.
        clock: Gives the time, with its time zone.
        phrase: Lets the model word a follow-up; None for templates.
        word_comments: Let the model word comments too.
        on_passed: Told of each note that was answered well.
        encoder: Used to see whether a worded follow-up tells the answer.
        translate: Puts a note's question into the interview's language; None keeps it.
    """

    def __init__(
        self,
        ledger: Ledger,
        critic: Judging,
        notes: Callable[[], Mapping[str, Note]],
        clock: Callable[[], datetime],
        *,
        phrase: Phrase | None = None,
        word_comments: bool = False,
        on_passed: Callable[[Note], None] | None = None,
        encoder: Encoder | None = None,
        translate: Callable[[Note, str], str] | None = None,
    ) -> None:
        self._ledger = ledger
        self._critic = critic
        self._notes = notes
        self._clock = clock
        self._phrase = phrase
        self._word_comments = word_comments
        self._on_passed = on_passed
        self._encoder = encoder
        self._translate = translate

    def start(self, session_id: str, user: str, choices: Choices) -> Session:
        """A new interview with its first question, saved. Starting it twice gives the same one."""
        known = {session.id: session for session in self._ledger.unfinished(user)}
        if session_id in known:
            return known[session_id]
        cards = replay(self._ledger.reviews(user))
        due = [card.note_id for card in due_queue(cards, self._clock())]
        session = machine.start(
            session_id,
            user,
            choices,
            self._notes().values(),
            self._clock(),
            asked=self._ledger.asked(user),
            due=due,
        )
        return self._advance_to_end(self._ledger.save_session(session))

    def load(self, session_id: str) -> Session:
        """The interview as saved."""
        return self._ledger.load_session(session_id)

    def resume(self, session_id: str) -> Iterator[Session]:
        """Take an interview up after a reload or a crash; does what was cut off."""
        session = self.load(session_id)
        resumed = machine.resume(session, self._clock())
        if resumed != session:
            resumed = self._ledger.save_session(resumed)
        yield from self._advance(resumed)

    def answer(self, session: Session, text: str) -> Iterator[Session]:
        """Take an answer: yields the interview as saved, judged at once, judged finally, and moved on.

        The session given is the one the learner saw: if another tab has moved on since, nothing
        but the journal of typed words changes.

        Raises:
            StaleSessionError: The interview has moved on elsewhere.
            QuestionTooLongError: The answer is over 20,000 characters.
        """
        if len(text) > MAX_ANSWER_CHARS:
            raise QuestionTooLongError(
                f"The answer has {len(text)} characters; shorten it to {MAX_ANSWER_CHARS}.",
                f"回答有 {len(text)} 个字符；请缩短到 {MAX_ANSWER_CHARS} 个以内。",
            )
        turn = session.current
        now = self._clock()
        # The journal first: whatever happens below, the words are there.
        self._ledger.append_answer(session.user, session.id, turn.index if turn else 0, text, now)
        received = self._ledger.save_session(machine.receive(session, text, now))
        yield from self._advance(received)

    def skip(self, session: Session, text: str = "") -> Session:
        """Pass over the question."""
        return self._move_on(machine.skip(session, self._clock(), text))

    def postpone(self, session: Session, text: str = "") -> Session:
        """Put the question off to the end."""
        return self._move_on(machine.postpone(session, self._clock(), text))

    def reveal(self, session: Session, text: str = "") -> Session:
        """Give the question up and see its answer."""
        turn = session.current
        note = self._notes()[turn.note_id] if turn else None
        if note is None:
            return self.skip(session, text)
        return self._move_on(machine.reveal(session, note, self._clock(), text))

    def hint(self, session: Session) -> tuple[Session, str]:
        """One more hint: the interview with the hint recorded, and its words."""
        hinted = machine.hint(session)
        turn = hinted.turns[-1]
        words = hint_text(hinted, self._notes()[turn.note_id])
        return self._ledger.save_session(hinted), words

    def repeat(self, session: Session) -> Session:
        """The question once more."""
        return self._ledger.save_session(machine.repeat(session))

    def stop(self, session: Session, text: str = "") -> Session:
        """End early; the report covers what was answered."""
        return self._save_with_reviews(machine.stop(session, self._clock(), text))

    def overrule(
        self, session: Session, turn_index: int, point_id: str, label: Label, reason: str
    ) -> Session:
        """The learner's own verdict on one point: logged, and the score marked as disputed."""
        turn = session.turns[turn_index]
        critique = _critique_of(turn)
        note = self._notes()[turn.note_id]
        after = self._critic.dispute(critique, note, point_id, label, session.choices.lang)
        return self._save_dispute(session, turn, after, point_id, reason)

    def explain_again(
        self, session: Session, turn_index: int, point_id: str, words: str
    ) -> Session:
        """Judge one point again on other words of the learner's: logged, marked as disputed."""
        turn = session.turns[turn_index]
        before = _critique_of(turn)
        note = self._notes()[turn.note_id]
        again = self._critic.final(note, turn.prompt, words, session.choices.lang)
        said = {verdict.point_id: verdict for verdict in again.verdicts}
        verdicts = tuple(
            # The new words are not part of the answer, so they cannot be pointed at in it.
            replace(said[verdict.point_id], learner_span=None, reason="explained_again")
            if verdict.point_id == point_id
            else verdict
            for verdict in before.verdicts
        )
        total = replace(score(verdicts, note.key_points), disputed=True)
        after = replace(before, verdicts=verdicts, score=total)
        return self._save_dispute(session, turn, after, point_id, words)

    def _save_dispute(
        self, session: Session, turn: Turn, after: Critique, point_id: str, reason: str
    ) -> Session:
        labels = [
            next(v.label for v in critique.verdicts if v.point_id == point_id)
            for critique in (_critique_of(turn), after)
        ]
        dispute = Dispute(
            session_id=session.id,
            turn=turn.index,
            note_id=turn.note_id,
            point_id=point_id,
            before=labels[0],
            after=labels[1],
            reason=reason,
            answer=turn.answer,
            at=self._clock(),
        )
        with self._ledger.transaction() as ledger:
            ledger.record_dispute(session.user, dispute)
            saved = ledger.save_session(session.with_turn(replace(turn, critique=after)))
            self._record_reviews(ledger, saved)
        return saved

    def _move_on(self, session: Session) -> Session:
        return self._advance_to_end(self._ledger.save_session(session))

    def _advance_to_end(self, session: Session) -> Session:
        for later in self._advance(session):
            session = later
        return session

    def _advance(self, session: Session) -> Iterator[Session]:
        """Do what the interviewer does until the learner has to act; yields each state."""
        yield session
        while True:
            notes = self._notes()
            move = machine.next_move(session, notes, self._clock())
            if isinstance(move, Wait) or (isinstance(move, Finish) and session.finished):
                return
            if isinstance(move, Judge):
                turn = session.turns[move.turn]
                for shown, saved in self._judge(session, turn, notes[turn.note_id]):
                    session = saved or session
                    yield shown
                continue
            prompt = self._words(session, notes, move)
            moved = machine.apply(session, move, self._clock(), prompt=prompt)
            session = self._save_with_reviews(moved)
            yield session

    def _judge(
        self, session: Session, turn: Turn, note: Note
    ) -> Iterator[tuple[Session, Session | None]]:
        """The state to show, and the state saved: None for the provisional critique."""
        lang = session.choices.lang
        reveal = _may_reveal(session, turn)
        first = self._critic.provisional(note, turn.prompt, turn.answer, lang, reveal=reveal)
        if not first.final:
            # Shown, not saved: after a crash the answer is judged again, and finally.
            yield machine.attach(session, first, turn.index), None
        try:
            critique = (
                first
                if first.final
                else self._critic.final(note, turn.prompt, turn.answer, lang, reveal=reveal)
            )
        except ModelError:
            # The verdicts of the fast judge stand, and say so themselves.
            critique = replace(first, final=True)
        if self._word_comments and reveal:
            critique = self._critic.word_comment(critique, note, turn.prompt, lang)
        saved = self._save_with_reviews(machine.attach(session, critique, turn.index))
        yield saved, saved

    def _words(self, session: Session, notes: Mapping[str, Note], move: Move) -> str:
        if isinstance(move, AskNote):
            note = notes[move.note_id]
            asked = self._translate(note, session.choices.lang) if self._translate else ""
            return ask_question(note, session.choices, question=asked)
        if isinstance(move, FollowUp | Contrast):
            return ask_follow_up(
                session, notes[move.note_id], move, phrase=self._phrase, encoder=self._encoder
            )
        return ""

    def _save_with_reviews(self, session: Session) -> Session:
        with self._ledger.transaction() as ledger:
            saved = ledger.save_session(session)
            self._record_reviews(ledger, saved)
        return saved

    def _record_reviews(self, ledger: Ledger, session: Session) -> None:
        """One FSRS review for each judged question; recording it again replaces it."""
        notes = self._notes()
        for review in rate_session(session, notes):
            ledger.record_review(session.user, review)
            if review.rating >= Rating.GOOD and self._on_passed is not None:
                self._on_passed(notes[review.note_id])


def _may_reveal(session: Session, turn: Turn) -> bool:
    """Whether the comment may name points that were not said.

    A real interview keeps them to itself until its end, and so does a question that may still be
    followed up.
    """
    follow_up_ahead = turn.kind is Kind.QUESTION and session.choices.follow_ups > 0
    return session.choices.mode is not Mode.REAL and not follow_up_ahead


def _critique_of(turn: Turn) -> Critique:
    if turn.critique is None:
        raise InterviewError(
            "This answer has not been judged yet; wait for the verdicts, then dispute.",
            "这个回答还没有评判完；请等评判出来后再提出异议。",
        )
    return turn.critique
