"""Whole interviews played by a program: they end, repeat nothing and aim at what was missed."""

from random import Random

import pytest

from tests.interview.values import NOW, make_critique, make_notes
from tutor.critique.types import Critique
from tutor.interview import machine
from tutor.interview.play import Counts, count, play
from tutor.interview.types import Choices, Mode, Turn
from tutor.notes.types import Note

NOTES = make_notes()


@pytest.mark.parametrize("mode", list(Mode))
def test_played_interviews_repeat_nothing_and_aim_well(mode: Mode) -> None:
    total = 0
    for seed in range(30):
        rng = Random(seed)

        def judge(turn: Turn, note: Note, rng: Random = rng) -> Critique:
            return make_critique(note, turn.answer, "".join(rng.choices("cpmx", k=3)))

        choices = Choices(count=4, mode=mode, follow_ups=2, seed=seed)
        session = machine.start("s", "u", choices, NOTES.values(), NOW)
        done = play(session, NOTES, lambda turn, note: f"我的回答 {turn.index}", judge, NOW)
        counts = count(done, NOTES)
        assert counts.questions == 4
        assert (counts.repeats, counts.leaks) == (0, 0)
        assert counts.aimed == counts.follow_ups
        total += counts.follow_ups
    assert total > 60


def test_counts_see_a_repeat_a_leak_and_a_bad_aim() -> None:
    session = machine.start("s", "u", Choices(count=4), NOTES.values(), NOW)
    ask = machine.AskNote("n0")
    session = machine.apply(session, ask, NOW, prompt="动量法解决了什么问题？")
    session = machine.receive(session, "都说到了", NOW)
    session = machine.attach(session, make_critique(NOTES["n0"], "都说到了", "cmm"))
    follow = machine.FollowUp("n0", "p0")  # covered already
    session = machine.apply(session, follow, NOW, prompt="它能减小来回震荡，对吗？")
    session = machine.skip(session, NOW)
    session = machine.skip(machine.apply(session, ask, NOW, prompt="又问一遍？"), NOW)
    assert count(session, NOTES) == Counts(questions=2, repeats=1, follow_ups=1, aimed=0, leaks=1)


def test_minutes_end_a_played_interview() -> None:
    session = machine.start("s", "u", Choices(count=None, minutes=2), NOTES.values(), NOW)
    done = play(
        session,
        NOTES,
        lambda turn, note: "回答",
        lambda turn, note: make_critique(note, turn.answer, "ccc"),
        NOW,
        seconds=70,
    )
    assert (done.finished, len(done.turns)) == ("time", 2)
