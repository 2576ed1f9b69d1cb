"""A question, answered from the notes: found, written, checked, or refused."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from langchain_core.language_models import BaseChatModel

from tutor.errors import ModelError
from tutor.llm.types import StateReader
from tutor.notes.types import Note
from tutor.search.retriever import Retriever
from tutor.search.types import Encoder
from tutor.study.ahead import ReadAhead
from tutor.study.answer_reader import AnswerReader
from tutor.study.answering import ended, finish, opening_of, quiz, reply_from_notes, sources
from tutor.study.choose import Gate, evidence_gate
from tutor.study.claim_reader import ClaimReader, statement_reader
from tutor.study.claims import ClaimChecker
from tutor.study.compose import Citations, check_reply
from tutor.study.finding import Finder, Task
from tutor.study.followups import recognise
from tutor.study.memory import RememberingEncoder
from tutor.study.parts import read_parts
from tutor.study.passages import excerpt
from tutor.study.premise import find_premise
from tutor.study.reply import StreamStripper, strip_markup, whole_sentences
from tutor.study.types import Answer, Answered, Citation, Exchange, SourcesFound, StudyEvent, Token
from tutor.study.verdict import Stance, judge_premise, read_stance
from tutor.study.wording import refusal
from tutor.study.writing import ANSWER_TOKENS, build_chain, stream_text

EXCERPT_TOKENS = 190  # of one note in the prompt; the embedded model reads 40 a second
_COMPARED_TOKENS = 130  # of each of several


class Study:
    """Answers questions from notes.

    Args:
        retriever: Finds notes; kept in step with ``notes`` by the caller.
        notes: Gives all notes by id, as they are now.
        encoder: Embedding model.
        model: Writes the answers; None to answer in the notes' own words.
        reader: The embedded model's hidden state, by which sentences, claims and statements are
            read.
        gate: Decides whether passages answer a question; the calibrated one by default.
        quoting: Answer in the notes' own words; by default
            with a ``reader`` only, whose model is too small to word answers.
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
        reader: StateReader | None = None,
        gate: Gate | None = None,
        quoting: bool | None = None,
        rewrite_with_model: bool = False,
        max_tokens: int = ANSWER_TOKENS,
    ) -> None:
        self._notes = notes
        self._encoder = encoder = RememberingEncoder(encoder)
        self._model = model
        self.ahead = ReadAhead(encoder, lambda: notes().values())
        self._finder = Finder(
            retriever,
            notes,
            encoder,
            gate or evidence_gate(encoder),
            rewriter=model if rewrite_with_model else None,
        )
        self._quoting = reader is not None if quoting is None else quoting
        self._max_tokens = max_tokens
        self._answers = AnswerReader(reader) if reader else None
        self._checker = ClaimChecker(encoder, model, reader=ClaimReader(reader) if reader else None)
        self._statements = ClaimChecker(
            encoder, reader=statement_reader(reader) if reader else None
        )

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
            `SourcesFound` (again where a closer look finds other notes, after which it may still
            be refused), any number of `Token`, and one `Answered`.

        Raises:
            SearchError: The index or the embedding model cannot be used.
        """
        with self.ahead:
            task = self._finder.find(question, tuple(history))
            yield from self._answer(task, stop or threading.Event())

    def _answer(self, task: Task, stop: threading.Event) -> Iterator[StudyEvent]:
        shown: tuple[Citation, ...] = ()
        if task.passages:  # before they are read, which takes seconds
            shown = sources(task.passages)
            yield SourcesFound(shown, task.standalone)
        if self._answers:
            task = read_parts(task, self._finder.find_alone, self._answers, self._encoder, stop)
        if not task.passages:
            yield Answered(ended(task) if stop.is_set() else self._refuse(task))
            return
        if (found := sources(task.passages)) != shown:
            yield SourcesFound(found, task.standalone)
        if recognise(task.question) == "quiz":
            yield Answered(quiz(task))
            return
        if self._model is None or self._quotes(task):
            reply = reply_from_notes(task, None)
            yield Token(reply.text)  # what is quoted needs no reading of what the question states
            stopped = stop.is_set()
            stance = None if stopped else self._stance(task, None)
            reply = reply_from_notes(task, stance) if stance else reply
            yield Answered(replace(reply, stopped=stopped))
            return
        yield from self._write(task, stop)

    def _quotes(self, task: Task) -> bool:
        """Whether the reply is in the notes' own words although there is a model.

        The embedded model words answers badly (docs/grounding.md), in another language than the notes'
        worst of all: it writes only a plainer explanation that is asked for. What is only mentioned is
        quoted whatever the model, under the line that says so.
        """
        return bool(task.mentioned) or (self._quoting and task.style != "simpler")

    def _refuse(self, task: Task) -> Answer:
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

    def _stance(self, task: Task, context: Sequence[str] | None) -> Stance | None:
        if self._statements.reads:
            return read_stance(task.standalone, task.passages, self._statements)
        premise = find_premise(task.standalone)
        if premise is None:
            return None
        return judge_premise(premise, task.passages, self._checker, context, task.lang)

    def _write(self, task: Task, stop: threading.Event) -> Iterator[StudyEvent]:
        assert self._model is not None  # noqa: S101 -- the caller looked
        share = EXCERPT_TOKENS if len(task.passages) == 1 else _COMPARED_TOKENS
        context = [excerpt(passage, share) for passage in task.passages]
        stance = self._stance(task, context)
        citations = Citations()
        opening = opening_of(stance, task, citations)
        if opening:
            yield Token(opening)
        written: list[str] = []
        stripper = StreamStripper()
        asked = {
            "question": task.standalone,
            "notes": context,
            "lang": task.lang,
            "style": task.style,
            "denied": stance is not None and stance.holds is False,
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
            complete=not stopped and task.style in ("", "compare"),
        )
        yield Answered(finish(task, stance, opening, composed, citations, stopped))
