"""The reply to a question, put together by code: what opens it, the notes' words, what ends it."""

from collections.abc import Sequence
from dataclasses import replace

from tutor.notes.text import detect_lang
from tutor.notes.types import Span
from tutor.study.compose import Citations, Composed, quote_passages
from tutor.study.evidence import topics
from tutor.study.finding import Task
from tutor.study.followups import no_example, own_words, quiz_text
from tutor.study.passages import Passage, best_window
from tutor.study.quoting import choose_quotes, is_own
from tutor.study.titles import asks_for
from tutor.study.types import Answer, Citation
from tutor.study.verdict import Stance
from tutor.study.wording import (
    agreement,
    correction,
    in_other_language,
    left_out,
    only_mentioned,
    unanswered,
    unheld,
)


def ended(task: Task) -> Answer:
    """The end of a question that was stopped before it was known whether the notes answer it."""
    return Answer(
        task.question,
        task.standalone,
        "",
        nearest=task.nearest,
        confidence=task.confidence,
        stopped=True,
    )


def sources(passages: Sequence[Passage]) -> tuple[Citation, ...]:
    """The part of each note that is shown before the reply is known."""
    citations = Citations()
    for passage in passages:
        citations.number(passage.note, best_window(passage))
    return tuple(citations.held)


def opening_of(
    stance: Stance | None, task: Task, citations: Citations, quoted: Sequence[Span] = ()
) -> str:
    """What a reply to a statement begins with, said by code.

    Args:
        stance: What the notes say to it.
        task: The question.
        citations: Takes the citation.
        quoted: What the reply goes on to quote of that note; what stands there is not said twice, and
            goes before the words nearest to the statement where these alone do not set it right.
    """
    if stance is None or (stance.holds is None and not stance.premise.asked):
        return ""
    if stance.holds:
        return agreement(task.lang) if stance.premise.asked else ""
    sure = stance.holds is not None
    asked = stance.premise.asked
    repeated = any(s.start <= stance.span.start and stance.span.end <= s.end for s in quoted)
    if repeated or (quoted and not stance.says_so()):
        return correction("", 0, task.lang, asked=asked, sure=sure) + "\n\n"
    passage = task.passages[stance.passage]
    number = citations.number(passage.note, stance.span)
    words = stance.span.of(passage.text)
    if stance.span.start >= len(passage.note.answer):  # its beginning alone says what is wrong
        below = correction("", 0, task.lang, asked=asked, sure=sure)
        return f"{below}\n\n{words} [{number}]\n\n"
    return correction(words, number, task.lang, asked=asked, sure=sure) + "\n\n"


def _close(text: str, task: Task) -> str:
    """A reply with what it leaves unanswered said at its end."""
    rest = [
        unanswered(task.unanswered, task.lang),
        left_out([n for n in task.left_out if not any(a in n for a in task.absent)], task.lang),
        unheld(task.absent, task.lang),
    ]
    return "\n\n".join([text, *filter(None, rest)]) if text else text


def finish(
    task: Task,
    stance: Stance | None,
    opening: str,
    composed: Composed,
    citations: Citations,
    stopped: bool,
) -> Answer:
    """The reply that a model wrote and the check left; the notes' own words if nothing is left.

    Args:
        task: The question, with the notes that answer it.
        stance: What they say to what the question states.
        opening: What the reply begins with, said by code.
        composed: The checked reply.
        citations: Those given so far.
        stopped: Whether the learner stopped it.
    """
    base = Answer(
        task.question,
        task.standalone,
        _close(opening + composed.text, task),
        composed.claims,
        tuple(citations.held),
        nearest=task.nearest,
        written_by="llm",
        confidence=task.confidence,
        stopped=stopped,
    )
    if composed.text or (stopped and opening):
        return base
    quoted = reply_from_notes(task, stance)
    # The claims that were dropped stay on record: they count against the model.
    return replace(quoted, claims=(*quoted.claims, *composed.claims), stopped=stopped)


def reply_from_notes(task: Task, stance: Stance | None) -> Answer:
    """The reply in the notes' own words.

    Args:
        task: The question, with the notes that answer it.
        stance: What they say to what the question states; None where that is not known.
    """
    citations = Citations()
    windows = [(p, span) for p in task.passages for span in own_words(p.note, task.style)]
    lacking = task.style == "example" and not windows
    windows = windows or _windows(task)
    about = task.passages[stance.passage] if stance else None
    if stance:
        windows = [(p, _widened(span, stance.span) if p is about else span) for p, span in windows]
    opening = opening_of(stance, task, citations, [span for p, span in windows if p is about])
    foreign = [detect_lang(passage.note.answer) != task.lang for passage in task.passages]
    if any(foreign):
        opening = in_other_language(task.lang, every=all(foreign)) + "\n\n" + opening
    if lacking:
        opening += no_example(task.lang)
    if task.mentioned:
        opening = only_mentioned(task.mentioned, task.lang) + "\n\n" + opening
    quoted = quote_passages(windows, citations, titled=_titled(task))
    return Answer(
        task.question,
        task.standalone,
        _close(opening + quoted.text, task),
        quoted.claims,
        tuple(citations.held),
        nearest=task.nearest,
        confidence=task.confidence,
    )


def _titled(task: Task) -> bool:
    """Whether quotes need their note's title: of several notes, or of one the question does not name.

    A sentence says less by itself than under its title; where the question shares no word with that,
    only the title tells the learner what it is about. Where just a topic is asked for, the title says
    what of it the note treats.
    """
    named = topics(task.standalone)
    asked = task.standalone
    if any(
        asks_for(asked, passage.note.question) and not is_own(asked, passage.note)
        for passage in task.passages
    ):
        return True
    return len(task.passages) > 1 or not any(
        named & topics(passage.note.question) for passage in task.passages
    )


def _widened(span: Span, other: Span) -> Span:
    """The span, with another that overlaps it, so that no sentence is quoted twice."""
    if span.start < other.end and other.start < span.end:
        return Span(min(span.start, other.start), max(span.end, other.end))
    return span


def _windows(task: Task) -> list[tuple[Passage, Span]]:
    """What of each note is quoted."""
    return [
        (passage, span)
        for passage in task.passages
        for span in choose_quotes(passage, task.standalone)
    ]


def quiz(task: Task) -> Answer:
    """A question back to the learner, about the notes of the last reply."""
    note = task.passages[0].note
    text = quiz_text(note, task.lang, asked_before=[past.answer for past in task.history])
    return Answer(task.question, task.standalone, text, nearest=(note.id,), confidence=1.0)
