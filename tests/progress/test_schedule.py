"""Critiques become ratings, ratings become cards, cards become a plan with a date."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.interview.values import NOW, at, make_critique, make_notes
from tutor.errors import InterviewError
from tutor.interview import machine
from tutor.interview.types import AskNote, Choices, Session
from tutor.notes.types import Note
from tutor.progress.readiness import (
    make_plan,
    measure_readiness,
    point_shares,
    readiness_history,
)
from tutor.progress.schedule import (
    due_queue,
    leeches,
    rate,
    rate_session,
    recall,
    replay,
    rerate,
    review_card,
    wrong_points,
)
from tutor.progress.types import Goal, PointResult, Rating, Review

NOTES = make_notes()
DAY = timedelta(days=1)


def reviewed(*ratings: Rating, note_id: str = "n0", every: int = 3) -> list[Review]:
    return [Review(note_id, f"s{i}", r, NOW + i * every * DAY) for i, r in enumerate(ratings)]


def answered(labels: str, *, hints: int = 0) -> Session:
    session = machine.start("s", "u", Choices(count=1), [NOTES["n0"]], NOW)
    session = machine.apply(session, AskNote("n0"), NOW, prompt="问题？")
    for _ in range(hints):
        session = machine.hint(session)
    session = machine.receive(session, "回答", at(1))
    return machine.attach(session, make_critique(NOTES["n0"], "回答", labels))


@pytest.mark.parametrize(
    ("score", "rating"),
    [(0, 1), (3.9, 1), (4, 2), (6.9, 2), (7, 3), (8.9, 3), (9, 4), (10, 4)],
)
def test_score_maps_to_the_rating_that_is_documented(score: float, rating: int) -> None:
    assert rate(score) == rating


def test_help_and_contradiction_rule_out_the_best_ratings() -> None:
    assert rate(10, hints=1) == rate(10, follow_ups=1) == Rating.GOOD
    assert rate(10, hints=2) == rate(10, contradicted=True) == Rating.HARD
    assert rate(2, hints=2) == Rating.AGAIN


def test_session_gives_one_review_a_question() -> None:
    assert rate_session(answered("ccc"), NOTES)[0].rating is Rating.EASY
    hinted = rate_session(answered("ccc", hints=1), NOTES)[0]
    assert (hinted.rating, hinted.score) == (Rating.GOOD, 9.0)
    # covered (1), contradicted (-.25), bonus covered (.5) of 2.5; a contradiction is at most HARD
    wrong = rate_session(answered("cxc"), NOTES)[0]
    assert (wrong.rating, wrong.score) == (Rating.HARD, 5.0)


def test_unscored_open_and_vanished_questions_give_no_review() -> None:
    assert rate_session(answered("uuu"), NOTES) == []
    assert rate_session(answered("ccc"), {}) == []
    pending = machine.start("s", "u", Choices(count=1), [NOTES["n0"]], NOW)
    pending = machine.apply(pending, AskNote("n0"), NOW, prompt="问题？")
    assert rate_session(pending, NOTES) == []
    assert rate_session(machine.postpone(pending, NOW), NOTES) == []
    assert rate_session(machine.stop(pending, NOW, "草稿"), NOTES) == []


def test_skipped_and_revealed_questions_count_as_forgotten() -> None:
    pending = machine.start("s", "u", Choices(count=1), [NOTES["n0"]], NOW)
    pending = machine.apply(pending, AskNote("n0"), NOW, prompt="问题？")
    for left in (machine.skip(pending, at(1)), machine.reveal(pending, NOTES["n0"], at(1))):
        assert [(r.rating, r.score) for r in rate_session(left, NOTES)] == [(Rating.AGAIN, 0.0)]


def test_replay_does_not_depend_on_the_order_and_never_changes_its_input() -> None:
    history = reviewed(Rating.GOOD, Rating.AGAIN, Rating.GOOD, Rating.EASY)
    shuffled = history[:]
    random.Random(1).shuffle(shuffled)
    assert replay(history) == replay(shuffled)
    card = replay(history)["n0"]
    before = replace(card)
    review_card(card, "n0", Rating.AGAIN, NOW + 40 * DAY)
    assert card == before
    assert (card.reviews, card.lapses) == (4, 1)


def test_changed_rating_changes_the_card_as_if_it_had_always_been_so() -> None:
    history = reviewed(Rating.GOOD, Rating.AGAIN)
    changed = [history[0], rerate(history[1], Rating.GOOD)]
    assert replay(changed)["n0"].stability > replay(history)["n0"].stability
    assert replay(changed) == replay(reviewed(Rating.GOOD, Rating.GOOD))


def test_recall_falls_with_time_and_due_is_where_it_reaches_ninety_percent() -> None:
    card = replay(reviewed(Rating.GOOD, Rating.GOOD))["n0"]
    days = [recall(card, card.last_review + n * DAY) for n in range(60)]
    assert days == sorted(days, reverse=True)
    assert days[0] == 1.0
    assert recall(card, card.due) == pytest.approx(0.9, abs=0.01)


def test_due_queue_puts_what_is_nearly_forgotten_first() -> None:
    cards = replay(
        [
            *reviewed(Rating.GOOD),
            *reviewed(Rating.AGAIN, note_id="n1"),
            *reviewed(Rating.EASY, note_id="n2"),
        ]
    )
    queue = [card.note_id for card in due_queue(cards, NOW + 4 * DAY)]
    assert queue == ["n1", "n0"]
    assert due_queue(cards, NOW) == []


def test_points_stay_in_the_queue_across_sessions_until_they_are_said() -> None:
    def result(session: str, label: str, day: int, point: str = "p0") -> PointResult:
        return PointResult("n0", point, session, 0, label, NOW + day * DAY)

    history = [
        result("a", "missed", 0),
        result("b", "partial", 1),
        result("c", "contradicted", 2, "p1"),
    ]
    assert [(p.point_id, p.wrong, p.seen) for p in wrong_points(history)] == [
        ("p1", 1, 1),
        ("p0", 2, 2),
    ]
    said = [*history, result("d", "covered", 3), result("d", "unscored", 4, "p1")]
    assert [p.point_id for p in wrong_points(said)] == ["p1"]
    again = [result(f"s{day}", "missed", day) for day in range(4)]
    assert wrong_points(again)[0].leech
    assert not wrong_points(again[:3])[0].leech


def test_follow_up_in_vain_is_no_second_miss_and_one_that_helps_counts() -> None:
    def result(session: str, turn: int, label: str) -> PointResult:
        return PointResult("n0", "p0", session, turn, label, NOW + turn * DAY)

    missed = [result("a", 0, "missed"), result("a", 1, "missed")]
    assert [(p.wrong, p.seen) for p in wrong_points(missed)] == [(1, 1)]
    assert wrong_points([*missed, result("a", 2, "covered")]) == []
    wrong = wrong_points([*missed, result("a", 2, "contradicted")])
    assert [p.label for p in wrong] == ["contradicted"]


def test_note_forgotten_four_times_is_a_leech() -> None:
    bad = reviewed(Rating.GOOD, *[Rating.AGAIN] * 4)
    assert [card.note_id for card in leeches(replay(bad))] == ["n0"]
    assert leeches(replay(bad[:-1])) == []


def test_point_shares_take_the_best_of_an_interview_and_the_latest_interview() -> None:
    def result(session: str, turn: int, point: str, label: str, day: int = 0) -> PointResult:
        return PointResult("n0", point, session, turn, label, NOW + day * DAY)

    first = [result("a", 0, "p0", "covered"), result("a", 0, "p1", "missed")]
    follow_up = [result("a", 1, "p0", "missed"), result("a", 1, "p1", "partial")]
    assert point_shares(NOTES, first) == {"n0": 0.5}
    assert point_shares(NOTES, first + follow_up) == {"n0": 0.75}
    later = [result("b", 0, "p0", "missed", 1), result("b", 0, "p1", "missed", 1)]
    assert point_shares(NOTES, first + follow_up + later) == {"n0": 0.0}
    assert point_shares({}, first) == {}


def test_readiness_is_the_product_of_what_it_shows() -> None:
    cards = replay([*reviewed(Rating.GOOD), *reviewed(Rating.GOOD, note_id="n2")])
    day = NOW.date() + 10 * DAY
    ready = measure_readiness(list(NOTES.values()), cards, {"n0": 1.0, "n2": 0.5}, day)
    assert ready.overall.coverage == 0.5
    assert ready.overall.points == 0.75
    expected = recall(cards["n0"], NOW + 10 * DAY)
    assert ready.overall.recall == pytest.approx(expected)
    assert ready.value == pytest.approx(expected * 0.75 * 0.5)
    assert [topic.topic for topic in ready.topics] == ["优化", "卷积"]
    empty = measure_readiness([], {}, {}, day)
    assert (empty.value, empty.topics) == (0.0, ())


def deck(size: int) -> list[Note]:
    return [replace(NOTES["n0"], id=f"d{number}") for number in range(size)]


def test_plan_keeps_to_the_minutes_of_each_day_and_to_its_dates() -> None:
    notes = deck(40)
    goal = Goal(NOW.date() + 12 * DAY, 20)
    plan = make_plan(notes, {}, {}, goal, NOW)
    assert [day.day for day in plan.days] == [NOW.date() + n * DAY for n in range(12)]
    assert all(0 < day.minutes <= 20 for day in plan.days)
    assert all(len(set(day.again + day.new)) == len(day.again + day.new) for day in plan.days)
    new = [note for day in plan.days for note in day.new]
    assert len(new) == len(set(new)) == 40
    assert plan.idle.value == 0.0
    assert plan.forecast.value > 0.3


def test_what_if_more_minutes_raise_the_forecast() -> None:
    notes = deck(60)
    day = NOW.date() + 10 * DAY
    values = [make_plan(notes, {}, {}, Goal(day, m), NOW).forecast.value for m in (10, 20, 40)]
    assert values == sorted(values)
    assert values[0] < values[-1]


def test_day_before_gives_one_day_and_a_passed_date_is_refused() -> None:
    notes = deck(3)
    assert len(make_plan(notes, {}, {}, Goal(NOW.date(), 30), NOW).days) == 1
    assert len(make_plan(notes, {}, {}, Goal(None, 30), NOW).days) == 30
    with pytest.raises(InterviewError):
        make_plan(notes, {}, {}, Goal(NOW.date() - DAY, 30), NOW)
    assert make_plan([], {}, {}, Goal(NOW.date() + DAY, 30), NOW).days[0].new == ()


def test_history_shows_each_day_as_it_stood() -> None:
    notes = list(NOTES.values())
    reviews = [*reviewed(Rating.GOOD), *reviewed(Rating.GOOD, note_id="n1")]
    reviews[1] = replace(reviews[1], at=NOW + 2 * DAY)
    results = [
        PointResult(review.note_id, point, review.session_id, 0, "covered", review.at)
        for review in reviews
        for point in ("p0", "p1")
    ]
    history = readiness_history(notes, reviews, results, NOW.date() + 3 * DAY, days=5)
    assert [ready.overall.coverage for ready in history] == [0.0, 0.25, 0.25, 0.5, 0.5]
    assert history[2].value < history[1].value < history[3].value
    today = measure_readiness(notes, replay(reviews), {"n0": 1.0, "n1": 1.0}, history[-1].day)
    assert history[-1] == today
