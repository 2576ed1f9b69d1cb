"""Grading: does the score follow the marks that people gave, where only a model answer is known?

The model answer is taken for a learner's note without key points: they are derived from it, as the
product does with any note.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tutor.critique.critic import Critic
from tutor.eval import metrics
from tutor.eval.bench import Bench
from tutor.eval.cases import RowFile, is_test, make_dataset, need, outside_files, own_files
from tutor.eval.suites.base import Try, lang_of, value_rows
from tutor.eval.types import Case, Dataset, Floats, Measure, Outcome
from tutor.notes.keypoints import derive_points
from tutor.notes.types import Note, Source

_QUARTERS = 4


class GradingSuite:
    """Marked answers; our own are the labelled answers, with the key points taken away."""

    name = "grading"
    parts = ("critique", "notes", "llm", "eval/suites/grading.py")
    uses_model = True

    def datasets(self, bench: Bench) -> list[Dataset]:
        """Own answers, and one data set a file."""
        found = [_own(file, bench) for file in own_files("critique", bench.options.own)]
        return found + [_outside(file) for file in outside_files(self.name, bench.options.data)]

    def default_limit(self, dataset: Dataset, bench: Bench) -> int | None:
        """150 a data set; 60 with a language model, 20 with ``--fast``."""
        if bench.options.fast:
            return 20
        return 150 if bench.model_name == "none" else 60

    def measures(self, dataset: str, outcomes: Sequence[Outcome]) -> Sequence[Measure]:
        """Correlation, distance on the 0-1 scale, and weighted agreement on the scale of the marks."""
        rows = value_rows("gold", "given", "steps")
        return [
            Measure("pearson", rows, lambda r: metrics.pearson(r[:, 0], r[:, 1])),
            Measure("rmse", rows, lambda r: metrics.rmse(r[:, 0], r[:, 1]), "", "lower"),
            Measure("rmse_of_mean", rows, _rmse_of_mean, "", ""),
            Measure("qwk", rows, _qwk),
        ]

    @contextmanager
    def open(self, dataset: Dataset, bench: Bench) -> Iterator[Try]:
        """One critic for all cases."""
        critic = bench.critic()
        yield lambda case: _try(case, critic)


def _own(file: RowFile, bench: Bench) -> Dataset:
    cases = []
    for row in file.rows:
        need(row, "id", "note", "answer", "score")
        note = bench.by_ref.get(row["note"])
        if note is not None and is_test(row["note"]):
            joined = {"question": note.question, "reference": note.answer, "max_score": 10}
            cases.append(_case(row | joined, row["note"]))
    return make_dataset("grading", "own", cases)


def _outside(file: RowFile) -> Dataset:
    cases = []
    for row in file.rows:
        need(row, "id", "question_id", "question", "reference", "answer", "score", "max_score")
        cases.append(_case(row, str(row["question_id"])))
    return make_dataset("grading", file.name, cases)


def _case(row: dict[str, object], group: str) -> Case:
    names = ("question", "reference", "answer", "score", "max_score")
    content = {name: row[name] for name in names}
    content["lang"] = lang_of(row, str(row["reference"]))
    share = float(str(row["score"])) / float(str(row["max_score"]))
    return Case(str(row["id"]), group, f"{round(share * _QUARTERS)}", content)


def _try(case: Case, critic: Critic) -> Outcome:
    content = case.content
    note = Note(
        id=f"case:{case.group}",
        question=content["question"],
        answer=content["reference"],
        source=Source("case.md", 1, 1),
        key_points=derive_points(content["reference"], content["question"]),
        lang=content["lang"],
        digest=f"{case.group}:{len(content['reference'])}",
    )
    critic.prepare(note)
    begun = time.perf_counter()
    critique = critic.final(note, note.question, content["answer"], content["lang"])
    seconds = time.perf_counter() - begun
    top = float(content["max_score"])
    gold = float(content["score"]) / top
    given = None if critique.score.value is None else critique.score.value / 10
    # Marks in whole numbers are compared on their own scale, others in quarters.
    whole = float(content["score"]).is_integer() and 1 < top <= 10
    values = {"gold": gold, "given": given, "steps": top if whole else _QUARTERS}
    return Outcome(
        case.id,
        case.group,
        values,
        seconds,
        f"{content['question'][:120]} — {content['answer'][:240]}\ngiven {given}, people {gold:.2f}",
        badness=abs(gold - (given or 0.0)),
    )


def _rmse_of_mean(rows: Floats) -> float | None:
    """What always giving the mean mark would reach: the floor of ``rmse``."""
    return metrics.rmse(rows[:, 0], [rows[:, 0].mean()] * len(rows))


def _qwk(rows: Floats) -> float | None:
    """Quadratically weighted kappa on whole marks."""
    steps = float(rows[:, 2].min())  # one scale for the whole data set
    gold, given = (rows[:, :2] * steps).round().astype(int).T
    return metrics.kappa(gold, given, quadratic=True)
