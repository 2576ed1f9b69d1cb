"""Charts as HTML and SVG drawn by code, each with its numbers in words or a table beside it."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from ui.markup import esc
from ui.text import percent, say

_W, _H, _PAD = 640, 170, 28


def ring(share: float, label: str) -> str:
    """A share as a ring with its number in the middle."""
    around = 2 * 3.14159265 * 52
    return (
        f'<svg class="ring" viewBox="0 0 130 130" role="img" aria-label="{esc(label)}: {percent(share)}">'
        '<circle cx="65" cy="65" r="52" class="ring-track"/>'
        f'<circle cx="65" cy="65" r="52" class="ring-fill" stroke-dasharray="{around * share:.1f} {around:.1f}" '
        'transform="rotate(-90 65 65)"/>'
        f'<text x="65" y="73" text-anchor="middle" class="ring-text">{percent(share)}</text></svg>'
    )


def curve(points: Sequence[tuple[date, float]], lang: str) -> str:
    """Readiness over time as a line, with a table of the same numbers."""
    if len(points) < 2:
        return ""
    first, last = points[0][0], points[-1][0]
    span = max((last - first).days, 1)
    top = max(0.1, *(value for _, value in points)) * 1.15
    spots = [
        (
            _PAD + (_W - 2 * _PAD) * (day - first).days / span,
            _H - _PAD - (_H - 2 * _PAD) * value / top,
        )
        for day, value in points
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
    alt = say(
        lang,
        "over_time_alt",
        first=first,
        last=last,
        a=percent(points[0][1]),
        b=percent(points[-1][1]),
    )
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in spots)
    base = _H - _PAD
    rows = "".join(f"<tr><td>{day}</td><td>{percent(value)}</td></tr>" for day, value in points)
    head = f"<th>{esc(say(lang, 'day'))}</th><th>{esc(say(lang, 'share'))}</th>"
    return (
        f"<h3>{esc(say(lang, 'over_time'))}</h3>"
        f'<svg class="curve" viewBox="0 0 {_W} {_H}" role="img" aria-label="{esc(alt)}">'
        f'<line x1="{_PAD}" y1="{base}" x2="{_W - _PAD}" y2="{base}" class="axis"/>'
        f'<polygon points="{spots[0][0]:.1f},{base} {line} {spots[-1][0]:.1f},{base}"/>'
        f'<polyline points="{line}"/>{dots}'
        f'<text x="{_PAD}" y="{_H - 8}">{first:%m-%d}</text>'
        f'<text x="{_W - _PAD}" y="{_H - 8}" text-anchor="end">{last:%m-%d}</text>'
        f'<text x="{_W - _PAD}" y="{spots[-1][1] - 8:.1f}" text-anchor="end">{percent(points[-1][1])}</text></svg>'
        f'<p class="soft">{esc(alt)}</p>'
        f'<details class="numbers"><summary>{esc(say(lang, "table_view"))}</summary>'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></details>"
    )


def calendar(days: Mapping[date, int], today: date, span: int, lang: str) -> str:
    """Reviews by day, one square a day, weeks as columns; the sentence below says the sum."""
    start = today - timedelta(days=span - 1)
    start -= timedelta(days=start.weekday())
    cells = []
    day = start
    while day <= today:
        count = days.get(day, 0)
        depth = min(4, (count + 1) // 2) if count else 0
        cells.append(f'<span class="day d{depth}" title="{day}: {count}"></span>')
        day += timedelta(days=1)
    inside = {day: n for day, n in days.items() if start <= day <= today}
    alt = say(lang, "calendar_alt", days=span, active=len(inside), n=sum(inside.values()))
    return (
        f"<h3>{esc(say(lang, 'calendar'))}</h3>"
        f'<div class="calendar" role="img" aria-label="{esc(alt)}">{"".join(cells)}</div>'
        f'<p class="soft">{esc(alt)}</p>'
    )
