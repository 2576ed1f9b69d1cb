"""Other people's notes, kept beside the checkout: golden counts, spot answers, precision and recall."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from tutor.notes import Library, load_notes, parse_notes

HERE = Path(__file__).parent
SHARED = HERE.parents[2] / "shared" / "notes"
TRUTH: dict[str, list[list[object]]] = json.loads(
    (HERE / "truth" / "shared.json").read_text(encoding="utf-8")
)
DIARY = "songyingxin__NLPer-Interview__10-老宋渣渣算法面经_提前批-NLP-凉经.md"
COUNTS = {name: len(rows) for name, rows in TRUTH.items()}

pytestmark = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the folder shared/notes is not beside this checkout"
)


@pytest.fixture(scope="module")
def library() -> Library:
    return load_notes(SHARED)


def lines_of(name: str) -> list[str]:
    text = (SHARED / name).read_bytes().decode("utf-8-sig")
    return re.split(r"\r\n|\n|\r", text)


@pytest.mark.parametrize("name", sorted(TRUTH))
def test_precision_and_recall(name: str) -> None:
    lines = lines_of(name)
    true = set()
    for no, digest in TRUTH[name]:
        assert (
            hashlib.sha1(lines[int(str(no)) - 1].encode(), usedforsecurity=False).hexdigest()
            == digest
        )
        true.add(no)
    found = {note.source.first_line for note in parse_notes(SHARED / name)}
    assert len(found & true) / len(found) >= 0.97
    assert len(found & true) / len(true) >= 0.97


def test_every_file_is_covered(library: Library) -> None:
    assert set(library.files) == set(TRUTH) | {DIARY}
    assert library.errors == ()


def test_diary_keeps_interview_questions_and_leaves_reflections() -> None:
    notes = parse_notes(SHARED / DIARY)
    assert 75 <= len(notes) <= 90
    assert not any("分析" in note.topic.rsplit(" / ", 1)[-1] for note in notes)


def test_answers_are_verbatim(library: Library) -> None:
    for name, path in library.files.items():
        text = path.read_bytes().decode("utf-8-sig")
        for note in library.notes:
            if note.source.file == name:
                assert note.answer in text
                assert note.raw_question in text


def test_the_first_notes_are_read_whole() -> None:
    notes = parse_notes(SHARED / "DeepLearning.md")
    assert [note.number for note in notes] == list(range(1, 24))
    codes = {note.number: note.problems[0].code for note in notes if not note.usable}
    assert codes == {20: "image_only", 22: "no_answer", 23: "link_only"}
    assert notes[0].source.first_line == 18
    lines = lines_of("DeepLearning.md")
    for note in notes:
        assert lines[note.source.first_line - 1].endswith(note.raw_question)
        if note.answer:
            first, last = note.source.answer_first, note.source.answer_last
            assert note.answer == "\n".join(lines[first - 1 : last]).strip()


def test_every_line_is_accounted_for(library: Library) -> None:
    for report in library.reports:
        assert all(use.use for use in report.uses)
        assert all(bool(use.why) == (use.use == "ignored") for use in report.uses)


def test_placeholders_are_not_answers(library: Library) -> None:
    name = "alexeygrigorev__data-science-interviews__theory.md"
    todo = [
        n
        for n in library.notes
        if n.source.file == name and any(p.code == "todo" for p in n.problems)
    ]
    assert len(todo) == 14
    assert not any(note.usable for note in todo)


def test_derived_points_are_statements(library: Library) -> None:
    for note in library.notes:
        assert len(note.key_points) <= 8
        for point in note.key_points:
            assert point.span is not None
            assert point.span.of(note.answer).strip()
            assert "](" not in point.text
            assert "<img" not in point.text
            assert any(char.isalpha() for char in point.text)
