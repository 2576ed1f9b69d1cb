"""The Progress tab as HTML, from one `Overview`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from tutor.critique.types import Label
from tutor.interview.report import build_report
from tutor.interview.report_text import LABELS
from tutor.interview.types import Session
from tutor.notes.types import Note
from tutor.progress.schedule import WrongPoint
from ui.charts import calendar, curve, ring
from ui.markup import esc, render_inline
from ui.records import CALENDAR_DAYS, Overview
from ui.report_view import bar_row
from ui.text import percent, say

_ROWS = 8
_PLAN_DAYS = 7
_OF_ONE_NOTE = 2


def overview_html(
    view: Overview, notes: Mapping[str, Note], lang: str, today: date, *, trial: bool = False
) -> str:
    """Readiness, charts, the plan and the lists of what to work on."""
    if not view.reviews:
        empty = f'<p class="empty">{esc(say(lang, "no_progress"))}</p>'
        return f'<div class="panel">{empty}{_readiness(view, lang, trial)}{_plan(view, notes, lang)}</div>'
    return (
        f'<div class="panel">{_readiness(view, lang, trial)}{_due(view, lang)}'
        f"{_weak(view, notes, lang)}{_leeches(view, notes, lang)}{_topics(view, lang)}"
        f"{curve(view.curve, lang)}{calendar(view.days, today, CALENDAR_DAYS, lang)}"
        f"{_plan(view, notes, lang)}</div>"
    )


def _readiness(view: Overview, lang: str, trial: bool) -> str:
    overall = view.today.overall
    basis = say(
        lang,
        "readiness_basis",
        recall=percent(overall.recall),
        points=percent(overall.points),
        coverage=percent(overall.coverage),
    )
    day = say(lang, "readiness_on", day=view.plan.goal.day)
    rows = bar_row(say(lang, "if_idle"), view.plan.idle.value, percent(view.plan.idle.value))
    followed = view.plan.forecast.value
    rows += bar_row(say(lang, "if_followed"), followed, percent(followed))
    note = f' <span class="badge disputed">{esc(say(lang, "what_if"))}</span>' if trial else ""
    title = esc(say(lang, "readiness"))
    return (
        f'<section class="readiness">{ring(view.today.value, say(lang, "readiness"))}<div>'
        f'<h3>{title}{note}</h3><p class="soft">{esc(basis)}</p>'
        f'<p class="eyebrow">{esc(day)}</p><div class="bars">{rows}</div>'
        f'<p class="soft small">{esc(say(lang, "assumption"))}</p></div></section>'
    )


def _due(view: Overview, lang: str) -> str:
    title = f"<h3>{esc(say(lang, 'due'))} ({len(view.due)})</h3>"
    if not view.due:
        return f'{title}<p class="soft">{esc(say(lang, "due_none"))}</p>'
    rows = "".join(
        f'<li>{render_inline(due.note.question)} <span class="soft">'
        f"{esc(say(lang, 'due_row', recall=percent(due.recall)))}</span></li>"
        for due in view.due[:_ROWS]
    )
    first = f'<p class="soft">{esc(say(lang, "due_first"))}</p>'
    return f'{title}{first}<ul class="rows">{rows}</ul>'


def _weak(view: Overview, notes: Mapping[str, Note], lang: str) -> str:
    title = f"<h3>{esc(say(lang, 'weak'))} ({len(view.weak)})</h3>"
    if not view.weak:
        return f'{title}<p class="soft">{esc(say(lang, "weak_none"))}</p>'
    rows = []
    for weak in _spread(view.weak)[:_ROWS]:
        note = notes[weak.note_id]
        text = next((p.text for p in note.key_points if p.id == weak.point_id), "")
        if not text:
            continue
        leech = f' <b class="leech">{esc(say(lang, "leech"))}</b>' if weak.leech else ""
        counted = say(lang, "weak_row", wrong=weak.wrong, seen=weak.seen)
        rows.append(
            f'<li class="{esc(weak.label)}"><span class="mark">{LABELS[lang][Label(weak.label)]}</span> '
            f"{render_inline(text)}{leech}"
            f'<p class="soft">{render_inline(note.question)} · {esc(counted)}</p></li>'
        )
    return f'{title}<ul class="rows">{"".join(rows)}</ul>'


def _spread(weak: Sequence[WrongPoint]) -> list[WrongPoint]:
    """The points with those beyond the second of a note last: one bad question hides no other."""
    of_note: Counter[str] = Counter()
    first: list[WrongPoint] = []
    later: list[WrongPoint] = []
    for point in weak:
        of_note[point.note_id] += 1
        (first if of_note[point.note_id] <= _OF_ONE_NOTE else later).append(point)
    return first + later


def _leeches(view: Overview, notes: Mapping[str, Note], lang: str) -> str:
    if not view.leeches:
        return ""
    rows = "".join(
        f"<li>{render_inline(notes[card.note_id].question)} × {card.lapses}</li>"
        for card in view.leeches
    )
    return f'<h3>{esc(say(lang, "leeches"))}</h3><ul class="rows">{rows}</ul>'


def _topics(view: Overview, lang: str) -> str:
    rows = []
    for topic in view.today.topics:
        seen = view.practised.get(topic.topic, 0)
        words = say(
            lang,
            "topic_row",
            seen=seen,
            all=topic.notes,
            recall=percent(topic.recall),
            points=percent(topic.points),
        )
        row = bar_row(topic.topic, topic.value, percent(topic.value))
        rows.append((seen == 0, f'{row}<p class="soft under">{esc(words)}</p>' if seen else row))
    seen_rows = "".join(row for unseen, row in rows if not unseen)
    rest = [row for unseen, row in rows if unseen]
    fold = (
        f'<details class="unseen"><summary>{esc(say(lang, "unseen_topics", n=len(rest)))}</summary>'
        f'<div class="bars">{"".join(rest)}</div></details>'
        if rest
        else ""
    )
    title = esc(say(lang, "by_topic_coverage"))
    return f'<h3>{title}</h3><div class="bars">{seen_rows}</div>{fold}'


def _plan(view: Overview, notes: Mapping[str, Note], lang: str) -> str:
    rows = []
    for day in view.plan.days[:_PLAN_DAYS]:
        words = say(
            lang,
            "plan_day",
            again=len(day.again),
            new=len(day.new),
            minutes=f"{day.minutes:.0f}",
        )
        rows.append(f"<tr><td>{day.day:%m-%d}</td><td>{esc(words)}</td></tr>")
    more = ""
    if len(view.plan.days) > _PLAN_DAYS:
        words = say(lang, "plan_more", n=len(view.plan.days), shown=_PLAN_DAYS)
        more = f'<p class="soft">{esc(words)}</p>'
    return (
        f"<h3>{esc(say(lang, 'plan'))}</h3>{_today(view, notes, lang)}"
        f"<table><tbody>{''.join(rows)}</tbody></table>{more}"
    )


def _today(view: Overview, notes: Mapping[str, Note], lang: str) -> str:
    """The questions of the plan's first day, those known already first."""
    day = view.plan.days[0]
    new = f' <span class="badge">{esc(say(lang, "plan_new"))}</span>'
    rows = "".join(
        f"<li>{render_inline(notes[note_id].question)}{new if note_id in day.new else ''}</li>"
        for note_id in [*day.again, *day.new]
    )
    if not rows:
        return ""
    first = f'<p class="soft">{esc(say(lang, "plan_first"))}</p>'
    return (
        f'<details class="today"><summary>{esc(say(lang, "plan_today"))}</summary>'
        f'{first}<ul class="rows">{rows}</ul></details>'
    )


def session_choices(
    sessions: tuple[Session, ...], notes: Mapping[str, Note], lang: str
) -> list[tuple[str, str]]:
    """Finished and running interviews for a drop-down, the latest first."""
    found = []
    for session in sessions:
        when = f"{session.started_at.astimezone():%Y-%m-%d %H:%M}"
        report = build_report(session, notes)
        if not session.finished:
            found.append((say(lang, "history_open", when=when), session.id))
            continue
        points = say(lang, "tally", earned=f"{report.earned:g}", total=report.total)
        score = "–" if report.score is None else f"{report.score:g}"
        found.append((say(lang, "history_row", when=when, points=points, score=score), session.id))
    return found
