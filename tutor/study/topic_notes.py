"""What the notes hold of a topic: a note about it, titles that name it, sentences, or nothing."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from tutor.notes.terms import forms_in
from tutor.notes.text import normalise
from tutor.notes.types import Note
from tutor.search.types import Encoder
from tutor.study.broad import Topic, kind_of_known, names_it
from tutor.study.passages import Passage, full_text, read_passage

_NOTES, _SENTENCES = 2, 3  # that a topic is quoted from which is only mentioned
_SAYS_WHAT = 0.1  # what a sentence gains that says what the thing is: "focal loss 是…"
_IS = re.compile(r"^\W{0,3}(?:是|指|即|：|:|（|\(|把|让|用|is\b|are\b|means\b)", re.IGNORECASE)


def may_name(topic: Topic, text: str) -> bool:
    """Whether a text can name every thing of a topic: a quick look, for going through all notes."""
    clean = _squeezed(text)
    return all(
        any(_squeezed(form) in clean for form in _forms(name, word))
        for name, word in zip(topic.names, topic.words, strict=True)
    )


def titled(topic: Topic, notes: Iterable[Note], lang: str) -> list[Note]:
    """The notes whose titles name the topic, those in the learner's language first."""
    found = [
        note for note in notes if may_name(topic, note.question) and names_it(topic, note.question)
    ]
    return sorted(found, key=lambda note: note.lang != lang)


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
        if may_name(topic, full_text(note)):
            passage = read_passage(note, question, encoder)
            if any(names_it(topic, text) for text in passage.texts):
                marked.append(_marked(topic, passage))
        if len(marked) == _NOTES:
            break
    return marked


def sure_of(topic: Topic) -> bool:
    """Whether a text without any of a topic's names is known not to speak of it.

    The lexicon knows what its concepts are called; of words that it does not know there may be others
    for the same thing, unless they say what kind of a known thing is meant.
    """
    return kind_of_known(topic) or not any(name.startswith("=") for name in topic.names)


def _marked(topic: Topic, passage: Passage) -> Passage:
    """A passage with the few sentences that say most of a topic marked as its answers."""
    rating = [
        float(score) + _SAYS_WHAT * _defines(topic, text) if names_it(topic, text) else -np.inf
        for score, text in zip(passage.scores, passage.texts, strict=True)
    ]
    best = np.argsort(-np.array(rating), kind="stable")[: _SENTENCES - 1]
    answers = np.zeros(len(rating))
    answers[[at for at in best if rating[at] > -np.inf]] = 1.0
    return replace(passage, answers=answers)


def _defines(topic: Topic, text: str) -> bool:
    clean = normalise(text).lower()
    forms = _forms(topic.names[0], topic.words[0])
    ends = [match.end() for form in forms for match in re.finditer(re.escape(form), clean)]
    return any(_IS.match(clean[end:]) for end in ends)


def _forms(name: str, word: str) -> Mapping[str, None]:
    """What a thing is called, the request's own word first."""
    known = () if name.startswith("=") else (*forms_in(name, "zh"), *forms_in(name, "en"))
    return dict.fromkeys((word, *known))


def _squeezed(text: str) -> str:
    return re.sub(r"[\s-]+", "", normalise(text).lower())
