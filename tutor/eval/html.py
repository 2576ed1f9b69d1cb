"""The report as one HTML file that needs nothing else."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from tutor.eval import charts
from tutor.eval.baseline import CaseChange, Comparison
from tutor.eval.pictures import pictures
from tutor.eval.report import outcomes_of
from tutor.eval.terminal import heading, number
from tutor.eval.types import Outcome

_STYLE = """
:root{color-scheme:light dark;--i:#1f2937;--p:#fff;--m:#6b7280;--l:#e5e7eb;--b:#2563eb;--g:#15803d;--w:#b91c1c}
@media(prefers-color-scheme:dark){:root{--i:#e5e7eb;--p:#111827;--m:#9ca3af;--l:#374151;--b:#60a5fa;--g:#4ade80;--w:#f87171}}
*{box-sizing:border-box}body{font:15px/1.5 system-ui,"Noto Sans CJK SC",sans-serif;color:var(--i);background:var(--p);max-width:1240px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem;margin-bottom:.2rem}h2{font-size:1.15rem;margin-top:2.2rem;border-bottom:1px solid var(--l);padding-bottom:.2rem}
h3{font-size:1rem;margin:1.6rem 0 .3rem}nav a{margin-right:1rem}a{color:var(--b)}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
td,th{text-align:left;padding:.2rem .5rem;font-size:14px;border-bottom:1px solid var(--l);white-space:nowrap}th{color:var(--m);font-weight:500}
tr.first td{border-top:1px solid var(--m)}td.n,th.n{text-align:right}td svg{vertical-align:middle}
.m{color:var(--m)}.bad{color:var(--w);font-weight:600}.good{color:var(--g)}
pre{white-space:pre-wrap;background:color-mix(in srgb,var(--m) 12%,transparent);padding:.6rem;border-radius:.4rem;font:13px/1.5 ui-monospace,"Noto Sans Mono CJK SC",monospace;overflow-wrap:anywhere;margin:.3rem 0 .6rem}
summary{cursor:pointer;padding:.1rem 0}.row{display:flex;flex-wrap:wrap;gap:1.2rem;align-items:flex-start}svg{font-family:inherit;max-width:100%}td svg{max-width:none}
svg .t{font-size:12px;text-anchor:middle;fill:var(--i);font-weight:600}svg .l{font-size:11px;text-anchor:middle;fill:var(--i)}
svg .e{font-size:9.5px;text-anchor:end;fill:var(--m)}svg .s{font-size:9.5px;text-anchor:middle;fill:var(--m)}svg .r{font-size:11px;text-anchor:end;fill:var(--i)}
svg .a{fill:none;stroke:var(--m);stroke-opacity:.6}svg .d{stroke:var(--m);stroke-dasharray:4}svg .b{fill:var(--b);fill-opacity:.75}
svg .p{fill:var(--b);fill-opacity:.3}svg .g{fill:var(--g)}svg .w{fill:var(--w)}svg .i{stroke:var(--b);stroke-width:3;stroke-opacity:.45}svg .v{fill:var(--b)}
"""
_WORST = 5
_DIFF = 40
_MARKS = {"broken": "bad", "fixed": "good", "changed": "m"}


def as_html(report: Mapping[str, Any], comparison: Comparison | None = None) -> str:
    """The whole page."""
    groups = outcomes_of(report)
    held = {(part["suite"], part["dataset"]): part for part in report["datasets"]}
    parts = [
        "<h1>Evaluation of the interview tutor</h1>",
        f"<p>{escape(heading(report))}<br><span class=m>{escape(report['started'])} · "
        f"{escape(_line(report['machine']))}</span></p>",
        _contents(comparison is not None),
        *([_comparison(comparison)] if comparison else []),
        _figures(report),
        *_skipped(report),
        '<h2 id="sets">Data sets: pictures and worst cases</h2>',
        *(_dataset(*place, outcomes, held.get(place)) for place, outcomes in groups.items()),
        f'<h2 id="conditions">Conditions</h2><pre>{escape(_conditions(report))}</pre>',
    ]
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Evaluation</title><style>{_STYLE}</style><body>{''.join(parts)}</body></html>\n"
    )


def _contents(compared: bool) -> str:
    names = {"figures": "Figures", "sets": "Data sets", "conditions": "Conditions"}
    if compared:
        names = {"baseline": "Against the baseline", **names}
    links = "".join(f'<a href="#{place}">{name}</a>' for place, name in names.items())
    return f"<nav>{links}</nav>"


def _line(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())


def _conditions(report: Mapping[str, Any]) -> str:
    names = ("settings", "versions", "digests", "machine")
    return "\n".join(f"{name}: {_line(report[name])}" for name in names)


def _figures(report: Mapping[str, Any]) -> str:
    rows = []
    last = None
    for figure in report["figures"]:
        place = (figure["suite"], figure["dataset"])
        value, low, high = figure["value"], figure["low"], figure["high"]
        spread = "" if low is None else f"{number(low)} … {number(high)}"
        share = not figure["unit"] and None not in (value, low, high) and 0 <= value <= 1
        shown = number(value) if value is None else f"{number(value)} {figure['unit']}"
        first, names = place != last, place if place != last else ("", "")
        coverage = "bad" if figure["scored"] < figure["total"] else ""
        rows.append(
            f"<tr{' class=first' if first else ''}><td>{escape(names[0])}<td>{escape(names[1])}"
            f"<td>{escape(figure['name'])}<td class=n>{escape(shown)}<td class=n>{spread}"
            f"<td>{charts.interval(value, low, high) if share else ''}"
            f'<td class="n {coverage}">{figure["scored"]} / {figure["total"]}</tr>'
        )
        last = place
    return (
        '<h2 id="figures">Figures</h2><div class=wide><table><tr><th>suite<th>data set<th>figure'
        "<th class=n>value<th class=n>95 % interval<th>0 … 1<th class=n>scored / total</tr>"
        f"{''.join(rows)}</table></div>"
    )


def _skipped(report: Mapping[str, Any]) -> list[str]:
    lines = [f"{skip['what']}: {skip['reason']}" for skip in report["skipped"]]
    return [f"<h2>Not run</h2><pre>{escape(chr(10).join(lines))}</pre>"] if lines else []


def _comparison(comparison: Comparison) -> str:
    rows = []
    for figure in comparison.figures:
        if figure.status in ("same", "ignored"):
            continue
        mark = "bad" if figure.fails else "good" if figure.status == "better" else "m"
        chance = "" if figure.p_worse is None else f"{figure.p_worse:.4f}"
        rows.append(
            f"<tr><td>{escape(figure.suite)}<td>{escape(figure.dataset)}<td>{escape(figure.name)}"
            f"<td class=n>{number(figure.before)}<td class=n>{number(figure.after)}"
            f"<td class=n>{number(figure.tolerance)}<td class=n>{chance}<td class=n>{figure.shared}"
            f"<td class={mark}>{escape(figure.status)}</tr>"
        )
    table = (
        "<div class=wide><table><tr><th>suite<th>data set<th>figure<th class=n>before"
        "<th class=n>after<th class=n>tolerance<th class=n>p (not worse)<th class=n>cases<th>status"
        f"</tr>{''.join(rows)}</table></div>"
        if rows
        else "<p>Every figure is the same.</p>"
    )
    also = f"<p class=m>{escape('; '.join(comparison.notes))}</p>" if comparison.notes else ""
    return (
        f'<h2 id="baseline">Against the baseline</h2>{also}{table}'
        f"<h3>Case by case</h3>{''.join(map(_changes(comparison), _MARKS))}"
    )


def _changes(comparison: Comparison) -> Any:
    """The cases of one status, the first of them listed."""

    def listed(status: str) -> str:
        cases = [change for change in comparison.cases if change.status == status]
        more = len(cases) - _DIFF
        rest = f"<p class=m>and {more} more, in the JSON file</p>" if more > 0 else ""
        return (
            f"<p class={_MARKS[status]}>{len(cases)} {status}</p>"
            f"{''.join(_change(change) for change in cases[:_DIFF])}{rest}"
        )

    return listed


def _change(change: CaseChange) -> str:
    names = sorted({*change.before, *change.after})
    moved = [
        f"{name}: {change.before.get(name)} → {change.after.get(name)}"
        for name in names
        if change.before.get(name) != change.after.get(name)
    ]
    text = "\n".join([change.evidence, *moved])
    return (
        f"<details><summary>{escape(change.suite)} {escape(change.dataset)} "
        f"{escape(change.case_id)}</summary><pre>{escape(text)}</pre></details>"
    )


def _dataset(
    suite: str, dataset: str, outcomes: Sequence[Outcome], held: Mapping[str, Any] | None
) -> str:
    worst = [o for o in sorted(outcomes, key=lambda o: -o.badness)[:_WORST] if o.badness > 0]
    cases = "".join(
        f"<details><summary>{escape(o.case_id)} <span class=m>{o.badness:.2f} · "
        f"{escape((o.error or o.evidence).split(chr(10))[0][:90])}</span></summary>"
        f"<pre>{escape(o.error or o.evidence)}</pre></details>"
        for o in worst
    )
    counts = (
        f"{held['cases']} of {held['available']} cases, {held['failed']} failed, "
        f"{held['from_cache']} kept from earlier"
        if held
        else f"{len(outcomes)} cases"
    )
    return (
        f"<section><h3>{escape(suite)} · {escape(dataset)}</h3><p class=m>{counts}</p>"
        f"<div class=row>{''.join(pictures(suite, dataset, outcomes))}</div>"
        f"{'<p>Worst cases</p>' if cases else ''}{cases}</section>"
    )
