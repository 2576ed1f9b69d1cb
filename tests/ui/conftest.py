"""A served page over small notes of our own, and a real headless Chromium."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

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
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
    from ui.app import build_page, launch_options

    clock = Clock()
    settings = make_settings(tmp_path_factory.mktemp("site"))
    built = with_plain_gate(build_tutor(settings, encoder=WordEmbedder(), clock=clock))
    page = build_page(built)
    page.launch(prevent_thread_lock=True, **launch_options(built))
    yield Site(f"http://127.0.0.1:{settings.port}", built, clock)
    page.close(verbose=False)
    built.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip("Chromium is not installed")
    with sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(
        locale="zh-CN", viewport={"width": 1280, "height": 900}, accept_downloads=True
    )
    context.set_default_timeout(40_000)
    page = context.new_page()
    yield page
    context.close()


def open_page(tab: Page, url: str, user: str) -> None:
    """Open the page as a learner of their own, so that tests do not meet each other's records."""
    tab.goto(url)
    tab.wait_for_selector("#question textarea")
    tab.wait_for_selector("#chat .empty")
    tab.wait_for_timeout(1000)  # the page's first event: it writes the learner's name itself
    before = tab.evaluate(STORED)
    tab.fill("#learner input", user)
    tab.press("#learner input", "Enter")
    tab.wait_for_function(f"before => {STORED} !== before", arg=before)


def go_to(tab: Page, number: int) -> None:
    """Open a tab of the page: 0 Study, 1 Interview, 2 Progress, 3 Notes."""
    tab.get_by_role("tab").nth(number).click()


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


def answer(tab: Page, text: str) -> None:
    """Submit an answer and wait until the box is free for the next."""
    said = tab.locator("#interview .said").count()
    tab.fill("#answer textarea", text)
    tab.click("#submit")
    tab.wait_for_function(SETTLED, arg=said)
