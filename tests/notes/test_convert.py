"""Word, PDF, HTML, CSV and Anki files: read, or refused with one sentence."""

import io
import json
import sqlite3
import sys
import zipfile
from pathlib import Path

import pytest

from tutor.errors import FileTooLargeError, NotesError, UnreadableFileError
from tutor.notes import load_notes, parse_notes

DOCUMENT = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{}</w:body></w:document>'
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>'
)


def write_docx(path: Path, paragraphs: list[str]) -> None:
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("_rels/.rels", RELATIONS)
        archive.writestr("word/document.xml", DOCUMENT.format(body))


def write_apkg(path: Path, rows: list[tuple[str, str]], member: str = "collection.anki2") -> None:
    database = path.with_suffix(".db")
    connection = sqlite3.connect(database)
    connection.executescript(
        "CREATE TABLE col (decks TEXT); CREATE TABLE notes (id INTEGER, flds TEXT, tags TEXT);"
        "CREATE TABLE cards (nid INTEGER, did INTEGER);"
    )
    connection.execute("INSERT INTO col VALUES (?)", (json.dumps({"7": {"name": "ML::Trees"}}),))
    for number, row in enumerate(rows):
        connection.execute("INSERT INTO notes VALUES (?, ?, '')", (number, "\x1f".join(row)))
        connection.execute("INSERT INTO cards VALUES (?, 7)", (number,))
    connection.commit()
    connection.close()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(database, member)
    database.unlink()


def pdf_of(lines: list[str]) -> bytes:
    """A one-page PDF written by hand."""
    text = " T* ".join(f"({line}) Tj" for line in lines)
    stream = f"BT /F1 12 Tf 14 TL 50 800 Td {text} ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 850] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out = io.BytesIO(b"")
    out.write(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 6\n0000000000 65535 f \n")
    out.write(b"".join(b"%010d 00000 n \n" % offset for offset in offsets))
    out.write(b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % start)
    return out.getvalue()


def test_csv_with_named_columns(tmp_path: Path) -> None:
    path = tmp_path / "cards.csv"
    path.write_text(
        '编号,问题,答案,主题\n1,什么是偏差？,"模型假设带来的误差，\n与训练集的随机性无关。",误差\n2,什么是方差？,由训练样本变化带来的误差。,误差\n',
        encoding="utf-8",
    )
    first, second = parse_notes(path)
    assert (first.question, first.topic) == ("什么是偏差？", "误差")
    assert first.answer == "模型假设带来的误差，\n与训练集的随机性无关。"
    assert (first.source.first_line, first.source.last_line, second.source.first_line) == (2, 3, 4)
    assert first.usable


def test_tsv_without_header(tmp_path: Path) -> None:
    path = tmp_path / "cards.tsv"
    path.write_text(
        "What is bias?\tThe error of wrong assumptions.\nWhat is noise?\tThe error that stays.\n",
        encoding="utf-8",
    )
    assert [note.question for note in parse_notes(path)] == ["What is bias?", "What is noise?"]


def test_csv_of_one_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("What is bias\nWhat is noise\n", encoding="utf-8")
    with pytest.raises(UnreadableFileError, match="needs two columns"):
        parse_notes(path)


def test_docx(tmp_path: Path) -> None:
    path = tmp_path / "notes.docx"
    write_docx(
        path,
        [
            "1. 什么是召回率？",
            "实际为正的样本中被找出的比例。",
            "2. 什么是精确率？",
            "预测为正的样本中真正为正的比例。",
        ],
    )
    notes = parse_notes(path)
    assert [note.question for note in notes] == ["什么是召回率？", "什么是精确率？"]
    assert notes[1].answer == "预测为正的样本中真正为正的比例。"


def test_zip_bomb_as_docx_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.docx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("word/document.xml", "w") as member,
    ):
        for _ in range(260):
            member.write(b" " * 2**20)
    assert path.stat().st_size < 2**20
    with pytest.raises(FileTooLargeError, match="would unpack to 260 MB"):
        parse_notes(path)


@pytest.mark.parametrize("suffix", [".docx", ".pdf", ".apkg"])
@pytest.mark.parametrize("content", [b"", b"plain text", b"PK\3\4 broken", b"%PDF-1.4 broken"])
def test_damaged_files_are_refused(tmp_path: Path, suffix: str, content: bytes) -> None:
    path = tmp_path / f"bad{suffix}"
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match=r"bad\."):
        parse_notes(path)


def test_html_with_scripts(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(
        "<html><head><title>t</title><script>alert('Q: x?')</script></head><body onload='steal()'>"
        "<h2>What is a kernel?</h2><p>An inner product in <b>feature</b> space.</p><script>alert(1)</script>"
        "<p><a href='javascript:alert(2)'>more</a> <a href='https://x.org/a'>source</a></p><h2>What is a margin?</h2><ul><li>The distance to the nearest point.</li></ul></body></html>",
        encoding="utf-8",
    )
    notes = parse_notes(path)
    assert [note.question for note in notes] == ["What is a kernel?", "What is a margin?"]
    assert notes[0].answer == (
        "An inner product in **feature** space.\n\nmore [source](https://x.org/a)"
    )
    assert "alert" not in "".join(note.answer for note in notes)


def test_pdf(tmp_path: Path) -> None:
    path = tmp_path / "notes.pdf"
    path.write_bytes(
        pdf_of(
            [
                "Q1: What is entropy?",
                "The expected surprise of a draw.",
                "Q2: What is a bit?",
                "The unit of information.",
            ]
        )
    )
    notes = parse_notes(path)
    assert [note.question for note in notes] == ["What is entropy?", "What is a bit?"]
    assert notes[0].answer == "The expected surprise of a draw."


def test_pdf_of_pictures_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    path.write_bytes(pdf_of([]))
    with pytest.raises(UnreadableFileError, match="text recognition"):
        parse_notes(path)


def test_anki(tmp_path: Path) -> None:
    path = tmp_path / "deck.apkg"
    write_apkg(
        path,
        [
            (
                "What is <b>pruning</b>?",
                "Cutting branches<br>that do not help.<script>x()</script>[sound:a.mp3]",
            ),
            ("A {{c1::random forest}} averages many {{c2::trees::plant}}.", "See bagging."),
            ("What is shown?", '<img src="a.png">'),
        ],
    )
    first, second, third = parse_notes(path)
    assert (first.question, first.topic) == ("What is pruning?", "ML / Trees")
    assert first.answer == "Cutting branches\nthat do not help."
    assert second.question == "A […] averages many […]."
    assert second.answer.startswith("A random forest averages many trees.")
    assert [problem.code for problem in third.problems] == ["image_only"]


def test_new_anki_format_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "new.apkg"
    write_apkg(path, [("a", "b")], member="collection.anki21b")
    with pytest.raises(UnreadableFileError, match="Support older Anki"):
        parse_notes(path)


def test_missing_converter_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "notes.docx"
    write_docx(path, ["1. 什么是召回率？"])
    monkeypatch.setitem(sys.modules, "mammoth", None)
    with pytest.raises(NotesError, match=r"interview-tutor\[documents\]"):
        parse_notes(path)


def test_folder_of_all_formats(tmp_path: Path) -> None:
    write_docx(tmp_path / "a.docx", ["1. 什么是召回率？", "实际为正的样本中被找出的比例。"])
    write_apkg(tmp_path / "b.apkg", [("What is pruning?", "Cutting branches that do not help.")])
    (tmp_path / "c.csv").write_text(
        "question,answer\nWhat is bias?,The error of wrong assumptions.\n", encoding="utf-8"
    )
    (tmp_path / "d.pdf").write_bytes(b"not a pdf")
    library = load_notes(tmp_path)
    assert [note.source.file for note in library.notes] == ["a.docx", "b.apkg", "c.csv"]
    assert len(library.errors) == 1


def test_tables_report_how_every_line_was_used(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text(
        '问题,答案\n什么是熵？,"不确定性的度量，\n单位是比特。"\n,没有题目\n\n', encoding="utf-8"
    )
    (report,) = load_notes(path).reports
    assert [(use.use, use.why) for use in report.uses] == [
        ("metadata", ""), ("question", ""), ("answer", ""),
        ("ignored", "row without a question"), ("ignored", "blank"),
    ]  # fmt: skip
