"""Question and answer pairs from tables and card decks, made into notes."""

import html
import re
from dataclasses import dataclass

from tutor.notes.doctor import judge_answer
from tutor.notes.keypoints import derive_points
from tutor.notes.labels import clean_question
from tutor.notes.parse import digest, make_id, unique
from tutor.notes.text import detect_lang
from tutor.notes.types import Note, Source

_BLOCK = re.compile(r"<(?:br|/p|/div|/tr|/h[1-6]|/ul|/ol|hr)\b[^>]*>", re.IGNORECASE)
_ITEM = re.compile(r"<li\b[^>]*>", re.IGNORECASE)
_HIDDEN = re.compile(
    r"<(script|style|head|template)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL
)
_IMAGE = re.compile(r"<img\b[^>]*?\bsrc=[\"']?([^\"'\s>]+)[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_SOUND = re.compile(r"\[sound:[^\]]*\]")
_CLOZE = re.compile(r"\{\{c\d+::(.*?)(?:::[^{}]*?)?\}\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Card:
    """One pair.

    Attributes:
        question: As it stands in the source.
        answer: As it stands in the source, or its text where the source is HTML.
        line: Line or row of the source, 1-based.
        last_line: Its last line.
        topic: Deck, tag or topic column.
        level: Level column, if it is one of ours.
    """

    question: str
    answer: str
    line: int
    last_line: int
    topic: str = ""
    level: str = ""


def notes_of(cards: list[Card], file: str) -> list[Note]:
    """The cards as notes; those without a question are left out."""
    seen: dict[str, int] = {}
    notes: list[Note] = []
    for card in cards:
        question, number = clean_question(" ".join(card.question.split()))
        if not any(char.isalnum() for char in question):
            continue
        answer = card.answer.strip()
        problem = judge_answer(question, answer, file, card.line)
        error = problem is not None and problem.severity == "error"
        where = (card.line, card.last_line) if answer else (0, 0)
        notes.append(
            Note(
                id=unique(make_id(file, [card.topic] if card.topic else [], question), seen),
                question=question,
                answer=answer,
                source=Source(file, card.line, card.last_line, *where),
                number=number,
                topic=card.topic or file.rsplit("/", 1)[-1].rsplit(".", 1)[0],
                key_points=() if error else derive_points(answer, question),
                level=card.level if card.level in ("basic", "intermediate", "advanced") else "",
                lang=detect_lang(f"{question}\n{answer[:2000]}"),
                digest=digest(question, answer),
                raw_question=card.question,
                problems=(problem,) if problem else (),
            )
        )
    return notes


def html_text(field: str) -> str:
    """The text of an HTML field: scripts out, blocks to lines, items to bullets, images to Markdown."""
    if "<" in field:
        field = _IMAGE.sub(r"![](\1)", _HIDDEN.sub(" ", field))
        field = _TAG.sub("", _ITEM.sub("\n- ", _BLOCK.sub("\n", field)))
    field = _SOUND.sub(" ", html.unescape(field)).replace("\xa0", " ").replace("\x1f", " ")
    lines = [line.rstrip() for line in field.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def cloze(text: str, extra: str) -> tuple[str, str] | None:
    """A cloze text as a question with gaps and its full answer; None if it has no gap."""
    if not _CLOZE.search(text):
        return None
    answer = _CLOZE.sub(r"\1", text)
    return _CLOZE.sub("[…]", text), f"{answer}\n\n{extra}".strip()
