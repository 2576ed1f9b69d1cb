"""The report on the terminal."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from tutor.eval.baseline import Comparison
from tutor.eval.degradation import Row
from tutor.eval.runner import Progress as Told


@contextmanager
def progress_bar(console: Console) -> Iterator[Told]:
    """A bar with the data set, the cases done and the time left."""
    columns = (
        TextColumn("{task.description:<34}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("preparing", total=None)

        def told(what: str, done: int, total: int) -> None:
            bar.update(task, description=what[:34], completed=done, total=total)

        yield told


def wide_console() -> Console:
    """Standard output; wide enough for the tables where it goes into a file."""
    return Console() if sys.stdout.isatty() else Console(width=140)


def number(value: float | None) -> str:
    """A value with as many digits as matter."""
    if value is None:
        return "–"
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"


def figures_table(report: Mapping[str, Any]) -> Table:
    """All figures with their intervals and counts."""
    table = Table(
        title=heading(report),
        title_justify="left",
        header_style="bold",
        box=SIMPLE_HEAD,
        pad_edge=False,
    )
    for name in ("suite", "data set", "figure"):
        table.add_column(name, no_wrap=True)
    for name in ("value", "95 % interval", "scored / total"):
        table.add_column(name, justify="right", no_wrap=True)
    last = None
    for figure in report["figures"]:
        place = (figure["suite"], figure["dataset"])
        if last is not None and place != last:
            table.add_section()
        interval = (
            "" if figure["low"] is None else f"{number(figure['low'])} … {number(figure['high'])}"
        )
        shown = f"{number(figure['value'])} {figure['unit']}".strip()
        counts = f"{figure['scored']} / {figure['total']}"
        table.add_row(
            *(place if place != last else ("", "")), figure["name"], shown, interval, counts
        )
        last = place
    return table


def heading(report: Mapping[str, Any]) -> str:
    """Model, embedding, size and time in one line."""
    settings = report["settings"]
    parts = [
        f"model {settings['model']}",
        f"embedding {settings['embedding']}",
        "fast" if settings["fast"] else "",
        f"limit {settings['limit']}" if settings["limit"] else "",
        f"judge {settings['judge']}" if settings["judge"] else "",
        f"{report['seconds']:.0f} s",
        "INTERRUPTED" if report["partial"] else "",
    ]
    return " · ".join(part for part in parts if part)


def comparison_table(comparison: Comparison) -> Table:
    """The figures that changed, and how many cases did."""
    counts = ", ".join(
        f"{sum(change.status == status for change in comparison.cases)} {status}"
        for status in ("fixed", "broken", "changed")
    )
    table = Table(
        title=f"against the baseline · cases: {counts}",
        title_justify="left",
        caption="; ".join(comparison.notes),
        caption_justify="left",
        box=SIMPLE_HEAD,
        pad_edge=False,
    )
    for name in ("suite", "data set", "figure"):
        table.add_column(name, no_wrap=True)
    for name in ("before", "after", "tolerance", "p", "cases"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for figure in comparison.figures:
        if figure.status in ("same", "ignored"):
            continue
        table.add_row(
            figure.suite,
            figure.dataset,
            figure.name,
            number(figure.before),
            number(figure.after),
            number(figure.tolerance),
            number(figure.p_worse),
            str(figure.shared),
            figure.status,
            style="red" if figure.fails else None,
        )
    return table


def degradation_table(rows: Sequence[Row]) -> Table:
    """What each damage made fail, and how many of the runs that are only noise failed."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_lines=True)
    for name in ("damage", "figures that failed (before → after)", "as it should"):
        table.add_column(name)
    noise = [row for row in rows if row.name.startswith("seed")]
    for row in rows:
        if row in noise and row.right:
            continue
        failed = ", ".join(
            f"{one.suite} {one.dataset} {one.name} {number(one.before)} → {number(one.after)}"
            for one in row.failed
        )
        verdict = "yes" if row.right else f"NO {', '.join(row.unnoticed)}".strip()
        table.add_row(row.name, failed or "none", verdict)
    alarms = sum(not row.right for row in noise)
    table.add_row(f"noise, {len(noise)} seeds", f"{alarms} runs failed", "NO" if alarms else "yes")
    return table
