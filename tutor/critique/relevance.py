"""Which of the learner's sentences speak of the note at all.

A sentence about something else neither earns nor costs: it is left out before judging and shown
as "not in your notes". So words that do not answer cannot buy points, and padding an answer
changes nothing.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from tutor.critique.calibrate import Weights
from tutor.critique.features import Question
from tutor.critique.polarity import count_negations
from tutor.critique.reading import Reading, pool
from tutor.critique.units import content_units, count_letters
from tutor.notes.types import Span

_CLAUSES = 60  # more are never judged: an answer of that length holds no more points
_WORDS = 3  # shared with the note, a sentence that names none of its concepts still speaks of it

# Concepts that everyday text names too: alone they do not say that a sentence speaks of the note.
_EVERYDAY = frozenset(
    f"#{name}"
    for name in (
        "data", "training", "label", "output", "input", "text", "memory", "update", "feature",
        "prediction",
    )
)  # fmt: skip
# Concepts whose names are everyday words too ("a loss of life", "平均"): one of them may stand in any
# long text.
_HOMONYMS = frozenset({"#loss", "#mean", "#bias", "#parallel", "#attention", "#recall"})


def note_units(question: Question) -> frozenset[str]:
    """Content units of the question, its points and its source."""
    return question.question.units.union(
        *(point.units for point in question.points),
        *(sentence.units for sentence in question.source),
    )


def relevant_sentences(question: Question, answer: Reading, weights: Weights) -> dict[int, bool]:
    """For each sentence number of the answer, whether it speaks of the note."""
    rows = [question.question.vector, *(point.vector for point in question.points)]
    note = np.stack([*rows, *(sentence.vector for sentence in question.source)])
    shared = _shared_units(question, answer)
    found: dict[int, bool] = {}
    for number in sorted(shared):
        own = [index for index, sentence in enumerate(answer.sentences) if sentence == number]
        whole = pool(np.concatenate([answer.tokens[index] for index in own]))
        vectors = np.vstack([whole, answer.clause_vectors[own]])
        near = float((note @ vectors.T).max())
        aside = float((question.background @ whole).max())
        if not _names(shared[number]):
            aside = max(aside, float((question.asides @ whole).max()))
        cut = weights.cuts["related" if shared[number] else "related_without_words"]
        gain = float((note @ whole).max()) - aside
        found[number] = near >= cut and gain >= weights.cuts["aside"]
    return found


def surely_relevant(
    question: Question, answer: Reading, related: Mapping[int, bool]
) -> dict[int, bool]:
    """The related sentences that surely speak of the note.

    Beside orders or much text about something else, loose ends of it are no answer. So a sentence
    must share a concept with the note that everyday text does not name too, or two whose names
    are everyday words as well, or three units of any kind; everyday concepts never count.
    """
    shared = _shared_units(question, answer)
    return {number: said and _surely_names(shared[number]) for number, said in related.items()}


def keep_relevant(question: Question, answer: Reading, weights: Weights) -> Reading:
    """The answer without clauses of unrelated sentences and without repeats of the question."""
    return keep_sentences(question, answer, relevant_sentences(question, answer, weights))


def keep_sentences(question: Question, answer: Reading, related: Mapping[int, bool]) -> Reading:
    """`keep_relevant` where it is known which sentences are related, by their numbers."""
    if not answer.spans:
        return answer
    clauses = [span.of(answer.text) for span in answer.spans]
    # A clause in the question's words counts with what its sentence adds ("under plain SGD, …").
    adding = {
        number
        for number, clause in zip(answer.sentences, clauses, strict=True)
        if any(unit.startswith("#") for unit in content_units(clause) - question.question.units)
    }
    drop = [
        not related[number] or (number not in adding and _repeats_question(question, clause))
        for number, clause in zip(answer.sentences, clauses, strict=True)
    ]
    return _shorten(question, answer.without(drop))


def _shared_units(question: Question, answer: Reading) -> dict[int, frozenset[str]]:
    """For each sentence number of the answer, the content units it shares with the note."""
    known = note_units(question)
    found: dict[int, frozenset[str]] = {}
    for span, number in zip(answer.spans, answer.sentences, strict=True):
        shared = content_units(span.of(answer.text)) & known
        found[number] = found.get(number, frozenset()) | shared
    return found


def _names(shared: frozenset[str]) -> bool:
    """Whether units that a sentence shares with the note name what the note is about."""
    return any(unit.startswith("#") for unit in shared - _EVERYDAY) or len(shared) >= _WORDS


def _surely_names(shared: frozenset[str]) -> bool:
    """Whether shared units are more than long everyday text shares by chance."""
    special = shared - _EVERYDAY
    return (
        any(unit.startswith("#") for unit in special - _HOMONYMS)
        or len(special & _HOMONYMS) >= 2
        or len(special) >= _WORDS
    )


def mostly_aside(answer: Reading, related: Mapping[int, bool]) -> bool:
    """Whether most of what was written speaks of something else."""
    letters = {True: 0, False: 0}
    for span, number in zip(answer.spans, answer.sentences, strict=True):
        letters[related[number]] += count_letters(span.of(answer.text))
    return letters[False] > letters[True]


def outside_spans(answer: Reading, related: Mapping[int, bool]) -> tuple[Span, ...]:
    """Sentences of the answer that the note does not speak of, joined where they are neighbours."""
    gone = [
        span
        for span, number in zip(answer.spans, answer.sentences, strict=True)
        if not related[number]
    ]
    return _joined(gone, answer.text)


def _joined(spans: Sequence[Span], text: str) -> tuple[Span, ...]:
    found: list[Span] = []
    for span in spans:
        if found and not any(char.isalnum() for char in text[found[-1].end : span.start]):
            found[-1] = Span(found[-1].start, span.end)
        else:
            found.append(span)
    return tuple(found)


def _repeats_question(question: Question, clause: str) -> bool:
    """Whether a clause says nothing but what the question says."""
    units = content_units(clause)
    return (
        bool(units)
        and units <= question.question.units
        and len(units) >= 2
        and not _denies(question, clause)
    )


def _denies(question: Question, clause: str) -> bool:
    return count_negations(clause) != count_negations(question.question.text)


def _shorten(question: Question, answer: Reading) -> Reading:
    if len(answer.spans) <= _CLAUSES:
        return answer
    known = note_units(question)
    gain = [len(content_units(span.of(answer.text)) & known) for span in answer.spans]
    keep = set(sorted(range(len(gain)), key=lambda index: (-gain[index], index))[:_CLAUSES])
    return answer.without([index not in keep for index in range(len(gain))])
