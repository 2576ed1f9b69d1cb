"""The Progress tab: readiness, plan, what is due and weak, earlier interviews, export."""

import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import gradio as gr

from tutor.errors import InterviewError, TutorError
from tutor.progress.schedule import rerate
from tutor.progress.types import Goal, Rating
from ui.markup import LATEX_DELIMITERS, esc
from ui.page import Page, Person, explain, notice
from ui.progress_view import overview_html, session_choices
from ui.records import DEFAULT_GOAL, read_overview
from ui.report_view import report_view
from ui.text import say

_QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
_ENDINGS = {"csv": "csv", "anki": "apkg", "jsonl": "jsonl"}
_RATINGS = ("1=again_rating", "2=hard", "3=good", "4=easy")


class ProgressTab:
    """The tab's components and its one painter; built inside a `gr.Tab`."""

    def __init__(self, page: Page) -> None:
        self._page = page
        lang, words = page.lang, page.words
        goal = DEFAULT_GOAL
        with gr.Row(elem_id="goal", equal_height=True):
            self.day = words.add(
                gr.Textbox(
                    goal.day.isoformat() if goal.day else "",
                    label=say(lang, "goal_day"),
                    placeholder="2026-12-31",
                    max_lines=1,
                    elem_id="goal-day",
                ),
                label="goal_day",
            )
            self.minutes = words.add(
                gr.Slider(
                    5, 180, goal.minutes, step=5, label=say(lang, "goal_minutes"), elem_id="goal-minutes",
                    buttons=[],
                ),
                label="goal_minutes",
            )  # fmt: skip
            self.try_button = self._button("goal_try", "goal-try")
            self.save_button = self._button("goal_save", "goal-save", variant="primary")
        self.notice = gr.HTML(elem_id="progress-notice", elem_classes="notice-line")
        self.view = gr.HTML(elem_id="progress")
        with self._accordion("history", "history"):
            self.pick = words.add(
                gr.Dropdown([], label=say(lang, "history_pick"), elem_id="history-pick"),
                label="history_pick",
            )
            self.past = gr.Markdown(latex_delimiters=LATEX_DELIMITERS, elem_id="history-report")
        with self._accordion("rate_title", "rating"):
            self.rated = words.add(
                gr.Dropdown([], label=say(lang, "rate_note"), elem_id="rate-note"),
                label="rate_note",
            )
            self.rating = gr.Radio(_ratings(lang), label=say(lang, "rate_as"), elem_id="rate-as")
            words.add(self.rating, label="rate_as", choices=_RATINGS)
            self.rate_button = self._button("rate_do", "rate-do")
        with self._accordion("exports", "exports"):
            with gr.Row():
                self.exports = {
                    name: self._button(f"export_{name}", f"export-{name}")
                    for name in ("csv", "anki", "jsonl", "disputes")
                }
            self.file = gr.File(visible=False, interactive=False, elem_id="export-file")
            self.upload = gr.UploadButton(
                say(lang, "import"), file_types=[".jsonl"], elem_id="import", size="md"
            )
            words.add(self.upload, label="import")
        with self._accordion("delete", "delete"):
            self.delete_hint = gr.HTML(elem_id="delete-hint")
            self.name = words.add(
                gr.Textbox(label=say(lang, "delete_name"), max_lines=1, elem_id="delete-name"),
                label="delete_name",
            )
            self.delete_button = self._button("delete_do", "delete-do", variant="stop")

    def _button(self, key: str, elem_id: str, **options: Any) -> gr.Button:
        button = gr.Button(say(self._page.lang, key), elem_id=elem_id, min_width=96, **options)
        self._page.words.add(button, value=key)
        return button

    def _accordion(self, key: str, elem_id: str) -> gr.Accordion:
        fold = gr.Accordion(say(self._page.lang, key), open=False, elem_id=f"fold-{elem_id}")
        self._page.words.add(fold, label=key)
        return fold

    @property
    def outputs(self) -> list[Any]:
        """What `paint` fills."""
        return [
            self.view,
            self.notice,
            self.day,
            self.minutes,
            self.pick,
            self.rated,
            self.delete_hint,
        ]

    def connect(self) -> None:
        """Wire the events; each of them paints the whole tab."""
        who = self._page.who
        goal = [self.day, self.minutes, who]
        self.try_button.click(self.try_goal, goal, self.outputs, **_QUIET)
        self.save_button.click(self.save_goal, goal, self.outputs, **_QUIET)
        self.pick.change(self.open_report, [self.pick, who], self.past, **_QUIET)
        self.rate_button.click(self.rate, [self.rated, self.rating, who], self.outputs, **_QUIET)
        for name, button in self.exports.items():
            button.click(self._exporter(name), [who], [self.file, self.notice], **_QUIET)
        self.upload.upload(self.bring, [self.upload, who], self.outputs, **_QUIET)
        self.delete_button.click(
            self.delete, [self.name, who], [*self.outputs, self.name], **_QUIET
        )

    def paint(
        self, person: Person, *, goal: Goal | None = None, problem: str = "", good: str = ""
    ) -> tuple[Any, ...]:
        """The tab for a person; ``goal`` is one that is only being tried out."""
        line = notice(problem) or notice(good, good=True)
        tutor, lang = self._page.tutor, person.lang
        notes = tutor.shelf.notes
        try:
            view = read_overview(tutor, person.user, goal, lang=person.lang)
        except Exception as error:
            kept = [gr.update()] * 5
            return (gr.update(), notice(explain(error, lang)), *kept)
        html = overview_html(view, notes, lang, tutor.clock().date(), trial=goal is not None)
        hint = f'<p class="soft">{esc(say(lang, "delete_hint", user=person.user))}</p>'
        day = view.goal.day.isoformat() if view.goal.day else ""
        reviewed = dict.fromkeys(r.note_id for r in reversed(tutor.ledger.reviews(person.user)))
        questions = [(notes[i].question, i) for i in reviewed if i in notes]
        return (
            html,
            line,
            gr.update() if goal else day,
            gr.update() if goal else view.goal.minutes,
            gr.update(choices=session_choices(view.sessions, notes, lang)),
            gr.update(choices=questions),
            hint,
        )

    # Events

    def refresh(self, who: object) -> tuple[Any, ...]:
        """The tab as things stand now."""
        return self.paint(self._page.person(who))

    def try_goal(self, day: str, minutes: float, who: object) -> tuple[Any, ...]:
        """What the plan would be with another goal."""
        return self._with_goal(
            day, minutes, who, lambda person, goal: self.paint(person, goal=goal)
        )

    def save_goal(self, day: str, minutes: float, who: object) -> tuple[Any, ...]:
        """Keep the goal."""
        tutor = self._page.tutor

        def save(person: Person, goal: Goal) -> tuple[Any, ...]:
            tutor.ledger.set_goal(person.user, goal, tutor.clock())
            return self.paint(person, good=say(person.lang, "goal_saved"))

        return self._with_goal(day, minutes, who, save)

    def _with_goal(
        self,
        day: str,
        minutes: float,
        who: object,
        act: Callable[[Person, Goal], tuple[Any, ...]],
    ) -> tuple[Any, ...]:
        person = self._page.person(who)
        kept = [gr.update()] * 5
        try:
            given = date.fromisoformat(day.strip()) if day and day.strip() else None
            if given is not None and given < self._page.tutor.clock().date():
                raise InterviewError(
                    "The interview date has passed; set a new one.",
                    "面试日期已过；请设置新的日期。",
                )
            return act(person, Goal(given, int(minutes)))
        except ValueError:
            return (gr.update(), notice(say(person.lang, "goal_bad")), *kept)
        except TutorError as error:
            return (gr.update(), notice(error.text(person.lang)), *kept)

    def open_report(self, session_id: str | None, who: object) -> str:
        """The report of an earlier interview."""
        person = self._page.person(who)
        if not session_id:
            return ""
        try:
            session = self._page.tutor.rehearsal.load(session_id)
        except TutorError as error:
            return notice(error.text(person.lang))
        if session.user != person.user:
            return ""
        return report_view(session, self._page.tutor.shelf.notes, (), person.lang)

    def rate(self, note_id: str | None, rating: str | None, who: object) -> tuple[Any, ...]:
        """Put the learner's own rating in place of the computed one."""
        person = self._page.person(who)
        ledger = self._page.tutor.ledger
        mine = [review for review in ledger.reviews(person.user) if review.note_id == note_id]
        if not mine or not rating:
            return self.paint(person)
        ledger.record_review(person.user, rerate(mine[-1], Rating(int(rating))))
        return self.paint(person, good=say(person.lang, "rated"))

    def _exporter(self, name: str) -> Callable[[object], tuple[Any, str]]:
        def export(who: object) -> tuple[Any, str]:
            person = self._page.person(who)
            try:
                return gr.update(value=str(self.write_export(name, person.user)), visible=True), ""
            except Exception as error:
                return gr.update(), notice(explain(error, person.lang))

        return export

    def write_export(self, name: str, user: str) -> Path:
        """Write one of the exports to a new file."""
        tutor = self._page.tutor
        folder = Path(tempfile.mkdtemp(prefix="export-"))
        if name != "disputes":
            path = folder / f"interview-tutor.{_ENDINGS[name]}"
            tutor.export(user, path)
            return path
        path = folder / "disputes.jsonl"
        rows = [asdict(dispute) for dispute in tutor.ledger.disputes(user)]
        text = "".join(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in rows)
        path.write_text(text, encoding="utf-8")
        return path

    def bring(self, path: str, who: object) -> tuple[Any, ...]:
        """Import exported records."""
        person = self._page.person(who)
        try:
            count = self._page.tutor.import_progress(Path(path))
        except Exception as error:
            return self.paint(person, problem=explain(error, person.lang))
        return self.paint(person, good=say(person.lang, "imported", n=count))

    def delete(self, name: str, who: object) -> tuple[Any, ...]:
        """Delete everything of the learner, once their name is typed."""
        person = self._page.person(who)
        if (name or "").strip() != person.user:
            return (*self.paint(person, problem=say(person.lang, "delete_wrong")), name)
        try:
            count = self._page.tutor.ledger.delete_user(person.user)
        except Exception as error:
            return (*self.paint(person, problem=explain(error, person.lang)), name)
        return (*self.paint(person, good=say(person.lang, "deleted", n=count)), "")


def _ratings(lang: str) -> list[tuple[str, str]]:
    return [(say(lang, p.partition("=")[2]), p.partition("=")[0]) for p in _RATINGS]
