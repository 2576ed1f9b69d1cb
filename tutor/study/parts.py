"""A question of several questions, or of several things: each is looked for and read by itself."""

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
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
    r"^(?:还是|或者|要么|分别|各(?![种个])|[”’」』\"')）]|or\b|谢|多谢|感谢|麻烦|请(?!问)|拜托|我|thank|please|i\b|i'm\b)",
    re.IGNORECASE,
)
_PAIRED = (("“", "”"), ("「", "」"), ("『", "』"), ("（", "）"), ("(", ")"))
_LEAST = {"zh": 5, "en": 8}  # letters of a part: "为什么？" belongs to what stands before it
_MOST = 3
_OWN_HOLDS = 0.5  # least probability of a note on just the thing that is asked about
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
    look = partial(look_closer, reader=reader, encoder=encoder, stop=stop)
    asked = _asked(task)
    read: list[Task] = []
    for one in asked:
        if one.thing is not None:
            read.append(_look_for(task, find, one.thing, look))
        else:
            before = read[-1].passages[:1] if read else ()
            found = find(one.question, task.lang, [passage.note for passage in before])
            found = replace(found, candidates=found.candidates[:_LOOKED_AT])
            read.append(_to_the_point(look(found), one.question, before))
        if stop.is_set():
            break
    if not any(one.passages for one in read):
        return look(task)
    joined = _join(task, read)
    if stop.is_set():
        return joined
    lacking = [one for one, held in zip(asked, read, strict=True) if not held.passages]
    return replace(
        joined,
        unanswered=tuple(one.name for one in lacking if one.thing is None),
        left_out=tuple(one.name for one in lacking if one.thing is not None),
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """One of the questions that a question consists of.

    Attributes:
        name: What a reply calls it: the part as typed, or the thing it is asked of.
        question: As it stands alone.
        thing: The thing it is asked of, where it is asked of several.
    """

    name: str
    question: str
    thing: Thing | None = None


def _asked(task: Task) -> list[_Asked]:
    """The questions of a question, each as it stands alone; none where it is to be taken as a whole."""
    own = any(asks_whole(task.standalone, passage.note) for passage in task.passages)
    if own or not task.candidates:  # none: a one-click follow-up, about the notes it has
        return []
    parts = split_parts(task.standalone)
    alone = {parts[0]: parts[0]}
    for before, part in pairwise(parts):
        alone[part] = rewrite_by_rule(part, (Exchange(alone[before], ""),))
    if len(parts) > 1 and any(names_nothing(one) for one in alone.values()):
        return []
    asked: list[_Asked] = []
    for part, question in alone.items():
        if things := _things(question, task.candidates):
            asked += [_Asked(thing.name, thing.question, thing) for thing in things]
        else:
            asked.append(_Asked(part, question))
    return asked if len(asked) > 1 else []


def _things(question: str, candidates: Sequence[Note]) -> tuple[Thing, ...]:
    """The things a question asks the same of; none where a note is about how they compare.

    Such a note, whose title names them all, answers the question as it is.
    """
    things = split_things(question)
    told = any(all(thing.named_in(note.question) for thing in things) for note in candidates)
    return () if told else things


def _look_for(task: Task, find: Find, thing: Thing, look: Callable[..., Task]) -> Task:
    """What answers for one thing: the notes whose titles name it, or where none does, the first.

    Of its own note, more likely than not is enough: that the notes say nothing of it would be the
    worse mistake.
    """
    first = [note for note in task.candidates if thing.named_in(note.question)][:1]
    found = find(thing.question, task.lang, first)
    own = tuple(note for note in found.candidates if thing.named_in(note.question))
    found = replace(found, candidates=(own or found.candidates)[:_LOOKED_AT])
    return look(found, holds=_OWN_HOLDS) if own else look(found)


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
