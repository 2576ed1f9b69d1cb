"""The cases that fitted numbers are fitted on; all written for this project.

``evals/critique`` (answers to our notes, three quarters of them), ``benchmarks/critique_cases``
(answers to other questions), the project's development set, and ``benchmarks/claim_cases``.
"""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tutor.eval.cases import is_test
from tutor.notes import parse_notes
from tutor.notes.text import detect_lang
from tutor.notes.types import Note, Source
from tutor.settings import bundled_notes

ANSWERS_READ = 8
"""Sentences of a question that are read for fitting, two more than the product reads."""
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


@dataclass(frozen=True)
class Answered:
    """A question over sentences in a row, and which of them answer it.

    Attributes:
        id: Of the row.
        group: What shares its sentences.
        question: The question.
        note: The sentences as a note's answer.
        answers: Numbers of the sentences that answer, from 0; empty for none.
        kind: How the question was written.
        origin: Name of the file.
    """

    id: str
    group: str
    question: str
    note: Note
    answers: frozenset[int]
    kind: str
    origin: str


def read_own(folder: Path) -> list[Case]:
    """Our labelled answers, joined to the notes they belong to."""
    notes = notes_by_ref()
    cases = []
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            note = notes.get((row["note"], "zh"))
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
    notes = notes_by_ref()
    found = []
    for case in cases:
        note = notes.get((case.question_id, "en"))
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
    """Labelled claims by file; rows of a note that has changed since are left out."""
    notes = notes_by_ref()
    found = {}
    for path in sorted((ROOT / "benchmarks" / "claim_cases").glob("*.jsonl")):
        claims = []
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            source = row["source"] if "source" in row else _held(notes, row)
            if source:
                claims.append(Claim(row["id"], source, row["claim"], row["label"], path.stem))
        found[path.stem] = claims
    return found


def read_cut_claims() -> list[Claim]:
    """Labelled claims about sources that are too long to be read whole.

    Claims about pages of 2,000 to 7,000 characters, written for this, and those of
    ``documents_en.jsonl``, each document hidden among nine others.
    """
    place = ROOT / "benchmarks" / "claim_cases"
    short = read_claims()["documents_en"]
    documents = list(dict.fromkeys(claim.source for claim in short))
    draw = random.Random(5)
    hidden = {}
    for document in documents:
        others = draw.sample([other for other in documents if other != document], 9)
        others.insert(draw.randrange(10), document)
        hidden[document] = "\n\n".join(others)
    cut = [
        replace(claim, id=f"{claim.id}#hidden", source=hidden[claim.source], origin="hidden")
        for claim in short
    ]
    for line in (place / "long" / "claims.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        text = (place / "long" / f"{row['text']}.txt").read_text(encoding="utf-8")
        cut.append(Claim(row["id"], text, row["claim"], row["label"], "long"))
    return cut


Notes = Mapping[tuple[str, str], Note]


def notes_by_ref() -> Notes:
    """Our notes by the author's id and the language."""
    files = [path for path in sorted(bundled_notes().rglob("*.md")) if path.name != "FORMAT.md"]
    return {(note.ref, note.lang): note for path in files for note in parse_notes(path)}


def _held(notes: Notes, row: Mapping[str, str]) -> str:
    """The answer of the note a row belongs to; empty if the note is not what it was."""
    note = notes.get((row["note"], row["lang"]))
    return note.answer if note and note.digest.startswith(row["digest"]) else ""


def read_answers() -> dict[str, list[Answered]]:
    """Labelled sentences by file; rows of a note that has changed since are left out.

    Only of ``premises.jsonl`` (statements in questions) is a note's misconception labelled too, as
    the sentence behind the answer's last; elsewhere it is left out.
    """
    notes = notes_by_ref()
    found: dict[str, list[Answered]] = {}
    for path in sorted((ROOT / "benchmarks" / "answer_cases").glob("*.jsonl")):
        cases = []
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if "sentences" in row:
                text = "\n".join(" ".join(one.split()) for one in row["sentences"])
                group = f"{path.stem}: {text[:60]}"
                note = Note(group, "", text, Source(path.name, 1, 1), lang=detect_lang(text))
            else:
                if not _held(notes, row):
                    continue
                note, group = notes[row["note"], row["lang"]], row["note"]
                if path.stem != "premises":
                    note = replace(note, misconception="")
            answers = frozenset(int(number) for number in row["answers"])
            cases.append(
                Answered(row["id"], group, row["question"], note, answers, row["kind"], path.stem)
            )
        found[path.stem] = cases
    return found
