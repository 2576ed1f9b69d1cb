"""What the interviewer says next: questions, follow-ups, contrasts and hints that give nothing away."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from tutor.errors import InterviewError, ModelError
from tutor.interview import wording
from tutor.interview.leak import GENERIC, leaks
from tutor.interview.standing import open_points, shown_points, standing
from tutor.interview.types import Choices, Contrast, FollowUp, Outcome, RevealPoint, Session, Style
from tutor.notes.terms import concepts
from tutor.notes.text import detect_lang, normalise, shorten, split_sentences, words
from tutor.notes.types import KeyPoint, Note
from tutor.search.types import Encoder

__all__ = [
    "Aim",
    "ask_follow_up",
    "ask_question",
    "hint_point",
    "hint_text",
    "hint_texts",
    "leaks",
    "nudge_text",
    "show_point",
]

MAX_WORDED = 200
_CJK = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Aim:
    """What a follow-up is to reach; given to the model, which may word it.

    Attributes:
        note: The note in question; its answer must not be told.
        point: The point to bring out; must not be told either.
        said: Everything the learner said about the note.
        aspect: What kind of statement the point is, in words of the interview's language.
        contrast: The learner's sentence to weigh again; empty for a plain follow-up.
        template: The wording that is used if the model's is not fit.
    """

    note: Note
    point: KeyPoint
    said: str
    aspect: str
    contrast: str
    style: Style
    lang: str
    template: str


Phrase = Callable[[Aim], str]


def ask_question(note: Note, choices: Choices, *, question: str = "") -> str:
    """The words of a note's question; ``question`` may be its checked translation."""
    template = wording.QUESTION[choices.lang, choices.style]
    return template.format(question=question or note.question)


def ask_follow_up(
    session: Session,
    note: Note,
    move: FollowUp | Contrast,
    *,
    phrase: Phrase | None = None,
    encoder: Encoder | None = None,
) -> str:
    """The words of a follow-up or contrast: the model's where they are fit, else a template.

    Fit means: one short question in the interview's language that does not leak. A failing model
    is no error here.
    """
    point = _point(note, move.point_id)
    said = said_about(session, note.id)
    shown = shown_points(session, note.id)
    aim = _aim(session, note, point, said, move.said if isinstance(move, Contrast) else "")
    if phrase is not None:
        try:
            worded = " ".join(phrase(aim).split())
        except ModelError:
            worded = ""
        if _fit(worded, aim.lang) and not leaks(worded, note, shown, said=said, encoder=encoder):
            return worded
    return aim.template


def said_about(session: Session, note_id: str) -> str:
    """Everything the learner typed about the note."""
    return "\n".join(turn.answer for turn in session.of_note(note_id) if turn.answer)


def show_point(note: Note, move: RevealPoint, lang: str) -> str:
    """The sentence that shows a point, in the note's own words."""
    return wording.REVEAL[lang].format(point=_point(note, move.point_id).text)


def nudge_text(lang: str) -> str:
    """The gentle word about time in a Real interview."""
    return wording.NUDGE[lang]


def hint_point(session: Session, note: Note) -> KeyPoint:
    """The point the pending turn's hints are about: the one aimed at, else the first still open."""
    turn = session.current
    if turn and turn.point_id:
        return _point(note, turn.point_id)
    if standing(session, note):
        lacking = open_points(session, note)
        if lacking:
            return lacking[0]
    required = [point for point in note.key_points if point.required]
    return (required or list(note.key_points))[0]


def hint_text(session: Session, note: Note) -> str:
    """The hint for the number of hints taken: 1 says the direction, 2 how the point begins.

    Raises:
        InterviewError: No hint was taken yet.
    """
    turn = session.current
    lang = session.choices.lang
    if turn is None or turn.hints == 0:
        raise InterviewError("Ask for a hint first.", "请先点击“提示”。")
    point = hint_point(session, note)
    if turn.hints == 1:
        aspect = wording.ASPECT_NAMES[lang][wording.aspect_of(point.text)]
        return wording.HINT_ONE[lang].format(total=len(note.key_points), aspect=aspect)
    start, size = _beginning(point.text)
    return wording.HINT_TWO[lang].format(start=start, size=size)


def hint_texts(session: Session, note: Note) -> list[str]:
    """The hints taken so far on the pending question, in order; they stay in sight."""
    turn = session.current
    taken = turn.hints if turn and turn.outcome is Outcome.PENDING else 0
    stages = [session.with_turn(replace(turn, hints=n + 1)) for n in range(taken) if turn]
    return [hint_text(stage, note) for stage in stages]


def _aim(session: Session, note: Note, point: KeyPoint, said: str, contrast: str) -> Aim:
    lang, style = session.choices.lang, session.choices.style
    aspect = wording.ASPECT_NAMES[lang][wording.aspect_of(point.text)]
    if contrast:
        quote = shorten(contrast, 120).rstrip("。.!！")
        template = wording.CONTRAST[lang, style].format(said=quote)
    else:
        anchor = _anchor(point, note, said, lang)
        template = wording.FOLLOW_UP[lang, style].format(anchor=anchor, aspect=aspect)
        nothing = not anchor and wording.aspect_of(point.text) == "other"
        if nothing or leaks(template, note, shown_points(session, note.id), said=said):
            aspect = wording.ASPECT_NAMES[lang]["other"]  # even the kind of statement tells it
            asked = shorten(note.question, 120)
            template = wording.FOLLOW_UP_OPEN[lang, style].format(question=asked)
    return Aim(note, point, said, aspect, contrast, style, lang, template)


def _anchor(point: KeyPoint, note: Note, said: str, lang: str) -> str:
    """A lead to the point by a term the learner used, else by one of the question."""
    term = _common_term(point.text, said)
    if term:
        return wording.ANCHOR[lang].format(term=term)
    term = _common_term(point.text, note.question)
    return wording.ABOUT[lang].format(term=term) if term else ""


def _common_term(point: str, said: str) -> str:
    """The longest term of the point that was said too; it gives nothing away."""
    spoken = set(words(said))
    shared = [term for term in words(point) if term in spoken and _is_term(term)]
    longest = max(shared, key=len, default="")
    where = normalise(point).lower().find(longest)
    return normalise(point)[where : where + len(longest)] if where >= 0 else longest


def _is_term(term: str) -> bool:
    if term in GENERIC:
        return False
    # A word of the field or a name; "你提到了“普通”" would lead nowhere.
    return bool(concepts(term)) or (len(term) >= 3 and term.isascii() and not term.isdigit())


def _fit(text: str, lang: str) -> bool:
    ends = text.rstrip("”\"' ")
    sentences = len(split_sentences(text))
    return (
        0 < len(text) <= MAX_WORDED
        and ends.endswith(("?", "？"))
        and sentences <= 3
        and detect_lang(text) == lang
    )


def _beginning(text: str) -> tuple[str, int]:
    """The first quarter of the point, and its size in characters (Chinese) or words."""
    if _CJK.search(text):
        return text[: max(2, min(8, len(text) // 4))] + "…", len(text)
    parts = text.split()
    return " ".join(parts[: max(1, min(4, len(parts) // 4))]) + " …", len(parts)


def _point(note: Note, point_id: str) -> KeyPoint:
    for point in note.key_points:
        if point.id == point_id:
            return point
    raise InterviewError(
        "This key point is no longer in your notes; go on with the next question.",
        "笔记中已没有这个要点；请继续下一题。",
    )
