"""The report of an interview: what was said, how it stands, and what to revise first.

`build_report` gathers values; `report_html` and `report_markdown` write them out. Notes and
learner's words are foreign text: HTML escapes every one of them, Markdown defuses its markup.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tutor.critique.types import Label, Verdict
from tutor.interview.delivery import Delivery, measure_delivery
from tutor.interview.result import NoteResult, note_result
from tutor.interview.types import Choices, Kind, Outcome, Session, Turn
from tutor.notes.types import KeyPoint, Note, Source

REVISE = 3


@dataclass(frozen=True, slots=True)
class PointLine:
    """One key point beside the learner's words and the note's.

    Attributes:
        said: The learner's words that decided the verdict; empty if there are none.
        note_text: The note's own words for it.
    """

    point: KeyPoint
    verdict: Verdict
    said: str
    note_text: str


@dataclass(frozen=True, slots=True)
class QuestionReport:
    """One question with everything said about it.

    Attributes:
        note: None where the note has gone since.
        unjudged: Answers that still wait for their critique.
    """

    note_id: str
    question: str
    note: Note | None
    result: NoteResult | None
    lines: tuple[PointLine, ...]
    turns: tuple[Turn, ...]
    delivery: Delivery | None
    unjudged: int


@dataclass(frozen=True, slots=True)
class TopicBar:
    """Mean score of a topic's scored questions, 0 to 10."""

    topic: str
    score: float
    scored: int


@dataclass(frozen=True, slots=True)
class Revise:
    """Something to revise: the points that were not said, and where the note stands."""

    note_id: str
    question: str
    points: tuple[str, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class PastInterview:
    """An earlier interview, to compare with."""

    started_at: datetime
    score: float | None
    scored: int


@dataclass(frozen=True, slots=True)
class Report:
    """An interview summed up.

    Attributes:
        score: Mean of the scored questions, 0 to 10; skipped and revealed ones count 0;
            None where nothing was scored.
        scored: Questions in that mean.
        earned: Key points said (a partial one counts half), of ``total`` judged.
        past: Earlier interviews, the latest first.
    """

    session_id: str
    lang: str
    choices: Choices
    started_at: datetime
    finished: str
    score: float | None
    scored: int
    earned: float
    total: int
    seconds: float
    questions: tuple[QuestionReport, ...]
    topics: tuple[TopicBar, ...]
    revise: tuple[Revise, ...]
    past: tuple[PastInterview, ...]


def build_report(
    session: Session, notes: Mapping[str, Note], past: Sequence[Session] = ()
) -> Report:
    """The report of a session as it stands now, finished or not."""
    order = dict.fromkeys(turn.note_id for turn in session.turns)
    questions = tuple(_question(session, note_id, notes.get(note_id)) for note_id in order)
    scores = _scores(questions)
    judged = [q.result.points for q in questions if q.result and q.result.points]
    return Report(
        session_id=session.id,
        lang=session.choices.lang,
        choices=session.choices,
        started_at=session.started_at,
        finished=session.finished,
        score=_mean(list(scores.values())),
        scored=len(scores),
        earned=sum(points.earned for points in judged),
        total=sum(points.total for points in judged),
        seconds=sum(turn.seconds() for turn in session.turns),
        questions=questions,
        topics=_topics(questions, scores),
        revise=_revise(questions, scores),
        past=tuple(_past(other, notes) for other in past if other.id != session.id),
    )


def _question(session: Session, note_id: str, note: Note | None) -> QuestionReport:
    turns = session.of_note(note_id)
    result = note_result(session, note) if note else None
    answered = [turn for turn in turns if turn.outcome is Outcome.ANSWERED]
    main = next((turn for turn in answered if turn.kind is Kind.QUESTION), None)
    return QuestionReport(
        note_id=note_id,
        question=note.question if note else turns[0].prompt,
        note=note,
        result=result,
        lines=_lines(note, result, turns) if note and result else (),
        turns=turns,
        delivery=measure_delivery(main.answer, main.seconds()) if main else None,
        unjudged=sum(turn.unjudged for turn in turns),
    )


def _lines(note: Note, result: NoteResult, turns: Sequence[Turn]) -> tuple[PointLine, ...]:
    points = {point.id: point for point in note.key_points}
    found: list[PointLine] = []
    for verdict in result.verdicts:
        point = points[verdict.point_id]
        span = verdict.note_span or point.span
        found.append(
            PointLine(
                point=point,
                verdict=verdict,
                said=_said(verdict, turns),
                note_text=span.of(note.answer) if span else point.text,
            )
        )
    return tuple(found)


def _said(verdict: Verdict, turns: Sequence[Turn]) -> str:
    for turn in turns:
        if turn.critique and verdict in turn.critique.verdicts and verdict.learner_span:
            return verdict.learner_span.of(turn.answer)
    return ""


def _scores(questions: Sequence[QuestionReport]) -> dict[str, float]:
    scores: dict[str, float] = {}
    for question in questions:
        if question.result is None:
            continue
        if question.result.outcome in (Outcome.SKIPPED, Outcome.REVEALED):
            scores[question.note_id] = 0.0
        elif question.result.score is not None:
            scores[question.note_id] = question.result.score
    return scores


def _topics(
    questions: Sequence[QuestionReport], scores: Mapping[str, float]
) -> tuple[TopicBar, ...]:
    by_topic: dict[str, list[float]] = {}
    for question in questions:
        if question.note and question.note_id in scores:
            by_topic.setdefault(question.note.topic, []).append(scores[question.note_id])
    return tuple(
        TopicBar(topic, round(sum(values) / len(values), 1), len(values))
        for topic, values in by_topic.items()
    )


def _revise(questions: Sequence[QuestionReport], scores: Mapping[str, float]) -> tuple[Revise, ...]:
    worst = sorted(
        (q for q in questions if q.note and scores.get(q.note_id, 10.0) < 10.0),
        key=lambda q: scores[q.note_id],
    )
    return tuple(
        Revise(q.note_id, q.question, _missing(q, q.note), q.note.source)
        for q in worst[:REVISE]
        if q.note
    )


def _missing(question: QuestionReport, note: Note) -> tuple[str, ...]:
    said = {line.point.id for line in question.lines if line.verdict.label is Label.COVERED}
    return tuple(p.text for p in note.key_points if p.required and p.id not in said)


def _past(session: Session, notes: Mapping[str, Note]) -> PastInterview:
    order = dict.fromkeys(turn.note_id for turn in session.turns)
    questions = [_question(session, note_id, notes.get(note_id)) for note_id in order]
    scores = _scores(questions)
    return PastInterview(session.started_at, _mean(list(scores.values())), len(scores))


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 1) if values else None
