"""What suites work with: settings, models, notes and folders of one evaluation."""

import contextlib
import hashlib
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel

import tutor
from tutor.critique.critic import Critic
from tutor.critique.point_reader import PointReader
from tutor.errors import EvalError
from tutor.eval.cache import Cache, CachedEncoder
from tutor.eval.cases import own_files
from tutor.eval.judge import (
    Stated,
    Supports,
    checker_stated,
    checker_supports,
    model_supports,
    supports_stated,
)
from tutor.eval.types import digest_of
from tutor.interview.followup import Aim, Phrase
from tutor.llm import prompts
from tutor.llm.providers import build_model
from tutor.llm.reader import build_reader
from tutor.llm.types import ChoiceReader, StateReader
from tutor.notes import load_notes
from tutor.notes.types import Note
from tutor.search.chunk import chunk_note
from tutor.search.embed import load_encoder, load_english
from tutor.search.english import EnglishIndex
from tutor.search.retriever import Retriever
from tutor.search.store import VectorStore
from tutor.search.types import Encoder, Reranker
from tutor.settings import Settings, bundled_notes
from tutor.study.choose import Gate
from tutor.study.claim_reader import ClaimReader, statement_reader
from tutor.study.claims import ClaimChecker
from tutor.study.study import Study

_READ_AHEAD = 128
_FAST_NOTES = 28
_FAST_STUDY = 16
Tell = Callable[[str, int, int], None]


@lru_cache(maxsize=1)
def _shipped_notes() -> tuple[Note, ...]:
    return load_notes([bundled_notes()]).notes


def _drawn(row: Mapping[str, Any]) -> tuple[bool, str]:
    """Study questions in a fixed order, those without a note last."""
    return not row["notes"], digest_of(row["id"])


def _quiet(what: str, done: int, total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for.

    Attributes:
        suites: Names of the suites to run.
        limit: Cases a data set at most; None for each suite's own default.
        fast: No language model, small samples.
        data: Folder with other people's cases.
        jobs: Cases run at the same time.
        seed: Draws samples and resamples.
        judge: Second judge as a model setting (``openai:…``, ``local``); empty for none.
        own: Folder of our own cases, if not the shipped one.
        resamples: Draws behind an interval; 0 for none.
        rerank: Try searches with the model's reranking too, beside those without.
    """

    suites: tuple[str, ...] = ()
    limit: int | None = None
    fast: bool = False
    data: Path | None = None
    jobs: int = 1
    seed: int = 0
    judge: str = ""
    own: Path | None = None
    resamples: int = 1000
    rerank: bool = False


@dataclass
class Bench:
    """The parts under test, built when first used.

    Attributes:
        settings: What the parts are built from.
        options: What was asked for.
        cache: Where results are kept.
        given_encoder: Used instead of the one the settings name.
        given_model: Used instead of the one the settings name.
        dense: False drops the dense leg of search (seeded degradation).
        lexical: False drops the BM25 leg.
        given_critic: Used instead of the product's.
        given_gate: Used instead of the study chat's own.
        given_supports: Decides whether a text supports a statement, instead of checker and judge.
        tell: Told what long preparation is under way, how much is done and of how much.
    """

    settings: Settings
    options: Options
    cache: Cache
    given_encoder: Encoder | None = None
    given_model: BaseChatModel | None = None
    dense: bool = True
    lexical: bool = True
    given_critic: Critic | None = None
    given_gate: Gate | None = None
    given_supports: Supports | None = None
    tell: Tell = _quiet

    @cached_property
    def encoder(self) -> Encoder:
        """The embedding model."""
        return self.given_encoder or load_encoder(
            self.settings.embedding, self.settings.models_dir, self.settings.threads
        )

    @cached_property
    def english_encoder(self) -> Encoder | None:
        """The second encoder, for English, with passages remembered; None where there is none."""
        if self.given_encoder is not None:
            return None
        found = load_english(self.settings.english, self.settings.models_dir, self.settings.threads)
        return CachedEncoder(found, self.cache) if found else None

    @property
    def english_name(self) -> str:
        """Name of the second encoder, as recorded; ``none`` where there is none."""
        return self.english_encoder.name if self.english_encoder else "none"

    @property
    def encoder_setting(self) -> str:
        """Which embedding model, as recorded."""
        return "given" if self.given_encoder is not None else self.settings.embedding

    @cached_property
    def passage_encoder(self) -> Encoder:
        """The embedding model, with passages remembered on disk."""
        return CachedEncoder(self.encoder, self.cache)

    @cached_property
    def model(self) -> BaseChatModel | None:
        """The language model; None with ``--fast`` or ``--model none``."""
        if self.given_model is not None:
            return self.given_model
        return None if self.options.fast else build_model(self.settings)

    @cached_property
    def reader(self) -> StateReader | None:
        """Reads the embedded model's hidden state; None with any other model, or none."""
        own = self.options.fast or self.given_model is not None
        return None if own else build_reader(self.settings)

    @property
    def model_name(self) -> str:
        """Name of the language model, as recorded; ``none`` where there is none."""
        if self.given_model is not None:
            return f"given:{self.given_model._llm_type}"
        return "none" if self.options.fast else self.settings.model

    @cached_property
    def notes(self) -> tuple[Note, ...]:
        """Our own notes; never the learner's, so that figures can be compared between machines."""
        return _shipped_notes()

    @cached_property
    def notes_digest(self) -> str:
        """Changes when any note does."""
        return digest_of([[note.id, note.digest] for note in self.notes])

    @cached_property
    def by_ref(self) -> dict[str, Note]:
        """Notes by the author's id; of a note and its translation the Chinese one."""
        found: dict[str, Note] = {}
        for note in self.notes:
            if note.ref and (note.ref not in found or note.lang == "zh"):
                found[note.ref] = note
        return found

    @cached_property
    def searched(self) -> tuple[Note, ...]:
        """The notes that questions are asked of: all; with ``--fast`` a fixed few.

        The few are those of some study questions, filled up in a fixed order; a note and its
        translation stay together.
        """
        if not self.options.fast:
            return self.notes
        studied = [row for file in own_files("study", self.options.own) for row in file.rows]
        named = [ref for row in sorted(studied, key=_drawn)[:_FAST_STUDY] for ref in row["notes"]]
        order = list(dict.fromkeys([*named, *sorted(self.by_ref, key=digest_of)]))
        found: list[Note] = []
        for ref in order:
            if len(found) < _FAST_NOTES:
                found += [note for note in self.notes if note.ref == ref]
        return tuple(found)

    @cached_property
    def searched_refs(self) -> frozenset[str]:
        """The author's ids of the notes that are searched."""
        return frozenset(note.ref for note in self.searched)

    @property
    def reranks(self) -> bool:
        """Whether searches are tried with the model's reranking too.

        Raises:
            EvalError: It was asked for and there is no model.
        """
        if self.options.rerank and self.model_name == "none":
            raise EvalError(
                "Reranking needs a language model; leave out --fast, or choose one with --model.",
                "重排需要语言模型；请去掉 --fast，或用 --model 指定模型。",
            )
        return self.options.rerank or (self.settings.rerank and self.model_name != "none")

    @property
    def corpus(self) -> dict[str, Any]:
        """What is searched, for data sets over our notes."""
        return {"searched": digest_of([[note.id, note.digest] for note in self.searched])}

    def critic(self) -> Critic:
        """The critic under test."""
        reader = PointReader(self.reader) if self.reader else None
        return self.given_critic or Critic(self.encoder, self.model, reader=reader)

    def study(
        self,
        retriever: Retriever,
        notes: Mapping[str, Note],
        *,
        with_model: bool = True,
        reader: StateReader | None = None,
    ) -> Study:
        """The study chat under test, over these notes.

        Args:
            retriever: Searches them.
            notes: The notes by id.
            with_model: Whether the language model takes part.
            reader: Reads the notes where the model does not take part.
        """
        model = self.model if with_model else None
        reader = self.reader if with_model else reader
        return Study(
            retriever,
            lambda: notes,
            self.encoder,
            model,
            reader=reader,
            gate=self.given_gate,
            quoting=self.settings.quoting,
        )

    def checker(self) -> ClaimChecker:
        """The claim checker under test."""
        reader = ClaimReader(self.reader) if self.reader else None
        return ClaimChecker(self.encoder, self.model, reader=reader)

    @cached_property
    def judge_model(self) -> BaseChatModel | None:
        """The second judge; None where none was asked for."""
        if not self.options.judge:
            return None
        return build_model(self.settings.model_copy(update={"model": self.options.judge}))

    def supports(self) -> Supports:
        """Decides whether a text supports a statement: the second judge, else our checker.

        The checker judges by its measures alone: the model under test has no say about itself.
        """
        if self.given_supports is not None:
            return self.given_supports
        if self.judge_model is not None:
            return model_supports(self.judge_model)
        return checker_supports(ClaimChecker(self.encoder))

    def stated(self) -> Stated:
        """Decides which statements a reply makes: the second judge, else our checker.

        The checker reads by the embedded model's hidden state where there is one: it judges what the
        reply quotes, not what it chose.
        """
        if self.given_supports is not None or self.judge_model is not None:
            return supports_stated(self.supports())
        reader = statement_reader(self.reader) if self.reader else None
        return checker_stated(ClaimChecker(self.encoder, reader=reader))

    def phrase(self) -> Phrase | None:
        """The model's wording of follow-ups where the product asks for it: of remote models only."""
        model = self.model
        if model is None or isinstance(model, ChoiceReader):
            return None

        def worded(aim: Aim) -> str:
            asked = prompts.follow_up(aim.note.question, aim.said, aim.point.text, aim.lang)
            return str(model.invoke(asked, max_tokens=80).text)

        return worded

    @contextmanager
    def retriever(
        self, notes: Sequence[Note], *, rerank: Reranker | None = None
    ) -> Iterator[Retriever]:
        """Search over these notes in an index of the evaluation's own."""
        self.read_ahead([chunk.text for note in notes for chunk in chunk_note(note)])
        # The vectors are remembered, so an index is quick to make and never out of date.
        with tempfile.TemporaryDirectory(prefix="tutor-eval-") as folder:
            store = VectorStore(Path(folder, "index"), self.passage_encoder)
            english = self.english_encoder
            found = Retriever(
                store,
                self.passage_encoder,
                dense=self.dense,
                lexical=self.lexical,
                rerank=rerank,
                english=EnglishIndex(Path(folder, "english"), english) if english else None,
            )
            with contextlib.closing(found):
                found.sync(notes)
                yield found

    def read_ahead(self, texts: Sequence[str]) -> None:
        """Read passages in batches of similar length, and remember their vectors."""
        order = sorted(set(texts), key=len)
        for start in range(0, len(order), _READ_AHEAD):
            self.passage_encoder.encode(order[start : start + _READ_AHEAD], side="passage")
            self.tell("reading passages", min(start + _READ_AHEAD, len(order)), len(order))

    @property
    def switches(self) -> str:
        """What was switched off on purpose."""
        off = [name for name in ("dense", "lexical") if not getattr(self, name)]
        return ",".join(f"no-{name}" for name in off)


@lru_cache(maxsize=64)
def code_digest(*parts: str) -> str:
    """Digest of the source files of parts of the product, such as ``search`` or ``eval/suites``."""
    root = Path(tutor.__file__).parent
    total = hashlib.sha256()
    for part in sorted(parts):
        place = root / part
        files = [place] if place.is_file() else sorted(place.rglob("*"))
        for path in files:
            if path.suffix in (".py", ".json", ".txt"):
                total.update(path.relative_to(root).as_posix().encode() + b"\0")
                total.update(path.read_bytes())
    return total.hexdigest()[:16]
