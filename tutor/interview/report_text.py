"""The words of a report, in both languages, and the small formats both exports share."""

from tutor.critique.types import Label
from tutor.interview.report import QuestionReport, Report, Revise
from tutor.interview.types import Kind, Outcome

WORDS: dict[str, dict[str, object]] = {
    "zh": {
        "title": "模拟面试报告",
        "score": "得分",
        "points": "要点",
        "none": "没有可评分的回答",
        "topics": "各主题得分",
        "revise": "先复习这几处",
        "questions": "逐题评判",
        "transcript": "问答记录",
        "past": "与最近几次比较",
        "delivery": "表达（与知识分开评价）",
        "you": "你",
        "interviewer": "面试官",
        "note": "笔记",
        "said": "你的原话",
        "gone": "这条笔记已不在笔记库中。",
        "waiting": "有回答尚未评判。",
        "hints": "提示次数",
        "disputed": "有争议",
        "time": "作答用时",
        "lines": "第 {first}–{last} 行",
        "answer": "参考答案（你的笔记）",
        "no_words": "（没有作答）",
        "of": "{earned:g} / {total} 个要点",
        "questions_scored": "{n} 题计分",
        "judges": {"rule": "规则", "local": "本地评判", "llm": "语言模型", "learner": "你改判"},
        "levels": {"question": "提问", "follow_up": "追问", "contrast": "质疑"},
    },
    "en": {
        "title": "Mock interview report",
        "score": "Score",
        "points": "Key points",
        "none": "No answer could be scored",
        "topics": "Score by topic",
        "revise": "Revise these first",
        "questions": "Question by question",
        "transcript": "Transcript",
        "past": "Compared with the last interviews",
        "delivery": "Delivery (apart from knowledge)",
        "you": "You",
        "interviewer": "Interviewer",
        "note": "Note",
        "said": "Your words",
        "gone": "This note is no longer in your notes.",
        "waiting": "An answer has still to be judged.",
        "hints": "Hints",
        "disputed": "disputed",
        "time": "Answering time",
        "lines": "lines {first}–{last}",
        "answer": "Answer (your note)",
        "no_words": "(no answer)",
        "of": "{earned:g} of {total} points",
        "questions_scored": "{n} questions scored",
        "judges": {
            "rule": "rule",
            "local": "local judge",
            "llm": "language model",
            "learner": "overruled by you",
        },
        "levels": {"question": "question", "follow_up": "follow-up", "contrast": "challenge"},
    },
}

LABELS = {
    "zh": {
        Label.COVERED: "说到",
        Label.PARTIAL: "说到一半",
        Label.MISSED: "漏掉",
        Label.CONTRADICTED: "说反",
        Label.UNSCORED: "未评",
    },
    "en": {
        Label.COVERED: "covered",
        Label.PARTIAL: "partial",
        Label.MISSED: "missed",
        Label.CONTRADICTED: "contradicted",
        Label.UNSCORED: "not judged",
    },
}
# A mark beside the colour, for print and for eyes that do not tell the colours apart.
MARKS = {
    Label.COVERED: "✓",
    Label.PARTIAL: "◐",
    Label.MISSED: "✗",
    Label.CONTRADICTED: "!",
    Label.UNSCORED: "?",
}
OUTCOMES = {
    "zh": {
        Outcome.PENDING: "未作答",
        Outcome.ANSWERED: "已作答",
        Outcome.SKIPPED: "跳过",
        Outcome.REVEALED: "看了答案",
        Outcome.POSTPONED: "推迟",
    },
    "en": {
        Outcome.PENDING: "left open",
        Outcome.ANSWERED: "answered",
        Outcome.SKIPPED: "skipped",
        Outcome.REVEALED: "answer shown",
        Outcome.POSTPONED: "put off",
    },
}
FINISHED = {
    "zh": {"": "进行中", "plan": "全部题目已问完", "time": "时间到", "stopped": "提前结束"},
    "en": {"": "still running", "plan": "all questions asked", "time": "time is up",
           "stopped": "ended early"},
}  # fmt: skip


def word(lang: str, name: str, **values: object) -> str:
    """One phrase of the report."""
    return str(WORDS[lang][name]).format(**values)


def clock(seconds: float) -> str:
    """Seconds as ``m:ss``."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def judge_name(lang: str, judge: str) -> str:
    """Who decided a verdict."""
    return _sub(lang, "judges", judge)


def kind_name(lang: str, kind: Kind) -> str:
    """What sort of turn it was."""
    return _sub(lang, "levels", kind.value)


def headline(report: Report) -> str:
    """Points first, number second: "4 of 6 points · 6.7 / 10"."""
    if report.score is None:
        return word(report.lang, "none")
    points = word(report.lang, "of", earned=report.earned, total=report.total)
    scored = word(report.lang, "questions_scored", n=report.scored)
    return f"{points} · {report.score:g} / 10 · {scored}"


def question_line(question: QuestionReport, lang: str) -> str:
    """The result of one question in a line."""
    result = question.result
    if result is None:
        return word(lang, "gone")
    parts = [OUTCOMES[lang][result.outcome]]
    if result.points and result.score is not None:
        earned, total = result.points.earned, result.points.total
        parts += [word(lang, "of", earned=earned, total=total), f"{result.score:g} / 10"]
        parts += [word(lang, "disputed")] if result.points.disputed else []
    if result.hints:
        parts.append(f"{word(lang, 'hints')}: {result.hints}")
    if question.unjudged:
        parts.append(word(lang, "waiting"))
    return " · ".join(parts)


def place(revise: Revise, lang: str) -> str:
    """File and lines of a note."""
    source = revise.source
    lines = word(lang, "lines", first=source.first_line, last=source.last_line)
    return f"{source.file}, {lines}"


def _sub(lang: str, group: str, name: str) -> str:
    table = WORDS[lang][group]
    return str(table.get(name, name)) if isinstance(table, dict) else name
