"""The tutor, whole: the only place that builds parts and puts them together."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from langchain_core.language_models import BaseChatModel

from tutor.critique.critic import Critic
from tutor.critique.point_reader import PointReader
from tutor.errors import (
    InterviewError,
    LedgerError,
    ModelError,
    QuestionTooLongError,
    TutorError,
)
from tutor.interview.followup import Aim
from tutor.interview.report import Report, build_report
from tutor.interview.report_html import report_html
from tutor.interview.report_markdown import report_markdown
from tutor.llm import prompts
from tutor.llm.providers import build_model
from tutor.llm.reader import build_reader
from tutor.llm.rerank import build_reranker
from tutor.llm.types import ChoiceReader, StateReader
from tutor.progress.ledger import Ledger
from tutor.progress.readiness import point_shares
from tutor.progress.rehearsal import Rehearsal
from tutor.progress.schedule import replay
from tutor.progress.transfer import export_anki, export_user, import_user, progress_csv
from tutor.progress.types import Refusal
from tutor.search.embed import load_encoder, load_english
from tutor.search.english import EnglishIndex
from tutor.search.retriever import Retriever
from tutor.search.store import Progress, VectorStore
from tutor.search.types import Encoder
from tutor.settings import Settings
from tutor.shelf import Shelf
from tutor.study.study import Study
from tutor.study.types import Answered, Exchange, StudyEvent

_LOG = logging.getLogger(__name__)
MAX_QUESTION_CHARS = 4_000
DEFAULT_USER = "me"


class Tutor:
    """Everything the page and the command line can do; built by `build_tutor`.

    Attributes:
        settings: What it was built from.
        encoder: The embedding model.
        model: The language model; None where there is none.
        model_problem: Why the chosen model is not in use; None where all is well.
        reader: Reads the embedded model's hidden state; None with any other model, or none.
        shelf: The notes.
        ledger: What survives.
        rehearsal: The interviews.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        encoder: Encoder,
        model: BaseChatModel | None,
        ledger: Ledger,
        retriever: Retriever | None,
        clock: Callable[[], datetime],
        model_problem: TutorError | None = None,
        reader: StateReader | None = None,
    ) -> None:
        self.settings = settings
        self.encoder = encoder
        self.model = model
        self.model_problem = model_problem
        self.reader = reader
        self.ledger = ledger
        self.clock = clock
        self._retriever = retriever
        self.shelf = Shelf(settings, retriever)
        self.critic = Critic(encoder, model, reader=PointReader(reader) if reader else None)
        words = model is not None and not isinstance(model, ChoiceReader)
        self.rehearsal = Rehearsal(
            ledger,
            self.critic,
            lambda: self.shelf.notes,
            clock,
            # The embedded model words follow-ups and comments badly (docs/critique.md has what was
            # seen) and takes ten seconds over it, so it judges and templates speak.
            phrase=self._phrase if words else None,
            word_comments=words,
            on_passed=self.shelf.mark_passed,
            encoder=encoder,
            translate=self.shelf.question_in,
        )
        self._study = (
            Study(
                retriever,
                lambda: self.shelf.notes,
                encoder,
                model,
                reader=reader,
                quoting=settings.quoting,
            )
            if retriever is not None
            else None
        )

    # Study

    def ask(
        self,
        user: str,
        question: str,
        history: Sequence[Exchange] = (),
        *,
        stop: threading.Event | None = None,
    ) -> Iterator[StudyEvent]:
        """Answer a question from the notes; see `Study.ask`. A refusal is remembered as a gap.

        Raises:
            QuestionTooLongError: Over 4,000 characters.
            SearchError: The index cannot be used.
        """
        if len(question) > MAX_QUESTION_CHARS:
            raise QuestionTooLongError(
                f"The question has {len(question)} characters; shorten it to {MAX_QUESTION_CHARS}.",
                f"问题有 {len(question)} 个字符；请缩短到 {MAX_QUESTION_CHARS} 个以内。",
            )
        if self._study is None:
            raise RuntimeError("this tutor was built without search")
        self.shelf.refresh()
        for event in self._study.ask(question, history, stop=stop):
            if isinstance(event, Answered) and event.answer.refused:
                answer = event.answer
                self.ledger.record_refusal(
                    user, Refusal(answer.standalone, answer.nearest, self.clock())
                )
            yield event

    def read_ahead(self) -> None:
        """In the background: embed the notes, load the model, read what its prompts begin with."""
        if self._study is not None:
            self._study.ahead.start()
        warm = getattr(self.model, "warm", None)
        if warm is not None:
            warm(prompts.study_notes([], self.settings.language))
        if self.reader is not None:
            for examples in (prompts.POINT_EXAMPLES, prompts.ANSWER_EXAMPLES):
                self.reader.read_ahead(examples)

    # Interview

    def _phrase(self, aim: Aim) -> str:
        """The model's wording of a follow-up; checked by the caller."""
        assert self.model is not None  # noqa: S101 -- only passed on where there is a model
        messages = prompts.follow_up(aim.note.question, aim.said, aim.point.text, aim.lang)
        return str(self.model.invoke(messages, max_tokens=80).text)

    # Export

    def export(self, user: str, out: Path) -> int:
        """Write a file that other programs read; what kind, its name's ending says.

        `.jsonl`: everything of the learner, for `import_progress`. `.csv`: one line a note with
        its schedule. `.apkg`: the notes as an Anki deck. `.html` and `.md`: the latest interview's
        report.

        Returns:
            How many rows, notes, cards or questions were written.

        Raises:
            LedgerError: The ending is none of these, or the file cannot be written.
            InterviewError: There is no interview to report on.
        """
        notes = list(self.shelf.notes.values())
        kind = out.suffix.lower()
        if kind == ".apkg":
            return export_anki(notes, out)
        if kind == ".jsonl":
            lines = list(export_user(self.ledger, user))
            return _write(out, "\n".join(lines) + "\n", len(lines) - 1)
        if kind == ".csv":
            cards = replay(self.ledger.reviews(user))
            shares = point_shares(self.shelf.notes, self.ledger.point_results(user))
            return _write(out, progress_csv(notes, cards, shares, self.clock()), len(notes))
        if kind in (".html", ".md"):
            report = self.report(user)
            text = report_html(report) if kind == ".html" else report_markdown(report)
            return _write(out, text, len(report.questions))
        raise LedgerError(
            f"{out.name} has no known ending; use .jsonl, .csv, .apkg, .html or .md.",
            f"无法识别 {out.name} 的格式；请使用 .jsonl、.csv、.apkg、.html 或 .md。",
        )

    def import_progress(self, file: Path) -> int:
        """Read back what `export` wrote as `.jsonl`; the number of new rows.

        Raises:
            LedgerError: The file is damaged or cannot be read; nothing was changed.
        """
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise LedgerError(
                f"{file.name} cannot be read; give a .jsonl file that `export` wrote.",
                f"无法读取 {file.name}；请提供由 `export` 写出的 .jsonl 文件。",
            ) from error
        return import_user(self.ledger, lines)

    def report(self, user: str, session_id: str = "") -> Report:
        """The report of one interview, by default the latest, compared with those before it.

        Raises:
            InterviewError: The learner has none yet.
        """
        sessions = self.ledger.sessions(user)
        wanted = [s for s in sessions if not session_id or s.id == session_id]
        if not wanted:
            raise InterviewError(
                "There is no interview to report on yet; finish one first.",
                "还没有可以生成报告的面试；请先完成一场。",
            )
        session = wanted[0]
        past = [s for s in sessions if s.started_at < session.started_at]
        return build_report(session, self.shelf.notes, past)

    def close(self) -> None:
        """Let go of the index, the ledger and the model."""
        if self._study is not None:
            self._study.ahead.stop()
        if self._retriever is not None:
            self._retriever.close()
        self.ledger.close()


def _write(out: Path, text: str, count: int) -> int:
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise LedgerError(
            f"{out} cannot be written ({error.strerror}); choose another place.",
            f"无法写入 {out}（{error.strerror}）；请换一个位置。",
        ) from error
    return count


def utc_now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)


def _second_encoder(settings: Settings) -> Encoder | None:
    """The encoder for English; None, and a line in the log, where it is damaged."""
    try:
        return load_english(settings.english, settings.models_dir)
    except (TutorError, OSError) as error:
        _LOG.warning("the second encoder, for English, is not used: %s", error)
        return None


def build_tutor(
    settings: Settings,
    *,
    search: bool = True,
    progress: Progress | None = None,
    clock: Callable[[], datetime] = utc_now,
    encoder: Encoder | None = None,
    model: BaseChatModel | None = None,
) -> Tutor:
    """Build the tutor that the settings describe, with its notes read and indexed.

    Args:
        settings: What to build.
        search: False leaves out the index (for commands that only read notes or progress).
        progress: Told how many pieces of how many are indexed.
        clock: Gives the time; replaced in tests.
        encoder: Used instead of the one the settings name.
        model: Used instead of the one the settings name.

    Raises:
        TutorError: The ledger, the index, the embedding model or the notes cannot be used. A
            language model that cannot be used does not raise: the tutor works without it and says
            so in `model_problem`.
    """
    ledger = Ledger(settings.ledger_url)
    retriever: Retriever | None = None
    try:
        # A given encoder is not the one that the second was weighed against.
        second = _second_encoder(settings) if search and encoder is None else None
        encoder = encoder or load_encoder(settings.embedding, settings.models_dir)
        problem: TutorError | None = None
        reader: StateReader | None = None
        if model is None:
            try:
                model, reader = build_model(settings), build_reader(settings)
            except ModelError as error:
                problem = error
        if search:
            rerank = build_reranker(model) if settings.rerank else None
            store = VectorStore(settings.data_dir / "index", encoder)
            english = EnglishIndex(settings.data_dir / "index-english", second) if second else None
            retriever = Retriever(store, encoder, rerank=rerank, english=english)
        tutor = Tutor(
            settings,
            encoder=encoder,
            model=model,
            ledger=ledger,
            retriever=retriever,
            clock=clock,
            model_problem=problem,
            reader=reader,
        )
        tutor.shelf.reload(progress)
    except BaseException:
        if retriever is not None:
            retriever.close()
        ledger.close()
        raise
    return tutor
