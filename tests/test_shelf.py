"""Notes in use: added, changed, removed, edited, with the index kept in step."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes import ScriptedModel, WordEmbedder
from tutor.errors import ModelUnavailableError, NoNotesError, NotesError
from tutor.search.retriever import Retriever
from tutor.search.store import VectorStore
from tutor.settings import load_settings
from tutor.shelf import Shelf

ONE = "1.什么是甲?\n\n甲是第一个，它排在最前面。甲之后才是乙。\n\n2.什么是乙?\n\n乙是第二个，它跟在甲的后面。乙之后是丙。\n"
OTHER = "1.什么是丙?\n\n丙是第三个，它排在乙的后面。丙之后没有了。\n\n2.什么是丁?\n\n丁是第四个，它不在这三个里面。\n"


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "one.md").write_text(ONE, encoding="utf-8")
    settings = load_settings(notes=str(notes), data_dir=tmp_path / "data")
    encoder = WordEmbedder()
    retriever = Retriever(VectorStore(settings.data_dir / "index", encoder), encoder)
    yield Shelf(settings, retriever)
    retriever.close()


def _write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_reading_indexes_and_reading_again_changes_nothing(shelf: Shelf) -> None:
    first = shelf.reload()
    assert (first.notes, first.usable) == (2, 2)
    assert first.sync is not None
    assert first.sync.added > 0
    again = shelf.reload().sync
    assert again is not None
    assert (again.added, again.removed) == (0, 0)
    assert "2 道题" in first.text("zh")
    assert "2 questions" in first.text("en")


def test_an_added_file_is_indexed_and_a_changed_one_replaced(shelf: Shelf, tmp_path: Path) -> None:
    shelf.reload()
    assert shelf.add_files([_write(tmp_path, "two.md", OTHER)]).notes == 4
    changed = OTHER.replace("第四个", "第四个，也是最后一个")
    report = shelf.add_files([_write(tmp_path, "two.md", changed)])
    assert report.notes == 4
    assert report.sync is not None
    assert report.sync.added == report.sync.removed > 0
    assert shelf.own_files() == ["two.md"]
    assert shelf.remove_file("two.md").notes == 2


def test_a_bad_file_is_named_and_the_good_one_kept(shelf: Shelf, tmp_path: Path) -> None:
    shelf.reload()
    binary = tmp_path / "photo.md"
    binary.write_bytes(bytes(range(256)) * 40)
    prose = _write(tmp_path, "prose.md", "只有一段话，没有任何问题。\n")
    report = shelf.add_files([binary, _write(tmp_path, "two.md", OTHER), prose])
    assert report.notes == 4
    said = " ".join(error.text("zh") for error in report.errors)
    assert "photo.md" in said
    assert "prose.md" in said
    assert shelf.own_files() == ["two.md"]


def test_edited_key_points_survive_reading_again(shelf: Shelf) -> None:
    shelf.reload()
    note = next(iter(shelf.notes.values()))
    edited = shelf.edit_key_points(note.id, [("甲排在最前面", True), ("甲之后是乙", False)])
    assert [p.text for p in edited.key_points] == ["甲排在最前面", "甲之后是乙"]
    shelf.reload()
    assert [p.required for p in shelf.notes[note.id].key_points] == [True, False]
    with pytest.raises(NotesError):
        shelf.edit_key_points(note.id, [])


def test_no_notes_is_one_clear_error(tmp_path: Path) -> None:
    settings = load_settings(notes=str(tmp_path / "nothing"), data_dir=tmp_path / "data")
    with pytest.raises(NoNotesError, match="nothing"):
        Shelf(settings, None).reload()


def test_shipped_notes_cannot_be_removed(shelf: Shelf) -> None:
    shelf.reload()
    with pytest.raises(NoNotesError, match=r"one\.md"):
        shelf.remove_file("one.md")


def test_topics_count_what_can_be_asked(shelf: Shelf, tmp_path: Path) -> None:
    shelf.add_files(
        [
            _write(
                tmp_path,
                "todo.md",
                "1.什么是戊?\n\nTODO\n\n2.什么是己?\n\n己在戊的后面，很少有人问它。\n",
            )
        ]
    )
    counts = {topic.name: (topic.usable, topic.total) for topic in shelf.topics()}
    assert (1, 2) in counts.values()


def test_a_renumbered_or_reworded_question_keeps_its_id(shelf: Shelf, tmp_path: Path) -> None:
    shelf.add_files([_write(tmp_path, "two.md", OTHER)])
    before = {note.question: note.id for note in shelf.notes.values()}
    reworded = OTHER.replace("1.什么是丙?", "3.什么是丙呢?").replace("2.什么是丁?", "1.什么是丁?")
    shelf.add_files([_write(tmp_path, "two.md", reworded)])
    after = {note.question: note.id for note in shelf.notes.values()}
    assert after["什么是丁?"] == before["什么是丁?"]
    assert after["什么是丙呢?"] == before["什么是丙?"]
    shelf.remove_file("two.md")
    shelf.add_files([_write(tmp_path, "two.md", reworded)])
    assert {note.question: note.id for note in shelf.notes.values()} == after


def test_a_damaged_registry_is_made_anew(shelf: Shelf) -> None:
    shelf.reload()
    before = set(shelf.notes)
    (shelf.settings.data_dir / "note_ids.json").write_text("{[", encoding="utf-8")
    shelf.reload()
    assert set(shelf.notes) == before


def test_a_changed_file_is_noticed_and_read_again(shelf: Shelf, tmp_path: Path) -> None:
    shelf.reload()
    assert shelf.refresh() is None
    path = tmp_path / "notes" / "more.md"
    path.write_text(OTHER, encoding="utf-8")
    report = shelf.refresh()
    assert report is not None
    assert report.notes == 4
    path.unlink()
    report = shelf.refresh()
    assert report is not None
    assert report.notes == 2


def test_a_note_that_changed_after_it_was_passed_is_pointed_out(
    shelf: Shelf, tmp_path: Path
) -> None:
    shelf.reload()
    note = next(iter(shelf.notes.values()))
    shelf.mark_passed(note)
    assert not [p for p in shelf.reload().problems if p.code == "changed_since_passed"]
    _write(tmp_path / "notes", "one.md", ONE.replace("排在最前面", "排在最后面"))
    (found,) = [p for p in shelf.reload().problems if p.code == "changed_since_passed"]
    assert found.file == "one.md"


LONG = (
    "1.什么是甲?\n\n甲是所有这些里面最先到达的，因此它总是排在最前面的那个位置上面，谁也不能够越过它。\n"
    "乙是紧跟在甲后面到达的，因此它总是排在甲的后面、丙的前面那个位置上面，不会改变。\n"
    "丙是排在乙后面的最后一个，因此它总是排在整个队伍最末尾的那个位置上面，后面没有了。\n"
)
SHORTER = "1: 甲是最先到达的，总是排在最前面的位置，谁也不能越过它\n"


def test_points_are_condensed_once_kept_and_restored(shelf: Shelf, tmp_path: Path) -> None:
    _write(tmp_path / "notes", "one.md", LONG)
    shelf.reload()
    (note,) = shelf.notes.values()
    model = ScriptedModel().enqueue(SHORTER)
    steps: list[tuple[int, int]] = []
    report = shelf.condense_points(model, WordEmbedder(), lambda *step: steps.append(step))
    assert (report.notes, report.changed) == (1, 1)
    assert steps == [(0, 1)]
    assert LONG.splitlines()[2][:10] in model.prompts[0][1].text
    condensed = shelf.notes[note.id]
    assert condensed.key_points[0].text == SHORTER[3:].strip()
    assert condensed.key_points[1:] == note.key_points[1:]
    shelf.reload()
    assert shelf.notes[note.id].key_points == condensed.key_points
    assert shelf.condense_points(model, WordEmbedder()).notes == 0
    shelf.edit_key_points(note.id, [("我自己的要点", True)])
    shelf.restore_points()
    assert [point.text for point in shelf.notes[note.id].key_points] == ["我自己的要点"]
    shelf.reload()
    assert [point.text for point in shelf.notes[note.id].key_points] == ["我自己的要点"]


def test_a_model_that_gives_out_leaves_the_points(shelf: Shelf, tmp_path: Path) -> None:
    _write(tmp_path / "notes", "one.md", LONG)
    shelf.reload()
    before = dict(shelf.notes)
    model = ScriptedModel().enqueue(ModelUnavailableError("gone", "断开"))
    with pytest.raises(ModelUnavailableError):
        shelf.condense_points(model, WordEmbedder())
    assert dict(shelf.notes) == before
