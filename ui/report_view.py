"""The report of an interview on the page: how it stands, what to revise, every question."""

from collections.abc import Mapping, Sequence

from tutor.interview.report import Report, TopicBar, build_report
from tutor.interview.types import Kind, Outcome, Session
from tutor.notes.types import Note
from ui.markup import esc, plain, render_inline
from ui.render import delivery_html, model_answer, place, summary_tally, verdict_card
from ui.text import clock_time, percent, say


def report_view(
    session: Session, notes: Mapping[str, Note], past: Sequence[Session], lang: str
) -> str:
    """A finished interview, whole."""
    report = build_report(session, notes, past)
    questions = []
    for number, question in enumerate(report.questions, start=1):
        title = (
            f'<span class="number">{esc(say(lang, "question_n", n=number))}</span>'
            f'<span class="title">{render_inline(question.question)}</span>'
            f"{summary_tally(session, question, lang)}"
        )
        card = verdict_card(session, question, lang, in_play=False)
        said = "".join(
            f'<div class="said">{plain(turn.answer)}</div>'
            for turn in question.turns
            if turn.kind is Kind.QUESTION and turn.answer.strip()
        )
        body = f"{said}{card}{delivery_html(question, lang)}"
        questions.append(
            f'<details class="question"{" open" if number == 1 else ""}><summary>{title}</summary>'
            f'<div class="inside">{body}</div></details>'
        )
    return (
        f'<div class="report"><h2>{esc(say(lang, "report"))}</h2>{_headline(report, lang)}'
        f"{_topics(report.topics, lang)}{_revise(report, notes, lang)}{_past(report, lang)}"
        f"<h3>{esc(say(lang, 'per_question'))}</h3>{''.join(questions)}"
        f"{_transcript(session, lang)}</div>"
    )


def _headline(report: Report, lang: str) -> str:
    when = f"{report.started_at.astimezone():%Y-%m-%d %H:%M}"
    ended = say(lang, f"finished_{report.finished or 'stopped'}")
    soft = f"{when} · {ended} · {say(lang, 'time_taken', time=clock_time(report.seconds))}"
    if report.score is None:
        big = f'<p class="big">{esc(say(lang, "report_none"))}</p>'
    else:
        earned = f"<b>{report.earned:g}</b>"
        tally = say(lang, "tally", earned="\0", total=report.total).replace("\0", earned)
        scored = esc(say(lang, "questions_scored", n=report.scored))
        big = (
            f'<p class="head big"><span class="tally">{tally}</span>'
            f'<span class="score">{report.score:g} / 10</span>'
            f'<span class="badge">{scored}</span></p>'
        )
    return f'{big}<p class="soft">{esc(soft)}</p>'


def _topics(topics: Sequence[TopicBar], lang: str) -> str:
    if not topics:
        return ""
    rows = "".join(bar_row(bar.topic, bar.score / 10, f"{bar.score:g} / 10") for bar in topics)
    return f'<h3>{esc(say(lang, "by_topic"))}</h3><div class="bars">{rows}</div>'


def bar_row(name: str, share: float, value: str) -> str:
    """One bar with its number beside it: the number is the text alternative."""
    width = percent(min(max(share, 0.0), 1.0))
    return (
        f'<div class="bar"><span class="name">{esc(name)}</span>'
        f'<span class="track"><span class="fill" style="width:{width}"></span></span>'
        f'<span class="value">{esc(value)}</span></div>'
    )


def _revise(report: Report, notes: Mapping[str, Note], lang: str) -> str:
    if not report.revise:
        return ""
    rows = []
    for item in report.revise:
        points = "".join(f"<li>{render_inline(text)}</li>" for text in item.points)
        note = notes.get(item.note_id)
        rows.append(
            f'<li><p class="title">{render_inline(item.question)}'
            f' <span class="soft">{esc(place(item.source, lang))}</span></p>'
            f"<ul>{points}</ul>{model_answer(note, lang) if note else ''}</li>"
        )
    title = esc(say(lang, "revise"))
    return f'<h3>{title}</h3><ol class="revise">{"".join(rows)}</ol>'


def _past(report: Report, lang: str) -> str:
    scored = [past for past in report.past if past.score is not None][:5]
    if not scored or report.score is None:
        return ""
    rows = [bar_row(say(lang, "this_one"), report.score / 10, f"{report.score:g} / 10")]
    rows += [
        bar_row(
            f"{past.started_at.astimezone():%Y-%m-%d %H:%M}",
            past.score / 10,
            f"{past.score:g} / 10",
        )
        for past in scored
        if past.score is not None
    ]
    return f'<h3>{esc(say(lang, "past"))}</h3><div class="bars">{"".join(rows)}</div>'


def _transcript(session: Session, lang: str) -> str:
    lines = []
    for turn in session.turns:
        asked = f"<b>{esc(say(lang, 'interviewer'))}</b> {plain(turn.prompt)}"
        words = plain(turn.answer) if turn.answer.strip() else esc(say(lang, "no_words"))
        if turn.outcome in (Outcome.SKIPPED, Outcome.REVEALED, Outcome.POSTPONED):
            words += f' <span class="outcome">{esc(say(lang, turn.outcome.value))}</span>'
        lines.append(f"<p>{asked}</p><p><b>{esc(say(lang, 'you'))}</b> {words}</p>")
    title = esc(say(lang, "transcript"))
    return f'<details class="transcript"><summary>{title}</summary>{"".join(lines)}</details>'
