"""From a question to the notes that answer it, or to the finding that none does."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from langchain_core.language_models import BaseChatModel

from tutor.notes.text import cjk_share, detect_lang
from tutor.notes.types import Note
from tutor.search.retriever import Retriever
from tutor.search.types import Encoder
from tutor.study.broad import Topic, as_asked, is_named, only_names, topic_of
from tutor.study.choose import Gate, choose_notes, in_language, rank_notes
from tutor.study.followups import recognise
from tutor.study.passages import Passage, full_text, read_passage
from tutor.study.rewrite import rewrite_by_model, rewrite_by_rule
from tutor.study.titles import best_note
from tutor.study.topic_notes import mentioning, titled
from tutor.study.types import Exchange

_NEAREST = 3
WORTH_READING = 0.15  # least probability of the gate from which notes are looked at more closely
_GATED = 3  # notes the gate reads, and at most are answered from
# Share of requests for a topic that the note about it answers, or the sentences that mention it
# (docs/grounding.md).
_ABOUT, _MENTIONED = 0.95, 0.6


@dataclass(frozen=True)
class Task:
    """One question on its way to a reply.

    Attributes:
        question: As typed.
        standalone: As it stands alone, and is spelt as it was meant.
        lang: Language of the reply.
        style: What a one-click follow-up asked for, or ``compare``.
        passages: The notes it is answered from; none for a refusal.
        nearest: Note ids of the nearest questions.
        confidence: Calibrated probability that the notes answer it.
        history: Earlier exchanges.
        absent: What the question names and the notes do not speak of.
        candidates: Notes that may hold the answer, most likely first, whatever the gate says.
        unanswered: Of a question of several, those that the notes do not answer.
        left_out: Of a question about several things, those for which the notes do not answer it.
        mentioned: The topic that was asked for, where the notes only mention it.
        unsure: Whether just a topic is asked for that no note is about: a sentence answers that only if
            it surely does.
        instead: What answers where no sentence that was read does.
    """

    question: str
    standalone: str
    lang: str
    style: str
    passages: tuple[Passage, ...]
    nearest: tuple[str, ...]
    confidence: float
    history: tuple[Exchange, ...]
    absent: tuple[str, ...] = ()
    candidates: tuple[Note, ...] = ()
    unanswered: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    mentioned: str = ""
    unsure: bool = False
    instead: tuple[Passage, ...] = ()


class Finder:
    """Finds what a question is answered from.

    Args:
        retriever: Finds notes; kept in step with ``notes`` by the caller.
        notes: Gives all notes by id, as they are now.
        encoder: Embedding model.
        gate: Decides by measures whether passages answer a question.
        rewriter: Puts follow-up questions into words of its own; the rules do it without one.
    """

    def __init__(
        self,
        retriever: Retriever,
        notes: Callable[[], Mapping[str, Note]],
        encoder: Encoder,
        gate: Gate,
        *,
        rewriter: BaseChatModel | None = None,
    ) -> None:
        self._retriever = retriever
        self._notes = notes
        self._encoder = encoder
        self._gate = gate
        self._rewriter = rewriter

    def find(self, question: str, history: tuple[Exchange, ...]) -> Task:
        """The notes that a question is answered from; none where the gate finds no answer."""
        notes = self._notes()
        lang = _language(question, history, notes.values())
        action = recognise(question)
        if action and history and history[-1].note_ids:
            asked = history[-1].question
            again = [notes[i] for i in history[-1].note_ids if i in notes]
            style = action if action != "quiz" else ""
            read = tuple(read_passage(note, asked, self._encoder) for note in again[:_GATED])
            return Task(question, asked, lang, style, read, (), 1.0, history)
        meant = self._retriever.respell(self._standalone(question, history, notes))
        return replace(self.find_alone(meant, lang), question=question, history=history)

    def find_alone(self, question: str, lang: str, first: Sequence[Note] = ()) -> Task:
        """The notes that a question which stands alone is answered from.

        Args:
            question: The question.
            lang: Language of the reply.
            first: Notes that are looked at before those that are found.
        """
        notes = self._notes()
        found = [e for e in self._retriever.search(question, k=8) if e.note_id in notes]
        ranks = {evidence.note_id: rank for rank, evidence in enumerate(found)}
        topic = topic_of(question)
        only: list[Note] = []
        instead: list[Passage] = []
        if topic is not None:
            named = titled(topic, notes.values(), ranks, lang)
            if task := self._of_topic(question, lang, topic, named, ranks):
                return task
            if not topic.several:
                only = named[:_GATED]
                instead = mentioning(topic, only, question, lang, self._encoder)
        first = [*first, *only]
        looked = _once([*first, *(notes[e.note_id] for e in found[:_GATED])])
        gate = self._gate(question, [as_passage(note) for note in looked])
        near = dict.fromkeys(in_language(notes[e.note_id], notes, lang).id for e in found)
        nearest = tuple(near)[:_NEAREST]
        ranked = rank_notes(found, notes, lang)
        chosen = choose_notes(question, ranked)
        read = tuple(
            passage
            for note in (_once([*first, *chosen]) if gate.answerable else [])
            if (passage := read_passage(note, question, self._encoder)).spans
        )
        others = _once([*chosen, *(note for note, _ in ranked)])[:_GATED]
        return Task(
            question=question,
            standalone=question,
            lang=lang,
            style="compare" if len(read) > 1 else "",
            passages=read or tuple(instead),
            nearest=nearest,
            confidence=gate.probability
            if read or not instead
            else max(gate.probability, _MENTIONED),
            history=(),
            absent=gate.absent,
            candidates=tuple(_once([*first, *others])[: _GATED if only else None]),
            unsure=topic is not None and not topic.several,
            instead=tuple(instead),
        )

    def _of_topic(
        self,
        question: str,
        lang: str,
        topic: Topic,
        named: Sequence[Note],
        ranks: Mapping[str, int],
    ) -> Task | None:
        """The task of a request for a topic; None where the notes are to be read for it.

        A note about the topic is the answer as a whole, unless the gate sees nothing in it. Where no
        title names it, the sentences that mention it are.
        """
        notes = self._notes()
        about = best_note(topic, named, ranks, lang)
        if about is not None:
            held = [read_passage(about, question, self._encoder)]
        elif (
            topic.several
            or named
            or not is_named(topic, question, (full_text(notes[name]) for name in ranks))
        ):
            return None
        else:
            order = _once([*(notes[name] for name in ranks), *notes.values()])
            held = mentioning(topic, order, question, lang, self._encoder)
        # What only repeats the request over "TODO" is no note about it.
        gate = self._gate(question, [as_passage(one.note) for one in held]) if held else None
        if gate is None or gate.probability < WORTH_READING:
            return None
        cited = {passage.note.id for passage in held}
        near = dict.fromkeys(in_language(notes[name], notes, lang).id for name in ranks)
        return Task(
            question=question,
            standalone=question,
            lang=lang,
            style="",
            passages=tuple(held),
            nearest=tuple(name for name in near if name not in cited)[:_NEAREST],
            confidence=_ABOUT if about else _MENTIONED,
            history=(),
            mentioned="" if about else as_asked(topic, question),
        )

    def _standalone(
        self, question: str, history: tuple[Exchange, ...], notes: Mapping[str, Note]
    ) -> str:
        titles = [notes[i].question for i in history[-1].note_ids if i in notes] if history else []
        by_rule = rewrite_by_rule(question, history, titles=titles)
        if by_rule == question or self._rewriter is None:
            return by_rule
        return rewrite_by_model(question, history, self._rewriter, fallback=by_rule)


def _language(question: str, history: Sequence[Exchange], notes: Iterable[Note]) -> str:
    """The learner's language; a bare name is asked in that of the conversation, or of most notes."""
    for asked in (question, *(past.question for past in reversed(history))):
        if not only_names(asked) or cjk_share(asked) > 0:
            return detect_lang(asked)
    (most, _), *_ = Counter(note.lang for note in notes).most_common(1) or [("en", 0)]
    return most


def _once(notes: Sequence[Note]) -> list[Note]:
    return list({note.id: note for note in notes}.values())


def as_passage(note: Note) -> str:
    """A note as the evidence gate reads it."""
    return f"## {note.question}\n{full_text(note)}"
