"""The panel under a verdict: explain again, or overrule."""

from collections.abc import Callable
from typing import Any

import gradio as gr

from tutor.critique.types import Label
from tutor.errors import InterviewError
from tutor.interview.report_text import LABELS
from tutor.interview.types import Session
from ui.markup import LATEX_DELIMITERS, esc, render_inline
from ui.page import Page
from ui.text import say

_LABELS = (Label.COVERED, Label.PARTIAL, Label.MISSED, Label.CONTRADICTED)
Painter = Callable[[Session | None, object, Callable[[Session], Session]], tuple[Any, ...]]


class DisputePanel:
    """Opened by the button beside a verdict, whose id the page's script puts into `target`."""

    def __init__(self, page: Page) -> None:
        self._page = page
        lang, words = page.lang, page.words
        self.target = gr.Textbox(
            elem_id="dispute-target", elem_classes="out-of-sight", show_label=False, container=False
        )
        with gr.Column(elem_id="dispute-panel"):
            self.quote = gr.Markdown(latex_delimiters=LATEX_DELIMITERS, elem_id="dispute-quote")
            self.words = words.add(
                gr.Textbox(label=say(lang, "dispute_words"), lines=3, elem_id="dispute-words"),
                label="dispute_words",
            )
            self.label = gr.Radio(
                _choices(lang),
                value=Label.COVERED.value,
                label=say(lang, "dispute_label"),
                elem_id="dispute-label",
            )
            with gr.Row():
                self.explain = self._button("explain", "dispute-explain", variant="primary")
                self.overrule = self._button("overrule", "dispute-overrule")
                self.cancel = self._button("cancel", "dispute-cancel")

    def _button(self, key: str, elem_id: str, **options: Any) -> gr.Button:
        button = gr.Button(say(self._page.lang, key), elem_id=elem_id, min_width=96, **options)
        self._page.words.add(button, value=key)
        return button

    def connect(self, session: gr.State, painter: Painter, outputs: list[Any]) -> None:
        """Wire the panel; `painter` paints the interview after the change."""
        who = self._page.who
        given = [session, who, self.target, self.words, self.label]
        lane: dict[str, Any] = {
            "concurrency_id": "llm",
            "concurrency_limit": 1,
            "api_visibility": "private",
        }
        panel = [self.target, self.quote, self.words]
        self.target.change(
            self.open,
            [self.target, session, who],
            [self.quote, self.label],
            api_visibility="private",
        )
        for button, explain in ((self.explain, True), (self.overrule, False)):

            def change(
                held: Session | None,
                person: object,
                target: str,
                words: str,
                label: str,
                explain: bool = explain,
            ) -> tuple[Any, ...]:
                lang = self._page.person(person).lang
                return painter(
                    held, person, lambda s: self._changed(s, target, words, label, explain, lang)
                )

            button.click(change, given, outputs, **lane).then(
                self._closed, None, panel, queue=False, api_visibility="private"
            )
        self.cancel.click(self._closed, None, panel, queue=False, api_visibility="private")

    def open(self, target: str, session: Session | None, who: object) -> tuple[Any, Any]:
        """The verdict in question."""
        lang = self._page.person(who).lang
        place = read_target(target)
        if session is None or place is None or place[0] >= len(session.turns):
            return "", gr.update()
        turn = session.turns[place[0]]
        note = self._page.tutor.shelf.notes.get(turn.note_id)
        points = {point.id: point.text for point in note.key_points} if note else {}
        text = render_inline(points.get(place[1], ""))
        html = (
            f'<div class="target"><h3>{esc(say(lang, "dispute_title"))}</h3>'
            f'<blockquote class="quote">{text}</blockquote>'
            f'<p class="soft">{esc(say(lang, "dispute_hint"))}</p></div>'
        )
        return html, gr.update(choices=_choices(lang), label=say(lang, "dispute_label"))

    def _closed(self) -> tuple[str, str, str]:
        return "", "", ""

    def _changed(
        self, session: Session, target: str, words: str, label: str, explain: bool, lang: str
    ) -> Session:
        place = read_target(target)
        if place is None:
            return session
        turn, point = place
        if not explain:
            return self._page.tutor.rehearsal.overrule(session, turn, point, Label(label), words)
        if not words.strip():
            raise InterviewError(say("en", "need_words"), say("zh", "need_words"))
        return self._page.tutor.rehearsal.explain_again(session, turn, point, words)


def read_target(target: str) -> tuple[int, str] | None:
    """Turn and point from a button's id, ``dispute-3-p2``; None for anything else."""
    parts = (target or "").split("-", 2)
    if len(parts) != 3 or parts[0] != "dispute" or not parts[1].isdigit():
        return None
    return int(parts[1]), parts[2]


def _choices(lang: str) -> list[tuple[str, str]]:
    return [(LABELS[lang][label], label.value) for label in _LABELS]
