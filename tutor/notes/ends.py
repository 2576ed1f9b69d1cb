"""Where the answer of each question ends."""

from tutor.notes.candidate import Candidate
from tutor.notes.lines import Line
from tutor.notes.outline import Section


def answer_ends(
    lines: list[Line], sections: list[Section], questions: list[Candidate], *, own_format: bool
) -> list[int]:
    """Each answer runs to the next question, or to the next heading that is no part of it."""
    size = lines[-1].end if lines else 0
    heads = [s for s in sections if s.index >= 0]
    ends: list[int] = []
    position = 0
    loose = _items_have_text(questions, lines)
    for order, question in enumerate(questions):
        end = lines[questions[order + 1].index].start if order + 1 < len(questions) else size
        while position < len(heads) and heads[position].index <= question.index:
            position += 1
        at = position
        # without a heading above, any heading starts something new
        around = question.section.level or 6
        level = question.depth if question.family == "heading" else around
        while at < len(heads) and lines[heads[at].index].start < end:
            if heads[at].level <= level or (heads[at].noise and not own_format):
                end = lines[heads[at].index].start
                break
            at += 1
        if question.family == "item":
            end = _item_end(question, lines, end, loose)
        ends.append(question.stop if question.stop >= 0 else max(end, question.answer))
    return ends


def _items_have_text(questions: list[Candidate], lines: list[Line]) -> bool:
    """Whether bulleted questions are followed by paragraphs, so that these are their answers."""
    items = [c for c in questions if c.family == "item"]
    followed = 0
    for question in items:
        below = [
            line for line in lines[question.index + 1 : question.index + 4] if line.kind != "blank"
        ]
        followed += bool(below) and below[0].kind in ("text", "quote", "table", "fence")
    return followed > 0.3 * len(items)


def _item_end(question: Candidate, lines: list[Line], end: int, loose: bool) -> int:
    """A bullet's answer stops at the next bullet beside or above it, and where the list ends."""
    index = question.index + 1
    while index < len(lines) and lines[index].start < end:
        line = lines[index]
        beside = line.kind == "item" and line.indent <= question.depth
        left = (
            line.kind in ("text", "rule") and line.indent == 0 and lines[index - 1].kind == "blank"
        )
        if beside or (left and not loose):
            return line.start
        index += 1
    return end
