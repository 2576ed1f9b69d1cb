"""Encodings are read, what is no text is refused with one sentence."""

from pathlib import Path

import pytest

from tutor.errors import FileTooLargeError, NotesError, UnreadableFileError
from tutor.notes import parse_notes, read_file

TEXT = "## 什么是批归一化？\n\n用批内的均值和方差做标准化，再缩放和平移。Batch statistics.\n"


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be", "utf-32"],
)
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "n.md"
    path.write_bytes(TEXT.encode(encoding))
    assert read_file(path) == TEXT
    assert parse_notes(path)[0].question == "什么是批归一化？"


def test_western_text_is_not_taken_for_chinese(tmp_path: Path) -> None:
    path = tmp_path / "n.md"
    text = "## What is na\u00efve Bayes?\n\nIt assumes \u201cindependent\u201d features given the class.\n"
    path.write_bytes(text.encode("cp1252"))
    assert read_file(path) == text


def test_line_endings_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "n.md"
    path.write_bytes(b"a\r\nb\rc\n")
    assert read_file(path) == "a\r\nb\rc\n"


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0" * 20,
        bytes(range(256)) * 8,
        b"\x7fELF\2\1\1" + b"\0" * 64,
        b"\xef\xbb\xbf\xff\xfe\xfd" * 9,
        b"PK\3\4" + bytes(reversed(range(256))) * 4,
    ],
)
def test_binary_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "picture.md"
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match=r"picture\.md is not a text file") as caught:
        read_file(path)
    assert "picture.md" in caught.value.zh


def test_size_limit(tmp_path: Path) -> None:
    path = tmp_path / "big.md"
    path.write_bytes(b"x" * 2048)
    assert len(read_file(path, limit=2048)) == 2048
    with pytest.raises(FileTooLargeError, match="over the limit"):
        read_file(path, limit=2047)


def test_a_file_of_200_mb_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.md"
    with path.open("wb") as file:
        file.truncate(200 * 2**20)
    with pytest.raises(FileTooLargeError, match="200 MB"):
        parse_notes(path)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.md", tmp_path):
        with pytest.raises(NotesError, match="is not a file"):
            read_file(path)


def test_empty_file_holds_no_note(tmp_path: Path) -> None:
    path = tmp_path / "empty.md"
    path.write_bytes(b"")
    assert parse_notes(path) == []
