"""Our own notes keep the format of knowledge/FORMAT.md."""

from collections import Counter
from pathlib import Path

import pytest

from tutor.notes import Library, load_notes
from tutor.notes.lint import lint, lint_together

KNOWLEDGE = Path(__file__).parents[1] / "knowledge"
FILES = sorted(path for path in KNOWLEDGE.rglob("*.md") if path.name != "FORMAT.md")


@pytest.fixture(scope="module")
def library() -> Library:
    return load_notes(KNOWLEDGE)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(KNOWLEDGE).as_posix())
def test_format(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [str(f) for f in lint(text, file=path.relative_to(KNOWLEDGE).as_posix())] == []


def test_ids_are_unique_and_translations_linked(library: Library) -> None:
    assert [str(fault) for fault in lint_together(library.notes)] == []


def test_there_are_enough(library: Library) -> None:
    by_lang = Counter(note.lang for note in library.notes)
    assert by_lang["zh"] >= 120
    assert by_lang["en"] >= 60


def test_all_are_usable(library: Library) -> None:
    assert [note.id for note in library.notes if not note.usable] == []
    assert library.errors == ()
    assert [p.en for p in library.problems if p.code in ("disagreement", "broken_numbering")] == []


def test_every_key_point_has_its_sentence(library: Library) -> None:
    bare = [f"{n.id}: {p.text}" for n in library.notes for p in n.key_points if p.span is None]
    assert bare == []


def test_translations_stand_in_the_file_of_the_same_name(library: Library) -> None:
    files = {note.ref: note.source.file for note in library.notes if note.lang == "zh"}
    for note in library.notes:
        if note.lang == "en":
            assert note.source.file == f"en/{files[note.ref]}"
