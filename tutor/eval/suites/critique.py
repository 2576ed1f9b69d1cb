"""Critique: are a learner's answers judged as people judged them?"""

import hashlib
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import combinations
from typing import Any

from tutor.critique.critic import Critic
from tutor.critique.types import Critique, Label
from tutor.eval import metrics
from tutor.eval.bench import Bench
from tutor.eval.cases import outside_files, own_files
from tutor.eval.figures import mean_of
from tutor.eval.suites.base import Try
from tutor.eval.suites.critique_cases import (
    GUARDS,
    none_answers,
    note_of,
    outside_answers,
    own_answers,
)
from tutor.eval.types import Case, Dataset, Floats, Measure, Outcome, Row
from tutor.notes.types import Note

LABELS = (Label.COVERED, Label.PARTIAL, Label.MISSED, Label.CONTRADICTED)
_FOUND = (Label.COVERED, Label.PARTIAL)
ZERO_KINDS = ("echo", "empty", "injection", "dont_know", "gibberish", "off", "off_topic")
_CLEARLY_BETTER = 2.0  # marks of 10: raters agree on the order of such answers


class CritiqueSuite:
    """Labelled answers; of our own only those to the notes that nothing is fitted on."""

    name = "critique"
    parts = ("critique", "notes", "llm", "eval/suites/critique.py", "eval/suites/critique_cases.py")
    uses_model = True

    def datasets(self, bench: Bench) -> list[Dataset]:
        """Own answers, and one data set a file."""
        found = [own_answers(file, bench) for file in own_files(self.name, bench.options.own)]
        if found:
            found.append(none_answers(bench))
        return found + [
            outside_answers(file) for file in outside_files(self.name, bench.options.data)
        ]

    def default_limit(self, dataset: Dataset, bench: Bench) -> int | None:
        """All; 48 of our own with a language model, 20 with ``--fast``; fewer that are none."""
        if dataset.name == GUARDS:
            return 10 if bench.options.fast else 60
        if bench.options.fast:
            return 20
        return 48 if dataset.name == "own" and bench.model_name != "none" else None

    def measures(self, dataset: str, outcomes: Sequence[Outcome]) -> Sequence[Measure]:
        """Agreement point by point and answer by answer; time."""
        if dataset == GUARDS:
            return [Measure("guard_zero_rate", _zeros, mean_of)]
        return [
            Measure("point_auc", _point_rows, lambda r: metrics.auc(r[:, 0] <= 1, r[:, 2])),
            Measure("point_accuracy", _point_rows, lambda r: metrics.accuracy(r[:, 0], r[:, 1])),
            Measure("point_calibration_error", _point_rows, _calibration, "", "lower"),
            Measure("contradicted_precision", _point_rows, _against(metrics.precision)),
            Measure("contradicted_recall", _point_rows, _against(metrics.recall)),
            Measure("score_spearman", _scores, lambda r: metrics.spearman(r[:, 0], r[:, 1])),
            Measure(
                "score_mae",
                _scores,
                lambda r: metrics.mean_absolute_error(r[:, 0], r[:, 1]),
                "of 10",
                "lower",
            ),
            Measure("order_kept", _orders, mean_of),
            Measure("guard_zero_rate", _zeros, mean_of),
            Measure("repeat_difference", _repeats, mean_of, "of 10", "lower"),
            Measure("seconds_p50", _seconds, lambda r: metrics.percentile(r, 50), "s", "lower"),
            Measure("seconds_p95", _seconds, lambda r: metrics.percentile(r, 95), "s", "lower"),
        ]

    @contextmanager
    def open(self, dataset: Dataset, bench: Bench) -> Iterator[Try]:
        """One critic for all cases, as in the product."""
        critic = bench.critic()
        yield lambda case: _try(case, critic, bench)


def _try(case: Case, critic: Critic, bench: Bench) -> Outcome:
    note, content = note_of(case), case.content
    critic.prepare(note)  # done while the learner types
    begun = time.perf_counter()
    critique = critic.final(note, note.question, content["answer"], content["lang"])
    seconds = time.perf_counter() - begun
    values: dict[str, Any] = {
        "gold": list(content["labels"]),
        "labels": [verdict.label.value for verdict in critique.verdicts],
        "p": [verdict.covered_probability for verdict in critique.verdicts],
        "gold_score": float(content["score"]),
        "score": critique.score.value,
        "kind": content["kind"],
        "judges": [verdict.judge for verdict in critique.verdicts],
    }
    if _again(case):
        repeated = bench.critic().final(note, note.question, content["answer"], content["lang"])
        values["again"] = repeated.score.value
    off = abs((critique.score.value or 0.0) - float(content["score"])) / 10
    return Outcome(
        case.id, case.group, values, seconds, _evidence(case, critique, note), badness=off
    )


def _again(case: Case) -> bool:
    """Whether this case is judged twice: every fourth, by its id."""
    return int(hashlib.sha256(case.id.encode()).hexdigest(), 16) % 4 == 1


def _evidence(case: Case, critique: Critique, note: Note) -> str:
    lines = [
        f"{note.question} — {case.content['answer'][:240]}",
        f"score {critique.score.value}, people {case.content['score']} ({case.content['kind']})",
    ]
    for point, gold, verdict in zip(
        note.key_points, case.content["labels"], critique.verdicts, strict=True
    ):
        if gold != verdict.label:
            said = verdict.learner_span.of(critique.answer) if verdict.learner_span else "–"
            lines.append(
                f"{point.text[:80]}: {verdict.label.value}, people {gold}; said: {said[:80]}"
            )
    return "\n".join(lines)


def _point_rows(outcomes: Sequence[Outcome]) -> list[Row]:
    """Gold label, given label (as numbers of `LABELS`) and probability; unscored has none."""
    rows: list[Row] = []
    for outcome in outcomes:
        values = outcome.values
        if outcome.error:
            rows.append((None, None, None))
            continue
        for gold, label, chance in zip(values["gold"], values["labels"], values["p"], strict=True):
            if label == Label.UNSCORED or gold is None:
                rows.append((None, None, None))
            else:
                rows.append((LABELS.index(gold), LABELS.index(label), chance))
    return rows


def _calibration(rows: Floats) -> float | None:
    return metrics.expected_calibration_error(rows[:, 0] <= 1, rows[:, 2])


def _against(statistic: Any) -> Any:
    wrong = LABELS.index(Label.CONTRADICTED)
    return lambda rows: statistic(rows[:, 0] == wrong, rows[:, 1] == wrong)


def _scores(outcomes: Sequence[Outcome]) -> list[Row]:
    return [(o.values.get("gold_score"), o.values.get("score")) for o in outcomes]


def _orders(outcomes: Sequence[Outcome]) -> list[Row]:
    """Pairs of answers to one question that people mark clearly apart: 1 kept, 0.5 tied, 0 turned."""
    rows: list[Row] = []
    for one, two in combinations(outcomes, 2):
        if one.error or two.error:
            continue
        apart = one.values["gold_score"] - two.values["gold_score"]
        if abs(apart) < _CLEARLY_BETTER:
            continue
        mine, other = one.values["score"], two.values["score"]
        if mine is None or other is None:
            rows.append((None,))
            continue
        ours = (mine - other) * apart
        rows.append((1.0 if ours > 0 else 0.5 if ours == 0 else 0.0,))
    return rows


def _zeros(outcomes: Sequence[Outcome]) -> list[Row]:
    """Answers that are none: 1 where they score 0."""
    return [
        (None if o.values.get("score") is None else float(o.values["score"] == 0.0),)
        for o in outcomes
        if o.error or (o.values["kind"] in ZERO_KINDS and o.values["gold_score"] == 0)
    ]


def _repeats(outcomes: Sequence[Outcome]) -> list[Row]:
    return [
        (
            None
            if None in (o.values["again"], o.values["score"])
            else abs(o.values["again"] - o.values["score"]),
        )
        for o in outcomes
        if "again" in o.values
    ]


def _seconds(outcomes: Sequence[Outcome]) -> list[Row]:
    return [(None if outcome.error else outcome.seconds,) for outcome in outcomes]
