"""What a study reply is."""

from dataclasses import dataclass, field

from tutor.notes.types import Span


@dataclass(frozen=True, slots=True)
class Citation:
    """A mark ``[n]`` and the note words it stands for; numbers are given by code."""

    number: int
    note_id: str
    span: Span
    quote: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of a reply, checked.

    Attributes:
        text: The sentence without its marks.
        citations: Numbers of the citations it rests on.
        label: ``supported``, ``unsupported`` or ``contradicted``.
        support: Calibrated probability that the cited words support it, 0 to 1.
        shown: False where the sentence was dropped from the reply.
        quoted: True for the note's own words, put in by code.
    """

    text: str
    citations: tuple[int, ...]
    label: str
    support: float
    shown: bool = True
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A study reply.

    Attributes:
        question: As asked.
        standalone: The question as searched, after the conversation was read into it and its spelling mended;
            the page shows it where it differs.
        text: The reply as shown, with ``[n]`` marks; for a refusal the refusal sentence.
        claims: Its sentences, checked, dropped ones included.
        citations: What the marks stand for.
        refused: True where the notes do not hold the answer.
        nearest: Note ids of the nearest questions, best first (for a refusal and for "see also").
        written_by: ``llm`` or ``note`` (the note's own words).
        confidence: Calibrated probability that the notes answer the question.
        stopped: True where the learner stopped it.
    """

    question: str
    standalone: str
    text: str
    claims: tuple[Claim, ...] = ()
    citations: tuple[Citation, ...] = ()
    refused: bool = False
    nearest: tuple[str, ...] = field(default=())
    written_by: str = "note"
    confidence: float = 0.0
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Exchange:
    """One earlier question and its reply, as the conversation remembers it."""

    question: str
    answer: str
    note_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourcesFound:
    """Study event: the notes found, shown before any word is written.

    A closer look may find others, which come in another event, or refuse the question after all.
    """

    citations: tuple[Citation, ...]
    standalone: str


@dataclass(frozen=True, slots=True)
class Token:
    """Study event: a piece of the reply as it is written."""

    text: str


@dataclass(frozen=True, slots=True)
class Answered:
    """Study event: the finished, checked reply; always the last one."""

    answer: Answer


StudyEvent = SourcesFound | Token | Answered
