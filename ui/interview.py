"""The Interview tab: choose, answer, be judged, dispute, read the report.

The saved session is the truth: whatever happens, the tab is painted anew from it.
"""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import gradio as gr

from tutor.errors import InterviewError
from tutor.interview.report import build_report
from tutor.interview.report_html import report_html
from tutor.interview.report_markdown import report_markdown
from tutor.interview.types import Choices, Kind, Outcome, Phase, Session
from ui.dispute import DisputePanel
from ui.markup import LATEX_DELIMITERS, esc
from ui.page import Page, Person, explain, notice
from ui.render import interview_html
from ui.report_view import report_view
from ui.setup import Setup
from ui.text import say

_LANE: dict[str, Any] = {
    "concurrency_id": "llm",
    "concurrency_limit": 1,
    "api_visibility": "private",
}
_PAST = 6


class InterviewTab:
    """The tab's components, its one painter and its events; built inside a `gr.Tab`."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.session = gr.State(None)
        self.offer = gr.HTML(elem_id="offer")
        with gr.Row(elem_id="offer-row"):
            self.resume_button = self._button("resume", "resume", variant="primary")
            self.drop_button = self._button("drop", "drop")
        self.setup = Setup(page)
        self.transcript = gr.Markdown(
            latex_delimiters=LATEX_DELIMITERS, elem_id="interview", container=False
        )
        self.dispute = DisputePanel(page)
        self.notice = gr.HTML(elem_id="interview-notice", elem_classes="notice-line")
        with gr.Column(elem_id="answering"):
            self.answer = page.words.add(
                gr.Textbox(
                    label=say(page.lang, "answer_label"),
                    placeholder=say(page.lang, "answer_placeholder"),
                    lines=5,
                    max_lines=16,
                    elem_id="answer",
                ),
                label="answer_label",
                placeholder="answer_placeholder",
            )
            with gr.Row(elem_id="actions"):
                self.submit = self._button("submit", "submit", variant="primary")
                self.moves = {
                    name: self._button(name, name)
                    for name in ("hint", "repeat", "postpone", "skip", "reveal")
                }
                self.moves["stop"] = self._button("finish", "finish", variant="stop")
        with gr.Row(elem_id="report-files"):
            self.html_file = self._download("save_html", "save-html")
            self.markdown_file = self._download("save_markdown", "save-markdown")
            self.again = self._button("again", "again", variant="primary")

    def _button(self, key: str, elem_id: str, **options: Any) -> gr.Button:
        button = gr.Button(say(self._page.lang, key), elem_id=elem_id, min_width=88, **options)
        self._page.words.add(button, value=key)
        return button

    def _download(self, key: str, elem_id: str) -> gr.DownloadButton:
        button = gr.DownloadButton(say(self._page.lang, key), elem_id=elem_id)
        self._page.words.add(button, label=key)
        return button

    @property
    def outputs(self) -> list[Any]:
        """What `paint` fills."""
        return [
            self.session,
            self.transcript,
            self.answer,
            self.notice,
            self.offer,
            self.html_file,
            self.markdown_file,
        ]

    def connect(self) -> None:
        """Wire the events; each of them paints the whole tab."""
        state = [self.session, self.answer, self._page.who]
        self.setup.begin.click(
            self.begin, [*self.setup.inputs, self._page.who], self.outputs, **_LANE
        )
        self.submit.click(self.send, state, self.outputs, show_progress="hidden", **_LANE)
        for name, button in self.moves.items():
            button.click(self._mover(name), state, self.outputs, show_progress="hidden", **_LANE)
        who = [self._page.who]
        self.resume_button.click(self.resume, who, self.outputs, show_progress="hidden", **_LANE)
        self.drop_button.click(self.drop, who, self.outputs, **_LANE)
        self.again.click(self.welcome, who, self.outputs, queue=False, api_visibility="private")
        self.dispute.connect(self.session, self.change_verdict, self.outputs)

    # Painting

    def paint(
        self,
        session: Session | None,
        person: Person,
        *,
        problem: str = "",
        good: str = "",
        answer: Any = None,
    ) -> tuple[Any, ...]:
        """The tab for a session; ``answer`` None leaves what stands in the box alone."""
        box = gr.update() if answer is None else answer
        line = notice(problem) or notice(good, good=True)
        if session is None:
            offer = self._offer(person)
            return None, _state("choosing"), box, line, offer, gr.update(), gr.update()
        notes = self._page.tutor.shelf.notes
        if session.phase is Phase.DONE:
            past = self._page.tutor.ledger.sessions(person.user, limit=_PAST)
            html = _state("done") + report_view(session, notes, past, person.lang)
            files = self._files(session, past, person.lang)
            return session, html, box, line, "", *files
        now = self._page.tutor.clock()
        html = interview_html(session, notes, person.lang, now)
        state = _state(f"{session.phase.value} {session.choices.mode.value}")
        return session, state + html, box, line, "", gr.update(), gr.update()

    def _offer(self, person: Person) -> str:
        waiting = self._page.tutor.ledger.unfinished(person.user)
        if not waiting:
            return ""
        session = waiting[0]
        closed = [turn for turn in session.turns if turn.outcome is not Outcome.PENDING]
        done = len({turn.note_id for turn in closed if turn.kind is Kind.QUESTION})
        total = min(session.choices.count or len(session.plan), len(session.plan))
        when = f"{session.started_at.astimezone():%m-%d %H:%M}"
        words = say(person.lang, "unfinished", when=when, done=done, total=total)
        return f'<p class="offer" role="status">{esc(words)}</p>'

    def _files(self, session: Session, past: list[Session], lang: str) -> tuple[str, str]:
        report = build_report(session, self._page.tutor.shelf.notes, past)
        folder = Path(tempfile.mkdtemp(prefix="report-"))
        stem = f"interview-{session.started_at:%Y%m%d-%H%M}"
        page, text = folder / f"{stem}.html", folder / f"{stem}.md"
        page.write_text(report_html(report), encoding="utf-8")
        text.write_text(report_markdown(report), encoding="utf-8")
        return str(page), str(text)

    # Events

    def welcome(self, who: object) -> tuple[Any, ...]:
        """The choice of a new interview, with the offer to take up an unfinished one."""
        return self.paint(None, self._page.person(who), answer="")

    def begin(self, *given: Any) -> Iterator[tuple[Any, ...]]:
        """Start an interview."""
        person = self._page.person(given[-1])

        def steps() -> Iterator[Session]:
            choices: Choices = self.setup.choices(given[:-1])
            self._page.tutor.shelf.refresh()  # files may have changed since the start
            yield self._page.tutor.rehearsal.start(uuid4().hex, person.user, choices)

        yield from self._follow(steps, None, person)

    def send(self, session: Session | None, text: str, who: object) -> Iterator[tuple[Any, ...]]:
        """Take an answer: received, judged at once, judged finally, moved on."""
        person = self._page.person(who)
        if session is None:
            return
        rehearsal = self._page.tutor.rehearsal
        yield from self._follow(lambda: rehearsal.answer(session, text or ""), session, person)

    def resume(self, who: object) -> Iterator[tuple[Any, ...]]:
        """Take up the latest unfinished interview, with words that were sent but not handled."""
        person = self._page.person(who)
        tutor = self._page.tutor
        waiting = tutor.ledger.unfinished(person.user)
        if not waiting:
            yield self.paint(None, person)
            return
        left = tutor.ledger.unsent_answer(waiting[0])
        good = say(person.lang, "left_over") if left else ""
        yield from self._follow(
            lambda: tutor.rehearsal.resume(waiting[0].id),
            None,
            person,
            good=good,
            kept=left or None,
        )

    def drop(self, who: object) -> tuple[Any, ...]:
        """End the unfinished interview that is on offer."""
        person = self._page.person(who)
        try:
            waiting = self._page.tutor.ledger.unfinished(person.user)
            if waiting:
                self._page.tutor.rehearsal.stop(waiting[0])
        except Exception as error:
            return self.paint(None, person, problem=explain(error, person.lang))
        return self.paint(None, person)

    def _mover(self, name: str) -> Callable[..., Iterator[tuple[Any, ...]]]:
        """The event of one of the small buttons."""

        def move(session: Session | None, text: str, who: object) -> Iterator[tuple[Any, ...]]:
            person = self._page.person(who)
            if session is None:
                return
            rehearsal = self._page.tutor.rehearsal
            try:
                if name == "hint":
                    yield self.paint(rehearsal.hint(session)[0], person)
                elif name == "repeat":
                    yield self.paint(rehearsal.repeat(session), person)
                else:
                    act = {
                        "skip": rehearsal.skip,
                        "postpone": rehearsal.postpone,
                        "reveal": rehearsal.reveal,
                        "stop": rehearsal.stop,
                    }[name]
                    yield self.paint(act(session, text or ""), person, answer="")
            except Exception as error:
                yield self.paint(session, person, problem=explain(error, person.lang))

        return move

    def change_verdict(
        self, session: Session | None, who: object, change: Callable[[Session], Session]
    ) -> tuple[Any, ...]:
        """Paint the session after a dispute."""
        person = self._page.person(who)
        if session is None:
            return self.paint(None, person)
        try:
            return self.paint(change(session), person)
        except Exception as error:
            return self.paint(session, person, problem=explain(error, person.lang))

    def _follow(
        self,
        steps: Callable[[], Iterator[Session]],
        before: Session | None,
        person: Person,
        *,
        good: str = "",
        kept: str | None = None,
    ) -> Iterator[tuple[Any, ...]]:
        """Paint every state; the box is emptied once its words are saved, and kept on an error."""
        shown, first = before, True
        try:
            for session in steps():
                shown = session
                yield self.paint(session, person, good=good, answer=(kept or "") if first else None)
                first = False
        except InterviewError as error:
            yield self.paint(shown, person, problem=explain(error, person.lang))
        except Exception as error:
            yield self.paint(shown, person, problem=explain(error, person.lang))


def _state(names: str) -> str:
    """A mark the style sheet reads: which parts of the tab belong to this phase."""
    return f'<div class="phase {names}"></div>'
