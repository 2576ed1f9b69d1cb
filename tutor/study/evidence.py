"""A closer look at the notes that were found: does one of them answer, and which?"""

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tutor.errors import ModelError
from tutor.llm.odds import log_odds
from tutor.search.named import find_absent
from tutor.search.types import Encoder
from tutor.study.answer_reader import AnswerReader
from tutor.study.finding import WORTH_READING, Task, as_passage
from tutor.study.pairs import ASKING
from tutor.study.passages import Passage, read_passage
from tutor.study.quoting import asks_whole
from tutor.study.subjects import COMPARES
from tutor.study.units import content_units

# Chosen on the questions of evals/study; docs/grounding.md has the figures.
# Probability that a note answers, and that its best sentence does (else the gate alone could be
# sure), from which no other note is looked for.
_SURE, _SEEN = 0.75, 0.3
_HOLDS = 0.59  # least probability of a note that is answered from
_ALSO_HOLDS = 0.6  # of a further one whose title names another thing that is asked for
_TOLD = 0.4  # of the best sentence, where a topic is asked for that no note is about
_LATER = 0.45  # log-odds that a note loses to the one found before it
_SEVERAL = re.compile(
    r"(?<![饱缓柔温])和(?!弦)|(?<!参)与|(?<![涉以普])及(?!时)|跟|、|还是|\b(?:and|or)\b",
    re.IGNORECASE,
)
# Words that ask or relate, and name nothing.
_FRAME = re.compile(
    r"作用|原理|方法|优点|缺点|特点|意义|影响|关系|选择|使用|计算|"
    r"\b(?:advantages?|disadvantages?|purpose|work|works|use|used|using|mean|means|explain|choose)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ReadNote:
    """A note that was read, and the probability that it answers."""

    passage: Passage
    chance: float

    @property
    def best(self) -> float:
        """Highest probability of one of its sentences."""
        answers = self.passage.answers
        return 0.0 if answers is None else float(answers.max())


def asks_several(question: str) -> bool:
    """Whether a question may need more than one note."""
    return bool(COMPARES.search(question) or _SEVERAL.search(question))


def topics(text: str) -> frozenset[str]:
    """Content units of what a question or title is about, without the words that ask for it."""
    bare = text
    for frame in (ASKING, COMPARES, _FRAME):
        bare = frame.sub(" ", bare)
    return content_units(bare)


def look_closer(
    task: Task,
    reader: AnswerReader,
    encoder: Encoder,
    stop: threading.Event,
    *,
    holds: float = _HOLDS,
) -> Task:
    """The task with the notes that are seen to answer it; without notes where none does.

    Notes are read one after the other until one surely answers; where several things are asked for,
    also those whose titles name another of them. Where the model fails or the learner stops it, what
    was read so far decides if it holds an answer; else what was found stands. A question in a note's
    own words is not read: its key points are the answer.
    """
    if not task.candidates or task.confidence < WORTH_READING:
        return task
    if task.passages and asks_whole(task.standalone, task.passages[0].note):
        return task
    several = asks_several(task.standalone)
    read: list[ReadNote] = []
    asked, named = topics(task.standalone), frozenset[str]()
    whole = True
    for note in task.candidates:
        title = topics(note.question)
        sure = any(one.chance >= _SURE and one.best >= _SEEN for one in read)
        if sure and not (several and (asked & title) - named):
            continue
        passage = _read(task, read_passage(note, task.standalone, encoder), reader, stop)
        if passage is None:
            whole = False
            break
        if passage.answers is None:
            continue
        read.append(ReadNote(passage, reader.chance(passage, task.confidence)))
        if read[-1].chance >= _ALSO_HOLDS:
            named |= title
    if task.unsure:
        read = [one for one in read if one.best >= _TOLD]
    chosen = _choose(task.standalone, read, holds, several=several)
    if not chosen and task.instead:
        return replace(task, passages=task.instead)
    if not whole and not chosen:
        return task
    return replace(
        task,
        passages=tuple(chosen),
        style="compare" if len(chosen) > 1 else "",
        confidence=max((one.chance for one in read), default=0.0),
        absent=still_absent(task.standalone, task.absent, chosen),
    )


def _read(
    task: Task, passage: Passage, reader: AnswerReader, stop: threading.Event
) -> Passage | None:
    """The passage, read; as it is where it says nothing; None where the reading ended early."""
    if not passage.spans:
        return passage
    try:
        read = reader.read(task.standalone, passage, stop)
    except ModelError:
        return None
    return read if read.answers is not None else None


def still_absent(question: str, names: Sequence[str], chosen: Sequence[Passage]) -> tuple[str, ...]:
    """What of the names that the gate missed the notes answered from do not speak of either."""
    if not names:
        return ()
    still = frozenset(find_absent(question, [as_passage(one.note) for one in chosen]).names)
    return tuple(name for name in names if name in still)


def _choose(
    question: str, read: Sequence[ReadNote], holds: float, *, several: bool
) -> list[Passage]:
    """The notes that answer, in the order they were found.

    The one that answers best and, where several things are asked for, those whose titles name one of
    them that no title before did.
    """
    holding = [at for at, one in enumerate(read) if one.chance >= holds]
    order = sorted(holding, key=lambda at: _LATER * at - log_odds(read[at].chance))
    if not order:
        return []
    kept = [order[0]]
    asked = topics(question)
    named = topics(read[order[0]].passage.note.question)
    for at in order[1:] if several else ():
        title = topics(read[at].passage.note.question)
        if read[at].chance >= _ALSO_HOLDS and (asked & title) - named:
            kept.append(at)
            named |= title
    return [read[at].passage for at in sorted(kept)]
