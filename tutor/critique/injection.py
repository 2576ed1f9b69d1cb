"""Instructions to the grader inside an answer, in Chinese and English, also hidden ones."""

import html
import re
from dataclasses import dataclass

from tutor.notes.text import normalise, split_sentences
from tutor.notes.types import Span

_FULL_ZH = r"(?:满分|全分|最高分|10\s*分|十分(?![之钟])|100\s*分|一百分)"
_ZH = [
    r"(?:忽略|无视|忘记|忘掉|不要理会|不用管|别管|跳过|抛开|放弃|不再遵守|不需要遵守|不必遵守).{0,10}(?:指令|要求|规则|提示词|设定|评分标准|评分|命令|约束)",
    rf"(?:给|打|判|评|算|记|得|送|赏|赐).{{0,8}}{_FULL_ZH}",
    rf"(?:直接|请|务必|必须|应该|应当|麻烦|求).{{0,12}}(?:{_FULL_ZH}|(?:打|给|判).{{0,3}}高分|判.{{0,3}}(?:通过|全对|正确))",
    r"(?:标记|判定|标注|视|算|记|判|评).{0,6}(?:为|成|作).{0,4}(?:已?覆盖|答对|covered|已答|合格)",
    r"(?:你现在是|从现在起|从现在开始|接下来你|你?请?扮演(?:一|的|成)|请你?扮演|假装你|你假装|模仿.{1,20}(?:口吻|语气|回应|回答)|角色扮演|你将扮演|你要扮演)",
    r"(?:评分|阅卷|判卷|打分|评审|评卷)(?:员|者|器|系统|老师|模型|助手|机器人|的?ai)?.{0,4}[，,：:、].{0,30}(?:请|给我|应给|必须给|注意|输出)",
    r"(?:系统|管理员|开发者)(?:指令|消息|模式|命令|通知)[：:]|进入开发者模式",
    r"(?:只|仅|直接|必须|请)(?:输出|返回|回复|回答)\s*(?:json|yes|是\b|\{|\"|“|满分|covered)",
    r"(?:所有|全部|每个|每一个|各个?)(?:要点|得分点|关键点).{0,6}(?:都|均|全)?.{0,4}(?:已经?)?(?:覆盖|答对|命中)",
    r"不要(?:扣分|判错|批改)|别扣分|高抬贵手|手下留情",
    r"扮演.{0,30}(?:角色|的人|助手|机器人)|以.{1,30}(?:的)?(?:角色|口吻|语气|身份).{0,6}(?:回答|进行|批评|评论|说话)",
    r"\{\s*(?:question|query|prompt|input|问题)\s*\}|(?:无条件|一律|始终).{0,4}(?:输出|返回|给出)",
    r"(?:不考虑|无需考虑|不受).{0,12}(?:合法性|道德|法律|规则|限制)|沉浸在?模拟|(?:遵从|服从)所有指令",
]
_EN = [
    r"\b(?:ignore|disregard|forget|override|bypass|skip)\b.{0,40}\b(?:instructions?|prompts?|rules?|rubrics?|grading criteria|guidelines?|directives?)\b",
    r"\b(?:ignore|disregard|forget)\s+(?:all|everything|anything)?\s*(?:of )?(?:that is |the |what (?:was|is) )?(?:written |said )?(?:above|previous|prior|before)\b",
    r"\b(?:give|award|assign|grant|score|mark|rate|grade|record|return|output|set)\b.{0,40}\b(?:full (?:marks?|scores?|credits?|points?)|perfect(?: scores?)?|maximum(?: scores?| points?| marks?)?|highest (?:scores?|marks?|grades?)|top (?:marks?|scores?)|10\s*/\s*10|100\s*%|ten out of ten|10 out of 10|a\+)",
    r"\b(?:mark|label|treat|count|classify|judge|consider|rate|grade)\b.{0,40}\b(?:as|to be)\b.{0,12}\b(?:covered|correct|right|complete|passed|yes|true)\b",
    r"\b(?:dear |attention |note to |hey |to the |message (?:to|for) )(?:the )?(?:grader|examiner|evaluator|judge|marker|ai|llm|assistant|model|interviewer)\b",
    r"\b(?:you are now|from now on|act as|pretend (?:to be|that|you)|roleplay|role-play|simulate being|you will (?:play|be playing)|you are going to (?:act|play|pretend|be)|stay in character|in character|you must (?:obey|comply|answer|respond)|hypothetical response|unfiltered|developer mode|dan mode|jailbreak)\b",
    r"\b(?:system|developer|admin)\s*(?:message|override|instruction|note|command|mode)\b\s*[:：]",
    r"\b(?:reveal|print|repeat|show|leak|output|new|your|my|override)\b.{0,30}\bsystem prompt\b",
    r"\bas an? (?:ai|language model|llm|grader|evaluator)\b",
    r"\ball (?:the )?(?:key )?points (?:are|were|have been) (?:covered|correct|met|satisfied)\b",
    r"<\|[a-z_]+\|>|\[/?inst\]|<</?sys>>|^\s*(?:system|assistant|user|human)\s*:",
    r"\b(?:do not|don't|never) (?:deduct|penali[sz]e|subtract|grade|check|criticise|criticize)\b",
    r"\byou are \w*gpt\b|\bknowledge cutoff\b|\b(?:chat\w*|claude|gemini|assistant)'s (?:ethical|primary)\b|\bbegin each .{0,30}\b(?:output|reply|response)\b",
    r"\brepeat (?:everything|all|the (?:words|text)) above\b|\b(?:hidden|secret) (?:notes?|instructions?|prompts?)\b",
    r"\b(?:include|incorporat\w*|embed\w*|assimilat\w*|integrat\w*|includ\w*|add|insert|adopt\w*)\b.{0,40}\b(?:following|below|subsequent|given)\b.{0,30}\b(?:code|snippet|excerpt|script)\b|\b(?:code|snippet|script)\b.{0,60}\b(?:in|into|within|to) your (?:response|reply|code(?:base)?|algorithm|answer|output)\b",
    r"\bimport (?:requests|os|subprocess|socket|pickle|psutil)\b|\brequests\.(?:get|post)\b|\bos\.(?:popen|system|environ)\b|\bsubprocess\.|\b(?:eval|exec)\(|\b\w\.(?:connect|recv|send)\(|/bin/(?:ba)?sh\b|\binsert into\b|\bdrop table\b|\bunion select\b|\bon(?:error|load)\s*=",
    r"\b(?:answer|respond|reply|say) (?:only |just |simply )?(?:with )?[\"'“]?(?:yes|covered|correct|是)\b",
]
_PATTERN = re.compile(
    "|".join(f"(?:{part})" for part in [*_ZH, *_EN]), re.IGNORECASE | re.MULTILINE
)
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>|<!--|-->")
_GAPS = re.compile(r"(?<=[\u4e00-\u9fff])[\s*_`~|.·\-]+(?=[\u4e00-\u9fff])")
_LETTER_GAPS = re.compile(r"\b(?:[A-Za-z][\s.\-_*]){4,}[A-Za-z]\b")


@dataclass(frozen=True, slots=True)
class Stripped:
    """An answer without instructions.

    Attributes:
        kept: Spans of the answer that remain.
        removed: Spans that were instructions.
    """

    kept: tuple[Span, ...]
    removed: tuple[Span, ...]


def unveil(text: str) -> str:
    """The text as a reader would understand it: entities, markup and letter gaps undone."""
    clean = normalise(html.unescape(text))
    clean = _TAG.sub(" ", clean)
    clean = _GAPS.sub("", clean)
    clean = _LETTER_GAPS.sub(lambda match: re.sub(r"[\s.\-_*]", "", match.group()), clean)
    return " ".join(clean.split())


def is_instruction(text: str) -> bool:
    """Whether the text speaks to the grader or a model instead of answering."""
    return bool(_PATTERN.search(unveil(text)))


_BLOCK = re.compile(
    r"```.*?(?:```|\Z)|<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1>|\Z)",
    re.DOTALL | re.IGNORECASE,
)


def strip_instructions(answer: str) -> Stripped:
    """Take out sentences, comments and fenced blocks that are instructions; keep the rest.

    A fenced block, an HTML comment or a script goes as a whole if any of it is an instruction.
    Where an instruction spreads over two sentences, both go.
    """
    removed = [
        Span(match.start(), match.end())
        for match in _BLOCK.finditer(answer)
        if match.group().startswith("<") or is_instruction(match.group())
    ]
    sentences: list[Span] = []
    start = 0
    for gone in [*removed, Span(len(answer), len(answer))]:
        sentences += [
            Span(start + span.start, start + span.end)
            for span in split_sentences(answer[start : gone.start])
        ]
        start = gone.end
    marked = [is_instruction(span.of(answer)) for span in sentences]
    for index in range(len(sentences) - 1):
        pair = answer[sentences[index].start : sentences[index + 1].end]
        if not (marked[index] or marked[index + 1]) and len(pair) < 200 and is_instruction(pair):
            marked[index] = marked[index + 1] = True
    removed += [span for span, bad in zip(sentences, marked, strict=True) if bad]
    kept = tuple(span for span, bad in zip(sentences, marked, strict=True) if not bad)
    return Stripped(kept, tuple(sorted(removed)))
