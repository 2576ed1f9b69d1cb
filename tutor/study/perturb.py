"""A true statement made false by one small edit: cases for the claim checker."""

import re

_NUMBER = re.compile(r"(?<![A-Za-z\d.])(\d+)(?![\d.])")
_SWAPS = [
    ("增大", "减小"), ("增加", "减少"), ("提高", "降低"), ("变大", "变小"), ("更大", "更小"),
    ("更快", "更慢"), ("训练时", "推理时"), ("局部", "全局"), ("共享", "各自独立"), ("之前", "之后"),
    ("最大", "最小"), ("线性", "非线性"), ("过拟合", "欠拟合"), ("容易", "不容易"), ("需要", "不需要"),
    ("可以", "不能"), ("不能", "可以"), ("不会", "会"), ("没有", "有"), ("精确率", "召回率"),
    ("偏差", "方差"), ("稀疏", "稠密"), ("并行", "串行"), ("相乘", "相加"), ("高", "低"),
    ("larger", "smaller"), ("higher", "lower"), ("more", "fewer"), ("increases", "decreases"),
    ("reduces", "increases"), ("before", "after"), ("training", "inference"), ("faster", "slower"),
    ("can ", "cannot "), ("is not", "is"), ("does not", "does"), ("variance", "bias"),
    ("precision", "recall"), ("shared", "separate"), ("without", "with"), ("needs", "does not need"),
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
    for one, other in _SWAPS:
        for old, new in ((one, other), (other, one)):
            if old in text and (len(old) > 1 or text.count(old) == 1):
                return text.replace(old, new, 1)
    return ""
