"""Follow-up questions and comments."""

from collections.abc import Sequence

from langchain_core.messages import BaseMessage

from tutor.llm.prompts.fencing import MATERIAL, fence, messages

_FOLLOW_UP = {
    "zh": (
        "你是友好的面试官。候选人漏掉了下面的要点。写一个中文追问，引导他自己想到它；"
        "不要说出要点里的答案，不要评价，只写一个问句。" + MATERIAL["zh"]
    ),
    "en": (
        "You are a friendly interviewer. The candidate missed the key point below. Write one "
        "follow-up question in English that leads them to it; do not give the point away, do not "
        "judge, write only the question. " + MATERIAL["en"]
    ),
}
_FOLLOW_UP_ASK = {
    "zh": ("题目", "候选人的回答", "漏掉的要点", "追问："),
    "en": ("Question", "The candidate's answer", "Missed point", "Follow-up question:"),
}

_COMMENT = {
    "zh": (
        "你是面试教练。根据下面已经判好的结果，用中文对学习者说两三句话：先肯定说对的，"
        "再指出漏掉或说错的。只用给出的要点，不要打分，不要添加新知识。" + MATERIAL["zh"]
    ),
    "en": (
        "You coach for interviews. From the verdicts below, tell the learner in two or three "
        "English sentences what was right, then what is missing or wrong. Use only the points "
        "given; give no mark and add no new facts. " + MATERIAL["en"]
    ),
}
_COMMENT_ASK = {
    "zh": ("题目", "说对的要点", "漏掉的要点", "说错的要点", "（无）", "评语："),
    "en": (
        "Question",
        "Points covered",
        "Points missed",
        "Points contradicted",
        "(none)",
        "Comment:",
    ),
}


def follow_up(question: str, answer: str, missed: str, lang: str) -> list[BaseMessage]:
    """Word one follow-up question about a missed point; the caller checks that it leaks nothing."""
    asked, said, point, ask = _FOLLOW_UP_ASK[lang]
    user = (
        f"{asked}\n{fence(question, tokens=120)}\n\n{said}\n{fence(answer, tokens=300)}\n\n"
        f"{point}\n{fence(missed, tokens=120)}\n\n{ask}"
    )
    return messages(_FOLLOW_UP[lang], user)


def comment(
    question: str,
    covered: Sequence[str],
    missed: Sequence[str],
    contradicted: Sequence[str],
    lang: str,
) -> list[BaseMessage]:
    """Word two or three sentences from verdicts; the caller checks every sentence."""
    asked, right, left_out, wrong, none, ask = _COMMENT_ASK[lang]
    parts = [f"{asked}\n{fence(question, tokens=120)}"]
    for name, points in ((right, covered), (left_out, missed), (wrong, contradicted)):
        listed = "\n".join(f"- {point}" for point in points) or none
        parts.append(f"{name}\n{fence(listed, tokens=160)}")
    return messages(_COMMENT[lang], "\n\n".join([*parts, ask]))
