"""What an interview is: frozen values that are saved after every step."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from tutor.critique.types import Critique
from tutor.errors import InterviewError
from tutor.interview.codec import decode, encode

FORMAT = 1


class Mode(StrEnum):
    """``study`` comments after each answer; ``real`` holds all feedback to the end."""

    STUDY = "study"
    REAL = "real"


class Style(StrEnum):
    """How the interviewer speaks; never how the answer is judged."""

    FRIENDLY = "friendly"
    NEUTRAL = "neutral"
    STRICT = "strict"


class Kind(StrEnum):
    """What a turn asked."""

    QUESTION = "question"
    FOLLOW_UP = "follow_up"
    CONTRAST = "contrast"


class Outcome(StrEnum):
    """What became of a turn."""

    PENDING = "pending"
    ANSWERED = "answered"
    SKIPPED = "skipped"
    REVEALED = "revealed"
    POSTPONED = "postponed"


class Phase(StrEnum):
    """What the interview waits for."""

    READY = "ready"  # for the next move
    ASKED = "asked"  # for the learner
    JUDGING = "judging"  # for the critique of the last answer
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Choices:
    """What the learner chose at the start.

    Attributes:
        topics: Heading paths; a path stands for everything below it; empty for all.
        level: ``basic``, ``intermediate`` or ``advanced``; empty for all.
        count: Questions at most; None for no limit (then `minutes` limits).
        minutes: Answering time at most, in minutes; None for no limit.
        lang: Language of the interview, ``zh`` or ``en``.
        seed: Decides the order of questions.
        follow_ups: Follow-up questions at most to each question, 0 to 2.
    """

    topics: tuple[str, ...] = ()
    level: str = ""
    count: int | None = 5
    minutes: int | None = None
    mode: Mode = Mode.STUDY
    style: Style = Style.NEUTRAL
    lang: str = "zh"
    seed: int = 0
    follow_ups: int = 1


@dataclass(frozen=True, slots=True)
class Turn:
    """One exchange: what was asked, and what the learner did.

    Attributes:
        index: Position in the interview, from 0.
        kind: Question, follow-up or contrast.
        note_id: The note it is about.
        prompt: The words the learner saw.
        asked_at: When they were shown (moved on when an interview is taken up again).
        point_id: The key point a follow-up or contrast aims at; empty for a question.
        answer: What the learner typed, verbatim; kept also when the turn was skipped.
        outcome: What became of it.
        hints: Hints taken, 0 to 2.
        repeats: How often the learner asked to hear the question again.
        answered_at: When the turn was closed; None while it is pending.
        critique: The judged answer; None until judged.
        set_aside: True where judging failed and the interview went on without it.
        shown: Key points whose text was shown to the learner at the end of this turn.
    """

    index: int
    kind: Kind
    note_id: str
    prompt: str
    asked_at: datetime
    point_id: str = ""
    answer: str = ""
    outcome: Outcome = Outcome.PENDING
    hints: int = 0
    repeats: int = 0
    answered_at: datetime | None = None
    critique: Critique | None = None
    set_aside: bool = False
    shown: tuple[str, ...] = ()

    def seconds(self, now: datetime | None = None) -> float:
        """Answering time in seconds, up to ``now`` for a pending turn; never negative."""
        end = self.answered_at or now or self.asked_at
        return max(0.0, (end - self.asked_at).total_seconds())

    @property
    def unjudged(self) -> bool:
        """Whether an answer stands here without a critique."""
        return self.outcome is Outcome.ANSWERED and self.critique is None


@dataclass(frozen=True, slots=True)
class Session:
    """An interview, whole: any process can take it up from this value alone.

    Attributes:
        id: Given by the caller, unique.
        user: Whose interview it is.
        choices: What was chosen at the start.
        plan: Note ids in the order they will be asked; more than `choices.count` only where
            time is the limit.
        started_at: When it began.
        turns: Everything asked so far.
        finished: Why it ended: ``plan``, ``time`` or ``stopped``; empty while it runs.
        finished_at: When it ended.
        version: Counted up by the ledger at each save; a save with an old one is refused.
    """

    id: str
    user: str
    choices: Choices
    plan: tuple[str, ...]
    started_at: datetime
    turns: tuple[Turn, ...] = ()
    finished: str = ""
    finished_at: datetime | None = None
    version: int = 0

    @property
    def phase(self) -> Phase:
        """What the interview waits for, from the turns alone."""
        if self.finished:
            return Phase.DONE
        last = self.turns[-1] if self.turns else None
        if last is None:
            return Phase.READY
        if last.outcome is Outcome.PENDING:
            return Phase.ASKED
        if last.unjudged and not last.set_aside:
            return Phase.JUDGING
        return Phase.READY

    @property
    def current(self) -> Turn | None:
        """The last turn, whatever its outcome."""
        return self.turns[-1] if self.turns else None

    def of_note(self, note_id: str) -> tuple[Turn, ...]:
        """The turns about one note, in order."""
        return tuple(turn for turn in self.turns if turn.note_id == note_id)

    def with_turn(self, turn: Turn) -> "Session":
        """A copy with the turn of the same index replaced, or appended where it is new."""
        turns = (*self.turns[: turn.index], turn, *self.turns[turn.index + 1 :])
        return replace(self, turns=turns)

    def to_json(self) -> str:
        """One JSON object that `from_json` reads back to an equal value."""
        body = {"format": FORMAT, "session": encode(self)}
        return json.dumps(body, sort_keys=True)  # ASCII: any text round-trips, NUL included

    @classmethod
    def from_json(cls, text: str) -> "Session":
        """The session that `to_json` wrote.

        Raises:
            InterviewError: The text is damaged or from a newer version.
        """
        try:
            body = json.loads(text)
            if body["format"] > FORMAT:
                raise InterviewError(
                    "This interview was saved by a newer version; update the program to open it.",
                    "这场面试由更新的版本保存；请升级程序后再打开。",
                )
            return decode(cls, body["session"])
        except (ValueError, TypeError, KeyError) as error:
            raise InterviewError(
                "This saved interview is damaged and cannot be opened; start a new one. "
                "Nothing was deleted.",
                "这场面试的存档已损坏，无法打开；请开始新的面试。存档没有被删除。",
            ) from error


@dataclass(frozen=True, slots=True)
class Wait:
    """The learner has still to answer this turn."""

    turn: int


@dataclass(frozen=True, slots=True)
class Judge:
    """This turn's answer has still to be judged."""

    turn: int


@dataclass(frozen=True, slots=True)
class AskNote:
    """Ask a note's question."""

    note_id: str


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Ask again for one point that was missed or only half said."""

    note_id: str
    point_id: str


@dataclass(frozen=True, slots=True)
class Contrast:
    """Ask the learner to weigh again a sentence that contradicts the note."""

    note_id: str
    point_id: str
    said: str


@dataclass(frozen=True, slots=True)
class RevealPoint:
    """Show a point that was asked for twice in vain; no answer is expected."""

    note_id: str
    point_id: str


@dataclass(frozen=True, slots=True)
class Finish:
    """The interview is over: ``plan`` or ``time``."""

    reason: str


Move = Wait | Judge | AskNote | FollowUp | Contrast | RevealPoint | Finish
