"""The report as one HTML file that needs nothing else."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from tutor.eval import charts, metrics
from tutor.eval.baseline import Comparison
from tutor.eval.report import outcomes_of
from tutor.eval.terminal import heading, number
from tutor.eval.types import Outcome

_STYLE = """
:root{color-scheme:light dark;--i:#1f2937;--p:#fff;--m:#6b7280;--l:#d1d5db;--b:#2563eb;--g:#15803d;--w:#b91c1c}
@media(prefers-color-scheme:dark){:root{--i:#e5e7eb;--p:#111827;--m:#9ca3af;--l:#374151;--b:#60a5fa;--g:#4ade80;--w:#f87171}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--i);background:var(--p);max-width:1080px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem;border-bottom:1px solid var(--l)}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}td,th{text-align:left;padding:.2rem .6rem;border-bottom:1px solid var(--l)}
td.n,th.n{text-align:right}.m{color:var(--m)}.bad{color:var(--w);font-weight:600}.good{color:var(--g)}
pre{white-space:pre-wrap;background:color-mix(in srgb,var(--m) 12%,transparent);padding:.6rem;border-radius:.4rem;font-size:13px;overflow-wrap:anywhere}
.row{display:flex;flex-wrap:wrap;gap:1rem}svg{font-family:system-ui,sans-serif}
svg .t{font-size:12px;text-anchor:middle;fill:var(--i);font-weight:600}svg .l{font-size:11px;text-anchor:middle;fill:var(--i)}
svg .s{font-size:9px;text-anchor:middle;fill:var(--m)}svg .r{font-size:11px;text-anchor:end;fill:var(--i)}
svg .a{fill:none;stroke:var(--m)}svg .d{stroke:var(--m);stroke-dasharray:4}svg .b{fill:var(--b);fill-opacity:.75}
svg .g{fill:var(--g)}svg .w{fill:var(--w)}
"""
_LABELS = {
    "critique": ("covered", "partial", "missed", "contradicted"),
    "grounding": ("supported", "unsupported", "contradicted"),
}
_WORST = 5
_DIFF = 40


def as_html(report: Mapping[str, Any], comparison: Comparison | None = None) -> str:
    """The whole page."""
    groups = outcomes_of(report)
    parts = [
        "<h1>Evaluation of the interview tutor</h1>",
        f"<p>{escape(heading(report))}<br><span class=m>{escape(report['started'])} · "
        f"{escape(_line(report['machine']))}</span></p>",
        _figures(report),
        *([_comparison(comparison)] if comparison else []),
        *(_skipped(report)),
        "<h2>Pictures</h2>",
        *(_pictures(suite, name, outcomes) for (suite, name), outcomes in groups.items()),
        "<h2>Worst cases</h2>",
        *(_worst(suite, name, outcomes) for (suite, name), outcomes in groups.items()),
        f"<h2>Conditions</h2><pre>{escape(_conditions(report))}</pre>",
    ]
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Evaluation</title><style>{_STYLE}</style><body>{''.join(parts)}</body></html>\n"
    )


def _line(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())


def _conditions(report: Mapping[str, Any]) -> str:
    names = ("settings", "versions", "digests", "machine")
    return "\n".join(f"{name}: {_line(report[name])}" for name in names)


def _figures(report: Mapping[str, Any]) -> str:
    rows = []
    for figure in report["figures"]:
        interval = (
            "" if figure["low"] is None else f"{number(figure['low'])} … {number(figure['high'])}"
        )
        rows.append(
            f"<tr><td>{escape(figure['suite'])}<td>{escape(figure['dataset'])}"
            f"<td>{escape(figure['name'])}<td class=n>{number(figure['value'])} "
            f"{escape(figure['unit'])}<td class=n>{interval}"
            f"<td class=n>{figure['scored']} / {figure['total']}</tr>"
        )
    return (
        "<h2>Figures</h2><table><tr><th>suite<th>data set<th>figure<th class=n>value"
        f"<th class=n>95 % interval<th class=n>scored / total</tr>{''.join(rows)}</table>"
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
        chance = "" if figure.p_worse is None else f"{figure.p_worse:.3f}"
        rows.append(
            f"<tr><td>{escape(figure.suite)}<td>{escape(figure.dataset)}<td>{escape(figure.name)}"
            f"<td class=n>{number(figure.before)}<td class=n>{number(figure.after)}"
            f"<td class=n>{number(figure.tolerance)}<td class=n>{chance}<td class=n>{figure.shared}"
            f"<td class={mark}>{escape(figure.status)}</tr>"
        )
    listed = "".join(
        f"<details><summary class={'bad' if c.status == 'broken' else 'good' if c.status == 'fixed' else 'm'}>"
        f"{c.status}: {escape(c.suite)} {escape(c.dataset)} {escape(c.case_id)}</summary>"
        f"<pre>{escape(c.evidence)}\nbefore {escape(str(dict(c.before)))}\nafter  {escape(str(dict(c.after)))}</pre></details>"
        for c in comparison.cases[:_DIFF]
    )
    counts = ", ".join(
        f"{sum(c.status == status for c in comparison.cases)} {status}"
        for status in ("fixed", "broken", "changed")
    )
    also = escape("; ".join(comparison.notes))
    return (
        f"<h2>Against the baseline</h2><p>{counts}. <span class=m>{also}</span></p><table><tr>"
        "<th>suite<th>data set<th>figure<th class=n>before<th class=n>after<th class=n>tolerance"
        f"<th class=n>p (not worse)<th class=n>cases<th>status</tr>{''.join(rows)}</table>{listed}"
    )


def _pictures(suite: str, dataset: str, outcomes: Sequence[Outcome]) -> str:
    scored = [outcome for outcome in outcomes if not outcome.error]
    title = f"{suite} {dataset}"
    found: list[str] = []
    if suite == "retrieval":
        found.append(charts.rank_histogram([o.values["rank"] for o in scored], title))
    if suite in _LABELS and scored and "gold" in scored[0].values:
        gold, given, chance = _labelled(scored)
        wanted = ("covered", "partial") if suite == "critique" else ("supported",)
        found.append(
            charts.confusion_matrix(
                metrics.confusion(gold, given, _LABELS[suite]), _LABELS[suite], title
            )
        )
        found.append(charts.reliability([one in wanted for one in gold], chance, title))
    if suite == "abstention" and scored:
        truth = [o.values["answerable"] for o in scored]
        found.append(charts.reliability(truth, [o.values["confidence"] for o in scored], title))
        names = ("answerable", "unanswerable")
        said = [names[not o.values["answered"]] for o in scored]
        table = metrics.confusion([names[not one] for one in truth], said, names)
        found.append(charts.confusion_matrix(table, ("answer", "refuse"), title))
    found.append(charts.time_histogram([o.seconds for o in scored], f"{title}: seconds a case"))
    return f"<div class=row>{''.join(found)}</div>"


def _labelled(outcomes: Sequence[Outcome]) -> tuple[list[str], list[str], list[float]]:
    gold: list[str] = []
    given: list[str] = []
    chance: list[float] = []
    for outcome in outcomes:
        values = outcome.values
        several = isinstance(values["gold"], list)
        gold += values["gold"] if several else [values["gold"]]
        given += values["labels"] if several else [values["label"]]
        chance += values["p"] if several else [values["support"]]
    return gold, given, chance


def _worst(suite: str, dataset: str, outcomes: Sequence[Outcome]) -> str:
    worst = sorted(outcomes, key=lambda outcome: -outcome.badness)[:_WORST]
    shown = [o for o in worst if o.badness > 0]
    return "".join(
        f"<details><summary>{escape(suite)} {escape(dataset)} {escape(o.case_id)} "
        f"({o.badness:.2f})</summary><pre>{escape(o.error or o.evidence)}</pre></details>"
        for o in shown
    )
