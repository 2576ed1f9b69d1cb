"""The report counts what happened, and nothing foreign in it becomes markup."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from tests.interview.values import NOW, at, make_critique, make_notes
from tutor.interview import machine
from tutor.interview.report import Report, build_report
from tutor.interview.report_html import report_html
from tutor.interview.report_markdown import fenced, report_markdown
from tutor.interview.types import AskNote, Choices, FollowUp, Session
from tutor.notes.types import KeyPoint, Note

NOTES = make_notes()
EVIL = (
    "<script>alert(1)</script> ![x](http://evil.example/a.png) [link](javascript:alert(1)) "
    '"><img src=x onerror=alert(1)> ```\n# heading\n<iframe src=//evil.example></iframe>'
)


def ask(session: Session, note_id: str, minute: float) -> Session:
    return machine.apply(session, AskNote(note_id), at(minute), prompt=f"请回答 {note_id}？")


def interview(notes: dict[str, Note], text: str = "动量累积历史梯度", lang: str = "zh") -> Session:
    session = machine.start("s", "u", Choices(count=4, lang=lang), notes.values(), NOW)
    session = machine.hint(ask(session, "n0", 0))
    session = machine.receive(session, text, at(2))
    session = machine.attach(session, make_critique(notes["n0"], text, "cmm"))
    follow = FollowUp("n0", "p1")
    session = machine.apply(session, follow, at(2), prompt="请补充？")
    session = machine.receive(session, "减小震荡", at(3))
    session = machine.attach(session, make_critique(notes["n0"], "减小震荡", "mpm"))
    session = machine.skip(ask(session, "n1", 3), at(4))
    session = machine.receive(ask(session, "n2", 4), "不知道", at(5))
    session = machine.attach(session, make_critique(notes["n2"], "不知道", "uuu"))
    session = machine.receive(ask(session, "n3", 5), "先逐通道再混合，算得少", at(6))
    return machine.stop(machine.set_aside(session), at(7))


def test_scores_join_the_follow_up_and_deduct_the_hint() -> None:
    report = build_report(interview(NOTES), NOTES)
    first = report.questions[0].result
    assert first is not None
    assert first.points is not None
    assert first.points.value == 6.0  # (1 + .5 + 0) of weight 2.5
    assert first.score == 5.4  # one hint costs a tenth
    assert [line.verdict.label for line in report.questions[0].lines] == [
        "covered",
        "partial",
        "missed",
    ]
    assert report.questions[0].lines[1].said == "减小震荡"


def test_unscored_counts_as_nothing_and_skipped_as_zero() -> None:
    report = build_report(interview(NOTES), NOTES)
    assert report.scored == 2  # n0 and the skipped n1; n2 is unscored, n3 waits for its judge
    assert report.score == 2.7
    assert report.questions[3].unjudged == 1
    assert report.seconds == 6 * 60
    assert {bar.topic: bar.score for bar in report.topics} == {"优化": 2.7}


def test_revise_names_the_worst_notes_with_what_was_missing_and_where() -> None:
    report = build_report(interview(NOTES), NOTES)
    assert [item.note_id for item in report.revise] == ["n1", "n0"]
    assert report.revise[1].points == (NOTES["n0"].key_points[1].text,)
    assert report.revise[0].source == NOTES["n1"].source


def test_earlier_interviews_are_compared() -> None:
    session = interview(NOTES)
    earlier = replace(session, id="earlier")
    report = build_report(session, NOTES, [session, earlier])
    assert [past.score for past in report.past] == [2.7]
    assert "2.7 / 10" in report_html(report)


def test_note_that_has_gone_still_shows_what_was_said() -> None:
    left = {key: note for key, note in NOTES.items() if key != "n0"}
    report = build_report(interview(NOTES), left)
    for text in (report_html(report), report_markdown(report)):
        assert "动量累积历史梯度" in text
    assert "这条笔记已不在笔记库中" in report_html(report)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_both_languages_write_every_part(lang: str) -> None:
    report = build_report(interview(NOTES, lang=lang), NOTES)
    for text in (report_html(report), report_markdown(report)):
        assert "{" not in text.replace(_style(text), "")
        for question in report.questions:
            assert question.question.rstrip("？") in text


def test_nothing_was_answered_is_said() -> None:
    session = machine.start("s", "u", Choices(), NOTES.values(), NOW)
    report = build_report(machine.stop(session, NOW), NOTES)
    assert report.score is None
    assert "没有可评分的回答" in report_html(report)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def evil_report() -> Report:
    def spoil(note: Note) -> Note:
        points = tuple(KeyPoint(p.id, EVIL + p.text, p.required) for p in note.key_points)
        source = replace(note.source, file=EVIL)
        return replace(
            note, question=EVIL, answer=EVIL, topic=EVIL, key_points=points, source=source
        )

    notes = {key: spoil(note) for key, note in NOTES.items()}
    # The plan would see four times the same question; the session is the honest one's.
    session = interview(NOTES, text=EVIL)
    return build_report(session, notes, [replace(session, id="x")])


def test_html_holds_no_foreign_tag_attribute_or_request() -> None:
    tags = Tags()
    tags.feed(report_html(evil_report()))
    names = {name for name, _ in tags.seen}
    assert not names & {"script", "img", "iframe", "link", "object", "form"}
    for _, attributes in tags.seen:
        assert not any(name.startswith("on") for name in attributes)
        assert (attributes.get("href") or "#").startswith("#")
        assert "src" not in attributes
    assert "default-src 'none'" in report_html(evil_report())


def test_markdown_holds_no_foreign_link_image_heading_or_html() -> None:
    text = report_markdown(evil_report())
    plain = report_markdown(
        build_report(interview(NOTES), NOTES, [replace(interview(NOTES), id="x")])
    )
    tokens = MarkdownIt("commonmark", {"html": True}).parse(text)
    kinds = [t.type for token in tokens for t in [token, *(token.children or [])]]
    assert not {"html_block", "html_inline", "image", "link_open"} & set(kinds)
    honest = [t.type for t in MarkdownIt("commonmark").parse(plain)]
    assert kinds.count("heading_open") == honest.count("heading_open")


def test_fence_is_longer_than_any_in_the_text() -> None:
    assert fenced("a ```` b").startswith("`````text")


def _style(text: str) -> str:
    return text[text.find("<style>") : text.find("</style>")]
