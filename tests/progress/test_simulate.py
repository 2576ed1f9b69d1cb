"""The plan is worth following: it beats chance and a fixed interval for learners it does not know."""

import statistics
from random import Random

from tutor.progress.simulate import START, draw_learner, simulate_plan
from tutor.progress.types import Rating


def test_plan_beats_random_and_fixed_practice_at_the_same_number_of_looks() -> None:
    runs = [simulate_plan(seed, notes=30, days=14, a_day=5) for seed in range(20)]
    assert {run.looks for run in runs} == {70}
    assert statistics.mean(run.plan - run.random for run in runs) > 0.05
    assert statistics.mean(run.plan - run.fixed for run in runs) > 0.005
    assert sum(run.gain > 0 for run in runs) >= 12
    assert all(0 <= value <= 1 for run in runs for value in (run.plan, run.random, run.fixed))


def test_same_seed_gives_the_same_learner_and_the_same_result() -> None:
    assert simulate_plan(3, notes=10, days=5, a_day=3) == simulate_plan(
        3, notes=10, days=5, a_day=3
    )
    assert simulate_plan(3, notes=10, days=5, a_day=3) != simulate_plan(
        4, notes=10, days=5, a_day=3
    )


def test_learners_forget_what_they_have_not_seen_lately() -> None:
    rng = Random(1)
    learner = draw_learner(rng, ["a", "b"])
    assert learner.remembers("a", START) == 0.0
    assert learner.practise("a", START, rng) in Rating
    assert learner.remembers("a", START) == 1.0
    later = START.replace(day=20)
    assert 0.0 < learner.remembers("a", later) < 1.0
    assert learner.remembers("b", later) == 0.0
