"""A question as it was meant: misspelt names, and Chinese terms typed as others of the same sound.

Only what the notes or the lexicon write is put in the place of words that neither of them knows, nor an
English dictionary, nor a list of proper names (`proper_names.txt`): a name that the notes do not hold
("resnext") must not become one that they do.
Typing errors are those of Damerau ("A technique for computer detection and correction of spelling errors",
1964): one letter wrong, missing or too many, or two exchanged. For Chinese see `tutor.search.sounds`.
"""

import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from tutor.notes.terms import all_forms
from tutor.notes.text import detect_lang, normalise
from tutor.notes.types import Note
from tutor.search.lexical import LexicalIndex, word_stem
from tutor.search.sounds import Sounds

if TYPE_CHECKING:
    from spellchecker import SpellChecker

_LATIN = re.compile(r"(?<![A-Za-z0-9_.\\@/#])[A-Za-z]{4,}(?![A-Za-z0-9_]|[@/=(\\]|\.[A-Za-z])")
_WORD = re.compile(r"[A-Za-z]{4,}")
# Code, addresses and what stands in quotation marks are copied or meant as they are.
_COPIED = re.compile(
    r"`[^`]*`|\"[^\"]*\"|[“「『][^”」』]*[”」』]|\$[^$]*\$|[!-~]*(?:://|@|=)[!-~]*|(?<!\S)/[!-~]+"
)
_CODE = re.compile(
    r"\b(?:def|import|return|class|print|lambda)\b.*[:=(.]|\b(?:import|from) [a-z]+$"
)
_TYPED, _NAMED = 5, 7  # letters from which a word may have one wrong, and one with a capital
_PART = 7  # letters from which a word of a longer name is one to be recognised by itself
_COMMON = 1000  # times in the dictionary's corpus from which an English word may be what was meant
_BRITISH = (("z", "s"), ("our", "or"), ("elled", "eled"), ("elling", "eling"))


def differ_by_one(one: str, other: str) -> bool:
    """Whether two names differ as by a typing error: one letter inside, or two exchanged."""
    short, long = sorted((one, other), key=len)
    if not short or short[0] != long[0] or len(long) - len(short) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if any(char.isdigit() for char in (*short[at : at + 1], *long[at : at + 1])):
        return False  # GPT-3 is not GPT-4
    if len(short) < len(long):  # AdamW is not Adam, but a doubled last letter is soon left out
        return short[at:] == long[at + 1 :] and (at < len(short) or long[-1] == long[-2])
    return short[at + 1 :] == long[at + 1 :] or _exchanged(one, other)


def _exchanged(one: str, other: str) -> bool:
    """Whether two words differ by two neighbouring letters in each other's place."""
    if len(one) != len(other) or one == other:
        return False
    at = next(i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b)
    return one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]


def _mistyped(word: str, meant: str) -> bool:
    """As `differ_by_one`; words with another last letter are rather forms of one word."""
    return differ_by_one(word, meant) and word[:-1] != meant[:-1]


def _likeness(word: str, meant: str) -> int:
    """How likely one is typed for the other: 2 for the commonest slips, 1 for others, else 0."""
    if _exchanged(word, meant) or (word != meant and _undoubled(word) == _undoubled(meant)):
        return 2
    return int(_mistyped(word, meant))


def _undoubled(word: str) -> str:
    return re.sub(r"(.)\1", r"\1", word)


def _spelt_alike(one: str, other: str) -> bool:
    """Whether two words are one in British and American spelling."""
    for american, british in _BRITISH:
        one, other = one.replace(american, british), other.replace(american, british)
    return one == other


class Spelling:
    """Mends questions by the words of some notes.

    Args:
        notes: The notes.
        index: Their word index, which tells what stands in them.
    """

    def __init__(self, notes: Sequence[Note], index: LexicalIndex) -> None:
        self._notes = notes
        self._index = index
        self._sounds = Sounds(index)

    def mend(self, question: str) -> str:
        """The question with its mistakes mended; as it is where none is sure.

        What stands in quotation marks or looks like code is left alone.
        """
        clean = normalise(question)
        copied = [match.span() for match in _COPIED.finditer(clean)]
        found = sorted(
            (start, end, meant)
            for start, end, meant in [*self._latin(clean), *self._sounds.find(clean)]
            if not any(a < end and start < b for a, b in copied)
        )
        kept = clean if found and len(clean) != len(question) else question
        text, at = "", 0
        for start, end, meant in found:
            text += kept[at:start] + meant
            at = end
        return text + kept[at:]

    def _latin(self, question: str) -> Iterator[tuple[int, int, str]]:
        if _CODE.search(question):
            return
        english = detect_lang(question) == "en"
        for match in _LATIN.finditer(question):
            typed = match.group()
            meant = self._word_meant(typed, english=english)
            if meant is None and typed.endswith("s") and len(typed) >= _NAMED:
                meant = self._word_meant(typed[:-1], "s", english=english)
            if meant:
                yield match.start(), match.end(), meant

    def _word_meant(self, typed: str, ending: str = "", *, english: bool) -> str | None:
        word = typed.lower()
        if any(form in known for form in (word, word + ending) for known in self._known):
            return None
        if (stem := word_stem(word)) != word and self._index.holds(stem):
            return None  # "tokenizes" where the notes have "tokenizer"
        # Who writes ResNeXt or RMSLE has looked at the name; who exchanges two letters has not.
        careless = len(word) >= (_TYPED if typed.islower() else _NAMED) and typed[1:].islower()
        targets = self._terms.get(word[0], ())
        near = [o for o in targets if _exchanged(word, o) or (careless and _mistyped(word, o))]
        if not near or any(_spelt_alike(word, other) for other in near):
            return None
        best = max(near, key=lambda o: (_likeness(word, o), self._words[o]))
        others = [*_proper_names(), *(_common_near(word) if english else ())]
        if any(
            other not in near and _likeness(word, other) >= _likeness(word, best)
            for other in others
            if other[0] == word[0]
        ):
            return None
        return self._written.get(best, best) + ending

    @cached_property
    def _known(self) -> tuple[Container[str], ...]:
        return self._words, _lexicon_words(), _proper_names(), _dictionary()

    @cached_property
    def _terms(self) -> Mapping[str, Sequence[str]]:
        """What a word may have been meant for, by first letter: names that the notes hold.

        Ordinary English words are left alone, right or wrong: they do not decide what is found.
        """
        named = {
            form
            for concept, forms in all_forms().items()
            if self._index.holds_concept(concept)
            for form in forms
            if _WORD.fullmatch(form)
        }
        parts = _lexicon_words() & self._words.keys()
        odd = {word for word in self._words if word not in _dictionary()}
        # In a Chinese text a word in Latin script is a name.
        among = {
            word.lower()
            for text in self._texts()
            if detect_lang(text) == "zh"
            for word in _WORD.findall(text)
        }
        found: dict[str, list[str]] = {}
        for word in sorted(named | odd | among | {part for part in parts if len(part) >= _PART}):
            found.setdefault(word[0], []).append(word)
        return found

    def _texts(self) -> Iterator[str]:
        return (f"{n.question}\n{n.answer}\n{n.misconception}" for n in self._notes)

    @cached_property
    def _counts(self) -> Counter[str]:
        return Counter(word for text in self._texts() for word in _WORD.findall(text))

    @cached_property
    def _words(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for word, count in self._counts.items():
            found[word.lower()] += count
        return found

    @cached_property
    def _written(self) -> dict[str, str]:
        """Each word as the notes write it most."""
        ordered = sorted(self._counts.items(), key=lambda item: item[1])
        return {word.lower(): word for word, _ in ordered}


def _common_near(word: str) -> list[str]:
    """Common English words that differ from one as by a typing error."""
    counts = _dictionary()
    return [near for near in _checker().edit_distance_1(word) if counts.get(near, 0) >= _COMMON]


@lru_cache(maxsize=1)
def _lexicon_words() -> frozenset[str]:
    """Words of the lexicon's names in Latin script."""
    return frozenset(
        word for forms in all_forms().values() for form in forms for word in _WORD.findall(form)
    )


@lru_cache(maxsize=1)
def _proper_names() -> frozenset[str]:
    text = (files("tutor") / "search" / "proper_names.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(word for line in lines for word in line.split())


@lru_cache(maxsize=1)
def _checker() -> "SpellChecker":
    from spellchecker import SpellChecker  # read when a word is unknown: a third of a second

    return SpellChecker(language="en")


def _dictionary() -> Mapping[str, int]:
    """English words, and how often each was counted."""
    counted: Mapping[str, int] = _checker().word_frequency.dictionary
    return counted
