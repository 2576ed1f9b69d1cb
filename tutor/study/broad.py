"""Requests for a topic as a whole: "讲讲 BatchNorm", "L1 和 L2 的区别", "What is dropout?".

No single sentence of a note answers them best; the note whose title is about the topic does. A request
counts as one only if nothing but the topic and the asking for it stands in it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from tutor.notes.terms import Mention, find_all_mentions, forms_in
from tutor.notes.text import count_cjk, normalise

_LONGEST = 80  # characters of a request
_MOST = 3  # things that are compared or named together
_CHINESE_NAME = 3  # least characters of a Chinese one
# Of a name that the lexicon does not know: characters, Chinese ones among them, and words.
_LITERAL, _CHINESE, _WORDS = 24, 6, 2

_BEFORE = re.compile(
    r"^(?:请问|请|麻烦|帮我|帮忙|给我|跟我|能不能|能否|可不可以|可以|你(?:来|能)?|我(?:想|要)?|想要?|来|再|先|"
    r"简单|详细|大概|大致|快速|简要|系统(?=地|的)|地|讲解|讲一讲|讲讲|讲|说一说|说说|说明|说|谈一谈|谈谈|谈|聊聊|聊|介绍|解释|"
    r"简述|概述|概括|总结|归纳|梳理|复习|科普|回顾|温习|比较|对比|关于|有关|什么是|啥是|什么叫|何为|何谓|"
    r"(?:怎么|怎样|如何)?理解|(?:怎么|如何)看待?|了解|知道|一下子?|一遍|下(?!采样|降)|到底|究竟|[\s,，:：、。.!！]+|"
    r"(?:please|what problems? (?:does|do)|can you|could you|would you|what(?:'s| is| are| does| do)|whats|how (?:does|do|is|are)|"
    r"explain|describe|introduce|define|summari[sz]e|compare|(?:give (?:me )?an? |brief )?(?:overview|summary|recap|explanation)(?: of)?|"
    r"tell me (?:more )?about|talk about|walk me through|help me (?:understand|review|with)|review|briefly|quickly|"
    r"the|an?|me|to me|(?:basic |core |main |key |general )?(?:idea|ideas|concept|concepts|basics|meaning|definition|intuition|principle)s?"
    r"(?: of| behind)?|(?:main |key |biggest |exact )?differences?(?: between)?)(?![a-z0-9-]))",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"(?:[\s,，:：、。.!！?？]+|是(?:个)?(?:什么|啥)(?:意思|东西)?|(?:是)?(?:什么|啥)意思|指(?:的)?(?:是)?什么|(?:是)?(?:怎么|咋)回事|"
    r"(?:是)?(?:怎么|怎样|如何|咋)(?:工作|理解|运作)的?|(?:给我|帮我|请)?(?:讲解?|说明?|介绍|解释|科普|总结|复习|聊|谈|对比|比较)(?:一?下|一?讲|一?说|一?聊|一?谈)|一下|呢|吧|呗|呀|啊|嘛|么|哈|(?:你)?(?:了解|知道|懂|会|听说过)吗|"
    r"的?(?:基本|核心|主要|大致|整体|具体|工作|底层)?(?:原理|思想|概念|定义|含义|意思|机制|知识点?|内容|要点|重点|思路|流程)|的|"
    r"(?<![a-z0-9-])(?:works?|means?|in a nutshell|in short|briefly|please|basics|explained|overview|in simple (?:terms|words)|to me|"
    r"for (?:an )?interviews?|for me|pls|plz|thanks|what (?:is|are) (?:it|they|that)|in (?:machine|deep) learning|in ml|stand for|about))$",
    re.IGNORECASE,
)
# What says that things are compared; nothing may follow but the asking.
_DIFFER = re.compile(
    r"(?:之间|两者|二者|三者|这两个|到底|究竟|上)*(?:的|有(?:什么|啥|何|哪些|些什么)?|是(?:什么|啥)?|在哪|都)?(?:主要|最大|本质|核心|根本|具体)?(?:的|上的)?"
    r"(?:区别|差别|差异|不同点?|异同点?|不一样|对比|比较)(?:之处|的地方)?(?:呢)?(?:(?:是|都|主要)*(?:什么|啥|哪些|哪)|(?:主要)?(?:在|有)(?:哪[儿里些]?|什么|啥)(?:地方|方面)?)*",
)
_DIFFERS = re.compile(
    r"\b(?:differ(?:s|ent)?(?= from\b)|differ(?:s|ent)?|differences?(?: between)?|compared? (?:to|with)|compare)\b",
    re.IGNORECASE,
)
_VERSUS = re.compile(r"(?<![a-z])(?:vs\.?|versus)(?![a-z])|(?<=[\s\u3400-\u9fff])pk(?![a-z])", re.I)
_JOINS = re.compile(
    r"以及|[和与跟及、,，/]|(?<![a-z])(?:vs\.?|versus|and|with|from|to|pk|or)(?![a-z])",
    re.IGNORECASE,
)
# What may stand around a name, and the kind of thing that may stand right behind it.
_PLAIN = r"[\s()（）\[\]“”\"'「」·-]*"
_KIND = re.compile(
    rf"{_PLAIN}(?:的?(?:算法|模型|网络|方法|机制|技术|现象)|\s?(?:优化器|函数|层|聚类|分类器|化|正则化?|损失|操作|指标|策略)"
    r"|\s(?:algorithms?|models?|networks?|methods?|mechanisms?|techniques?|optimi[sz]er|layer|functions?|regulari[sz]ation))?"
    rf"{_PLAIN}",
    re.IGNORECASE,
)
_NOTHING = re.compile(_PLAIN)
_ABOUT = re.compile(
    r"^what (?:does|do) (.+?) (?:mean|stand for)$|^how (?:does|do) (.+?) works?$", re.IGNORECASE
)
# Words of a sentence, which no name holds.
_SAYS_MORE = re.compile(
    r"^\d|[在的了把写求叫]|为什么|为何|为啥|怎么|怎样|如何|咋|哪|多少|没有|需要|可以|应该|(?<=.)时$|几|谁|何|(?:时间|原因|结果|日期|地点|数量)$"
    r"|\b(?:is|are|was|do|does|did|can|should|why|when|where|which|who|how|what|not|if|it|in|on|at|of|during)\b"
)
_LATIN = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Topic:
    """What a request names, and nothing else.

    Attributes:
        names: Each thing: a concept of the lexicon, or, behind ``=``, the words for one that the
            lexicon does not know.
        words: What each is called in the request.
        compares: Whether it asks for the difference between them.
    """

    names: tuple[str, ...]
    words: tuple[str, ...]
    compares: bool

    @property
    def several(self) -> bool:
        """Whether it is more than one thing."""
        return len(self.names) > 1


@lru_cache(maxsize=512)
def topic_of(question: str) -> Topic | None:
    """The topic that a request asks for as a whole; None for any other question."""
    text = normalise(question).strip().lower()
    if not text or len(text) > _LONGEST or "\n" in text:
        return None
    bare = without_asking(text)
    if asked := _ABOUT.match(text.rstrip(" ?.!？")):
        bare = next(part for part in asked.groups() if part)
    told = _DIFFER.sub(" ", bare, count=1)
    told = _DIFFERS.sub(" ", told)
    compares = told != bare or bool(_VERSUS.search(bare)) or _asks_to_compare(text)
    named: list[tuple[str, str]] = []
    for chunk in _chunks(without_asking(told)):
        found = _names(chunk)
        if not found:
            return None
        for name, word in found:
            if not any(name == known and same_thing(word, other) for known, other in named):
                named.append((name, word))
    if not 1 <= len(named) <= _MOST or (compares and len(named) < 2):
        return None
    names, words = zip(*named, strict=True)
    return Topic(names, words, compares)


@lru_cache(maxsize=512)
def forms_of(name: str, word: str) -> tuple[str, ...]:
    """What a thing is called, the request's own word first."""
    known = () if name.startswith("=") else (*forms_in(name, "zh"), *forms_in(name, "en"))
    return tuple(dict.fromkeys((word, *known)))


def squeezed(text: str) -> str:
    """A text without spaces and hyphens: "KV-cache" as "kvcache"."""
    return re.sub(r"[\s-]+", "", normalise(text).lower())


def is_named(topic: Topic, question: str, texts: Iterable[str] = ()) -> bool:
    """Whether what a request asks for is surely the name of something: "SMOTE", not "again".

    That is a concept of the lexicon, three Chinese characters, a word in Latin script with a capital or a
    digit or in a Chinese request, or one that the notes write with a capital inside (EWC,
    CatBoost).

    Args:
        topic: What is asked for, one thing.
        question: The request.
        texts: Notes that may write it so.
    """
    word = as_asked(topic, question)
    if not topic.names[0].startswith("=") or any(c.isupper() or c.isdigit() for c in word):
        return True
    if chinese := count_cjk(word):
        return chinese >= _CHINESE_NAME
    as_name = re.compile(rf"(?<![a-z]){re.escape(word)}(?![a-z])", re.IGNORECASE)
    written = (match.group() for text in texts for match in as_name.finditer(text))
    return count_cjk(question) > 0 or any(not one[1:].islower() for one in written)


def as_asked(topic: Topic, question: str) -> str:
    """The first thing of a topic in the request's own letters."""
    found = re.search(re.escape(topic.words[0]), normalise(question), re.IGNORECASE)
    return found.group() if found else topic.words[0]


def only_names(question: str) -> bool:
    """Whether a request is the bare name of something, as it stands in any language: "LoRA"."""
    text, topic = normalise(question).strip().lower(), topic_of(question)
    if topic is None or without_asking(text) != text:
        return False
    known = not any(name.startswith("=") for name in topic.names)
    capital = any(char.isupper() for char in question)
    return (known or capital) and (capital or " " not in text)


def _asks_to_compare(text: str) -> bool:
    return bool(re.match(r"(?:请|帮我|麻烦)*(?:比较|对比)|.*\bcompare\b|.*\bdifferences?\b", text))


def without_asking(text: str) -> str:
    """A request without what asks for it; a name that begins or ends like an asking is left alone."""
    before = ""
    while text != before:
        before = text
        if (match := _BEFORE.match(text)) and not _inside(match.end(), text):
            text = text[match.end() :]
        if (match := _AFTER.search(text)) and not _inside(match.start(), text):
            text = text[: match.start()]
    return text.strip()


def _inside(at: int, text: str) -> bool:
    """Whether a place lies within a name."""
    return any(mention.start < at < mention.end for mention in outer_mentions(text))


def _chunks(text: str) -> list[str]:
    """The things that are named in a row; a name that holds a joining word is not cut."""
    kept = outer_mentions(text)
    cuts = [
        match
        for match in _JOINS.finditer(text)
        if not any(m.start < match.end() and match.start() < m.end for m in kept)
    ]
    edges = [0, *(edge for cut in cuts for edge in cut.span()), len(text)]
    parts = [text[a:b].strip() for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return [part for part in parts if part]


def _names(chunk: str) -> list[tuple[str, str]]:
    """What one chunk names, each with its words; empty where it says more than names."""
    mentions = [m for m in outer_mentions(chunk) if not _KIND.fullmatch(chunk[m.start : m.end])]
    if mentions:
        ends = [0, *(mention.end for mention in mentions)]
        gaps = [chunk[a : m.start] for a, m in zip(ends, mentions, strict=False)]
        if all(map(_NOTHING.fullmatch, gaps)) and _KIND.fullmatch(chunk[ends[-1] :]):
            return [(m.concept, chunk[m.start : m.end]) for m in mentions]
        if not gaps[0].strip():
            return []  # a name and something about it: "moe 省显存"
    word = chunk.strip(" \"'“”「」()（）`")
    bare = re.fullmatch(r"[a-z0-9][a-z0-9.+-]*", word) or re.match(
        r"([a-z0-9][a-z0-9.+-]*)(?=\s?[\u3400-\u9fff])", word
    )
    if bare and _KIND.fullmatch(word[bare.end() :]):
        word = bare.group()
    elif re.match(r"[a-z0-9.+-]+\s?[\u3400-\u9fff]{3}", word):
        return []
    plain = re.fullmatch(r"[\w\u3400-\u9fff][\w\u3400-\u9fff +.@-]*", word)
    short = (
        2 <= len(word) <= _LITERAL and count_cjk(word) <= _CHINESE and len(word.split()) <= _WORDS
    )
    if not plain or not short or _SAYS_MORE.search(word):
        return []
    return [(f"={word}", word)]


@lru_cache(maxsize=16384)
def outer_mentions(text: str) -> tuple[Mention, ...]:
    """Concepts a text names, in order, without those inside a longer name."""
    found: list[Mention] = []
    for mention in find_all_mentions(text):  # of those that begin together the longest first
        if mention.end - mention.start < 2:
            continue  # "图" of 图神经网络 is no name
        if not found or mention.end > found[-1].end:
            if found and mention.start < found[-1].end:
                continue  # begins inside another: "batch norm" of "mini-batch norm"
            found.append(mention)
    return tuple(found)


def same_thing(one: str, other: str) -> bool:
    """Whether two words for a concept are one thing's: XGBoost and GBDT are not.

    The lexicon counts members of a family as one concept. Of two single words in Latin script one has
    to shorten the other, as "bn" does "batchnorm".
    """
    short, long = sorted((one, other), key=len)
    if not (_LATIN.fullmatch(short) and _LATIN.fullmatch(long)):
        return True
    letters = iter(long)
    return all(letter in letters for letter in short)
