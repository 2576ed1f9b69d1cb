"""What a note is: one question with its answer, word for word, and its key points."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open character range ``[start, end)`` of some text, usually a note's answer."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The characters of ``text`` that this span covers."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class KeyPoint:
    """One thing a good answer says.

    Attributes:
        id: Stable within the note.
        text: The point as one statement.
        required: False for a bonus point.
        span: Where the note's answer says it; None if it cannot be located.
    """

    id: str
    text: str
    required: bool = True
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where a note stands: file name and 1-based, inclusive lines.

    ``first_line`` is the question's line; ``last_line`` is the last line that belongs to the note.
    ``answer_first`` and ``answer_last`` enclose the answer (both 0 where there is none).
    """

    file: str
    first_line: int
    last_line: int
    answer_first: int = 0
    answer_last: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding of the note doctor.

    Attributes:
        code: One of ``no_answer, image_only, link_only, todo, too_thin, near_duplicate,
            disagreement, broken_numbering, changed_since_passed``.
        file: The file it is in.
        line: 1-based line.
        en: What is wrong and what to do, in English.
        zh: The same in Chinese.
        severity: ``error`` (the note cannot be used in an interview) or ``warning``.
    """

    code: str
    file: str
    line: int
    en: str
    zh: str
    severity: str = "warning"


@dataclass(frozen=True, slots=True)
class Note:
    """One question with its answer, as it stands in the learner's file.

    Attributes:
        id: Stable id, from source file, heading path and question (or the author's own id).
        question: The question cleaned for display (no numbering, links or emoji).
        answer: The answer, verbatim Markdown: exactly the file's characters.
        number: The author's number, if the question has one.
        topic: Heading path, outermost first, joined by " / "; never empty for display.
        key_points: In the note's order; empty where the note has no usable answer.
        level: ``basic``, ``intermediate``, ``advanced``, or empty if unknown.
        lang: ``zh`` or ``en``.
        digest: SHA-256 (hex) of question and answer: changes when the text does.
        raw_question: The question's own line(s) as they stand in the file.
        problems: Findings of the note doctor about this note.
        misconception: The author's common misconception, if given.
        follow_ups: The author's own follow-up questions.
        references: The author's primary sources.
        ref: The author's id, shared by a note and its translation; empty if none.
    """

    id: str
    question: str
    answer: str
    source: Source
    number: int | None = None
    topic: str = ""
    key_points: tuple[KeyPoint, ...] = ()
    level: str = ""
    lang: str = "zh"
    digest: str = ""
    raw_question: str = ""
    problems: tuple[Problem, ...] = field(default=())
    misconception: str = ""
    follow_ups: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    ref: str = ""

    @property
    def usable(self) -> bool:
        """Whether the note can be asked in an interview: an answer to judge against, no error."""
        return bool(self.key_points) and not any(p.severity == "error" for p in self.problems)
