"""Abstention: does the tutor answer what the notes answer, and refuse what they do not?"""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tutor.errors import ModelError
from tutor.eval import metrics
from tutor.eval.bench import Bench, code_digest
from tutor.eval.cases import (
    ADVERSARIAL,
    RowFile,
    make_dataset,
    outside_files,
    own_files,
    study_files,
    study_stratum,
)
from tutor.eval.figures import mean_of
from tutor.eval.memory_store import MemoryStore
from tutor.eval.rows import RowDict, flag_of, read_cases, text_of, texts_of
from tutor.eval.suites.base import PassedOver, Rows, Try
from tutor.eval.types import Case, Dataset, Floats, Measure, Outcome, Row
from tutor.llm.types import StateReader
from tutor.notes.types import Note, Source
from tutor.search.chunk import chunk_note
from tutor.search.retriever import Retriever
from tutor.study.study import Study
from tutor.study.types import Answer, Answered

OVER_NOTES = ("own_notes", "own_adversarial")
WITH_READING = "_read"
"""What the name of a data set ends with whose notes the embedded model reads before it is decided."""
# Neither answering nor refusing these is plainly wrong, so they are counted apart.
_APART = ("false_premise", "partly")


class AbstentionSuite:
    """Questions with contexts that answer them or not, and questions to all our notes.

    Each data set is run by the evidence gate alone and, where the embedded model is there to read
    the notes before a reply, once more with it.
    """

    name = "abstention"
    parts = ("study", "search", "notes", "eval/suites/abstention.py")
    uses_model = False

    def datasets(self, bench: Bench) -> list[Dataset]:
        """Own contexts, own questions to all notes, and one data set a file."""
        found = [_contexts(file) for file in own_files(self.name, bench.options.own)]
        found += [_over_notes(file, bench) for file in study_files(bench.options.own)]
        outside = outside_files(self.name, bench.options.data)
        found += [_contexts(file) for file in outside]
        return found + [_with_reading(dataset, bench) for dataset in found if _reads(bench)]

    def default_limit(self, dataset: Dataset, bench: Bench) -> int | None:
        """200 a data set, all questions to our notes; 16 contexts with ``--fast``; 30 are read."""
        if dataset.name.endswith(WITH_READING):
            return 30  # 4 to 15 s each
        over_notes = dataset.name in OVER_NOTES
        if bench.options.fast:
            return 0 if over_notes else 16  # an index of all notes takes too long
        return None if over_notes else 200

    def measures(self, dataset: str, outcomes: Sequence[Outcome]) -> Sequence[Measure]:
        """Errors of both kinds, and how well the confidence separates.

        Refused false premises and half answerable questions are figures of their own.
        """
        apart = _APART if dataset.removesuffix(WITH_READING) in OVER_NOTES else ()
        return [
            *(
                Measure(f"{kind}_refusal_rate", _refused(kind), mean_of, "", "lower")
                for kind in apart
            ),
            Measure("false_answer_rate", _of_kind(False), mean_of, "", "lower"),
            Measure(
                "false_refusal_rate",
                _of_kind(True),
                lambda r: metrics.mean(1 - r[:, 0]),
                "",
                "lower",
            ),
            Measure(
                "balanced_accuracy", _rows, lambda r: metrics.balanced_accuracy(r[:, 0], r[:, 1])
            ),
            Measure("confidence_auc", _rows, lambda r: metrics.auc(r[:, 0], r[:, 2])),
            Measure("calibration_error", _rows, _calibration, "", "lower"),
        ]

    @contextmanager
    def open(self, dataset: Dataset, bench: Bench) -> Iterator[Try]:
        """Contexts are read ahead in one go; our notes are indexed."""
        reads = dataset.name.endswith(WITH_READING)
        reader = _Watched(bench.reader) if reads and bench.reader else None
        if dataset.name.removesuffix(WITH_READING) in OVER_NOTES:
            notes = {note.id: note for note in bench.notes}
            with bench.retriever(bench.notes) as retriever:
                study = bench.study(retriever, notes, with_model=False, reader=reader)
                yield lambda case: _ask(case, study, reader)
            return
        texts = [
            chunk.text
            for case in dataset.cases
            for note in _notes(case)
            for chunk in chunk_note(note)
        ]
        bench.read_ahead(texts)
        yield lambda case: _try(case, bench, reader)


class _Watched(PassedOver, StateReader):
    """A reader whose failures are not passed over."""

    def __init__(self, inner: StateReader) -> None:
        super().__init__()
        self._inner = inner

    def states(self, examples: str, shared: str, tails: Iterable[str]) -> NDArray[np.float64]:
        with self.watching():
            return self._inner.states(examples, shared, tails)

    def read_ahead(self, examples: str) -> None:
        self._inner.read_ahead(examples)


def _reads(bench: Bench) -> bool:
    try:
        return bench.reader is not None
    except ModelError:  # the gate can be measured without the model's file
        return False


def _with_reading(dataset: Dataset, bench: Bench) -> Dataset:
    setup = {"read_by": bench.model_name, "reader": code_digest("llm", "study")}
    return replace(dataset, name=dataset.name + WITH_READING, setup={**dataset.setup, **setup})


def _contexts(file: RowFile) -> Dataset:
    def make(row: RowDict) -> Case | None:
        answerable = flag_of(row, "answerable")
        if row.get("answer_string_leak") and not answerable:
            return None  # the context holds the answer by chance: nobody knows what is right
        content = {
            "question": text_of(row, "question"),
            "context": [text for text in texts_of(row, "context") if text.strip()],
            "answerable": answerable,
        }
        return Case(str(row["id"]), str(row["id"]), _kind(answerable), content)

    return make_dataset("abstention", file.name, read_cases(file.rows, make, own=file.own))


def _over_notes(file: RowFile, bench: Bench) -> Dataset:
    cases = []
    for row in file.rows:
        kind = row["kind"]
        content = {
            "question": row["question"],
            "answerable": None if kind in _APART else kind != "unanswerable",
            "kind": kind,
            "attack": row.get("attack", ""),
        }
        cases.append(Case(row["id"], row["id"], study_stratum(row), content))
    name = OVER_NOTES[file.name == ADVERSARIAL]
    return make_dataset("abstention", name, cases, bench.corpus)


def _kind(answerable: bool) -> str:
    return "answerable" if answerable else "unanswerable"


def _notes(case: Case) -> list[Note]:
    return [
        Note(f"c{number}", "", text, Source("context.md", number, number), digest=str(number))
        for number, text in enumerate(case.content["context"], start=1)
    ]


def _try(case: Case, bench: Bench, reader: "_Watched | None") -> Outcome:
    notes = _notes(case)
    retriever = Retriever(
        MemoryStore(bench.passage_encoder),
        bench.passage_encoder,
        dense=bench.dense,
        lexical=bench.lexical,
    )
    retriever.sync(notes)
    by_id = {note.id: note for note in notes}
    return _ask(case, bench.study(retriever, by_id, with_model=False, reader=reader), reader)


def _ask(case: Case, study: Study, reader: "_Watched | None" = None) -> Outcome:
    begun = time.perf_counter()
    answer = last_answer(study, case.content["question"])
    seconds = time.perf_counter() - begun
    if reader is not None:
        reader.check()
    truth = case.content["answerable"]
    kind = case.content.get("kind") or _kind(truth)
    attack = case.content.get("attack")
    said = "refused" if answer.refused else "answered"
    values = {
        "kind": kind,
        "answerable": truth,
        "answered": not answer.refused,
        "confidence": answer.confidence,
    }
    return Outcome(
        case.id,
        case.group,
        values,
        seconds,
        f"{case.content['question']} ({f'{attack}, ' if attack else ''}{kind}): {said} at "
        f"{answer.confidence:.2f}; {answer.text[:160]}",
        badness=abs(truth - answer.confidence) if truth is answer.refused else 0.0,
    )


def last_answer(study: Study, question: str) -> Answer:
    """The finished reply to a question."""
    for event in study.ask(question):
        if isinstance(event, Answered):
            return event.answer
    raise RuntimeError("a study question ended without an answer")


def _rows(outcomes: Sequence[Outcome]) -> list[Row]:
    """Whether answerable, whether answered, confidence; without what is counted apart."""
    return [
        (None, None, None)
        if outcome.error
        else (
            float(outcome.values["answerable"]),
            float(outcome.values["answered"]),
            float(outcome.values["confidence"]),
        )
        for outcome in outcomes
        if outcome.error or outcome.values["answerable"] is not None
    ]


def _of_kind(answerable: bool) -> Rows:
    def rows(outcomes: Sequence[Outcome]) -> list[Row]:
        # What failed is unscored in both rates: its kind is not known here.
        return [
            (None,) if outcome.error else (float(outcome.values["answered"]),)
            for outcome in outcomes
            if outcome.error or outcome.values["answerable"] is answerable
        ]

    return rows


def _refused(kind: str) -> Rows:
    def rows(outcomes: Sequence[Outcome]) -> list[Row]:
        return [
            (None,) if outcome.error else (1.0 - float(outcome.values["answered"]),)
            for outcome in outcomes
            if outcome.error or outcome.values["kind"] == kind
        ]

    return rows


def _calibration(rows: Floats) -> float | None:
    return metrics.expected_calibration_error(rows[:, 0], rows[:, 2])
