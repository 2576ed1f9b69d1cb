"""Fits the claim checker's weights: `python -m tutor.study.calibrate [--share S]`.

Rows come from our own notes: key points are said by their note, misconceptions are denied by it,
key points of the nearest other note are not said, key points edited by rule are denied; the same
against the counterpart in the other language. Our critique cases (an answer as the source, a key
point as the claim) and the SemEval-2013 short answers were tried and left out: they made the
judgement of study replies worse on notes that were not fitted on. The notes of `evals/grounding`
are left out too. The rest is split in two by name for a trial whose figures are printed; the weights
are then fitted on both halves.
"""

import argparse
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from tutor.notes import load_notes
from tutor.notes.types import Note
from tutor.search.embed import load_encoder
from tutor.search.types import Encoder
from tutor.settings import Settings, bundled_notes
from tutor.study.claims import LABELS
from tutor.study.measures import NAMES, Source, measure_vector, read_source
from tutor.study.perturb import swap_number, swap_side

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


def cross_rows(notes: Sequence[Note], rows: Sequence[Row]) -> Iterator[Row]:
    """The same claims against the note's counterpart in the other language."""
    by_ref = {(note.ref, note.lang): note for note in notes if note.ref}
    asked = {note.question: note for note in notes}
    for row in rows:
        note = asked[row.question]
        other = by_ref.get((note.ref, "en" if note.lang == "zh" else "zh"))
        if other is not None and row.origin in ("point", "neighbour", "misconception"):
            yield Row(
                row.claim, other.answer, row.label, f"x-{row.origin}", row.half, other.question
            )


def measure_rows(rows: Sequence[Row], encoder: Encoder) -> NDArray[np.float64]:
    """The measures of every row, one row each."""
    sources: dict[str, Source] = {}
    vectors = encoder.encode([row.claim for row in rows], side="query")
    values = []
    for row, vector in zip(rows, vectors, strict=True):
        if row.source not in sources:
            sources[row.source] = read_source(row.source, encoder)
        values.append(measure_vector(row.claim, vector, sources[row.source]).values)
    return np.array(values)


def fit(values: NDArray[np.float64], rows: Sequence[Row]) -> LogisticRegression:
    """A logistic regression for which supported claims weigh as much as all others together."""
    counts = Counter(row.label for row in rows)
    weights = [(2.0 if row.label == "supported" else 1.0) / counts[row.label] for row in rows]
    scale = len(rows) / sum(weights)
    model = LogisticRegression(C=3.0, max_iter=5000)
    model.fit(
        values,
        [LABELS.index(row.label) for row in rows],
        sample_weight=[weight * scale for weight in weights],
    )
    return model


def report(rows: Sequence[Row], chances: NDArray[np.float64]) -> str:
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
    parser.add_argument("--share", type=float, default=1.0, help="share of the notes to fit on")
    given = parser.parse_args()
    settings = Settings()
    encoder = load_encoder(settings.embedding, settings.models_dir)
    evals = bundled_notes().parent / "evals"
    kept_aside = _notes_of(evals / "grounding" / "claims.jsonl")
    notes = [note for note in load_notes(bundled_notes()).notes if note.ref not in kept_aside]
    notes = [note for note in notes if _place(note.ref) < given.share]
    rows = [*note_rows(notes, encoder)]
    rows += [*cross_rows(notes, rows)]
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
