"""Fits the claim checker's weights: `python -m tutor.study.calibrate [--grading DIR]`.

Rows come from our own notes (key points are said by their note, misconceptions are denied by it,
key points of the nearest other note are not said), from edits of key points by rule, from our own
critique cases (an answer is the source, a key point the claim), and, where given, from the
SemEval-2013 short answers (CC BY-SA 3.0). The notes of `evals/grounding` are left out. The rest is
split in two by name for a trial whose figures are printed; the weights are then fitted on both.
"""

import argparse
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from tutor.notes import load_notes
from tutor.notes.types import Note
from tutor.search.embed import load_encoder
from tutor.search.types import Encoder
from tutor.settings import Settings, bundled_notes
from tutor.study.claims import LABELS
from tutor.study.measures import NAMES, Source, measure_vector, read_source
from tutor.study.perturb import swap_number, swap_side

_CRITIQUE = {"covered": "supported", "missed": "unsupported", "contradicted": "contradicted"}
_GRADED = {"correct": "supported", "incorrect": "unsupported", "contradictory": "contradicted"}
_SAID = re.compile(r"^[“\"「](.+?)[”\"」]")
_BELIEVED = re.compile(
    r"^(?:认为|以为|说成|觉得|误以为|把)(.+?)[。；]|^(?:Believing|Thinking|Saying|Assuming) (?:that )?(.+?)\."
)


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled claim; ``half`` says whether it is fitted on (0) or measured on (1)."""

    claim: str
    source: str
    label: str
    origin: str
    half: int
    question: str = ""


def _place(name: str) -> float:
    """A place in [0, 1) from a digest of the name: the same on every machine."""
    return hashlib.sha256(name.encode()).digest()[1] / 256


def half_of(name: str) -> int:
    """0 or 1, from a digest of the name."""
    return hashlib.sha256(name.encode()).digest()[0] % 2


def misconception_of(note: Note) -> str:
    """The false statement a note warns of; empty if it cannot be told from the correction."""
    text = note.misconception.strip()
    found = _SAID.match(text) or _BELIEVED.match(text)
    said = next((group for group in found.groups() if group), "") if found else ""
    return said.strip("，,。 ") if len(said) >= 8 and not text.startswith("把") else ""


def note_rows(notes: Sequence[Note], encoder: Encoder) -> Iterator[Row]:
    """Rows from key points and misconceptions."""
    usable = [note for note in notes if note.usable]
    asked = encoder.encode([note.question for note in usable], side="query")
    near = asked @ asked.T
    for index, note in enumerate(usable):
        half = half_of(note.ref or note.id)
        order = [
            i
            for i in np.argsort(-near[index])
            if usable[i].lang == note.lang and usable[i].ref != note.ref
        ]
        other = usable[order[0]]
        for point in note.key_points:
            yield Row(point.text, note.answer, "supported", "point", half, note.question)
            for swapped in (swap_number(point.text), swap_side(point.text)):
                if swapped:
                    yield Row(swapped, note.answer, "contradicted", "swap", half, note.question)
        for point in other.key_points[:3]:
            yield Row(point.text, note.answer, "unsupported", "neighbour", half, note.question)
        joined = f"{note.key_points[0].text.rstrip('。.')}，{other.key_points[-1].text}"
        yield Row(joined, note.answer, "unsupported", "addition", half, note.question)
        if said := misconception_of(note):
            yield Row(said, note.answer, "contradicted", "misconception", half, note.question)
        for sentence in note.answer.split("。")[:2]:
            if 12 <= len(sentence) <= 120:
                yield Row(
                    sentence + "。", note.answer, "supported", "verbatim", half, note.question
                )


def critique_rows(folder: Path, notes: Sequence[Note]) -> Iterator[Row]:
    """Rows from our critique cases: the learner's answer is the source."""
    by_key = {(note.ref, note.lang): note for note in notes}
    by_ref = {note.ref: note for note in notes}
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            note = by_key.get((case["note"], case["lang"])) or by_ref.get(case["note"])
            if note is None or len(case["labels"]) != len(note.key_points) or not case["answer"]:
                continue
            for point, label in zip(note.key_points, case["labels"], strict=True):
                if label in _CRITIQUE:
                    yield Row(
                        point.text,
                        case["answer"],
                        _CRITIQUE[label],
                        "critique",
                        half_of(case["note"]),
                        note.question,
                    )


def graded_rows(folder: Path) -> Iterator[Row]:
    """Rows from SemEval-2013: the best-fitting reference is the source, the answer the claim."""
    for path in sorted(folder.glob("semeval2013_*_3way_test.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            source = "\n".join(case.get("references") or [case["reference"]])
            yield Row(
                case["answer"],
                source,
                _GRADED[case["label"]],
                "semeval",
                half_of(case["question_id"]),
                case["question"],
            )


def measure_rows(rows: Sequence[Row], encoder: Encoder) -> np.ndarray:
    """The measures of every row, one row each."""
    sources: dict[str, Source] = {}
    vectors = encoder.encode([row.claim for row in rows], side="query")
    values = []
    for row, vector in zip(rows, vectors, strict=True):
        if row.source not in sources:
            sources[row.source] = read_source(row.source, encoder)
        values.append(measure_vector(row.claim, vector, sources[row.source]).values)
    return np.array(values)


def fit(values: np.ndarray, rows: Sequence[Row]) -> LogisticRegression:
    """A logistic regression in which each origin and each label weighs the same."""
    counts: dict[tuple[str, str], int] = {}
    for row in rows:
        counts[row.origin, row.label] = counts.get((row.origin, row.label), 0) + 1
    labels = {row.label: 0 for row in rows}
    for _, label in counts:
        labels[label] += 1
    weights = [1 / (counts[row.origin, row.label] * labels[row.label]) for row in rows]
    scale = len(rows) / sum(weights)
    model = LogisticRegression(C=3.0, max_iter=5000)
    model.fit(
        values,
        [LABELS.index(row.label) for row in rows],
        sample_weight=[weight * scale for weight in weights],
    )
    return model


def report(rows: Sequence[Row], chances: np.ndarray) -> str:
    """Recall of each label by origin, and balanced accuracy of supported against the rest."""
    lines = []
    said = chances.argmax(axis=1)
    ours = chances[:, 0] >= 0.5
    for origin in sorted({row.origin for row in rows}):
        for label in LABELS:
            pick = [i for i, row in enumerate(rows) if (row.origin, row.label) == (origin, label)]
            if pick:
                right = np.mean([LABELS[said[i]] == label for i in pick])
                kept = np.mean([bool(ours[i]) == (label == "supported") for i in pick])
                lines.append(
                    f"{origin:14}{label:14}n={len(pick):5} 3-way {right:.3f} 2-way {kept:.3f}"
                )
    truth = np.array([row.label == "supported" for row in rows])
    balanced = (np.mean(ours[truth]) + np.mean(~ours[~truth])) / 2
    return "\n".join([*lines, f"balanced accuracy, supported against the rest: {balanced:.3f}"])


def _notes_of(path: Path) -> set[str]:
    return {json.loads(line)["note"] for line in path.read_text(encoding="utf-8").splitlines()}


def main() -> None:
    """Fit, print the figures on the half that was not fitted on, write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--grading", type=Path, help="folder with the SemEval-2013 files")
    parser.add_argument("--share", type=float, default=1.0, help="share of the notes to fit on")
    given = parser.parse_args()
    settings = Settings()
    encoder = load_encoder(settings.embedding, settings.models_dir)
    evals = bundled_notes().parent / "evals"
    kept_aside = _notes_of(evals / "grounding" / "claims.jsonl")
    notes = [note for note in load_notes(bundled_notes()).notes if note.ref not in kept_aside]
    notes = [note for note in notes if _place(note.ref) < given.share]
    rows = [*note_rows(notes, encoder)]
    rows += critique_rows(evals / "critique", notes)
    if given.grading:
        rows += graded_rows(given.grading)
    values = measure_rows(rows, encoder)
    halves = np.array([row.half for row in rows])
    trial = fit(values[halves == 0], [row for row in rows if row.half == 0])
    print(report([r for r in rows if r.half], trial.predict_proba(values[halves == 1])))
    whole = fit(values, rows)
    (Path(__file__).parent / "claims_weights.json").write_text(
        json.dumps(
            {
                "names": NAMES,
                "labels": LABELS,
                "coefficients": np.round(whole.coef_, 4).tolist(),
                "intercepts": np.round(whole.intercept_, 4).tolist(),
                "rows": len(rows),
            },
            indent=1,
        )
        + "\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
