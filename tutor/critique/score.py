"""The score: one open table of credits, summed by code.

``score = 10 * sum(weight * credit) / sum(weight)``, less a penalty for each contradicted point,
never below 0. A required point weighs 1, a bonus point half. The table is what the page shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

from tutor.critique.types import Label, Score, Verdict
from tutor.notes.types import KeyPoint

CREDITS = MappingProxyType(
    {Label.COVERED: 1.0, Label.PARTIAL: 0.5, Label.MISSED: 0.0, Label.CONTRADICTED: 0.0}
)
REQUIRED_WEIGHT = 1.0
BONUS_WEIGHT = 0.5
CONTRADICTION_PENALTY = 0.25  # share of the contradicted point's own weight
SCALE = 10.0


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One line of the table a learner can open.

    Attributes:
        point_id: The key point.
        label: Its verdict.
        weight: What the point weighs.
        credit: Share of the weight earned, 0 to 1.
        penalty: Weight taken off for a contradiction.
    """

    point_id: str
    label: Label
    weight: float
    credit: float
    penalty: float

    @property
    def earned(self) -> float:
        """Weight this line adds to the sum; negative for a contradiction."""
        return self.weight * self.credit - self.penalty


def score_table(verdicts: Sequence[Verdict], points: Sequence[KeyPoint]) -> list[ScoreLine]:
    """The lines the score is summed from; points that could not be judged are left out."""
    required = {point.id: point.required for point in points}
    lines = []
    for verdict in verdicts:
        if verdict.label is Label.UNSCORED:
            continue
        weight = REQUIRED_WEIGHT if required.get(verdict.point_id, True) else BONUS_WEIGHT
        contradicted = verdict.label is Label.CONTRADICTED
        penalty = CONTRADICTION_PENALTY * weight if contradicted else 0.0
        lines.append(
            ScoreLine(verdict.point_id, verdict.label, weight, CREDITS[verdict.label], penalty)
        )
    return lines


def net_credit(label: Label) -> float:
    """What a label earns for a point of weight 1; infinite for one that was not scored."""
    if label is Label.UNSCORED:
        return float("inf")
    return CREDITS[label] - (CONTRADICTION_PENALTY if label is Label.CONTRADICTED else 0.0)


def lower_verdicts(versions: Sequence[Sequence[Verdict]]) -> list[Verdict]:
    """For each point the verdict that earns least; of equal ones the less probable, then the first."""
    return [
        min(same, key=lambda verdict: (net_credit(verdict.label), verdict.covered_probability))
        for same in zip(*versions, strict=True)
    ]


def score(verdicts: Sequence[Verdict], points: Sequence[KeyPoint]) -> Score:
    """The score of one answer from its verdicts; the same verdicts give the same score."""
    lines = score_table(verdicts, points)
    disputed = any(verdict.judge == "learner" for verdict in verdicts)
    total = sum(line.weight for line in lines)
    if not total:
        return Score(value=None, earned=0.0, total=0, disputed=disputed)
    value = SCALE * max(sum(line.earned for line in lines), 0.0) / total
    earned = sum(line.credit for line in lines)
    return Score(round(value, 1), earned, len(lines), disputed)
