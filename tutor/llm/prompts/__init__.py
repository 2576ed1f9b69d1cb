"""Every prompt, and nothing but prompts: values in, messages out.

Untrusted text (notes, answers, questions, earlier turns) enters only through `fence`. What is shared
between calls stands first, so that the engine reads it once: the system message, then what stays
(notes, or question and answer), then what changes. `lang` is the language of the reply: `zh` or `en`.

One module for each who asks; all names can be had from here.
"""

from tutor.llm.prompts.fencing import (
    about_tokens,
    clean,
    fence,
    shorten,
)
from tutor.llm.prompts.interview import (
    comment,
    follow_up,
)
from tutor.llm.prompts.points import (
    POINT_CHOICES,
    key_point_contradicted,
    key_point_covered,
    key_point_prefix,
    key_points_verdicts,
    shorter_points,
)
from tutor.llm.prompts.readings import (
    ANSWER_EXAMPLES,
    CLAIM_EXAMPLES,
    POINT_EXAMPLES,
    answer_stem,
    answer_tail,
    claim_stem,
    claim_tail,
    point_stem,
    point_tail,
)
from tutor.llm.prompts.search import (
    PASSAGE_CHOICES,
    passage_answers,
    passages_order,
    standalone_question,
    translated_query,
)
from tutor.llm.prompts.study import (
    CLAIM_CHOICES,
    STUDY_TOKENS,
    claim_supported,
    study_answer,
    study_notes,
)

__all__ = [
    "ANSWER_EXAMPLES",
    "CLAIM_CHOICES",
    "CLAIM_EXAMPLES",
    "PASSAGE_CHOICES",
    "POINT_CHOICES",
    "POINT_EXAMPLES",
    "STUDY_TOKENS",
    "about_tokens",
    "answer_stem",
    "answer_tail",
    "claim_stem",
    "claim_supported",
    "claim_tail",
    "clean",
    "comment",
    "fence",
    "follow_up",
    "key_point_contradicted",
    "key_point_covered",
    "key_point_prefix",
    "key_points_verdicts",
    "passage_answers",
    "passages_order",
    "point_stem",
    "point_tail",
    "shorten",
    "shorter_points",
    "standalone_question",
    "study_answer",
    "study_notes",
    "translated_query",
]
