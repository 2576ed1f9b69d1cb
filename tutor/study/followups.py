"""One-click follow-ups: what each says in the learner's name, and how it is answered."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tutor.notes.types import Note, Span
from tutor.study.passages import split_note
from tutor.study.rewrite import subject_of
from tutor.study.types import Exchange

Action = Literal["simpler", "example", "compare", "quiz"]
ACTIONS: tuple[Action, ...] = ("simpler", "example", "compare", "quiz")

_SAY: dict[Action, dict[str, str]] = {
    "simpler": {"zh": "请讲得更简单一些。", "en": "Explain that more simply."},
    "example": {"zh": "请举个例子。", "en": "Give an example."},
    "compare": {"zh": "它和{other}有什么区别？", "en": "How does it compare with {other}?"},
    "quiz": {"zh": "就这个内容考考我。", "en": "Quiz me on this."},
}
_SHOWS = re.compile(
    r"例如|比如|譬如|举个?例|以.{1,12}为例|\b(?:for example|for instance|e\.g\.|such as)",
    re.IGNORECASE,
)
_NO_EXAMPLE = {
    "zh": "笔记里没有现成的例子，原文是：",
    "en": "The note gives no example; it says:",
}
_QUIZ = {
    "zh": "考考你：{question}\n先自己回答，再对照笔记。",
    "en": "Your turn: {question}\nAnswer first, then check against the note.",
}


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A follow-up ready to be asked.

    Attributes:
        action: Which one.
        text: What it says, as the learner's own question.
    """

    action: Action
    text: str


def offer(
    exchange: Exchange, notes: Mapping[str, Note], nearest: Sequence[str], lang: str
) -> list[FollowUp]:
    """The follow-ups that make sense after an exchange; none after a refusal.

    Args:
        exchange: The one just finished.
        notes: All notes.
        nearest: Notes near the question, best first; the first that was not used is compared with.
        lang: Language of the buttons.
    """
    if not exchange.note_ids:
        return []
    other = next((notes[i] for i in nearest if i in notes and i not in exchange.note_ids), None)
    offered = []
    for action in ACTIONS:
        if action == "compare" and other is None:
            continue
        name = subject_of(other.question) if other else ""
        offered.append(FollowUp(action, _SAY[action][lang].format(other=name)))
    return offered


def recognise(question: str) -> Action | None:
    """The one-click follow-up that a question is, word for word; comparisons are plain questions."""
    clean = question.strip()
    for action in ("simpler", "example", "quiz"):
        if clean in _SAY[action].values():
            return action
    return None


def own_words(note: Note, style: str) -> list[Span]:
    """What the note itself has for a follow-up: its key points to be simpler, or its examples.

    Empty where it has none, or where no such follow-up was asked.
    """
    if style == "simpler":
        spans = {point.span for point in note.key_points if point.required and point.span}
        return sorted(spans, key=lambda span: span.start)
    if style == "example":
        return [span for span in split_note(note.answer) if _SHOWS.search(span.of(note.answer))]
    return []


def no_example(lang: str) -> str:
    """What a reply to the wish for an example opens with where the note has none."""
    return _NO_EXAMPLE[lang] + "\n\n"


def quiz_text(note: Note, lang: str, *, asked_before: Sequence[str] = ()) -> str:
    """A question about the note in its author's own words; the note's question if all were asked."""
    questions = (*note.follow_ups, note.question)
    said = "\n".join(asked_before)
    chosen = next((text for text in questions if text not in said), note.question)
    return _QUIZ[lang].format(question=chosen)
