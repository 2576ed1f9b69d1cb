"""The fast judge: verdicts from features and fitted weights, without a language model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from tutor.critique import guards
from tutor.critique.calibrate import Floats, Weights, load_weights
from tutor.critique.exchange import exchanged
from tutor.critique.features import NAMES, PointFeatures, Question, measure_points
from tutor.critique.head import Head, compare, load_head, nearest_tokens
from tutor.critique.model_judge import join_logit
from tutor.critique.outright import said_outright
from tutor.critique.question import read_question
from tutor.critique.reading import Reading, Vectors, read_text
from tutor.critique.relevance import keep_relevant
from tutor.critique.types import Label, Verdict
from tutor.notes.types import Span
from tutor.search.types import Encoder

QUESTIONS = ("found", "full", "contradicted")
READ_NAMES = (
    *(f"fast_{name}" for name in QUESTIONS),
    *(f"read_{name}" for name in QUESTIONS),
    "others_found",  # mean reading of the answer's other points
    "others_contradicted",  # highest reading of the same
)
READ_CUTS = ("found", "full", "contradicted", "contra_over_found")
NOTHING = MappingProxyType({"found": -30.0, "full": 0.0, "contradicted": -30.0})
# Log-odds of a point that was said in its own words.
_OUTRIGHT = MappingProxyType({"found": 5.0, "full": 4.0, "contradicted": -8.0})
# Log-odds of a point whose two settings were exchanged.
_EXCHANGED = MappingProxyType({"found": -4.0, "full": 0.0, "contradicted": 3.0})


@dataclass(frozen=True, slots=True)
class Judged:
    """One point judged, with what a second judge needs.

    Attributes:
        verdict: The verdict.
        logits: Log-odds of ``found`` (covered or partial), ``full`` (covered, if found) and
            ``contradicted``.
        window: The learner's words nearest to the point; None if nothing was said.
        by_rule: Whether a rule decided, which no model overrules.
    """

    verdict: Verdict
    logits: dict[str, float]
    window: Span | None
    by_rule: bool = False


def decide(
    point_id: str,
    odds: dict[str, float],
    window: Span | None,
    note_span: Span | None,
    weights: Weights,
    *,
    judge: str = "local",
    cuts: Mapping[str, float] | None = None,
) -> Verdict:
    """The label that three calibrated log-odds lead to.

    A contradiction needs a high probability of its own: a false alarm costs a learner more trust
    than a missed one. ``cuts`` replaces the fast judge's thresholds.
    """
    cuts = cuts or weights.cuts
    found, full, against = (
        float(1.0 / (1.0 + np.exp(-np.clip(odds[name], -30, 30))))
        for name in ("found", "full", "contradicted")
    )
    if against >= cuts["contradicted"] and against > found * cuts["contra_over_found"]:
        label, confidence = Label.CONTRADICTED, against
    elif found >= cuts["found"]:
        covered = full >= cuts["full"]
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


def head_for(encoder: Encoder) -> Head | None:
    """The learned comparison, if it was fitted on this encoder's vectors; else None."""
    head = load_head()
    return head if head.encoder == encoder.name else None


def judge_reading(
    question: Question,
    answer: Reading,
    ids: Sequence[str],
    weights: Weights | None = None,
    head: Head | None = None,
) -> list[Judged]:
    """Judge every point of a question in one answer that has been read."""
    weights = weights or load_weights()
    measured = measure_points(question, answer)
    judged = []
    for index, features in enumerate(measured):
        backing = question.backing[index]
        note_span = question.source_spans[backing] if backing >= 0 else None
        if features.window is None:
            verdict = missed_by_rule(ids[index], "nothing_said", note_span)
            judged.append(Judged(verdict, dict(NOTHING), None))
            continue
        tokens = nearest_tokens(question.points[index], answer)
        odds = combined_odds(features, question, index, tokens, weights, head)
        point, asked = question.points[index].text, question.question.text
        window = features.window
        decided = by_rule(point, asked, answer, features)
        if decided is not None:
            odds = dict(decided)
        if decided is _OUTRIGHT:
            window = next(w for w in answer.windows if said_outright(point, w.text, asked))
        verdict = decide(ids[index], odds, window.span, note_span, weights)
        judged.append(Judged(verdict, odds, window.span, decided is _OUTRIGHT))
    return judged


def by_rule(
    point: str, asked: str, answer: Reading, features: PointFeatures
) -> Mapping[str, float] | None:
    """Log-odds of a point that a rule decides: said in its own words, or with settings exchanged."""
    if any(said_outright(point, window.text, asked) for window in answer.windows):
        return _OUTRIGHT
    if features.window is not None and exchanged(point, features.window.text):
        return _EXCHANGED
    return None


def combined_odds(
    features: PointFeatures,
    question: Question,
    index: int,
    tokens: Vectors,
    weights: Weights,
    head: Head | None,
) -> dict[str, float]:
    """Log-odds of the three questions from the features and, where it fits, the learned head."""
    odds = weigh_features(features, weights)
    if head is None:
        return odds
    logs = compare(head, question.points[index], question.question, tokens, features.values)
    return stack(odds, head_odds(logs), weights)


def weigh_features(features: PointFeatures, weights: Weights) -> dict[str, float]:
    """Log-odds of the three questions from the hand-made features alone."""
    values = dict(zip(NAMES, features.values.tolist(), strict=True))
    odds = {}
    for name in QUESTIONS:
        model = weights.models[name]
        odds[name] = float(model.logit(np.array([values[feature] for feature in model.names])))
    return odds


def head_odds(logs: Floats) -> dict[str, float]:
    """Log-odds of the three questions from log-probabilities of the four classes."""
    covered, partial, missed, against = np.exp(np.maximum(logs, -12.0)).tolist()
    return {
        "found": float(np.log((covered + partial) / (missed + against))),
        "full": float(np.log(covered / partial)),
        "contradicted": float(np.log(against / (covered + partial + missed))),
    }


def stack(
    features: Mapping[str, float], head: Mapping[str, float], weights: Weights
) -> dict[str, float]:
    """Calibrated log-odds from both judges."""
    return {
        name: float(weights.models[f"{name}_stack"].logit(np.array([features[name], head[name]])))
        for name in QUESTIONS
    }


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
    judged = judge_reading(read, reading, ids, weights, head_for(encoder))
    return [item.verdict for item in judged]


def missed_by_rule(point_id: str, code: str, note_span: Span | None = None) -> Verdict:
    """The verdict of a rule: the point is missed, for sure."""
    return Verdict(point_id, Label.MISSED, 1.0, 0.0, None, note_span, "rule", code)


def second_verdict(judged: Judged, logit: float, weights: Weights) -> Verdict:
    """The verdict once a language model's logit has been joined to the fast judge's odds.

    A contradiction that the fast judge saw stands: a small model says yes to reversals too.
    """
    first = judged.verdict
    if first.label is Label.CONTRADICTED:
        return first
    odds = {**judged.logits, "found": join_logit(judged.logits["found"], logit, weights)}
    odds["contradicted"] = min(odds["contradicted"], -10.0)
    return decide(first.point_id, odds, judged.window, first.note_span, weights, judge="llm")


def read_rows(
    fast: Sequence[Mapping[str, float]], read: Sequence[Mapping[str, float]]
) -> list[Floats]:
    """A row of `READ_NAMES` for each point of one answer.

    Args:
        fast: The fast judge's log-odds, point by point.
        read: The language model's, in the same order.
    """
    rows = []
    for number, (own, seen) in enumerate(zip(fast, read, strict=True)):
        others = [item for index, item in enumerate(read) if index != number]
        found = sum(item["found"] for item in others) / len(others) if others else 0.0
        against = max((item["contradicted"] for item in others), default=0.0)
        both = [*(own[name] for name in QUESTIONS), *(seen[name] for name in QUESTIONS)]
        rows.append(np.array([*both, found, against]))
    return rows


def read_verdict(judged: Judged, row: Floats, weights: Weights) -> Verdict:
    """The verdict once the language model's reading has been joined to the fast judge's odds.

    ``row`` is the point's of `read_rows`.
    """
    odds = {name: float(weights.models[f"{name}_read"].logit(row)) for name in QUESTIONS}
    first = judged.verdict
    cuts = {name: weights.cuts[f"{name}_read"] for name in READ_CUTS}
    return decide(
        first.point_id, odds, judged.window, first.note_span, weights, judge="llm", cuts=cuts
    )


def with_learner(verdict: Verdict, label: Label) -> Verdict:
    """The verdict as the learner overruled it."""
    return replace(verdict, label=label, confidence=1.0, judge="learner", reason="overruled")
