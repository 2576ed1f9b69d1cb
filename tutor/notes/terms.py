"""Terms of the field in Chinese and English: one concept, its names in both languages.

The lexicon is the one the critique reads; it stands beside it as package data.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from tutor.notes.text import cjk_share, normalise


@dataclass(frozen=True, slots=True)
class _Lexicon:
    names: dict[str, str]  # each form, with its concept
    forms: dict[str, tuple[str, ...]]  # each concept, with its forms, the shortest names included
    pattern: re.Pattern[str]


@lru_cache(maxsize=1)
def _lexicon() -> _Lexicon:
    names: dict[str, str] = {}
    forms: dict[str, tuple[str, ...]] = {}
    text = (files("tutor") / "critique" / "terms.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        row = tuple(normalise(form).strip().lower() for form in line.split("|"))
        forms.setdefault(row[0], row)
        for form in row:
            names.setdefault(form, row[0])
    ordered = sorted(names, key=len, reverse=True)
    parts = [
        rf"(?<![a-z]){re.escape(form)}(?:s|es)?(?![a-z])" if form.isascii() else re.escape(form)
        for form in ordered
    ]
    return _Lexicon(names, forms, re.compile("|".join(parts)))


@lru_cache(maxsize=8192)
def concepts(text: str) -> tuple[str, ...]:
    """Concepts a text names, in order, each once; of two forms that overlap the longer counts."""
    lexicon = _lexicon()
    found: dict[str, None] = {}
    for match in lexicon.pattern.finditer(normalise(text).lower()):
        form = match.group()
        for name in (form, form.removesuffix("s"), form.removesuffix("es")):
            if name in lexicon.names:
                found[lexicon.names[name]] = None
                break
    return tuple(found)


def forms_in(concept: str, lang: str) -> tuple[str, ...]:
    """Names of a concept in a language (``zh`` or ``en``), the author's first choice first."""
    chinese = lang == "zh"
    forms = _lexicon().forms.get(concept, ())
    return tuple(form for form in forms if (cjk_share(form) > 0) == chinese)
