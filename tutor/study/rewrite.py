"""A follow-up question made to stand alone, so that it can be searched: by rule, then by model."""

import re
from collections.abc import Sequence

from langchain_core.language_models import BaseChatModel

from tutor.errors import ModelError
from tutor.llm import prompts
from tutor.notes.text import char_ngrams, detect_lang
from tutor.study.types import Exchange

_POINTS_BACK = re.compile(
    r"它|这个|那个|这种|那种|这些|那些|这里|其中|前者|后者|两者|二者|上面|刚才|刚刚|该方法|此方法|"
    r"\b(?:it|its|this|that|these|those|they|them|their|the former|the latter|both|the above)\b",
    re.IGNORECASE,
)
_ELLIPSIS = re.compile(
    r"^(?:那么?|还有|另外|所以|然后|可是|但是?|为什么|为啥|怎么|如何|举个|能举|再|继续|具体|详细|"
    r"and|but|so|then|also|why|how(?: so| come)?|what about|how about|what if|go on|more|"
    r"compared? (?:with|to))",
    re.IGNORECASE,
)
_WHAT_ABOUT = re.compile(
    r"^(?:那么?|还有)?[，,\s]*(?P<zh>.{1,40}?)呢[？?。]?$|^(?:and\s+)?(?:what|how)\s+about\s+(?P<en>.{1,60}?)[?.]?$",
    re.IGNORECASE,
)
_COMPARE = re.compile(
    r"^(?:那么?)?(?:它|这个?)?(?:跟|和|与|同)(?P<zh>.{1,40}?)(?:相比|比较|对比|比起来|有什么(?:不同|区别)|的?区别).{0,14}$|"
    r"^(?:how does (?:it|this|that) )?compared? (?:it |this )?(?:with|to)\s+(?P<en>.{1,60}?)[?.]?$",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"(?:在.{1,14}(?:里|中|上)?)?(?:的作用|起什么作用|是什么|是怎么|为什么|为何|怎么|如何|有什么|有哪些|什么时候|"
    r"和.{1,20}的区别|能不能|会不会|是否|吗|呢)"
)
_ASKS_EN = re.compile(
    r"^(?:what(?:'s| is| are| does| do)?|why(?: is| are| does| do)?|how(?: is| are| does| do)?|"
    r"when|which|explain|describe|tell me about)\s+",
    re.IGNORECASE,
)
_SHORT = {"zh": 9, "en": 22}


def subject_of(question: str) -> str:
    """What a question is about: what stands before its asking words; the question if unclear."""
    clean = question.strip().rstrip("？?。. ")
    if detect_lang(clean) == "en":
        rest = _ASKS_EN.sub("", clean)
        return re.split(r"\s+(?:do|does|mean|work|used|help|differ)\b", rest)[0].strip() or clean
    found = _ASKS.search(clean)
    head = clean[: found.start()] if found else clean
    head = re.sub(
        r"^(?:请问|请|说说|讲讲|介绍一下|解释一下|什么是|为什么|为何|怎么|如何|谈谈)", "", head
    )
    tail = re.match(r"^(?:什么是|解释一下|介绍一下|说说|讲讲)(.+)$", clean)
    return head.strip("，, ") or (tail.group(1).strip() if tail else clean)


def needs_context(question: str) -> bool:
    """Whether a question can only be understood from what was said before it."""
    clean = question.strip()
    lang = detect_lang(clean)
    if _WHAT_ABOUT.match(clean) or _COMPARE.match(clean):
        return True
    short = len(clean.rstrip("？?。.")) <= _SHORT[lang]
    return bool(_POINTS_BACK.search(clean) and len(clean) < 60) or (
        short and bool(_ELLIPSIS.match(clean))
    )


def rewrite_by_rule(
    question: str, history: Sequence[Exchange], *, titles: Sequence[str] = ()
) -> str:
    """The question with what it leaves out put back from the last exchange.

    Args:
        question: As asked.
        history: Earlier exchanges, oldest first, questions as they were understood.
        titles: Questions of the notes the last reply rested on, best first.
    """
    if not history or not needs_context(question):
        return question
    before = history[-1].question
    clean = question.strip()
    subject = subject_of(before)
    compare = _COMPARE.match(clean)
    if compare:
        other = (compare.group("zh") or compare.group("en") or "").strip()
        if detect_lang(clean) == "en":
            return f"What is the difference between {subject} and {other}?"
        return f"{subject}和{other}有什么区别？"
    what_about = _WHAT_ABOUT.match(clean)
    if what_about:
        new = (what_about.group("zh") or what_about.group("en") or "").strip("，, ")
        if not _POINTS_BACK.fullmatch(new):
            return _replace_subject(before, subject, new)
    return _with_subject(clean, subject if len(subject) < len(before) else "", before, titles)


def _replace_subject(before: str, subject: str, new: str) -> str:
    if subject and subject in before and subject != before.strip("？?。. "):
        return before.replace(subject, new, 1)
    return f"{new}：{before}" if detect_lang(before) == "zh" else f"{new}: {before}"


def _with_subject(question: str, subject: str, before: str, titles: Sequence[str]) -> str:
    topic = subject or (titles[0] if titles else before)
    pronoun = re.search(r"它们?|(?:这|那)(?:个|种)(?:方法|东西|技术)?|\bits?\b", question)
    if subject and len(subject) <= 30 and pronoun and pronoun.group() != "its":
        return question[: pronoun.start()] + subject + question[pronoun.end() :]
    joint = "：" if detect_lang(question) == "zh" else ": "
    return f"{topic.rstrip('？?。. ')}{joint}{question}"


def rewrite_by_model(
    question: str, history: Sequence[Exchange], model: BaseChatModel, *, fallback: str
) -> str:
    """The model's rewriting, if it keeps to the words of the conversation; else the fallback."""
    lang = detect_lang(question)
    earlier = [(past.question, past.answer) for past in history]
    try:
        reply = model.invoke(prompts.standalone_question(question, earlier, lang), max_tokens=60)
    except ModelError:
        return fallback
    text = str(reply.text).strip().splitlines()
    written = text[0].strip(' "“”「」') if text else ""
    said = " ".join([question, *(f"{past.question} {past.answer}" for past in history[-2:])])
    fresh = char_ngrams(written) - char_ngrams(said)
    kept = char_ngrams(written) & char_ngrams(question)
    if not 4 <= len(written) <= 160 or len(fresh) > 0.5 * len(char_ngrams(written)) or not kept:
        return fallback
    return written
