"""The cases that fitted numbers are fitted on; all written for this project.

``evals/critique`` (answers to our notes, three quarters of them), ``benchmarks/critique_cases``
(answers to other questions), the project's development set, and ``benchmarks/claim_cases``.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tutor.eval.cases import is_test
from tutor.notes import parse_notes
from tutor.settings import bundled_notes

ROOT = Path(__file__).resolve().parent.parent


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
class Claim:
    """One claim about a source, with its label: supported, unsupported or contradicted."""

    id: str
    source: str
    claim: str
    label: str
    origin: str


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


def read_free(folder: Path) -> dict[str, list[Case]]:
    """Our free-standing cases by file, written for fitting: questions that no note of ours asks."""
    return {
        path.stem: [replace(case, origin="free") for case in read_dev(path)]
        for path in sorted(folder.glob("*.jsonl"))
    }


def translate(cases: Sequence[Case]) -> list[Case]:
    """The same answers and labels against the English counterparts of the notes."""
    files = sorted((bundled_notes() / "en").glob("*.md"))
    notes = {note.ref: note for path in files for note in parse_notes(path)}
    found = []
    for case in cases:
        note = notes.get(case.question_id)
        if note is not None and len(note.key_points) == len(case.points):
            points = tuple(point.text for point in note.key_points)
            found.append(
                replace(case, question=note.question, source=note.answer, points=points,
                        origin="translated")
            )  # fmt: skip
    return found


def read_dev(path: Path) -> list[Case]:
    """Our development set: points and source stand in each row."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        Case(row["id"], row["qid"], row["question"], row["source"], tuple(row["points"]),
             (True,) * len(row["points"]), row["answer"], tuple(row["labels"]),
             float(row["score"]), row["kind"], "dev")
        for row in rows
    ]  # fmt: skip


def read_points(data: Path) -> dict[str, list[Case]]:
    """Labelled answers by set; of those to our notes only what may be fitted on.

    Args:
        data: Folder that holds ``critique/critique_dev.jsonl``.
    """
    own = read_own(ROOT / "evals" / "critique")
    return {
        "dev": read_dev(data / "critique" / "critique_dev.jsonl"),
        **read_free(ROOT / "benchmarks" / "critique_cases"),
        "own": [case for case in own if not is_test(case.question_id)],
    }


def read_claims() -> dict[str, list[Claim]]:
    """Labelled claims by file."""
    found = {}
    for path in sorted((ROOT / "benchmarks" / "claim_cases").glob("*.jsonl")):
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        found[path.stem] = [
            Claim(row["id"], row["source"], row["claim"], row["label"], path.stem) for row in rows
        ]
    return found
