"""Numbered lines and bullets as questions: which run of them is the file's own."""

import re
from collections import defaultdict
from itertools import pairwise

from tutor.notes.candidate import Candidate
from tutor.notes.labels import ends_asking
from tutor.notes.lines import Line

_GAPS = ("blank", "break", "rule", "heading", "underline", "comment", "front", "html")
_ROUND = re.compile(
    r"[一二三四五六终初复]面|面试|笔试|面$|题|问|round|interview|question|quiz", re.IGNORECASE
)
_REFLECTION = re.compile(
    r"分析|总结|感想|反思|复盘|心得|经验|建议|reflection|takeaway|lessons", re.IGNORECASE
)
_FORMS = (
    "1.",
    "1、",
    "1)",
    "一、",
    "1:",
    "#1",
    "1.1",
    "（一）",
    "(1)",
    "[1]",
    "1",
    "①",
    "I.",
    "keycap",
    "day",
    "a.",
)


def choose_numbered(found: list[Candidate], lines: list[Line]) -> list[Candidate]:
    """Numbered lines of the one form that holds the questions; lists inside answers are left out."""
    best: list[Candidate] = []
    best_worth = 0.0
    by_form: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in found:
        by_form[candidate.shape].append(candidate)
    for form in _FORMS:
        run = _main_run(by_form.get(form, []), lines)
        if not run:
            continue
        asking = sum(c.asks for c in run) / len(run)
        open_above = sum(_gap_above(c, lines) for c in run) / len(run)
        body = sum(_has_body(c, lines) for c in run) / len(run)
        if asking < 0.3 and (open_above < 0.7 or body < 0.7 or len(run) < 3):
            continue
        if asking < 0.5 and _reads_as_list(run, lines):
            continue
        worth = len(run) ** 0.5 * (0.2 + asking + 0.5 * open_above + 0.3 * body)
        if worth > best_worth:
            best, best_worth = run, worth
    return best


def _main_run(found: list[Candidate], lines: list[Line]) -> list[Candidate]:
    """Follows the numbering: k is followed by k + 1; a restart inside an answer is skipped."""
    kept: list[Candidate] = []
    expected = inner = 0
    least = min((c.depth for c in found), default=0)
    outer = [c for c in found if c.depth <= least + 1]
    ones = sum(c.number == 1 for c in outer)
    if len(outer) >= 3 and ones >= 0.8 * len(outer) and sum(c.asks for c in outer) * 2 >= ones:
        return outer  # Markdown counts by itself where every item is written as "1."
    for candidate in found:
        number = candidate.number or 0
        gap = _gap_above(candidate, lines)
        if candidate.depth > least + 1:
            continue
        if not kept:
            kept, expected = [candidate], number + 1
            continue
        new_section = candidate.section is not kept[-1].section
        strict = ends_asking(candidate.text)
        if new_section and (gap or candidate.asks) and (number <= 1 or number == expected):
            take = True
        elif number == expected and number != inner:
            take = gap or candidate.asks or kept[-1].index == candidate.index - 1
        elif number == expected:
            take = strict or (gap and candidate.asks)
        else:
            take = strict and gap
        if take:
            kept.append(candidate)
            expected, inner = number + 1, 0
        else:
            inner = number + 1
    return kept


def _gap_above(candidate: Candidate, lines: list[Line]) -> bool:
    return candidate.index == 0 or lines[candidate.index - 1].kind in _GAPS


def _has_body(candidate: Candidate, lines: list[Line]) -> bool:
    """Whether text that is no further numbered line follows."""
    if candidate.answer < lines[candidate.index].end:
        return True
    for line in lines[candidate.index + 1 : candidate.index + 4]:
        if line.kind in ("blank", "break"):
            continue
        return line.kind != "heading" and not line.body[:1].isdigit()
    return False


def _reads_as_list(run: list[Candidate], lines: list[Line]) -> bool:
    """Whether the lines are long and follow one another: an enumeration, not questions."""
    long = sum(len(c.text) > 80 for c in run)
    return long * 2 > len(run)


def choose_bullets(found: list[Candidate], lines: list[Line]) -> list[Candidate]:
    """Bulleted questions: those that ask, and their neighbours where a section is a question list.

    A file that ends its questions in a question mark is taken at its word.
    """
    numbered = [c for c in found if c.shape == "item:bold" and c.number is not None]
    if len(numbered) >= 3 and counts_up(numbered):
        return numbered
    if not found or sum(c.asks for c in found) < 0.35 * len(found):
        return []
    marked = [c for c in found if ends_asking(c.text)]
    if len(marked) >= 0.6 * len(found):
        return marked
    bold = [c for c in found if c.shape == "item:bold" and c.depth <= 1]
    if _stand_out(bold, found):
        return bold
    tops = [c for c in found if c.depth <= 1]
    if len(tops) < len(found) and _stand_out(tops, found) and _mostly_parents(tops, found):
        return tops
    by_section: dict[int, list[Candidate]] = defaultdict(list)
    for candidate in found:
        by_section[id(candidate.section)].append(candidate)
    chosen: list[Candidate] = []
    for group in by_section.values():
        title = group[0].section.title
        if _REFLECTION.search(title):
            continue
        asking = sum(c.asks for c in group)
        listed = asking >= max(1, 0.25 * len(group)) or bool(_ROUND.search(title))
        least = min(c.depth for c in group)
        for order, candidate in enumerate(group):
            child = group[order + 1] if order + 1 < len(group) else None
            parent = child is not None and child.depth > candidate.depth
            if candidate.asks:
                keep = candidate.depth == least or _sibling_asks(group, order)
            else:
                keep = listed and not parent and _stands_as_question(candidate, group, order)
            if keep:
                chosen.append(candidate)
    return chosen


def counts_up(found: list[Candidate]) -> bool:
    """Whether the author's numbers follow one another, but for new starts and a few slips."""
    steps = sum(b.number in ((a.number or 0) + 1, 1) for a, b in pairwise(found))
    return steps >= 0.8 * (len(found) - 1)


def _stand_out(chosen: list[Candidate], found: list[Candidate]) -> bool:
    """Whether bullets of one form ask, and the others hardly do."""
    asking = sum(c.asks for c in chosen)
    rest = sum(c.asks for c in found) - asking
    return 3 <= len(chosen) < len(found) and asking >= 0.6 * len(chosen) and asking >= 2 * rest


def _mostly_parents(tops: list[Candidate], found: list[Candidate]) -> bool:
    """Whether nearly all of the outer bullets have bullets below them."""
    outer = {id(c) for c in tops}
    pairs = pairwise(found)
    parents = sum(id(c) in outer and id(below) not in outer for c, below in pairs)
    return parents >= 0.8 * len(tops)


def _sibling_asks(group: list[Candidate], order: int) -> bool:
    return ends_asking(group[order].text) or group[order].number is not None


def _stands_as_question(candidate: Candidate, group: list[Candidate], order: int) -> bool:
    """Whether a bullet that does not ask still is a question: a topic named in a question list."""
    if (
        candidate.text.endswith(("篇", "系列", "...", "…", "前言", "总结", "面"))
        or len(candidate.text) < 2
    ):
        return False
    above = next((c for c in reversed(group[:order]) if c.depth < candidate.depth), None)
    if above is not None and above.asks and candidate.number is None:
        return False  # it answers the question it stands under
    return len(candidate.text) <= 120
