"""Damage must fail the right figures, and a tutor that is only noisy none; with word-hash vectors."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import pytest

from tests.eval.values import make_bench
from tutor.eval import degradation
from tutor.eval.baseline import FigureChange, forgive_chance, read_thresholds
from tutor.eval.bench import Bench, Options
from tutor.eval.cache import Cache
from tutor.eval.degradation import DAMAGES, MemoryBench, Row, judge_damage, try_all
from tutor.eval.scripted import AlwaysCovered, NoisyCritic, RememberingCritic, RememberingEncoder
from tutor.eval.terminal import degradation_table
from tutor.notes.types import KeyPoint, Note, Source
from tutor.search import lexical

SEEDS = range(1, 21)
# With word-hash vectors the dense leg is a second lexical one, and the judge's probabilities are
# hardly better than chance: neither can get worse, and the first place hardly without BM25.
_NOTICED = {"critique": ("score_mae",), "retrieval": ("mrr",)}
NOTICEABLE = [
    replace(damage, must_fail=_NOTICED.get(damage.suite, damage.must_fail))
    for damage in DAMAGES
    if "dense" not in damage.name
]


def _maker() -> degradation.MakeBench:
    plain = make_bench()
    encoder = RememberingEncoder(plain.encoder, plain.encoder)
    critic = RememberingCritic(plain.critic())
    limits = {"retrieval": 46, "critique": 100, "grounding": 20}

    def make(suite: str) -> Bench:
        return MemoryBench(
            plain.settings,
            Options(fast=True, limit=limits[suite], resamples=0),
            Cache(None),
            given_encoder=encoder,
            given_critic=critic,
            given_gate=plain.given_gate,
            given_supports=plain.given_supports,
        )

    return make


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    with pytest.MonkeyPatch.context() as patch:
        # Every run indexes the same passages: they are cut into words once.
        patch.setattr(lexical, "index_terms", cache(lexical.index_terms))
        return try_all(_maker(), SEEDS, read_thresholds(), damages=NOTICEABLE)


@pytest.mark.parametrize("name", [damage.name for damage in NOTICEABLE])
def test_damage_fails_the_right_figures_and_no_others(rows: list[Row], name: str) -> None:
    (row,) = [row for row in rows if row.name == name]
    assert (row.unnoticed, row.right) == ((), True)


def test_twenty_noisy_runs_fail_nothing(rows: list[Row]) -> None:
    noise = [row for row in rows if row.name.startswith("seed")]
    assert len(noise) == len(SEEDS)
    assert [(row.name, [f.name for f in row.failed]) for row in noise if not row.right] == []


def test_the_noise_is_there() -> None:
    """Runs that are all alike would prove nothing."""
    make = _maker()
    one, two = (degradation.run_tutor(make, seed, ("critique",), None) for seed in (1, 2))
    values = [[case["values"]["score"] for case in report["cases"]] for report in (one, two)]
    assert values[0] != values[1]


def _changes(chances: Sequence[float], tolerance: float = 0.03) -> list[FigureChange]:
    return [
        FigureChange("s", "d", f"f{number}", 0.9, 0.5, 40, tolerance, chance, "regression")
        for number, chance in enumerate(chances)
    ]


def test_one_figure_of_many_that_drops_by_chance_is_forgiven() -> None:
    same = [FigureChange("s", "d", "x", 0.9, 0.9, 40, 0.03, 1.0, "same")] * 39
    found = forgive_chance([*_changes([0.03]), *same], 0.05)
    assert found[0].status == "worse"
    assert forgive_chance(_changes([0.03]), 0.05)[0].status == "regression"


def test_figures_that_drop_together_are_not_forgiven() -> None:
    same = [FigureChange("s", "d", "x", 0.9, 0.9, 40, 0.03, 1.0, "same")] * 35
    found = forgive_chance([*_changes([0.005] * 5), *same], 0.05)
    assert [change.status for change in found[:5]] == ["regression"] * 5


def test_a_broken_rule_is_never_forgiven() -> None:
    assert forgive_chance(_changes([0.4], tolerance=0.0), 0.05)[0].status == "regression"


def test_damage_that_fails_another_suite_too_is_not_right() -> None:
    damage = DAMAGES[2]
    made = [
        FigureChange(damage.suite, "d", name, 0.9, 0.1, 40, 0.03, 0.0, "regression")
        for name in damage.must_fail
    ]
    other = FigureChange("retrieval", "d", "mrr", 0.9, 0.1, 40, 0.03, 0.0, "regression")
    assert judge_damage(damage, degradation.Comparison(tuple(made), ())).right
    assert not judge_damage(damage, degradation.Comparison((*made, other), ())).right
    assert judge_damage(damage, degradation.Comparison(tuple(made[1:]), ())).unnoticed == (
        damage.must_fail[0],
    )


def test_the_table_counts_the_runs_that_are_only_noise() -> None:
    alarm = Row("seed 2", tuple(_changes([0.001])), right=False)
    table = degradation_table(
        [Row(DAMAGES[0].name, (), right=True), Row("seed 1", (), True), alarm]
    )
    assert table.row_count == 3


NOTE = Note(
    "n", "池化有什么用？", "池化缩小特征图。", Source("a.md", 1, 1), key_points=(KeyPoint("k1", "池化缩小特征图"),)
)  # fmt: skip


def test_rules_stand_whatever_the_judge_says() -> None:
    plain = make_bench().critic()
    for critic in (AlwaysCovered(plain), NoisyCritic(plain, 1, slips=1.0)):
        assert critic.final(NOTE, NOTE.question, "", "zh").score.value == 0.0
    answer = "池化有什么用？池化放大特征图。"
    assert AlwaysCovered(plain).final(NOTE, NOTE.question, answer, "zh").score.value == 10.0
