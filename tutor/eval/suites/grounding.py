"""Grounding: is the claim checker right, and are the tutor's replies borne out by the notes?"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tutor.eval import metrics
from tutor.eval.bench import Bench
from tutor.eval.cases import RowFile, is_test, make_dataset, outside_files, own_files
from tutor.eval.rows import RowDict, label_of, read_cases, text_of
from tutor.eval.suites.base import Try
from tutor.eval.suites.replies import (
    REPLIES,
    open_replies,
    reply_datasets,
    reply_limit,
    reply_measures,
)
from tutor.eval.types import Case, Dataset, Floats, Measure, Outcome, Row
from tutor.study.claims import ClaimChecker

LABELS = ("supported", "unsupported", "contradicted")
_WRITTEN = {  # as public data sets write them; what is supported in part may not be asserted
    "supported": ("entailment", "entailed", "supports", "support", "true", "yes"),
    "unsupported": (
        "neutral", "not_supported", "partially_supported", "not_enough_info", "nei",
        "not_entailment", "unverifiable", "hallucinated", "false", "no",
    ),
    "contradicted": ("contradiction", "contradictory", "contradicts", "refutes", "refuted"),
}  # fmt: skip


class GroundingSuite:
    """Claims with sources, and real replies to study questions."""

    name = "grounding"
    parts = ("study", "search", "notes", "llm", "eval/suites", "eval/judge.py")
    uses_model = True

    def datasets(self, bench: Bench) -> list[Dataset]:
        """Own claims, own study questions, and one data set a file."""
        files = [*own_files(self.name, bench.options.own)]
        files += outside_files(self.name, bench.options.data)
        return [_claims(file) for file in files] + reply_datasets(bench)

    def default_limit(self, dataset: Dataset, bench: Bench) -> int | None:
        """300 claims, 48 with a language model, 20 with ``--fast``; replies as `reply_limit` says."""
        if dataset.name.startswith(REPLIES):
            return reply_limit(dataset, bench)
        if bench.options.fast:
            return 20
        return 300 if bench.model_name == "none" else 48

    def measures(self, dataset: str, outcomes: Sequence[Outcome]) -> Sequence[Measure]:
        """Accuracy of the checker, or what the replies are worth."""
        if dataset.startswith(REPLIES):
            return reply_measures(judged=any("judges" in o.values for o in outcomes))
        three = {o.values["gold"] for o in outcomes if not o.error} >= set(LABELS)
        found = [Measure("balanced_accuracy", _labels, _three_way if three else _two_way)]
        if three:
            found.append(Measure("supported_balanced_accuracy", _labels, _two_way))
        return [
            *found,
            Measure("support_auc", _labels, lambda r: metrics.auc(r[:, 0] == 0, r[:, 2])),
            Measure(
                "calibration_error",
                _labels,
                lambda r: metrics.expected_calibration_error(r[:, 0] == 0, r[:, 2]),
                "",
                "lower",
            ),
        ]

    @contextmanager
    def open(self, dataset: Dataset, bench: Bench) -> Iterator[Try]:
        """One checker, or the whole study chat."""
        if dataset.name.startswith(REPLIES):
            with open_replies(dataset, bench) as attempt:
                yield attempt
            return
        checker = bench.checker()
        yield lambda case: _check(case, checker)


def _claims(file: RowFile) -> Dataset:
    def make(row: RowDict) -> Case | None:
        content = {
            "source": text_of(row, "source"),
            "claim": text_of(row, "claim"),
            "label": label_of(row, row.get("label"), _WRITTEN),
            "question": text_of(row, "question") if row.get("question") else "",
        }
        note = str(row.get("note") or "")
        if file.own and note and not is_test(note):
            return None
        return Case(str(row["id"]), note or str(row["id"]), content["label"], content)

    return make_dataset("grounding", file.name, read_cases(file.rows, make, own=file.own))


def _check(case: Case, checker: ClaimChecker) -> Outcome:
    content = case.content
    result = checker.check(content["claim"], content["source"], content["question"])
    values = {"gold": content["label"], "label": result.label, "support": result.support}
    right = content["label"] == "supported"
    return Outcome(
        case.id,
        case.group,
        values,
        evidence=f"{content['claim'][:200]} — {result.label} ({result.support:.2f}), "
        f"people {content['label']}; held against: {result.span.of(content['source'])[:160]}",
        badness=abs(float(right) - result.support),
    )


def _labels(outcomes: Sequence[Outcome]) -> list[Row]:
    """Gold label, given label (as numbers of `LABELS`) and support."""
    return [
        (None, None, None)
        if outcome.error
        else (
            LABELS.index(outcome.values["gold"]),
            LABELS.index(outcome.values["label"]),
            outcome.values["support"],
        )
        for outcome in outcomes
    ]


def _three_way(rows: Floats) -> float | None:
    return metrics.balanced_accuracy(rows[:, 0], rows[:, 1])


def _two_way(rows: Floats) -> float | None:
    """Supported against the rest."""
    return metrics.balanced_accuracy(rows[:, 0] == 0, rows[:, 1] == 0)
