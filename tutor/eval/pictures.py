"""Which charts a data set gets."""

from collections.abc import Sequence

from tutor.eval import charts, metrics
from tutor.eval.types import Outcome

_LABELS = {
    "critique": ("covered", "partial", "missed", "contradicted"),
    "grounding": ("supported", "unsupported", "contradicted"),
}
_SUPPORTED = {"critique": ("covered", "partial"), "grounding": ("supported",)}


def pictures(suite: str, dataset: str, outcomes: Sequence[Outcome]) -> list[str]:
    """The charts of what was scored; empty where there is nothing to draw."""
    scored = [outcome for outcome in outcomes if not outcome.error]
    if not scored:
        return []
    where = f"{suite} {dataset}"
    found: list[str] = []
    if suite == "retrieval":
        ranks = [outcome.values["rank"] for outcome in scored]
        found.append(charts.rank_histogram(ranks, f"Ranks of the right note: {where}"))
    if suite == "abstention":
        found += _abstention(scored, where)
    if suite in _LABELS and "gold" in scored[0].values:
        found += _labelled(suite, scored, where)
    if suite in ("grading", "critique"):
        found.append(_marks(suite, scored, where))
    if suite == "latency":
        found += _times(scored)
    else:
        seconds = [outcome.seconds for outcome in scored]
        found.append(charts.time_histogram(seconds, f"Seconds a case: {where}"))
    return [chart for chart in found if chart]


def _abstention(scored: Sequence[Outcome], where: str) -> list[str]:
    truth = [outcome.values["answerable"] for outcome in scored]
    stated = [outcome.values["confidence"] for outcome in scored]
    names = ("answer", "refuse")
    table = metrics.confusion(
        [names[not one] for one in truth],
        [names[not outcome.values["answered"]] for outcome in scored],
        names,
    )
    return [
        charts.confusion_matrix(table, names, f"Right and given: {where}"),
        charts.reliability(truth, stated, f"Reliability: {where}"),
    ]


def _labelled(suite: str, scored: Sequence[Outcome], where: str) -> list[str]:
    gold: list[str | None] = []
    given: list[str] = []
    chance: list[float] = []
    for outcome in scored:
        values = outcome.values
        several = isinstance(values["gold"], list)
        gold += values["gold"] if several else [values["gold"]]
        given += values["labels"] if several else [values["label"]]
        chance += values["p"] if several else [values["support"]]
    labels = _LABELS[suite]
    known = [
        (one, two, p)
        for one, two, p in zip(gold, given, chance, strict=True)
        if one in labels and two in labels
    ]
    table = metrics.confusion([one or "" for one, _, _ in known], [k[1] for k in known], labels)
    truth = [one in _SUPPORTED[suite] for one, _, _ in known]
    return [
        charts.confusion_matrix(table, labels, f"Right and given: {where}"),
        charts.reliability(truth, [p for _, _, p in known], f"Reliability: {where}"),
    ]


def _marks(suite: str, scored: Sequence[Outcome], where: str) -> str:
    """Our marks over people's, where both are known."""
    names, top = (("gold_score", "score"), 10) if suite == "critique" else (("gold", "given"), 1)
    pairs = [[outcome.values.get(name) for name in names] for outcome in scored]
    known = [[float(mark) / top for mark in pair if mark is not None] for pair in pairs]
    known = [pair for pair in known if len(pair) == len(names)]
    return charts.scatter([k[0] for k in known], [k[1] for k in known], f"Marks: {where}")


def _times(scored: Sequence[Outcome]) -> list[str]:
    names = list(dict.fromkeys(name for outcome in scored for name in outcome.values))
    return [
        charts.time_histogram(
            [outcome.values[name] for outcome in scored if name in outcome.values],
            name,
            unit="ms" if "_ms" in name else "s",
            bins=12,
        )
        for name in names
    ]
