"""The tutor, whole: the only place that builds parts and puts them together."""

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from langchain_core.language_models import BaseChatModel

from tutor.critique.critic import Critic
from tutor.errors import ModelError, QuestionTooLongError, TutorError
from tutor.interview.followup import Aim
from tutor.llm import prompts
from tutor.llm.providers import build_model
from tutor.progress.ledger import Ledger
from tutor.progress.rehearsal import Rehearsal
from tutor.progress.types import Refusal
from tutor.search.embed import load_encoder
from tutor.search.retriever import Retriever
from tutor.search.store import Progress, VectorStore
from tutor.search.types import Encoder
from tutor.settings import Settings
from tutor.shelf import Shelf
from tutor.study import Study
from tutor.study.types import Answered, Exchange, StudyEvent

MAX_QUESTION_CHARS = 4_000
DEFAULT_USER = "me"


class Tutor:
    """Everything the page and the command line can do; built by `build_tutor`.

    Attributes:
        settings: What it was built from.
        encoder: The embedding model.
        model: The language model; None where there is none.
        model_problem: Why the chosen model is not in use; None where all is well.
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
    ) -> None:
        self.settings = settings
        self.encoder = encoder
        self.model = model
        self.model_problem = model_problem
        self.ledger = ledger
        self.clock = clock
        self._retriever = retriever
        self.shelf = Shelf(settings, retriever)
        self.critic = Critic(encoder, model)
        self.rehearsal = Rehearsal(
            ledger,
            self.critic,
            lambda: self.shelf.notes,
            clock,
            phrase=self._phrase if model is not None else None,
            encoder=encoder,
            translate=self.shelf.question_in,
        )
        self._study = (
            Study(retriever, lambda: self.shelf.notes, encoder, model)
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
        for event in self._study.ask(question, history, stop=stop):
            if isinstance(event, Answered) and event.answer.refused:
                answer = event.answer
                self.ledger.record_refusal(
                    user, Refusal(answer.standalone, answer.nearest, self.clock())
                )
            yield event

    # Interview

    def _phrase(self, aim: Aim) -> str:
        """The model's wording of a follow-up; checked by the caller."""
        assert self.model is not None  # noqa: S101 -- only passed on where there is a model
        messages = prompts.follow_up(aim.note.question, aim.said, aim.point.text, aim.lang)
        return str(self.model.invoke(messages, max_tokens=80).text)

    def close(self) -> None:
        """Let go of the index, the ledger and the model."""
        if self._retriever is not None:
            self._retriever.close()
        self.ledger.close()


def utc_now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)


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
    encoder = encoder or load_encoder(settings.embedding, settings.models_dir)
    problem: TutorError | None = None
    if model is None:
        try:
            model = build_model(settings)
        except ModelError as error:
            problem = error
    retriever = None
    if search:
        retriever = Retriever(VectorStore(settings.data_dir / "index", encoder), encoder)
    tutor = Tutor(
        settings,
        encoder=encoder,
        model=model,
        ledger=ledger,
        retriever=retriever,
        clock=clock,
        model_problem=problem,
    )
    try:
        tutor.shelf.reload(progress)
    except TutorError:
        tutor.close()
        raise
    return tutor
