"""Grading: does our mark follow the marks that people gave, where only a model answer is known?

The model answer is taken for a learner's note without key points: they are derived from it, as the
product does with any note. Of such a note the product tells the score of its points and an estimate
of the whole answer; the estimate is what people's marks are compared with.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tutor.critique.critic import Critic
from tutor.critique.types import Critique
from tutor.errors import EvalError
from tutor.eval import metrics
from tutor.eval.bench import Bench
from tutor.eval.cases import RowFile, is_test, make_dataset, outside_files, own_files
from tutor.eval.rows import RowDict, digest_group, number_of, read_cases, text_of
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
        """150 a data set; 40 with a language model (5 s each), 12 with ``--fast``."""
        if bench.options.fast:
            return 12
        return 150 if bench.model_name == "none" else 40

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
    def make(row: RowDict) -> Case | None:
        note = bench.by_ref.get(text_of(row, "note"))
        if note is None or not is_test(row["note"]):
            return None
        joined = {"question": note.question, "reference": note.answer, "max_score": 10}
        return _case(row | joined, row["note"], 10)

    return make_dataset("grading", "own", read_cases(file.rows, make, own=True))


def _outside(file: RowFile) -> Dataset:
    steps = _steps(file.rows)

    def make(row: RowDict) -> Case:
        return _case(row, str(row.get("question_id") or ""), steps)

    return make_dataset("grading", file.name, read_cases(file.rows, make))


def _steps(rows: Sequence[RowDict]) -> float:
    """The steps of the scale on which marks are compared: whole marks, or quarters.

    Decided for the whole file, so that every draw of it is compared on the same scale.
    """
    tops = {row.get("max_score") for row in rows}
    whole = all(
        isinstance(row.get("score"), int | float) and float(row["score"]).is_integer()
        for row in rows
    )
    top = tops.pop() if len(tops) == 1 else None
    return float(top) if whole and isinstance(top, int | float) and 1 < top <= 10 else _QUARTERS


def _case(row: RowDict, group: str, steps: float) -> Case:
    """A marked answer; an empty one is an answer too.

    Raises:
        EvalError: The row lacks something, or its mark lies outside its scale.
    """
    content: RowDict = {name: text_of(row, name) for name in ("question", "reference", "answer")}
    score, top = number_of(row, "score"), number_of(row, "max_score")
    if not 0 <= score <= top or top <= 0:
        raise EvalError(
            f"Row {row['id']}: the mark {score:g} is not between 0 and {top:g}.",
            f"数据行 {row['id']}：分数 {score:g} 不在 0 到 {top:g} 之间。",
        )
    content |= {"score": score, "max_score": top, "steps": steps}
    content["lang"] = lang_of(row, content["reference"])
    place = group or digest_group(content["question"])
    return Case(str(row["id"]), place, f"{round(score / top * _QUARTERS)}", content)


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
    given = _mark(critique)
    values = {"gold": gold, "given": given, "steps": content["steps"]}
    return Outcome(
        case.id,
        case.group,
        values,
        seconds,
        f"{content['question'][:120]} — {content['answer'][:240]}\ngiven {given}, people {gold:.2f}",
        badness=abs(gold - (given or 0.0)),
    )


def _mark(critique: Critique) -> float | None:
    """The estimate where there is one; else the score, as of an answer that a rule marked 0."""
    value = critique.score.value if critique.estimate is None else critique.estimate
    return None if value is None else value / 10


def _rmse_of_mean(rows: Floats) -> float | None:
    """What always giving the mean mark would reach: the floor of ``rmse``."""
    return metrics.rmse(rows[:, 0], [rows[:, 0].mean()] * len(rows))


def _qwk(rows: Floats) -> float | None:
    """Quadratically weighted kappa on whole marks."""
    steps = float(rows[0, 2])
    gold, given = (rows[:, :2] * steps).round().astype(int).T
    return metrics.kappa(gold, given, quadratic=True)
