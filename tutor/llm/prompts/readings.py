"""Raw text whose end a fitted readout reads (`tutor.llm.readout`)."""

from tutor.llm.prompts.fencing import clean
from tutor.notes.text import detect_lang

# Raw text in the template of the embedded model, for `tutor.llm.readout`: a few judged cases, then
# the case itself, ending where its verdict would stand. A fitted readout goes with these very words.

POINT_EXAMPLES = (
    "<|im_start|>system\n"
    "逐条核对：考生的回答对每个要点是「全」（意思都说到了）、「半」（只说到一部分）、「无」（没有说到）还是「反」（说错了、说反了）。<|im_end|>\n"
    "<|im_start|>user\n"
    "题目：怎样缓解过拟合？\n"
    "回答：常用的办法是加 dropout 和 L2，让权重别太大；把网络做得更深更宽也能缓解；数据方面做做增强就行。\n"
    "要点：增加训练数据或做数据增强 → 半\n"
    "要点：减小模型容量 → 反\n"
    "要点：用 L2、dropout 等正则化 → 全\n"
    "要点：验证集损失不再下降时早停 → 无\n"
    "\n"
    "题目：What does momentum do in SGD?\n"
    "回答：它把以前的梯度按指数衰减累加起来当成速度，在方向一致的地方走得更快，不过会让震荡变得更大，一般取 0.9。\n"
    "要点：Keeps an exponentially decaying sum of past gradients → 全\n"
    "要点：Damps oscillation across steep directions → 反\n"
    "要点：Speeds up along consistent directions → 全\n"
    "要点：Nesterov evaluates the gradient at the look-ahead point → 无\n"
    "\n"
    "题目：LSTM 为什么能缓解梯度消失？\n"
    "回答：It has three gates, and they're sigmoid so values stay between 0 and 1. Gates are useful for long sequences.\n"
    "要点：细胞状态按加法更新，梯度可以直接传过去 → 无\n"
    "要点：遗忘门接近 1 时梯度几乎不衰减 → 无\n"
    "要点：三个门控制信息的流入、保留和输出 → 半\n"
    "\n"
)

CLAIM_EXAMPLES = (
    "<|im_start|>system\n"
    "逐条核对：材料对每个说法是「真」（材料说了或能推出）、「未」（材料没有说，推不出）还是「假」（与材料矛盾）。<|im_end|>\n"
    "<|im_start|>user\n"
    "材料：小王上周二才从上海回来，箱子还没拆就又去机场接他妹妹了。\n"
    "说法：小王最近去过上海 → 真\n"
    "说法：小王的妹妹是来旅游的 → 未\n"
    "说法：小王上周一直在家 → 假\n"
    "\n"
    "材料：The library opens at nine on weekdays and at ten on Sundays; on public holidays it stays closed. Members may borrow up to six books for three weeks.\n"
    "说法：On Sundays the library opens an hour later than on weekdays. → 真\n"
    "说法：会员最多可以借十本书。 → 假\n"
    "说法：The library was founded in 1987 and has 40,000 books. → 未\n"
    "\n"
    "材料：Adam 同时维护梯度的一阶矩和二阶矩的指数滑动平均，并做偏差修正，因此每个参数有自己的步长。\n"
    "说法：问：Adam 用了哪几个矩估计？ 答：一阶矩和二阶矩 → 真\n"
    "说法：Adam 的泛化性能一般不如 SGD。 → 未\n"
    "说法：Adam 对所有参数使用同一个步长，不需要偏差修正。 → 假\n"
    "\n"
)

ANSWER_EXAMPLES = (
    "<|im_start|>system\n"
    "逐句核对：笔记里的句子对题目是「答」（回答了题目所问，或其中一部分）还是「否」（没有回答，哪怕说的是同一件事）。<|im_end|>\n"
    "<|im_start|>user\n"
    "题目：adam 那两个 beta 各管啥？\n"
    "笔记：Adam 的原理\n"
    "句：Adam 同时估计梯度的一阶矩和二阶矩。 → 否\n"
    "句：β1 控制一阶矩的衰减，β2 控制二阶矩的衰减。 → 答\n"
    "句：起步时两个矩都偏小，所以要做偏差修正。 → 否\n"
    "\n"
    "题目：In which year did the museum buy the painting?\n"
    "笔记：The painting\n"
    "句：The painting was finished in 1889 and shown in Brussels a year later. → 否\n"
    "句：The museum bought it from a private collector. → 否\n"
    "句：In 2014 it was cleaned and reframed. → 否\n"
    "\n"
    "题目：早停是不是盯着训练损失看的，patience 太大会怎样？\n"
    "笔记：什么是早停？\n"
    "句：早停等效于一种正则化。 → 否\n"
    "句：它在验证集损失连续几轮不再下降时停止训练。 → 答\n"
    "句：耐心值太小会停早了，太大则浪费算力。 → 答\n"
    "\n"
)

ARROW = "→"  # the sign before a verdict
QUESTION_CHARS, _ANSWER_CHARS, _POINT_CHARS, _SOURCE_CHARS = 300, 1500, 300, 1500
_ASKED_CHARS, _TITLE_CHARS = 200, 80
_SENTENCE_CHARS = {"zh": 160, "en": 400}  # a letter of English is a quarter of a token


def as_line(text: str, most: int) -> str:
    """Untrusted text as one line that no template would obey, cut to a length."""
    return " ".join(clean(text).replace(ARROW, "⇒").split())[:most]


def point_stem(question: str, answer: str) -> str:
    """What the readings of all points in one answer share behind `POINT_EXAMPLES`."""
    return f"题目：{as_line(question, QUESTION_CHARS)}\n回答：{as_line(answer, _ANSWER_CHARS)}\n"


def point_tail(point: str) -> str:
    """One key point behind `point_stem`: the state at its end tells how it stands there."""
    return f"要点：{as_line(point, _POINT_CHARS)} {ARROW}"


def claim_stem(source: str) -> str:
    """What the readings of all claims about one source share behind `CLAIM_EXAMPLES`."""
    return f"材料：{as_line(source, _SOURCE_CHARS)}\n"


def claim_tail(claim: str) -> str:
    """One claim behind `claim_stem`: the state at its end tells what the source says of it."""
    return f"说法：{as_line(claim, _POINT_CHARS)} {ARROW}"


def answer_stem(question: str, title: str) -> str:
    """What the readings of a note's sentences share behind `ANSWER_EXAMPLES`."""
    asked, about = as_line(question, _ASKED_CHARS), as_line(title, _TITLE_CHARS)
    return f"题目：{asked}\n笔记：{about or '—'}\n"


def answer_tail(sentence: str) -> str:
    """One sentence behind `answer_stem`: the state at its end tells whether it answers."""
    most = _SENTENCE_CHARS[detect_lang(sentence)]
    return f"句：{as_line(sentence, most)} {ARROW}"
