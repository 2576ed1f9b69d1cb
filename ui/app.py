"""The page: a head line and four tabs over one tutor."""

import os
import secrets
import threading
import time
from pathlib import Path
from typing import Any

import gradio as gr
from gradio import http_server
from gradio.exceptions import ServerFailedToStartError

from tutor.app import DEFAULT_USER, Tutor
from ui.interview import InterviewTab
from ui.markup import esc
from ui.notes import NotesTab
from ui.page import Page, Person, Words
from ui.progress import ProgressTab
from ui.setup import setup_title, topic_choices
from ui.study import StudyTab
from ui.text import LANGUAGES, say

_HERE = Path(__file__).parent
_SANS = ["system-ui", "-apple-system", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei",
         "Noto Sans CJK SC", "sans-serif"]  # fmt: skip
_MONO = ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"]
_QUIET: dict[str, Any] = {"queue": False, "api_visibility": "private", "show_progress": "hidden"}


def build_page(tutor: Tutor) -> gr.Blocks:
    """The whole page; show it with `launch`."""
    settings = tutor.settings
    lang = settings.language
    # Without a fixed secret the browser could not read its own state after a restart.
    who = gr.BrowserState(
        {"user": DEFAULT_USER, "lang": lang},
        storage_key="interview-tutor",
        secret=_secret(settings.data_dir),
        render=False,
    )
    page = Page(tutor, Words(), who)
    blocks = gr.Blocks(title=f"{say('zh', 'title')} · {say('en', 'title')}", fill_width=True)
    with blocks:
        who.render()  # type: ignore[no-untyped-call]
        head, user, language = _head(page)
        with gr.Tabs(elem_id="tabs"):
            with page.words.add(_tab(lang, "tab_study", "study"), label="tab_study"):
                study = StudyTab(page)
            with page.words.add(
                _tab(lang, "tab_interview", "interview"), label="tab_interview"
            ) as interview_tab:
                interview = InterviewTab(page)
            with page.words.add(
                _tab(lang, "tab_progress", "progress"), label="tab_progress"
            ) as progress_tab:
                progress = ProgressTab(page)
            with page.words.add(_tab(lang, "tab_notes", "notes"), label="tab_notes") as notes_tab:
                notes = NotesTab(page)
        for part in (study, interview, progress, notes):
            part.connect()
        _connect(blocks, page, head, user, language, study, interview)
        interview_tab.select(
            lambda: gr.update(choices=topic_choices(page)), None, interview.setup.topics, **_QUIET
        )
        progress_tab.select(progress.refresh, [who], progress.outputs, **_QUIET)
        shown = [notes.topic, notes.find, who]
        notes_tab.select(notes.refresh, shown, notes.outputs, **_QUIET)
        for done in (language.input, user.submit, user.blur):
            # After the browser's store has taken the change: these two tabs are read from it.
            done(lambda: None, None, None, **_QUIET).then(
                progress.refresh, [who], progress.outputs, **_QUIET
            ).then(notes.refresh, shown, notes.outputs, **_QUIET)
    blocks.queue(default_concurrency_limit=8)
    return blocks


def launch(page: gr.Blocks, tutor: Tutor) -> None:
    """Serve the page from a thread of its own; returns once it can be reached.

    Raises:
        OSError: The port has been taken.
    """
    # Gradio gives its server five seconds to begin, which is too short for a busy machine.
    http_server.Server.run_in_thread = _begin_serving  # type: ignore[method-assign]
    page.launch(prevent_thread_lock=True, **launch_options(tutor))


def _begin_serving(server: http_server.Server) -> None:
    server.thread = threading.Thread(target=server.run, daemon=True)
    server.thread.start()
    while not server.started:
        if not server.thread.is_alive():
            raise ServerFailedToStartError("the page's server ended while it started")
        time.sleep(0.001)


def launch_options(tutor: Tutor) -> dict[str, Any]:
    """Options for `launch`: this machine only, nothing sent or fetched, nothing kept in the browser."""
    settings = tutor.settings
    script = (_HERE / "keys.js").read_text(encoding="utf-8")
    return {
        "server_name": settings.host,
        "server_port": settings.port,
        "theme": _theme(),
        "css_paths": [_HERE / "style.css"],
        "head": f"<script>{script}</script>",
        "footer_links": [],
        "run_history": False,
        "mcp_server": False,
        "ssr_mode": False,
        "share": False,
        "inbrowser": False,
        "quiet": True,
        "max_file_size": "200mb",
        "_frontend": False,  # else it must answer itself within three seconds
        "enable_monitoring": False,
    }


def _theme() -> gr.themes.Base:
    # System fonts only: the usual themes would fetch theirs from the network.
    return gr.themes.Base(
        primary_hue="indigo",
        neutral_hue="slate",
        radius_size="lg",
        font=_SANS,
        font_mono=_MONO,
    )


def _tab(lang: str, key: str, elem_id: str) -> gr.Tab:
    return gr.Tab(say(lang, key), id=elem_id, elem_id=f"tab-{elem_id}")


def _head(page: Page) -> tuple[gr.HTML, gr.Textbox, gr.Radio]:
    lang = page.lang
    with gr.Row(elem_id="head", equal_height=True):
        title = gr.HTML(head_html(page.tutor, lang), elem_id="title")
        user = page.words.add(
            gr.Textbox(
                DEFAULT_USER,
                label=say(lang, "learner"),
                elem_id="learner",
                max_lines=1,
                max_length=40,
                scale=0,
                min_width=120,
            ),
            label="learner",
        )
        language = gr.Radio(
            [(name, code) for code, name in LANGUAGES.items()],
            value=lang,
            label=say(lang, "language"),
            show_label=False,
            container=False,
            elem_id="language",
            scale=0,
            min_width=150,
        )
        gr.HTML(
            '<button type="button" id="theme" title="明暗 / Theme" aria-label="明暗 / Theme">◐</button>',
            elem_id="theme-box",
        )
    return title, user, language


def head_html(tutor: Tutor, lang: str) -> str:
    """Name of the product, and which model and how many notes it has."""
    count = len(tutor.shelf.notes)
    if tutor.model_problem is not None:
        state = say(lang, "model_problem", why=tutor.model_problem.text(lang))
        kind = "off"
    elif tutor.model is None:
        state, kind = say(lang, "model_none", notes=count), "none"
    else:
        name = os.path.basename(tutor.settings.model)
        state, kind = say(lang, "model_on", model=name, notes=count), "on"
    return (
        f"<h1>{esc(say(lang, 'title'))}</h1>"
        f'<p class="tagline">{esc(say(lang, "tagline"))}'
        f'<span class="model {kind}">{esc(state)}</span></p>'
    )


def _connect(
    blocks: gr.Blocks,
    page: Page,
    head: gr.HTML,
    user: gr.Textbox,
    language: gr.Radio,
    study: StudyTab,
    interview: InterviewTab,
) -> None:
    words = page.words
    turned = [head, study.chat, interview.setup.title, *words.outputs]

    def turn(person: Person, entries: Any) -> list[Any]:
        """Everything on the page in the person's language."""
        stored = {"user": person.user, "lang": person.lang}
        updates = words.updates(person.lang)
        chat = study.turn(entries, stored)
        # The chat stands among the words too: its label comes last and must not be lost.
        return [head_html(page.tutor, person.lang), chat, setup_title(person.lang), *updates]

    def arrive(stored: object, entries: Any) -> list[Any]:
        person = page.person(stored)
        return [person.user, person.lang, *turn(person, entries)]

    def speak(stored: object, lang: str, entries: Any) -> list[Any]:
        person = Person(page.person(stored).user, lang if lang in LANGUAGES else page.lang)
        stored = {"user": person.user, "lang": person.lang}
        return [stored, person.lang, *turn(person, entries)]

    def repaint(session: Any, who: object) -> tuple[Any, ...]:
        return interview.paint(session, page.person(who))

    def switch(name: str, stored: object) -> tuple[Any, ...]:
        person = page.person({"user": name, "lang": page.person(stored).lang})
        return person.user, {"user": person.user, "lang": person.lang}

    state = [page.who, study.entries]
    blocks.load(arrive, state, [user, language, *turned], **_QUIET).then(
        interview.welcome, [page.who], interview.outputs, **_QUIET
    )
    spoken = [page.who, interview.setup.lang, *turned]
    language.input(speak, [page.who, language, study.entries], spoken, **_QUIET).then(
        repaint, [interview.session, page.who], interview.outputs, **_QUIET
    )
    gr.on([user.submit, user.blur], switch, [user, page.who], [user, page.who], **_QUIET).then(
        interview.welcome, [page.who], interview.outputs, **_QUIET
    )


def _secret(folder: Path) -> str:
    """Key of the browser's own store, made once and kept in the data folder."""
    path = folder / "page.key"
    try:
        if path.is_file():
            return path.read_text(encoding="utf-8").strip() or secrets.token_hex(16)
        folder.mkdir(parents=True, exist_ok=True)
        key = secrets.token_hex(16)
        path.write_text(key, encoding="utf-8")
        path.chmod(0o600)
        return key
    except OSError:
        return secrets.token_hex(16)
