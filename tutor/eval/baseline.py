"""Against an earlier run: what became worse beyond its tolerance and beyond chance, case by case."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tutor.errors import EvalError
from tutor.eval.cases import own_folder
from tutor.eval.figures import compare_paired
from tutor.eval.report import outcomes_of
from tutor.eval.suites.base import Suite
from tutor.eval.types import Outcome

_COMPARED = ("regression", "worse", "better", "same")
_MORE_UNSCORED = 0.1  # a figure over the cases that still work would hide the others
_RIGHT = 0.5  # badness below which a case counts as right
_TIMES = ("ms", "seconds", "search_ms", "critique_s", "reply_s", "first_word_s", "read_note_ms")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How much worse a figure may become.

    Attributes:
        tolerance: By figure name, ``suite.name`` or ``suite.dataset.name``; None ignores a figure.
        default: For a figure that is not named.
        alpha: Share of false alarms that is put up with among drops beyond their tolerance.
    """

    tolerance: Mapping[str, float | None] = field(default_factory=dict)
    default: float = 0.03
    alpha: float = 0.05

    def of(self, suite: str, dataset: str, name: str) -> float | None:
        """The tolerance of a figure; the most exact name wins."""
        for key in (f"{suite}.{dataset}.{name}", f"{suite}.{name}", name):
            if key in self.tolerance:
                return self.tolerance[key]
        return self.default


def read_thresholds(path: Path | None = None) -> Thresholds:
    """Tolerances from a TOML file, by default the one beside our cases.

    Raises:
        EvalError: The file cannot be read.
    """
    place = path or own_folder() / "thresholds.toml"
    try:
        held = tomllib.loads(place.read_text(encoding="utf-8"))
        named = {
            name: None if value == "ignore" else float(value)
            for name, value in held.get("tolerance", {}).items()
        }
        return Thresholds(named, float(held.get("default", 0.03)), float(held.get("alpha", 0.05)))
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise EvalError(
            f"{place} cannot be read ({error}); correct the tolerances in it.",
            f"无法读取 {place}（{error}）；请改正其中的容差。",
        ) from error


@dataclass(frozen=True, slots=True)
class FigureChange:
    """One figure in two runs, on the cases both have.

    Attributes:
        status: ``regression``, ``worse`` (within tolerance or chance), ``better``, ``same``,
            ``ignored``, ``lost`` (it, or a tenth of its rows, cannot be scored any more) or ``not_compared``.
    """

    suite: str
    dataset: str
    name: str
    before: float | None
    after: float | None
    shared: int
    tolerance: float | None
    p_worse: float | None
    status: str

    @property
    def fails(self) -> bool:
        """Whether it fails the build."""
        return self.status in ("regression", "lost")


@dataclass(frozen=True, slots=True)
class CaseChange:
    """One case in two runs: ``fixed``, ``broken`` or ``changed``."""

    suite: str
    dataset: str
    case_id: str
    status: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    evidence: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that changed between two runs."""

    figures: tuple[FigureChange, ...]
    cases: tuple[CaseChange, ...]
    notes: tuple[str, ...] = ()

    @property
    def regressions(self) -> tuple[FigureChange, ...]:
        """The figures that fail the build."""
        return tuple(figure for figure in self.figures if figure.fails)


def compare_reports(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    suites: Mapping[str, Suite],
    thresholds: Thresholds,
    *,
    seed: int = 0,
) -> Comparison:
    """Compare two reports; only suites and data sets that both have are compared."""
    earlier, later = outcomes_of(before), outcomes_of(after)
    figures: list[FigureChange] = []
    cases: list[CaseChange] = []
    for (suite, dataset), outcomes in later.items():
        past = earlier.get((suite, dataset))
        if past is None or suite not in suites:
            continue
        for measure in suites[suite].measures(dataset, outcomes):
            tolerance = thresholds.of(suite, dataset, measure.name)
            change = compare_paired(measure, past, outcomes, seed=seed, beyond=tolerance)
            status = _status(change.before, change.after, measure.better, tolerance)
            if change.more_unscored > _MORE_UNSCORED and status != "ignored":
                status = "lost"
            figures.append(
                FigureChange(
                    suite, dataset, measure.name, change.before, change.after, change.shared,
                    tolerance, change.p_worse, status,
                )
            )  # fmt: skip
        cases += _case_changes(suite, dataset, past, outcomes)
    judged = forgive_chance(figures, thresholds.alpha)
    order = {"broken": 0, "fixed": 1, "changed": 2}
    cases.sort(key=lambda change: order[change.status])
    return Comparison(tuple(judged), tuple(cases), tuple(_differences(before, after)))


def forgive_chance(figures: Sequence[FigureChange], alpha: float) -> list[FigureChange]:
    """Regressions that chance explains become ``worse``.

    Of many figures some drop by chance, so that each alone may not be held against ``alpha``: the
    k-th smallest probability of m figures is, against ``k * alpha / m`` (Benjamini & Hochberg,
    "Controlling the false discovery rate", 1995). A rule, whose tolerance is 0, is never forgiven:
    one case that breaks it is a finding.
    """
    compared = sum(figure.status in _COMPARED for figure in figures)
    chances = sorted(
        figure.p_worse if figure.p_worse is not None else 1.0
        for figure in figures
        if figure.status == "regression" and figure.tolerance != 0
    )
    cut = max(
        (p for k, p in enumerate(chances, start=1) if p <= k * alpha / max(compared, 1)),
        default=-1.0,
    )
    return [
        replace(figure, status="worse")
        if figure.status == "regression"
        and figure.tolerance != 0
        and (1.0 if figure.p_worse is None else figure.p_worse) > cut
        else figure
        for figure in figures
    ]


def _status(before: float | None, after: float | None, better: str, tolerance: float | None) -> str:
    if tolerance is None or not better:
        return "ignored"
    if before is None:
        return "not_compared"
    if after is None:
        return "lost"
    gain = after - before if better == "higher" else before - after
    if abs(gain) < 1e-9:
        return "same"
    if gain > 0:
        return "better"
    return "regression" if -gain > tolerance + 1e-9 else "worse"


def _case_changes(
    suite: str, dataset: str, before: Sequence[Outcome], after: Sequence[Outcome]
) -> list[CaseChange]:
    past = {outcome.case_id: outcome for outcome in before}
    found = []
    for outcome in after:
        old = past.get(outcome.case_id)
        if old is None:
            continue
        was, now = old.badness < _RIGHT, outcome.badness < _RIGHT
        one, two = _stable(old.values), _stable(outcome.values)
        if was != now:
            status = "fixed" if now else "broken"
        elif one != two:
            status = "changed"
        else:
            continue
        found.append(
            CaseChange(suite, dataset, outcome.case_id, status, one, two, outcome.evidence)
        )
    return found


def _stable(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values without times; probabilities to two digits."""
    return {name: _short(value) for name, value in values.items() if name not in _TIMES}


def _short(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 2)
    if isinstance(value, list):
        return [_short(one) for one in value]
    return value


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What else differs between the runs, so that nobody blames the code for it."""
    found = []
    for part, names in (("settings", ("model", "embedding", "english_embedding", "fast", "judge", "switches")),
                        ("digests", ("notes",)), ("versions", None)):  # fmt: skip
        one, two = before.get(part, {}), after.get(part, {})
        for name in names or sorted({*one, *two}):
            if one.get(name) != two.get(name):
                found.append(f"{name}: {one.get(name)} → {two.get(name)}")
    return found
