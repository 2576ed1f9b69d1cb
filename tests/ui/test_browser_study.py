"""The Study tab in a browser: refusals, follow-ups and copies, in both languages and by keyboard."""

import pytest

from tests.ui.conftest import ask, go_to, open_page, replied, settle

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore:.*no_silent_downcasting"),
]

FINISHED = "document.querySelectorAll('#chat .mine').length === %d && !document.querySelector('#chat .pending')"
# The tick beside a copied reply goes out after a second and a half: kept for whoever looks later.
KEEP_TICK = """() => {
  new MutationObserver(() => {
    if (document.querySelector('#chat .copy.done')) window.ticked = true;
  }).observe(document.querySelector('#chat'), {subtree: true, attributeFilter: ['class']});
}"""
FOLLOW_UPS = {
    "zh": ("请讲得更简单一些。", "请举个例子。", "它和", "就这个内容考考我。"),
    "en": (
        "Explain that more simply.",
        "Give an example.",
        "How does it compare with",
        "Quiz me on this.",
    ),
}


def finish(tab, count):
    """Wait until so many questions are asked and the last is answered."""
    tab.wait_for_function(FINISHED % count)
    settle(tab)


def _speak(tab, lang):
    tab.click(f"#language label:has(input[value={lang}])")
    send = {"zh": "提问", "en": "Ask"}[lang]
    tab.wait_for_function(f"document.querySelector('#ask-send').innerText.trim() === '{send}'")
    settle(tab)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_follow_up_is_offered_and_asked_by_keyboard(tab, site, lang):
    open_page(tab, site.url, f"follow-{lang}")
    _speak(tab, lang)
    ask(tab, "丢弃法为什么能减轻过拟合？")
    replied(tab)
    offered = tab.locator("#chat .reply").last.locator(".chip").all_inner_texts()
    for text in FOLLOW_UPS[lang]:
        assert any(chip.startswith(text) for chip in offered), text
    simpler, example, _, quiz = FOLLOW_UPS[lang]
    for count, text in enumerate((simpler, example, quiz), start=2):
        tab.locator("#chat .chip", has_text=text).last.press("Enter")
        finish(tab, count)
        assert tab.locator("#chat .mine").last.inner_text() == text
    replies = tab.locator("#chat .reply").all_inner_texts()
    assert "推理时使用全部神经元" in replies[1]  # the note's key points
    assert {"zh": "没有现成的例子", "en": "gives no example"}[lang] in replies[2]
    assert {"zh": "考考你", "en": "Your turn"}[lang] in replies[3]


def test_a_comparison_is_one_click(tab, site):
    open_page(tab, site.url, "compare")
    ask(tab, "丢弃法为什么能减轻过拟合？")
    replied(tab)
    tab.locator("#chat .chip", has_text="有什么区别").press("Enter")
    finish(tab, 2)
    assert "理解为：" in tab.locator("#chat .reply").last.inner_text()
    assert "丢弃法" in tab.locator("#chat .reply").last.locator(".eyebrow").first.inner_text()


def test_a_reply_is_copied_with_its_sources(tab, site):
    open_page(tab, site.url, "copy")
    ask(tab, "丢弃法为什么能减轻过拟合？")
    replied(tab)
    tab.evaluate(
        "() => { navigator.clipboard.writeText = async (text) => { window.copied = text; }; }"
    )
    tab.evaluate(KEEP_TICK)
    tab.locator("#chat .copy").press("Enter")
    tab.wait_for_function("window.copied")
    copied = tab.evaluate("window.copied")
    assert copied.splitlines()[0].endswith("[1]")
    assert tab.inner_text("#chat .answer-text a.cite") == "1"
    assert "[1] 丢弃法为什么能减轻过拟合？" in copied
    assert "deep.md" in copied
    tab.wait_for_function("window.ticked")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_refusal_leads_to_the_nearest_questions_and_the_list_of_gaps(tab, site, lang):
    open_page(tab, site.url, f"gap-{lang}")
    _speak(tab, lang)
    ask(tab, "Kubernetes ingress controller yaml?")
    tab.wait_for_selector("#chat .refused")
    settle(tab)
    nearest = tab.locator("#chat .chip").first.inner_text()
    tab.locator("#chat .to-gaps").press("Enter")
    tab.wait_for_selector("#gaps li")
    assert "Kubernetes" in tab.inner_text("#gaps")
    with tab.expect_download() as download:
        tab.click("#gaps-save")
    assert "## Kubernetes ingress controller yaml?" in download.value.path().read_text("utf-8")
    go_to(tab, 0)
    tab.locator("#chat .chip", has_text=nearest).first.press("Enter")
    finish(tab, 2)
    assert tab.locator("#chat .mine").last.inner_text() == nearest
