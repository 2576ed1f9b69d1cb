"""A report as Markdown; foreign text is fenced or has its markup defused."""

import re

from tutor.interview.delivery import ADVICE
from tutor.interview.report import QuestionReport, Report
from tutor.interview.report_text import (
    FINISHED,
    LABELS,
    MARKS,
    clock,
    headline,
    kind_name,
    place,
    question_line,
    word,
)

_MARKUP = re.compile(r"([\\`*_{}\[\]()#+!|~$>-])")


def report_markdown(report: Report) -> str:
    """The report as one Markdown document."""
    lang = report.lang
    parts = [
        f"# {word(lang, 'title')}",
        f"**{headline(report)}**",
        f"{report.started_at.astimezone():%Y-%m-%d %H:%M} · {FINISHED[lang].get(report.finished, '')} · "
        f"{word(lang, 'time')} {clock(report.seconds)}",
    ]
    if report.topics:
        bars = [f"| {inline(bar.topic) or '–'} | {bar.score:g} / 10 |" for bar in report.topics]
        parts += [f"## {word(lang, 'topics')}", "\n".join(["| | |", "|---|---|", *bars])]
    if report.revise:
        parts.append(f"## {word(lang, 'revise')}")
        for number, item in enumerate(report.revise, 1):
            points = "".join(f"\n   - {inline(point)}" for point in item.points)
            where = inline(place(item, lang))
            parts.append(f"{number}. {inline(item.question)} ({where}){points}")
    if report.past:
        rows = [
            f"- {past.started_at.astimezone():%Y-%m-%d %H:%M}: "
            f"{'–' if past.score is None else f'{past.score:g} / 10'} "
            f"({word(lang, 'questions_scored', n=past.scored)})"
            for past in report.past
        ]
        parts += [f"## {word(lang, 'past')}", "\n".join(rows)]
    parts.append(f"## {word(lang, 'questions')}")
    for number, question in enumerate(report.questions, 1):
        parts += _question(number, question, lang)
    parts += _transcript(report)
    return "\n\n".join(parts) + "\n"


def inline(text: str) -> str:
    """Foreign text on one line, shown as it is: no markup, no HTML."""
    line = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;")
    return _MARKUP.sub(r"\\\1", line)


def fenced(text: str) -> str:
    """Foreign text verbatim, in a fence longer than any run of backticks in it."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def _question(number: int, question: QuestionReport, lang: str) -> list[str]:
    parts = [
        f"### {number}. {inline(question.question)}",
        inline(question_line(question, lang)),
    ]
    rows = [
        f"- {MARKS[line.verdict.label]} **{LABELS[lang][line.verdict.label]}** "
        f"{inline(line.point.text)}"
        + (f"\n  - {word(lang, 'said')}: {inline(line.said)}" if line.said else "")
        + f"\n  - {word(lang, 'note')}: {inline(line.note_text)}"
        for line in question.lines
    ]
    if rows:
        parts.append("\n".join(rows))
    comments = [turn.critique.comment for turn in question.turns if turn.critique]
    parts += [inline(comment) for comment in dict.fromkeys(comments) if comment]
    if question.delivery and question.delivery.advice:
        advice = " ".join(ADVICE[lang][code] for code in question.delivery.advice)
        parts.append(f"{word(lang, 'delivery')}: {advice}")
    return parts


def _transcript(report: Report) -> list[str]:
    lang = report.lang
    turns = sorted((t for q in report.questions for t in q.turns), key=lambda t: t.index)
    parts = [f"## {word(lang, 'transcript')}"] if turns else []
    for turn in turns:
        parts.append(
            f"**{turn.index + 1}. {word(lang, 'interviewer')}** ({kind_name(lang, turn.kind)}): "
            f"{inline(turn.prompt)}"
        )
        answer = fenced(turn.answer) if turn.answer else word(lang, "no_words")
        parts += [f"**{word(lang, 'you')}**:", answer]
    return parts
