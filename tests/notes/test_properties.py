"""Whatever the text, reading it neither crashes nor invents nor loses a character."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutor.notes import parse_report, parse_text
from tutor.notes.keypoints import derive_points
from tutor.notes.lines import classify, split_lines

PIECES = [
    "# ", "## ", "### Q1: ", "#### (1) ", "**Q: ", "**", "Q: ", "A: ", "问：", "答：", "1. ", "2. ", "1、", "一、", "（1）",
    "- ", "  - ", "> ", "```", "~~~", "$$", "\\[", "---", "===", "| 问题 | 答案 |", "|---|---|", "| a? | b |", "<details>",
    "<summary>", "</summary>", "</details>", "<!--", "-->", "<!-- id: a | level: basic -->", "### 要点", "- [必答] ",
    "什么是损失？", "Why is it so?", "答案", "Answer", "TODO", "![](x.png)", "[a](http://b)", "http://c.d", "text", "正文。",
    " ", "\t", "\n", "\n", "\n\n", "\r\n", "\r", "\u2028", "\x0c", "\ufeff", "🚀", "𝐀", "\ud800", "\0", "①", "(2)", "image",
]  # fmt: skip
markdown = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)
anything = st.one_of(st.text(max_size=300), markdown)


@given(anything)
@settings(deadline=None, max_examples=400)
def test_any_text_is_read(text: str) -> None:
    notes, report = parse_report(text, file="any.md")
    lines = split_lines(text)
    assert len(report.uses) == len(lines)
    assert all(
        use.use in ("question", "answer", "key points", "metadata", "ignored")
        for use in report.uses
    )
    assert len({note.id for note in notes}) == len(notes)
    last = 0
    for note in notes:
        assert note.question
        assert note.raw_question in text
        assert note.answer in text
        assert 1 <= note.source.first_line <= note.source.last_line <= len(lines)
        assert note.source.first_line >= last
        last = note.source.first_line
        if note.answer:
            first, end = note.source.answer_first, note.source.answer_last
            assert note.answer in text[lines[first - 1].start : lines[end - 1].end]
        for point in note.key_points:
            if point.span is not None:
                assert 0 <= point.span.start < point.span.end <= len(note.answer)


@given(anything)
@settings(deadline=None, max_examples=150)
def test_reading_again_gives_the_same(text: str) -> None:
    assert parse_text(text, file="a.md") == parse_text(text, file="a.md")


@given(anything)
@settings(deadline=None, max_examples=300)
def test_lines_are_the_source(text: str) -> None:
    lines = classify(text)
    assert [line.no for line in lines] == list(range(1, len(lines) + 1))
    for line in lines:
        assert text[line.start : line.end] == line.text
    covered = sum(line.end - line.start for line in lines)
    assert covered == sum(char not in "\r\n" for char in text)


@given(anything)
@settings(deadline=None, max_examples=300)
def test_points_lie_in_the_answer(answer: str) -> None:
    points = derive_points(answer, "Why?")
    assert len(points) <= 8
    for point in points:
        assert point.text
        assert point.span is not None
        assert 0 <= point.span.start < point.span.end <= len(answer)


@given(
    st.lists(
        st.sampled_from(["什么是熵？", "什么是信息增益？", "What is bias?", "Why scale?"]),
        unique=True,
        min_size=1,
    ),
    st.integers(0, 90),
)
@settings(deadline=None, max_examples=100)
def test_renumbering_keeps_ids(questions: list[str], shift: int) -> None:
    def written(first: int) -> str:
        return "\n".join(
            f"## {first + i}. {q}\n\n这是它的答案，足够长。\n" for i, q in enumerate(questions)
        )

    before = [note.id for note in parse_text(written(1), file="a.md")]
    after = [note.id for note in parse_text(written(1 + shift), file="a.md")]
    assert before == after


@pytest.mark.parametrize(
    "unit",
    [
        "[",
        "[a](",
        "*",
        "$a",
        "<a ",
        "`",
        "(",
        "a? ",
        "1) ",
        "①",
        "|a",
        "__",
        "![a](b",
        "<!--",
        " ",
        "<summary>",
        "[[src](",
    ],
)
def test_a_very_long_line_is_read(unit: str) -> None:
    """Reading stays linear: a pattern that backtracks would take minutes here."""
    text = (
        "# What is it?\n\n"
        + unit * 30_000
        + "\n"
        + unit * 50
        + "\n\n## Why is it?\n\nIt just is what it is.\n"
    )
    assert parse_text(text)[-1].question == "Why is it?"
