"""Negations and opposites: signs that two texts with nearly the same words disagree."""

import re
from functools import cache

from tutor.notes.text import normalise

_NEGATION = re.compile(
    r"不(?!仅|但|只|断|同|管|论|过拟|妨|如|久|少|禁|可避免)|没(?!错)|无(?!论|监督|关紧要|疑|数)|未(?!来|必)|"
    r"(?<!并)非(?!线性|凸|常|监督|参|洲)|并非|勿|毫无|禁止|"
    r"\bnot\b|n't\b|\bno\b|\bnever\b|\bwithout\b|\bcannot\b|\bneither\b|\bnor\b|\bnone\b",
    re.IGNORECASE,
)
_DOUBLE = re.compile(r"不是不|不能不|不得不|不会不|并非不|无不|没有不")
# A question word with "不" asks, it does not deny.
_ASKING = re.compile(r"是不是|能不能|会不会|有没有|要不要|可不可以|是否|对不对")

# Opposites, one pair a line; both languages on each side, `*` for any ending.
_PAIRS = """
增加|增大|变大|变多|提高|提升|升高|上升|放大|更大|更多|变强|加大|扩大|上涨|increas*|enlarg*|larger|bigger|more|rais*|grow*|higher|boost* / 减少|减小|降低|变小|变少|缩小|下降|更小|更少|变弱|减轻|缓解|缩减|下跌|decreas*|reduc*|smaller|fewer|less|lower*|shrink*
训练时|训练阶段|训练中|during training|at training|training time / 测试时|推理时|推理阶段|测试阶段|预测时|at inference|inference time|test time|at test
局部|local* / 全局|整体|global*
加法|相加|累加|求和|add|adds|added|addition|additive|sum* / 乘法|相乘|连乘|multipl*|product*
之前|以前|before|prior to / 之后|以后|after
更快|加快|加速|较快|faster|speed* / 更慢|变慢|减慢|较慢|slower|slow*
共享|相同|一样|一致|shar*|same|identical|equal / 各自独立|不同|相异|distinct|different|separate*
线性|linear / 非线性|nonlinear*|non-linear*
最大|最高|最多|maximum|largest|highest|maximi* / 最小|最低|最少|minimum|smallest|lowest|minimi*
过拟合|overfit* / 欠拟合|underfit*
高方差|high variance / 高偏差|high bias
正样本|正例|正类|positive* / 负样本|负例|负类|negative*
有监督|supervised|labelled|labeled / 无监督|无标签|自监督|unsupervised|unlabelled|unlabeled
可学习|可训练|需要学习|learnable|trainable|learned / 固定|冻结|没有参数|fixed|frozen|constant
稳定|平稳|stable|stabil* / 不稳定|震荡|振荡|unstable|oscillat*
简单|容易|simple*|easy|easier|easily / 复杂|困难|很难|complex*|hard|harder|difficult*
稀疏|sparse|sparsity / 稠密|dense
保留|保持|保存|keep*|preserv*|retain* / 丢失|丢掉|丢弃|舍弃|lose*|lost|discard*
随机|random* / 确定性|deterministic
并行|同时|parallel*|simultaneous* / 串行|依次|逐个|逐步|serial*|sequential*|one by one
平方|square* / 绝对值|absolute
对称|symmetric* / 不对称|非对称|asymmetric*
单向|causal|unidirectional / 双向|bidirectional
编码器|encoder* / 解码器|decoder*
生成器|generator* / 判别器|discriminator*
精确率|查准率|precision / 召回率|查全率|recall
必须|必需|需要|要求|must|need|needs|needed|requir* / 不需要|不必|无需|不用|无须|optional|unnecessary
上界|upper bound / 下界|lower bound
容易|易于|prone|likely / 不易|不容易|unlikely
精确|准确|exact* / 近似|大约|approximat*
收敛|converg* / 发散|diverg*
消失|vanish* / 爆炸|explod*
浅层|浅|shallow* / 深层|深|deep*
优点|好处|优势|advantage*|benefit* / 缺点|坏处|劣势|代价|disadvantage*|drawback*
方差|variance / 偏差|bias
上采样|upsampl* / 下采样|downsampl*
离散|discrete / 连续|continuous
凸的|convex / 非凸|nonconvex|non-convex
全部|所有|都|all|every|always / 部分|有些|少数|个别|some|partly|sometimes
同意|赞成|支持|允许|agree*|support*|allow* / 反对|拒绝|否认|禁止|oppos*|refus*|den*|forbid*
成功|赢|胜|succe*|won|win* / 失败|输|败|fail*|lost|lose*
男|男人|男性|他|man|male|he / 女|女人|女性|她|woman|female|she
开始|启动|start*|begin*|began / 结束|停止|终止|end|ended|stop*|finish*
进口|import* / 出口|export*
国内|domestic / 国外|海外|foreign|abroad
公开|public / 秘密|保密|私下|secret*|private*
有|存在|has|have|exist* / 没有|不存在|无|缺乏|lack*|none
""".strip()


def _form(form: str) -> str:
    if not form.isascii():
        return re.escape(form)
    body = re.escape(form.rstrip("*")) + ("[a-z]*" if form.endswith("*") else "")
    return rf"\b{body}\b"


@cache
def _opposites() -> tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]:
    pairs = []
    for line in _PAIRS.splitlines():
        sides = [sorted(side.strip().split("|"), key=len, reverse=True) for side in line.split("/")]
        one, other = (re.compile("|".join(map(_form, side))) for side in sides)
        pairs.append((one, other))
    return tuple(pairs)


@cache
def count_negations(text: str) -> int:
    """Negating words in the text; a double negation counts as none, "是不是" is not one."""
    clean = _ASKING.sub(" ", normalise(text).lower())
    return max(0, len(_NEGATION.findall(clean)) - 2 * len(_DOUBLE.findall(clean)))


@cache
def _sides(text: str) -> tuple[int, ...]:
    clean = normalise(text).lower()
    found = []
    for one, other in _opposites():
        # The longer form wins where one contains the other ("非线性" holds "线性").
        has_one = bool(one.search(other.sub(" ", clean)))
        has_other = bool(other.search(one.sub(" ", clean)) or _longer(other, one, clean))
        found.append(int(has_one) - int(has_other))
    return tuple(found)


def _longer(pattern: re.Pattern[str], shorter: re.Pattern[str], text: str) -> bool:
    return any(
        (inner := shorter.search(match.group())) and len(inner.group()) < len(match.group())
        for match in pattern.finditer(text)
    )


def opposed_pairs(one: str, other: str) -> int:
    """Number of opposites of which each text names only one side, and not the same."""
    return sum(a * b < 0 for a, b in zip(_sides(one), _sides(other), strict=True))


def agreed_pairs(one: str, other: str) -> int:
    """Number of opposites of which both texts name only one side, the same."""
    return sum(a * b > 0 for a, b in zip(_sides(one), _sides(other), strict=True))
