"""Latency: how long a learner waits. Always measured anew, never taken from the cache."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from tutor.critique.critic import Critic
from tutor.eval.bench import Bench
from tutor.eval.cases import make_dataset, own_files
from tutor.eval.rows import RowDict
from tutor.eval.suites.base import Try, kept_rows, percentile_of
from tutor.eval.types import Case, Dataset, Measure, Outcome
from tutor.notes import load_notes
from tutor.notes.types import Note
from tutor.search.retriever import Retriever
from tutor.settings import bundled_notes
from tutor.study.study import Study
from tutor.study.types import SourcesFound, Token

_SEARCHES, _ANSWERS, _REPLIES = 20, 6, 3


class LatencySuite:
    """Searches, critiques, replies and reading of notes, timed one by one."""

    name = "latency"
    parts = ("eval/suites/latency.py",)
    uses_model = True

    def datasets(self, bench: Bench) -> list[Dataset]:
        """Questions and answers of ours."""
        questions = _spread("retrieval", bench)[::7]
        answers = _spread("critique", bench)[::31]
        cases = [
            Case(f"search-{row['id']}", row["id"], "search", {"question": row["question"]})
            for row in questions[:_SEARCHES]
        ]
        cases += [
            Case(
                f"critique-{row['id']}",
                row["id"],
                "critique",
                {"note": row["note"], "answer": row["answer"]},
            )
            for row in answers[:_ANSWERS]
        ]
        if bench.model_name != "none":
            cases += [
                Case(f"reply-{row['id']}", row["id"], "reply", {"note": row["note"]})
                for row in questions[:_REPLIES]
            ]
        cases += [Case(f"read-{number}", f"read-{number}", "read", {}) for number in range(3)]
        return [make_dataset(self.name, "own", cases, {"measured": time.time()})]

    def default_limit(self, dataset: Dataset, bench: Bench) -> int | None:
        """All; 10 with ``--fast``."""
        return 10 if bench.options.fast else None

    def measures(self, dataset: str, outcomes: Sequence[Outcome]) -> Sequence[Measure]:
        """Medians and slow ends."""

        def both(name: str, value: str, unit: str) -> list[Measure]:
            return [
                Measure(f"{name}_p{share}", kept_rows(value), percentile_of(share), unit, "lower")
                for share in (50, 95)
            ]

        return [
            *both("search_ms", "search_ms", "ms"),
            *both("critique_s", "critique_s", "s"),
            *both("first_word_s", "first_word_s", "s"),
            *both("reply_s", "reply_s", "s"),
            *both("read_note_ms", "read_note_ms", "ms"),
        ]

    @contextmanager
    def open(self, dataset: Dataset, bench: Bench) -> Iterator[Try]:
        """Everything is loaded and warm before the clock starts."""
        notes = {note.id: note for note in bench.searched}
        critic = bench.critic()
        with bench.retriever(list(notes.values())) as retriever:
            retriever.search("warm up", k=1)
            study = bench.study(retriever, notes)
            timers: dict[str, Callable[[Case], dict[str, float]]] = {
                "search": lambda case: _search(case, retriever),
                "critique": lambda case: _critique(case, critic, bench.by_ref),
                "reply": lambda case: _reply(case, study, bench.by_ref),
                "read": lambda case: _read(),
            }
            yield lambda case: _outcome(case, timers[case.stratum](case))


def _spread(suite: str, bench: Bench) -> list[RowDict]:
    """Our rows about notes that are searched."""
    rows = [row for file in own_files(suite, bench.options.own) for row in file.rows]
    return [row for row in rows if row["note"] in bench.searched_refs]


def _outcome(case: Case, values: dict[str, float]) -> Outcome:
    seconds = max(values.values()) / (1000 if any("_ms" in name for name in values) else 1)
    return Outcome(case.id, case.group, values, seconds, f"{case.id}: {values}")


def _search(case: Case, retriever: Retriever) -> dict[str, float]:
    begun = time.perf_counter()
    retriever.search(case.content["question"], k=5)
    return {"search_ms": 1000 * (time.perf_counter() - begun)}


def _critique(case: Case, critic: Critic, notes: dict[str, Note]) -> dict[str, float]:
    note = notes[case.content["note"]]
    critic.prepare(note)  # done while the learner reads the question
    begun = time.perf_counter()
    critic.final(note, note.question, case.content["answer"], note.lang)
    return {"critique_s": time.perf_counter() - begun}


def _reply(case: Case, study: Study, notes: dict[str, Note]) -> dict[str, float]:
    begun = time.perf_counter()
    first = None
    for event in study.ask(notes[case.content["note"]].question):
        if isinstance(event, Token) and first is None and event.text.strip():
            first = time.perf_counter() - begun
        elif isinstance(event, SourcesFound):
            continue
    found = {"reply_s": time.perf_counter() - begun}
    return found if first is None else found | {"first_word_s": first}


def _read() -> dict[str, float]:
    begun = time.perf_counter()
    count = len(load_notes([bundled_notes()]).notes)
    return {"read_note_ms": 1000 * (time.perf_counter() - begun) / max(count, 1)}
