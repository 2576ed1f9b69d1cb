"""How an answer was delivered, apart from what it knew: length, structure, fillers, pace.

Deterministic counts and fixed limits; nothing here touches the score.
"""

import re
from dataclasses import dataclass

from tutor.notes.text import cjk_share, detect_lang, normalise, split_sentences

# Characters (zh) or words (en) in which a spoken answer of one to two minutes fits.
LENGTH = {"zh": (40, 450), "en": (25, 280)}
LONG_SENTENCE = {"zh": 70, "en": 40}
# Chinese is spoken at about 240 characters a minute, English at about 150 words; typing is
# slower, so only a typed pace far below it says that somebody was stuck.
SLOW = {"zh": 20.0, "en": 12.0}
FILLERS_PER_100 = 4.0

_FILLERS = {
    "zh": re.compile(r"嗯+|呃+|额(?=[，,、…\s])|那个(?=[，,、…])|这个(?=[，,、…])|就是说|怎么说呢|反正|然后呢|对吧|好像是?|大概吧?|应该是吧"),
    "en": re.compile(r"\b(?:um+|uh+|er+m?|you know|i mean|sort of|kind of|basically|actually|i guess|stuff like that|or something|like,)", re.I),
}  # fmt: skip
_MARKERS = {
    "zh": re.compile(r"首先|其次|第[一二三四五]|一方面|另一方面|最后|总之|总的来说|因此|所以|例如|比如|相比之下|^\s*(?:\d+[.、)]|[-*])", re.M),
    "en": re.compile(r"\b(?:first(?:ly)?|second(?:ly)?|third(?:ly)?|finally|in short|to sum up|therefore|because|for example|for instance|by contrast|on the other hand)\b|^\s*(?:\d+[.)]|[-*])", re.M | re.I),
}  # fmt: skip
_EXAMPLE = re.compile(r"例如|比如|举个?例|for example|for instance|e\.g\.|say,", re.I)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Counts of one answer.

    Attributes:
        lang: Language of the answer.
        length: Characters of Chinese text without white space, or words of English.
        sentences: Number of sentences.
        longest: Length of the longest sentence.
        fillers: The filler words found, in order.
        markers: Words that show structure ("first", "because", list items).
        has_example: Whether an example is announced.
        pace: Length a minute of the whole turn, thinking included; None where no time is known.
        advice: Codes among ``short, long, long_sentences, fillers, no_structure, slow``.
    """

    lang: str
    length: int
    sentences: int
    longest: int
    fillers: tuple[str, ...]
    markers: int
    has_example: bool
    pace: float | None
    advice: tuple[str, ...]


ADVICE = {
    "zh": {
        "short": "答得偏短：面试里一道题通常讲一到两分钟。",
        "long": "答得偏长：先给结论，再讲两三个要点。",
        "long_sentences": "有很长的句子：一句只讲一件事。",
        "fillers": "口头填充词偏多：停顿一下比“嗯”“就是说”更好。",
        "no_structure": "听不出层次：用“首先、其次、因此”或列点把要点分开。",
        "slow": "停顿很久才开口：可以先说一句结论，再展开。",
    },
    "en": {
        "short": "Rather short: one to two minutes of speech is usual for a question.",
        "long": "Rather long: give the conclusion first, then two or three points.",
        "long_sentences": "Some sentences are very long: one thing in each.",
        "fillers": "Many filler words: a pause sounds better than “um” or “you know”.",
        "no_structure": "The structure is hard to hear: separate points with “first”, “because”, or a list.",
        "slow": "A long time for few words: say the conclusion first, then build on it.",
    },
}


def measure_delivery(answer: str, seconds: float | None = None) -> Delivery:
    """The delivery of an answer; ``seconds`` is the time from the question to its end."""
    text = normalise(answer)
    lang = detect_lang(text) if cjk_share(text) else "en"
    spans = split_sentences(text)
    sizes = [_size(span.of(text), lang) for span in spans]
    length = _size(text, lang)
    fillers = tuple(match.group() for match in _FILLERS[lang].finditer(text))
    markers = len(_MARKERS[lang].findall(text))
    pace = 60 * length / seconds if seconds and seconds > 0 else None
    low, high = LENGTH[lang]
    found = {
        "short": 0 < length < low,
        "long": length > high,
        "long_sentences": max(sizes, default=0) > LONG_SENTENCE[lang],
        "fillers": len(fillers) >= 3 and 100 * len(fillers) / length > FILLERS_PER_100,
        "no_structure": length >= 3 * low and markers == 0,
        "slow": pace is not None and length > 0 and pace < SLOW[lang] and (seconds or 0) > 120,
    }
    return Delivery(
        lang=lang,
        length=length,
        sentences=len(spans),
        longest=max(sizes, default=0),
        fillers=fillers,
        markers=markers,
        has_example=bool(_EXAMPLE.search(text)),
        pace=pace,
        advice=tuple(code for code, true in found.items() if true),
    )


def _size(text: str, lang: str) -> int:
    if lang == "zh":
        return sum(char.isalnum() for char in text)
    return len(re.findall(r"[\w'-]+", text))
