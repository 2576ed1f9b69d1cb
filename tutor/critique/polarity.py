"""Signs that a clause says the opposite of a key point with nearly the same words."""

import re
from dataclasses import dataclass
from functools import cache

from tutor.notes.terms import find_mentions
from tutor.notes.text import normalise, numbers

_NEGATION = re.compile(
    r"不(?!仅|但|只|断|同|变|管|论|过拟|妨|敏感|少|确定)|没(?!错)|无(?!论|监督|关)|未(?!来)|非(?!线性|凸|常|监督|参)|"
    r"并非|别(?=堆|用|的?$)|勿|禁止|避免|防止|免得|\bnot\b|n't\b|\bno\b|\bnever\b|\bwithout\b|\bcannot\b|"
    r"\bneither\b|\bnor\b|\bnon-|\bprevents?\b|\bavoids?\b"
)
_DOUBLE = re.compile(r"不是不|不能不|不得不|不会不|并非不|无不")

# Opposites, one pair a line; each side lists forms in both languages.
_PAIRS = """
增|增加|增大|变大|变多|提高|提升|升高|上升|放大|更大|更多|变强|加大|increase*|enlarge*|larger|bigger|more|raise*|grow*|higher|boost*|amplif* / 减|减少|减小|降低|变小|变少|缩小|下降|更小|更少|变弱|减轻|缓解|缩减|decrease*|reduce*|reducing|reduction|smaller|fewer|less|lower*|shrink*|cut|cuts|drop*
训练|train* / 测试|推理|推断|预测时|上线|test time|testing|inference|at test
局部|local* / 全局|全连接|全部|整体|global*|fully connected|entire
相加|累加|加法|加出来|相加|add*|addit*|sum|sums|summed / 相乘|连乘|叠乘|乘法|累乘|multipl*|product*
先|首先|之前|before|first|earlier / 后|最后|之后|after|last|later
快|加快|加速|迅速|fast*|quick*|speed* / 慢|变慢|slow*
共享|同一|共用|相同|一样|share*|same|identical|equal / 各自|不同|独立|单独|distinct|different|separate*|independent*|own
线性|linear* / 非线性|nonlinear*|non-linear*
大|large|big|high / 小|small|tiny|low
最重要|关键|首要|most important|matters most|crucial / 不重要|影响不大|无所谓|随便|次要|unimportant|little effect|negligible
过拟合|overfit* / 欠拟合|underfit*
方差|variance / 偏差|bias
正|正例|正样本|positive* / 负|负例|负样本|negative*
凸|convex / 非凸|nonconvex|non-convex
有监督|supervised|labelled|labeled / 无监督|无标签|unsupervised|unlabelled|unlabeled
可学习|可训练|learnable|trainable|learned / 固定|不可学习|冻结|fixed|frozen|constant
稳定|平稳|stable|stabl* / 不稳定|震荡|振荡|unstable|oscillat*
简单|simple* / 复杂|complex*
稀疏|sparse|sparsity / 稠密|dense
保留|保持|保存|keep*|preserve*|retain* / 丢失|丢掉|丢弃|舍弃|lose*|lost|discard*
随机|random* / 确定|固定|deterministic
并行|parallel* / 串行|顺序|逐步|serial|sequential*
均值|平均|mean|average / 最大值|最大|max|maximum
高斯|正态|gaussian|normal prior / 拉普拉斯|laplac*
绝对值|absolute / 平方|square*
行|row|rows / 列|column*
宽|wide* / 窄|narrow*
强|strong* / 弱|weak*
浅|shallow* / 深|deep*
上采样|放大|upsampl* / 下采样|缩小|downsampl*
编码器|encoder* / 解码器|decoder*
生成器|generator* / 判别器|discriminator*
精确率|precision / 召回率|recall
必须|需要|要求|must|need*|require* / 不需要|不必|无需|不用|needless|unnecessary
单向|只看左|unidirectional|causal / 双向|bidirectional
之间|跨|across|between / 内部|之内|within|inside
上界|upper bound / 下界|lower bound
存在|有|exist*|has / 不存在|没有|无|lack*|none
升|up / 降|down
容易|易|easy|easily|prone / 难|不易|hard|difficult
""".strip()


def _form(form: str) -> str:
    if not form.isascii():
        return re.escape(form)
    body = re.escape(form.rstrip("*")) + (r"[a-z]*" if form.endswith("*") else "")
    return rf"\b{body}\b"


def _compile() -> list[tuple[re.Pattern[str], re.Pattern[str]]]:
    pairs = []
    for line in _PAIRS.splitlines():
        one, other = line.split(" / ")
        pairs.append(
            (
                re.compile(
                    "|".join(
                        _form(f) for f in sorted(one.strip().split("|"), key=len, reverse=True)
                    )
                ),
                re.compile(
                    "|".join(
                        _form(f) for f in sorted(other.strip().split("|"), key=len, reverse=True)
                    )
                ),
            )
        )
    return pairs


_OPPOSITES = _compile()


@cache
def count_negations(text: str) -> int:
    """Negating words in ``text``; a double negation counts as none."""
    clean = normalise(text).lower()
    return len(_NEGATION.findall(clean)) - 2 * len(_DOUBLE.findall(clean))


@cache
def _sides(text: str) -> tuple[int, ...]:
    """For each pair: 1 if only the first side is named, -1 only the second, 0 neither or both."""
    clean = normalise(text).lower()
    found = []
    for one, other in _OPPOSITES:
        # The longer form wins where one contains the other ("非线性" holds "线性").
        second = other.sub(" ", clean)
        first = one.sub(" ", clean)
        has_one = bool(one.search(second))
        has_other = bool(other.search(first))
        found.append(int(has_one) - int(has_other))
    return tuple(found)


def opposed_pairs(one: str, other: str) -> int:
    """Number of opposites that the two texts take different sides of."""
    return sum(a * b < 0 for a, b in zip(_sides(one), _sides(other), strict=True))


def agreed_pairs(one: str, other: str) -> int:
    """Number of opposites that the two texts take the same side of."""
    return sum(a * b > 0 for a, b in zip(_sides(one), _sides(other), strict=True))


def numbers_differ(point: str, clause: str) -> bool:
    """Whether both state numbers and the clause states none of the point's."""
    ours, theirs = numbers(point), numbers(clause)
    return bool(ours and theirs and not ours & theirs)


@dataclass(frozen=True, slots=True)
class Owners:
    """How many attributes of a point are given to the same subject, and how many to another."""

    kept: int = 0
    moved: int = 0


_FORMER = re.compile(r"前者|the former")
_LATTER = re.compile(r"后者|the latter")


@cache
def _subjects(question: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(mention.concept for mention in find_mentions(question)))


def _owned(text: str, subjects: tuple[str, ...]) -> dict[str, set[str]]:
    clean = normalise(text).lower()
    marks = [(m.start, m.concept) for m in find_mentions(text) if m.concept in subjects]
    if len(subjects) >= 2:
        marks += [(m.start(), subjects[0]) for m in _FORMER.finditer(clean)]
        marks += [(m.start(), subjects[1]) for m in _LATTER.finditer(clean)]
    marks.sort()
    owned: dict[str, set[str]] = {}
    if not marks:
        return owned
    for mention in find_mentions(text):
        if mention.concept in subjects:
            continue
        before = [name for start, name in marks if start < mention.start]
        owned.setdefault(mention.concept, set()).add(before[-1] if before else marks[0][1])
    return owned


@cache
def compare_owners(point: str, answer: str, question: str) -> Owners:
    """Whether what the point says of A is said in the answer of A, or of B.

    Subjects are concepts named in the question, or, if it names fewer than two, in the point.
    """
    subjects = _subjects(question)
    if len(subjects) < 2:
        subjects = tuple(dict.fromkeys((*subjects, *_subjects(point)[:2])))
    ours, theirs = _owned(point, subjects), _owned(answer, subjects)
    kept = moved = 0
    for concept, owners in ours.items():
        if concept not in theirs:
            continue
        if owners & theirs[concept]:
            kept += 1
        else:
            moved += 1
    return Owners(kept, moved)
