"""Which of a file's candidates are its questions.

A file is read by its own evidence, not by its name: for every form the share of candidates that
ask, how much of the text stands below one, and whether headings already are the questions.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tutor.notes.candidate import Candidate, heading_candidate
from tutor.notes.candidates import strong_candidates, weak_candidates
from tutor.notes.ends import answer_ends
from tutor.notes.headings import choose_headings
from tutor.notes.labels import (
    answer_label,
    asks,
    clean_question,
    ends_asking,
    is_answer_alone,
)
from tutor.notes.lines import Line
from tutor.notes.outline import Section, build_outline
from tutor.notes.runs import choose_bullets, choose_numbered, counts_up

_SILENT = ("blank", "break", "rule", "comment", "front")


@dataclass(slots=True)
class Reading:
    """What was found in a file.

    Attributes:
        lines: Its classified lines.
        sections: Its outline.
        questions: The chosen candidates in file order.
        ends: For each question the offset at which its answer ends.
        own_format: Whether it is written in the format of ``knowledge/FORMAT.md``.
    """

    lines: list[Line]
    sections: list[Section]
    questions: list[Candidate] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    own_format: bool = False


def find_questions(lines: list[Line]) -> Reading:
    """The questions of a classified file, each with where its answer ends."""
    sections = build_outline(lines)
    reading = Reading(lines, sections)
    if _is_own_format(lines, sections):
        reading.own_format = True
        heads = [s for s in sections if s.level == 2]
        chosen = [c for c in (heading_candidate(s, lines) for s in heads) if c]
    else:
        chosen = _choose(sections, lines)
    reading.questions = _without_repeats(sorted(chosen, key=lambda c: (c.index, c.raw)))
    reading.ends = answer_ends(lines, sections, reading.questions, own_format=reading.own_format)
    return reading


def _is_own_format(lines: list[Line], sections: list[Section]) -> bool:
    heads = [s for s in sections if s.level == 2]
    marked = sum(
        s.index + 1 < len(lines) and bool(re.match(r"\s*<!--\s*id\s*:", lines[s.index + 1].text))
        for s in heads
    )
    return marked > 0 and marked * 2 >= len(heads)


def _choose(sections: list[Section], lines: list[Line]) -> list[Candidate]:
    clear = [section for section in sections if not section.noise]
    marked = _by_family(c for s in clear for c in strong_candidates(s, lines))
    strong = _strong(marked, lines)
    heads = [c for c in _leaf_headings(sections, lines) if not _holds(c.section, strong)]
    asking = sum(c.asks or c.shape.endswith(":q") for c in heads)
    headings_ask = bool(heads) and asking >= 0.5 * len(heads)
    inner: list[Candidate] = []
    if not headings_ask or asking < 2:
        weak = _by_family(c for s in clear for c in weak_candidates(s, lines))
        inner = _inner(weak | {"quote": marked.get("quote", [])}, sections, lines, strong)
    if headings_ask and inner and asking * 2 > len(inner):
        inner = []
    chosen = strong + inner
    covered = _coverage(chosen, sections, lines)
    strict = bool(inner) or (bool(strong) and covered >= 0.5)
    if headings_ask and not inner:
        chosen += _lists_of_questions([c.section for c in heads if not c.asks], lines)
    return chosen + choose_headings(sections, lines, chosen, strict=strict)


def _lists_of_questions(sections: list[Section], lines: list[Line]) -> list[Candidate]:
    """Below headings that do not ask, lines of one form that all end in a question mark."""
    found: list[Candidate] = []
    for section in sections:
        families = _by_family(weak_candidates(section, lines))
        begin = next((i for i in section.body if lines[i].kind not in _SILENT), -1)
        for family in (families.get("item", []), families.get("number", [])):
            outer = [c for c in family if c.depth == min(one.depth for one in family)]
            opens = bool(outer) and outer[0].index == begin
            if opens and len(outer) >= 2 and all(ends_asking(c.text) for c in outer):
                found += outer
                break
    return found


def _by_family(found: Iterable[Candidate]) -> dict[str, list[Candidate]]:
    families: dict[str, list[Candidate]] = {}
    for candidate in found:
        families.setdefault(candidate.family, []).append(candidate)
    return families


def _leaf_headings(sections: list[Section], lines: list[Line]) -> list[Candidate]:
    leaves = [s for s in sections if s.index >= 0 and not s.children and not s.noise]
    return [c for c in (heading_candidate(s, lines) for s in leaves) if c]


def _holds(section: Section, chosen: list[Candidate]) -> bool:
    return any(c.section is section for c in chosen)


def _strong(families: dict[str, list[Candidate]], lines: list[Line]) -> list[Candidate]:
    """Candidates that are questions whatever else the file holds."""
    strong = list(families.get("table", []))
    summaries = families.get("summary", [])
    if summaries and sum(c.asks or c.number is not None for c in summaries) * 2 >= len(summaries):
        strong += summaries
    strong += _labelled(families.get("label", []), lines)
    quotes = families.get("quote", [])
    answered = [c for c in quotes if _answer_follows(c, lines)]
    if len(answered) * 2 >= len(quotes) > 0 or sum(c.asks for c in answered) >= 2:
        shapes = {c.shape for c in answered}
        strong += [c for c in quotes if c in answered or (c.shape in shapes and c.asks)]
    return strong


def _labelled(labels: list[Candidate], lines: list[Line]) -> list[Candidate]:
    """Lines with a question label: several of one shape, or one with its answer labelled too."""
    shapes = Counter(c.shape for c in labels)
    kept: list[Candidate] = []
    for candidate in labels:
        answered = candidate.answer < lines[candidate.index].end or _answer_follows(
            candidate, lines
        )
        several = shapes[candidate.shape] >= 2 and (candidate.asks or candidate.number is not None)
        if answered or several or (candidate.asks and len(labels) == 1 and len(lines) < 40):
            kept.append(candidate)
    own = _restated(kept, lines)
    return [c for c in kept if id(c) not in own and not _inside_an_answer(c, kept, lines)]


def _restated(labels: list[Candidate], lines: list[Line]) -> set[int]:
    """Labels that only say again what the heading right above them asks."""
    alone = Counter(id(c.section) for c in labels)
    found: set[int] = set()
    for candidate in labels:
        section = candidate.section
        between = range(section.index + 1, candidate.index)
        if section.index < 0 or section.children or alone[id(section)] > 1:
            continue
        title, number = clean_question(section.title)
        asking = asks(title) and (number is not None or ends_asking(title))
        if asking and all(lines[i].kind in _SILENT for i in between):
            found.add(id(candidate))
    return found


def _inside_an_answer(candidate: Candidate, labels: list[Candidate], lines: list[Line]) -> bool:
    """Whether the label stands well inside the text of one section of a file with many sections.

    A section on a topic may put a question to itself after a page of text; it stays one note.
    """
    section = candidate.section
    if section.index < 0 or len({id(c.section) for c in labels}) > 2:
        return False
    first = min(c.index for c in labels if c.section is section)
    above = sum(lines[i].kind not in _SILENT for i in range(section.index + 1, first))
    return above >= 4


def _answer_follows(candidate: Candidate, lines: list[Line]) -> bool:
    """Whether the next lines open with an answer label or a fold-out."""
    for line in lines[candidate.index + 1 : candidate.index + 6]:
        if line.kind in _SILENT:
            continue
        low = line.text.lower()
        return (
            "<details" in low
            or line.kind == "answer"
            or answer_label(line.body) > 0
            or is_answer_alone(line.body)
        )
    return False


def _inner(
    families: dict[str, list[Candidate]],
    sections: list[Section],
    lines: list[Line],
    strong: list[Candidate],
) -> list[Candidate]:
    """The best of the weaker forms that carries most of the file, if one does."""
    taken = {c.index for c in strong}
    options = [
        _choose_bold(families.get("bold", [])),
        choose_numbered(families.get("number", []), lines),
        _choose_quotes(families.get("quote", [])),
        _choose_plain(families.get("plain", []), lines),
        choose_bullets(families.get("item", []), lines),
        pairs if len(pairs := families.get("pair", [])) >= 3 else [],
    ]
    best: list[Candidate] = []
    best_worth = 0.0
    for option in options:
        option = [c for c in option if c.index not in taken]
        if not option:
            continue
        share = sum(c.asks for c in option) / len(option)
        cover = _coverage(option, sections, lines)
        share = max(share, 0.8) if option[0].family == "pair" else share
        worth = cover * (0.4 + 0.6 * share) * (1.0 if len(option) > 1 else 0.5)
        if cover >= 0.5 and worth > best_worth * 1.05:
            best, best_worth = option, worth
    return best


def _choose_bold(found: list[Candidate]) -> list[Candidate]:
    """Bold lines that ask, and those that look exactly like them (separator above, emoji behind)."""
    if not found:
        return []
    asking = sum(c.asks for c in found)
    if asking >= 0.6 * len(found):
        shapes = Counter(c.shape for c in found)
        right = Counter(c.shape for c in found if c.asks)
        alike = {s for s in shapes if "+" in s and shapes[s] >= 5 and right[s] >= 0.8 * shapes[s]}
        return [c for c in found if c.asks or c.number is not None or c.shape in alike]
    numbered = [c for c in found if c.number is not None]
    if len(numbered) >= 3 and counts_up(numbered):
        return numbered
    return [c for c in found if c.asks] if asking >= 3 and asking >= 0.4 * len(found) else []


def _choose_quotes(found: list[Candidate]) -> list[Candidate]:
    asking = [c for c in found if c.asks]
    return asking if len(asking) >= 0.7 * len(found) else []


def _choose_plain(found: list[Candidate], lines: list[Line]) -> list[Candidate]:
    """Lines that end in a question mark below a gap; all of them in a file written without gaps.

    Where rules stand between the questions, the lines below a rule that do not ask count as well.
    """
    separated = [c for c in found if c.shape == "plain+s"]
    if len(separated) < 4 or sum(c.asks for c in separated) < 0.6 * len(separated):
        found = [c for c in found if ends_asking(c.text)]
    open_above = [
        c
        for c in found
        if c.index == 0 or lines[c.index - 1].kind in (*_SILENT, "heading", "underline")
    ]
    gaps = sum(line.kind == "blank" for line in lines)
    return found if len(found) >= 3 and gaps < 0.2 * len(lines) else open_above


def _coverage(chosen: list[Candidate], sections: list[Section], lines: list[Line]) -> float:
    """Share of the text lines that stand at or below a chosen line of their section."""
    first: dict[int, int] = {}
    for candidate in chosen:
        key = id(candidate.section)
        first[key] = min(first.get(key, candidate.index), candidate.index)
    total = below = 0
    for section in sections:
        if section.noise:
            continue
        start = first.get(id(section))
        for index in section.body:
            if lines[index].kind in _SILENT:
                continue
            total += 1
            below += start is not None and index >= start
    return below / total if total else 0.0


def _without_repeats(chosen: list[Candidate]) -> list[Candidate]:
    """One candidate per place: a line or table row cannot ask twice."""
    kept: list[Candidate] = []
    for candidate in chosen:
        if kept and candidate.family != "table" and kept[-1].index == candidate.index:
            continue
        kept.append(candidate)
    return kept
