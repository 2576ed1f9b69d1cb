"""What the notes hold of a topic: a note about it, titles that name it, sentences, or nothing."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from tutor.notes.text import normalise
from tutor.notes.types import Note
from tutor.search.types import Encoder
from tutor.study.broad import Topic, forms_of
from tutor.study.passages import Passage, full_text, read_passage, split_note
from tutor.study.titles import may_name, names_it

_NOTES, _SENTENCES = 2, 2  # that a topic is quoted from which is only mentioned; sentences of each
_SAYS_WHAT = 0.1  # what a sentence gains that says what the thing is: "focal loss 是…"
_IS = re.compile(r"^\W{0,3}(?:是|指|即|：|:|（|\(|把|让|用|is\b|are\b|means\b)", re.IGNORECASE)


def titled(topic: Topic, notes: Iterable[Note], ranks: Mapping[str, int], lang: str) -> list[Note]:
    """The notes whose titles name the topic: those in the learner's language first, as search has them."""
    found = [
        note for note in notes if may_name(topic, note.question) and names_it(topic, note.question)
    ]
    return sorted(found, key=lambda note: (note.lang != lang, ranks.get(note.id, len(ranks))))


def mentioning(
    topic: Topic, notes: Sequence[Note], question: str, lang: str, encoder: Encoder
) -> list[Passage]:
    """The notes that mention a topic, each with the sentences that do so marked as answers.

    Args:
        topic: What is asked for, one thing.
        notes: All notes, those that search found first.
        question: The request.
        lang: The learner's language; notes in it come first.
        encoder: Embedding model.
    """
    marked: list[Passage] = []
    for note in sorted(notes, key=lambda note: note.lang != lang):
        if note.ref and any(note.ref == known.note.ref for known in marked):
            continue  # the same note in another language
        text = full_text(note)
        if not may_name(topic, text):
            continue
        # Embedding a note costs a thousand times what looking through its sentences does.
        if any(names_it(topic, span.of(text)) for span in split_note(text)):
            passage = read_passage(note, question, encoder)
            if any(names_it(topic, one) for one in passage.texts):
                marked.append(_marked(topic, passage))
        if len(marked) == _NOTES:
            break
    return marked


def _marked(topic: Topic, passage: Passage) -> Passage:
    """A passage with the few sentences that say most of a topic marked as its answers."""
    rating = [
        float(score) + _SAYS_WHAT * _defines(topic, text) if names_it(topic, text) else -np.inf
        for score, text in zip(passage.scores, passage.texts, strict=True)
    ]
    best = np.argsort(-np.array(rating), kind="stable")[:_SENTENCES]
    answers = np.zeros(len(rating))
    answers[[at for at in best if rating[at] > -np.inf]] = 1.0
    return replace(passage, answers=answers)


def _defines(topic: Topic, text: str) -> bool:
    clean = normalise(text).lower()
    forms = forms_of(topic.names[0], topic.words[0])
    ends = [match.end() for form in forms for match in re.finditer(re.escape(form), clean)]
    return any(_IS.match(clean[end:]) for end in ends)
