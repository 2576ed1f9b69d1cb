"""Terms of the field in Chinese and English: one concept, its names in both languages.

There are two lexicons: the one the critique reads, which stands beside it as package data, and
further names that only search knows (`names.txt`).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from tutor.notes.text import cjk_share, normalise

_ABBREVIATED = 4  # letters up to which a further name has no plural: "VITS" are no ViTs

_BORDER = re.compile(r"(?<=[a-z0-9])(?=[\u3400-\u9fff])|(?<=[\u3400-\u9fff])(?=[a-z0-9])")
_GAP = re.compile(r"(?<=[a-z0-9])\s(?=[\u3400-\u9fff])|(?<=[\u3400-\u9fff])\s(?=[a-z0-9])")


@dataclass(frozen=True, slots=True)
class _Lexicon:
    names: dict[str, str]  # each form, with its concept
    forms: dict[str, tuple[str, ...]]  # each concept, with its forms, the shortest names included
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Mention:
    """A concept where it stands in a normalised text."""

    concept: str
    start: int
    end: int


def _parse(place: Traversable, *, strict: bool) -> _Lexicon:
    names: dict[str, str] = {}
    forms: dict[str, tuple[str, ...]] = {}
    for line in place.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        closed = (_closed(normalise(form).strip().lower()) for form in line.split("|"))
        row = tuple(dict.fromkeys(closed))
        forms.setdefault(row[0], row)
        for form in row:
            names.setdefault(form, row[0])
    shape = _strict_pattern if strict else _loose_pattern
    return _Lexicon(names, forms, _any_of(names, shape))


def _any_of(names: Iterable[str], shape: Callable[[str], str]) -> re.Pattern[str]:
    """Any of the forms, the longest at a place.

    Those with one first character stand together, so that it rules out all but a few at once: tried in
    turn, the further names take forty times as long.
    """
    groups: dict[str, list[str]] = {}
    for form in sorted(names, key=len, reverse=True):
        groups.setdefault(form[0], []).append(shape(form))
    return re.compile(
        "|".join(f"{re.escape(first)}(?:{'|'.join(rest)})" for first, rest in groups.items())
    )


def _closed(form: str) -> str:
    """A form without the space that many write between Latin and Chinese: "KV 缓存"."""
    return _GAP.sub("", form)


def _rest(form: str) -> str:
    """All but the first character; between Latin and Chinese there may be a space."""
    first, *others = _BORDER.split(form)
    return r"[ \t]?".join(re.escape(piece) for piece in (first[1:], *others))


# The patterns of a form begin behind its first character.


def _loose_pattern(form: str) -> str:
    if form.isascii():
        return rf"(?<![a-z]{re.escape(form[0])}){_rest(form)}(?:s|es)?(?![a-z])"
    # With a space allowed in it, "k近邻" would be found in "rank 近邻" and "top-k 近邻".
    return rf"(?<![a-z-]{form[0]}){_rest(form)}" if form[0].isascii() else _rest(form)


def _strict_pattern(form: str) -> str:
    """A form that begins or ends in Latin letters stands between none, "ab测试" among them."""
    plural = "(?:s|es)?" if form.isascii() and len(form) > _ABBREVIATED else ""
    before = f"(?<![a-z]{re.escape(form[0])})" if form[0].isascii() else ""
    after = "(?![a-z])" if form[-1].isascii() else ""
    return f"{before}{_rest(form)}{plural}{after}"


_CRITIQUES = files("tutor") / "critique" / "terms.txt"
_FURTHER = files("tutor") / "notes" / "names.txt"


@lru_cache(maxsize=1)
def _lexicon() -> _Lexicon:
    return _parse(_CRITIQUES, strict=False)


@lru_cache(maxsize=1)
def _further() -> _Lexicon:
    return _parse(_FURTHER, strict=True)


def find_mentions(text: str) -> list[Mention]:
    """Concepts of the critique's lexicon in a text, longest form first, in order of appearance.

    Positions refer to ``normalise(text).lower()``.
    """
    return _mentions(text, _lexicon())


def find_all_mentions(text: str) -> list[Mention]:
    """`find_mentions`, and those of the further names, in order of appearance; they may overlap."""
    found = [*_mentions(text, _lexicon()), *_mentions(text, _further())]
    return sorted(found, key=lambda mention: (mention.start, -mention.end))


def _mentions(text: str, lexicon: _Lexicon) -> list[Mention]:
    names, found = lexicon.names, []
    for match in lexicon.pattern.finditer(normalise(text).lower()):
        form = _closed(match.group())
        concept = names.get(form) or names.get(form.removesuffix("s")) or names[form[:-2]]
        found.append(Mention(concept, match.start(), match.end()))
    return found


def _named(text: str, lexicon: _Lexicon) -> tuple[str, ...]:
    return tuple(dict.fromkeys(mention.concept for mention in _mentions(text, lexicon)))


@lru_cache(maxsize=8192)
def concepts(text: str) -> tuple[str, ...]:
    """Concepts a text names, in order, each once; of two forms that overlap the longer counts."""
    return _named(text, _lexicon())


@lru_cache(maxsize=8192)
def all_concepts(text: str) -> tuple[str, ...]:
    """`concepts`, then those of the further names; of "双向 LSTM" both lstm and bilstm."""
    return tuple(dict.fromkeys((*concepts(text), *_named(text, _further()))))


def forms_in(concept: str, lang: str) -> tuple[str, ...]:
    """Names of a concept in a language (``zh`` or ``en``), the author's first choice first."""
    chinese = lang == "zh"
    forms = all_forms().get(concept, ())
    return tuple(form for form in forms if (cjk_share(form) > 0) == chinese)


@lru_cache(maxsize=1)
def all_forms() -> Mapping[str, tuple[str, ...]]:
    """Each concept of both lexicons with all its names, in lower case."""
    known, further = _lexicon().forms, _further().forms
    return {
        name: tuple(dict.fromkeys((*known.get(name, ()), *further.get(name, ()))))
        for name in {**known, **further}
    }


def is_name(form: str) -> bool:
    """Whether a text in lower case is, as a whole, a name of a concept in either lexicon."""
    return form in _lexicon().names or form in _further().names


def lexicon_text() -> str:
    """Both lexicons as they are; what is kept of them changes with it."""
    return "\0".join(place.read_text(encoding="utf-8") for place in (_CRITIQUES, _FURTHER))
