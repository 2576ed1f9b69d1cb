"""From the model's text to a checked reply: claims, citations given by code, what is shown."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tutor.notes.text import detect_lang, overlap
from tutor.notes.types import Note, Span
from tutor.study.claims import ClaimChecker, ClaimResult
from tutor.study.mend import Place, find_missing
from tutor.study.passages import Passage, full_text
from tutor.study.reply import Sentence, drop_marks, join_answers, split_reply, write_marks
from tutor.study.types import Citation, Claim
from tutor.study.wording import from_note

SHOW_FROM = 0.5  # least support of a sentence that is shown
_REPEATS = 0.8  # share of a denied statement's words that makes a sentence a repetition of it
_REPEATED = 0.2  # support left to a repetition


@dataclass
class Citations:
    """Numbers given to spans of notes; the same span keeps its number."""

    held: list[Citation] = field(default_factory=list)

    def number(self, note: Note, span: Span) -> int:
        """The number of a span, given now if it has none."""
        for known in self.held:
            if known.note_id == note.id and known.span == span:
                return known.number
        self.held.append(Citation(len(self.held) + 1, note.id, span, span.of(full_text(note))))
        return len(self.held)


@dataclass(frozen=True, slots=True)
class Composed:
    """A checked reply: what is shown, and every claim of the model with its label."""

    text: str
    claims: tuple[Claim, ...]


def check_reply(
    reply: str,
    passages: Sequence[Passage],
    checker: ClaimChecker,
    citations: Citations,
    *,
    question: str,
    context: Sequence[str] | None = None,
    lang: str = "",
    denied: str = "",
    complete: bool = False,
) -> Composed:
    """Check each sentence of a reply against the notes and write what they support.

    A sentence is checked against the note its mark names and, failing that, against the others;
    its mark is then written anew from the span that bears it out. Sentences that no note supports
    are left out of the text and kept in the claims.

    Args:
        reply: What the model wrote, without markup.
        passages: The notes it was given, in the order of its marks.
        checker: Judges claims.
        citations: Takes the citations.
        question: What was asked.
        context: The notes as the prompt showed them.
        lang: The language of that prompt.
        denied: A statement of the question that the notes did not bear out; a sentence that only
            repeats it is left out, however near the notes' words it is, and so is a "yes".
        complete: Put in the note's own sentences that answer the question where the reply lacks
            them; the reply must hold something by itself.
    """
    sentences = join_answers(split_reply(reply), agreeing_only=bool(denied))
    texts = [sentence.claim for sentence in sentences]
    results = [
        checker.check_all(texts, passage.note.answer, question, context=context, lang=lang)
        for passage in passages
    ]
    claims: list[Claim] = []
    shown: list[str] = []
    cited: list[Place] = []
    dropped: list[Place] = []
    pending: str | None = None
    for index, sentence in enumerate(sentences):
        if sentence.is_lead:
            pending = _place(sentence, sentence.text, shown)
            continue
        chosen, result = _choose(sentence, [row[index] for row in results])
        if denied and overlap(denied, sentence.text) >= _REPEATS:
            result = replace(result, label="unsupported", support=min(result.support, _REPEATED))
        show = result.label == "supported" and result.support >= SHOW_FROM
        (cited if show else dropped).append(Place(chosen, result.span))
        numbers: tuple[int, ...] = ()
        if show:
            if pending is not None:
                shown.append(pending)
            pending = None
            numbers = (citations.number(passages[chosen].note, result.span),)
            shown.append(_place(sentence, write_marks(sentence.text, numbers), shown))
        claims.append(Claim(sentence.claim, numbers, result.label, result.support, show))
    composed = Composed("".join(shown).strip(), tuple(claims))
    if not complete or not composed.text:
        return composed
    missing = find_missing(passages, composed.text, cited, dropped)
    return _append(composed, passages, missing, citations, lang)


def _append(
    composed: Composed,
    passages: Sequence[Passage],
    missing: Sequence[Place],
    citations: Citations,
    lang: str,
) -> Composed:
    """A reply with sentences of the notes put behind it."""
    claims = list(composed.claims)
    lines = [composed.text]
    for lost in missing:
        note = passages[lost.passage].note
        words = lost.span.of(full_text(note)).strip()
        number = citations.number(note, lost.span)
        lines.append(from_note(words, number, lang or note.lang))
        claims.append(Claim(drop_marks(words), (number,), "supported", 1.0, quoted=True))
    return Composed("\n\n".join(lines), tuple(claims))


def _choose(sentence: Sentence, results: Sequence[ClaimResult]) -> tuple[int, ClaimResult]:
    """The note that bears a sentence out best; the one its mark names wins where it suffices."""
    for mark in sentence.marks:
        if 1 <= mark <= len(results) and results[mark - 1].label == "supported":
            return mark - 1, results[mark - 1]
    best = max(range(len(results)), key=lambda index: results[index].support)
    return best, results[best]


def _place(sentence: Sentence, text: str, before: Sequence[str]) -> str:
    body = f"{sentence.opening}{text}"
    if before and before[-1] and body[:1].isascii() and not body[:1].isspace():
        return body if before[-1].endswith("\n") else f" {body}"
    return body


def readable(words: str) -> str:
    """Words cut out of a note, without what the cut left open: half a bold mark, a semicolon."""
    if words.count("**") % 2:
        words = words.replace("**", "")
    closed = words.rstrip("；;，, ")
    if closed != words:
        closed += "。" if detect_lang(closed) == "zh" else "."
    return closed.removeprefix("- ") if "\n" not in closed else closed


def quote_passages(
    windows: Sequence[tuple[Passage, Span]], citations: Citations, *, titled: bool = False
) -> Composed:
    """The notes' own words as the reply, each piece with its mark.

    Args:
        windows: What is quoted, by note.
        citations: Takes the citations.
        titled: Name each note before its words.
    """
    parts: list[str] = []
    claims: list[Claim] = []
    named = ""
    for passage, span in windows:
        words = span.of(passage.text).strip()
        if not words:
            continue
        if titled and passage.note.id != named:
            named = passage.note.id
            parts.append(f"**{passage.note.question}**")
        number = citations.number(passage.note, span)
        mark = f" [{number}]"
        if words.endswith("|"):
            mark = f"\n\n[{number}]"  # right below a table it would be a row of it
        elif words.endswith(("$$", "```")):
            mark = f"\n[{number}]"
        parts.append(readable(words) + mark)
        claims.append(Claim(drop_marks(words), (number,), "supported", 1.0, quoted=True))
    return Composed("\n\n".join(parts), tuple(claims))
