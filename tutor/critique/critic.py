"""From a learner's answer to a critique: guards, fast judge, model judge, score, comment."""

from collections.abc import Sequence
from dataclasses import replace

from tutor.critique import guards
from tutor.critique.calibrate import Weights, load_weights
from tutor.critique.features import Question
from tutor.critique.feedback import best_verdict, guard_comment, template_comment
from tutor.critique.judge import judge_reading, missed_by_rule, with_learner
from tutor.critique.question import read_question
from tutor.critique.reading import read_text
from tutor.critique.relevance import keep_relevant, outside_spans
from tutor.critique.score import score
from tutor.critique.types import Critique, Label, Verdict
from tutor.errors import InterviewError
from tutor.notes.types import Note, Span
from tutor.search.types import Encoder

_KEPT_QUESTIONS = 64


class Critic:
    """Judges answers against notes; the same answer always gets the same critique.

    Args:
        encoder: Embedding model.
        weights: Fitted numbers; those that ship with the product by default.
    """

    def __init__(self, encoder: Encoder, *, weights: Weights | None = None) -> None:
        self._encoder = encoder
        self._weights = weights or load_weights()
        self._questions: dict[tuple[str, str], Question] = {}

    def prepare(self, note: Note, question: str = "") -> None:
        """Read a note's points ahead of the answer, so that judging starts at once."""
        self._question(note, question or note.question)

    def provisional(
        self, note: Note, question: str, answer: str, lang: str, *, reveal: bool = True
    ) -> Critique:
        """The critique without a language model.

        ``reveal`` off keeps key points out of the comment (Real mode before its end).
        """
        guard = guards.check(question, answer, note)
        code = guard.code if guard else ""
        if guard is not None and guard.zero:
            return self._by_rule(note, answer, code, lang)
        read = self._question(note, question)
        reading = read_text(self._encoder, answer, guard.kept if guard else None)
        judged_part = keep_relevant(read, reading, self._weights)
        if not judged_part.spans:
            return self._by_rule(note, answer, code or "off_topic", lang)
        judged = judge_reading(read, judged_part, [p.id for p in note.key_points], self._weights)
        verdicts = [item.verdict for item in judged]
        outside = outside_spans(read, reading, self._weights)
        return self._critique(note, answer, verdicts, code, lang, outside, reveal)

    def final(
        self, note: Note, question: str, answer: str, lang: str, *, reveal: bool = True
    ) -> Critique:
        """The critique with the language model's reading of unsure points, if there is a model."""
        return self.provisional(note, question, answer, lang, reveal=reveal)

    def dispute(
        self, critique: Critique, note: Note, point_id: str, label: Label, lang: str
    ) -> Critique:
        """The critique with one point overruled by the learner; the score is marked as disputed.

        Raises:
            InterviewError: The critique has no such point.
        """
        if all(verdict.point_id != point_id for verdict in critique.verdicts):
            raise InterviewError(
                f"This answer has no key point {point_id}; choose one from its list.",
                f"这份评分里没有要点 {point_id}；请从列表中选择。",
            )
        verdicts = tuple(
            with_learner(verdict, label) if verdict.point_id == point_id else verdict
            for verdict in critique.verdicts
        )
        comment = template_comment(critique.answer, verdicts, note.key_points, lang)
        return replace(
            critique,
            verdicts=verdicts,
            score=score(verdicts, note.key_points),
            comment=comment,
            comment_by="template",
        )

    def _question(self, note: Note, question: str) -> Question:
        key = (note.digest or note.id, question)
        if key not in self._questions:
            if len(self._questions) >= _KEPT_QUESTIONS:
                self._questions.pop(next(iter(self._questions)))
            points = [point.text for point in note.key_points]
            self._questions[key] = read_question(self._encoder, question, points, note.answer)
        return self._questions[key]

    def _by_rule(self, note: Note, answer: str, code: str, lang: str) -> Critique:
        verdicts = tuple(missed_by_rule(point.id, code, point.span) for point in note.key_points)
        return Critique(
            note_id=note.id,
            answer=answer,
            verdicts=verdicts,
            score=score(verdicts, note.key_points),
            comment=guard_comment(code, lang),
            guard=code,
        )

    def _critique(
        self,
        note: Note,
        answer: str,
        verdicts: Sequence[Verdict],
        code: str,
        lang: str,
        outside: tuple[Span, ...],
        reveal: bool,
    ) -> Critique:
        spans = {point.id: point.span for point in note.key_points}
        shown = tuple(
            replace(verdict, note_span=spans[verdict.point_id] or verdict.note_span)
            for verdict in verdicts
        )
        best = best_verdict(shown)
        return Critique(
            note_id=note.id,
            answer=answer,
            verdicts=shown,
            score=score(shown, note.key_points),
            comment=template_comment(
                answer, shown, note.key_points, lang, guard=code, reveal=reveal
            ),
            guard=code,
            outside=outside,
            best_span=best.learner_span if best else None,
        )
