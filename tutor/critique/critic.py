"""From a learner's answer to a critique: guards, fast judge, model judge, score, comment."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from langchain_core.language_models.chat_models import BaseChatModel

from tutor.critique import guards
from tutor.critique.calibrate import Weights, load_weights
from tutor.critique.features import Question
from tutor.critique.feedback import best_verdict, check_comment, guard_comment, template_comment
from tutor.critique.grade import Reference, mark_reading, read_whole
from tutor.critique.judge import (
    Judged,
    head_for,
    judge_reading,
    missed_by_rule,
    read_rows,
    read_verdict,
    second_verdict,
    with_learner,
)
from tutor.critique.model_judge import (
    ask_structured,
    read_logit,
    unsure_points,
)
from tutor.critique.point_reader import PointReader
from tutor.critique.question import read_question
from tutor.critique.reading import Reading, read_text
from tutor.critique.relevance import (
    keep_sentences,
    mostly_aside,
    outside_spans,
    relevant_sentences,
    surely_relevant,
)
from tutor.critique.score import SCALE, lower_verdicts, score
from tutor.critique.types import Critique, Label, Verdict
from tutor.errors import InterviewError, ModelError, TutorError
from tutor.llm import prompts
from tutor.llm.types import ChoiceReader
from tutor.notes.keypoints import derive_points
from tutor.notes.types import Note, Span
from tutor.search.types import Encoder

_KEPT_QUESTIONS = 64
_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True)
class _Version:
    """The answer as far as it counts, and what the fast judge found in it."""

    reading: Reading
    judged: list[Judged]

    @property
    def answer(self) -> str:
        """The words that count."""
        return self.reading.said


@dataclass(frozen=True, slots=True)
class _Local:
    """What the fast judge found, kept for a second judge.

    There are two versions of an answer with doubtful sentences: without them, and with them. Every
    point gets the lower credit of the two, so that no sentence in doubt can add, and leaving one
    out cannot hide a mistake.
    """

    code: str
    versions: tuple[_Version, ...]
    outside: tuple[Span, ...]


class Critic:
    """Judges answers against notes; the same answer always gets the same critique.

    Args:
        encoder: Embedding model.
        model: Language model for unsure points: a `ChoiceReader` is read by its logits, any other
            chat model gives its verdicts in one structured reply; None leaves the fast judge's.
        reader: Reads points by the hidden state of the embedded model; goes before ``model``.
        weights: Fitted numbers; those that ship with the product by default.
    """

    def __init__(
        self,
        encoder: Encoder,
        model: BaseChatModel | None = None,
        *,
        reader: PointReader | None = None,
        weights: Weights | None = None,
    ) -> None:
        self._encoder = encoder
        self._model = model
        self._reader = reader
        self._weights = weights or load_weights()
        self._head = head_for(encoder)
        self._questions: dict[tuple[str, str, str], Question] = {}
        self._wholes: dict[tuple[str, str, str], Reference] = {}

    def prepare(self, note: Note, question: str = "") -> None:
        """Read a note's points ahead of the answer, so that judging starts at once."""
        self._question(note, question or note.question)
        self.read_ahead()

    def read_ahead(self) -> None:
        """Let the reader begin with its examples, in the background; returns at once."""
        if self._reader is not None:
            self._reader.prepare()

    def provisional(
        self, note: Note, question: str, answer: str, lang: str, *, reveal: bool = True
    ) -> Critique:
        """The critique without a language model; `final` is False where one has yet to look.

        ``reveal`` off keeps key points out of the comment (Real mode before its end).
        """
        local = self._judge(note, question, answer)
        if not local.versions:
            return self._by_rule(note, answer, local.code, lang)
        verdicts = lower_verdicts(
            [[item.verdict for item in version.judged] for version in local.versions]
        )
        critique = self._critique(note, answer, verdicts, local, lang, reveal)
        if any(self._asked(version) for version in local.versions):
            return replace(critique, final=False)
        return replace(critique, estimate=self._estimate(note, question, local))

    def final(
        self, note: Note, question: str, answer: str, lang: str, *, reveal: bool = True
    ) -> Critique:
        """The critique with the language model's reading of unsure points, if there is a model.

        A model that fails changes nothing: the fast judge's verdicts stand, marked as its own.
        """
        local = self._judge(note, question, answer)
        if not local.versions:
            return self._by_rule(note, answer, local.code, lang)
        verdicts = self._ask_model(note, question, local.versions)
        critique = self._critique(note, answer, verdicts, local, lang, reveal)
        return replace(critique, estimate=self._estimate(note, question, local))

    def word_comment(self, critique: Critique, note: Note, question: str, lang: str) -> Critique:
        """The critique with its comment worded by the model, if every sentence passes the check.

        Takes seconds on a local model; the template comment stands until then, and for good if
        the model fails or says something that note and answer do not.
        """
        if self._model is None or not any(v.judge != "rule" for v in critique.verdicts):
            return critique
        texts = {point.id: point.text for point in note.key_points}
        by_label = {
            label: [texts[v.point_id] for v in critique.verdicts if v.label is label]
            for label in Label
        }
        covered = by_label[Label.COVERED] + by_label[Label.PARTIAL]
        missed, wrong = by_label[Label.MISSED], by_label[Label.CONTRADICTED]
        try:
            reply = self._model.invoke(prompts.comment(question, covered, missed, wrong, lang))
        except TutorError:
            return critique
        comment, kept = check_comment(
            reply.text, critique.answer, [question, *texts.values()], critique.comment
        )
        return replace(critique, comment=comment, comment_by="llm" if kept else "template")

    def _judge(self, note: Note, question: str, answer: str) -> _Local:
        guard = guards.check(question, answer, note)
        code = guard.code if guard else ""
        if guard is not None and guard.zero:
            return _Local(code, (), ())
        read = self._question(note, question)
        reading = read_text(self._encoder, answer, guard.kept if guard else None)
        related = relevant_sentences(read, reading, self._weights)
        kept = sure = keep_sentences(read, reading, related)
        # Beside orders to the grader, or much text about something else, only what clearly speaks
        # of the note is an answer.
        ordered = code == "injection"
        if ordered or mostly_aside(reading, related):
            sure = keep_sentences(read, reading, surely_relevant(read, reading, related))
        if not sure.spans:
            return _Local(code if ordered else "off_topic", (), ())
        ids = [point.id for point in note.key_points]
        versions = tuple(
            _Version(one, judge_reading(read, one, ids, self._weights, self._head))
            for one in ([sure] if sure.spans == kept.spans else [sure, kept])
        )
        return _Local(code, versions, outside_spans(reading, related))

    def _asked(self, version: _Version) -> list[int]:
        """Numbers of the points that a language model still has to look at."""
        if self._reader is not None:
            return [n for n, item in enumerate(version.judged) if not item.by_rule]
        if self._model is None:
            return []
        return unsure_points([item.logits for item in version.judged], self._weights)

    def _ask_model(
        self, note: Note, question: str, versions: Sequence[_Version]
    ) -> Sequence[Verdict]:
        """Verdicts with what the language model saw; the fast judge's if it fails on any version."""
        try:
            return lower_verdicts([self._ask(note, question, version) for version in versions])
        except ModelError:
            return lower_verdicts([[item.verdict for item in v.judged] for v in versions])

    def _ask(self, note: Note, question: str, version: _Version) -> list[Verdict]:
        verdicts = [item.verdict for item in version.judged]
        asked = self._asked(version)
        if not asked:
            return verdicts
        if self._reader is not None:
            return self._read(self._reader, note, question, version, asked)
        points = [note.key_points[number].text for number in asked]
        if isinstance(self._model, ChoiceReader):
            logits = [read_logit(self._model, question, version.answer, p) for p in points]
            for number, logit in zip(asked, logits, strict=True):
                verdicts[number] = second_verdict(version.judged[number], logit, self._weights)
        elif self._model is not None:
            labels = ask_structured(self._model, question, version.answer, points)
            for number, label in zip(asked, labels, strict=True):
                if label is not None:
                    verdicts[number] = replace(verdicts[number], label=label, judge="llm")
        return verdicts

    def _read(
        self, reader: PointReader, note: Note, question: str, version: _Version, asked: list[int]
    ) -> list[Verdict]:
        """Verdicts with every point read; those that a rule decided keep theirs."""
        texts = [point.text for point in note.key_points]
        read = reader.read(question, version.answer, texts)
        rows = read_rows([item.logits for item in version.judged], read)
        return [
            read_verdict(item, rows[number], self._weights) if number in asked else item.verdict
            for number, item in enumerate(version.judged)
        ]

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
        points = [point.text for point in note.key_points]
        return _remembered(
            self._questions,
            note,
            question,
            lambda: read_question(self._encoder, question, points, note.answer),
        )

    def _estimate(self, note: Note, question: str, local: _Local) -> float | None:
        """Mark of the whole answer, 0 to 10, where nobody said which points count."""
        if note.key_points != derive_points(note.answer, note.question):
            return None
        read = _remembered(
            self._wholes,
            note,
            question,
            lambda: read_whole(self._encoder, self._question(note, question), note.answer),
        )
        everything = local.versions[-1].reading
        return round(SCALE * mark_reading(self._encoder, read, everything, self._weights), 1)

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
        local: _Local,
        lang: str,
        reveal: bool,
    ) -> Critique:
        spans = {point.id: point.span for point in note.key_points}
        shown = tuple(
            replace(verdict, note_span=spans[verdict.point_id] or verdict.note_span)
            for verdict in verdicts
        )
        best = best_verdict(shown)
        comment = template_comment(
            answer, shown, note.key_points, lang, guard=local.code, reveal=reveal
        )
        return Critique(
            note_id=note.id,
            answer=answer,
            verdicts=shown,
            score=score(shown, note.key_points),
            comment=comment,
            guard=local.code,
            outside=local.outside,
            best_span=best.learner_span if best else None,
        )


def _remembered(
    held: dict[tuple[str, str, str], _Read],
    note: Note,
    question: str,
    read: Callable[[], _Read],
) -> _Read:
    """What was read of a note before, or is now; the oldest makes way."""
    key = (note.id, note.digest, question)
    if key not in held:
        if len(held) >= _KEPT_QUESTIONS:
            held.pop(next(iter(held)))
        held[key] = read()
    return held[key]
