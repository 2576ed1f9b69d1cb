"""Rules that need no model: an answer that is no answer scores 0, whatever it says about itself."""

import re
from dataclasses import dataclass

from tutor.critique.injection import strip_instructions
from tutor.critique.units import content_units, count_letters
from tutor.notes.text import char_ngrams, normalise, split_sentences
from tutor.notes.types import Note, Span

ZERO = frozenset({"empty", "dont_know", "echo", "gibberish", "off_topic", "injection"})
# Possessive quantifiers: words overlap ("这题" is also "这" and "题"), and trying every way to cut a
# long text would take for ever.
_UNKNOWN = (
    r"不知道|不会|不(?:太|是很|怎么|大)?(?:清楚|了解|懂|会|记得)|不懂|不了解|"
    r"没有?(?:学|听|看|了解|接触|准备|背|复习)(?:过|到|会)?|忘了|忘记|不记得|想不起来|答不上来|说不上来|"
    r"没思路|没印象|跳过|过|下一题|pass|skip|next"
)
_DONT_KNOW = re.compile(
    rf"(?:{_UNKNOWN}|这个|这题|这道题|这里|那里|这部分|这一?块|这方面|这|我|真的?|还|也|实在|完全|确实|抱歉|"
    r"不好意思|对不起|呃|嗯|额|老师|面试官|有点|暂时|具体|怎么说|怎么答|该?怎么回答|都|太|吧|了|啊|哦|呢|哈|的|题|"
    r"\s|[，,。.!！~、…])++",
    re.IGNORECASE,
)
_UNKNOWN_EN = (
    r"do not know|don'?t know|dunno|no idea|no clue|not sure|can'?t remember|do not remember|"
    r"don'?t remember|forgot|never heard of|not familiar with|pass|skip|next question|next|idk|"
    r"(?:have not|haven'?t|did not|didn'?t) (?:yet )?"
    r"(?:revised?|stud(?:y|ied)|learn(?:ed|t)?|review(?:ed)?|read|cover(?:ed)?|prepared?)"
)
_DONT_KNOW_EN = re.compile(
    rf"(?:(?:{_UNKNOWN_EN}|sorry|well|um+|uh+|hmm+|honestly|actually|i'm|i|am|really|just|have|about|"
    r"this|that|it|one|the answer|question|topic|part|chapter|please|at all|to|yet|here)\b|"
    r"[,.!…]|\s)++",
    re.IGNORECASE,
)
_ECHO_SHARE = 0.9
_COPIED_SHARE = 0.9
_FILLER = re.compile(
    r"^(?:请问|请|那么|好的|关于|嗯|问题|题目|question|answer|答|q|a|是|the question is)?[\s:：,，]*",
    re.I,
)
_TAG = re.compile(r"<[A-Za-z/!][^<>]*>|!?\[[^\]]*\]\((?:https?|javascript|data):[^)]*\)")
_GIBBERISH_VOWELS = re.compile(r"[aeiouy]", re.I)


@dataclass(frozen=True, slots=True)
class Guard:
    """What a rule found.

    Attributes:
        code: ``empty, dont_know, echo, gibberish, off_topic, injection, keywords`` or ``copied``.
        kept: Spans of the answer that are left to judge; empty where the answer scores 0.
    """

    code: str
    kept: tuple[Span, ...] = ()

    @property
    def zero(self) -> bool:
        """Whether the whole answer scores 0."""
        return not self.kept


def check(question: str, answer: str, note: Note | None = None) -> Guard | None:
    """The first rule that fires on an answer, or None.

    ``keywords`` and ``copied`` do not set the score: the answer is judged, and the page says what
    was seen. ``injection`` keeps what is left once the instructions are taken out.
    """
    if not any(char.isalnum() for char in normalise(answer)):
        return Guard("empty")
    stripped = strip_instructions(answer)
    kept = tuple(span for span in stripped.kept if not _says_nothing(question, span.of(answer)))
    if stripped.removed:
        return Guard("injection", kept)
    if not kept:
        return Guard(_why_nothing(question, answer))
    if is_gibberish(answer):
        return Guard("gibberish")
    if note is not None and _copied(answer, note):
        return Guard("copied", kept)
    if is_keyword_list(answer):
        return Guard("keywords", kept)
    if len(kept) < len(split_sentences(answer)):
        return Guard("partly_echo", kept)
    return None


def says_dont_know(text: str) -> bool:
    """Whether the text only says that its writer does not know."""
    clean = normalise(text).strip()
    return any(
        words.fullmatch(clean) and re.search(said, clean, re.IGNORECASE)
        for words, said in ((_DONT_KNOW, _UNKNOWN), (_DONT_KNOW_EN, _UNKNOWN_EN))
    )


def is_echo(question: str, text: str) -> bool:
    """Whether the text only repeats the question: nothing in it that the question lacks."""
    bare = _FILLER.sub("", normalise(text).strip().lower())
    grams, asked = char_ngrams(bare), char_ngrams(question)
    if not grams or len(grams & asked) / len(grams) < _ECHO_SHARE:
        return False
    return (
        len(grams & asked) >= 0.5 * len(asked)
        or len(content_units(bare) - content_units(question)) == 0
    )


def is_gibberish(text: str) -> bool:
    """Whether the text is noise: one thing repeated, letters that form no words, or bare markup."""
    if not any(char.isalnum() for char in _TAG.sub(" ", text)):
        return True  # markup around nothing
    clean = normalise(text).lower()
    letters = [char for char in clean if char.isalnum()]
    if (
        len(letters) >= 6
        and len(set(letters)) <= max(2, len(letters) // 12)
        and not content_units(text) & _known(text)
    ):
        return True
    latin = re.findall(r"[a-z]+", clean)
    cjk = sum("\u4e00" <= char <= "\u9fff" for char in clean)
    long = [word for word in latin if len(word) >= 5]
    if cjk or not long or _known(text):
        return False
    odd = [word for word in long if len(_GIBBERISH_VOWELS.findall(word)) < len(word) * 0.2]
    return len(odd) * 2 >= len(latin)


def is_keyword_list(text: str) -> bool:
    """Whether the answer only names terms: three or more short pieces and no clause among them."""
    pieces = [
        piece.strip() for piece in re.split(r"[，,、；;。.\s/|]+", normalise(text)) if piece.strip()
    ]
    if len(pieces) < 3 or re.search(r"[a-z]{2,} [a-z]{2,} [a-z]{2,} [a-z]{2,}", text.lower()):
        return False
    return all(
        count_letters(piece) <= 7 and not re.search(r"[是的把被让会能用使]|为了|因为|所以", piece)
        for piece in pieces
    )


def _known(text: str) -> frozenset[str]:
    return frozenset(unit for unit in content_units(text) if unit.startswith("#"))


def _says_nothing(question: str, text: str) -> bool:
    return says_dont_know(text) or is_echo(question, text)


def _why_nothing(question: str, answer: str) -> str:
    return (
        "echo"
        if any(is_echo(question, s.of(answer)) for s in split_sentences(answer))
        else "dont_know"
    )


def _copied(answer: str, note: Note) -> bool:
    ours = char_ngrams(answer, 6)
    return len(ours) >= 30 and len(ours & char_ngrams(note.answer, 6)) / len(ours) >= _COPIED_SHARE
