"""Folders: one bad file stops nothing, ids are unique, links do not lead out."""

from pathlib import Path

from tutor.notes import load_notes

NOTE = "## What is {0}?\n\nIt is the thing that is called {0} by everybody here.\n"


def test_folder(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(NOTE.format("alpha"), encoding="utf-8")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.md").write_text(NOTE.format("alpha"), encoding="utf-8")
    (tmp_path / "bad.md").write_bytes(bytes(range(256)) * 9)
    (tmp_path / ".hidden.md").write_text(NOTE.format("hidden"), encoding="utf-8")
    (tmp_path / "FORMAT.md").write_text(NOTE.format("format"), encoding="utf-8")
    (tmp_path / "README.md").write_text(
        "# Project\n\n## Layout\n\nFolders and files.\n", encoding="utf-8"
    )
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    steps: list[tuple[int, int, str]] = []
    library = load_notes(tmp_path, progress=lambda *step: steps.append(step))
    assert [note.source.file for note in library.notes] == ["a.md", "sub/a.md"]
    assert len({note.id for note in library.notes}) == 2
    assert [error.en for error in library.errors] == [
        "bad.md is not a text file we can read; save it as UTF-8 text or Markdown."
    ]
    assert [p.code for p in library.problems] == ["near_duplicate"]
    assert [len(note.problems) for note in library.notes] == [0, 1]
    assert steps[-1] == (4, 4, "")
    assert {report.file for report in library.reports} == {"a.md", "sub/a.md"}


def test_readme_with_questions_is_read(tmp_path: Path) -> None:
    text = "# List\n" + "".join(
        f"\n## {i}. {NOTE.format(w)[3:]}" for i, w in enumerate("abc", start=1)
    )
    (tmp_path / "README.md").write_text(text, encoding="utf-8")
    assert len(load_notes(tmp_path).notes) == 3


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.md").write_text(NOTE.format("secret"), encoding="utf-8")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "a.md").write_text(NOTE.format("alpha"), encoding="utf-8")
    (inside / "link.md").symlink_to(outside / "secret.md")
    (inside / "folder").symlink_to(outside, target_is_directory=True)
    (inside / "loop.md").symlink_to(inside / "loop.md")
    library = load_notes(inside)
    assert [note.question for note in library.notes] == ["What is alpha?"]
    assert [error.en.partition(" is")[0] for error in library.errors] == ["link.md", "loop.md"]


def test_same_names_in_two_folders(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "n.md").write_text(NOTE.format(name), encoding="utf-8")
    library = load_notes([tmp_path / "one", tmp_path / "two"])
    assert [note.source.file for note in library.notes] == ["n.md", "two/n.md"]


def test_missing_path_is_one_error(tmp_path: Path) -> None:
    library = load_notes([tmp_path / "none"])
    assert library.notes == ()
    assert [error.en for error in library.errors] == ["none does not exist; check the path."]
