"""A report as one HTML file: no script, no outside request, prints cleanly.

Everything that comes from notes or the learner goes through `html.escape`; a content policy in
the file forbids scripts and outside requests even if something were missed.
"""

import re
from html import escape

from tutor.interview.delivery import ADVICE
from tutor.interview.report import PointLine, QuestionReport, Report
from tutor.interview.report_text import (
    FINISHED,
    LABELS,
    MARKS,
    clock,
    headline,
    judge_name,
    kind_name,
    place,
    question_line,
    word,
)

_CSS = """
:root { --ink: #1c2430; --soft: #5b6675; --line: #d9dfe7; --good: #1f7a4d; --half: #9a6700;
  --bad: #b42318; --accent: #2456a6; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 46rem; padding: 1.5rem 1rem 4rem; color: var(--ink);
  background: #fff; overflow-wrap: anywhere;
  font: 16px/1.65 system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.4rem 0 .3rem; }
p, ul, ol { margin: .4rem 0; }
.soft { color: var(--soft); font-size: .9rem; }
.big { font-size: 1.2rem; font-weight: 600; }
.bar { display: grid; grid-template-columns: 12rem 1fr 4rem; gap: .6rem; align-items: center; }
.bar div { background: var(--line); height: .7rem; border-radius: .35rem; }
.bar div span { display: block; height: 100%; border-radius: .35rem; background: var(--accent); }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; }
th, td { text-align: left; vertical-align: top; padding: .35rem .5rem; border-top: 1px solid var(--line); }
.covered { color: var(--good); } .partial { color: var(--half); }
.missed, .contradicted { color: var(--bad); } .unscored { color: var(--soft); }
.words { white-space: pre-wrap; margin: .3rem 0; padding: .5rem .7rem;
  border-left: 3px solid var(--line); }
.you { border-left-color: var(--accent); }
@media (max-width: 34rem) { .bar { grid-template-columns: 1fr 1.5fr 4rem; }
  th:nth-child(n+3), td:nth-child(n+3) { display: block; width: 100%; } }
@media print { body { max-width: none; padding: 0; font-size: 11pt; }
  details::details-content { content-visibility: visible; block-size: auto; }
  h2, h3 { break-after: avoid; } table, .words, .bar { break-inside: avoid; } a { color: inherit; } }
"""


def report_html(report: Report) -> str:
    """The report as a whole HTML document, UTF-8."""
    lang = report.lang
    title = word(lang, "title")
    parts = [
        "<!doctype html>",
        f'<html lang="{"zh-CN" if lang == "zh" else "en"}"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>{title} {report.started_at.astimezone():%Y-%m-%d}</title><style>{_CSS}</style></head><body>",
        f"<h1>{title}</h1>",
        f'<p class="big">{escape(headline(report))}</p>',
        f'<p class="soft">{report.started_at.astimezone():%Y-%m-%d %H:%M} · '
        f"{FINISHED[lang].get(report.finished, escape(report.finished))} · "
        f"{word(lang, 'time')} {clock(report.seconds)}</p>",
        _topics(report),
        _revise(report),
        _past(report),
        f"<h2>{word(lang, 'questions')}</h2>",
        *(_question(number, q, lang) for number, q in enumerate(report.questions, 1)),
        _transcript(report),
        "</body></html>\n",
    ]
    return "\n".join(part for part in parts if part)


def _topics(report: Report) -> str:
    rows = [
        f'<div class="bar"><span>{escape(bar.topic) or "–"}</span>'
        f'<div role="img" aria-label="{bar.score:g} / 10"><span style="width:{10 * bar.score:.0f}%">'
        f"</span></div><span>{bar.score:g} / 10</span></div>"
        for bar in report.topics
    ]
    return _section(word(report.lang, "topics"), rows)


def _revise(report: Report) -> str:
    numbers = {q.note_id: n for n, q in enumerate(report.questions, 1)}
    items = []
    for item in report.revise:
        points = "".join(f"<li>{escape(point)}</li>" for point in item.points)
        items.append(
            f'<li><a href="#q{numbers[item.note_id]}">{escape(item.question)}</a>'
            f'<div class="soft">{escape(place(item, report.lang))}</div><ul>{points}</ul></li>'
        )
    return _section(word(report.lang, "revise"), ["<ol>", *items, "</ol>"] if items else [])


def _past(report: Report) -> str:
    rows = [
        f"<tr><td>{past.started_at.astimezone():%Y-%m-%d %H:%M}</td>"
        f"<td>{'–' if past.score is None else f'{past.score:g} / 10'}</td>"
        f"<td>{word(report.lang, 'questions_scored', n=past.scored)}</td></tr>"
        for past in report.past
    ]
    return _section(word(report.lang, "past"), ["<table>", *rows, "</table>"] if rows else [])


def _question(number: int, question: QuestionReport, lang: str) -> str:
    rows = "".join(_line(line, lang) for line in question.lines)
    parts = [
        f'<section><h3 id="q{number}">{number}. {escape(question.question)}</h3>',
        f'<p class="soft">{escape(question_line(question, lang))}</p>',
    ]
    if rows:
        heads = "".join(f"<th>{word(lang, name)}</th>" for name in ("points", "said", "note"))
        parts.append(f"<table><tr>{heads}</tr>{rows}</table>")
    comments = [turn.critique.comment for turn in question.turns if turn.critique]
    parts += [f"<p>{escape(comment)}</p>" for comment in dict.fromkeys(comments) if comment]
    if question.delivery and question.delivery.advice:
        advice = " ".join(ADVICE[lang][code] for code in question.delivery.advice)
        parts.append(f'<p class="soft">{word(lang, "delivery")}: {advice}</p>')
    if question.note:
        parts.append(
            f"<details><summary>{word(lang, 'answer')}</summary>"
            f'<div class="words">{_marked(question.note.answer)}</div></details>'
        )
    return "".join([*parts, "</section>"])


def _line(line: PointLine, lang: str) -> str:
    label = line.verdict.label
    who = f"{judge_name(lang, line.verdict.judge)}, {line.verdict.confidence:.0%}"
    return (
        f'<tr><td><span class="{label.value}">{MARKS[label]} {LABELS[lang][label]}</span> '
        f'{escape(line.point.text)}<div class="soft">{escape(who)}</div></td>'
        f"<td>{escape(line.said) or '–'}</td><td>{_marked(line.note_text)}</td></tr>"
    )


def _marked(text: str) -> str:
    """A note's words, escaped, with its bold and code as such; formulas stay as they are written."""
    parts = re.split(r"(\$[^$\n]+\$|`[^`\n]+`)", escape(text))
    for index, part in enumerate(parts):
        if part.startswith("`"):
            parts[index] = f"<code>{part[1:-1]}</code>"
        elif not part.startswith("$"):
            parts[index] = re.sub(r"\*\*(?=\S)(.+?)(?<=\S)\*\*", r"<b>\1</b>", part)
    return "".join(parts)


def _transcript(report: Report) -> str:
    lang = report.lang
    rows = []
    for turn in sorted((t for q in report.questions for t in q.turns), key=lambda t: t.index):
        answer = escape(turn.answer) or word(lang, "no_words")
        rows.append(
            f'<p class="soft">{turn.index + 1}. {word(lang, "interviewer")} · '
            f"{kind_name(lang, turn.kind)}</p>"
            f'<div class="words">{escape(turn.prompt)}</div><p class="soft">{word(lang, "you")}</p>'
            f'<div class="words you">{answer}</div>'
        )
    return _section(word(lang, "transcript"), rows)


def _section(title: str, rows: list[str]) -> str:
    return f"<h2>{title}</h2>\n" + "\n".join(rows) if rows else ""
