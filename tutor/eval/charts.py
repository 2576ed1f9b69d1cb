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
        f'aria-label="{escape(title)}"><text x="{width / 2}" y="14" class="t">{escape(title)}</text>'
        f"{body}</svg>"
    )


def _place(x: float, y: float) -> tuple[float, float]:
    """Shares 0 to 1 as pixels, the origin at the lower left."""
    return _EDGE + x * _INSIDE, _SIZE - _EDGE - y * _INSIDE


def _axes(across: str, up: str) -> str:
    left, bottom = _place(0, 0)
    right, top = _place(1, 1)
    return (
        f'<path class="a" d="M{left} {top}V{bottom}H{right}"/>'
        f'<text x="{_SIZE / 2}" y="{_SIZE - 8}" class="l">{escape(across)}</text>'
        f'<text x="12" y="{_SIZE / 2}" class="l" transform="rotate(-90 12 {_SIZE / 2})">{escape(up)}</text>'
    )


def reliability(truth: ArrayLike, stated: ArrayLike, title: str, *, bins: int = 10) -> str:
    """Observed share over stated probability; a dot's area is the number of rows behind it."""
    true, said = np.asarray(truth, dtype=float), np.asarray(stated, dtype=float)
    if not len(true):
        return ""
    places = np.minimum((said * bins).astype(int), bins - 1)
    x0, y0 = _place(0, 0)
    x1, y1 = _place(1, 1)
    body = [_axes("stated", "observed"), f'<path class="d" d="M{x0} {y0}L{x1} {y1}"/>']
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
    cell, left, top = 44, 92, 40
    body = [f'<text x="{left + size * cell / 2}" y="30" class="l">given →</text>']
    for row in range(size):
        total = max(int(counts[row].sum()), 1)
        y = top + row * cell
        body.append(f'<text x="{left - 6}" y="{y + 26}" class="r">{escape(labels[row])}</text>')
        for column in range(size):
            share = counts[row, column] / total
            x = left + column * cell
            kind = "g" if row == column else "w"
            body.append(
                f'<rect class="{kind}" x="{x}" y="{y}" width="{cell - 2}" height="{cell - 2}" '
                f'style="fill-opacity:{0.08 + 0.8 * share:.2f}"/>'
                f'<text x="{x + cell / 2 - 1}" y="{y + 26}" class="l">{counts[row, column]}</text>'
            )
    for column in range(size):
        middle, below = left + (column + 0.5) * cell, top + size * cell + 14
        name = escape(labels[column][:8])
        body.append(f'<text x="{middle}" y="{below}" class="l">{name}</text>')
    return _svg("".join(body), title, width=left + size * cell + 10, height=top + size * cell + 26)


def bars(names: Sequence[str], counts: Sequence[float], title: str, across: str) -> str:
    """One bar a name."""
    if not counts or max(counts) <= 0:
        return ""
    width = _INSIDE / len(counts)
    body = [_axes(across, "cases")]
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


def time_histogram(seconds: Sequence[float], title: str, *, bins: int = 24) -> str:
    """How long the cases took."""
    given = np.asarray([one for one in seconds if one > 0], dtype=float)
    if not len(given):
        return ""
    counts, edges = np.histogram(given, bins=bins)
    names = [f"{low:.3g}–{high:.3g} s" for low, high in pairwise(edges)]
    return bars(names, counts.tolist(), title, f"{edges[0]:.3g} to {edges[-1]:.3g} s")
