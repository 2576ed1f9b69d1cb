"""The plan is worth following: under laws of memory that it does not know."""

import statistics
from random import Random

import pytest

from tutor.progress.learners import LAWS, draw_learner
from tutor.progress.simulate import START, simulate_plan
from tutor.progress.types import Rating


@pytest.mark.parametrize("law", ["fsrs", "exponential", "half-life"])
def test_plan_beats_random_and_fixed_practice_at_the_same_number_of_looks(law: str) -> None:
    runs = [simulate_plan(seed, law, notes=30, days=14, a_day=5) for seed in range(8)]
    assert {run.looks for run in runs} == {70}
    assert statistics.mean(run.plan - run.random for run in runs) > 0
    assert sum(run.plan > run.random for run in runs) >= 6
    assert sum(run.plan > run.fixed for run in runs) >= 6
    assert all(0 <= value <= 1 for run in runs for value in (run.plan, run.random, run.fixed))


def test_learner_whom_failure_does_not_set_back_loses_little_by_the_plan() -> None:
    """For such a memory equal practice of everything is best, and the plan stays near to it."""
    runs = [simulate_plan(seed, "power", notes=30, days=14, a_day=5) for seed in range(8)]
    assert statistics.mean(run.plan - run.random for run in runs) > 0
    assert statistics.mean(run.plan - run.fixed for run in runs) > -0.06


def test_same_seed_gives_the_same_learner_and_the_same_result() -> None:
    first = simulate_plan(3, notes=10, days=5, a_day=3)
    assert first == simulate_plan(3, notes=10, days=5, a_day=3)
    assert first != simulate_plan(4, notes=10, days=5, a_day=3)


@pytest.mark.parametrize("law", LAWS)
def test_learners_forget_what_they_have_not_seen_lately(law: str) -> None:
    rng = Random(1)
    learner = draw_learner(rng, ["a", "b"], law)
    assert learner.remembers("a", START) == 0.0
    assert learner.practise("a", START, rng) in Rating
    fresh = learner.remembers("a", START)
    assert fresh > 0.9
    later = START.replace(day=20)
    assert 0.0 < learner.remembers("a", later) < fresh
    assert learner.remembers("b", later) == 0.0
    learner.practise("a", later, rng)
    assert learner.remembers("a", later) > 0.9


def test_unknown_law_is_refused() -> None:
    with pytest.raises(ValueError, match="linear"):
        draw_learner(Random(1), ["a"], "linear")
