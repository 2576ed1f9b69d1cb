"""The arithmetic over arrays is FSRS's own, and a learner's memory is told from the ratings."""

from datetime import timedelta
from random import Random

import fsrs
import numpy as np
import pytest

from tests.interview.values import NOW
from tutor.progress.learners import LAWS, draw_learner, noon
from tutor.progress.memory import USUAL, fit_memory, law_of, make_memory
from tutor.progress.schedule import recall, replay, review_card
from tutor.progress.types import Rating, Review

OTHER = make_memory([*(2 * w for w in USUAL.parameters[:4]), *USUAL.parameters[4:20], 0.4])


@pytest.mark.parametrize("memory", [USUAL, OTHER])
@pytest.mark.parametrize("first", list(Rating))
@pytest.mark.parametrize("later", list(Rating))
def test_arrays_give_what_the_engine_gives(memory, first, later):
    law = law_of(memory)
    days = np.array([1.0, 5.0, 40.0])
    stability, difficulty = law.first(first)
    known = review_card(None, "n", first, NOW, memory=memory)
    assert (stability, difficulty) == pytest.approx((known.stability, known.difficulty))
    at_days = law.recall(stability, days)
    after = law.next(stability, difficulty, at_days, later)
    for index, number in enumerate(days):
        then = NOW + timedelta(days=int(number))
        assert at_days[index] == pytest.approx(recall(known, then, memory=memory))
        card = review_card(known, "n", later, then, memory=memory)
        found = (after[0][index], np.broadcast_to(after[1], 3)[index])
        assert found == pytest.approx((card.stability, card.difficulty))


def test_few_reviews_leave_the_memory_near_the_usual_one():
    usual = np.array(fsrs.scheduler.DEFAULT_PARAMETERS)
    for days in ((), (0, 2)):
        reviews = [Review("n", f"s{d}", Rating.GOOD, NOW + timedelta(days=d)) for d in days]
        fitted = np.array(fit_memory(reviews).parameters)
        assert np.abs(fitted / usual - 1).max() < 0.25


def test_second_look_on_one_day_says_nothing_about_forgetting():
    same_day = [Review("n", f"s{i}", Rating.AGAIN, NOW + timedelta(hours=i)) for i in range(9)]
    assert fit_memory(same_day).parameters == fit_memory([]).parameters


@pytest.mark.parametrize("law", LAWS)
def test_fitted_memory_foresees_recall_better_than_the_usual_one(law):
    """Mean absolute error of the recall foreseen a week ahead, over six learners."""
    errors = {"usual": 0.0, "fitted": 0.0}
    for seed in range(6):
        rng = Random(seed)
        ids = [f"n{number}" for number in range(20)]
        learner = draw_learner(rng, ids, law)
        start = NOW.date()
        reviews = []
        for day in range(20):
            on = start + timedelta(days=day)
            for note_id in ids[day % 4 :: 4]:
                rating = learner.practise(note_id, on, rng)
                reviews.append(Review(note_id, f"s{day}", rating, noon(on)))
        then = start + timedelta(days=27)
        true = sum(learner.remembers(i, then) for i in ids) / len(ids)
        for name, memory in (("usual", USUAL), ("fitted", fit_memory(reviews))):
            cards = replay(reviews, memory=memory).values()
            foreseen = sum(recall(c, noon(then), memory=memory) for c in cards) / len(ids)
            errors[name] += abs(foreseen - true) / 6
    if law == "fsrs":  # already near: the usual parameters are the middle of these learners
        assert errors["fitted"] < errors["usual"] + 0.01
    else:
        assert errors["fitted"] < errors["usual"]
