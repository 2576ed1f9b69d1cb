"""What a question takes for granted, and whether the notes say so."""

import re
from dataclasses import dataclass

from tutor.notes.text import detect_lang

_TAG_ZH = re.compile(
    r"[，,。\s]*(?:(?:是)?(?:不是|对不对|是不是|是吗|对吗|对吧|对不|是吧|没错吧|没问题吧|这样吗|是不是这样|是这样吗|这个说法对吗|这样说对吗|"
    r"这种说法对吗|可以这么说吗|(?:这样|这么|可以这么|能这么)理解(?:对吗|吗)|我理解得对吗|正确吗|对么|是么))[？?。]*$"
)
_TAG_EN = re.compile(
    r"[,.\s]*(?:is that (?:right|correct|true|so)|isn't (?:it|that so)|right|correct|true|am i right|"
    r"doesn't it|don't they|does it not|yes)\s*\?+$",
    re.IGNORECASE,
)
_TRUE_THAT = re.compile(
    r"^(?:is it (?:true|correct|right) that|i (?:think|heard|read) (?:that )?)\s*(.+?)\??$",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^(?:我?(?:听说|记得|觉得|认为|以为|看到说)|据说|有人说|既然|因为|由于|考虑到|如果说|请问|"
    r"(?:since|because|given that|as|if)\s)[，,：:\s]*",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"什么|怎么|怎样|如何|为什么|为何|为啥|啥|咋|哪|几(?!组)|多[准快大小久长短高低难好远深]|还是(?!要|会|得|有)|多少|多大|多久|吗|呢|是否|能不能|会不会|是不是|要不要|该不该|谁|"
    r"\b(?:what|why|how|which|when|who|where|should|can|could|does|do|is|are|will|would)\b",
    re.IGNORECASE,
)
_WHETHER = re.compile(
    r"为什么|为何|为啥|吗|是不是|会不会|岂|\b(?:why|how come|really)\b|^(?:is|are|do|does|can|will)\b",
    re.IGNORECASE,
)
_NOW = re.compile(r"^(?:那么?|所以|因此|于是|then|so)\s*[，,]?", re.IGNORECASE)
_SUPPOSES = re.compile(r"(?<![主只需])要是|如果(?!说)|假如|假设(?!检验)|万一|的话$")
_CLAUSE = re.compile(r"[，,。；;]\s*")
_MIN_ZH, _MIN_EN = 6, 16


@dataclass(frozen=True, slots=True)
class Premise:
    """A statement inside a question.

    Attributes:
        text: The statement.
        asked: True where the question is whether it holds ("……，对吗？"), False where the question
            goes on from it ("既然……，那……？").
    """

    text: str
    asked: bool


def find_premise(question: str) -> Premise | None:
    """The statement that a question makes; None for a plain question."""
    clean = question.strip()
    lang = detect_lang(clean)
    whether = _TRUE_THAT.match(clean) if lang == "en" else None
    tagged = (_TAG_ZH if lang == "zh" else _TAG_EN).search(clean)
    if whether:
        body = whether.group(1)
    elif tagged:
        body = clean[: tagged.start()]
    else:
        return _presupposed(clean, lang)
    body = _OPENING.sub("", body).strip("，,。. ")
    return Premise(body, asked=True) if _long_enough(body, lang) else None


def may_be_wrong(question: str) -> bool:
    """Whether a question may take something wrong for granted: it states, asks why or whether."""
    return bool(_WHETHER.search(question)) or find_premise(question) is not None


def split_premise(premise: Premise) -> tuple[str, ...]:
    """A statement, then its clauses where it has several: often only one of them is wrong."""
    lang = detect_lang(premise.text)
    clauses = [part.strip() for part in _CLAUSE.split(premise.text)]
    clauses = [part for part in clauses if _long_enough(part, lang)]
    return tuple(dict.fromkeys((premise.text, *(clauses if len(clauses) > 1 else ()))))


def _long_enough(text: str, lang: str) -> bool:
    return len(text) >= (_MIN_ZH if lang == "zh" else _MIN_EN)


def _presupposed(question: str, lang: str) -> Premise | None:
    clauses = [part for part in _CLAUSE.split(question.rstrip("？?")) if part.strip()]
    if clauses and re.match(r"还是|或者|or\b", clauses[-1].strip(), re.IGNORECASE):
        return None  # "A, or B?" states neither
    stated: list[str] = []
    for clause in clauses[:-1]:
        bare = _OPENING.sub("", clause.strip())
        asks = _ASKING.match(bare) if lang == "en" else _ASKING.search(bare)
        if asks or (_NOW.match(bare) and not stated):
            break
        if not _SUPPOSES.search(bare):
            stated.append(bare)
    text = ("，" if lang == "zh" else ", ").join(stated)
    return Premise(text, asked=False) if _long_enough(text, lang) and _states(text) else None


def _states(text: str) -> bool:
    """Whether a text says something of something, and is no mere topic or circumstance."""
    if detect_lang(text) == "en":
        if re.match(r"(?:in|for|with|when|on|at|if|under|during|to|given)\b", text, re.IGNORECASE):
            return False
        return bool(
            re.search(
                r"\b(?:is|are|was|were|has|have|does|do|can|will|makes?|uses?|needs?|\w+s)\b",
                text,
                re.IGNORECASE,
            )
        )
    return bool(
        re.search(
            r"是|会|能|把|被|让|使|有|没|不|用|需要|变成|变为|等于|只|都|降|升|提高|增加|减少|除以|靠|取|随|属于",
            text,
        )
    ) and not re.match(r"^(?:不|没|在|做|训练|想|我|对|给|当|如果|假如|若|用|面试)", text)
