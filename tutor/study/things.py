"""One question about several things: the same question about each of them.

"XGBoost 和 LightGBM 找切分点的办法有啥不一样" asks "XGBoost 找切分点的办法" and "LightGBM 找切分点的
办法". Asked for each by itself, search finds each one's own note, and a sentence about one of them is
seen to answer. Where it is not plain that the same is asked of each, a question stays whole.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from tutor.notes.terms import all_concepts, find_all_mentions
from tutor.notes.text import cjk_share, detect_lang, normalise
from tutor.study.premise import find_premise
from tutor.study.units import STOP_EN, content_units

_MOST = 3
"""Things: more of them are answered as one question, each takes seconds to read for."""
_LONGEST = 200  # characters of a question that is looked at

Span = tuple[int, int]


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

    Args:
        question: One question; of several in a row each is to be looked at by itself.
    """
    text = " ".join(normalise(question).split())
    if len(text) > _LONGEST or len(text.lower()) != len(text) or _OTHERWISE.search(text):
        return ()
    if re.search(r"\?(?!分别|各)[^?]*\w", text):
        return ()
    asked = _asked_of_each(text) or _asked_to_differ(text)
    if asked is None:
        return ()
    row, before, after = asked
    names = [text[start:end].strip() for start, end in row]
    rest = f"{before} {after}"
    premise = find_premise(question)
    if (premise is not None and premise.asked) or not _all_named(names, rest):
        return ()
    return tuple(
        Thing(
            name,
            re.sub(r"\s+", " ", f"{before}{name}{after}").strip(),
            _own(name, [other for other in names if other != name]),
        )
        for name in names
    )


# What is asked

_EACH = {
    "zh": re.compile(r"各自|分别|各(?![种个位类项层向阶地国式路自举写说讲]|有千秋|有所长|有特色)"),
    "en": re.compile(
        r"\beach(?: of (?:them|these)| one)?(?=\s*(?:[?.,]|$))"
        r"|(?:(?<=\bdo )|(?<=\bdoes )|(?<=\bis ))each(?: of (?:them|these)| one)?\b|\beach(?= [a-z]+)(?! other)",
        re.IGNORECASE,
    ),
}
_AUXILIARY = re.compile(r"\b(?:do|does|is) $")
_BARE = ("each", "Each")  # counts behind the things alone: "each dataset" is none of them
_DIFFER = re.compile(
    r"(?:之间)?(?:上|方面|里)?(?:的(?:区别|不同|差别|差异)(?:是什么|在哪[儿里]?)?"
    r"|有(?:什么|啥|何|哪些)(?:区别|不同|不一样|差别|差异))(?=[,.?]|$)"
)
_DIFFER_IN = re.compile(r"^differ (?=(?:in|at|on|during|with respect to|in terms of) )", re.I)
_BETWEEN = re.compile(r"^(?:what(?:'s| is| are) )?the differences? between $", re.IGNORECASE)
# Says nothing of what two things differ in.
_FILLING = re.compile(
    r"主要|最大|本质|核心|根本|具体|到底|究竟|之间|[两二三]者|这[两三]个|一般|大概|来说|模型|网络|优化器|函数|方法|算法|正则化?|层|的|在|上"
)
# Several things that are used, compared or named together, or a question behind the question.
_OTHERWISE = re.compile(
    r"关系|联系|一起|同时|配合|结合|互相|叠加|既然|对吗|两者|二者|三者|这两|除了|相比|比起|比值|之比|调和|不用|为什么.*不同|没有区别|呢\s*\??$"
    r"|[`$*\"“”「」()（）]"
    r"|\b(?:relat\w+|together|connect\w+|combin\w+|both|since|given that|respectively|each other)\b",
    re.IGNORECASE,
)
_WHETHER = re.compile(r"吗|没有|为什么|为何|为啥|哪个|谁|是不是|大不大|多大")


def _asked_of_each(text: str) -> tuple[list[Span], str, str] | None:
    """The row that "each" speaks of, and what stands before and behind it."""
    found = _EACH[detect_lang(text)].search(text)
    if not found:
        return None
    rows = list(_rows(text))
    row = next((row for row in reversed(rows) if row[-1][1] <= found.start()), None)
    if row is None or any(len(other) == len(row) and other[0][0] > found.start() for other in rows):
        return None  # "A 和 B 分别用于 C 和 D" pairs them
    start, end = row[0][0], row[-1][1]
    loose = found.group() in _BARE and text[found.end() :].strip(" ?.,")
    if loose and text[end : found.start()].strip() and not _AUXILIARY.search(text[: found.start()]):
        return None
    after = text[end : found.start()] + text[found.end() :]
    after = _EACH[detect_lang(text)].sub("", re.sub(r"^\s*都(?!是)", "", after))
    return row, text[:start], re.sub(r"\b(?:of|in|for|by|with)\s*(?=[?.,]|$)", "", after)


def _asked_to_differ(text: str) -> tuple[list[Span], str, str] | None:
    """The row whose things are asked to differ in something, and what stands around it."""
    rows = list(_rows(text))
    if not rows or _WHETHER.search(text):
        return None
    row = rows[0]
    before, after = text[: row[0][0]], text[row[-1][1] :]
    if detect_lang(text) == "zh":
        found = _DIFFER.search(after)
        said = _FILLING.sub("", after[: found.start()]) if found else ""
        if not found or sum(char.isalnum() for char in said) < 2:
            return None
        return row, before, after[: found.start()] + "是什么" + after[found.end() :]
    if _BETWEEN.search(before) and re.match(r" (?:in|at|on|during)\b", after):
        return row, "what about ", after
    if _DIFFER_IN.search(after.lstrip()):
        return row, before, " work " + after.lstrip()[len("differ ") :]
    return None


def _all_named(names: Sequence[str], rest: str) -> bool:
    """Whether every thing has a name of its own, which the rest of the question does not speak of."""
    if not all(all_concepts(name) or re.search("[A-Za-z]", name) for name in names):
        return False  # what is no name may be one of the notes by another
    if any(_one(*pair) for pair in combinations(names, 2)):
        return False
    words = {word for name in names for word in re.findall(r"[a-z][a-z0-9]+", name.lower())}
    again = words & set(re.findall(r"[a-z][a-z0-9]+", rest.lower()))
    return not again and not any(name.lower() in rest.lower() for name in names if len(name) > 1)


def _one(name: str, other: str) -> bool:
    """Whether two names are of one thing: alike, a translation, or the initials of the other."""
    if name.lower() == other.lower():
        return True
    if not all_concepts(name) or {*all_concepts(name)} != {*all_concepts(other)}:
        return False
    short, long = sorted((name.lower(), other.lower()), key=len)
    initials = "".join(word[0] for word in re.split(r"[\s-]+", long) if word)
    return cjk_share(name) != cjk_share(other) or short == initials


def _own(name: str, others: Sequence[str]) -> frozenset[str]:
    """What names a thing and none of the others."""
    concepts = frozenset(all_concepts(name)).difference(*map(all_concepts, others))
    words = content_units(name).difference(*map(content_units, others))
    return concepts or frozenset(word for word in words if not word.isdigit())


# Rows of things

# Between two things that stand side by side: what still belongs to the first, the joint, what
# already belongs to the second.
_JOINT = {
    "zh": re.compile(
        r"(?P<tail>[^,.?;:、]{0,6}?)\s*(?:、|和(?!弦)|跟|(?<!参)与|以及|(?<![涉以普])及(?!时)|还有|\bvs\b\.?)"
        r"\s*(?P<lead>[^,.?;:、]{0,6})"
    ),
    "en": re.compile(
        r"(?P<tail>)(?:\s*,\s*and\s+|\s+and\s+|\s*,\s*|\s+vs\b\.?\s+)(?P<lead>(?:the |an? )?)",
        re.IGNORECASE,
    ),
}
_LATIN = r"[A-Za-z0-9]*[A-Za-z][A-Za-z0-9_+#]*(?:[-.][A-Za-z0-9]+)*"
_LATIN_NAME = {
    "zh": re.compile(_LATIN),
    "en": re.compile(r"\b[A-Za-z]*(?:[a-z][A-Z]|[A-Z][A-Z]|[0-9])[A-Za-z0-9+-]*(?:\.[0-9]+)?\b"),
}
_SAME = re.compile(r"\s*(?:[里中]?的)?\s*|[-/]")  # "kv 量化" and "Seq2Seq 里的注意力" are one thing
_ALWAYS = ("-", "/")
_GOES_ON = re.compile(r"\s*(?:[、和跟与及]|,?\s*and\b|,(?=\s*[A-Za-z]))", re.IGNORECASE)
_LAST_NAMED = re.compile(r"\s*(?:(?![上里中时后])[\u3400-\u9fff]){1,4}?(?=各|分别)")
_BELONGING = re.compile(r"\s*的\s*[^,.?;:、各分都有在是]{1,8}(?=,|各|分别|都|是)")
_DENIES = re.compile(r"[不没无非]")


def _rows(text: str) -> Iterator[list[Span]]:
    """Rows of two or three things that stand joined side by side, in order."""
    row: list[Span] = []
    joints = _JOINT[detect_lang(text)]
    for start, end in _named(text):
        joint = joints.fullmatch(text, row[-1][1], start) if row else None
        if joint and not _DENIES.match(joint["lead"]):
            if len(row) == 1:
                row = [_led(text, row[0], len(joint["lead"]))]
            row[-1] = (row[-1][0], row[-1][1] + len(joint["tail"]))
            row.append((start - len(joint["lead"]), end))
        elif (
            row and _SAME.fullmatch(text, row[-1][1], start) and not _shared(text, row, start, end)
        ):
            row[-1] = (row[-1][0], end)
        else:
            yield from _whole(text, row)
            row = [(start, end)]
    yield from _whole(text, row)


def _shared(text: str, row: list[Span], start: int, end: int) -> bool:
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


def _led(text: str, span: Span, lead: int) -> Span:
    """The first thing with as much before it as the second has: "取最大的池化和取平均的池化"."""
    between = text[max(span[0] - lead, 0) : span[0]]
    return (span[0] - len(re.split(r"[,.?;:、\s]", between)[-1]), span[1])


def _whole(text: str, row: list[Span]) -> Iterator[list[Span]]:
    """A row with its last thing whole and what belongs to all taken off the first; none if unclear."""
    if not 2 <= len(row) <= _MOST:
        return
    (first, first_end), *others = row
    start, end = row[-1]
    tail = None
    if "的" in text[first:first_end]:
        tail = _BELONGING.match(text, end)  # "ResNet 的捷径和 U-Net 的长连接"
        if tail is None and not any("的" in text[slice(*other)] for other in others):
            first += text[first:first_end].rindex("的") + 1  # "LoRA 的 A 和 B": both are LoRA's
    elif "、" in text[first:start]:
        tail = _LAST_NAMED.match(text, end)  # "…、KV cache 分页各……"
    if tail:
        others[-1] = (start, tail.end())
    else:
        first_end -= _common_end(text[first:first_end], text[end:].lstrip())
    if all(text[slice(*thing)].strip() for thing in ((first, first_end), *others)):
        yield [(first, first_end), *others]


def _common_end(name: str, behind: str) -> int:
    """How much of the first thing's end stands behind the last one too: "E 步和 M 步"."""
    ends = (n for n in range(len(name) - 1, 0, -1) if name[-n:].strip())
    return next((n for n in ends if behind.startswith(name[-n:].strip())), 0)


def _named(text: str) -> list[Span]:
    """Where concepts and names stand, in order, without overlaps; of two the longer."""
    lang = detect_lang(text)
    spans = [(mention.start, mention.end) for mention in find_all_mentions(text)]
    spans += [
        m.span() for m in _LATIN_NAME[lang].finditer(text) if m.group().lower() not in STOP_EN
    ]
    kept: list[Span] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept
