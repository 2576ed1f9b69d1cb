"""Chinese terms typed as others of the same sound: 卷机 for 卷积.

Chinese is typed by its sound, so its errors are characters that sound the same, or nearly so for a southern
ear (shen, sen).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache

from pypinyin import lazy_pinyin

from tutor.notes.terms import all_forms, find_all_mentions, is_name
from tutor.notes.text import cut_words, times_counted
from tutor.notes.types import Span
from tutor.search.lexical import LexicalIndex

_CHINESE = re.compile(r"[\u4e00-\u9fff]{2,}")
_KANA = re.compile(r"[\u3040-\u30ff]")
_LONGEST = 10  # characters of a term
_CLEAR = 3  # characters from which a term is known by its rough sound
_SURE = 5  # characters from which a term's sound is no chance, whatever words it is made of
_RARE = 5  # times in the segmenter's dictionary up to which a longer word is rather a mistake
# Single characters that mean something beside a word: "训练及测试" holds no 训练集. The first hold sentences
# together; where one of them makes up a pair that sounds like a word, it is no mistake either ("把我").
_GRAMMAR = frozenset(
    "上下里中外前后得的地了着过是在和与要会能做用有到去来就都也不没很及即至之只极将被把让使由从向对为以于或且但而又再还更最太"
    "我你他她它们这那哪谁其此该各每某本叫看说想问时按求分需节类些点次种一二两三四五六七八九十几"
)
_SMALL = _GRAMMAR | frozenset(
    "解出算加减大小多少好置未真假进占零字式机室师重低高新旧老全半非无可值间面边头年月日天写读跑调课角类累导取打选"
)
_ROUGH = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"))


class Sounds:
    """Finds what sounds like a term of the lexicon that the notes speak of, and is none.

    Args:
        index: Word index of the notes, which tells what stands in them.
    """

    def __init__(self, index: LexicalIndex) -> None:
        self._index = index

    def find(self, question: str) -> Iterator[tuple[int, int, str]]:
        """Where mistakes stand in a normalised question, and what was meant, in order."""
        if _KANA.search(question):
            return  # Japanese
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
            if not whole or self._stands(typed) or is_name(typed):
                continue
            term = self._sounding_like(typed)
            if term and self._may_be_wrong(run, start, end, words, term):
                return term, end
        return None, start + 1

    def _sounding_like(self, typed: str) -> str | None:
        """A term that sounds the same and shares a character, or more."""
        near = (term for term in self._by_sound.get(_sound(typed), ()) if len(term) == len(typed))
        return next((t for t in near if any(a == b for a, b in zip(t, typed, strict=True))), None)

    def _may_be_wrong(
        self, run: str, start: int, end: int, words: Sequence[Span], term: str
    ) -> bool:
        """Whether what stands there is likely a mistake: not made of words that mean something."""
        typed = run[start:end]
        if times_counted(typed) > (_RARE if len(typed) >= _CLEAR else 0):
            return False
        if len(typed) < _CLEAR:
            return not _GRAMMAR.intersection(typed)
        if len(typed) >= _SURE:
            return True
        wrong = sum(a != b for a, b in zip(typed, term, strict=True))
        small = _SMALL if wrong == 1 or len(typed) == _CLEAR else ()
        inside = (word.of(run) for word in words if start <= word.start and word.end <= end)
        return not all(one in small if len(one) == 1 else self._stands(one) for one in inside)

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
                        # As a whole and by characters: 差 in 交差 is read otherwise than in 交叉.
                        for sound in {_sound(form), _roughly(lazy_pinyin(form))}:
                            found.setdefault(sound, []).append(form)
        return found


def _sound(text: str) -> str:
    """How a text sounds, read by characters; a longer one roughly."""
    return _roughly([_syllable(character) for character in text])


@lru_cache(maxsize=32_768)
def _syllable(character: str) -> str:
    return "".join(lazy_pinyin(character))


def _roughly(spoken: Sequence[str]) -> str:
    if len(spoken) >= _CLEAR:
        for full, rough in _ROUGH:
            spoken = [one.replace(full, rough) for one in spoken]
    return " ".join(spoken)
