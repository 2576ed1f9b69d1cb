"""A question of several questions, or of several things: each is looked for and read by itself."""

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from tutor.notes.text import detect_lang
from tutor.notes.types import Note
from tutor.search.named import names_nothing
from tutor.search.types import Encoder
from tutor.study.answer_reader import AnswerReader
from tutor.study.evidence import look_closer, still_absent, topics
from tutor.study.finding import Task
from tutor.study.passages import Passage
from tutor.study.premise import find_premise
from tutor.study.quoting import asks_whole, choose_quotes
from tutor.study.rewrite import rewrite_by_rule
from tutor.study.things import Thing, split_things
from tutor.study.types import Exchange

Find = Callable[[str, str, Sequence[Note]], Task]
"""See `tutor.study.finding.Finder.find_alone`."""

_ENDS = re.compile(r"(?<=？)\s*|(?<=[\u3400-\u9fff]\?)\s*|(?<=[a-zA-Z)]\?)\s+(?=[A-Z])")
_ASKS = re.compile(
    r"什么|怎么|怎样|咋|啥|如何|为何|多少|多[大长久高快]|几|吗|哪|谁|呢|是否|不$|[？?]$|写一下|写给我|讲讲|说说|区别|"
    r"^(?:what|why|how|which|when|where|who|is|are|do|does|did|can|could|should|will|would)\b",
    re.IGNORECASE,
)
# A part that begins so belongs to the one before it, or asks nothing.
_BELONGS = re.compile(
    r"^(?:还是|或者|要么|[”’」』\"')）]|or\b|谢|多谢|感谢|麻烦|请(?!问)|拜托|我|thank|please|i\b|i'm\b)",
    re.IGNORECASE,
)
_PAIRED = (("“", "”"), ("「", "」"), ("『", "』"), ("（", "）"), ("(", ")"))
_LEAST = {"zh": 5, "en": 8}  # letters of a part: "为什么？" belongs to what stands before it
_MOST = 3
_LOOKED_AT = 2  # notes of a part: three parts of three would take half a minute


def split_parts(question: str) -> tuple[str, ...]:
    """The questions a question consists of, in order; itself where it is one.

    A statement with its "is that so?" is one, and so is a question with a bare "why?", a choice ("…？
    还是…？") or a request behind it.
    """
    parts = [part for part in _ENDS.split(question.strip()) if part]
    if not 1 < len(parts) <= _MOST or find_premise(question) is not None:
        return (question,)
    alone = all(
        _ASKS.search(part)
        and sum(char.isalnum() for char in part) >= _LEAST[detect_lang(part)]
        and all(part.count(left) == part.count(right) for left, right in _PAIRED)
        and part.count("`") % 2 == part.count('"') % 2 == 0
        for part in parts
    )
    if not alone or any(_BELONGS.match(part) for part in parts[1:]):
        return (question,)
    return tuple(parts)


def read_parts(
    task: Task, find: Find, reader: AnswerReader, encoder: Encoder, stop: threading.Event
) -> Task:
    """The task with the notes that are seen to answer it, or each of the questions it consists of.

    Args:
        task: The question, with what was found for the whole.
        find: Finds notes for one part.
        reader: Reads which sentences answer.
        encoder: Embedding model.
        stop: Ends the reading; what was read by then counts.

    Returns:
        For a question of several, a task over the notes of all parts, with the parts that none
        answers in `Task.unanswered`, or the things of which none does in `Task.left_out`. Where no
        part is answered, or one of them cannot be understood alone, what the whole question gives.
    """
    things = _things_alone(task)
    parts = {name: thing.question for name, thing in things.items()} or _parts_alone(task)
    read: list[Task] = []
    for name, alone in parts.items():
        before = read[-1].passages[:1] if read and not things else ()
        found = (
            _find_for(task, find, things[name])
            if things
            else _find_after(task, find, alone, before)
        )
        read.append(_to_the_point(look_closer(found, reader, encoder, stop), alone, before))
        if stop.is_set():
            break
    if not any(one.passages for one in read):
        return look_closer(task, reader, encoder, stop)
    joined = _join(task, read)
    lacking = tuple(part for part, one in zip(parts, read, strict=False) if not one.passages)
    if stop.is_set():
        return joined
    return replace(joined, left_out=lacking) if things else replace(joined, unanswered=lacking)


def _find_after(task: Task, find: Find, part: str, before: Sequence[Passage]) -> Task:
    """What is found for one part, behind the note that answers the part before it."""
    found = find(part, task.lang, [passage.note for passage in before])
    return replace(found, candidates=found.candidates[:_LOOKED_AT])


def _find_for(task: Task, find: Find, thing: Thing) -> Task:
    """What is found for one thing; a note on just this thing is looked at alone, each takes seconds."""
    first = [note for note in task.candidates if thing.named_in(note.question)][:1]
    found = find(thing.question, task.lang, first)
    own = any(thing.named_in(note.question) for note in found.candidates[:1])
    return replace(found, candidates=found.candidates[: 1 if own else _LOOKED_AT])


def _to_the_point(task: Task, part: str, before: Sequence[Passage]) -> Task:
    """A later part's task without notes on other things.

    A part leaves out what the one before it names, so that it fits many notes: one counts that answers
    the part before it, or whose title shares a word with this one.
    """
    if not before:
        return task
    known, asked = before[0].note.id, topics(part)
    kept = [p for p in task.passages if p.note.id == known or asked & topics(p.note.question)]
    return replace(task, passages=tuple(kept))


def _things_alone(task: Task) -> dict[str, Thing]:
    """The things a question asks the same of; none where it is to be taken as a whole.

    A note whose title names them all is about how they compare, and answers the whole.
    """
    things = split_things(task.standalone)
    if not things or any(all(t.named_in(n.question) for t in things) for n in task.candidates):
        return {}
    return {thing.name: thing for thing in things}


def _parts_alone(task: Task) -> dict[str, str]:
    """Each part of a question as it stands alone; none where it is to be taken as a whole."""
    own = any(asks_whole(task.standalone, passage.note) for passage in task.passages)
    parts = split_parts(task.standalone)
    if len(parts) < 2 or own or not task.candidates:
        return {}
    alone = {parts[0]: parts[0]}
    for before, part in pairwise(parts):
        alone[part] = rewrite_by_rule(part, (Exchange(alone[before], ""),))
    return {} if any(names_nothing(one) for one in alone.values()) else alone


def _join(task: Task, read: Sequence[Task]) -> Task:
    """One task over the notes of all parts."""
    notes: dict[str, Passage] = {}
    for one in read:
        for passage in one.passages:
            rated = _rated(passage, one.standalone)
            known = notes.get(passage.note.id)
            notes[passage.note.id] = _both(known, rated) if known else rated
    passages = tuple(notes.values())
    missed = dict.fromkeys(name for one in read if one.passages for name in one.absent)
    return replace(
        task,
        passages=passages,
        style="compare" if len(passages) > 1 else "",
        confidence=max(one.confidence for one in read),
        absent=still_absent(task.standalone, tuple(missed), passages),
    )


def _rated(passage: Passage, question: str) -> Passage:
    """A passage whose sentences say which are quoted, also where they were not read."""
    if passage.answers is not None:
        return passage
    quoted = choose_quotes(passage, question)
    answers = [
        float(any(one.start <= span.start and span.end <= one.end for one in quoted))
        for span in passage.spans
    ]
    return replace(passage, answers=np.array(answers))


def _both(one: Passage, other: Passage) -> Passage:
    """A note read for two questions: each sentence as it answers either."""
    assert one.answers is not None  # noqa: S101 -- `_rated` saw to it
    assert other.answers is not None  # noqa: S101
    return replace(
        one,
        scores=np.maximum(one.scores, other.scores),
        answers=np.maximum(one.answers, other.answers),
    )
