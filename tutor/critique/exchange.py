"""Two settings exchanged: what the note says of training, said of inference, and the like.

Such a reversal keeps every word, so nothing that counts words or compares meanings sees it. Here a
point is read clause by clause: the setting that a clause begins with owns what the clause says.
"""

import re
from dataclasses import dataclass

from tutor.critique.polarity import count_negations
from tutor.critique.units import content_units
from tutor.notes.text import normalise

_CLAUSE = re.compile(r"[，,。；;、！!？?\n]|而(?!且)|\b(?:and|but|while|whereas)\b|\.\s")
# Pairs of settings that a point tells apart; precision first, so only pairs that exclude each other.
_PAIRS = tuple(
    (re.compile(one, re.IGNORECASE), re.compile(other, re.IGNORECASE))
    for one, other in (
        (r"训练|\btrain(?:ing)?\b", r"推理|推断|测试|预测时|\binference\b|\btest(?:ing)?\b|\beval"),
        (r"编码器|\bencoder\b", r"解码器|\bdecoder\b"),
        (r"前向|正向|\bforward\b", r"反向|\bbackward\b"),
        (r"欠拟合|\bunderfit", r"过拟合|\boverfit"),
        (r"精确率|查准率|\bprecision\b", r"召回率|查全率|\brecall\b"),
        (r"偏差|\bbias\b", r"方差|\bvariance\b"),
        (r"\bbagging\b|随机森林", r"\bboosting\b|提升"),
        (r"预填充|\bprefill\b", r"解码阶段|\bdecode\b"),
        (r"\bL1\b|lasso", r"\bL2\b|岭回归|\bridge\b"),
    )
)


@dataclass(frozen=True, slots=True)
class _Sides:
    one: frozenset[str]
    other: frozenset[str]


def exchanged(point: str, words: str) -> bool:
    """Whether the words say of one setting what the point says of the other, and not the reverse.

    Only affirmed clauses count, and only what the two settings do not share in the point.
    """
    for first, second in _PAIRS:
        ours = _sides(point, first, second)
        if not ours.one or not ours.other:
            continue
        theirs = _sides(words, first, second)
        own_one, own_other = ours.one - ours.other, ours.other - ours.one
        straight = len(theirs.one & own_one) + len(theirs.other & own_other)
        crossed = len(theirs.one & own_other) + len(theirs.other & own_one)
        if crossed and not straight:
            return True
    return False


def _sides(text: str, first: re.Pattern[str], second: re.Pattern[str]) -> _Sides:
    one: set[str] = set()
    other: set[str] = set()
    for clause in _CLAUSE.split(normalise(text)):
        here, there = first.search(clause), second.search(clause)
        if (not here and not there) or count_negations(clause):
            continue
        leads = here is not None and (there is None or here.start() < there.start())
        bare = second.sub(" ", first.sub(" ", clause))
        (one if leads else other).update(content_units(bare))
    return _Sides(frozenset(one), frozenset(other))
