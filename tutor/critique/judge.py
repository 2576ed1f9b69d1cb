"""The fast judge: verdicts from features and fitted weights, without a language model."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tutor.critique import guards
from tutor.critique.calibrate import Weights, load_weights
from tutor.critique.features import NAMES, PointFeatures, Question, measure_points
from tutor.critique.question import read_question
from tutor.critique.reading import Reading, read_text
from tutor.critique.relevance import keep_relevant
from tutor.critique.types import Label, Verdict
from tutor.notes.types import Span
from tutor.search.types import Encoder


@dataclass(frozen=True, slots=True)
class Judged:
    """One point judged, with what a second judge needs.

    Attributes:
        verdict: The verdict.
        logits: Log-odds of ``found`` (covered or partial), ``full`` (covered, if found) and
            ``contradicted``.
        evidence: The learner's words that decided it; empty if there are none.
    """

    verdict: Verdict
    logits: dict[str, float]
    evidence: str


def decide(
    point_id: str,
    odds: dict[str, float],
    window: Span | None,
    note_span: Span | None,
    weights: Weights,
    *,
    judge: str = "local",
) -> Verdict:
    """The label that three calibrated log-odds lead to.

    A contradiction needs a high probability of its own: a false alarm costs a learner more trust
    than a missed one.
    """
    found, full, against = (
        float(1.0 / (1.0 + np.exp(-np.clip(odds[name], -30, 30))))
        for name in ("found", "full", "contradicted")
    )
    if (
        against >= weights.cuts["contradicted"]
        and against > found * weights.cuts["contra_over_found"]
    ):
        label, confidence = Label.CONTRADICTED, against
    elif found >= weights.cuts["found"]:
        covered = full >= weights.cuts["full"]
        label = Label.COVERED if covered else Label.PARTIAL
        confidence = found * (full if covered else 1.0 - full)
    else:
        label, confidence = Label.MISSED, 1.0 - max(found, against)
    shown = window if label is not Label.MISSED else None
    return Verdict(
        point_id=point_id,
        label=label,
        confidence=round(confidence, 4),
        covered_probability=round(found, 4),
        learner_span=shown,
        note_span=note_span,
        judge=judge,
    )


def judge_reading(
    question: Question, answer: Reading, ids: Sequence[str], weights: Weights | None = None
) -> list[Judged]:
    """Judge every point of a question in one answer that has been read."""
    weights = weights or load_weights()
    measured = measure_points(question, answer)
    return [
        _judge_one(question, index, ids[index], features, weights)
        for index, features in enumerate(measured)
    ]


def _judge_one(
    question: Question, index: int, point_id: str, features: PointFeatures, weights: Weights
) -> Judged:
    backing = question.backing[index]
    note_span = question.source_spans[backing] if backing >= 0 else None
    if features.window is None:
        verdict = missed_by_rule(point_id, "nothing_said", note_span)
        return Judged(verdict, {"found": -30.0, "full": 0.0, "contradicted": -30.0}, "")
    values = dict(zip(NAMES, features.values.tolist(), strict=True))
    odds = {}
    for name in ("found", "full", "contradicted"):
        model = weights.models[name]
        row = np.array([values[feature] for feature in model.names])
        odds[name] = float(model.logit(row))
    verdict = decide(point_id, odds, features.window.span, note_span, weights)
    return Judged(verdict, odds, features.window.text)


def judge_points(
    encoder: Encoder,
    *,
    question: str,
    source: str,
    points: Sequence[str],
    answer: str,
    weights: Weights | None = None,
) -> list[Verdict]:
    """Judge plain-text points in an answer; ids are the points' numbers from 0.

    Instructions, echoes and sentences about something else are left out first, as in
    `tutor.critique.critic.Critic`.
    """
    read = read_question(encoder, question, points, source)
    ids = [str(number) for number in range(len(points))]
    guard = guards.check(question, answer)
    if guard is not None and guard.zero:
        return [missed_by_rule(point_id, guard.code) for point_id in ids]
    reading = read_text(encoder, answer, guard.kept if guard else None)
    reading = keep_relevant(read, reading, weights or load_weights())
    return [item.verdict for item in judge_reading(read, reading, ids, weights)]


def missed_by_rule(point_id: str, code: str, note_span: Span | None = None) -> Verdict:
    """The verdict of a rule: the point is missed, for sure."""
    return Verdict(point_id, Label.MISSED, 1.0, 0.0, None, note_span, "rule", code)


def with_learner(verdict: Verdict, label: Label) -> Verdict:
    """The verdict as the learner overruled it."""
    return replace(verdict, label=label, confidence=1.0, judge="learner", reason="overruled")
