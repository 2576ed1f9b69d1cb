"""kill -9 at any point: what was typed is there, and judging it again gives the same record."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.interview.values import at, make_critique, make_notes
from tests.progress.crash import ANSWER, POINTS
from tutor.interview import machine
from tutor.interview.types import Finish, Judge, Phase
from tutor.progress.ledger import Ledger
from tutor.progress.schedule import rate_session

NOTES = make_notes()


def crash(url: str, point: str) -> None:
    root = str(Path(__file__).resolve().parents[2])
    done = subprocess.run(
        [sys.executable, "-m", "tests.progress.crash", url, point],
        cwd=root,
        env=os.environ | {"PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


def take_up(ledger: Ledger) -> None:
    """What a restarted program does, up to the end of the interview."""
    session = ledger.load_session("s")
    if session.phase is Phase.ASKED:
        text = ledger.unsent_answer(session) or ANSWER  # offered again, or typed now
        session = ledger.save_session(machine.receive(session, text, at(3)))
    while (move := machine.next_move(session, NOTES, at(3))) != Finish(session.finished):
        if isinstance(move, Judge):
            critique = make_critique(NOTES["n0"], session.turns[move.turn].answer, "ccm")
            moved = machine.attach(session, critique, move.turn)
        else:
            moved = machine.apply(session, move, at(3))
        with ledger.transaction() as inside:
            session = inside.save_session(moved)
            for review in rate_session(session, NOTES):
                inside.record_review("ann", review)


@pytest.mark.parametrize("point", POINTS)
def test_killed_program_loses_no_answer_and_counts_nothing_twice(
    tmp_path: Path, point: str
) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    crash(url, point)
    ledger = Ledger(url)
    session = ledger.load_session("s")
    if point != "asked":
        kept = {session.turns[0].answer, *(a.text for a in ledger.typed_answers("s"))}
        assert ANSWER in kept
    if point == "journalled":
        assert ledger.unsent_answer(session) == ANSWER
    # A transaction that was cut off left neither the critique nor the review.
    assert bool(session.turns[0].critique) == bool(ledger.reviews("ann"))
    assert bool(ledger.unfinished("ann")) == (point != "finished")
    for _ in range(2):
        take_up(ledger)
        done = ledger.load_session("s")
        assert done.finished == "plan"
        assert len(done.turns) == 1
        assert done.turns[0].answer == ANSWER
        assert len(ledger.reviews("ann")) == 1
        assert len(ledger.point_results("ann")) == 3
    ledger.close()
