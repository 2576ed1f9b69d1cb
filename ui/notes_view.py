"""The Notes tab as HTML: the notes, what the note doctor found, what has no answer."""

from collections.abc import Collection, Mapping, Sequence

from tutor.notes.report import REASONS_ZH, ParseReport
from tutor.notes.types import KeyPoint, Note, Problem
from tutor.progress.types import Refusal
from ui.markup import esc, plain, render_inline
from ui.render import note_body, place
from ui.text import say

_SHOWN = 30


def notes_html(
    notes: Sequence[Note], topic: str, words: str, outdated: Collection[str], lang: str
) -> str:
    """The notes of a topic whose questions hold the words, folded; at most thirty."""
    wanted = words.casefold().split()
    found = [
        note
        for note in notes
        if (not topic or note.topic == topic or note.topic.startswith(f"{topic} / "))
        and all(word in note.question.casefold() for word in wanted)
    ]
    if not found:
        return f'<p class="soft">{esc(say(lang, "notes_none"))}</p>'
    rows = "".join(_note(note, note.id in outdated, lang) for note in found[:_SHOWN])
    more = len(found) - _SHOWN
    rest = f'<p class="soft">{esc(say(lang, "notes_more", n=more))}</p>' if more > 0 else ""
    return f'<div class="notes">{rows}{rest}</div>'


def _note(note: Note, outdated: bool, lang: str) -> str:
    number = f'<span class="number">{note.number}.</span>' if note.number is not None else ""
    level = f'<span class="badge">{esc(say(lang, note.level))}</span>' if note.level else ""
    marks = (
        "" if note.usable else f'<span class="badge disputed">{esc(say(lang, "not_usable"))}</span>'
    )
    if outdated:
        marks += f'<span class="badge disputed">{esc(say(lang, "edited"))}</span>'
    points = "".join(f"<li>{_key_point(point, lang)}</li>" for point in note.key_points)
    listed = (
        f'<p class="eyebrow">{esc(say(lang, "key_points"))}</p><ul class="key-points">{points}</ul>'
        if points
        else ""
    )
    findings = "".join(
        f'<p class="doubt">{esc(problem.zh if lang == "zh" else problem.en)}</p>'
        for problem in note.problems
    )
    return (
        f'<details class="question note"><summary>{number}'
        f'<span class="title">{render_inline(note.question)}</span>{level}{marks}</summary>'
        f'<div class="inside"><p class="eyebrow">{esc(note.topic)} · {esc(place(note.source, lang))}</p>'
        f"{findings}{listed}{note_body(note, lang)}</div></details>"
    )


def _key_point(point: KeyPoint, lang: str) -> str:
    bonus = "" if point.required else f'<span class="bonus">{esc(say(lang, "bonus"))}</span>'
    return f"{render_inline(point.text)}{bonus}"


def doctor_html(problems: Sequence[Problem], errors: Sequence[str], lang: str) -> str:
    """Findings of the note doctor, the serious ones first, each with its place and what to do."""
    if not problems and not errors:
        return f'<p class="soft">{esc(say(lang, "doctor_fine"))}</p>'
    serious = sum(problem.severity == "error" for problem in problems) + len(errors)
    count = say(
        lang, "doctor_count", errors=serious, warnings=len(problems) + len(errors) - serious
    )
    rows = "".join(
        f'<li class="bad"><span class="mark">✗</span> {esc(text)}</li>' for text in errors
    )
    for problem in sorted(problems, key=lambda p: (p.severity != "error", p.file, p.line)):
        kind, mark = ("bad", "✗") if problem.severity == "error" else ("warn", "!")
        text = problem.zh if lang == "zh" else problem.en
        rows += (
            f'<li class="{kind}"><span class="mark">{mark}</span> '
            f'<span class="where">{esc(problem.file)}:{problem.line}</span> {esc(text)}</li>'
        )
    return f'<p class="soft">{esc(count)}</p><ul class="rows findings">{rows}</ul>'


def lines_html(report: ParseReport | None, lang: str) -> str:
    """How every line of a file was used: the counts, and what was ignored for which reason."""
    if report is None:
        return ""
    counts = [
        say(lang, f"use_{use.replace(' ', '_')}", n=n)
        for use, n in sorted(report.counts().items())
        if use
    ]
    rows = "".join(
        f'<li><span class="where">{first}–{last}</span> '
        f"{esc(REASONS_ZH.get(why, why) if lang == 'zh' else why)}</li>"
        for first, last, why in report.ignored()
    )
    listed = f'<p class="eyebrow">{esc(say(lang, "ignored_lines"))}</p><ul class="rows">{rows}</ul>'
    return f'<p class="soft">{esc(" · ".join(counts))}</p>{listed if rows else ""}'


def gaps_html(refusals: Sequence[Refusal], notes: Mapping[str, Note], lang: str) -> str:
    """Questions the notes did not answer, the latest first, with the nearest ones."""
    if not refusals:
        return f'<p class="soft">{esc(say(lang, "gaps_none"))}</p>'
    rows = []
    for refusal in list({r.question: r for r in refusals}.values())[::-1]:
        near = "; ".join(render_inline(notes[i].question) for i in refusal.nearest if i in notes)
        beside = f'<p class="soft">{esc(say(lang, "gaps_near"))}{near}</p>' if near else ""
        when = f"{refusal.at.astimezone():%m-%d %H:%M}"
        rows.append(f'<li>{plain(refusal.question)} <span class="soft">{when}</span>{beside}</li>')
    return f'<ul class="rows">{"".join(rows)}</ul>'


def gaps_markdown(refusals: Sequence[Refusal], lang: str) -> str:
    """The same list as a Markdown file: headings to write answers under."""
    questions = dict.fromkeys(" ".join(refusal.question.split()) for refusal in refusals)
    body = "\n".join(f"## {question}\n\nTODO\n" for question in questions)
    return f"# {say(lang, 'gaps')}\n\n{body}"


def points_text(note: Note) -> str:
    """A note's key points as the edit box holds them."""
    return "\n".join(
        ("" if p.required else "+ ") + " ".join(p.text.split()) for p in note.key_points
    )


def read_points(text: str) -> list[tuple[str, bool]]:
    """The edit box as points: text, and whether it is required."""
    points = []
    for line in text.splitlines():
        clean = line.strip()
        bonus = clean.startswith("+")
        if clean.lstrip("+").strip():
            points.append((clean.lstrip("+").strip() if bonus else clean, not bonus))
    return points
