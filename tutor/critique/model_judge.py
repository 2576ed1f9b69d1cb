"""What a language model is asked: only about points the fast judge is unsure of.

A local model is read by the logits of yes and no after one short question; its own words are never
taken for a verdict, and its bias to say yes is taken out by the fitted combination. A remote model
that shows no logits gives all unsure verdicts in one structured reply.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from langchain_core.language_models.chat_models import BaseChatModel
from pydantic import BaseModel, Field

from tutor.critique.calibrate import Weights
from tutor.critique.types import Label
from tutor.errors import ModelError
from tutor.llm import prompts
from tutor.llm.structured import structured_reply
from tutor.llm.types import ChoiceReader
from tutor.notes.text import detect_lang

MOST_QUESTIONS = 3


class PointVerdict(BaseModel):
    """A remote model's verdict on one numbered point."""

    number: int = Field(ge=1)
    verdict: Literal["covered", "partial", "missed", "contradicted"]


class PointVerdicts(BaseModel):
    """A remote model's verdicts on all points it was asked about."""

    verdicts: list[PointVerdict]


def unsure_points(odds: Sequence[Mapping[str, float]], weights: Weights) -> list[int]:
    """Points to ask about: those nearest to the threshold, the most doubtful first, three at most.

    A point counts as unsure while the chance that it is found lies within the fitted band.
    """
    band = weights.cuts["unsure"]
    doubtful = [
        (abs(float(item["found"])), number)
        for number, item in enumerate(odds)
        if abs(float(item["found"])) < band
    ]
    return [number for _, number in sorted(doubtful)[:MOST_QUESTIONS]]


def read_logit(model: ChoiceReader, question: str, answer: str, point: str) -> float:
    """Log-odds of the model's "yes, the answer states the point".

    Raises:
        ModelError: The model could not be read.
    """
    lang = detect_lang(point)
    yes, no = prompts.POINT_CHOICES[lang]
    found = model.choice_logprobs(
        prompts.key_point_covered(question, answer, point, lang), (yes, no)
    )
    return float(found[yes] - found[no])


def join_logit(found: float, logit: float, weights: Weights) -> float:
    """Calibrated log-odds that a point is found, from the fast judge and the model's logit."""
    return float(weights.models["found_model"].logit(np.array([found, logit])))


def ask_structured(
    model: BaseChatModel, question: str, answer: str, points: Sequence[str]
) -> list[Label | None]:
    """One verdict a point from one structured reply; None for a point the reply leaves out.

    Where a number comes twice, the last verdict counts.

    Raises:
        ModelError: The model failed or its reply does not fit.
    """
    lang = detect_lang(" ".join(points))
    messages = prompts.key_points_verdicts(question, answer, points, lang)
    failed = ModelError(
        "The model could not judge this answer; the local verdicts stand.",
        "模型没有完成评判；保留本地评分结果。",
    )
    reply = structured_reply(model, PointVerdicts, messages, failed)
    if reply is None:
        return [None] * len(points)
    found = {item.number: Label(item.verdict) for item in reply.verdicts}
    return [found.get(number) for number in range(1, len(points) + 1)]
