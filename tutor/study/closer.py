"""A closer look at the notes that were found: does one of them answer, and which?"""

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tutor.errors import ModelError
from tutor.search.types import Encoder
from tutor.study.answer_reader import AnswerReader
from tutor.study.finding import Task
from tutor.study.passages import Passage, read_passage
from tutor.study.subjects import COMPARES
from tutor.study.units import content_units

# Chosen on the questions of evals/study; docs/grounding.md has the figures.
_WORTH_READING = 0.15  # least probability of the gate
_SURE = 0.75  # probability that a note answers, from which no other is looked for
_HOLDS = 0.57  # least probability of a note that is answered from
_ALSO_HOLDS = 0.6  # of a further one whose title names another thing that is asked for
_LATER = 0.45  # log-odds that a note loses to the one found before it
_SEVERAL = re.compile(r"和|与|跟|及|、|还是|\b(?:and|or)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Read:
    """A note that was read, and the probability that it answers."""

    passage: Passage
    chance: float

    @property
    def odds(self) -> float:
        """The probability as log-odds."""
        bounded = min(max(self.chance, 1e-6), 1 - 1e-6)
        return float(np.log(bounded / (1 - bounded)))


def asks_several(question: str) -> bool:
    """Whether a question may need more than one note."""
    return bool(COMPARES.search(question) or _SEVERAL.search(question))


def look_closer(task: Task, reader: AnswerReader, encoder: Encoder, stop: threading.Event) -> Task:
    """The task with the notes that are seen to answer it; without notes where none does.

    Notes are read one after the other until one surely answers; where several things are asked for,
    also those whose titles name another of them. What was found stands where the model fails, or the
    learner stops it.
    """
    if not task.candidates or task.confidence < _WORTH_READING:
        return task
    several = asks_several(task.standalone)
    read: list[Read] = []
    asked, named = content_units(task.standalone), frozenset[str]()
    for note in task.candidates:
        title = content_units(note.question)
        sure = any(one.chance >= _SURE for one in read)
        if sure and not (several and (asked & title) - named):
            continue
        passage = read_passage(note, task.standalone, encoder)
        if not passage.spans:
            continue
        try:
            passage = reader.read(task.standalone, passage, stop)
        except ModelError:
            return task
        if passage.answers is None:
            return task
        read.append(Read(passage, reader.chance(passage, task.confidence)))
        if read[-1].chance >= _ALSO_HOLDS:
            named |= title
    chosen = _choose(task.standalone, read, several=several)
    chance = max((one.chance for one in read), default=0.0)
    style = "compare" if len(chosen) > 1 else ""
    return replace(task, passages=tuple(chosen), style=style, confidence=chance)


def _choose(question: str, read: Sequence[Read], *, several: bool) -> list[Passage]:
    """The notes that answer, in the order they were found.

    The one that answers best and, where several things are asked for, those whose titles name one of
    them that no title before did.
    """
    order = sorted(range(len(read)), key=lambda at: _LATER * at - read[at].odds)
    if not order or read[order[0]].chance < _HOLDS:
        return []
    kept = [order[0]]
    asked = content_units(question)
    named = content_units(read[order[0]].passage.note.question)
    for at in order[1:] if several else ():
        title = content_units(read[at].passage.note.question)
        if read[at].chance >= _ALSO_HOLDS and (asked & title) - named:
            kept.append(at)
            named |= title
    return [read[at].passage for at in sorted(kept)]
