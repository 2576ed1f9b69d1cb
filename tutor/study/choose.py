"""Which notes a question is answered from, and whether they answer it at all."""

from collections.abc import Callable, Mapping, Sequence

from tutor.notes.types import Note
from tutor.search.gate import GateResult
from tutor.search.gate import gate as judge_evidence
from tutor.search.types import Encoder, Evidence
from tutor.study.subjects import COMPARES
from tutor.study.units import content_units

Gate = Callable[[str, Sequence[str]], GateResult]
"""Whether passages, best first, answer a question."""

_SECOND = 0.8  # least score of a second note, as a share of the first's


def evidence_gate(encoder: Encoder) -> Gate:
    """The calibrated gate of `tutor.search.gate` with an encoder."""
    return lambda question, passages: judge_evidence(question, passages, encoder)


def rank_notes(
    found: Sequence[Evidence], notes: Mapping[str, Note], lang: str
) -> list[tuple[Note, float]]:
    """Found notes that say something, best first, each with its score.

    A note that has a counterpart in the asker's language, linked by the author's id, is read in
    that language.
    """
    ranked: list[tuple[Note, float]] = []
    for evidence in found:
        note = in_language(notes[evidence.note_id], notes, lang)
        if note.answer.strip() and all(note.id != known.id for known, _ in ranked):
            ranked.append((note, evidence.score))
    return ranked


def choose_notes(question: str, ranked: Sequence[tuple[Note, float]]) -> list[Note]:
    """One note, or two where the question speaks of two things and both are found."""
    if not ranked:
        return []
    first, best = ranked[0]
    chosen = [first]
    for note, score in ranked[1:3]:
        if score >= _SECOND * best and _adds(question, first, note):
            chosen.append(note)
            break
    return chosen


def _adds(question: str, first: Note, second: Note) -> bool:
    """Whether the second note speaks of something the question names and the first does not."""
    asked = content_units(question)
    held = content_units(f"{first.question} {first.answer}")
    fresh = (asked - held) & content_units(f"{second.question} {second.answer}")
    if COMPARES.search(question):
        return bool(fresh & content_units(second.question)) or bool(
            (asked & content_units(second.question)) - content_units(first.question)
        )
    return len(fresh) >= 2


def in_language(note: Note, notes: Mapping[str, Note], lang: str) -> Note:
    """The counterpart of a note in a language, by the author's id; the note where there is none."""
    if note.lang == lang or not note.ref:
        return note
    return next((n for n in notes.values() if n.ref == note.ref and n.lang == lang), note)
