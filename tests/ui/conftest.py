"""A served page over small notes of our own, and a real headless Chromium."""

import random
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.fakes import WordEmbedder
from tutor.app import Tutor, build_tutor
from tutor.search.gate import GateResult
from tutor.settings import Settings
from tutor.study import Study

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Only guards against hanging: on a busy machine a page takes long, a local model's reply minutes.
PATIENCE_MS = 600_000
# Counts what the page has asked the server and not yet been told in full, and for how many turns
# of the browser's own clock there has been nothing: turns rather than time, so that a slow machine
# is waited for.
WATCH = """(() => {
  const watched = /\\/(run\\/|queue\\/join|queue\\/data)/;
  const plain = window.fetch;
  let open = 0;
  window.answered = 0;
  window.quiet = 0;
  window.fetch = async (...given) => {
    const url = given[0] instanceof Request ? given[0].url : String(given[0]);
    if (!watched.test(url)) return plain(...given);
    open += 1;
    const done = () => { open -= 1; window.answered += 1; };
    try {
      const reply = await plain(...given);
      reply.clone().text().then(done, done);
      return reply;
    } catch (error) { done(); throw error; }
  };
  setInterval(() => { window.quiet = open ? 0 : window.quiet + 1; }, 50);
})()"""
STORED = "localStorage.getItem('interview-tutor')"
# An answer was taken, nothing is being judged, and the next question or the report is there.
SETTLED = """said => {
  const found = (names) => document.querySelectorAll(names).length;
  return found('#interview .report') || (found('#interview .said') > said
    && !found('#interview .working') && found('#interview .now'));
}"""
NOTES = """---
topic: 深度学习
lang: zh
---
# 深度学习

## 1. 批归一化在训练和推理时有什么不同？
<!-- id: norm | level: basic -->

训练时用当前批的均值和方差做归一化，$\\hat{x} = \\frac{x-\\mu}{\\sigma}$。推理时用滑动平均的统计量，不依赖同批的其他样本。批太小时统计量噪声大，效果变差。

### 要点
- [必答] 训练时用当前批的均值和方差
- [必答] 推理时用滑动平均的统计量
- [加分] 批太小时统计量噪声大

## 2. 丢弃法为什么能减轻过拟合？
<!-- id: drop | level: intermediate -->

训练时每次随机关闭一部分神经元，相当于训练许多子网络。神经元不能依赖固定的搭档，表示更稳健。推理时使用全部神经元。

### 要点
- [必答] 每次随机关闭一部分神经元
- [必答] 神经元不能依赖固定的搭档
- [必答] 推理时使用全部神经元

## 3. 梯度消失是怎样产生的？<img src=x onerror="window.hacked=1">
<!-- id: vanish | level: basic -->

反向传播时许多小于一的导数连乘，结果接近零。靠前的层几乎收不到梯度。<script>window.hacked=1</script> [点我](javascript:window.hacked=1) <img src=x onerror="window.hacked=1">

### 要点
- [必答] 反向传播时许多小于一的导数连乘
- [必答] 靠前的层几乎收不到梯度
"""


@dataclass
class Clock:
    """The real time, which a test can move on."""

    ahead: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Site:
    """A page that is being served."""

    url: str
    tutor: Tutor
    clock: Clock


def with_plain_gate(tutor: Tutor) -> Tutor:
    """The tutor with a gate that these tests steer: the calibrated one needs the real encoder."""
    retriever = tutor._retriever
    assert retriever is not None
    tutor._study = Study(
        retriever,
        lambda: tutor.shelf.notes,
        tutor.encoder,
        None,
        gate=lambda question, _passages: _judged(question),
    )
    return tutor


def _judged(question: str) -> GateResult:
    held = "Kubernetes" not in question
    return GateResult(answerable=held, probability=0.9 if held else 0.1)


def free_port() -> int:
    """A port nobody holds, and that nobody is given by chance before the test takes it.

    Those the system hands out itself (from 32768 up) may be gone to the next outgoing connection.
    """
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


@pytest.fixture
def heard_interrupts() -> Iterator[None]:
    """Programs started meanwhile hear Ctrl-C, even where the tests run in the background.

    A shell without job control starts those with the signal ignored, which is handed down.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def make_settings(folder: Path, **given: Any) -> Settings:
    notes = folder / "notes"
    notes.mkdir(exist_ok=True)
    (notes / "deep.md").write_text(NOTES, encoding="utf-8")
    values: dict[str, Any] = {
        "model": "none",
        "notes": str(notes),
        "data_dir": folder / "data",
        "cache_dir": folder / "cache",
        "port": free_port(),
        "language": "zh",
    }
    return Settings(**(values | given))


@pytest.fixture
def tutor(tmp_path: Path) -> Iterator[Tutor]:
    built = with_plain_gate(build_tutor(make_settings(tmp_path), encoder=WordEmbedder()))
    yield built
    built.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    from ui.app import build_page, launch

    clock = Clock()
    settings = make_settings(tmp_path_factory.mktemp("site"))
    built = with_plain_gate(build_tutor(settings, encoder=WordEmbedder(), clock=clock))
    page = build_page(built)
    launch(page, built)
    yield Site(f"http://127.0.0.1:{settings.port}", built, clock)
    page.close(verbose=False)
    built.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip("Chromium is not installed")
    with sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=CHROMIUM, args=FLAGS, timeout=PATIENCE_MS)
        yield browser
        browser.close()


def new_context(chromium: Browser, width: int, height: int) -> BrowserContext:
    context = chromium.new_context(
        locale="zh-CN", viewport={"width": width, "height": height}, accept_downloads=True
    )
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(WATCH)
    return context


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Page]:
    context = new_context(chromium, 1280, 900)
    page = context.new_page()
    yield page
    context.close()


def settle(tab: Page) -> None:
    """Wait until the server has told the page everything and the page has shown it."""
    tab.evaluate("() => { window.quiet = 0; }")
    tab.wait_for_function("window.quiet >= 8")


def open_page(tab: Page, url: str, user: str) -> None:
    """Open the page as a learner of their own, so that tests do not meet each other's records."""
    tab.goto(url)
    arrived(tab)
    before = tab.evaluate(STORED)
    tab.fill("#learner input", user)
    tab.press("#learner input", "Enter")
    tab.wait_for_function(f"before => {STORED} !== before", arg=before)
    # Leaving the box is an event too: it must not come in the middle of what a test does.
    tab.locator("#learner input").blur()
    settle(tab)


def arrived(tab: Page) -> None:
    """Wait for the page's first two events: the learner's name, an interview left open."""
    tab.wait_for_selector("#question textarea")
    tab.wait_for_selector("#chat .empty")
    tab.wait_for_function("window.answered >= 2")
    settle(tab)


def go_to(tab: Page, number: int) -> None:
    """Open a tab of the page, 0 Study, 1 Interview, 2 Progress, 3 Notes, and let it be painted."""
    tab.get_by_role("tab").nth(number).click()
    settle(tab)


def replied(tab: Page) -> None:
    """Wait until the question is answered and the answer painted for the last time."""
    tab.wait_for_selector("#chat .by")
    settle(tab)


def ask(tab: Page, question: str) -> None:
    tab.fill("#question textarea", question)
    tab.press("#question textarea", "Enter")


def begin(tab: Page, *, real: bool = False, count: int = 3) -> None:
    go_to(tab, 1)
    tab.wait_for_selector("#begin", state="visible")
    if real:
        tab.click("#choose-mode input[value=real]")
    tab.fill("#choose-count input[type=number]", str(count))
    tab.press("#choose-count input[type=number]", "Tab")
    tab.click("#begin")
    tab.wait_for_selector(".now", state="visible")
    settle(tab)


def answer(tab: Page, text: str) -> None:
    """Submit an answer and wait until the box is free for the next."""
    said = tab.locator("#interview .said").count()
    tab.fill("#answer textarea", text)
    tab.click("#submit")
    tab.wait_for_function(SETTLED, arg=said)
    settle(tab)
