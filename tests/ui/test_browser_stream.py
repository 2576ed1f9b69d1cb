"""Words appear as they are written, and the stop button ends them."""

import time

import pytest

from tests.ui.conftest import ask, open_page
from tutor.study.types import Answer, Answered, Citation, SourcesFound, Token

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore:.*no_silent_downcasting"),
]

MANY = 20_000  # a quarter of an hour of words: only so that a broken button cannot hang the test


@pytest.fixture
def slow(site, monkeypatch):
    """A tutor that writes until it is stopped; gives the words it wrote."""
    written = []
    note = next(iter(site.tutor.shelf.notes.values()))
    citation = Citation(1, note.id, note.key_points[0].span, note.key_points[0].text)

    def answer(user, question, history, *, stop):
        yield SourcesFound((citation,), question)
        while len(written) < MANY and not stop.is_set():
            time.sleep(0.05)
            written.append(f"词{len(written)} ")
            yield Token(written[-1])
        text = "".join(written) + "[1]"
        yield Answered(
            Answer(question, question, text, citations=(citation,), written_by="llm", stopped=True)
        )

    monkeypatch.setattr(site.tutor, "ask", answer)
    return written


def test_an_answer_streams_and_stops(tab, site, slow):
    open_page(tab, site.url, "stream")
    assert not tab.is_visible("#ask-stop")
    ask(tab, "慢慢说")
    tab.wait_for_selector("#chat .pending .source")  # sources before the words are finished
    tab.wait_for_function("document.querySelector('#chat .reply').innerText.includes('词3 ')")
    early = len(slow)
    tab.click("#ask-stop")
    tab.wait_for_selector("#chat .reply:not(.pending)")
    assert "已停止" in tab.inner_text("#chat")
    assert early <= len(slow) < MANY
    assert tab.locator("#chat a.cite").count() == 1


def test_an_error_keeps_what_was_typed(tab, site, monkeypatch):
    def broken(user, question, history, *, stop):
        raise RuntimeError("not foreseen")
        yield

    monkeypatch.setattr(site.tutor, "ask", broken)
    open_page(tab, site.url, "broken")
    ask(tab, "问了就出错")
    tab.wait_for_selector("#study-notice .notice")
    assert "你输入的内容都还在" in tab.inner_text("#study-notice")
    assert tab.input_value("#question textarea") == "问了就出错"
