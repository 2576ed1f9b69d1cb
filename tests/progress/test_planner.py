"""The plan aims at recall on the interview's day, topic by topic, within the minutes."""

from dataclasses import replace
from datetime import timedelta

from tests.interview.values import NOW, make_notes
from tutor.progress.planner import choose_day, one_of_each, plan_looks, practice_seconds
from tutor.progress.types import Card

NOTE = make_notes()["n0"]
DAY = timedelta(days=1)
TODAY = NOW.date()


def deck(size, topics=1):
    return [replace(NOTE, id=f"d{n}", topic=f"t{n * topics // size}") for n in range(size)]


def card(note_id, stability, seen):
    return Card(note_id, stability, 5.0, NOW, NOW - seen * DAY, 2, 0)


def test_day_takes_what_fades_and_leaves_what_is_known_or_was_seen_today():
    notes = deck(3)
    cards = {c.note_id: c for c in (card("d0", 1.0, 0), card("d1", 3.0, 9), card("d2", 500.0, 1))}
    once = practice_seconds(NOTE)
    assert choose_day(notes, cards, TODAY, TODAY + DAY, 2 * once) == ["d1"]
    assert "d0" not in choose_day(notes, cards, TODAY, TODAY + 9 * DAY, 10 * once)


def test_minutes_of_today_that_are_used_are_not_planned_again():
    notes = deck(6)
    once = practice_seconds(NOTE)
    assert len(choose_day(notes, {}, TODAY, TODAY + 5 * DAY, 2 * once)) == 2
    assert len(choose_day(notes, {}, TODAY, TODAY + 5 * DAY, 1)) == 1
    done = {"d0": card("d0", 1.0, 0)}
    assert len(choose_day(notes, done, TODAY, TODAY + 5 * DAY, 2 * once)) == 1
    assert choose_day(notes, done, TODAY, TODAY + 5 * DAY, 1) == []


def test_every_topic_is_practised_where_there_is_time_for_it():
    notes = deck(40, topics=8)
    planned = plan_looks(notes, {}, TODAY, TODAY + 2 * DAY, 4 * practice_seconds(NOTE))
    assert {looks.note.topic for looks in planned if looks.days} == {n.topic for n in notes}


def test_known_notes_come_before_new_ones_and_the_most_faded_first():
    notes = deck(6)
    cards = {"d4": card("d4", 2.0, 3), "d5": card("d5", 2.0, 20)}
    chosen = choose_day(notes, cards, TODAY, TODAY + DAY, 6 * practice_seconds(NOTE))
    assert chosen[:2] == ["d5", "d4"]
    assert set(chosen[2:]) == {"d0", "d1", "d2", "d3"}


def test_last_days_are_full_and_their_looks_are_of_different_notes():
    notes = deck(10)
    planned = plan_looks(notes, {}, TODAY, TODAY + 6 * DAY, 5 * practice_seconds(NOTE))
    for day in range(6):
        assert sum(day in looks.days for looks in planned) == 5
    assert all(looks.days[-1] in (4, 5) for looks in planned)


def test_note_and_its_translation_are_planned_once():
    zh = replace(NOTE, id="zh", ref="same", lang="zh")
    en = replace(NOTE, id="en", ref="same", lang="en")
    other = replace(NOTE, id="other")
    empty = replace(NOTE, id="empty", answer="", key_points=())
    notes = [zh, en, other, empty]
    assert [n.id for n in one_of_each(notes, {}, "en")] == ["en", "other"]
    assert [n.id for n in one_of_each(notes, {"zh": card("zh", 1.0, 1)}, "en")] == ["zh", "other"]
    assert plan_looks([], {}, TODAY, TODAY + DAY, 600) == []
