"""Fit the model that marks a whole answer against a reference; run after `fit_critique`.

Run by hand: ``python -m benchmarks.fit_grade --data DIR [--limit N] [--write]``. Fitted on the sets
that may be fitted on, tested on a set that took no part; marks are scaled to 0-1.
"""

import argparse
import json
import random
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from benchmarks.fit_critique import ROOT, as_fields
from tutor.critique import guards
from tutor.critique.calibrate import Logistic, load_weights
from tutor.critique.grade import GRADE_NAMES, Reference, measure_answer, read_reference
from tutor.critique.reading import read_text
from tutor.critique.relevance import keep_relevant
from tutor.search.embed import load_encoder
from tutor.search.types import Encoder
from tutor.settings import load_settings

FITTED = (
    "sas_ads_zh",
    "sas_le_zh",
    "semeval2013_beetle_3way_test",
    "semeval2013_scientsbank_3way_test",
)
COURSE = 0  # of these, the one of a university course, whose marks are meant
TESTED = ("nn_exam_digiklausur_en",)
Rows = NDArray[np.float64]
Numbers = NDArray[np.int64]
_LEVEL = 10.0  # scale of a set's level, so that it is hardly held back


def read_set(encoder: Encoder, path: Path, limit: int) -> tuple[Rows, Rows, list[str]]:
    """Features, marks and questions of a set; answers that a rule marks 0 have a row of NaN."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    random.Random(1).shuffle(lines)
    known: dict[tuple[str, str], Reference] = {}
    rows, marks, groups = [], [], []
    for line in lines[:limit]:
        marks.append(line["score"] / line["max_score"])
        groups.append(f"{path.stem} {line['question_id']}")
        key = (line["question"], line["reference"])
        if key not in known:
            known[key] = read_reference(encoder, *key)
        rows.append(_row(encoder, known[key], line["question"], line["answer"]))
    return np.array(rows), np.array(marks), groups


def _row(encoder: Encoder, read: Reference, question: str, answer: str) -> Rows:
    guard = guards.check(question, answer)
    if guard is None or not guard.zero:
        weights = load_weights()
        reading = read_text(encoder, answer, guard.kept if guard else None)
        kept = keep_relevant(read.points, reading, weights)
        if kept.spans:
            return measure_answer(encoder, read, kept, weights)
    return np.full(len(GRADE_NAMES), np.nan)


def fit(rows: Rows, marks: Rows, sets: Numbers, strength: float) -> Logistic:
    """A logistic model of a mark: each answer counts as a pass and a fail, by its mark.

    All sets count alike and each has a level of its own, since markers of some are milder; the model
    gets the level halfway between the mean of all and that of the university course.
    """
    good = ~np.isnan(rows[:, 0])
    rows, marks, sets = rows[good], marks[good], sets[good]
    mean, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    scaled = np.clip((rows - mean) / scale, -4.0, 4.0)
    level = _LEVEL * np.eye(len(FITTED))[sets]
    joined = np.c_[scaled, level]
    weight = (len(sets) / len(FITTED) / np.bincount(sets, minlength=len(FITTED)))[sets]
    model = LogisticRegression(C=strength, max_iter=5000)
    truth = np.r_[np.ones(len(marks)), np.zeros(len(marks))]
    shares = np.r_[marks * weight, (1.0 - marks) * weight] + 1e-9
    model.fit(np.r_[joined, joined], truth, sample_weight=shares)
    slopes, levels = np.split(model.coef_[0], [rows.shape[1]])
    bias = model.intercept_[0] + _LEVEL * (levels[COURSE] + levels.mean()) / 2
    return Logistic(GRADE_NAMES, mean, scale, slopes, float(bias))


def mark(model: Logistic, rows: Rows) -> Rows:
    """Marks of rows; 0 where a rule decided."""
    return np.where(np.isnan(rows[:, 0]), 0.0, model.probability(np.nan_to_num(rows)))


def show(name: str, marks: Rows, found: Rows) -> None:
    """Print Pearson's r and the root mean squared error."""
    r = np.corrcoef(marks, found)[0, 1]
    print(f"{name:24s} r {r:.3f} RMSE {np.sqrt(((marks - found) ** 2).mean()):.3f} n={len(marks)}")


def main() -> None:
    """Fit, print, and with ``--write`` put the model into the shipped weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with grading/*.jsonl")
    parser.add_argument("--limit", type=int, default=1000, help="answers a set, drawn with seed 1")
    parser.add_argument("--strength", type=float, default=0.03)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    encoder = load_encoder("bundled", load_settings().models_dir, 2)
    folder = options.data / "grading"
    sets = [read_set(encoder, folder / f"{name}.jsonl", options.limit) for name in FITTED]
    rows, marks = (np.concatenate([item[part] for item in sets]) for part in (0, 1))
    groups = np.array([group for item in sets for group in item[2]])
    origin = np.repeat(np.arange(len(sets)), [len(item[1]) for item in sets])
    found = np.zeros(len(marks))
    for train, test in GroupKFold(10).split(rows, groups=groups):
        found[test] = mark(
            fit(rows[train], marks[train], origin[train], options.strength), rows[test]
        )
    for name in FITTED:
        chosen = np.array([group.startswith(name) for group in groups])
        show(f"{name} (unseen questions)", marks[chosen], found[chosen])
    model = fit(rows, marks, origin, options.strength)
    for name in TESTED:
        others, truth, _ = read_set(encoder, folder / f"{name}.jsonl", options.limit)
        show(f"{name} (never fitted)", truth, mark(model, others))
    if options.write:
        path = ROOT / "tutor" / "critique" / "weights.json"
        shipped = json.loads(path.read_text(encoding="utf-8"))
        shipped["models"]["grade"] = as_fields(model)
        shipped["card"]["grade"] = {
            "data": list(FITTED), "answers": len(marks), "licence": "sas_*: Apache-2.0; semeval2013_*: CC BY-SA 3.0"
        }  # fmt: skip
        path.write_text(json.dumps(shipped, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
