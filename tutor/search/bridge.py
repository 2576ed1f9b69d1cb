"""A question carried over to notes in the other language, without a model.

The embedding model alone finds an English question's Chinese note in four of ten cases among its
first ten. Naming the concepts in the notes' language, and the words that say what is asked of them,
behind the question doubles that (docs/grounding.md has the figures): both the embedding and BM25
then have something of the notes' own language to hold on to.
"""

import re
from functools import lru_cache

from tutor.notes.terms import all_concepts, forms_in

# What is asked of a concept: English pattern, Chinese words, English words. Longer phrases first,
# since a matched phrase is used up.
_ASPECTS = [
    (r"advantages? and disadvantages?|pros and cons", "优缺点", "pros and cons"),
    (r"disadvantages?|drawbacks?|downsides?|limitations?", "缺点", "disadvantages"),
    (r"advantages?|benefits?|strengths?", "优点", "advantages"),
    (r"why", "为什么", "why"),
    (r"differences?|differ|differs|compared?|versus|vs", "区别", "difference"),
    (r"connections?|relations?|relationship|related", "联系", "relation"),
    (r"calculat\w+|comput(?:e|es|ed|ing)", "计算", "compute"),
    (r"derivation|derive|derived", "推导", "derivation"),
    (r"choos\w+|select\w*|pick", "选择", "choose"),
    (r"role|purpose|use of|used for|function of", "作用", "role"),
    (r"principles?|core ideas?|basic ideas?|intuition|ideas?", "原理 思想", "principle idea"),
    (r"flow|steps?|procedure|process|pipeline", "流程 步骤", "steps"),
    (r"common|commonly|popular|typical|types?|kinds?", "常用 有哪些 类型", "common types"),
    (r"methods?|techniques?|ways?|approach\w*", "方法", "methods"),
    (r"meaning|definition|define|concept|what is|what are|understand\w*", "是什么 概念", "what is"),
    (r"how do(?:es)?|how is|works?", "如何 工作 原理", "how does it work"),
    (r"improv\w*|better|speed up|faster", "提高 加快", "improve"),
    (r"avoid|prevent|solve|fix|deal with|handle|reduce", "避免 解决", "avoid solve"),
    (r"when", "什么时候 适用", "when"),
    (r"examples?", "例子", "example"),
    (r"evaluat\w+|measure|metrics?", "评估 指标", "evaluate metric"),
    (r"problems?|issues?", "问题", "problem"),
    (r"causes?|caused|reasons?", "原因", "cause"),
    (r"train|trained|training", "训练", "training"),
    (r"testing|inference", "推理", "inference"),
    (r"updat\w+", "更新", "update"),
    (r"applications?|scenarios?|suitable", "应用 适用", "application"),
    (r"implement\w*", "实现", "implement"),
    (r"size|number of|how many|how much", "大小 数量", "size number"),
]


@lru_cache(maxsize=2)
def _patterns(to: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    if to == "zh":
        return tuple(
            (re.compile(rf"\b(?:{english})\b", re.IGNORECASE), chinese)
            for english, chinese, _ in _ASPECTS
        )
    return tuple(
        (re.compile("|".join(chinese.split())), english) for _, chinese, english in _ASPECTS
    )


def _aspects(question: str, to: str) -> list[str]:
    found: list[str] = []
    rest = question
    for pattern, words in _patterns(to):
        if pattern.search(rest):
            found.append(words)
            rest = pattern.sub(" ", rest)
    return found


def bridge(question: str, to: str) -> str:
    """The question followed by its concepts and what is asked of them in a language (``zh``, ``en``).

    A question of which nothing is known comes back as it is.
    """
    named = [forms[0] for concept in all_concepts(question) if (forms := forms_in(concept, to))]
    return " ".join([question, *named, *_aspects(question, to)])
