"""The interviewer's own words: templates in Chinese and English, in three styles."""

import re

from tutor.interview.types import Style

# What kind of thing a key point says, so that a question can point at it without telling it.
# The first pattern that matches decides.
ASPECTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("difference", re.compile(r"而.{1,30}则|相比|区别|不同于|不等价|whereas|unlike|rather than|differ", re.I)),
    ("reason", re.compile(r"因为|由于|原因|导致|所以|从而|because|since |due to|therefore|so that", re.I)),
    ("limit", re.compile(r"缺点|局限|代价|不足|不能|不会|无法|但|容易|drawback|cost|cannot|fails?\b|but |limit", re.I)),
    ("condition", re.compile(r"时[，,候]|当.{1,20}时|如果|只有|训练时|推理时|when |if |only |during|at inference", re.I)),
    ("formula", re.compile(r"(?<![A-Za-z\d])\d|[=＝≈√×]|公式|等于|比例|平方|之和|formula|equals?\b|sum of|square|proportional", re.I)),
    ("example", re.compile(r"例如|比如|常见的|包括|such as|for example|e\.g\.|include", re.I)),
    ("benefit", re.compile(r"优点|好处|可以|能够|避免|缓解|提高|减少|用于|allows?|helps?|avoid|reduce|improve|used", re.I)),
    ("method", re.compile(r"通过|先|再|然后|步骤|把|将|用.{1,10}来|方法|by \w+ing|first|then|step|compute", re.I)),
    ("definition", re.compile(r"是|指|叫|称为|\bis\b|\bare\b|means|refers", re.I)),
)  # fmt: skip

ASPECT_NAMES: dict[str, dict[str, str]] = {
    "zh": {
        "difference": "两者之间的差别",
        "reason": "背后的原因",
        "limit": "它的局限或代价",
        "condition": "在什么条件下成立",
        "formula": "具体的数量关系或公式",
        "example": "具体的例子",
        "benefit": "它带来的好处或用途",
        "method": "具体的做法",
        "definition": "它究竟是什么",
        "other": "还没说到的地方",
    },
    "en": {
        "difference": "how the two sides differ",
        "reason": "the reason behind it",
        "limit": "what it cannot do, or what it costs",
        "condition": "when exactly it holds",
        "formula": "the quantities or the formula",
        "example": "a concrete example",
        "benefit": "what it is good for",
        "method": "how exactly it is done",
        "definition": "what it actually is",
        "other": "what you have not said yet",
    },
}

_ZH, _EN = "zh", "en"
QUESTION = {
    (_ZH, Style.FRIENDLY): "别紧张，慢慢说。{question}",
    (_ZH, Style.NEUTRAL): "{question}",
    (_ZH, Style.STRICT): "请准确作答：{question}",
    (_EN, Style.FRIENDLY): "Take your time. {question}",
    (_EN, Style.NEUTRAL): "{question}",
    (_EN, Style.STRICT): "Be precise: {question}",
}
FOLLOW_UP = {
    (_ZH, Style.FRIENDLY): "这部分说得可以再完整些。{anchor}你能再谈谈{aspect}吗？",
    (_ZH, Style.NEUTRAL): "{anchor}请补充一点：{aspect}。",
    (_ZH, Style.STRICT): "还不完整。{anchor}{aspect}，你漏掉了，请说清楚。",
    (
        _EN,
        Style.FRIENDLY,
    ): "There is a little more to it. {anchor}Could you also talk about {aspect}?",
    (_EN, Style.NEUTRAL): "{anchor}Please add one thing: {aspect}.",
    (_EN, Style.STRICT): "That is incomplete. {anchor}You left out {aspect}; be specific.",
}
# Where even the kind of statement would tell the point, the question itself is what is left to ask.
FOLLOW_UP_OPEN = {
    (_ZH, Style.FRIENDLY): "这部分说得可以再完整些。题目问的是“{question}”，你能再补充一点吗？",
    (_ZH, Style.NEUTRAL): "题目问的是“{question}”，还有没说到的。请补充一点。",
    (_ZH, Style.STRICT): "还不完整。题目问的是“{question}”，你漏掉了一些，请说清楚。",
    (
        _EN,
        Style.FRIENDLY,
    ): "There is a little more to it. The question was “{question}” Could you add one thing?",
    (
        _EN,
        Style.NEUTRAL,
    ): "The question was “{question}” and something is still open. Please add one thing.",
    (_EN, Style.STRICT): "That is incomplete. The question was “{question}” and you left out "
    "something; be specific.",
}
ANCHOR = {_ZH: "你提到了“{term}”。", _EN: "You mentioned “{term}”. "}
ABOUT = {_ZH: "关于“{term}”：", _EN: "On “{term}”: "}
CONTRAST = {
    (_ZH, Style.FRIENDLY): "你说：“{said}”。再想一想，这句话一定成立吗？什么情况下会相反？",
    (_ZH, Style.NEUTRAL): "你说：“{said}”。如果有人持相反看法，谁对？为什么？",
    (_ZH, Style.STRICT): "你说：“{said}”。我不同意。请重新推一遍并给出理由。",
    (
        _EN,
        Style.FRIENDLY,
    ): "You said: “{said}” Think again: is that always so? When would it be the other way round?",
    (_EN, Style.NEUTRAL): "You said: “{said}” Someone claims the opposite. Who is right, and why?",
    (_EN, Style.STRICT): "You said: “{said}” I disagree. Work it out again and give your reasons.",
}
REVEAL = {
    _ZH: "这一点是：{point}",
    _EN: "The point is: {point}",
}
NUDGE = {
    _ZH: "时间过去不少了，可以先把最重要的一点说完。",
    _EN: "Some time has passed; finish with the most important point first.",
}
HINT_ONE = {
    _ZH: "方向：这道题有 {total} 个要点，想一想{aspect}。",
    _EN: "Direction: there are {total} points here; think about {aspect}.",
}
HINT_TWO = {
    _ZH: "开头是“{start}”，整句大约 {size} 个字。",
    _EN: "It begins “{start}” and has about {size} words.",
}


def aspect_of(point: str) -> str:
    """Which kind of statement the point is, one of the keys of `ASPECT_NAMES`."""
    return next((name for name, pattern in ASPECTS if pattern.search(point)), "other")
