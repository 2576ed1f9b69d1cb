"""One question about several things: the same question about each of them.

"XGBoost 和 LightGBM 找切分点的办法有啥不一样" asks "XGBoost 找切分点的办法" and "LightGBM 找切分点的
办法". Asked for each by itself, search finds each one's own note, and a sentence about one of them is
seen to answer.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tutor.notes.terms import all_concepts, find_all_mentions
from tutor.notes.text import detect_lang, normalise
from tutor.study.premise import find_premise
from tutor.study.units import STOP_EN, content_units

_MOST = 3
"""Things: more of them are answered as one question, each takes seconds to read for."""

# Between two things that stand side by side: what still belongs to the first, the joint, what
# already belongs to the second.
_JOINT = {
    "zh": re.compile(
        r"(?P<tail>[^,.?;:、]{0,10}?)\s*(?:、|和|跟|(?<!参)与|以及|及|还有|\bvs\b\.?)\s*(?P<lead>[^,.?;:、]{0,6})"
    ),
    "en": re.compile(
        r"(?P<tail>)(?:\s*,\s*and\s+|\s+and\s+|\s*,\s*|\s+vs\b\.?\s+)(?P<lead>(?:the |an? )?)",
        re.IGNORECASE,
    ),
}
# Names by their shape alone: in Chinese any Latin word, and what stands before "each".
_NAMES = {
    "zh": re.compile(
        r"[A-Za-z0-9]*[A-Za-z][A-Za-z0-9_+#]*(?:[-.][A-Za-z0-9]+)*|(?<=[和跟与、])[\u3400-\u9fff]{1,6}(?=各|分别)"
    ),
    "en": re.compile(r"\b[A-Za-z]*(?:[a-z][A-Z]|[A-Z][A-Z]|[0-9])[A-Za-z0-9+-]*(?:\.[0-9]+)?\b"),
}
_ALWAYS = ("-", "/")
_SAME = re.compile(r"\s*(?:[里中]?的)?\s*|[-/]")  # "kv 量化" and "Seq2Seq 里的注意力" are one thing
_LAST_NAMED = re.compile(r"\s*[\u3400-\u9fff]{1,4}?(?=各|分别)")
_GOES_ON = re.compile(r"\s*(?:[、和跟与及]|,?\s*and\b|,(?=\s*[A-Za-z]))", re.IGNORECASE)
_BELONGING = re.compile(r"\s*的\s*[^,.?;:、各分都有在是]{1,8}(?=,|各|分别|都|是)")
_EACH = re.compile(r"各|分别|\b(?:each|both|respectively)\b", re.IGNORECASE)
_OF_EACH = re.compile(
    r"^\s*都(?!是)|各自?|分别|(?:\b(?:of|in|for|by) )?\b(?:each|both)(?: (?:one|of (?:them|these|those)))?\b"
    r"|\brespectively\b",
    re.IGNORECASE,
)
_DIFFER = re.compile(
    r"(?:之间)?(?:上|方面|里)?的?(?:有(?:什么|啥|何|哪些))?(?:区别|不同|不一样|异同|差别|差异)(?:是什么|在哪儿?|吗)?"
    r"|差在哪[儿里]?|\bdiffer(?:ent|s)?\b",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\b(?:what(?:'s| is| are)? )?the differences? between\s*$", re.IGNORECASE)
_RELATES = re.compile(
    r"关系|联系|一起用|配合|同时用|既然|对吗|\b(?:relat\w+|together|connect\w+|combin\w+|since|given that)\b",
    re.IGNORECASE,
)
_LEAST = 2  # letters of what is asked about: "有什么区别" alone asks for a comparison as a whole


@dataclass(frozen=True, slots=True)
class Thing:
    """One of the things a question is about.

    Attributes:
        name: As the question words it.
        question: The question, asked of it alone.
        names: Its concepts that are none of the other things', or where it has none such, its words.
    """

    name: str
    question: str
    names: frozenset[str] = frozenset()

    def named_in(self, title: str) -> bool:
        """Whether a title names it, by this name or another."""
        return bool(self.names & (content_units(title) | {*all_concepts(title)}))


def split_things(question: str) -> tuple[Thing, ...]:
    """The things a question asks the same of, two or three; none where it asks otherwise.

    A question for how two things differ is taken apart only if it says in what.
    """
    text = normalise(question)
    premise = find_premise(question)
    if _RELATES.search(text) or (premise is not None and premise.asked):
        return ()
    chain = _longest_chain(text)
    if not 2 <= len(chain) <= _MOST:
        return ()
    before, after = text[: chain[0][0]], text[chain[-1][1] :]
    each = _EACH.search(after) or _EACH.search(before)
    if not each and not _differs_in(before, after):
        return ()
    names = [text[start:end].strip() for start, end in chain]
    known = len({*names}) == len(names)
    if not known or not all(all_concepts(name) or re.search("[A-Za-z]", name) for name in names):
        return ()  # what is no name may be one of the notes by another
    return tuple(
        Thing(name, _asked_of_one(before, name, after), _own(name, [n for n in names if n != name]))
        for name in names
    )


def _own(name: str, others: Sequence[str]) -> frozenset[str]:
    """What names a thing and none of the others."""
    concepts = frozenset(all_concepts(name)).difference(*map(all_concepts, others))
    return concepts or content_units(name).difference(*map(content_units, others))


def _differs_in(before: str, after: str) -> bool:
    found = _DIFFER.search(after)
    if found:
        return sum(char.isalnum() for char in after[: found.start()]) >= _LEAST
    return bool(_BETWEEN.search(before)) and sum(char.isalnum() for char in after) >= _LEAST


def _asked_of_one(before: str, name: str, after: str) -> str:
    """The question with one thing in the place of all, without what asks of several."""
    before = _BETWEEN.sub("what about ", _EACH.sub("", before))
    after = _DIFFER.sub("是什么" if detect_lang(after) == "zh" else "work", after, count=1)
    after = _OF_EACH.sub("", after)
    return re.sub(r"\s+", " ", f"{before}{name.strip()}{after}").strip()


def _longest_chain(text: str) -> list[tuple[int, int]]:
    """Spans of things that stand joined side by side; of several such rows the first longest."""
    best: list[tuple[int, int]] = []
    row: list[tuple[int, int]] = []
    joints = _JOINT[detect_lang(text)]
    for start, end in _named(text):
        joint = joints.fullmatch(text, row[-1][1], start) if row else None
        if joint:
            if len(row) == 1:
                row = [_led(text, row[0], len(joint["lead"]))]
            row[-1] = (row[-1][0], row[-1][1] + len(joint["tail"]))
            row.append((start - len(joint["lead"]), end))
        elif (
            row and _SAME.fullmatch(text, row[-1][1], start) and not _shared(text, row, start, end)
        ):
            row[-1] = (row[-1][0], end)
        else:
            row = [(start, end)]
        if len(row) > len(best):
            best = list(row)
        elif best and row[:-1] == best[:-1]:
            best = list(row)  # its last thing has grown
    return _ended(text, best)


def _shared(text: str, row: list[tuple[int, int]], start: int, end: int) -> bool:
    """Whether what stands behind the last thing is asked of every one: "LoRA 和 QLoRA 的显存".

    It is part of that thing where another follows ("GQA、kv 量化、…"), or where the first has such a
    part too ("kNN 的 k 和 kmeans 的 k", "single linkage 和 complete linkage").
    """
    if len(row) == 1 or _GOES_ON.match(text, end):
        return False
    gap, last = text[row[-1][1] : start], text[slice(*row[-1])]
    first = text[slice(*row[0])]
    if gap in _ALWAYS or first.endswith(text[start:end]):
        return False
    return "的" not in first or "的" not in gap + last


def _led(text: str, span: tuple[int, int], lead: int) -> tuple[int, int]:
    """The first thing with as much before it as the second has: "事实性幻觉和忠实性幻觉"."""
    start = max(span[0] - lead, 0)
    between = text[start : span[0]]
    return (span[0] - len(re.split(r"[,.?;:、\s]", between)[-1]), span[1])


def _ended(text: str, row: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """A row whose last thing takes what belongs to it: "…、KV cache 分页各……", "…和 U-Net 的长连接，……"."""
    if len(row) < 2:
        return row
    *others, (start, end) = row
    listed = "、" in text[row[0][0] : start]
    tail = _LAST_NAMED.match(text, end) if listed else None
    if "的" in text[slice(*row[0])]:  # so does the first
        tail = _BELONGING.match(text, end)
    return [*others, (start, tail.end() if tail else end)]


def _named(text: str) -> list[tuple[int, int]]:
    """Where concepts and names stand, in order, without overlaps."""
    shape = _NAMES[detect_lang(text)]
    known = [(mention.start, mention.end) for mention in find_all_mentions(text)]
    by_shape = [m.span() for m in shape.finditer(text) if m.group().lower() not in STOP_EN]
    spans = known + [
        (start, end)
        for start, end in by_shape
        if not any(start <= one and other <= end for one, other in known)
    ]
    kept: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept
