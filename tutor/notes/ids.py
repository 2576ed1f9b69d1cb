"""Which notes are the same as before: renumbered, moved, lightly reworded, changed, new, gone."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tutor.notes.text import char_ngrams
from tutor.notes.types import Note

_LEAST_ALIKE = 0.5
_WHOLE_ANSWER = 12  # a shorter answer may be shared by chance
_MOST_SHARING = 500
_MOST_COMPARED = 30


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs between two readings of the same notes.

    Attributes:
        added: Ids that are new.
        changed: Ids whose question or answer changed.
        removed: Ids that are gone.
        renamed: New id to the old id of the same question, whose history it inherits.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed or self.renamed)


def match_ids(old: Iterable[Note], new: Iterable[Note]) -> dict[str, str]:
    """Each new note's id to the id of the same question before; a note without one is left out.

    An equal id is the same note. The rest is paired within a file, most alike first: an equal
    answer or question counts most, else the overlap of the questions' n-grams.
    """
    old, new = list(old), list(new)
    known = {note.id for note in old}
    matched = {note.id: note.id for note in new if note.id in known}
    left = [note for note in old if note.id not in matched]
    by_id = {note.id: note for note in left}
    holders: dict[tuple[str, str], list[Note]] = defaultdict(list)
    for note in left:
        for key in _keys(note):
            holders[key].append(note)
    scored: list[tuple[float, str, str]] = []
    for note in new:
        if note.id in matched:
            continue
        shared = Counter(
            before.id for key in _keys(note) for before in holders.get(key, ())[:_MOST_SHARING]
        )
        near = {before_id for before_id, _ in shared.most_common(_MOST_COMPARED)}
        for before_id in sorted(near):
            score = likeness(by_id[before_id], note)
            if score >= _LEAST_ALIKE:
                scored.append((-score, note.id, before_id))
    taken: set[str] = set()
    for _, new_id, old_id in sorted(scored):
        if new_id not in matched and old_id not in taken:
            matched[new_id] = old_id
            taken.add(old_id)
    return matched


def _keys(note: Note) -> set[tuple[str, str]]:
    """What two readings of one question share: n-grams of the question, or the whole answer."""
    keys = {(note.source.file, gram) for gram in char_ngrams(note.question)}
    if note.answer:
        keys.add((note.source.file, "\0" + note.answer))
    return keys


def likeness(one: Note, other: Note) -> float:
    """How surely two notes are one question, 0 to 1."""
    mine, theirs = char_ngrams(one.question), char_ngrams(other.question)
    words = len(mine & theirs) / len(mine | theirs) if mine | theirs else 0.0
    if one.answer and one.answer == other.answer and len(one.answer) >= _WHOLE_ANSWER:
        return 0.6 + 0.4 * words
    return words


def changes(old: Sequence[Note], new: Sequence[Note]) -> Changes:
    """What to index anew, to drop and to carry over."""
    matched = match_ids(old, new)
    before = {note.id: note for note in old}
    inherited = set(matched.values())
    return Changes(
        added=tuple(note.id for note in new if note.id not in matched),
        changed=tuple(
            note.id
            for note in new
            if note.id in matched and before[matched[note.id]].digest != note.digest
        ),
        removed=tuple(note.id for note in old if note.id not in inherited),
        renamed=tuple((n, o) for n, o in matched.items() if n != o),
    )
