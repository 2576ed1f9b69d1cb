"""Ids and edits survive what people do to their notes."""

import json
from pathlib import Path

import pytest

from tutor.errors import NotesError
from tutor.notes import (
    Edit,
    apply_edits,
    changes,
    load_edits,
    make_edit,
    match_ids,
    move_edits,
    parse_text,
    save_edits,
    stale_edits,
)  # fmt: skip

TEXT = (
    "# 网络\n\n## 1. 什么是残差连接？\n\n把输入加到输出上，让梯度直接传回。\n\n"
    "## 2. 为什么需要归一化？\n\n让各层输入的分布稳定，训练更快。\n"
)


def test_ids_differ_between_files_topics_and_repeats() -> None:
    one = parse_text(TEXT, file="a.md")
    other = parse_text(TEXT, file="b.md")
    moved = parse_text(TEXT.replace("# 网络", "# 训练"), file="a.md")
    assert len({note.id for note in [*one, *other, *moved]}) == 6
    twice = parse_text("## What is it?\n\nThis one.\n\n## What is it?\n\nThat one.\n")
    assert twice[1].id == f"{twice[0].id}~2"


def test_rewording_is_matched_and_a_new_question_is_not() -> None:
    old = parse_text(TEXT, file="a.md")
    text = (
        TEXT.replace("什么是残差连接？", "残差连接是什么？")
        + "\n## 3. 什么是蒸馏？\n\n用大模型的输出教小模型。\n"
    )
    new = parse_text(text, file="a.md")
    matched = match_ids(old, new)
    assert matched == {new[0].id: old[0].id, new[1].id: old[1].id}
    found = changes(old, new)
    assert found.added == (new[2].id,)
    assert found.renamed == ((new[0].id, old[0].id),)
    assert found.changed == (new[0].id,)
    assert found.removed == ()


def test_another_question_with_another_answer_inherits_nothing() -> None:
    old = parse_text(TEXT, file="a.md")
    new = parse_text(
        TEXT.replace("什么是残差连接？", "感受野怎么算？").replace("把输入加到输出上", "逐层递推"),
        file="a.md",
    )
    assert match_ids(old, new) == {new[1].id: old[1].id}
    assert changes(old, new).removed == (old[0].id,)


def test_a_rewritten_question_with_its_old_answer_keeps_its_history() -> None:
    old = parse_text(TEXT, file="a.md")
    new = parse_text(TEXT.replace("什么是残差连接？", "shortcut 的作用"), file="a.md")
    assert match_ids(old, new)[new[0].id] == old[0].id


def test_no_change_is_falsy() -> None:
    notes = parse_text(TEXT)
    assert not changes(notes, notes)
    assert changes([], notes)


def test_edits_survive_reading_again(tmp_path: Path) -> None:
    tmp_path /= "data"
    notes = parse_text(TEXT, file="a.md")
    edit = make_edit(notes[0], [("输入加到输出上", True), (" ", True), ("梯度直接传回", False)])
    save_edits(tmp_path, {edit.note_id: edit})
    again = apply_edits(parse_text(TEXT, file="a.md"), load_edits(tmp_path))
    assert [(p.text, p.required) for p in again[0].key_points] == [
        ("输入加到输出上", True),
        ("梯度直接传回", False),
    ]
    assert all(p.span is not None for p in again[0].key_points)
    assert again[1] == notes[1]
    assert stale_edits(again, load_edits(tmp_path)) == []
    assert [path.name for path in tmp_path.iterdir()] == ["key_points.json"]


def test_edit_of_a_changed_note_is_flagged_and_moves_with_it() -> None:
    old = parse_text(TEXT, file="a.md")
    edits = {old[0].id: make_edit(old[0], [("输入加到输出上", True)])}
    new = parse_text(TEXT.replace("什么是残差连接？", "残差连接是什么？"), file="a.md")
    moved = move_edits(edits, match_ids(old, new))
    assert list(moved) == [new[0].id]
    assert stale_edits(new, moved) == [new[0].id]
    assert apply_edits(new, moved)[0].key_points[0].text == "输入加到输出上"


def test_edits_that_cannot_be_are_refused(tmp_path: Path) -> None:
    note = parse_text(TEXT)[0]
    with pytest.raises(NotesError, match="1 to 12"):
        make_edit(note, [("  ", True)])
    assert load_edits(tmp_path) == {}
    for damaged in ("{", json.dumps([{"note_id": 1}]), "[3]"):
        (tmp_path / "key_points.json").write_text(damaged, encoding="utf-8")
        with pytest.raises(NotesError, match="is damaged"):
            load_edits(tmp_path)
    target = tmp_path / "file"
    target.write_text("", encoding="utf-8")
    with pytest.raises(NotesError, match="could not be saved"):
        save_edits(target, {"a": Edit("a", (("b", True),), "")})
