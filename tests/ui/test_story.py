"""The whole path as `make run` gives it: the served command, kill -9, a second start, the report."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Error as BrowserError

from tests.ui.conftest import (
    NOTES,
    answer,
    arrived,
    ask,
    free_port,
    go_to,
    open_page,
    replied,
    settle,
)

ROOT = Path(__file__).resolve().parents[2]
ANSWER = "训练时用当前批的均值和方差；每次随机关闭一部分神经元；许多小于一的导数连乘。"


@contextmanager
def served(environment):
    """The command, until the end of the block; killed hard if the test did not end it."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tutor", "serve"], env=environment, stdout=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{environment['TUTOR_PORT']}"
    try:
        while True:
            assert server.poll() is None, "the server ended by itself"
            try:
                urllib.request.urlopen(url).close()
                break
            except OSError:  # not yet listening, or cut off while it starts
                time.sleep(0.3)
        yield server, url
    finally:
        if server.poll() is None:
            server.send_signal(signal.SIGINT)
        server.wait()


@pytest.mark.browser
@pytest.mark.usefixtures("heard_interrupts")
@pytest.mark.parametrize(
    ("model", "mode"),
    [
        ("none", "study"),
        ("none", "real"),
        pytest.param("local", "study", marks=pytest.mark.llm),
    ],
)
def test_ask_be_refused_rehearse_survive_a_kill_and_read_the_report(
    tab, tmp_path, real_cache, model, mode
):
    needed = ["e5-small-q4.bin"]
    needed += ["qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"] if model == "local" else []
    missing = [name for name in needed if not (real_cache / "models" / name).exists()]
    if missing:
        pytest.skip(f"not installed: {missing}")
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "deep.md").write_text(NOTES, encoding="utf-8")
    environment = os.environ | {
        "TUTOR_MODEL": model,
        "TUTOR_NOTES": str(notes),
        "TUTOR_DATA_DIR": str(tmp_path / "data"),
        "TUTOR_CACHE_DIR": str(real_cache),
        "TUTOR_PORT": str(free_port()),
        "PYTHONPATH": str(ROOT),
    }
    with served(environment) as (server, url):
        open_page(tab, url, "story")
        ask(tab, "批归一化在训练和推理时有什么不同？")
        tab.wait_for_selector("#chat .source")  # before the answer is finished
        replied(tab)
        source = tab.locator("#chat .source").first
        assert "批归一化" in source.inner_text()
        tab.locator("#chat a.cite").first.click()
        assert source.get_attribute("open") is not None
        ask(tab, "Kubernetes 的 Ingress 和 Service 有什么区别？")
        tab.wait_for_selector("#chat .refused")
        settle(tab)
        go_to(tab, 1)
        tab.fill("#choose-count input[type=number]", "3")
        tab.press("#choose-count input[type=number]", "Tab")
        tab.click(f"#choose-mode input[value={mode}]")
        tab.click("#begin")
        tab.wait_for_selector(".now", state="visible")
        settle(tab)  # the box is emptied for the first question
        tab.fill("#answer textarea", ANSWER)
        tab.click("#submit")
        tab.wait_for_selector("#interview .said")  # saved; the verdicts may still be coming
        tab.evaluate("() => { window.before = true; }")
        server.kill()
        server.wait()
    with served(environment) as (server, url):
        # The page reloads by itself once the server is back, which may cut off ours.
        with suppress(BrowserError):
            tab.reload()
        tab.wait_for_function("!window.before")
        arrived(tab)
        tab.wait_for_function("document.querySelector('#learner input').value === 'story'")
        go_to(tab, 1)
        tab.wait_for_selector(".offer")
        tab.click("#resume")
        tab.wait_for_selector(".now", state="visible")
        settle(tab)
        assert ANSWER in tab.inner_text("#interview .said")
        while not tab.locator(".report").count():
            if mode == "real":
                assert not tab.locator("#interview .point, #interview .tally").count()
            answer(tab, ANSWER)
        assert tab.locator(".report details.question").count() == 3
        assert tab.locator(".report .point").count() == 8
