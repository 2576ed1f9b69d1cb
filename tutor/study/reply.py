"""The model's reply as text: made harmless, cut into sentences, its marks read and written."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tutor.notes.text import split_sentences

_CODE = r"```.*?(?:```|\Z)|`[^`\n]+`"
_MATH = r"\$\$.*?\$\$|\$[^$\n]+\$|\\\(.*?\\\)|\\\[.*?\\\]"
_KEPT = re.compile(f"({_CODE})|({_MATH})", re.DOTALL)
_HTML = (
    "a abbr audio b base body br button canvas center code details div embed em font form frame "
    "h1 h2 h3 h4 h5 h6 head hr html i iframe img input link math meta object ol p pre s script "
    "select span strong style sub summary sup svg table tbody td textarea th thead tr u ul video"
).split()
_TAG = re.compile(rf"<(?:!|/|\?|(?:{'|'.join(_HTML)})\b)[^<>]*(?:>|\Z)", re.IGNORECASE)
_IMAGE = re.compile(r"!\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")
_LINK = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\[[^\]\d][^\]]*\])")
_REFERENCE = re.compile(r"^\s*\[[^\]]+\]:.*$", re.MULTILINE)
_ADDRESS = re.compile(
    r"<?(?:\b[a-z][a-z0-9+.-]{1,12}://|\bwww\.|\b(?:javascript|data|mailto):)[^\s<>，。；、）)]*>?",
    re.IGNORECASE,
)
_MARK = re.compile(r"[\[［【]\s*(?:笔记|note)?\s*(\d{1,2})\s*[\]］】]", re.IGNORECASE)
_MARKS = re.compile(rf"(?:\s*{_MARK.pattern})+", re.IGNORECASE)
_LEAD = re.compile(r"[：:]\s*$")
# What a model puts before a statement to say where it has it from; the mark says that.
_FRAME = re.compile(
    r"^(?:(?:根据|依据|按照|参考)?(?:带编号的|以上|上面的?|上述|给出的|提供的|这[条篇]|该)?笔记\s*(?:[\[［]\d*[\]］])?\s*"
    r"(?:的(?:描述|内容|说法|信息|记录|原文|解释)|[中里](?:的(?:描述|内容|说法|信息))?)?"
    r"(?:提到|指出|写道|说明|说到|写的是|所述|可知|可以看出)?[，,：:]\s*"
    r"|(?:according to|based on|as (?:stated|described|noted|mentioned) in|per)\s+(?:the\s+)?"
    r"(?:numbered\s+|provided\s+|given\s+)?notes?\s*(?:\[\d*\])?(?:\s+and\s+\[\d*\])?\s*[,:]\s*"
    r"|the\s+notes?\s*(?:\[\d*\])?\s*(?:says?|states?|mentions?)\s+that\s+)",
    re.IGNORECASE,
)
_ABOUT_MARKS = re.compile(
    r"^(?:[这该]?(?:依据|参考|引用|对应)的?)?笔记的?(?:编号)?(?:[为是：:]\s*)?[。.]?$"
)
_BULLET = re.compile(r"^\s*(?:[-*•+]|\d{1,2}[.)、]|[（(]\d{1,2}[）)])\s*")


def _harmless(text: str) -> str:
    text = _IMAGE.sub("", text)
    text = _LINK.sub(r"\1", text)
    text = _REFERENCE.sub("", text)
    text = _TAG.sub("", text)
    text = _ADDRESS.sub("", text)
    return re.sub(r"(?<!\\)<(?=[A-Za-z/!?])", r"\\<", text)


def strip_markup(text: str) -> str:
    """The text without links, images, addresses and HTML; formulas and code stay as they are.

    A formula keeps its meaning but loses any sign that could open a tag; ``List<int>`` stays
    readable.
    """
    parts: list[str] = []
    start = 0
    for kept in _KEPT.finditer(text):
        parts.append(_harmless(text[start : kept.start()]))
        parts.append(
            kept.group() if kept[1] else re.sub(r"<(?=[A-Za-z/!?])", r"\\lt ", kept.group())
        )
        start = kept.end()
    parts.append(_harmless(text[start:]))
    return "".join(parts)


class StreamStripper:
    """`strip_markup` for text that is still being written: what may become markup is held back."""

    def __init__(self) -> None:
        self._seen = ""
        self._told = ""

    def feed(self, piece: str) -> str:
        """What can be shown after this piece; may be empty."""
        self._seen += piece
        return self._tell(strip_markup(self._seen[: _settled(self._seen)]))

    def _tell(self, clean: str) -> str:
        # Where later signs changed how earlier ones read, nothing is added; the checked reply,
        # which replaces the streamed one, has it right.
        if not clean.startswith(self._told):
            return ""
        fresh, self._told = clean[len(self._told) :], clean
        return fresh

    def finish(self) -> str:
        """What was held back."""
        return self._tell(strip_markup(self._seen))


# Constructs that are whole, so that nothing that follows can change them.
_WHOLE = re.compile(r"!?\[[^\]]*\]\([^)]*\)|!?\[[^\]]*\](?=[^(\[])|<[^<>]*>|<(?=[^A-Za-z/!?])")
_OPENING = re.compile(r"!?\[|<|`|\$|\\[(\[]?|!\Z")
_WORD_END = re.compile(r"[\u2e80-\uffef\s]")
_LONGEST_HELD = 400


def _settled(text: str) -> int:
    """Length of the beginning that no later piece can turn into markup."""
    whole = _WHOLE.sub(lambda found: "x" * len(found.group()), mask_formulas(text))
    ends = [found.end() for found in _WORD_END.finditer(whole)]
    end = ends[-1] if ends else 0
    for opening in _OPENING.finditer(whole[:end]):
        if len(text) - opening.start() < _LONGEST_HELD:
            return opening.start()
    return end


def mask_formulas(text: str) -> str:
    """The text with formulas and code replaced by as many neutral letters."""
    return _KEPT.sub(lambda found: "x" * len(found.group()), text)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a reply.

    Attributes:
        text: Without marks.
        marks: Numbers the model put on it, in order.
        lead: The lead-in it completes ("三个门是："), empty if it stands by itself.
        opening: Bullet or number before it, white space and line breaks included.
        is_lead: True for a lead-in, which claims nothing by itself.
    """

    text: str
    marks: tuple[int, ...] = ()
    lead: str = ""
    opening: str = ""
    is_lead: bool = False

    @property
    def claim(self) -> str:
        """What it says, with the lead-in that it completes."""
        return f"{self.lead}{self.text}" if self.lead else self.text


def read_marks(text: str) -> tuple[int, ...]:
    """Numbers of the marks in a text, in order, each once."""
    return tuple(dict.fromkeys(int(number) for number in _MARK.findall(mask_formulas(text))))


def drop_marks(text: str) -> str:
    """The text without its marks."""
    masked = mask_formulas(text)
    kept: list[str] = []
    start = 0
    for found in _MARKS.finditer(masked):
        kept.append(text[start : found.start()])
        start = found.end()
    return "".join([*kept, text[start:]]).strip()


def drop_frame(text: str) -> str:
    """A sentence without the words that say that it is from the notes ("根据笔记，……")."""
    framed = _FRAME.match(text)
    if not framed:
        return text
    rest = text[framed.end() :]
    return rest[:1].upper() + rest[1:] if rest[:1].isascii() else rest


def split_reply(text: str) -> list[Sentence]:
    """The sentences of a reply in order, each with its marks; formulas and code are never cut."""
    masked = mask_formulas(text)
    ends = _sentence_ends(masked)
    sentences: list[Sentence] = []
    lead = ""
    start = 0
    for end in ends:
        raw, start = text[start:end], end
        body = drop_marks(raw)
        bullet = _BULLET.match(body)
        inner = body[bullet.end() :] if bullet else body
        inner = drop_frame(inner)
        if not any(char.isalnum() for char in inner) or _ABOUT_MARKS.match(inner.strip()):
            continue
        gap = raw[: len(raw) - len(raw.lstrip())] if sentences else ""
        opening = ("\n" if "\n" in gap else "") + (bullet.group().lstrip() if bullet else "")
        is_lead = bool(_LEAD.search(inner)) and len(inner) <= 80
        if not bullet and not is_lead and "\n" in gap:
            lead = ""
        inner = inner.strip()
        sentences.append(
            Sentence(inner, read_marks(raw), "" if is_lead else lead, opening, is_lead)
        )
        if is_lead:
            lead = inner
    return sentences


_AGREES = re.compile(
    r"^(?:是的?|对的?|没错|正确|确实如此|yes|right|correct|true|that is (?:right|correct|true)|"
    r"that's (?:right|correct|true))\s*(?:[。！!，,.；;]\s*|$)",
    re.IGNORECASE,
)
_ANSWERS = re.compile(
    r"^(?:(?:是|对|没错|正确|不是|不对|不|否|可以|不可以|不能|能|会|不会|需要|不需要|要|不要)的?|yes|no|right|"
    r"correct|true|false|not quite)\s*[。！!.]?$",
    re.IGNORECASE,
)


def join_answers(sentences: Sequence[Sentence], *, agreeing_only: bool = False) -> list[Sentence]:
    """A bare "yes" or "no" put before the sentence that gives its reason: alone it claims nothing.

    Args:
        sentences: As `split_reply` gives them.
        agreeing_only: The question's statement is known to be wrong: a "yes" is taken out instead,
            also at the head of a sentence.
    """
    joined: list[Sentence] = []
    waiting = ""
    for sentence in sentences:
        text = sentence.text
        if agreeing_only:
            text = _AGREES.sub("", text).strip()
            if not text:
                continue
        if _ANSWERS.match(text):
            waiting = text if text[-1:] in "。！!." else f"{text}。"
            continue
        joined.append(replace(sentence, text=f"{waiting}{text}"))
        waiting = ""
    return joined


_ENDED = re.compile(r"(?:[。！？!?；;.][”’」』）)]*|\$\$|```)\s*(?:\[\d+\]\s*)*$|\[\d+\]\s*$")


def whole_sentences(text: str) -> str:
    """The text without the unfinished sentence that a stop or a length limit left at its end."""
    if _ENDED.search(text):
        return text.rstrip()
    masked = mask_formulas(text)
    ends = [span.end for span in split_sentences(masked)[:-1]]
    return text[: ends[-1]].rstrip() if ends else ""


def _sentence_ends(masked: str) -> list[int]:
    ends: list[int] = []
    spans = split_sentences(masked)
    for index, span in enumerate(spans):
        # "1." at the head of a line is a number, not a sentence.
        if not any(char.isalpha() for char in span.of(masked)) and len(span.of(masked)) <= 4:
            continue
        end = span.end
        trailing = _MARKS.match(masked, end)
        if trailing:
            end = trailing.end()
        following = spans[index + 1].start if index + 1 < len(spans) else len(masked)
        if trailing or "\n" in masked[end:following]:
            ends.append(end)
        else:
            ends.append(min(end, following))
    if ends:
        ends[-1] = len(masked)
    return ends or [len(masked)]


def write_marks(text: str, numbers: tuple[int, ...]) -> str:
    """The sentence with its marks before the final stop: ``……。`` becomes ``……[1]。``."""
    if not numbers:
        return text
    marks = "".join(f"[{number}]" for number in numbers)
    stop = re.search(r"[。！？!?；;.]+[”’」』）)]*$", text)
    at = stop.start() if stop and not text.endswith("$$") else len(text)
    gap = " " if at and text[at - 1].isascii() and text[at - 1].isalnum() else ""
    return f"{text[:at]}{gap}{marks}{text[at:]}"
