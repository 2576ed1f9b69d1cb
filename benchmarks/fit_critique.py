"""Fit the critique's weights and print how they do on unseen questions.

Run by hand: ``python benchmarks/fit_critique.py --data DIR [--write]``. Reads our labelled answers
in ``evals/critique``, our development set in ``DIR/critique``, and writes
``tutor/critique/weights.json``. Every figure is measured on questions whose answers took no part
in the fit (folds by question); intervals are 95 % bootstraps by question.
"""

import argparse
import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from tutor.critique import guards
from tutor.critique.calibrate import Logistic, Weights
from tutor.critique.features import NAMES, measure_points
from tutor.critique.question import read_question
from tutor.critique.reading import read_text
from tutor.critique.relevance import keep_relevant
from tutor.notes import parse_notes
from tutor.search.embed import load_encoder
from tutor.search.types import Encoder
from tutor.settings import bundled_notes, load_settings

ROOT = Path(__file__).resolve().parent.parent
CUTS = {
    "related": 0.83,
    "related_without_words": 0.87,
    "found": 0.5,
    "full": 0.5,
    "contradicted": 0.5,
    "contra_over_found": 1.0,
}
LOOSE = Weights({}, {**CUTS, "related": 0.0, "related_without_words": 0.0}, {})
FOLDS = 10


@dataclass(frozen=True)
class Case:
    """One labelled answer."""

    id: str
    question_id: str
    question: str
    source: str
    points: tuple[str, ...]
    required: tuple[bool, ...]
    answer: str
    labels: tuple[str, ...]
    score: float
    kind: str
    origin: str


@dataclass(frozen=True)
class Table:
    """Points as rows: features, label, question, case and number of the point."""

    rows: NDArray[np.float64]
    labels: NDArray[np.str_]
    groups: NDArray[np.str_]
    cases: list[tuple[Case, int]]


def read_own(folder: Path) -> list[Case]:
    """Our labelled answers, joined to the notes they belong to."""
    files = [path for path in sorted(bundled_notes().glob("*.md")) if path.name != "FORMAT.md"]
    notes = {note.ref: note for path in files for note in parse_notes(path)}
    cases = []
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            note = notes.get(row["note"])
            if note is None or len(row["labels"]) != len(note.key_points):
                continue
            points = tuple(point.text for point in note.key_points)
            required = tuple(point.required for point in note.key_points)
            cases.append(
                Case(row["id"], row["note"], note.question, note.answer, points, required,
                     row["answer"], tuple(row["labels"]), float(row["score"]), row["kind"], "own")
            )  # fmt: skip
    return cases


def read_dev(path: Path) -> list[Case]:
    """Our development set: points and source stand in each row."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        Case(row["id"], row["qid"], row["question"], row["source"], tuple(row["points"]),
             (True,) * len(row["points"]), row["answer"], tuple(row["labels"]),
             float(row["score"]), row["kind"], "dev")
        for row in rows
    ]  # fmt: skip


def measure(encoder: Encoder, cases: Sequence[Case]) -> Table:
    """Features of every point, by the very path the product takes; rule-decided answers left out."""
    weights = Weights({}, CUTS, {})
    read = {}
    rows, labels, groups, kept = [], [], [], []
    for case in cases:
        guard = guards.check(case.question, case.answer)
        if guard is not None and guard.zero:
            continue
        key = (case.question, case.source)
        if key not in read:
            read[key] = read_question(encoder, case.question, case.points, case.source)
        reading = read_text(encoder, case.answer, guard.kept if guard else None)
        reading = keep_relevant(read[key], reading, weights)
        if not reading.spans:
            continue
        for number, found in enumerate(measure_points(read[key], reading)):
            rows.append(found.values)
            labels.append(case.labels[number])
            groups.append(case.question_id)
            kept.append((case, number))
    return Table(np.array(rows), np.array(labels), np.array(groups), kept)


def fit_logistic(
    rows: NDArray[np.float64],
    target: NDArray[np.bool_],
    weight: NDArray[np.float64],
    strength: float,
) -> Logistic:
    """A regularised logistic model over all features."""
    mean, scale = rows.mean(axis=0), np.maximum(rows.std(axis=0), 1e-6)
    clipped = np.clip((rows - mean) / scale, -4.0, 4.0)
    model = LogisticRegression(C=strength, max_iter=5000)
    model.fit(clipped, target, sample_weight=weight)
    return Logistic(NAMES, mean, scale, model.coef_[0], float(model.intercept_[0]))


def targets(labels: NDArray[np.str_]) -> dict[str, tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """For each model: which rows it learns from, and what is true of them."""
    found = np.isin(labels, ("covered", "partial"))
    everything = np.ones(len(labels), dtype=bool)
    return {
        "found": (everything, found),
        "full": (found, labels == "covered"),
        "contradicted": (everything, labels == "contradicted"),
    }


def fit_all(table: Table, strength: float, dev_weight: float) -> dict[str, Logistic]:
    """The three models of the fast judge."""
    weight = np.array([dev_weight if case.origin == "dev" else 1.0 for case, _ in table.cases])
    return {
        name: fit_logistic(table.rows[use], truth[use], weight[use], strength)
        for name, (use, truth) in targets(table.labels).items()
    }


def take(table: Table, index: NDArray[np.int64]) -> Table:
    """Some rows of a table."""
    cases = [table.cases[number] for number in index]
    return Table(table.rows[index], table.labels[index], table.groups[index], cases)


def cross_validate(
    table: Table, strength: float, dev_weight: float
) -> dict[str, NDArray[np.float64]]:
    """Log-odds of every row from models that saw no answer to its question."""
    odds = {name: np.zeros(len(table.labels)) for name in ("found", "full", "contradicted")}
    for train, test in GroupKFold(FOLDS).split(table.rows, groups=table.groups):
        models = fit_all(take(table, train), strength, dev_weight)
        for name, model in models.items():
            odds[name][test] = model.logit(table.rows[test])
    return odds


def interval(
    groups: NDArray[np.str_], truth: NDArray[np.bool_], odds: NDArray[np.float64]
) -> tuple[float, float]:
    """95 % bootstrap of the AUC, drawing whole questions."""
    rng = np.random.default_rng(0)
    names = np.unique(groups)
    members = {name: np.flatnonzero(groups == name) for name in names}
    found = []
    for _ in range(400):
        index = np.concatenate([members[name] for name in rng.choice(names, len(names))])
        if 0 < truth[index].sum() < len(index):
            found.append(roc_auc_score(truth[index], odds[index]))
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)


def best_cut(truth: NDArray[np.bool_], odds: NDArray[np.float64], precision: float) -> float:
    """Lowest probability whose precision reaches the wanted one, on cross-validated odds."""
    order = np.argsort(-odds)
    hits = np.cumsum(truth[order])
    rate = hits / np.arange(1, len(order) + 1)
    good = np.flatnonzero((rate >= precision) & (np.arange(len(order)) >= 9))
    if not len(good):
        return 0.9
    return float(1.0 / (1.0 + np.exp(-odds[order[good[-1]]])))


def report(table: Table, odds: dict[str, NDArray[np.float64]], origin: str) -> None:
    """Print AUCs of one set."""
    own = np.array([case.origin == origin for case, _ in table.cases])
    for name, (use, truth) in targets(table.labels).items():
        chosen = own & use
        if not 0 < truth[chosen].sum() < chosen.sum():
            continue
        value = roc_auc_score(truth[chosen], odds[name][chosen])
        low, high = interval(table.groups[chosen], truth[chosen], odds[name][chosen])
        print(f"{origin:4s} {name:13s} AUC {value:.3f} [{low:.3f}, {high:.3f}] n={chosen.sum()}")


def as_json(models: dict[str, Logistic], cuts: dict[str, float], card: dict[str, object]) -> str:
    """The weights file's text."""
    fields = {
        name: {
            "names": list(model.names),
            "mean": [round(float(v), 6) for v in model.mean],
            "scale": [round(float(v), 6) for v in model.scale],
            "coef": [round(float(v), 6) for v in model.coef],
            "intercept": round(model.intercept, 6),
        }
        for name, model in models.items()
    }
    return json.dumps({"card": card, "cuts": cuts, "models": fields}, indent=1) + "\n"


def main() -> None:
    """Fit, print, and with ``--write`` replace the shipped weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with critique/*.jsonl")
    parser.add_argument("--strength", type=float, default=0.1, help="inverse regularisation")
    parser.add_argument("--dev-weight", type=float, default=4.0)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    settings = load_settings()
    encoder = load_encoder("bundled", settings.models_dir, 2)
    own = read_own(ROOT / "evals" / "critique")
    dev = read_dev(options.data / "critique" / "critique_dev.jsonl")
    table = measure(encoder, [*own, *dev])
    print(f"{len(own)} + {len(dev)} answers, {len(table.labels)} points judged by features")
    odds = cross_validate(table, options.strength, options.dev_weight)
    report(table, odds, "own")
    report(table, odds, "dev")
    only_own = np.flatnonzero([case.origin == "own" for case, _ in table.cases])
    transfer = fit_all(take(table, only_own), options.strength, 1.0)
    moved = {name: model.logit(table.rows) for name, model in transfer.items()}
    print("fitted on our cases only:")
    report(table, moved, "dev")
    cuts = dict(CUTS)
    cuts["contradicted"] = round(
        best_cut(table.labels == "contradicted", odds["contradicted"], 0.75), 3
    )
    print("cuts", cuts)
    if options.write:
        models = fit_all(table, options.strength, options.dev_weight)
        card: dict[str, object] = {
            "what": "Logistic models over the features of tutor/critique/features.py",
            "data": "evals/critique (written for this project, Apache-2.0) and our own critique "
            "development set; no public answer set",
            "answers": len(own) + len(dev),
            "points": len(table.labels),
            "questions": len(set(table.groups.tolist())),
            "encoder": encoder.name,
            "date": dt.date.today().isoformat(),
            "command": "python benchmarks/fit_critique.py --data DIR --write",
        }
        target = ROOT / "tutor" / "critique" / "weights.json"
        target.write_text(as_json(models, cuts, card), encoding="utf-8")
        print("written", target.relative_to(ROOT))


if __name__ == "__main__":
    main()
