"""The choice of an interview."""

import random
from collections.abc import Sequence
from typing import Any

import gradio as gr

from tutor.interview.types import Choices, Mode, Style
from ui.markup import esc
from ui.page import Page
from ui.text import LANGUAGES, say

_LEVELS = ("=level_any", "basic=basic", "intermediate=intermediate", "advanced=advanced")
_MODES = ("study=mode_study", "real=mode_real")
_STYLES = ("friendly=friendly", "neutral=neutral", "strict=strict")
_LIMITS = ("count=by_count", "minutes=by_minutes")


class Setup:
    """The form; `inputs` go into `choices` in the same order."""

    def __init__(self, page: Page) -> None:
        self._page = page
        lang, words = page.lang, page.words
        with gr.Column(elem_id="setup"):
            self.title = gr.HTML(setup_title(lang))
            self.topics = words.add(
                gr.Dropdown(
                    topic_choices(page),
                    multiselect=True,
                    label=say(lang, "topics"),
                    elem_id="topics",
                ),
                label="topics",
            )
            with gr.Row():
                self.mode = self._radio("mode", _MODES, "study")
                self.limit = self._radio("limit", _LIMITS, "count")
            with gr.Row():
                self.count = self._slider("count", 1, 20, 5)
                self.minutes = self._slider("minutes", 5, 90, 20)
            self.more = words.add(
                gr.Accordion(say(lang, "more_choices"), open=False, elem_id="more-choices"),
                label="more_choices",
            )
            with self.more:
                with gr.Row():
                    self.level = self._radio("level", _LEVELS, "")
                    self.style = self._radio("style", _STYLES, "neutral")
                with gr.Row():
                    self.lang = gr.Radio(
                        [(name, code) for code, name in LANGUAGES.items()],
                        value=lang,
                        label=say(lang, "interview_lang"),
                        elem_id="interview-lang",
                    )
                    words.add(self.lang, label="interview_lang")
                    self.follow_ups = self._slider("follow_ups", 0, 2, 1)
            self.begin = gr.Button(say(lang, "begin"), variant="primary", elem_id="begin")
            words.add(self.begin, value="begin")

    def _radio(self, key: str, pairs: tuple[str, ...], value: str) -> gr.Radio:
        lang = self._page.lang
        choices = [(say(lang, p.partition("=")[2]), p.partition("=")[0]) for p in pairs]
        radio = gr.Radio(choices, value=value, label=say(lang, key), elem_id=f"choose-{key}")
        self._page.words.add(radio, label=key, choices=pairs)
        return radio

    def _slider(self, key: str, low: int, high: int, value: int) -> gr.Slider:
        slider = gr.Slider(
            low,
            high,
            value=value,
            step=1,
            label=say(self._page.lang, key),
            elem_id=f"choose-{key}",
            buttons=[],
        )
        self._page.words.add(slider, label=key)
        return slider

    @property
    def inputs(self) -> list[Any]:
        """The form's components, in the order `choices` reads them."""
        return [
            self.topics,
            self.mode,
            self.limit,
            self.count,
            self.minutes,
            self.level,
            self.style,
            self.lang,
            self.follow_ups,
        ]

    def choices(self, given: Sequence[Any]) -> Choices:
        """What was chosen; the seed is new each time, so that the order is."""
        topics, mode, limit, count, minutes, level, style, lang, follow_ups = given
        by_time = limit == "minutes"
        return Choices(
            topics=tuple(topics or ()),
            level=level or "",
            count=None if by_time else int(count),
            minutes=int(minutes) if by_time else None,
            mode=Mode(mode),
            style=Style(style),
            lang=lang,
            seed=random.randrange(2**31),
            follow_ups=int(follow_ups),
        )


def setup_title(lang: str) -> str:
    """The heading above the form."""
    return f'<h2>{esc(say(lang, "setup"))}</h2><p class="soft">{esc(say(lang, "setup_hint"))}</p>'


def topic_choices(page: Page) -> list[tuple[str, str]]:
    """Topics that can be asked, with how many questions stand below each; parents come first."""
    counts: dict[str, int] = {}
    for topic in page.tutor.shelf.topics():
        parts = topic.name.split(" / ")
        for depth in range(1, len(parts) + 1):
            name = " / ".join(parts[:depth])
            counts[name] = counts.get(name, 0) + topic.usable
    return [(f"{name} ({count})", name) for name, count in counts.items() if count]
