"""An interview as HTML: questions, answers and verdict cards, always from the whole session."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from tutor.critique.score import SCALE, score_table
from tutor.critique.types import Verdict
from tutor.interview.delivery import ADVICE
from tutor.interview.followup import hint_texts, nudge_text
from tutor.interview.pace import NUDGE_AT, suggested_seconds
from tutor.interview.report import PointLine, QuestionReport, build_report
from tutor.interview.report_text import LABELS, MARKS, judge_name
from tutor.interview.standing import visible_points
from tutor.interview.types import Kind, Mode, Outcome, Phase, Session, Turn
from tutor.notes.types import Note, Source
from ui.markup import esc, plain, render_inline, render_markdown
from ui.text import clock_time, percent, say

_OUTCOMES = {
    Outcome.SKIPPED: "skipped",
    Outcome.REVEALED: "revealed",
    Outcome.POSTPONED: "postponed",
}


def interview_html(session: Session, notes: Mapping[str, Note], lang: str, now: datetime) -> str:
    """The interview as it stands: earlier questions folded, the last judged and the open one not.

    Args:
        session: What is shown.
        notes: All notes by id.
        lang: Language of the page.
        now: For the time used so far.
    """
    questions = build_report(session, notes).questions
    current = session.current.note_id if session.current else ""
    blocks = []
    for number, question in enumerate(questions, start=1):
        fresh = number >= len(questions) - 1
        blocks.append(_question_block(session, question, number, lang, unfolded=fresh))
    asked = _open_question(session, notes.get(current), lang, now)
    return f'<div class="interview">{"".join(blocks)}{asked}</div>'


def _question_block(
    session: Session, question: QuestionReport, number: int, lang: str, *, unfolded: bool
) -> str:
    """Everything already said about one question; empty while it is only being asked."""
    closed = [turn for turn in question.turns if turn.outcome is not Outcome.PENDING]
    if not closed:
        return ""
    title = f'<span class="number">{esc(say(lang, "question_n", n=number))}</span>'
    title += f'<span class="title">{render_inline(question.question)}</span>'
    in_play = session.current is not None and session.current.note_id == question.note_id
    card = verdict_card(session, question, lang, in_play=in_play)
    talk = "".join(_exchange(turn, lang) for turn in closed)
    title += summary_tally(session, question, lang)
    state = " open" if unfolded else ""
    return (
        f'<details class="question"{state}><summary>{title}</summary>'
        f'<div class="inside">{talk}{card}</div></details>'
    )


def summary_tally(session: Session, question: QuestionReport, lang: str) -> str:
    """The result in the folded line: "4 / 6 points"; nothing that Real mode still holds back."""
    result = question.result
    if session.choices.mode is Mode.REAL and session.phase is not Phase.DONE:
        return ""
    if result is None or result.points is None or result.score is None:
        return ""
    words = say(lang, "tally", earned=f"{result.points.earned:g}", total=result.points.total)
    return f'<span class="small-tally">{esc(words)} · {result.score:g}</span>'


def _exchange(turn: Turn, lang: str) -> str:
    kind = "" if turn.kind is Kind.QUESTION else f'<span class="kind">{say(lang, turn.kind)}</span>'
    asked = f'<div class="asked">{kind}{plain(turn.prompt)}</div>'
    said = plain(turn.answer) if turn.answer.strip() else ""
    outcome = _OUTCOMES.get(turn.outcome)
    if outcome:
        said += f'<span class="outcome">{esc(say(lang, outcome))}</span>'
    elif not said:
        said = f'<span class="outcome">{esc(say(lang, "no_words"))}</span>'
    return f'{asked}<div class="said">{said}</div>'


def _open_question(session: Session, note: Note | None, lang: str, now: datetime) -> str:
    turn = session.current
    if turn is None or session.phase is Phase.DONE:
        return ""
    if session.phase is not Phase.ASKED:
        real = session.choices.mode is Mode.REAL
        return f'<p class="working">{esc(say(lang, "held" if real else "judging"))}</p>'
    number = len(dict.fromkeys(t.note_id for t in session.turns))
    head = [say(lang, "question_n", n=number)]
    if session.choices.count:
        total = min(session.choices.count, len(session.plan))
        head = [say(lang, "question_of", n=number, total=total)]
    if turn.kind is not Kind.QUESTION:
        head = [say(lang, "question_n", n=number), say(lang, turn.kind)]
    if note:
        head.append(note.topic)
        head.append(say(lang, note.level) if note.level else "")
    again = f'<span class="kind">{say(lang, "repeated")}</span>' if turn.repeats else ""
    parts = [
        '<section class="now">',
        f'<p class="eyebrow">{esc(" · ".join(part for part in head if part))}</p>',
        f'<p class="ask-now">{again}{plain(turn.prompt)}</p>',
        _clock(session, turn, note, lang, now),
    ]
    for hint in hint_texts(session, note) if note else ():
        words = f"<b>{esc(say(lang, 'hint_title'))}</b> {plain(hint)}"
        parts.append(f'<p class="hint" role="status">💡 {words}</p>')
    return "".join([*parts, "</section>"])


def _clock(session: Session, turn: Turn, note: Note | None, lang: str, now: datetime) -> str:
    """The time used; the page's script counts on from the seconds in the element's id."""
    used = turn.seconds(now)
    shown = clock_time(used)
    text = f'<span id="clock-{turn.index}-{int(used)}" class="clock">{shown}</span>'
    parts = [say(lang, "time", time="\0").replace("\0", text)]
    if note:
        fair = suggested_seconds(note)
        parts.append(esc(say(lang, "suggested", time=clock_time(fair))))
        if session.choices.mode is Mode.REAL:
            left = int(NUDGE_AT * fair - used)
            words = esc(nudge_text(session.choices.lang))
            parts.append(
                f'<span class="nudge" role="status" id="nudge-{turn.index}-{left}">{words}</span>'
            )
    return f'<p class="pace">{" · ".join(parts[:2])}{"".join(parts[2:])}</p>'


# Verdicts


def verdict_card(session: Session, question: QuestionReport, lang: str, *, in_play: bool) -> str:
    """How one question stands: tally, score, comment, each point with both sides' words.

    Points the learner may still be asked about are held back; so is everything in Real mode.
    """
    if session.choices.mode is Mode.REAL and session.phase is not Phase.DONE:
        judged = any(turn.outcome is Outcome.ANSWERED for turn in question.turns)
        return f'<p class="held">{esc(say(lang, "held"))}</p>' if judged else ""
    note, result = question.note, question.result
    if note is None or result is None:
        return f'<p class="held">{esc(say(lang, "gone"))}</p>'
    visible = visible_points(session, note, in_play)
    shown = [line for line in question.lines if line.point.id in visible]
    hidden = len(question.lines) - len(shown)
    parts = []
    if result.points:
        parts += [_head(question, lang), _comment(question, lang) if not hidden else ""]
        points = "".join(_point(line, _turn_of(question, line.verdict), lang) for line in shown)
        parts.append(f'<ul class="points">{points}</ul>')
        if hidden:
            parts.append(f'<p class="in-play">{esc(say(lang, "in_play", n=hidden))}</p>')
        parts += [_outside(question, lang), _table(note, result.verdicts, lang, hidden)]
        parts.append(_estimate(question, lang) if not hidden else "")
    elif question.unjudged:
        parts.append(f'<p class="working">{esc(say(lang, "judging"))}</p>')
    if not hidden and not (in_play and session.phase is not Phase.DONE and not result.points):
        parts.append(model_answer(note, lang))
    body = "".join(parts)
    return f'<section class="card">{body}</section>' if body else ""


def _head(question: QuestionReport, lang: str) -> str:
    result = question.result
    if result is None or result.points is None:
        return ""
    points = result.points
    waiting = any(turn.critique and not turn.critique.final for turn in question.turns)
    badge = say(lang, "provisional" if waiting else "final")
    score = "" if result.score is None else f'<span class="score">{result.score:g} / 10</span>'
    earned = f"<b>{points.earned:g}</b>"
    tally = say(lang, "tally", earned="\0", total=points.total).replace("\0", earned)
    extra = [f'<span class="badge {"waiting" if waiting else "done"}">{esc(badge)}</span>']
    if points.disputed:
        extra.append(f'<span class="badge disputed">{esc(say(lang, "disputed"))}</span>')
    if result.hints:
        extra.append(f'<span class="badge">{esc(say(lang, "hints_taken", n=result.hints))}</span>')
    return f'<p class="head"><span class="tally">{tally}</span>{score}{"".join(extra)}</p>'


def _comment(question: QuestionReport, lang: str) -> str:
    judged = [turn for turn in question.turns if turn.critique]
    if not judged:
        return ""
    # The comment on the answer itself: a follow-up's speaks only of the follow-up.
    main = judged[0].critique
    parts = [f'<p class="comment">{plain(main.comment)}</p>' if main and main.comment else ""]
    for turn in judged:
        if turn.critique and turn.critique.best_span:
            words = plain(turn.critique.best_span.of(turn.answer))
            parts.append(f'<p class="best"><span>{esc(say(lang, "best"))}</span>“{words}”</p>')
            break
    return "".join(parts)


def _turn_of(question: QuestionReport, verdict: Verdict) -> int:
    """Index of the turn whose critique holds the verdict."""
    found = (t.index for t in question.turns if t.critique and verdict in t.critique.verdicts)
    return next(found, question.turns[0].index)


def _point(line: PointLine, turn: int, lang: str) -> str:
    label = line.verdict.label
    bonus = "" if line.point.required else f'<span class="bonus">{esc(say(lang, "bonus"))}</span>'
    nothing = f'<span class="none">{esc(say(lang, "said_nothing"))}</span>'
    said = plain(line.said) if line.said else nothing
    judge = judge_name(lang, line.verdict.judge)
    sure = say(lang, "confidence", share=percent(line.verdict.confidence))
    button = (
        f'<button type="button" class="dispute" id="dispute-{turn}-{esc(line.point.id)}">'
        f"{esc(say(lang, 'dispute'))}</button>"
    )
    return (
        f'<li class="point {label.value}">'
        f'<p class="what"><span class="mark">{MARKS[label]} {LABELS[lang][label]}</span>'
        f"<span>{render_inline(line.point.text)}{bonus}</span></p>"
        f'<div class="sides"><div><span class="side">{esc(say(lang, "your_words"))}</span>{said}</div>'
        f'<div><span class="side">{esc(say(lang, "note_words"))}</span>{render_inline(line.note_text)}</div></div>'
        f'<p class="by">{esc(judge)} · {esc(sure)} {button}</p></li>'
    )


def _outside(question: QuestionReport, lang: str) -> str:
    quotes = [
        f"<li>{plain(span.of(turn.answer))}</li>"
        for turn in question.turns
        if turn.critique
        for span in turn.critique.outside
    ]
    if not quotes:
        return ""
    title = esc(say(lang, "outside"))
    return f'<div class="outside"><span class="side">{title}</span><ul>{"".join(quotes)}</ul></div>'


def _estimate(question: QuestionReport, lang: str) -> str:
    """The mark of the first answer as a whole, where its note lists no points."""
    found = [t.critique.estimate for t in question.turns if t.critique is not None]
    if not found or found[0] is None:
        return ""
    return f'<p class="soft">{esc(say(lang, "estimate", value=f"{found[0]:g}"))}</p>'


def _table(note: Note, verdicts: Sequence[Verdict], lang: str, hidden: int) -> str:
    lines = score_table(verdicts, note.key_points)
    weight = sum(line.weight for line in lines)
    if hidden or not weight:
        return ""
    texts = {point.id: point.text for point in note.key_points}
    heads = ("point", "verdict", "weight", "credit", "penalty", "earned")
    head = "".join(f'<th scope="col">{esc(say(lang, f"table_{name}"))}</th>' for name in heads)
    rows = "".join(
        f"<tr><td>{render_inline(texts.get(line.point_id, ''))}</td><td>{LABELS[lang][line.label]}</td>"
        f"<td>{line.weight:g}</td><td>{line.credit:g}</td><td>{line.penalty:g}</td>"
        f"<td>{line.earned:g}</td></tr>"
        for line in lines
    )
    earned = sum(line.earned for line in lines)
    value = round(SCALE * max(earned, 0.0) / weight, 1)
    total = say(lang, "table_sum", earned=f"{earned:g}", weight=f"{weight:g}", score=f"{value:g}")
    return (
        f'<details class="table"><summary>{esc(say(lang, "table"))}</summary>'
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
        f'<p>{esc(total)}</p><p class="soft">{esc(say(lang, "table_rule"))}</p></details>'
    )


# Notes


def place(source: Source, lang: str) -> str:
    """File and lines, for people."""
    return say(lang, "lines", file=source.file, first=source.first_line, last=source.last_line)


def model_answer(note: Note, lang: str) -> str:
    """The note's answer, verbatim, with where it stands; folded."""
    return (
        f'<details class="answer"><summary>{esc(say(lang, "model_answer"))}'
        f' <span class="soft">{esc(place(note.source, lang))}</span></summary>'
        f"{note_body(note, lang)}</details>"
    )


def note_body(note: Note, lang: str) -> str:
    """A note's answer and what its author added."""
    parts = [f'<div class="prose">{render_markdown(note.answer)}</div>']
    if note.misconception:
        label = esc(say(lang, "misconception"))
        parts.append(f'<p class="aside"><b>{label}</b> {render_inline(note.misconception)}</p>')
    if note.references:
        label = esc(say(lang, "references"))
        words = "; ".join(render_inline(text) for text in note.references)
        parts.append(f'<p class="aside soft"><b>{label}</b> {words}</p>')
    return "".join(parts)


def delivery_html(question: QuestionReport, lang: str) -> str:
    """Length and advice about the delivery of one answer."""
    delivery = question.delivery
    if delivery is None or not delivery.length:
        return ""
    size = say(lang, f"length_{delivery.lang}", n=delivery.length)
    advice = [ADVICE[lang][code] for code in delivery.advice] or [say(lang, "delivery_fine")]
    words = " ".join(advice)
    return f'<p class="delivery"><b>{esc(say(lang, "delivery"))}</b> {esc(size)} · {esc(words)}</p>'
