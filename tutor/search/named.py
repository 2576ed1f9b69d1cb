"""What a question names, and whether passages speak of it at all.

Similarity and shared words let a note on the neighbouring subject pass: asked for the beta of Lion,
a note on Adam has nearly everything but the name. A name is written the same in question and note
(typing errors and the lexicon's other names aside), so that it stands nowhere is strong evidence.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tutor.notes.terms import all_concepts, forms_in
from tutor.notes.text import MONTHS, detect_lang, normalise
from tutor.search.asking import content_terms, tagged_words
from tutor.search.lexical import STOP_WORDS
from tutor.search.spelling import differ_by_one

# English words that stand in Chinese questions without naming anything in particular.
_COMMON = frozenset(
    "batch system prompt token model size data test train training loss layer step rank table figure "
    "paper excel pdf ok demo bug baseline trick feature input output label score note notes".split()
)
_MONTHS = frozenset(MONTHS) - {"may"}  # has no short form
_Read = tuple[str, frozenset[str], frozenset[str]]
_NAME = re.compile(r"(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9]*(?:[-_.+][A-Za-z0-9]+)*\+*")
_RELATED = re.compile(r"-(?:based|like|style|type|aware|specific)$", re.IGNORECASE)
_CLAUSE = re.compile(r"[?!。;,:]|\.(?=\s)|(?<=.{4})[又再](?=.{4})|另外|还有")
# Chinese words that name one thing of a kind: 共振门, 谱归一化, 可变形卷积.
_KIND = re.compile(r"(?:门|归一化|卷积|学习|定理|准则|判据|采样|蒸馏|森林|优化器)$")
_MODIFIES = re.compile(r"n|b|j|z|vn")
_TYPED = 5  # letters from which a name may have one typing error
_VAGUE_CHARS = 16
_BARE_CHARS = {"zh": 7, "en": 12}
_POINTS = re.compile(r"它|这|那|其|\b(?:it|this|that|one|they)\b", re.IGNORECASE)
_DECISIVE = 1 / 3  # one name in three; among more, one that is absent may be an aside
_GENERIC = frozenset(
    "缺点 优点 优缺点 公式 问题 方法 原理 区别 例子 作用 好处 意思 原因 better work one other work mean".split()
)
# What may be asked of a thing, and the signs of it that a passage would show.
_ATTRIBUTES: Mapping[str, tuple[str, str]] = {
    "citation": (r"bibtex|被引|引用(?:次数|量|数)|\bcitations?\b|\bcited\b", r"bibtex|被引|引用"),
    "figure": (r"[图表]\s*\d|\b(?:figure|fig|table)\.?\s*\d", r"[图表]\s*\d|(?:figure|table)\s*\d"),
    "price": (
        r"多少钱|价格|售价|\bprice\b|\bhow much (?:does|did) .*\bcost",
        r"价格|售价|美元|[¥$]\s?\d|\d\s*元|\bprice|\bdollar",
    ),
    "year": (r"哪一?年|\b(?:what|which) year\b", r"(?:1[89]|20)\d\d"),
    "author": (
        r"谁(?:最先|最早|先)?(?:提出|发明|写)|\bwho (?:invent|propos|wrote|came up)",
        r"提出|作者|发明|\bpropos|\bauthor|\binvent",
    ),
    "code": (r"(?:写|贴|给).{0,8}代码|源码|伪代码|\b(?:source|pseudo)[ -]?code\b", r"`|代码|code"),
    "ranking": (r"榜单|排行榜|\bleaderboard", r"榜单|排行榜|\bleaderboard"),
    "version": (r"哪个版本|版本号|\b(?:what|which) version", r"版本|\bversion"),
}


@dataclass(frozen=True, slots=True)
class Absent:
    """What a question names and no passage speaks of.

    Attributes:
        names: The names, in order, as the question writes them.
        share: Share of a clause's names that are absent, in the clause with the smallest share;
            0 where the question names nothing. Below 1 with some ``names``, the passages may answer
            part of the question.
        attributes: Kinds of detail asked for (``citation``, ``price`` …) that no passage shows.
    """

    names: tuple[str, ...] = ()
    share: float = 0.0
    attributes: tuple[str, ...] = ()

    @property
    def decisive(self) -> bool:
        """Whether even the clause that the passages fit best names things they do not speak of."""
        return self.share >= _DECISIVE


def _squash(text: str) -> str:
    return re.sub(r"[^a-z0-9\u4e00-\u9fff]", "", normalise(text).lower())


def _concept_of(name: str) -> str | None:
    """The concept that a name stands for as a whole; None for a mere part of the name."""
    letters = _squash(name)
    for concept in all_concepts(name):
        forms = {_squash(form) for lang in ("zh", "en") for form in forms_in(concept, lang)}
        if letters in forms or letters.removesuffix("s") in forms:
            return concept
    return None


@lru_cache(maxsize=4096)
def _read(passage: str) -> _Read:
    """A passage's letters, its concepts and its Latin words."""
    latin = frozenset(_squash(word) for word in _NAME.findall(normalise(passage)))
    return _squash(passage), frozenset(all_concepts(passage)), latin


def _latin_names(clause: str, lang: str) -> Iterator[str]:
    for found in _NAME.finditer(clause):
        name = _RELATED.sub("", found.group())
        if len(name) < 2 or name.lower() in STOP_WORDS | _COMMON:
            continue
        # An English question is full of Latin words; a name shows by its letters.
        opens = not clause[: found.start()].strip()
        odd = any(char.isupper() or char.isdigit() for char in name[1:])
        if lang == "zh" or odd or (name[0].isupper() and not opens):
            yield name


def _chinese_names(clause: str) -> Iterator[str]:
    before = ("", "")
    for word, flag in tagged_words(clause):
        known = before[0] and not before[0].isascii() and before[0] not in STOP_WORDS
        if known and _KIND.search(word) and _MODIFIES.match(before[1]):
            name = before[0] + word
            if _concept_of(name) is None:
                yield name
        before = (word, flag)


def _spoken_of(name: str, passages: Sequence[_Read]) -> bool:
    letters = _squash(name)
    concept = _concept_of(name)
    for flat, named, latin in passages:
        if letters in flat or (letters.endswith("s") and letters[:-1] in flat):
            return True
        if concept is not None and concept in named:
            return True
        if letters in _MONTHS and re.search(rf"\d{letters[:3]}|{letters[:3]}t?\d", flat):
            return True  # "15 Jan", "Sept 2": a month only beside a figure
        # What the lexicon knows is no other name with a typing error.
        if (
            concept is None
            and len(letters) >= _TYPED
            and any(differ_by_one(letters, word) for word in latin)
        ):
            return True
    return False


def _without_phrases(clause: str, passages: Sequence[_Read]) -> str:
    """The clause without names of several words ("long short-term memory") that are spoken of."""
    for concept in all_concepts(clause):
        if any(concept in named for _, named, _ in passages):
            for form in forms_in(concept, "en"):
                if " " in form:
                    clause = re.sub(re.escape(form), " ", clause, flags=re.IGNORECASE)
    return clause


def find_absent(question: str, passages: Sequence[str]) -> Absent:
    """What a question names or asks for that stands in none of the passages, headings included."""
    clean = normalise(question)
    lang = detect_lang(clean)
    read = [_read(passage) for passage in passages]
    absent: dict[str, None] = {}
    shares: list[float] = []
    for clause in _CLAUSE.split(clean):
        rest = _without_phrases(clause, read)
        named = [*_latin_names(rest, lang), *(_chinese_names(rest) if lang == "zh" else ())]
        missing = [name for name in named if not _spoken_of(name, read)]
        absent |= dict.fromkeys(missing)
        if named:
            shares.append(len(missing) / len(named))
    text = normalise("\n".join(passages))
    attributes = tuple(
        kind
        for kind, (asked, shown) in _ATTRIBUTES.items()
        if re.search(asked, clean, re.IGNORECASE) and not re.search(shown, text, re.IGNORECASE)
    )
    return Absent(tuple(absent), min(shares, default=0.0), attributes)


def names_nothing(question: str) -> bool:
    """Whether a short question does not say what it is about ("它有什么缺点？", "why not?")."""
    clean = normalise(question)
    lang = detect_lang(clean)
    long = lang == "zh" and len(clean) > _VAGUE_CHARS
    if long or any(_latin_names(clean, lang)) or content_terms(clean).concepts:
        return False
    if not _POINTS.search(clean) and len(clean) > _BARE_CHARS[lang]:
        return False
    if lang == "en":
        return not set(content_terms(clean).words) - _GENERIC
    nouns = [word for word, flag in tagged_words(clean) if flag[:1] == "n" and len(word) > 1]
    return not set(nouns) - _GENERIC
