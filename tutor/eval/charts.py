"""Charts as small SVG texts: no script, no outside file, readable in light and dark."""

from collections.abc import Sequence
from html import escape
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

_SIZE, _EDGE = 260, 36
_INSIDE = _SIZE - 2 * _EDGE


def _svg(body: str, title: str, *, width: int = _SIZE, height: int = _SIZE) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-label="{escape(title)}"><text x="{width / 2}" y="14" class="t">'
        f"{escape(title.split(':')[0])}</text>"
        f"{body}</svg>"
    )


def _place(x: float, y: float) -> tuple[float, float]:
    """Shares 0 to 1 as pixels, the origin at the lower left."""
    return _EDGE + x * _INSIDE, _SIZE - _EDGE - y * _INSIDE


def _axes(across: str, up: str, *, right_end: str = "", top_end: str = "") -> str:
    """Two axes from 0, with what stands at their ends."""
    left, bottom = _place(0, 0)
    right, top = _place(1, 1)
    return (
        f'<path class="a" d="M{left} {top}V{bottom}H{right}"/>'
        f'<text x="{_SIZE / 2}" y="{_SIZE - 8}" class="l">{escape(across)}</text>'
        f'<text x="12" y="{_SIZE / 2}" class="l" transform="rotate(-90 12 {_SIZE / 2})">{escape(up)}</text>'
        f'<text x="{left - 4}" y="{top + 4}" class="e">{escape(top_end)}</text>'
        f'<text x="{left - 4}" y="{bottom + 4}" class="e">0</text>'
        f'<text x="{right}" y="{bottom + 13}" class="s">{escape(right_end)}</text>'
    )


def reliability(truth: ArrayLike, stated: ArrayLike, title: str, *, bins: int = 10) -> str:
    """Observed share over stated probability; a dot's area is the number of rows behind it."""
    true, said = np.asarray(truth, dtype=float), np.asarray(stated, dtype=float)
    if not len(true):
        return ""
    places = np.minimum((said * bins).astype(int), bins - 1)
    x0, y0 = _place(0, 0)
    x1, y1 = _place(1, 1)
    body = [
        _axes("stated", "observed", right_end="1", top_end="1"),
        f'<path class="d" d="M{x0} {y0}L{x1} {y1}"/>',
    ]
    for place in np.unique(places):
        inside = places == place
        x, y = _place(float(said[inside].mean()), float(true[inside].mean()))
        radius = 3 + 9 * float(np.sqrt(inside.mean()))
        note = f"{inside.sum()} rows: stated {said[inside].mean():.2f}, observed {true[inside].mean():.2f}"
        body.append(
            f'<circle class="b" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"><title>{note}</title></circle>'
        )
    return _svg("".join(body), title)


def confusion_matrix(table: ArrayLike, labels: Sequence[str], title: str) -> str:
    """Counts, a row a true label and a column a given one; the shade is the share of the row."""
    counts = np.asarray(table)
    size = len(labels)
    cell, left, top = 68, 96, 40
    body = [
        f'<text x="{left + size * cell / 2}" y="32" class="l">given →</text>',
        f'<text x="{left - 6}" y="32" class="r">people ↓</text>',
    ]
    for row in range(size):
        total = max(int(counts[row].sum()), 1)
        y = top + row * cell
        body.append(
            f'<text x="{left - 6}" y="{y + cell / 2 + 4}" class="r">{escape(labels[row])}</text>'
        )
        for column in range(size):
            share = counts[row, column] / total
            x = left + column * cell
            kind = "g" if row == column else "w"
            body.append(
                f'<rect class="{kind}" x="{x}" y="{y}" width="{cell - 2}" height="{cell - 2}" '
                f'style="fill-opacity:{0.08 + 0.8 * share:.2f}"/>'
                f'<text x="{x + cell / 2 - 1}" y="{y + cell / 2 + 4}" class="l">{counts[row, column]}</text>'
            )
    for column in range(size):
        middle, below = left + (column + 0.5) * cell, top + size * cell + 14
        name = escape(labels[column])
        body.append(f'<text x="{middle}" y="{below}" class="s">{name}</text>')
    width = max(left + size * cell + 16, 200)
    return _svg("".join(body), title, width=width, height=top + size * cell + 26)


def bars(names: Sequence[str], counts: Sequence[float], title: str, across: str) -> str:
    """One bar a name."""
    if not counts or max(counts) <= 0:
        return ""
    width = _INSIDE / len(counts)
    body = [_axes(across, "cases", top_end=f"{max(counts):g}")]
    for index, (name, count) in enumerate(zip(names, counts, strict=True)):
        x, _ = _place(index / len(counts), 0)
        _, y = _place(0, count / max(counts))
        bottom = _place(0, 0)[1]
        body.append(
            f'<rect class="b" x="{x + 1:.1f}" y="{y:.1f}" width="{max(width - 2, 1):.1f}" '
            f'height="{bottom - y:.1f}"><title>{escape(name)}: {count:g}</title></rect>'
        )
        if len(counts) <= 12:
            body.append(
                f'<text x="{x + width / 2:.1f}" y="{bottom + 12}" class="s">{escape(name)}</text>'
            )
    return _svg("".join(body), title)


def rank_histogram(ranks: Sequence[int], title: str) -> str:
    """How often the right note stood at each rank; the last bar: not found."""
    names = [*map(str, range(1, 11)), "–"]
    counts = [sum(rank == place for rank in ranks) for place in range(1, 11)]
    counts.append(sum(rank == 0 or rank > 10 for rank in ranks))
    return bars(names, counts, title, "rank")


def time_histogram(times: Sequence[float], title: str, *, unit: str = "s", bins: int = 24) -> str:
    """How long the cases took, with the median and the slow end in words."""
    given = np.asarray([one for one in times if one > 0], dtype=float)
    if len(given) < 2 or given.min() == given.max():
        return ""
    counts, edges = np.histogram(given, bins=bins)
    names = [f"{low:.3g}–{high:.3g} {unit}" for low, high in pairwise(edges)]
    middle, slow = np.percentile(given, [50, 95])
    across = f"{edges[0]:.3g} to {edges[-1]:.3g} {unit}; p50 {middle:.3g}, p95 {slow:.3g}"
    return bars(names, counts.tolist(), title, across)


def scatter(gold: Sequence[float], given: Sequence[float], title: str) -> str:
    """Our marks over people's, both 0 to 1; marks that fall together make a darker dot."""
    if not gold:
        return ""
    x0, y0 = _place(0, 0)
    x1, y1 = _place(1, 1)
    body = [
        _axes("people", "tutor", right_end="1", top_end="1"),
        f'<path class="d" d="M{x0} {y0}L{x1} {y1}"/>',
    ]
    for mark, ours in zip(gold, given, strict=True):
        x, y = _place(mark, ours)
        body.append(f'<circle class="p" cx="{x:.1f}" cy="{y:.1f}" r="4"/>')
    return _svg("".join(body), title)


def interval(value: float, low: float, high: float) -> str:
    """A share with its interval on a line from 0 to 1."""
    width, middle = 90, 7
    ends = [4 + (width - 8) * min(max(one, 0.0), 1.0) for one in (low, high, value)]
    return (
        f'<svg viewBox="0 0 {width} 14" width="{width}" height="14" aria-hidden="true"><path class="a" d="M4 {middle}H{width - 4}"/>'
        f'<path class="i" d="M{ends[0]:.1f} {middle}H{ends[1]:.1f}"/>'
        f'<circle class="v" cx="{ends[2]:.1f}" cy="{middle}" r="3.5"/></svg>'
    )
