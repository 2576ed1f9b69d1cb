"""Derived key points made shorter by a language model, each result held to what its sources say.

The model is an argument (`Ask`), so nothing here loads one. A result is taken only if it adds no
word, number, name or negation to the points it stands for, and lies nearer to them than to any
other point of the note; what fails keeps the points as they were derived. Results are kept by the
digest of note and points: the same note is asked about once, and reads the same ever after.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tutor.errors import NotesError
from tutor.notes.compare import Encoder
from tutor.notes.keep import read_json, write_json
from tutor.notes.keypoints import derive_points
from tutor.notes.points import size_of
from tutor.notes.polarity import count_negations, opposed_pairs
from tutor.notes.text import char_ngrams, normalise, numbers, overlap
from tutor.notes.types import KeyPoint, Note, Span

FILE_NAME = "condensed_points.json"
Ask = Callable[[Note], str]

FEWEST = 2
LONG, MANY = 36, 5  # what is shorter and fewer needs no pass
SUPPORTED, KEPT = 0.7, 0.3
LEAST_ALIKE = 0.5
_LINE = re.compile(r"^\W{0,4}(\d{1,2}(?:\s*[+,，、&和]\s*\d{1,2})*)\s*[:：.、)）]\s*(\S.*)$")
_MARKUP = re.compile(r"[<>\[\]{}]|https?:|\*\*|^#|\?$|？$")
_WORD = re.compile(r"[a-z][a-z0-9+#-]*")
_LITTLE = set(
    "a an the of in on for to and or is are was be by as it its that this with from at into than then which when"
    " while so".split()
)


@dataclass(frozen=True, slots=True)
class Short:
    """One point of a condensed note.

    Attributes:
        text: What it says.
        sources: Ids of the derived points it stands for, in their order.
    """

    text: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CondenseReport:
    """What the model pass over derived key points brought.

    Attributes:
        notes: Notes it was asked about.
        changed: Notes whose points are now shorter or fewer.
        before: Their points before.
        after: Their points now.
        errors: None, ever: a model that gives out raises. Beside `IngestReport`'s.
    """

    notes: int
    changed: int
    before: int
    after: int
    errors: tuple[NotesError, ...] = ()

    def text(self, lang: str) -> str:
        """One line for people."""
        if lang == "zh":
            return (
                f"模型看了 {self.notes} 道题的要点，精简了其中 {self.changed} 道"
                f"（{self.before} 条变为 {self.after} 条）；没有通过核对的保持原样。"
            )
        return (
            f"The model looked at the key points of {self.notes} notes and condensed {self.changed} "
            f"({self.before} points are now {self.after}); what failed the checks stays as it was."
        )


def wants(note: Note) -> bool:
    """Whether the note's points are derived, and long or many enough to be worth a model's time."""
    points = note.key_points
    if len(points) <= FEWEST or not note.usable:
        return False
    if len(points) <= MANY and all(size_of(point.text) <= LONG for point in points):
        return False
    return points == derive_points(note.answer, note.question)


def key_of(note: Note) -> str:
    """What a result is kept under: it changes with the note's text and with its derived points."""
    parts = [note.digest, *(point.text for point in note.key_points)]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def condense(note: Note, ask: Ask, encoder: Encoder) -> tuple[Short, ...]:
    """The note's points as the model words them where that holds, else as they are."""
    points = note.key_points
    proposed = [short for short in read_reply(ask(note), points) if is_faithful(short, note)]
    used: set[str] = set()
    kept: list[Short] = []
    for short in _nearest_to_own(proposed, points, encoder):
        if used.isdisjoint(short.sources):
            used.update(short.sources)
            kept.append(short)
    kept += [Short(point.text, (point.id,)) for point in points if point.id not in used]
    if len(kept) < FEWEST:
        return tuple(Short(point.text, (point.id,)) for point in points)
    order = {point.id: place for place, point in enumerate(points)}
    return tuple(sorted(kept, key=lambda short: order[short.sources[0]]))


def condense_all(
    notes: Iterable[Note],
    kept: dict[str, tuple[Short, ...]],
    ask: Ask,
    encoder: Encoder,
    progress: Callable[[int, int], None] | None = None,
) -> CondenseReport:
    """Condense every note that wants it and is not in ``kept`` yet; puts the results there."""
    todo = [note for note in notes if wants(note) and key_of(note) not in kept]
    before = after = changed = 0
    for done, note in enumerate(todo):
        if progress:
            progress(done, len(todo))
        shorts = condense(note, ask, encoder)
        kept[key_of(note)] = shorts
        before += len(note.key_points)
        after += len(shorts)
        changed += [short.text for short in shorts] != [point.text for point in note.key_points]
    return CondenseReport(len(todo), changed, before, after)


def read_reply(reply: str, points: Sequence[KeyPoint]) -> list[Short]:
    """The lines ``1: …`` and ``2+3: …`` of a reply whose numbers are those of the points."""
    found: list[Short] = []
    for line in reply.splitlines():
        match = _LINE.match(line.strip())
        if not match:
            continue
        places = sorted({int(digits) for digits in re.findall(r"\d+", match.group(1))})
        if places and places[0] >= 1 and places[-1] <= len(points):
            text = " ".join(match.group(2).split()).rstrip("。.；;，, ")
            found.append(Short(text, tuple(points[place - 1].id for place in places)))
    return found


def is_faithful(short: Short, note: Note) -> bool:
    """Whether the text says nothing that its sources do not, and leaves none of them out.

    Held against the points and the sentences they come from: words (n-grams), numbers, names,
    negations, opposites. It must be shorter than what it stands for.
    """
    sources = [point for point in note.key_points if point.id in short.sources]
    joined = " ".join(point.text for point in sources)
    spans = " ".join(point.span.of(note.answer) for point in sources if point.span)
    said = f"{joined} {spans}"
    if not sources or _MARKUP.search(short.text) or len(short.text) >= len(joined):
        return False
    if overlap(short.text, said) < SUPPORTED or not char_ngrams(short.text):
        return False
    if numbers(short.text) - numbers(said) or _names(short.text) - _names(said):
        return False
    if count_negations(short.text) != count_negations(joined) or opposed_pairs(short.text, joined):
        return False
    return all(overlap(point.text, short.text) >= KEPT for point in sources)


def _names(text: str) -> set[str]:
    return set(_WORD.findall(normalise(text).lower())) - _LITTLE


def _nearest_to_own(
    proposed: list[Short], points: Sequence[KeyPoint], encoder: Encoder
) -> list[Short]:
    """Those whose nearest derived point in meaning is one of their own sources."""
    if not proposed:
        return []
    vectors = encoder.encode([short.text for short in proposed] + [point.text for point in points])
    alike = vectors[: len(proposed)] @ vectors[len(proposed) :].T
    kept = []
    for short, row in zip(proposed, alike, strict=True):
        best = int(np.argmax(row))
        if points[best].id in short.sources and row[best] >= LEAST_ALIKE:
            kept.append(short)
    return kept


def apply_condensed(notes: Iterable[Note], kept: Mapping[str, Sequence[Short]]) -> list[Note]:
    """The notes with their condensed points in place of the derived ones; others unchanged."""
    if not kept:
        return list(notes)
    return [_with(note, kept.get(key_of(note), ())) for note in notes]


def _with(note: Note, shorts: Sequence[Short]) -> Note:
    by_id = {point.id: point for point in note.key_points}
    if not shorts or {one for short in shorts for one in short.sources} != set(by_id):
        return note
    return replace(
        note, key_points=tuple(_point(s.text, [by_id[i] for i in s.sources]) for s in shorts)
    )


def _point(text: str, sources: list[KeyPoint]) -> KeyPoint:
    spans = [point.span for point in sources if point.span is not None]
    span = Span(min(s.start for s in spans), max(s.end for s in spans)) if spans else None
    return KeyPoint(sources[0].id, text, any(point.required for point in sources), span)


def load_condensed(folder: Path) -> dict[str, tuple[Short, ...]]:
    """The results kept in a data folder; none where the file is missing or damaged."""
    read = read_json(folder / FILE_NAME)
    kept: dict[str, tuple[Short, ...]] = {}
    for key, rows in (read if isinstance(read, dict) else {}).items():
        try:
            kept[str(key)] = tuple(
                Short(str(text), tuple(str(one) for one in sources)) for text, sources in rows
            )
        except (TypeError, ValueError):
            continue
    return kept


def save_condensed(folder: Path, kept: Mapping[str, Sequence[Short]]) -> None:
    """Write all results in one atomic step.

    Raises:
        NotesError: The folder cannot be written.
    """
    rows = {key: [[s.text, list(s.sources)] for s in kept[key]] for key in sorted(kept)}
    write_json(folder / FILE_NAME, rows)
