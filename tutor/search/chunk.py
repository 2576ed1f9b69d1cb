"""Cut notes into pieces to index; a piece never crosses into a neighbouring note."""

import hashlib

from tutor.notes.text import split_sentences
from tutor.notes.types import Note, Span
from tutor.search.types import Chunk

# Measured on the dev questions: short pieces rank better than whole answers, and pieces under
# about 100 characters lose their subject.
TARGET_CHARS = 280


def _chunk_id(note_id: str, kind: str, text: str) -> str:
    return hashlib.sha256(f"{note_id}\0{kind}\0{text}".encode()).hexdigest()[:32]


def pack_sentences(text: str, *, target: int = TARGET_CHARS) -> list[Span]:
    """Consecutive sentences packed into spans of about ``target`` characters.

    A sentence longer than twice the target is cut, so that no piece exceeds what the embedding
    model reads.
    """
    packed: list[Span] = []
    start = end = -1
    for sentence in split_sentences(text):
        if start >= 0 and sentence.end - start > target:
            packed.append(Span(start, end))
            start = -1
        if start < 0:
            start = sentence.start
        end = sentence.end
        while end - start > 2 * target:
            packed.append(Span(start, start + target))
            start += target
    if start >= 0:
        packed.append(Span(start, end))
    return packed


def chunk_note(note: Note) -> list[Chunk]:
    """The question, the misconception, and the answer in pieces.

    A question that takes something wrong for granted is nearer to the misconception that says so
    than to the answer. A note with no answer yields its question only.
    """
    chunks: list[Chunk] = []
    seen: set[str] = set()
    if note.question:
        identity = _chunk_id(note.id, "question", note.question)
        chunks.append(Chunk(identity, note.id, note.question, None, "question"))
    for span in pack_sentences(note.misconception) if note.answer.strip() else ():
        text = span.of(note.misconception)
        identity = _chunk_id(note.id, "misconception", text)
        if identity not in seen:
            seen.add(identity)
            chunks.append(Chunk(identity, note.id, text, None, "misconception"))
    for span in pack_sentences(note.answer):
        text = span.of(note.answer)
        identity = _chunk_id(note.id, "answer", text)
        if identity not in seen:  # a repeated paragraph is indexed once
            seen.add(identity)
            chunks.append(Chunk(identity, note.id, text, span, "answer"))
    return chunks
