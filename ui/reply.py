"""A study reply as HTML: the answer with its marks, the notes' own words, what to ask next."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tutor.notes.types import Note
from tutor.study.followups import offer
from tutor.study.types import Answer, Citation, Claim, Exchange
from ui.markup import esc, plain, render_inline, render_markdown
from ui.render import note_body, place
from ui.text import percent, say

_MARK = re.compile(r"\[(\d{1,2})\]")
_APART = re.compile(r"(<code[^>]*>.*?</code>|\\\(.*?\\\)|\\\[.*?\\\])", re.S)


@dataclass(frozen=True, slots=True)
class Entry:
    """One exchange on the page.

    Attributes:
        question: As typed.
        sources: The notes being answered from; empty until they are found.
        written: The reply's words so far.
        answer: The finished reply; None while it is written.
    """

    question: str
    sources: tuple[Citation, ...] = ()
    written: str = ""
    answer: Answer | None = None

    def exchange(self) -> Exchange:
        """What the conversation remembers of it."""
        if self.answer is None:
            return Exchange(self.question, self.written)
        cited = tuple(dict.fromkeys(citation.note_id for citation in self.answer.citations))
        return Exchange(self.answer.standalone, self.answer.text, cited)


def messages(
    entries: Sequence[Entry], notes: Mapping[str, Note], lang: str
) -> list[dict[str, str]]:
    """The conversation for the page's chat component; only the last reply offers follow-ups."""
    shown: list[dict[str, str]] = []
    for index, entry in enumerate(entries):
        last = index == len(entries) - 1
        shown.append(
            {"role": "user", "content": f'<div class="mine">{plain(entry.question)}</div>'}
        )
        html = (
            _finished(entry, entry.answer, notes, lang, index, last)
            if entry.answer
            else _unfinished(entry, notes, lang, index)
        )
        state = "" if entry.answer else " pending"
        shown.append({"role": "assistant", "content": f'<div class="reply{state}">{html}</div>'})
    return shown


def _unfinished(entry: Entry, notes: Mapping[str, Note], lang: str, index: int) -> str:
    if not entry.sources:
        return f'<p class="working">{esc(say(lang, "searching"))}</p>'
    sources = _sources(entry.sources, notes, lang, index, whole=False)
    if not entry.written:
        return f'<p class="working">{esc(say(lang, "writing"))}</p>{sources}'
    return f'<div class="prose">{_with_marks(entry.written, entry.sources, index)}</div>{sources}'


def _finished(
    entry: Entry, answer: Answer, notes: Mapping[str, Note], lang: str, index: int, last: bool
) -> str:
    parts = []
    if answer.standalone and answer.standalone != answer.question:
        words = say(lang, "understood_as", question=answer.standalone)
        parts.append(f'<p class="eyebrow">{esc(words)}</p>')
    if answer.refused:
        # The nearest questions stand below as buttons; the sentence need not list them again.
        parts.append(f'<p class="refused answer-text"><b>{esc(say(lang, "not_held"))}</b></p>')
        return "".join([*parts, _nearest(answer, notes, lang) or _noted(lang)])
    text = answer.text or entry.written
    parts.append(
        f'<div class="prose answer-text">{_with_marks(text, answer.citations, index)}</div>'
    )
    if answer.stopped:
        parts.append(f'<p class="soft">{esc(say(lang, "stopped"))}</p>')
    # The note's own words stand beside a written answer; where they are the answer, folded.
    beside = answer.written_by == "llm"
    sources = _sources(answer.citations, notes, lang, index, unfolded=beside)
    parts += [_doubts(answer.claims, lang), sources]
    parts.append(_nearest(answer, notes, lang))
    parts.append(_foot(answer, lang))
    if last:
        chips = offer(entry.exchange(), notes, answer.nearest, lang)
        parts.append(_chips([chip.text for chip in chips]))
    return "".join(parts)


def _with_marks(text: str, citations: Sequence[Citation], index: int) -> str:
    """Markdown to HTML, with each ``[n]`` that stands for a citation made a link to it."""
    known = {citation.number for citation in citations}

    def link(found: re.Match[str]) -> str:
        number = int(found[1])
        if number not in known:
            return found.group()
        return f'<a class="cite" href="#source-{index}-{number}">{number}</a>'

    pieces = _APART.split(render_markdown(text))
    return "".join(
        piece if place_ % 2 else _MARK.sub(link, piece) for place_, piece in enumerate(pieces)
    )


def _sources(
    citations: Sequence[Citation],
    notes: Mapping[str, Note],
    lang: str,
    index: int,
    *,
    whole: bool = True,
    unfolded: bool = True,
) -> str:
    rows = []
    state = " open" if unfolded else ""
    for citation in citations:
        note = notes.get(citation.note_id)
        if note is None:
            continue
        body = f'<blockquote class="quote">{render_markdown(citation.quote)}</blockquote>'
        if whole:
            body += (
                f'<details class="whole"><summary>{esc(say(lang, "whole_note"))}</summary>'
                f"{note_body(note, lang)}</details>"
            )
        rows.append(
            f'<details class="source" id="source-{index}-{citation.number}"{state}>'
            f'<summary><span class="cite">{citation.number}</span>'
            f'<span class="title">{render_inline(note.question)}</span>'
            f'<span class="soft">{esc(place(note.source, lang))}</span></summary>{body}</details>'
        )
    if not rows:
        return ""
    return f'<div class="sources"><p class="eyebrow">{esc(say(lang, "sources"))}</p>{"".join(rows)}</div>'


def _doubts(claims: Sequence[Claim], lang: str) -> str:
    """Sentences that stand in the reply although the notes do not bear them out, and dropped ones."""
    parts = []
    for claim in claims:
        if claim.shown and claim.label in ("unsupported", "contradicted"):
            key = "against" if claim.label == "contradicted" else "unsupported"
            parts.append(f'<p class="doubt">⚠ {esc(say(lang, key))}{plain(claim.text)}</p>')
    dropped = [claim for claim in claims if not claim.shown]
    if dropped:
        rows = "".join(f"<li>{plain(claim.text)}</li>" for claim in dropped)
        title = esc(say(lang, "dropped", n=len(dropped)))
        parts.append(
            f'<details class="dropped"><summary>{title}</summary><ul>{rows}</ul></details>'
        )
    return "".join(parts)


def _nearest(answer: Answer, notes: Mapping[str, Note], lang: str) -> str:
    cited = {citation.note_id for citation in answer.citations}
    near = [notes[i].question for i in answer.nearest if i in notes and i not in cited]
    if not near:
        return ""
    title = esc(say(lang, "nearest" if answer.refused else "see_also"))
    return f'<p class="eyebrow">{title}</p>{_chips(near)}{_noted(lang) if answer.refused else ""}'


def _noted(lang: str) -> str:
    """That a refused question was put on the list of gaps, and the way there."""
    see = f'<button type="button" class="link to-gaps">{esc(say(lang, "gap_open"))}</button>'
    return f'<p class="soft">{esc(say(lang, "gap_noted"))} {see}</p>'


def _chips(questions: Sequence[str]) -> str:
    """Buttons that ask their own words."""
    buttons = "".join(
        f'<button type="button" class="chip">{esc(text)}</button>' for text in questions
    )
    return f'<div class="chips">{buttons}</div>' if buttons else ""


def _foot(answer: Answer, lang: str) -> str:
    by = say(lang, "by_llm" if answer.written_by == "llm" else "by_note")
    sure = say(lang, "sure", share=percent(answer.confidence))
    copy = f'<button type="button" class="copy">{esc(say(lang, "copy"))}</button>'
    return f'<p class="by">{esc(by)} · {esc(sure)} {copy}</p>'
