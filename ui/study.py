"""The Study tab: a question, streamed from the notes with its sources."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import gradio as gr

from tutor.study.types import Answered, SourcesFound, Token
from ui.markup import LATEX_DELIMITERS, esc
from ui.page import Page, Person, explain, notice
from ui.reply import Entry, messages
from ui.text import say

_REMEMBERED = 6  # exchanges given to the tutor


class StudyTab:
    """The tab's components and its one generator; built inside a `gr.Tab`."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._stops: dict[str, threading.Event] = {}
        lang, words = page.lang, page.words
        self.entries = gr.State(())
        self.chat = words.add(
            gr.Chatbot(
                label=say(lang, "conversation"),
                placeholder=_placeholder(lang),
                latex_delimiters=LATEX_DELIMITERS,
                buttons=[],
                height="62vh",
                layout="bubble",
                feedback_options=None,
                show_label=False,
                autoscroll=False,  # the page's script brings the question to the top instead
                elem_id="chat",
            ),
            label="conversation",
        )
        self.notice = gr.HTML(elem_id="study-notice", elem_classes="notice-line")
        with gr.Row(elem_id="ask-row", equal_height=True):
            self.question = words.add(
                gr.Textbox(
                    label=say(lang, "ask_label"),
                    placeholder=say(lang, "ask_placeholder"),
                    lines=1,
                    max_lines=8,
                    autofocus=True,
                    show_label=False,
                    container=False,
                    scale=6,
                    elem_id="question",
                ),
                label="ask_label",
                placeholder="ask_placeholder",
            )
            self.send = self._button("ask", "ask-send", variant="primary")
            self.halt = self._button("stop", "ask-stop", variant="stop")
            self.fresh = self._button("new_chat", "ask-new")

    def _button(self, key: str, elem_id: str, **options: Any) -> gr.Button:
        button = gr.Button(
            say(self._page.lang, key), elem_id=elem_id, min_width=72, scale=0, **options
        )
        self._page.words.add(button, value=key)
        return button

    def connect(self) -> None:
        """Wire the events; the tab's outputs are always the same four."""
        outputs = [self.entries, self.chat, self.question, self.notice]
        inputs = [self.question, self.entries, self._page.who]
        gr.on(
            [self.send.click, self.question.submit],
            self.ask,
            inputs,
            outputs,
            concurrency_id="llm",
            concurrency_limit=1,
            show_progress="hidden",
            api_visibility="private",
        )
        self.halt.click(self.stop, None, None, queue=False, api_visibility="private")
        self.fresh.click(
            lambda: ((), [], "", ""), None, outputs, queue=False, api_visibility="private"
        )

    def ask(
        self, question: str, entries: tuple[Entry, ...], who: object, request: gr.Request
    ) -> Iterator[tuple[Any, ...]]:
        """Answer a question; what was typed stays in its box until the tutor has taken it."""
        person = self._page.person(who)
        entries = tuple(entries or ())
        question = question or ""
        if not question.strip():
            yield self.show(entries, person, question)
            return
        stop = self._stops[request.session_hash or ""] = threading.Event()
        entry = Entry(question)
        yield self.show((*entries, entry), person, question)
        try:
            history = [earlier.exchange() for earlier in entries[-_REMEMBERED:] if earlier.answer]
            for event in self._page.tutor.ask(person.user, question, history, stop=stop):
                if isinstance(event, SourcesFound):
                    entry = replace(entry, sources=event.citations)
                elif isinstance(event, Token):
                    entry = replace(entry, written=entry.written + event.text)
                elif isinstance(event, Answered):
                    entry = replace(entry, answer=event.answer)
                yield self.show((*entries, entry), person, "")
        except Exception as error:
            yield self.show(entries, person, question, explain(error, person.lang))
        finally:
            self._stops.pop(request.session_hash or "", None)

    def stop(self, request: gr.Request) -> None:
        """End the answer that is being written in this browser tab."""
        event = self._stops.get(request.session_hash or "")
        if event:
            event.set()

    def show(
        self, entries: tuple[Entry, ...], person: Person, question: str, problem: str = ""
    ) -> tuple[Any, ...]:
        """The whole tab from its conversation."""
        chat = messages(entries, self._page.tutor.shelf.notes, person.lang)
        return entries, chat, question, notice(problem)

    def turn(self, entries: tuple[Entry, ...], who: object) -> Any:
        """The conversation in another language of the page."""
        person = self._page.person(who)
        shown = messages(tuple(entries or ()), self._page.tutor.shelf.notes, person.lang)
        return gr.update(value=shown, placeholder=_placeholder(person.lang))


def _placeholder(lang: str) -> str:
    first, _, rest = say(lang, "study_empty").partition("\n")
    return f'<div class="empty"><p>{esc(first)}</p><p class="soft">{esc(rest)}</p></div>'
