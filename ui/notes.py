"""The Notes tab: what is loaded, what is wrong with it, adding files, editing key points."""

import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import gradio as gr

from tutor.errors import NotesError, TutorError
from tutor.notes.condense import CondenseReport
from tutor.notes.library import SUFFIXES
from tutor.search.store import Progress
from tutor.shelf import IngestReport
from ui.markup import LATEX_DELIMITERS, esc
from ui.notes_view import (
    doctor_html,
    gaps_html,
    gaps_markdown,
    lines_html,
    notes_html,
    points_text,
    read_points,
)
from ui.page import Page, Person, explain, notice
from ui.setup import topic_choices
from ui.text import say

_QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
_LANE: dict[str, Any] = {"concurrency_id": "ingest", "concurrency_limit": 1, **_QUIET}
_DONE = (-1, -1)


class NotesTab:
    """The tab's components and its one painter; built inside a `gr.Tab`."""

    def __init__(self, page: Page) -> None:
        self._page = page
        lang, words = page.lang, page.words
        self.summary = gr.HTML(elem_id="notes-summary")
        self.notice = gr.HTML(elem_id="notes-notice", elem_classes="notice-line")
        with self._fold("manage", "manage", unfolded=True):
            self.upload = gr.UploadButton(
                say(lang, "upload"),
                file_count="multiple",
                file_types=list(SUFFIXES),
                elem_id="upload",
                variant="primary",
            )
            words.add(self.upload, label="upload")
            with gr.Row():
                self.reindex = self._button("reindex", "reindex")
                self.own = words.add(
                    gr.Dropdown([], label=say(lang, "own_files"), elem_id="own-files"),
                    label="own_files",
                )
                self.remove = self._button("remove", "remove-file", variant="stop")
        with self._fold("notes_browse", "browse", unfolded=True):
            with gr.Row():
                self.topic = words.add(
                    gr.Dropdown(
                        topic_choices(page),
                        value=None,
                        label=say(lang, "notes_topic"),
                        elem_id="topic",
                    ),
                    label="notes_topic",
                )
                self.find = words.add(
                    gr.Textbox(
                        label=say(lang, "notes_find"),
                        placeholder=say(lang, "notes_find_placeholder"),
                        max_lines=1,
                        elem_id="find",
                    ),
                    label="notes_find",
                    placeholder="notes_find_placeholder",
                )
            self.list = gr.Markdown(latex_delimiters=LATEX_DELIMITERS, elem_id="notes-list")
        with self._fold("doctor", "doctor"):
            self.doctor = gr.Markdown(elem_id="notes-doctor")
            self.file = words.add(
                gr.Dropdown([], label=say(lang, "line_use"), elem_id="line-file"), label="line_use"
            )
            self.lines = gr.Markdown(elem_id="line-use")
        with self._fold("edit_points", "edit"):
            self.note = words.add(
                gr.Dropdown([], label=say(lang, "edit_pick"), elem_id="edit-note"),
                label="edit_pick",
            )
            self.points = words.add(
                gr.Textbox(
                    label=say(lang, "edit_box"), lines=6, max_lines=14, elem_id="edit-points"
                ),
                label="edit_box",
            )
            self.save = self._button("edit_save", "edit-save", variant="primary")
            with gr.Row():
                self.condense = self._button("condense", "condense")
                self.restore = self._button("condense_undo", "condense-undo")
        with self._fold("gaps", "gaps"):
            self.gaps = gr.Markdown(latex_delimiters=LATEX_DELIMITERS, elem_id="gaps")
            self.gaps_file = gr.DownloadButton(say(lang, "gaps_save"), elem_id="gaps-save")
            words.add(self.gaps_file, label="gaps_save")

    def _button(self, key: str, elem_id: str, **options: Any) -> gr.Button:
        button = gr.Button(say(self._page.lang, key), elem_id=elem_id, min_width=96, **options)
        self._page.words.add(button, value=key)
        return button

    def _fold(self, key: str, elem_id: str, *, unfolded: bool = False) -> gr.Accordion:
        fold = gr.Accordion(say(self._page.lang, key), open=unfolded, elem_id=f"fold-{elem_id}")
        self._page.words.add(fold, label=key)
        return fold

    @property
    def outputs(self) -> list[Any]:
        """What `paint` fills."""
        return [
            self.summary,
            self.notice,
            self.list,
            self.doctor,
            self.own,
            self.file,
            self.note,
            self.gaps,
            self.gaps_file,
        ]

    def connect(self) -> None:
        """Wire the events."""
        who = self._page.who
        shown = [self.topic, self.find, who]
        self.upload.upload(self.add, [self.upload, *shown], self.outputs, **_LANE)
        self.reindex.click(self.read_again, shown, self.outputs, **_LANE)
        self.remove.click(self.take_out, [self.own, *shown], self.outputs, **_LANE)
        for changed in (self.topic.change, self.find.change):
            changed(self.browse, shown, self.list, trigger_mode="always_last", **_QUIET)
        self.file.change(self.show_lines, [self.file, who], self.lines, **_QUIET)
        self.note.change(self.show_points, [self.note], self.points, **_QUIET)
        self.condense.click(self.condense_points, shown, self.outputs, **_LANE)
        self.restore.click(self.restore_points, shown, self.outputs, **_LANE)
        self.save.click(self.keep_points, [self.note, self.points, *shown], self.outputs, **_QUIET)

    def paint(
        self, person: Person, topic: str = "", words: str = "", *, problem: str = "", good: str = ""
    ) -> tuple[Any, ...]:
        """The tab as the shelf stands now."""
        lang, shelf = person.lang, self._page.tutor.shelf
        library, notes = shelf.library, shelf.notes
        files = len({note.source.file for note in notes.values()})
        usable = sum(note.usable for note in notes.values())
        summary = say(lang, "notes_summary", files=files, notes=len(notes), usable=usable)
        refusals = self._page.tutor.ledger.refusals(person.user)
        errors = [error.text(lang) for error in library.errors]
        own = shelf.own_files()
        labels = [(f"{note.question} · {note.source.file}", note.id) for note in notes.values()]
        return (
            f'<p class="summary">{esc(summary)}</p>',
            notice(problem) or notice(good, good=True),
            self.browse(topic, words, {"user": person.user, "lang": lang}),
            doctor_html(library.problems, errors, lang),
            gr.update(choices=own, value=None),
            gr.update(choices=[report.file for report in library.reports]),
            gr.update(choices=labels),
            gaps_html(refusals, notes, lang),
            _write_gaps(gaps_markdown(refusals, lang)) if refusals else None,
        )

    # Events

    def refresh(self, topic: str, words: str, who: object) -> tuple[Any, ...]:
        """The tab as things stand now."""
        return self.paint(self._page.person(who), topic, words)

    def browse(self, topic: str, words: str, who: object) -> str:
        """The notes of the chosen topic."""
        shelf = self._page.tutor.shelf
        outdated = frozenset(shelf.outdated_edits())
        notes = list(shelf.notes.values())
        return notes_html(notes, topic or "", words or "", outdated, self._page.person(who).lang)

    def add(
        self, paths: list[str] | None, topic: str, words: str, who: object
    ) -> Iterator[tuple[Any, ...]]:
        """Bring files into the learner's own notes."""
        files = [Path(path) for path in paths or ()]
        shelf = self._page.tutor.shelf
        yield from self._ingest(lambda told: shelf.add_files(files, told), topic, words, who)

    def read_again(self, topic: str, words: str, who: object) -> Iterator[tuple[Any, ...]]:
        """Read all notes and index what changed."""
        yield from self._ingest(self._page.tutor.shelf.reload, topic, words, who)

    def take_out(
        self, name: str | None, topic: str, words: str, who: object
    ) -> Iterator[tuple[Any, ...]]:
        """Remove one of the learner's own files."""
        if name:
            shelf = self._page.tutor.shelf
            yield from self._ingest(lambda told: shelf.remove_file(name, told), topic, words, who)

    def condense_points(self, topic: str, words: str, who: object) -> Iterator[tuple[Any, ...]]:
        """Let the language model shorten and merge derived key points."""
        tutor = self._page.tutor
        model = tutor.model
        if model is None:
            person = self._page.person(who)
            yield self.paint(person, topic, words, problem=say(person.lang, "condense_no_model"))
            return
        yield from self._ingest(
            lambda told: tutor.shelf.condense_points(model, tutor.encoder, told),
            topic, words, who, step="condensing",
        )  # fmt: skip

    def restore_points(self, topic: str, words: str, who: object) -> tuple[Any, ...]:
        """Take the derived key points again."""
        person = self._page.person(who)
        try:
            self._page.tutor.shelf.restore_points()
        except TutorError as error:
            return self.paint(person, topic, words, problem=error.text(person.lang))
        return self.paint(person, topic, words, good=say(person.lang, "condense_undone"))

    def _ingest(
        self,
        work: Callable[[Progress], IngestReport | CondenseReport],
        topic: str,
        words: str,
        who: object,
        step: str = "indexing",
    ) -> Iterator[tuple[Any, ...]]:
        """Do the work in a thread of its own and show how far it is."""
        person = self._page.person(who)
        lang = person.lang
        told: Queue[tuple[int, int]] = Queue()
        outcome: list[IngestReport | CondenseReport | Exception] = []

        def run() -> None:
            try:
                outcome.append(work(lambda done, total: told.put((done, total))))
            except Exception as error:
                outcome.append(error)
            finally:
                told.put(_DONE)

        threading.Thread(target=run, daemon=True).start()
        yield self._working(say(lang, "reading"), 0.0)
        while (now := _latest(told)) != _DONE:
            done, total = now
            yield self._working(say(lang, step, done=done, total=total), done / max(total, 1))
        result = outcome[0]
        if isinstance(result, Exception):
            yield self.paint(person, topic, words, problem=explain(result, lang))
            return
        problem = " ".join(error.text(lang) for error in result.errors)
        good = "" if problem else result.text(lang)
        yield self.paint(person, topic, words, problem=problem, good=good)

    def _working(self, text: str, share: float) -> tuple[Any, ...]:
        bar = (
            f'<div class="progress-line" role="status">{esc(text)}'
            f'<progress value="{share:.3f}" max="1"></progress></div>'
        )
        return (gr.update(), bar, *[gr.update()] * (len(self.outputs) - 2))

    def show_lines(self, name: str | None, who: object) -> str:
        """How the lines of a file were used."""
        reports = self._page.tutor.shelf.library.reports
        found = next((report for report in reports if report.file == name), None)
        return lines_html(found, self._page.person(who).lang)

    def show_points(self, note_id: str | None) -> str:
        """A note's key points, to be edited."""
        note = self._page.tutor.shelf.notes.get(note_id or "")
        return points_text(note) if note else ""

    def keep_points(
        self, note_id: str | None, text: str, topic: str, words: str, who: object
    ) -> tuple[Any, ...]:
        """Save the learner's own key points."""
        person = self._page.person(who)
        try:
            if not note_id or note_id not in self._page.tutor.shelf.notes:
                raise NotesError(say("en", "edit_choose"), say("zh", "edit_choose"))
            self._page.tutor.shelf.edit_key_points(note_id, read_points(text or ""))
        except TutorError as error:
            return self.paint(person, topic, words, problem=error.text(person.lang))
        return self.paint(person, topic, words, good=say(person.lang, "edit_saved"))


def _latest(told: "Queue[tuple[int, int]]") -> tuple[int, int]:
    """The newest step: the page need not paint those it was too slow for."""
    step = told.get()
    while step != _DONE:
        try:
            step = told.get_nowait()
        except Empty:
            break
    return step


def _write_gaps(text: str) -> str:
    path = Path(tempfile.mkdtemp(prefix="gaps-")) / "questions.md"
    path.write_text(text, encoding="utf-8")
    return str(path)
