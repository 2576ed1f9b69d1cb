"""A true statement made false by one small edit: cases for the claim checker."""

import re

_NUMBER = re.compile(r"(?<![A-Za-z\d.β/])(\d+)(?![\d./]|-?[a-zA-Z])")
# Two forms that are opposites of each other; a form is a pattern, its replacement plain text.
_SWAPS = [
    (r"增大", "减小"), (r"减小", "增大"), (r"增加", "减少"), (r"减少", "增加"), (r"提高", "降低"),
    (r"(?<!可以升高或)降低", "提高"), (r"更大", "更小"), (r"更小", "更大"), (r"更快", "更慢"),
    (r"更稳定", "更不稳定"), (r"训练时", "推理时"), (r"推理时", "训练时"), (r"局部", "全局"),
    (r"共享", "不共享"), (r"之前", "之后"), (r"之后", "之前"), (r"最高", "最低"), (r"最小", "最大"),
    (r"(?<!非)线性", "非线性"), (r"非线性", "线性"), (r"过拟合", "欠拟合"), (r"(?<!不)容易", "不容易"),
    (r"(?<![不并])需要", "不需要"), (r"不需要", "需要"), (r"(?<!不)可以", "不能"), (r"不能", "能"),
    (r"不会", "会"), (r"没有(?!限)", "有"), (r"精确率", "召回率"), (r"方差", "偏差"), (r"稀疏", "稠密"),
    (r"并行", "串行"), (r"相乘", "相加"), (r"相加", "相乘"), (r"低秩", "高秩"), (r"能缓解", "不能缓解"),
    (r"\blarger\b", "smaller"), (r"\bhigher\b", "lower"), (r"\blower\b", "higher"),
    (r"\bincreases\b", "decreases"), (r"\breduces\b", "increases"), (r"\bbefore\b", "after"),
    (r"\bafter\b", "before"), (r"\btraining\b", "inference"), (r"\bfaster\b", "slower"),
    (r"\bcannot\b", "can"), (r"\bcan\b", "cannot"), (r"\bis not\b", "is"), (r"\bdoes not\b", "does"),
    (r"\bvariance\b", "bias"), (r"\bprecision\b", "recall"), (r"\bshared\b", "separate"),
    (r"\bwithout\b", "with"), (r"\bneeds\b", "does not need"), (r"\bin parallel\b", "one after another"),
    (r"\bmore\b(?= (?:stable|robust|random|deterministic))", "less"), (r"\bfewer\b", "more"),
]  # fmt: skip


def swap_number(text: str) -> str:
    """The statement with its first whole number changed; empty if it has none."""
    found = _NUMBER.search(text)
    if not found:
        return ""
    changed = str(int(found.group()) * 2 + 1)
    return text[: found.start()] + changed + text[found.end() :]


def swap_side(text: str) -> str:
    """The statement with one word turned into its opposite; empty if no word is known."""
    for pattern, other in _SWAPS:
        if re.search(pattern, text):
            return re.sub(pattern, other, text, count=1)
    return ""
