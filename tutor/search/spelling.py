"""A question as it was meant: misspelt names, and Chinese terms typed as others of the same sound.

Only what the notes or the lexicon write is put in the place of words that neither of them knows, nor an
English dictionary, nor a list of proper names (`proper_names.txt`): a name that the notes do not hold
("resnext") must not become one that they do.
Typing errors are those of Damerau ("A technique for computer detection and correction of spelling errors",
1964): one letter wrong, missing or too many, or two exchanged. Chinese is typed by its sound, so its
errors are characters that sound the same, or nearly so for a southern ear (shen, sen).
"""

import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files

from pypinyin import lazy_pinyin

from tutor.notes.terms import all_forms, find_all_mentions
from tutor.notes.text import cut_words, detect_lang, in_dictionary
from tutor.notes.types import Note, Span
from tutor.search.lexical import LexicalIndex, word_stem

_LATIN = re.compile(r"(?<![A-Za-z0-9_.\\])[A-Za-z]{4,}(?![A-Za-z0-9_])")
_WORD = re.compile(r"[A-Za-z]{4,}")
_CHINESE = re.compile(r"[\u4e00-\u9fff]{2,}")
_TYPED = 5  # letters from which a name may have one wrong; two exchanged it may have always
_LONGEST = 10  # characters of a Chinese term
_CLEAR = 3  # characters from which a term is known by its rough sound
_SURE = 5  # characters from which a term's sound is no chance, whatever words it is made of
_PART = 7  # letters from which a word of a longer name is one to be recognised by itself
_SMALL = frozenset(
    "上下里中外前后得的地了着过是在和与要会能做用有到去来就都也不没很解出算求加减大小多少好"
)
_ROUGH = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"))


@dataclass(frozen=True, slots=True)
class Respelled:
    """A question as it was meant.

    Attributes:
        text: The question with its mistakes mended.
        changes: What was mended, in order: as typed, and as read.
    """

    text: str
    changes: tuple[tuple[str, str], ...] = ()


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


class Spelling:
    """Mends questions by the words of some notes.

    Args:
        notes: The notes.
        index: Their word index, which tells what stands in them.
    """

    def __init__(self, notes: Sequence[Note], index: LexicalIndex) -> None:
        self._notes = notes
        self._index = index

    def mend(self, question: str) -> Respelled:
        """The question with its mistakes mended; as it is where none is sure."""
        found = sorted([*self._latin(question), *self._chinese(question)])
        text, at = "", 0
        for start, end, meant in found:
            text += question[at:start] + meant
            at = end
        changes = tuple((question[start:end], meant) for start, end, meant in found)
        return Respelled(text + question[at:], changes)

    # Words in Latin script

    def _latin(self, question: str) -> Iterator[tuple[int, int, str]]:
        for match in _LATIN.finditer(question):
            typed = match.group()
            meant = self._word_meant(typed)
            if meant is None and typed.endswith("s"):
                meant = self._word_meant(typed[:-1], "s")
            if meant:
                yield match.start(), match.end(), meant

    def _word_meant(self, typed: str, ending: str = "") -> str | None:
        word = typed.lower()
        if any(form in known for form in (word, word + ending) for known in self._known):
            return None
        if (stem := word_stem(word)) != word and self._index.holds(stem):
            return None  # "tokenizes" where the notes have "tokenizer"
        # Who writes ResNeXt has looked at the name; who hits two keys in the wrong order has not.
        careless = typed[1:].islower() or typed.isupper()
        near = [
            other
            for other in self._terms.get(word[0], ())
            if _exchanged(word, other)
            or (careless and len(word) >= _TYPED and _mistyped(word, other))
        ]
        if not near:
            return None
        best = max(
            near, key=lambda o: (_exchanged(word, o) or o == word + word[-1], self._words[o])
        )
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

    # Chinese

    def _chinese(self, question: str) -> Iterator[tuple[int, int, str]]:
        named = [(m.start, m.end) for m in find_all_mentions(question)]
        for run in _CHINESE.finditer(question):
            words = cut_words(run.group())
            at = 0
            while at < len(run.group()):
                meant, end = self._term_meant(run.group(), at, words)
                start, stop = run.start() + at, run.start() + end
                if meant and not any(a <= start and stop <= b for a, b in named):
                    yield start, stop, meant
                at = end

    def _term_meant(self, run: str, start: int, words: Sequence[Span]) -> tuple[str | None, int]:
        """The longest term that what stands at a place sounds like, and where to go on."""
        edges = {0, *(word.end for word in words)}
        for end in range(min(len(run), start + _LONGEST), start + 1, -1):
            typed = run[start:end]
            # A short term that begins or ends inside a word is none.
            whole = len(typed) >= _SURE or {start, end} <= edges
            if not whole or self._stands(typed) or typed in _lexicon_names():
                continue
            term = self._sounding_like(typed)
            if term and self._may_be_wrong(run, start, end, words):
                return term, end
        return None, start + 1

    def _sounding_like(self, typed: str) -> str | None:
        """A term that sounds the same and shares a character, or more.

        It is read as a whole, then by characters: 差 in 交差 is another than in 交叉.
        """
        found = self._by_sound.get(_sound(typed)) or self._by_sound.get(_sound(*typed), ())
        near = (term for term in found if len(term) == len(typed))
        return next((t for t in near if any(a == b for a, b in zip(t, typed, strict=True))), None)

    def _may_be_wrong(self, run: str, start: int, end: int, words: Sequence[Span]) -> bool:
        """Whether what stands there is likely a mistake: not made of words that mean something."""
        typed = run[start:end]
        if len(typed) < _CLEAR:
            return not in_dictionary(typed)
        if len(typed) >= _SURE:
            return True
        inside = (word.of(run) for word in words if start <= word.start and word.end <= end)
        return not all(one in _SMALL if len(one) == 1 else self._stands(one) for one in inside)

    def _stands(self, typed: str) -> bool:
        pairs = (typed[i : i + 2] for i in range(len(typed) - 1))
        return all(map(self._index.holds, pairs))

    @cached_property
    def _by_sound(self) -> Mapping[str, Sequence[str]]:
        """Chinese terms of the lexicon that the notes speak of, by how they sound."""
        found: dict[str, list[str]] = {}
        for concept, forms in all_forms().items():
            if self._index.holds_concept(concept):
                for form in forms:
                    if _CHINESE.fullmatch(form) and (len(form) >= _CLEAR or self._stands(form)):
                        found.setdefault(_sound(form), []).append(form)
        return found


@lru_cache(maxsize=32_768)
def _sound(*parts: str) -> str:
    """How a text sounds, read in these parts; a longer one roughly."""
    spoken = [syllable for part in parts for syllable in lazy_pinyin(part)]
    if len(spoken) >= _CLEAR:
        for full, rough in _ROUGH:
            spoken = [one.replace(full, rough) for one in spoken]
    return " ".join(spoken)


@lru_cache(maxsize=1)
def _lexicon_words() -> frozenset[str]:
    """Words of the lexicon's names in Latin script."""
    return frozenset(
        word for forms in all_forms().values() for form in forms for word in _WORD.findall(form)
    )


@lru_cache(maxsize=1)
def _lexicon_names() -> frozenset[str]:
    return frozenset(form for forms in all_forms().values() for form in forms)


@lru_cache(maxsize=1)
def _proper_names() -> frozenset[str]:
    text = (files("tutor") / "search" / "proper_names.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(word for line in lines for word in line.split())


@lru_cache(maxsize=1)
def _dictionary() -> frozenset[str]:
    from spellchecker import SpellChecker  # read when a word is unknown: a third of a second

    return frozenset(SpellChecker(language="en").word_frequency.words())
