"""Holds an interview: the pure machine, the critic and the ledger, one saved step after another.

Every step is saved before anybody sees it, so an interview can be taken up from the ledger alone,
by this process or another. What a crash cut off is done again when the interview is next advanced.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from tutor.critique.types import Critique, Label
from tutor.errors import QuestionTooLongError
from tutor.interview import machine
from tutor.interview.followup import Phrase, ask_follow_up, ask_question, hint_text
from tutor.interview.types import (
    AskNote,
    Choices,
    Contrast,
    Finish,
    FollowUp,
    Judge,
    Move,
    Session,
    Turn,
    Wait,
)
from tutor.notes.types import Note
from tutor.progress.judging import (
    Judging,
    critique_of,
    judge_point_again,
    judge_turn,
    make_dispute,
)
from tutor.progress.ledger import Ledger
from tutor.progress.memory import fit_memory
from tutor.progress.planner import choose_day, one_of_each
from tutor.progress.schedule import due_queue, rate_session, replay
from tutor.progress.types import Rating
from tutor.search.types import Encoder

MAX_ANSWER_CHARS = 20_000


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
        session = machine.start(
            session_id,
            user,
            choices,
            self._notes().values(),
            self._clock(),
            asked=self._ledger.asked(user),
            due=self._wanted(user, choices.lang),
        )
        return self._advance_to_end(self._ledger.save_session(session))

    def _wanted(self, user: str, lang: str) -> list[str]:
        """Ids of the notes to ask first: today's plan where a date is set, then what is due."""
        now = self._clock()
        reviews = self._ledger.reviews(user)
        memory = fit_memory(reviews)
        cards = replay(reviews, memory=memory)
        due = [card.note_id for card in due_queue(cards, now, memory=memory)]
        goal = self._ledger.goal(user)
        if goal is None or goal.day is None or goal.day < now.date():
            return due
        usable = one_of_each(self._notes().values(), cards, lang)
        seconds = 60 * goal.minutes
        planned = choose_day(usable, cards, now.date(), goal.day, seconds, memory=memory)
        return list(dict.fromkeys([*planned, *due]))

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
        note = self._notes()[turn.note_id]
        critique = critique_of(turn)
        after = self._critic.dispute(critique, note, point_id, label, session.choices.lang)
        return self._save_dispute(session, turn, after, point_id, reason)

    def explain_again(
        self, session: Session, turn_index: int, point_id: str, words: str
    ) -> Session:
        """Judge one point again on other words of the learner's: logged, marked as disputed."""
        turn = session.turns[turn_index]
        note = self._notes()[turn.note_id]
        lang = session.choices.lang
        after = judge_point_again(self._critic, turn, note, point_id, words, lang)
        return self._save_dispute(session, turn, after, point_id, words)

    def _save_dispute(
        self, session: Session, turn: Turn, after: Critique, point_id: str, reason: str
    ) -> Session:
        dispute = make_dispute(session, turn, after, point_id, reason, self._clock())
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
            if isinstance(move, AskNote | FollowUp | Contrast):
                self._critic.read_ahead()
            yield session

    def _judge(
        self, session: Session, turn: Turn, note: Note
    ) -> Iterator[tuple[Session, Session | None]]:
        """The state to show, and the state saved: None for the provisional critique."""
        judged = judge_turn(self._critic, session, turn, note, word_comments=self._word_comments)
        for critique in judged:
            attached = machine.attach(session, critique, turn.index)
            if critique.final:
                saved = self._save_with_reviews(attached)
                yield saved, saved
            else:
                # Shown, not saved: after a crash the answer is judged again, and finally.
                yield attached, None

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
