"""Reading and drawing cases."""

import json
from collections import Counter
from pathlib import Path

import pytest

from tutor.errors import EvalError
from tutor.eval.cases import (
    is_test,
    make_dataset,
    need,
    outside_files,
    own_files,
    own_folder,
    read_rows,
    sample,
)
from tutor.eval.suites.readings import READINGS
from tutor.eval.types import Case
from tutor.notes import load_notes
from tutor.settings import bundled_notes


def _dataset(sizes: dict[str, int]):  # type: ignore[no-untyped-def]
    cases = [
        Case(f"{kind}{number}", f"g{number}", kind, {})
        for kind, size in sizes.items()
        for number in range(size)
    ]
    return make_dataset("s", "d", cases)


def test_a_sample_takes_every_kind_by_its_share() -> None:
    drawn = sample(_dataset({"a": 60, "b": 30, "c": 10}), 20, seed=0)
    assert Counter(case.stratum for case in drawn.cases) == {"a": 12, "b": 6, "c": 2}
    assert drawn.available == 100


def test_a_seed_draws_the_same_cases_and_another_seed_others() -> None:
    dataset = _dataset({"a": 50})
    ids = [[case.id for case in sample(dataset, 10, seed).cases] for seed in (1, 1, 2)]
    assert ids[0] == ids[1] != ids[2]


def test_a_few_questions_with_many_answers_do_not_stand_for_all() -> None:
    cases = [Case(f"{g}-{n}", f"g{g}", "", {}) for g in range(10) for n in range(40)]
    drawn = sample(make_dataset("s", "d", cases), 20, seed=0)
    assert Counter(Counter(case.group for case in drawn.cases).values()) == {2: 10}


def test_kinds_are_drawn_from_the_same_questions() -> None:
    drawn = sample(_dataset({"a": 40, "b": 40}), 10, seed=3)
    assert Counter(Counter(case.group for case in drawn.cases).values()) == {2: 5}


def test_no_limit_keeps_everything() -> None:
    dataset = _dataset({"a": 5})
    assert sample(dataset, None, 0).cases == dataset.cases
    assert sample(dataset, 9, 0).cases == dataset.cases


def test_doubles_of_an_id_are_told_apart() -> None:
    dataset = make_dataset("s", "d", [Case("x", "g", "", {}), Case("x", "g", "", {})])
    assert [case.id for case in dataset.cases] == ["x", "x#2"]


def test_the_test_quarter_is_a_quarter() -> None:
    share = sum(is_test(f"note-{number}") for number in range(4000)) / 4000
    assert share == pytest.approx(0.25, abs=0.03)


def test_a_missing_data_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(EvalError, match="nowhere"):
        outside_files("retrieval", tmp_path / "nowhere")


def test_outside_files_find_their_passages(tmp_path: Path) -> None:
    folder = tmp_path / "retrieval"
    folder.mkdir()
    (folder / "x.jsonl").write_text('{"id": 1}\n\n', encoding="utf-8")
    (folder / "x.passages.jsonl").write_text('{"id": "p"}\n', encoding="utf-8")
    (found,) = outside_files("retrieval", tmp_path)
    assert (found.name, found.rows, found.passages) == ("x", ({"id": 1},), ({"id": "p"},))
    assert outside_files("critique", tmp_path) == []


@pytest.mark.parametrize("line", ["{", "[1]", "3"])
def test_a_bad_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"id": 1}\n' + line + "\n", encoding="utf-8")
    with pytest.raises(EvalError, match="line 2"):
        read_rows(path)


def test_a_row_that_lacks_a_field_is_named() -> None:
    with pytest.raises(EvalError, match="q7 lacks answer"):
        need({"id": "q7", "question": "?"}, "question", "answer")


def test_our_own_cases_are_many_reasoned_and_about_notes_that_exist() -> None:
    refs = {note.ref: note for note in load_notes([bundled_notes()]).notes if note.lang == "zh"}
    total = 0
    folders = [path for path in own_folder().iterdir() if path.is_dir() and path.name != READINGS]
    for folder in sorted(folders):
        rows = [row for path in sorted(folder.glob("*.jsonl")) for row in read_rows(path)]
        ids = Counter(row["id"] for row in rows)
        assert [name for name, times in ids.items() if times > 1] == []
        for row in rows:
            total += bool(row.get("reason"))
            # A claim explains itself: its source stands beside it.
            assert row.get("reason") or row.get("source"), (folder.name, row["id"])
            named = row.get("notes", []) + ([row["note"]] if row.get("note") else [])
            assert [ref for ref in named if ref not in refs] == [], row["id"]
    assert total >= 300


def test_labelled_answers_fit_their_notes() -> None:
    refs = {note.ref: note for note in load_notes([bundled_notes()]).notes if note.lang == "zh"}
    (file,) = own_files("critique")
    misfits = [
        row["id"] for row in file.rows if len(row["labels"]) != len(refs[row["note"]].key_points)
    ]
    assert misfits == []


def test_attacks_that_are_planted_name_a_note_and_hold_their_canary() -> None:
    (file,) = own_files("security")
    planted = [row for row in file.rows if row["kind"] == "note_instruction"]
    assert len(planted) >= 10
    assert all(row["canary"] in row["text"] and row["note"] for row in planted)
    assert json.dumps(file.rows[0], ensure_ascii=False)
