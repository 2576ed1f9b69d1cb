"""Does a question give away the answer? Checked by code, whoever worded the question."""

import re
from collections.abc import Collection
from functools import cache

from tutor.interview import wording
from tutor.notes.terms import find_mentions
from tutor.notes.text import detect_lang, normalise, numbers, split_sentences, words
from tutor.notes.types import Note
from tutor.search.types import Encoder

# Two terms of a hidden point, or a third of its terms, tell it; one technical Latin term does too.
TERMS = 2
SHARE = 0.34
# As many characters in a row (Latin letters count half) are a quotation of the answer.
RUN = 7
# With the text in the other language: share of a hidden point's concepts.
CONCEPT_SHARE = 0.5
# Cosine to the hidden point, and how much nearer to it the text is than the question itself. With
# the bundled encoder this sees half of the Chinese answers that tell a point in their own words
# (n = 60) and takes 1 % of our templates for one (n = 120). Across languages cosines lie lower.
NEAR = 0.90
NEARER = 0.04
NEAR_ACROSS = 0.86

_LATIN = re.compile(r"[a-z][a-z0-9+.#-]*")
# Words that say nothing about the matter; questions are made of them.
_GENERIC_WORDS = (
    "什么 怎么 怎样 如何 为什么 哪些 哪个 一个 一种 一下 这个 那个 它们 这些 那些 可以 能够 需要 应该 "
    "因为 所以 如果 或者 以及 而且 但是 不过 没有 不是 就是 还有 时候 情况 问题 回答 答案 说明 解释 补充 "
    "原因 作用 区别 差别 方法 步骤 做法 条件 例子 公式 数量 局限 缺点 优点 好处 定义 含义 代价 结果 影响 "
    "要点 方面 具体 再说 说说 想想 提到 比较 使用 进行 通过 通常 一般 其中 之间 同时 不同 相同 更多 更少 "
    "很多 变成 得到 来说 不会 会 能 是 的 了 在 和 与 对 把 被 让 用 "
    "a an the and or of to in on at by for with from as is are was be been it its this that these those "
    "what why how when where which who does do did can could would should will not no more less than "
    "then so if but about into out over under between each every all any some other one two you your "
    "point reason method step steps condition example formula limit drawback benefit definition difference "
    "cost result effect say said explain answer question think again mean means use used using has have "
    "because while only also both they them their there here very much many most"
)
GENERIC = frozenset(_GENERIC_WORDS.split())


def leaks(
    text: str,
    note: Note,
    revealed_points: Collection[str] = (),
    *,
    said: str = "",
    encoder: Encoder | None = None,
) -> bool:
    """Whether ``text`` tells something of the note that the learner has still to say.

    Known to the learner, and therefore free to use, are the question, the revealed points and
    what the learner ``said``. A leak is any of: a number of a hidden point, a technical Latin
    term of it, two of its other terms or a third of them, seven characters in a row of the
    answer, in the other language two of its concepts or half of them, or (with an encoder) a
    meaning close to the point's.
    """
    free = " ".join(
        [note.question, said, *(p.text for p in note.key_points if p.id in revealed_points)]
    )
    free_words = set(words(free))
    heard = set(words(text)) - GENERIC - free_words
    hidden = [p.text for p in note.key_points if p.id not in revealed_points]
    if any(_tells(heard, text, point, free, free_words) for point in hidden):
        return True
    if any(_names(text, point, free) for point in hidden):
        return True
    if _quotes(text, [*hidden, *_sentences(note, revealed_points)], free):
        return True
    return encoder is not None and bool(hidden) and _means(text, note, hidden, encoder)


def _names(text: str, point: str, free: str) -> bool:
    """Whether a text in the other language names what the point is made of.

    Measured on our translated notes: a translated point is seen in 85 % of cases, by its words
    alone in 20 %.
    """
    if detect_lang(text) == detect_lang(point):
        return False
    hidden = _concepts(point) - _concepts(free) - _template_concepts()
    told = hidden & _concepts(text)
    return len(told) >= TERMS or (bool(told) and len(told) / len(hidden) >= CONCEPT_SHARE)


def _concepts(text: str) -> frozenset[str]:
    return frozenset(mention.concept for mention in find_mentions(text))


@cache
def _template_concepts() -> frozenset[str]:
    names = [name for table in wording.ASPECT_NAMES.values() for name in table.values()]
    forms = (wording.FOLLOW_UP, wording.FOLLOW_UP_OPEN, wording.CONTRAST)
    spoken = [*names, *(text for form in forms for text in form.values())]
    return frozenset().union(*(_concepts(text) for text in spoken))


def _tells(heard: set[str], text: str, point: str, free: str, free_words: set[str]) -> bool:
    if (numbers(point) - numbers(free)) & _counts(text):
        return True
    terms = {term for term in words(point) if len(term) > 1} - GENERIC - free_words
    told = terms & heard
    if any(_LATIN.fullmatch(term) and _technical(term, point) for term in told):
        return True
    return len(told) >= TERMS or (bool(terms) and len(told) / len(terms) >= SHARE)


def _counts(text: str) -> set[str]:
    """Numbers of the text; "one" and "一" are mere grammar in a question."""
    found = numbers(text)
    return found if "1" in normalise(text) else found - {"1"}


def _technical(term: str, point: str) -> bool:
    """A Latin term inside Chinese, or one with a capital or a digit, names something."""
    if any(char.isdigit() for char in term):
        return True
    found = re.search(re.escape(term), normalise(point), re.IGNORECASE)
    if found is None:
        return False
    inside_chinese = re.search(r"[\u4e00-\u9fff]", point) is not None
    return inside_chinese or found.group()[1:] != found.group()[1:].lower()


def _sentences(note: Note, revealed: Collection[str]) -> list[str]:
    shown = [p.span for p in note.key_points if p.id in revealed and p.span]
    return [
        span.of(note.answer)
        for span in split_sentences(note.answer)
        if not any(span.start < s.end and s.start < span.end for s in shown)
    ]


def _quotes(text: str, hidden: list[str], free: str) -> bool:
    spoken, known = _squeeze(text), _squeeze(free)
    for sentence in hidden:
        whole = _squeeze(sentence)
        for start in range(len(whole)):
            piece = _run(whole, start)
            if piece and piece in spoken and piece not in known:
                return True
    return False


def _squeeze(text: str) -> str:
    return "".join(char for char in normalise(text).lower() if char.isalnum())


def _run(text: str, start: int) -> str:
    """The shortest piece from ``start`` that weighs `RUN`; empty where the text ends before."""
    weight = 0.0
    for end in range(start, len(text)):
        weight += 0.35 if text[end].isascii() else 1.0
        if weight >= RUN:
            return text[start : end + 1]
    return ""


def _means(text: str, note: Note, hidden: list[str], encoder: Encoder) -> bool:
    vectors = encoder.encode([text, note.question, *hidden])
    near = vectors[2:] @ vectors[0]
    if detect_lang(text) != note.lang:
        return bool((near >= NEAR_ACROSS).any())
    before = vectors[2:] @ vectors[1]
    return bool(((near >= NEAR) & (near - before >= NEARER)).any())
