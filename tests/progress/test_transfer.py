"""What goes out comes in again, and other programs can read it."""

import csv
import io
import json
import sqlite3
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.interview.values import NOW, at, make_critique, make_notes
from tutor.errors import LedgerError
from tutor.interview import machine
from tutor.interview.types import AskNote, Choices
from tutor.notes.types import KeyPoint
from tutor.progress.ledger import Ledger
from tutor.progress.rows import storable
from tutor.progress.schedule import rate_session, replay
from tutor.progress.transfer import export_anki, export_user, import_user, progress_csv
from tutor.progress.types import Dispute, Goal, Refusal

NOTES = make_notes()


def fill(ledger: Ledger, user: str = "ann") -> None:
    for number, note_id in enumerate(NOTES):
        session = machine.start(f"{user}-{number}", user, Choices(), NOTES.values(), at(number))
        session = machine.apply(session, AskNote(note_id), at(number), prompt="问题？")
        ledger.append_answer(user, session.id, 0, "我的回答\0\n第二行", at(number))
        session = machine.receive(session, "我的回答\0\n第二行", at(number + 1))
        critique = make_critique(NOTES[note_id], session.turns[0].answer, "cpm")
        saved = ledger.save_session(machine.attach(session, critique))
        for review in rate_session(saved, NOTES):
            ledger.record_review(user, review)
    ledger.record_dispute(user, Dispute("x", 0, "n0", "p0", "missed", "covered", "理由", "答", NOW))
    ledger.record_refusal(user, Refusal("没有的问题", ("n1",), NOW))
    ledger.set_goal(user, Goal(None, 25), NOW)


@pytest.fixture(scope="module")
def two_ledgers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Ledger, Ledger]]:
    folder = tmp_path_factory.mktemp("two")
    here, there = (Ledger(f"sqlite:///{folder / name}.db") for name in ("here", "there"))
    yield here, there
    here.close()
    there.close()


@given(said=st.lists(st.text(), min_size=1, max_size=3), name=st.text(min_size=1, max_size=20))
@settings(max_examples=25, deadline=None)
@example(said=["行分隔\u2028段分隔\u2029新行\u0085\x0c", "\ud800", ""], name="甲\u2028乙")
def test_any_words_of_anybody_go_out_to_a_file_and_come_back(
    two_ledgers: tuple[Ledger, Ledger], said: list[str], name: str
) -> None:
    here, there = two_ledgers
    user = storable(name)
    session = machine.start(uuid4().hex, user, Choices(), NOTES.values(), NOW)
    here.save_session(session)
    for turn, text in enumerate(said):
        here.append_answer(user, session.id, turn, text, NOW)
        here.record_dispute(
            user, Dispute("x", 0, "n0", "p", "missed", "covered", "理由", "答", NOW)
        )
    kept = [typed.text for typed in here.typed_answers(session.id)]
    file = "\n".join(export_user(here, user)) + "\n"
    lines = file.encode("utf-8").decode("utf-8").splitlines()
    there.delete_user(user)
    assert import_user(there, lines) == len(lines) - 1
    assert list(export_user(there, user)) == lines
    assert there.load_session(session.id) == here.load_session(session.id)
    assert sorted(typed.text for typed in there.typed_answers(session.id)) == sorted(kept)
    here.delete_user(user)
    assert list(here.rows_of(user)) == []


def test_export_deleted_and_imported_is_the_same_export(ledger: Ledger) -> None:
    fill(ledger)
    fill(ledger, "bob")
    lines = list(export_user(ledger, "ann"))
    sessions = ledger.sessions("ann")
    ledger.delete_user("ann")
    assert import_user(ledger, lines) == len(lines) - 1
    assert list(export_user(ledger, "ann")) == lines
    assert ledger.sessions("ann") == sessions
    assert import_user(ledger, lines) == 0  # again: nothing new


def test_export_of_one_database_goes_into_the_other(ledger: Ledger, tmp_path: Path) -> None:
    other = Ledger(f"sqlite:///{tmp_path / 'other.db'}")
    fill(other)
    import_user(ledger, export_user(other, "ann"))
    assert list(export_user(ledger, "ann")) == list(export_user(other, "ann"))
    other.close()


def test_records_of_somebody_else_are_not_taken_over(ledger: Ledger) -> None:
    fill(ledger)
    stolen = [line.replace('"ann"', '"eve"') for line in export_user(ledger, "ann")]
    with pytest.raises(LedgerError):
        import_user(ledger, stolen)
    assert ledger.users() == ["ann"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda lines: [],
        lambda lines: ["not json"],
        lambda lines: ['{"program": "other", "format": 1, "user": "ann"}'],
        lambda lines: [lines[0].replace('"format": 1', '"format": 7'), *lines[1:]],
        lambda lines: [*lines[:-1], lines[-1][:-9]],
        lambda lines: [*lines, json.dumps({"table": "nothing", "row": {"user_id": "ann"}})],
        lambda lines: [*lines, json.dumps({"table": "refusals", "row": {"user_id": "ann"}})],
        lambda lines: [*lines, json.dumps({"table": "users", "row": {"user_id": "eve"}})],
        lambda lines: [*lines, "[1, 2]"],
    ],
)  # fmt: skip
def test_damaged_file_imports_nothing(ledger: Ledger, spoil) -> None:  # type: ignore[no-untyped-def]
    fill(ledger)
    lines = list(export_user(ledger, "ann"))
    ledger.delete_user("ann")
    with pytest.raises(LedgerError) as caught:
        import_user(ledger, spoil(lines))
    assert caught.value.zh
    assert ledger.users() == []


def test_csv_is_read_by_a_reader_and_holds_no_formula(ledger: Ledger) -> None:
    fill(ledger)
    cards = replay(ledger.reviews("ann"))
    notes = [*NOTES.values(), replace(NOTES["n0"], id="evil", question='=HYPERLINK("http://x")')]
    text = progress_csv(notes, cards, {"n0": 0.75}, at(60))
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text[1:])))
    assert len(rows) == 5
    assert rows[0]["question"] == NOTES["n0"].question
    assert rows[0]["points_said"] == "0.750"
    assert 0 < float(rows[0]["recall_now"]) <= 1
    assert rows[4]["recall_now"] == ""
    assert rows[4]["question"].startswith("'=")


def test_anki_package_opens_with_points_and_source(tmp_path: Path) -> None:
    formula = replace(
        NOTES["n1"],
        id="tex",
        question="a < b 的 $x_i$ 是什么？",
        answer="行内 $w<1$，单独 $$\\sum_i w_i$$ 与 5 美元 $",
        topic="数学 / 符号 表",
    )
    unusable = replace(NOTES["n2"], id="empty", key_points=())
    path = tmp_path / "deck.apkg"
    assert export_anki([*NOTES.values(), formula, unusable], path) == 5
    fields = _anki_fields(path, tmp_path)
    assert len(fields) == 5
    by_question = {row[0]: row for row in fields}
    row = by_question[NOTES["n0"].question]
    assert all(point.text in row[1] for point in NOTES["n0"].key_points)
    assert "notes.md, 1–9" in row[3]
    tex = by_question["a &lt; b 的 \\(x_i\\) 是什么？"]
    assert "\\[\\sum_i w_i\\]" in tex[2]


def test_later_anki_export_updates_the_same_cards(tmp_path: Path) -> None:
    first, second = tmp_path / "1.apkg", tmp_path / "2.apkg"
    export_anki(NOTES.values(), first)
    points = (KeyPoint("p0", "改过的要点"),)
    export_anki([replace(note, key_points=points) for note in NOTES.values()], second)
    assert _anki_guids(first, tmp_path) == _anki_guids(second, tmp_path)


def test_anki_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(LedgerError):
        export_anki(NOTES.values(), tmp_path / "no" / "such" / "folder.apkg")


def _open(path: Path, folder: Path) -> sqlite3.Connection:
    with zipfile.ZipFile(path) as package:
        package.extract("collection.anki2", folder)
    return sqlite3.connect(folder / "collection.anki2")


def _anki_fields(path: Path, folder: Path) -> list[list[str]]:
    connection = _open(path, folder)
    rows = [str(row[0]).split("\x1f") for row in connection.execute("SELECT flds FROM notes")]
    connection.close()
    return rows


def _anki_guids(path: Path, folder: Path) -> set[str]:
    connection = _open(path, folder)
    guids = {row[0] for row in connection.execute("SELECT guid FROM notes")}
    connection.close()
    return guids
