"""Titles and topics: which note is about what a request names, and which titles only name it."""

import re
from collections.abc import Mapping, Sequence

from tutor.notes.text import cjk_share, normalise
from tutor.notes.types import Note
from tutor.study.broad import (
    Topic,
    forms_of,
    outer_mentions,
    same_thing,
    squeezed,
    topic_of,
    without_asking,
)
from tutor.study.passages import split_note
from tutor.study.subjects import COMPARES

# Concepts that name a field, or nothing in particular: a title that holds one is not about it.
_GENERAL = frozenset(
    "training|inference|data|text|image|speech|deep learning|machine learning|neural network|llm|nlp|"
    "transformer|weight|parameter|computation|fast|slow|probability|eigenvalue|loss|feature|layer|input|"
    "output|label|document|fine-tuning|classification|regression|prediction|optimizer|update|distribution|"
    "dimension|distance|direction|matrix|memory|history|keep|lose|prevent|merge|combine|simple|complex|"
    "important|flexible|stable|robust|random|linear|scale|shift|bound|depth|stack|sequence|test set|"
    "training set|validation|iteration|latency|supervised|accuracy|small data|gate|policy|reward".split(
        "|"
    )
)
_RELATES = re.compile(
    r"基础上|改进|\b(?:add to|advantages? of .+ over|compared with)\b", re.IGNORECASE
)
_DEFINES = re.compile(
    r"(?<!缺点)(?<!优点)(?<!局限)(?<!误区)是什么|什么是|包含哪些|有哪些(?:步骤|环节)|原理|思想|含义|(?:怎么|怎样|如何)(?:工作|计算|做)|在做什么|\b(?:what (?:is|are) (?!the (?:\w+ )?(?:advantages|drawbacks|strengths|costs|limits|differences?))|what problem|stages|idea of|how (?:does|do|is|are) (?!you |one )\b)",
    re.IGNORECASE,
)
# What stands before the comma is a condition, not what is asked about.
_WHILE = re.compile(
    r"^[^，,？?]{1,16}(?:时|下|中|里)[，,]|^(?:under|in|with|for|when|given)\b[^,?]*,",
    re.IGNORECASE,
)


def is_about(topic: Topic, title: str) -> bool:
    """Whether a title is about a topic: names it first, or all of several things.

    A comparison needs a title that compares, or just names them. No title is about words that name
    whole fields.
    """
    if not may_name(topic, title) or {*topic.names} <= _GENERAL:
        return False
    if not names_it(topic, title):
        return False
    if not topic.several:
        led = _start(topic, title) <= _first(title)
        return led and not (_WHILE.search(title) or _within(topic, title))
    named = COMPARES.search(title) or _RELATES.search(title)
    return not topic.compares or bool(named) or topic_of(title) is not None


def may_name(topic: Topic, text: str) -> bool:
    """Whether a text can name every thing of a topic: a quick look, for going through all notes."""
    clean = squeezed(text)
    return all(
        any(squeezed(form) in clean for form in forms_of(name, word))
        for name, word in zip(topic.names, topic.words, strict=True)
    )


def names_it(topic: Topic, text: str) -> bool:
    """Whether a text names every thing of a topic."""
    return all(
        _place(name, word, text) is not None
        for name, word in zip(topic.names, topic.words, strict=True)
    )


def asks_for(question: str, title: str) -> bool:
    """Whether a question asks for what a title is about, and for nothing in particular of it."""
    topic = topic_of(question)
    return topic is not None and is_about(topic, title)


def best_note(
    topic: Topic, notes: Sequence[Note], ranks: Mapping[str, int], lang: str
) -> Note | None:
    """The note that is about a topic, if there is one.

    Of several one in the learner's language, then one whose title is just the topic, then one that has
    the words of the request, then one whose title begins with it ("双向 RNN" does not), then one that
    asks what it is, then the one whose title names least beside it, then the one found first.

    Args:
        topic: What is asked for.
        notes: Those whose titles name it, or more.
        ranks: Places of the notes that search found, by id.
        lang: The learner's language.
    """
    about = [note for note in notes if is_about(topic, note.question) and split_note(note.answer)]

    def order(note: Note) -> tuple[bool, bool, bool, bool, bool, int, int]:
        text = normalise(note.question).lower()
        worded = all(word in text for word in topic.words)
        others = {mention.concept for mention in outer_mentions(note.question)} - {*topic.names}
        rank = ranks.get(note.id, len(ranks))
        defines = topic.compares or bool(_DEFINES.search(note.question))
        led = not topic.several and bool(_led(topic, text))
        itself = topic_of(note.question)
        bare = itself is not None and itself.names == topic.names
        return note.lang != lang, not bare, not worded, led, not defines, len(others), rank

    return min(about, key=order, default=None)


def _led(topic: Topic, title: str) -> str:
    """What stands before the topic in a title, but for the asking: "普通" of "普通 RNN 有哪些缺点"."""
    return without_asking(normalise(title).lower()[: _start(topic, title)])


def _within(topic: Topic, title: str) -> bool:
    """Whether a title is about something within the topic: "Transformer 里前馈网络起什么作用"."""
    text, place = normalise(title).lower(), _start(topic, title)
    end = next((m.end for m in outer_mentions(title) if m.start == place), None)
    return end is not None and bool(re.match(r"\s*[里中]", text[end:]))


def _start(topic: Topic, title: str) -> int:
    """Where a title that names a topic names its first thing."""
    return _place(topic.names[0], topic.words[0], title) or 0


def _first(title: str) -> int:
    """Where a title names something first; a word in Latin script in a Chinese title is a name."""
    text = normalise(title)
    places = [mention.start for mention in outer_mentions(title)]
    latin = r"[A-Za-z][\w-]+" if cjk_share(title) > 0 else r"[A-Za-z][\w-]*[A-Z0-9][\w-]*"
    places += [match.start() for match in re.finditer(latin, text)]
    return min(places, default=len(text))


def _place(name: str, word: str, title: str) -> int | None:
    """Where a title names something first; None where it does not."""
    text = normalise(title).lower()
    if name.startswith("="):
        loose = r"[\s-]?".join(map(re.escape, squeezed(word)))  # "kvcache", "KV cache"
        match = re.search(rf"(?<![a-z0-9]){loose}(?:s|es)?(?![a-z0-9])", text)
        return match.start() if match else None
    return next(
        (
            mention.start
            for mention in outer_mentions(title)
            if mention.concept == name and same_thing(word, text[mention.start : mention.end])
        ),
        None,
    )
