"""Every word of the page that is its own, in Chinese and English."""

from ui.text_more import MORE

LANGUAGES = {"zh": "中文", "en": "English"}

TEXT: dict[str, tuple[str, str]] = {
    # The page
    "title": ("面试教练", "Interview Tutor"),
    "tagline": ("只依据你的笔记，全程离线", "Grounded in your notes, entirely offline"),
    "tab_study": ("学习", "Study"),
    "tab_interview": ("面试", "Interview"),
    "tab_progress": ("进度", "Progress"),
    "tab_notes": ("笔记", "Notes"),
    "learner": ("学习者", "Learner"),
    "learner_info": ("换个名字，进度分开记录", "Another name keeps its own progress"),
    "language": ("语言", "Language"),
    "theme": ("明暗", "Theme"),
    "model_on": ("{model} · {notes} 道题", "{model} · {notes} questions"),
    "model_none": ("不用语言模型 · {notes} 道题", "No language model · {notes} questions"),
    "model_problem": ("语言模型未启用：{why}", "The language model is off: {why}"),
    "unexpected": (
        "出了意外的错误，你输入的内容都还在；请再试一次，详情见启动程序的终端。",
        "Something unexpected went wrong; what you typed is still here. Try again; the terminal "
        "that runs the tutor has the details.",
    ),
    # Study
    "study_empty": (
        "问一个面试题，我只用你的笔记回答，并标出每句话的出处。\n笔记里没有的，我会直说没有。",
        "Ask an interview question. I answer from your notes alone and show where each sentence "
        "comes from.\nWhat they do not hold, I say so.",
    ),
    "ask_label": ("你的问题", "Your question"),
    "ask_placeholder": ("例如：为什么需要 BatchNorm？", "For example: why do we need batch norm?"),
    "ask": ("提问", "Ask"),
    "stop": ("停止", "Stop"),
    "new_chat": ("新对话", "New conversation"),
    "conversation": ("对话", "Conversation"),
    "sources": ("笔记原文", "From your notes"),
    "whole_note": ("看整条笔记", "The whole note"),
    "writing": ("正在依据这些原文作答…", "Writing from these passages…"),
    "searching": ("正在翻笔记…", "Looking through the notes…"),
    "stopped": ("已停止。", "Stopped."),
    "by_note": ("笔记原话", "The note's own words"),
    "by_llm": ("由语言模型据笔记写成，已逐句核对", "Written from the notes, every sentence checked"),
    "sure": ("把握 {share}", "{share} sure"),
    "not_held": ("笔记里没有这个问题的答案。", "Your notes do not answer this question."),
    "nearest": ("你是不是想问", "Nearest questions"),
    "see_also": ("相关题目", "See also"),
    "gap_noted": (
        "已记入“笔记没有回答的问题”（见笔记页）。",
        "Added to “questions my notes don't answer” (Notes tab).",
    ),
    "gap_open": ("看清单并导出", "See and export the list"),
    "dropped": (
        "核对时去掉了 {n} 句笔记不支持的话",
        "{n} sentences the notes do not support were removed",
    ),
    "unsupported": ("这句话笔记没有说到：", "The notes do not say this:"),
    "against": ("这句话与笔记相反：", "The notes say the opposite of this:"),
    "copy": ("复制（含出处）", "Copy with sources"),
    "copied": ("已复制", "Copied"),
    "understood_as": ("理解为：{question}", "Understood as: {question}"),
    "do_simpler": ("讲简单些", "Simpler"),
    "do_example": ("举个例子", "An example"),
    "do_compare": ("对比一下", "Compare"),
    "do_quiz": ("考考我", "Quiz me"),
    "lines": ("{file} 第 {first}–{last} 行", "{file}, lines {first}–{last}"),
    "you": ("你", "You"),
    # Interview: choosing
    "setup": ("开始一场模拟面试", "Start a mock interview"),
    "setup_hint": (
        "题目一字不差地来自你的笔记；逐个要点评判，分数由程序计算。",
        "Questions come word for word from your notes; every key point is judged, code adds the score.",
    ),
    "topics": ("主题（不选就是全部）", "Topics (none chosen: all)"),
    "level": ("难度", "Level"),
    "level_any": ("不限", "Any"),
    "basic": ("基础", "Basic"),
    "intermediate": ("进阶", "Intermediate"),
    "advanced": ("深入", "Advanced"),
    "limit": ("长度", "Length"),
    "by_count": ("按题数", "By questions"),
    "by_minutes": ("按时间", "By time"),
    "count": ("题数", "Questions"),
    "minutes": ("分钟", "Minutes"),
    "mode": ("模式", "Mode"),
    "mode_study": ("练习：每题后点评", "Practice: comments after each answer"),
    "mode_real": ("实战：结束后统一点评", "Real: all feedback at the end"),
    "style": ("面试官", "Interviewer"),
    "friendly": ("亲切", "Friendly"),
    "neutral": ("平和", "Neutral"),
    "strict": ("严格", "Strict"),
    "interview_lang": ("面试语言", "Interview language"),
    "follow_ups": ("每题最多追问", "Follow-ups to a question"),
    "begin": ("开始面试", "Begin"),
    "more_choices": ("更多选项", "More choices"),
    "unfinished": (
        "有一场没结束的面试：{when} 开始，已答 {done} 题（共 {total} 题）。",
        "An interview is unfinished: begun {when}, {done} of {total} questions answered.",
    ),
    "resume": ("继续这场面试", "Continue it"),
    "drop": ("结束它", "End it"),
    "again": ("再来一场", "Another interview"),
    # Interview: running
    "question_n": ("第 {n} 题", "Question {n}"),
    "question_of": ("第 {n} 题，共 {total} 题", "Question {n} of {total}"),
    "follow_up": ("追问", "Follow-up"),
    "contrast": ("再想一想", "Think again"),
    "answer_label": ("你的回答", "Your answer"),
    "answer_placeholder": (
        "像面试时那样说：先结论，再展开。（Ctrl + Enter 提交）",
        "Speak as in an interview: the conclusion first. (Ctrl + Enter submits)",
    ),
    "submit": ("提交回答", "Submit"),
    "hint": ("提示", "Hint"),
    "hint_title": ("提示（会扣一点分）", "Hint (costs a little)"),
    "repeat": ("重复题目", "Repeat"),
    "postpone": ("稍后再答", "Later"),
    "skip": ("跳过", "Skip"),
    "reveal": ("看答案", "Show answer"),
    "finish": ("结束面试", "End interview"),
    "judging": ("正在评判…", "Judging…"),
    "held": ("已收到，点评在面试结束后给出。", "Received. Feedback comes at the end."),
    "skipped": ("跳过", "Skipped"),
    "revealed": ("看了答案", "Answer shown"),
    "postponed": ("稍后再答", "Put off"),
    "no_words": ("（没有作答）", "(no answer)"),
    "repeated": ("再说一遍：", "Once more:"),
    "time": ("用时 {time}", "{time} so far"),
    "time_taken": ("用时 {time}", "{time} of answering"),
    "suggested": ("建议 {time} 内", "suggested {time}"),
    "left_over": (
        "上次发送的这段话没有来得及处理，已放回输入框。",
        "These words were sent before the break and not yet handled; they are back in the box.",
    ),
    "in_play": (
        "还有 {n} 个要点没说全，先看追问。",
        "{n} points are still open; see the follow-up first.",
    ),
    # Verdicts
    "tally": ("{earned} / {total} 个要点", "{earned} / {total} points"),
    "provisional": ("初评，模型复核中…", "First look; the model is checking…"),
    "final": ("终评", "Final"),
    "disputed": ("有异议", "Disputed"),
    "unscored_answer": ("这个回答无法评分。", "This answer could not be scored."),
    "bonus": ("加分", "bonus"),
    "your_words": ("你的话", "Your words"),
    "note_words": ("笔记原文", "The note"),
    "said_nothing": ("没有对应的话", "nothing on this"),
    "confidence": ("把握 {share}", "{share} sure"),
    "best": ("说得最好的一句", "Your best sentence"),
    "outside": ("笔记里没有提到（不扣分）", "Not in your notes (not punished)"),
    "table": ("评分表", "How the score was added up"),
    "table_point": ("要点", "Point"),
    "table_verdict": ("评判", "Verdict"),
    "table_weight": ("权重", "Weight"),
    "table_credit": ("得分率", "Credit"),
    "table_penalty": ("扣减", "Penalty"),
    "table_earned": ("得分", "Earned"),
    "table_sum": ("合计 {earned} ÷ {weight} × 10 = {score}", "Sum: {earned} ÷ {weight} × 10 = {score}"),
    "table_rule": (
        "说到得 1，说到一半得 0.5，漏掉得 0；说反再扣该要点权重的四分之一。必答要点权重 1，加分要点 0.5。同样的评判总是同样的分数。",
        "Covered earns 1, partial 0.5, missed 0; a contradiction takes off a quarter of its weight. "
        "A required point weighs 1, a bonus 0.5. The same verdicts always give the same score.",
    ),
    "estimate": (
        "这条笔记没有列出要点，要点由程序摘出。把整篇回答与参考答案相比，估计约 {value} / 10（仅供参考，不计入分数）。",
        "This note lists no key points; they were derived. Held against the model answer as a whole, "
        "this answer would get about {value} of 10 (an estimate, no part of the score).",
    ),
    "model_answer": ("参考答案", "Model answer"),
    "misconception": ("常见误区", "Misconception"),
    "references": ("参考资料", "Sources"),
    "level_word": ("难度", "Level"),
    # Dispute
    "dispute": ("有异议", "Dispute"),
    "dispute_title": ("对这个评判有异议", "Dispute this verdict"),
    "dispute_hint": (
        "可以换句话再解释一次，由评判重新看；也可以直接改判。两种都会记录，分数标为“有异议”。",
        "Explain it again in other words and have it judged anew, or overrule the verdict. Either "
        "way it is logged and the score is marked as disputed.",
    ),
    "dispute_words": ("你的解释或理由", "Your explanation or reason"),
    "dispute_label": ("改判为", "Overrule as"),
    "explain": ("按这段解释重新评判", "Judge again on these words"),
    "overrule": ("改判", "Overrule"),
    "cancel": ("取消", "Cancel"),
    "need_words": ("请先写下你的解释。", "Write your explanation first."),
    # Report
    "report": ("面试报告", "Report"),
    "report_none": ("没有可评分的回答", "No answer could be scored"),
    "questions_scored": ("{n} 题计分", "{n} questions scored"),
    "by_topic": ("各主题得分", "Score by topic"),
    "revise": ("先复习这几处", "Revise these first"),
    "past": ("与最近几次比较", "Compared with earlier interviews"),
    "this_one": ("这一次", "this one"),
    "delivery": ("表达（与知识分开评价）", "Delivery (apart from knowledge)"),
    "delivery_fine": ("长度和条理都合适。", "Good length and structure."),
    "length_zh": ("{n} 字", "{n} characters"),
    "length_en": ("{n} 词", "{n} words"),
    "per_question": ("逐题评判", "Question by question"),
    "transcript": ("问答记录", "Transcript"),
    "interviewer": ("面试官", "Interviewer"),
    "save_html": ("下载报告（HTML，可打印为 PDF）", "Report (HTML, prints to PDF)"),
    "save_markdown": ("下载 Markdown", "Markdown"),
    "finished_plan": ("全部题目已问完", "All questions asked"),
    "finished_time": ("时间到", "Time is up"),
    "finished_stopped": ("提前结束", "Ended early"),
    "waiting": ("有回答尚未评判。", "An answer has still to be judged."),
    "gone": ("这条笔记已不在笔记库中。", "This note is no longer in your notes."),
    "hints_taken": ("提示 {n} 次", "{n} hints"),
}  # fmt: skip
ALL = TEXT | MORE


def say(lang: str, key: str, **values: object) -> str:
    """One phrase of the page in a language.

    Raises:
        KeyError: There is no such phrase.
    """
    zh, en = ALL[key]
    text = zh if lang == "zh" else en
    return text.format(**values) if values else text


def percent(share: float) -> str:
    """A share of 0 to 1 as a whole percentage."""
    return f"{100 * share:.0f}%"


def clock_time(seconds: float) -> str:
    """Seconds as ``m:ss``."""
    whole = int(seconds)
    return f"{whole // 60}:{whole % 60:02d}"
