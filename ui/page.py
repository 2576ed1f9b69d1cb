"""What every tab shares: who is learning, words in two languages, errors as one sentence."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from tutor.app import DEFAULT_USER, Tutor
from tutor.errors import TutorError
from ui.markup import esc
from ui.text import LANGUAGES, say

_LOG = logging.getLogger(__name__)
USER_CHARS = 40


@dataclass(frozen=True, slots=True)
class Person:
    """Who is at the page and which language they read."""

    user: str
    lang: str


def read_person(stored: object, language: str) -> Person:
    """The person the browser remembers; anything it could not have written is the default."""
    kept = stored if isinstance(stored, dict) else {}
    user = " ".join(str(kept.get("user") or DEFAULT_USER).split())[:USER_CHARS]
    lang = kept.get("lang")
    return Person(user or DEFAULT_USER, lang if lang in LANGUAGES else language)


@dataclass
class Words:
    """Components whose own words change with the language; one event turns them all."""

    _rules: list[tuple[Any, Callable[[str], dict[str, Any]]]] = field(default_factory=list)

    def add(self, component: Any, **keys: str | tuple[str, ...]) -> Any:
        """Remember a component; ``label="tab_study"`` names the phrase of its property.

        A tuple under ``choices`` holds pairs ``value=phrase``.
        """

        def turn(lang: str) -> dict[str, Any]:
            return {name: _words(key, lang) for name, key in keys.items()}

        self._rules.append((component, turn))
        return component

    @property
    def outputs(self) -> list[Any]:
        """The components, in the order of `updates`."""
        return [component for component, _ in self._rules]

    def updates(self, lang: str) -> list[Any]:
        """What turns every component into the language."""
        return [gr.update(**turn(lang)) for _, turn in self._rules]


def _words(key: str | tuple[str, ...], lang: str) -> object:
    if isinstance(key, str):
        return say(lang, key)
    pairs = (choice.partition("=") for choice in key)
    return [(say(lang, phrase), value) for value, _, phrase in pairs]


@dataclass
class Page:
    """What a tab is built from.

    Attributes:
        tutor: Does everything.
        words: Where a tab leaves its words.
        who: What the browser remembers of the person: ``{"user": …, "lang": …}``.
    """

    tutor: Tutor
    words: Words
    who: gr.BrowserState

    @property
    def lang(self) -> str:
        """The language a page starts with."""
        return self.tutor.settings.language

    def person(self, stored: object) -> Person:
        """Who is at the page."""
        return read_person(stored, self.lang)


def explain(error: Exception, lang: str) -> str:
    """An error as one sentence for the page; what nobody foresaw goes to the log in full."""
    if isinstance(error, TutorError):
        return error.text(lang)
    _LOG.error("an event of the page failed", exc_info=error)
    return say(lang, "unexpected")


def notice(text: str, *, good: bool = False) -> str:
    """A sentence for the tab's notice line; a screen reader says it at once."""
    if not text:
        return ""
    kind = "good" if good else "bad"
    return f'<p class="notice {kind}" role="{"status" if good else "alert"}">{esc(text)}</p>'
