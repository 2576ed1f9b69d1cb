"""Retrieval: does the right note stand among the first ones?"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from tutor.errors import EvalError
from tutor.eval import metrics
from tutor.eval.bench import Bench, code_digest
from tutor.eval.cases import RowFile, make_dataset, outside_files, own_files
from tutor.eval.figures import mean_of
from tutor.eval.rows import RowDict, need, read_cases, text_of, texts_of
from tutor.eval.suites.base import PassedOver, Rows, Try
from tutor.eval.types import Case, Dataset, Floats, Measure, Outcome, Row, digest_of
from tutor.llm.rerank import build_reranker
from tutor.notes.types import Note, Source
from tutor.search.retriever import Retriever
from tutor.search.types import Reranker

SEARCHED = 20
RERANKED = "_reranked"
"""What the name of a data set ends with whose notes the model puts in order."""


class RetrievalSuite:
    """Questions against notes: own questions against our notes, others against their passages."""

    name = "retrieval"
    parts = ("search", "notes", "eval/suites/retrieval.py")
    uses_model = False

    def datasets(self, bench: Bench) -> list[Dataset]:
        """Own questions, and one data set a file; with ``--rerank`` each of them once more."""
        found = [_own(file, bench) for file in own_files(self.name, bench.options.own)]
        found += [_outside(file) for file in outside_files(self.name, bench.options.data)]
        return found + [_reranked(dataset, bench) for dataset in found if bench.reranks]

    def default_limit(self, dataset: Dataset, bench: Bench) -> int | None:
        """All; 40 with ``--fast``, and with ``--rerank``, which reads for seconds a question."""
        return 40 if bench.options.fast or bench.reranks else None

    def measures(self, dataset: str, outcomes: Sequence[Outcome]) -> Sequence[Measure]:
        """Hits, MRR, nDCG and time."""
        hits = [Measure(f"hit@{k}", _hits(k), mean_of) for k in (1, 3, 5, 10)]
        return [
            *hits,
            Measure("mrr", _ranks, lambda rows: metrics.mean_reciprocal_rank(rows[:, 0])),
            Measure("ndcg@20", _ranks, lambda rows: metrics.ndcg(rows[:, 0])),
            Measure("latency_p50_ms", _times, lambda rows: _p(rows, 50), "ms", "lower"),
            Measure("latency_p95_ms", _times, lambda rows: _p(rows, 95), "ms", "lower"),
        ]

    @contextmanager
    def open(self, dataset: Dataset, bench: Bench) -> Iterator[Try]:
        """Index the notes or passages of the data set."""
        plain = dataset.name.removesuffix(RERANKED)
        inner = build_reranker(bench.model) if plain != dataset.name else None
        rerank = _Watched(inner) if inner else None
        if dataset.name.startswith("own"):
            notes: Sequence[Note] = bench.searched
        else:
            files = outside_files(self.name, bench.options.data)
            notes = _passages(next(file for file in files if file.name == plain))
        refs = {note.id: note.ref or note.id for note in notes}
        questions = {note.id: note.question or note.answer[:60] for note in notes}
        with bench.retriever(notes, rerank=rerank) as retriever:
            retriever.search("warm up", k=1)  # the first search opens files; it is not timed

            def attempt(case: Case) -> Outcome:
                outcome = _try(case, retriever, refs, questions)
                if rerank is not None:
                    rerank.check()
                return outcome

            yield attempt


class _Watched(PassedOver, Reranker):
    """A reranker whose failures are not passed over."""

    def __init__(self, inner: Reranker) -> None:
        super().__init__()
        self._inner = inner

    def order(
        self, question: str, passages: Sequence[str], scores: Sequence[float]
    ) -> Sequence[int]:
        with self.watching():
            return self._inner.order(question, passages, scores)


def _reranked(dataset: Dataset, bench: Bench) -> Dataset:
    setup = {
        "reranked_by": [bench.model_name, bench.settings.context_tokens],
        "reranker": code_digest("llm"),
    }
    return replace(dataset, name=dataset.name + RERANKED, setup={**dataset.setup, **setup})


def _own(file: RowFile, bench: Bench) -> Dataset:
    cases = []
    for row in file.rows:
        need(row, "id", "question", "note")
        if row["note"] not in bench.searched_refs:
            continue
        content = {"question": row["question"], "gold": [row["note"]]}
        cases.append(Case(row["id"], row["note"], str(row.get("lang", "")), content))
    name = "own_fast" if bench.options.fast else "own"
    setup = {**bench.corpus, "questions": digest_of([case.id for case in cases])}
    return make_dataset("retrieval", name, cases, setup)


def _outside(file: RowFile) -> Dataset:
    held = {str(row.get("id")) for row in file.passages}

    def make(row: RowDict) -> Case:
        gold = texts_of(row, "passage_id")
        content = {"question": text_of(row, "question"), "gold": gold}
        if not held.intersection(gold):
            # No search could find it: that says nothing about the search.
            raise EvalError(
                f"Row {row['id']}: the passage {', '.join(gold)} is not in {file.name}.passages.jsonl.",
                f"数据行 {row['id']}：{file.name}.passages.jsonl 中没有段落 {'、'.join(gold)}。",
            )
        return Case(str(row["id"]), str(row["id"]), str(row.get("lang", "")), content)

    setup = {"passages": digest_of(file.passages)}
    return make_dataset("retrieval", file.name, read_cases(file.rows, make), setup)


def _passages(file: RowFile) -> list[Note]:
    """Passages as notes without a question; of two with one id the first is kept."""
    found: dict[str, Note] = {}
    for number, row in enumerate(file.passages, start=1):
        text = text_of(row, "text")
        place = Source(f"{file.name}.md", number, number)
        found.setdefault(
            str(row["id"]), Note(str(row["id"]), "", text, place, digest=digest_of(text))
        )
    return list(found.values())


def _try(
    case: Case, retriever: Retriever, refs: dict[str, str], questions: dict[str, str]
) -> Outcome:
    begun = time.perf_counter()
    found = retriever.search(case.content["question"], k=2 * SEARCHED)
    seconds = time.perf_counter() - begun
    # A note and its translation are one answer: whichever stands first counts.
    order = list(dict.fromkeys(refs[evidence.note_id] for evidence in found))[:SEARCHED]
    ranks = [order.index(gold) + 1 for gold in map(str, case.content["gold"]) if gold in order]
    rank = min(ranks, default=0)
    shown = "; ".join(questions[evidence.note_id][:50] for evidence in found[:3])
    return Outcome(
        case.id,
        case.group,
        {"rank": rank, "ms": seconds * 1000},
        seconds,
        f"{case.content['question']} → {', '.join(map(str, case.content['gold']))}; found: {shown}",
        badness=1 - 1 / rank if rank else 1.0,
    )


def _hits(k: int) -> Rows:
    def rows(outcomes: Sequence[Outcome]) -> list[Row]:
        return [(None if rank is None else float(1 <= rank <= k),) for (rank,) in _ranks(outcomes)]

    return rows


def _ranks(outcomes: Sequence[Outcome]) -> list[Row]:
    return [(outcome.values.get("rank"),) for outcome in outcomes]


def _times(outcomes: Sequence[Outcome]) -> list[Row]:
    return [(outcome.values.get("ms"),) for outcome in outcomes]


def _p(rows: Floats, share: float) -> float | None:
    return metrics.percentile(rows[:, 0], share)
