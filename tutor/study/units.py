"""The words of a text that carry its content, as units that can be counted."""

import re
from functools import cache

from tutor.notes.text import normalise, numbers

LATIN_WORD = re.compile(r"[a-z][a-z0-9_+#]*(?:[-.][a-z0-9]+)*")
_CJK_RUN = re.compile(r"[\u3400-\u9fff]+")
STOP_EN = frozenset(
    "a an the of to in on at by for and or but is are was were be been being it its this that these "
    "those as with from into than then so because since while when which who whom whose what how why "
    "do does did can could will would should may might must has have had you your we our they their "
    "them he his she her i me my one also such each every any there here not no up out about over "
    "only if between during after before more most very same other through".split()
)
STOP_ZH = re.compile(
    r"[的了是在和与或而就也都把被让使对从到向以为于这那它他她我你们个种会能可要用有着过得地等之其所及并但则因由如若即便还又再更很太最吧嘛呢啊]"
)


def stem(word: str) -> str:
    """An English word without its commonest endings."""
    for ending in ("ations", "ation", "ings", "ing", "ies", "ied", "ed", "es", "s", "ly"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)].rstrip("e")
    return word.rstrip("e") if len(word) > 4 else word


@cache
def content_units(text: str) -> frozenset[str]:
    """Stems of Latin words, numbers, and Chinese bigrams within runs free of function words."""
    clean = normalise(text).lower()
    units = {stem(word) for word in LATIN_WORD.findall(clean) if word not in STOP_EN}
    units |= numbers(text)
    for run in _CJK_RUN.findall(clean):
        for piece in STOP_ZH.split(run):
            units |= {piece[i : i + 2] for i in range(len(piece) - 1)}
    return frozenset(units)
