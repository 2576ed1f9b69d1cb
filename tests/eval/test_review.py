"""Disputes and refusals become cases, one decision each."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.eval.values import write_rows
from tutor.critique.score import score
from tutor.critique.types import Label, Verdict
from tutor.errors import EvalError
from tutor.eval.cases import read_rows
from tutor.eval.review import review_export
from tutor.notes import load_notes
from tutor.notes.types import Note
from tutor.settings import bundled_notes


@pytest.fixture(scope="module")
def note() -> Note:
    return next(note for note in load_notes([bundled_notes()]).notes if note.lang == "zh")


def _export(path: Path, note: Note, *, note_id: str = "") -> Path:
    place = {"session_id": "s", "turn": 0, "user_id": "me"}
    rows: list[dict[str, Any]] = [{"program": "interview-tutor", "format": 1, "user": "me"}]
    for point in note.key_points:
        row = {**place, "point_id": point.id, "note_id": note.id, "label": "missed"}
        rows.append({"table": "point_results", "row": row})
    dispute = {
        **place, "note_id": note_id or note.id, "point_id": note.key_points[0].id,
        "before": "missed", "after": "covered", "reason": "said it", "answer": "我说过的话",
    }  # fmt: skip
    rows.append({"table": "disputes", "row": dispute})
    rows.append({"table": "refusals", "row": {"question": "什么是 DBSCAN？", "nearest": "[]"}})
    write_rows(path, [json.dumps(row, ensure_ascii=False) for row in rows])
    return path


def _replies(*given: str) -> Callable[[str], str]:
    rest = iter(given)
    return lambda question: next(rest)


def test_kept_cases_are_written_in_the_form_of_their_folder(tmp_path: Path, note: Note) -> None:
    export = _export(tmp_path / "export.jsonl", note)
    shown: list[str] = []
    kept = review_export(
        export, tmp_path / "evals", _replies("判得太严", "", "笔记没有"), shown.append
    )
    assert kept == 2
    (case,) = read_rows(tmp_path / "evals" / "critique" / "reviewed.jsonl")
    points = note.key_points
    labels = ["covered", *["missed"] * (len(points) - 1)]
    verdicts = [
        Verdict(point.id, Label(label), 1, 0) for point, label in zip(points, labels, strict=True)
    ]
    assert (case["note"], case["labels"], case["reason"]) == (note.ref, labels, "判得太严")
    assert case["score"] == score(verdicts, points).value
    (study,) = read_rows(tmp_path / "evals" / "study" / "reviewed.jsonl")
    assert (study["question"], study["kind"]) == ("什么是 DBSCAN？", "unanswerable")
    assert any("我说过的话" in text for text in shown)


def test_without_a_reason_nothing_is_kept(tmp_path: Path, note: Note) -> None:
    export = _export(tmp_path / "export.jsonl", note)
    assert review_export(export, tmp_path / "evals", _replies("", "", ""), lambda _: None) == 0
    assert not (tmp_path / "evals").exists()


def test_a_second_review_adds_nothing(tmp_path: Path, note: Note) -> None:
    export = _export(tmp_path / "export.jsonl", note)
    folder = tmp_path / "evals"
    review_export(export, folder, _replies("a", "some-note", "b"), lambda _: None)
    assert review_export(export, folder, _replies("some-note"), lambda _: None) == 0
    (study,) = read_rows(folder / "study" / "reviewed.jsonl")
    assert (study["kind"], study["notes"]) == ("answerable", ["some-note"])


def test_a_note_that_is_not_ours_is_left_out(tmp_path: Path, note: Note) -> None:
    export = _export(tmp_path / "export.jsonl", note, note_id="somebody-elses")
    shown: list[str] = []
    assert review_export(export, tmp_path / "evals", _replies("", ""), shown.append) == 0
    assert "somebody-elses" in shown[0]


def test_another_file_is_refused(tmp_path: Path) -> None:
    write_rows(tmp_path / "x.jsonl", ['{"program": "other"}'])
    with pytest.raises(EvalError, match=r"x\.jsonl"):
        review_export(tmp_path / "x.jsonl", tmp_path, _replies(), lambda _: None)
