"""A question, answered from the notes: found, written, checked, or refused."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from langchain_core.language_models import BaseChatModel

from tutor.errors import ModelError
from tutor.notes.text import detect_lang
from tutor.notes.types import Note
from tutor.search.retriever import Retriever
from tutor.search.types import Encoder
from tutor.study.choose import Gate, choose_notes, evidence_gate
from tutor.study.claim_reader import ClaimReader
from tutor.study.claims import ClaimChecker
from tutor.study.compose import Citations, Composed, check_reply, quote_passages
from tutor.study.followups import no_example, own_words, quiz_text, recognise
from tutor.study.memory import RememberingEncoder
from tutor.study.passages import Passage, best_window, excerpt, read_passage
from tutor.study.premise import find_premise
from tutor.study.reply import StreamStripper, strip_markup, whole_sentences
from tutor.study.rewrite import rewrite_by_model, rewrite_by_rule
from tutor.study.types import Answer, Answered, Citation, Exchange, SourcesFound, StudyEvent, Token
from tutor.study.verdict import Stance, judge_premise
from tutor.study.wording import agreement, correction, refusal, unheld
from tutor.study.writing import ANSWER_TOKENS, build_chain, stream_text

EXCERPT_TOKENS = 190  # of one note in the prompt; the embedded model reads 40 a second
_COMPARED_TOKENS = 130  # of each of two
_NEAREST = 3
_GATED = 3  # notes the gate reads


@dataclass(frozen=True)
class _Task:
    """One question on its way to a reply."""

    question: str
    standalone: str
    lang: str
    style: str
    passages: tuple[Passage, ...]
    nearest: tuple[str, ...]
    confidence: float
    history: tuple[Exchange, ...]
    absent: tuple[str, ...] = ()  # what the question names and the notes do not speak of


class Study:
    """Answers questions from notes.

    Args:
        retriever: Finds notes; kept in step with ``notes`` by the caller.
        notes: Gives all notes by id, as they are now.
        encoder: Embedding model.
        model: Writes the answers; None to answer in the notes' own words.
        reader: Checks the claims of replies by the embedded model's hidden state.
        gate: Decides whether passages answer a question; the calibrated one by default.
        rewrite_with_model: Let the model put follow-up questions into words of their own, which
            takes seconds with a local one; the rules do it otherwise.
        max_tokens: Longest answer.
    """

    def __init__(
        self,
        retriever: Retriever,
        notes: Callable[[], Mapping[str, Note]],
        encoder: Encoder,
        model: BaseChatModel | None = None,
        *,
        reader: ClaimReader | None = None,
        gate: Gate | None = None,
        rewrite_with_model: bool = False,
        max_tokens: int = ANSWER_TOKENS,
    ) -> None:
        self._retriever = retriever
        self._notes = notes
        self._encoder = encoder = RememberingEncoder(encoder)
        self._model = model
        self._gate = gate or evidence_gate(encoder)
        self._rewrite_with_model = rewrite_with_model
        self._max_tokens = max_tokens
        self._checker = ClaimChecker(encoder, model, reader=reader)

    def ask(
        self,
        question: str,
        history: Sequence[Exchange] = (),
        *,
        stop: threading.Event | None = None,
    ) -> Iterator[StudyEvent]:
        """Answer one question: sources first, then words as they are written, the reply last.

        Args:
            question: As typed.
            history: Earlier exchanges of the conversation, oldest first; their questions in the
                form they were understood (`Answer.standalone`).
            stop: Set it to end the answer; what is written by then is checked and kept.

        Yields:
            `SourcesFound` (unless refused), any number of `Token`, and one `Answered`.

        Raises:
            SearchError: The index or the embedding model cannot be used.
        """
        stop = stop or threading.Event()
        task = self._prepare(question, tuple(history))
        if not task.passages:
            yield Answered(self._refuse(task))
            return
        yield SourcesFound(_sources(task.passages), task.standalone)
        if recognise(question) == "quiz":
            yield Answered(_quiz(task))
            return
        if self._model is None:
            stance = self._stance(task, None)
            yield Answered(_reply_from_notes(task, stance))
            return
        yield from self._write(task, stop)

    # Finding

    def _prepare(self, question: str, history: tuple[Exchange, ...]) -> _Task:
        notes = self._notes()
        lang = detect_lang(question)
        action = recognise(question)
        if action and history and history[-1].note_ids:
            asked = history[-1].question
            again = [notes[i] for i in history[-1].note_ids if i in notes]
            style = action if action != "quiz" else ""
            read = tuple(read_passage(note, asked, self._encoder) for note in again[:2])
            return _Task(question, asked, lang, style, read, (), 1.0, history)
        standalone = self._standalone(question, history, notes)
        found = [e for e in self._retriever.search(standalone, k=8) if e.note_id in notes]
        gate = self._gate(standalone, [_as_passage(notes[e.note_id]) for e in found[:_GATED]])
        nearest = tuple(evidence.note_id for evidence in found[:_NEAREST])
        chosen: list[Note] = []
        if found and gate.answerable:
            chosen = choose_notes(standalone, found, notes, self._encoder, lang)
        read = tuple(read_passage(note, standalone, self._encoder) for note in chosen)
        read = tuple(passage for passage in read if passage.spans)
        style = "compare" if len(read) > 1 else ""
        return _Task(
            question, standalone, lang, style, read, nearest, gate.probability, history, gate.absent
        )

    def _standalone(
        self, question: str, history: tuple[Exchange, ...], notes: Mapping[str, Note]
    ) -> str:
        titles = [notes[i].question for i in history[-1].note_ids if i in notes] if history else []
        by_rule = rewrite_by_rule(question, history, titles=titles)
        if by_rule == question or self._model is None or not self._rewrite_with_model:
            return by_rule
        return rewrite_by_model(question, history, self._model, fallback=by_rule)

    def _refuse(self, task: _Task) -> Answer:
        notes = self._notes()
        near = [notes[i] for i in task.nearest if i in notes]
        return Answer(
            task.question,
            task.standalone,
            refusal(near, task.lang),
            refused=True,
            nearest=task.nearest,
            confidence=task.confidence,
        )

    # Writing

    def _stance(self, task: _Task, context: Sequence[str] | None) -> Stance | None:
        premise = find_premise(task.standalone)
        if premise is None:
            return None
        return judge_premise(premise, task.passages, self._checker, context, task.lang)

    def _write(self, task: _Task, stop: threading.Event) -> Iterator[StudyEvent]:
        assert self._model is not None  # noqa: S101 -- the caller looked
        share = EXCERPT_TOKENS if len(task.passages) == 1 else _COMPARED_TOKENS
        context = [excerpt(passage, share) for passage in task.passages]
        stance = self._stance(task, context)
        citations = Citations()
        opening = _open(stance, task, citations)
        if opening:
            yield Token(opening)
        written: list[str] = []
        stripper = StreamStripper()
        asked = {
            "question": task.standalone,
            "notes": context,
            "lang": task.lang,
            "style": task.style,
        }
        failed = False
        try:
            chain = build_chain(self._model, max_tokens=self._max_tokens)
            for piece in stream_text(chain, asked, stop):
                written.append(piece)
                if ready := stripper.feed(piece):
                    yield Token(ready)
        except ModelError:
            failed = True  # the notes' own words do not need the model
        if not failed and (rest := stripper.finish()):
            yield Token(rest)
        stopped = stop.is_set()
        composed = check_reply(
            whole_sentences(strip_markup("".join(written))),
            task.passages,
            self._checker if not stopped else ClaimChecker(self._encoder),
            citations,
            question=task.standalone,
            context=context,
            lang=task.lang,
            denied="" if stance is None or stance.holds else stance.premise.text,
        )
        yield Answered(_finish(task, stance, opening, composed, citations, stopped))


def _as_passage(note: Note) -> str:
    return f"## {note.question}\n{note.answer}"


def _sources(passages: Sequence[Passage]) -> tuple[Citation, ...]:
    citations = Citations()
    for passage in passages:
        citations.number(passage.note, best_window(passage))
    return tuple(citations.held)


def _open(stance: Stance | None, task: _Task, citations: Citations) -> str:
    """What a reply to a statement begins with, said by code."""
    if stance is None or (stance.holds is None and not stance.premise.asked):
        return ""
    if stance.holds:
        return agreement(task.lang) if stance.premise.asked else ""
    note = task.passages[stance.passage].note
    number = citations.number(note, stance.span)
    words = stance.span.of(note.answer)
    sure = stance.holds is not None
    return correction(words, number, task.lang, asked=stance.premise.asked, sure=sure) + "\n\n"


def _close(text: str, task: _Task) -> str:
    """A reply with what it leaves unanswered said at its end."""
    rest = unheld(task.absent, task.lang)
    return f"{text}\n\n{rest}" if text and rest else text


def _finish(
    task: _Task,
    stance: Stance | None,
    opening: str,
    composed: Composed,
    citations: Citations,
    stopped: bool,
) -> Answer:
    base = Answer(
        task.question,
        task.standalone,
        _close(opening + composed.text, task),
        composed.claims,
        tuple(citations.held),
        nearest=task.nearest,
        written_by="llm",
        confidence=task.confidence,
        stopped=stopped,
    )
    if composed.text or (stopped and opening):
        return base
    quoted = _reply_from_notes(task, stance)
    # The claims that were dropped stay on record: they count against the model.
    return replace(quoted, claims=(*quoted.claims, *composed.claims), stopped=stopped)


def _reply_from_notes(task: _Task, stance: Stance | None) -> Answer:
    citations = Citations()
    opening = _open(stance, task, citations)
    windows = [(p, span) for p in task.passages for span in own_words(p.note, task.style)]
    if task.style == "example" and not windows:
        opening += no_example(task.lang)
    quoted = quote_passages(windows or [(p, best_window(p)) for p in task.passages], citations)
    return Answer(
        task.question,
        task.standalone,
        _close(opening + quoted.text, task),
        quoted.claims,
        tuple(citations.held),
        nearest=task.nearest,
        confidence=task.confidence,
    )


def _quiz(task: _Task) -> Answer:
    note = task.passages[0].note
    text = quiz_text(note, task.lang, asked_before=[past.answer for past in task.history])
    return Answer(task.question, task.standalone, text, nearest=(note.id,), confidence=1.0)
