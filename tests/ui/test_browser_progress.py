"""Progress and Notes in a real browser."""

import json
from datetime import timedelta

import pytest

from tests.ui.conftest import answer, begin, go_to, open_page, settle

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore:.*no_silent_downcasting"),
]

NEW_FILE = """### 1. 学习率太大会怎样？

学习率太大时损失会震荡甚至发散。学习率太小时收敛很慢。通常配合预热和衰减来使用。
"""


@pytest.fixture
def practised(tab, site):
    """A learner with one judged interview."""
    open_page(tab, site.url, "progress")
    if not site.tutor.ledger.sessions("progress"):
        begin(tab, count=2)
        while not tab.locator(".report").count():
            answer(tab, "不知道")
    return tab


def open_progress(tab):
    """Open the Progress tab and wait until it shows what was practised, its fields filled."""
    go_to(tab, 2)
    tab.wait_for_function("document.querySelector('#progress').innerText.includes('最弱的要点')")


def test_what_was_practised_is_due_the_next_day_and_asked_first(practised, site):
    known = {r.note_id for r in site.tutor.ledger.reviews("progress")}
    open_progress(practised)
    site.clock.ahead = timedelta(days=1)
    try:
        go_to(practised, 0)
        go_to(practised, 2)
        practised.wait_for_function(
            "document.querySelector('#progress').innerText.includes('今天该复习 (2)')"
        )
        go_to(practised, 1)
        if practised.is_visible("#again"):
            practised.click("#again")
            settle(practised)
        begin(practised, count=1)
        asked = site.tutor.ledger.unfinished("progress")[0].turns[0].note_id
        assert asked in known  # not the third note, which was never asked
        practised.click("#finish")
        practised.wait_for_selector(".report")
    finally:
        site.clock.ahead = timedelta()


def test_charts_have_words(practised):
    open_progress(practised)
    for chart in practised.locator("#progress [role=img]").all():
        assert chart.get_attribute("aria-label")


def test_a_goal_is_tried_saved_and_refused(practised, site):
    open_progress(practised)
    practised.fill("#goal-day input, #goal-day textarea", "2099-01-01x")
    practised.click("#goal-save")
    practised.wait_for_selector("#progress-notice .notice.bad")
    settle(practised)
    day = (site.clock() + timedelta(days=10)).date().isoformat()
    practised.fill("#goal-day input, #goal-day textarea", day)
    practised.click("#goal-try")
    practised.wait_for_selector("#progress .readiness .badge.disputed")
    settle(practised)
    assert site.tutor.ledger.goal("progress") is None
    practised.click("#goal-save")
    practised.wait_for_selector("#progress-notice .notice.good")
    assert site.tutor.ledger.goal("progress").day.isoformat() == day


@pytest.mark.parametrize("kind", ["csv", "anki", "jsonl"])
def test_exports_are_files_that_open(practised, kind):
    open_progress(practised)
    practised.click("#fold-exports > button")
    practised.click(f"#export-{kind}")
    settle(practised)
    link = practised.locator("#export-file a[href]").first
    with practised.expect_download() as download:
        link.click()
    content = download.value.path().read_bytes()
    if kind == "anki":
        assert content[:2] == b"PK"
    elif kind == "csv":
        assert "批归一化" in content.decode("utf-8-sig")
    else:
        assert json.loads(content.splitlines()[0])["program"] == "interview-tutor"


def test_a_file_is_added_found_edited_and_removed(tab, site, tmp_path):
    open_page(tab, site.url, "notes")
    go_to(tab, 3)
    tab.wait_for_selector("#notes-list .note")
    file = tmp_path / "rate.md"
    file.write_text(NEW_FILE, encoding="utf-8")
    tab.set_input_files(
        "#upload ~ input, input[data-testid=file-upload], #fold-manage input[type=file]", str(file)
    )
    tab.wait_for_selector("#notes-notice .notice.good")
    settle(tab)
    tab.fill("#find textarea, #find input", "学习率")
    tab.wait_for_function("document.querySelectorAll('#notes-list .note').length === 1")
    note = next(n for n in site.tutor.shelf.notes.values() if "学习率" in n.question)
    site.tutor.shelf.edit_key_points(note.id, [("震荡或发散", True)])
    tab.click("#reindex")
    settle(tab)  # the notice of the upload is still there: its successor has to be waited for
    tab.wait_for_selector("#notes-notice .notice.good")
    assert [p.text for p in site.tutor.shelf.notes[note.id].key_points] == ["震荡或发散"]
    site.tutor.shelf.remove_file("rate.md")


def test_a_file_that_cannot_be_read_is_named(tab, site, tmp_path):
    open_page(tab, site.url, "bad-file")
    go_to(tab, 3)
    tab.wait_for_selector("#notes-list .note")
    file = tmp_path / "broken.md"
    file.write_bytes(bytes(range(256)) * 50)
    tab.set_input_files("#fold-manage input[type=file], input[data-testid=file-upload]", str(file))
    tab.wait_for_selector("#notes-notice .notice.bad")
    assert "broken.md" in tab.inner_text("#notes-notice")
    assert "broken.md" not in site.tutor.shelf.own_files()
