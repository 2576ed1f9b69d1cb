"""The page as a learner meets it: real Chromium, real server, no language model."""

import re

import pytest

from tests.ui.conftest import (
    answer,
    arrived,
    ask,
    begin,
    go_to,
    new_context,
    open_page,
    replied,
    settle,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore:.*no_silent_downcasting"),
]

GOOD = {
    "批归一化": "训练时用当前批的均值和方差；推理时用滑动平均的统计量；批太小时统计量噪声大。",
    "丢弃法": "每次随机关闭一部分神经元，神经元不能依赖固定的搭档，推理时使用全部神经元。",
    "梯度消失": "反向传播时许多小于一的导数连乘，靠前的层几乎收不到梯度。",
}


def good_answer(tab):
    question = tab.inner_text(".ask-now")
    return next((text for name, text in GOOD.items() if name in question), "不知道")


def test_a_question_is_answered_with_a_citation_that_opens_the_note(tab, site):
    open_page(tab, site.url, "study")
    ask(tab, "批归一化在训练和推理时有什么不同？")
    replied(tab)
    assert tab.input_value("#question textarea") == ""
    assert "滑动平均" in tab.inner_text("#chat .answer-text")
    source = tab.locator("#chat .source").first
    tab.locator("#chat a.cite").first.click()
    assert source.get_attribute("open") is not None
    source.locator(".whole > summary").click()
    assert "批太小时统计量噪声大" in source.locator(".whole").inner_text()
    assert source.locator(".katex").count() > 0
    assert "deep.md 第" in source.inner_text()


def test_what_the_notes_do_not_hold_is_refused_and_noted(tab, site):
    open_page(tab, site.url, "refused")
    ask(tab, "Kubernetes ingress controller yaml?")
    tab.wait_for_selector("#chat .refused")
    settle(tab)
    chips = tab.locator("#chat .chip")
    assert chips.count() >= 1
    go_to(tab, 3)
    tab.click("#fold-gaps > button")
    tab.wait_for_selector("#gaps li")
    assert "Kubernetes" in tab.inner_text("#gaps")
    assert [r.question for r in site.tutor.ledger.refusals("refused")] == [
        "Kubernetes ingress controller yaml?"
    ]


def test_a_follow_up_is_one_click(tab, site):
    open_page(tab, site.url, "chips")
    ask(tab, "丢弃法为什么能减轻过拟合？")
    replied(tab)
    tab.locator("#chat .chip", has_text="考考我").click()
    tab.wait_for_function("document.querySelectorAll('#chat .mine').length === 2")
    tab.wait_for_function("!document.querySelector('#chat .pending')")
    settle(tab)
    assert "考考你" in tab.locator("#chat .reply").last.inner_text()


def test_a_question_that_is_too_long_gets_one_sentence_and_is_kept(tab, site):
    open_page(tab, site.url, "long")
    text = "长" * 50_000
    tab.fill("#question textarea", text)
    tab.click("#ask-send")
    tab.wait_for_selector("#study-notice .notice")
    assert "50000" in tab.inner_text("#study-notice")
    assert tab.input_value("#question textarea") == text
    assert tab.locator("#chat .mine").count() == 0


def test_enter_while_composing_pinyin_does_not_send(tab, site):
    open_page(tab, site.url, "pinyin")
    tab.fill("#question textarea", "pi gui yi")
    press = """composing => {
      const box = document.querySelector('#question textarea');
      box.focus();
      if (composing) box.dispatchEvent(new CompositionEvent('compositionstart', {bubbles: true}));
      for (const type of ['keydown', 'keypress'])
        box.dispatchEvent(new KeyboardEvent(type, {key: 'Enter', code: 'Enter', keyCode: 13,
          isComposing: composing, bubbles: true, cancelable: true}));
      if (composing) box.dispatchEvent(new CompositionEvent('compositionend', {bubbles: true}));
    }"""
    tab.evaluate(press, True)
    tab.wait_for_timeout(1500)  # what must not be sent would have been sent by now
    assert tab.locator("#chat .mine").count() == 0
    assert tab.input_value("#question textarea") == "pi gui yi"
    tab.evaluate(press, False)  # the same key, not composing: it does send
    tab.wait_for_selector("#chat .mine")


def test_a_three_question_interview_reaches_its_report_with_a_reload_in_the_middle(tab, site):
    open_page(tab, site.url, "story")
    begin(tab)
    answer(tab, good_answer(tab))
    tab.reload()
    arrived(tab)
    go_to(tab, 1)
    tab.wait_for_selector(".offer")
    assert "共 3 题" in tab.inner_text(".offer")
    tab.click("#resume")
    tab.wait_for_selector(".now", state="visible")
    settle(tab)
    for _ in range(6):
        if tab.locator(".report").count():
            break
        answer(tab, good_answer(tab))
    tab.wait_for_selector(".report")
    assert re.search(r"/ 8 个要点", tab.inner_text(".report .big"))
    session = site.tutor.ledger.sessions("story")[0]
    assert session.finished == "plan"
    with tab.expect_download() as download:
        tab.click("#save-html")
    html = download.value.path().read_text(encoding="utf-8")
    assert html.startswith("<!doctype html>")
    assert "批归一化" in html
    assert "<script" not in html


def test_a_real_interview_holds_everything_back_until_its_report(tab, site):
    open_page(tab, site.url, "real")
    begin(tab, real=True)
    assert not tab.is_visible("#reveal")
    answer(tab, "不知道")
    assert tab.locator("#interview .point").count() == 0
    assert tab.locator("#interview .tally").count() == 0
    for _ in range(6):
        if tab.locator(".report").count():
            break
        answer(tab, "不知道")
    tab.wait_for_selector(".report")
    assert tab.locator("#interview .point").count() == 8
    assert "0 / 8" in re.sub(r"\s+", " ", tab.inner_text(".report .big"))


def test_a_verdict_is_disputed_and_the_score_marked(tab, site):
    open_page(tab, site.url, "dispute")
    begin(tab, count=1)
    tab.click("#reveal")
    go_on = tab.locator(".report")
    go_on.wait_for()
    settle(tab)
    tab.click("#again")
    settle(tab)
    begin(tab, count=1)
    answer(tab, "不知道")
    while not tab.locator(".report").count():
        answer(tab, "不知道")
    points = tab.locator("#interview .point")
    assert points.first.locator(".mark").inner_text() == "✗ 漏掉"
    assert "规则" in points.first.inner_text()
    points.first.locator("button.dispute").click()
    tab.wait_for_selector("#dispute-panel", state="visible")
    tab.fill("#dispute-words textarea", "我其实说到了")
    tab.click("#dispute-overrule")
    tab.wait_for_selector("#interview .badge.disputed")
    settle(tab)
    assert points.first.locator(".mark").inner_text() == "✓ 说到"
    assert "你改判" in points.first.inner_text()
    tab.wait_for_selector("#dispute-panel", state="hidden")
    dispute = site.tutor.ledger.disputes("dispute")[0]
    assert (dispute.before, dispute.after, dispute.reason) == ("missed", "covered", "我其实说到了")
    tab.locator("#interview details.table > summary").first.click()
    assert "÷" in tab.locator("#interview details.table").first.inner_text()


def test_hint_skip_later_repeat_and_end(tab, site):
    open_page(tab, site.url, "moves")
    begin(tab)
    first = tab.inner_text(".ask-now")
    tab.fill("#answer textarea", "写了一半")
    tab.click("#hint")
    tab.wait_for_selector(".now .hint")
    settle(tab)
    assert tab.input_value("#answer textarea") == "写了一半"
    tab.click("#repeat")
    tab.wait_for_selector(".ask-now .kind")
    settle(tab)
    tab.click("#postpone")
    tab.wait_for_function(
        "first => document.querySelector('.ask-now').innerText !== first", arg=first
    )
    settle(tab)
    second = tab.inner_text(".ask-now")
    tab.click("#skip")
    tab.wait_for_function("s => document.querySelector('.ask-now').innerText !== s", arg=second)
    settle(tab)
    tab.click("#finish")
    tab.wait_for_selector(".report")
    turns = site.tutor.ledger.sessions("moves")[0].turns
    assert turns[0].hints == 1
    assert turns[0].answer == "写了一半"
    assert [turn.outcome.value for turn in turns[:2]] == ["postponed", "skipped"]


def test_two_tabs_on_one_interview_get_a_clear_message(tab, site):
    open_page(tab, site.url, "twice")
    begin(tab)
    other = tab.context.new_page()
    other.goto(site.url)
    arrived(other)
    go_to(other, 1)
    other.wait_for_selector(".offer")
    other.click("#resume")
    other.wait_for_selector(".now", state="visible")
    settle(other)
    # The interview was taken up elsewhere: the first tab is told so, and loses nothing.
    tab.bring_to_front()
    tab.fill("#answer textarea", "第一个标签页里写的")
    tab.click("#submit")
    tab.wait_for_selector("#interview-notice .notice")
    assert "另一个标签页" in tab.inner_text("#interview-notice")
    assert tab.input_value("#answer textarea") == "第一个标签页里写的"
    other.bring_to_front()
    answer(other, "不知道")
    session = site.tutor.ledger.sessions("twice")[0]
    typed = [row.text for row in site.tutor.ledger.typed_answers(session.id)]
    assert typed == ["第一个标签页里写的", "不知道"]
    assert session.turns[0].answer == "不知道"


def test_foreign_text_is_shown_not_run(tab, site):
    attack = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>$<svg onload=window.hacked=1>$'
    open_page(tab, site.url, "attack")
    outside = []
    tab.on("request", lambda r: outside.append(r.url) if "127.0.0.1" not in r.url else None)
    ask(tab, "梯度消失是怎样产生的？" + attack)
    tab.wait_for_selector("#chat .by, #chat .refused")
    settle(tab)
    begin(tab, count=3)
    for _ in range(6):
        if tab.locator(".report").count():
            break
        answer(tab, attack)
    tab.wait_for_selector(".report")
    go_to(tab, 3)
    tab.wait_for_selector("#notes-list .note")
    for summary in tab.locator("#notes-list .note > summary").all():
        summary.click()
    tab.wait_for_timeout(1000)  # what must not run would have run by now
    assert tab.evaluate("window.hacked") is None
    assert "onerror" in tab.inner_text("#notes-list")
    assert tab.locator("#notes-list img, #notes-list script, #chat .reply img").count() == 0
    assert [url for url in outside if not url.startswith(("data:", "blob:"))] == []


def test_the_page_speaks_english_and_remembers_it(tab, site):
    open_page(tab, site.url, "english")
    tab.click("#language label:has(input[value=en])")
    tab.wait_for_function("document.querySelector('#title h1').innerText === 'Interview Tutor'")
    # The page takes its new words in piece by piece.
    tab.wait_for_function(
        "words => words.every((word, n) =>"
        " document.querySelectorAll('[role=tab]')[n].innerText.trim() === word)",
        arg=["Study", "Interview", "Progress", "Notes"],
    )
    tab.wait_for_function("document.querySelector('#ask-send').innerText.trim() === 'Ask'")
    settle(tab)
    tab.reload()
    tab.wait_for_function("document.querySelector('#title h1')?.innerText === 'Interview Tutor'")
    tab.wait_for_function("document.querySelector('#learner input').value === 'english'")


def test_a_phone_scrolls_in_one_direction_only(chromium, site):
    context = new_context(chromium, 390, 844)
    phone = context.new_page()
    try:
        open_page(phone, site.url, "phone")
        ask(phone, "批归一化在训练和推理时有什么不同？")
        replied(phone)
        for number in range(4):
            go_to(phone, number)
            assert phone.evaluate("document.documentElement.scrollWidth") <= 390
        assert phone.locator("#chat").count() == 1
    finally:
        context.close()
