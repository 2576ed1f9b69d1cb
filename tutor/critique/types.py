"""What a judged answer is."""

from dataclasses import dataclass, field
from enum import StrEnum

from tutor.notes.types import Span


class Label(StrEnum):
    """How one key point stands in a learner's answer."""

    COVERED = "covered"
    PARTIAL = "partial"
    MISSED = "missed"
    CONTRADICTED = "contradicted"
    UNSCORED = "unscored"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One key point judged.

    Attributes:
        point_id: The key point.
        label: What was found.
        confidence: Calibrated probability that the label is right, 0 to 1.
        covered_probability: Calibrated probability that the point is covered or partial, 0 to 1.
        learner_span: The learner's words that decided it, in the answer; None if there are none.
        note_span: The note's words it was held against, in the note's answer.
        judge: ``rule``, ``local`` (no language model), ``llm``, or ``learner`` (overruled).
        reason: Code of the rule that decided, e.g. ``empty``, ``echo``; empty otherwise.
    """

    point_id: str
    label: Label
    confidence: float
    covered_probability: float
    learner_span: Span | None = None
    note_span: Span | None = None
    judge: str = "local"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """The score that code computed from verdicts.

    Attributes:
        value: 0 to 10, one decimal; None where nothing could be scored.
        earned: Points counted as "n of total" (covered 1, partial 0.5), required and bonus.
        total: Key points that were scored.
        disputed: True if the learner overruled a verdict.
    """

    value: float | None
    earned: float
    total: int
    disputed: bool = False


@dataclass(frozen=True, slots=True)
class Critique:
    """Everything said about one answer.

    Attributes:
        note_id: The note it was held against.
        answer: The learner's answer, verbatim.
        verdicts: One a key point, in the note's order.
        score: Computed from the verdicts.
        comment: Two or three checked sentences in the interview's language.
        guard: Code of the guard that fired, or empty.
        outside: Spans of the answer that the note does not speak of ("not in your notes").
        best_span: The learner's best sentence, to quote.
        final: False while the language model has still to look at unsure points.
        comment_by: ``template`` or ``llm``.
        estimate: For a note of few points, derived and not listed by its author: the mark of the
            whole answer against the note's, 0 to 10. No part of the score.
    """

    note_id: str
    answer: str
    verdicts: tuple[Verdict, ...]
    score: Score
    comment: str = ""
    guard: str = ""
    outside: tuple[Span, ...] = field(default=())
    best_span: Span | None = None
    final: bool = True
    comment_by: str = "template"
    estimate: float | None = None
