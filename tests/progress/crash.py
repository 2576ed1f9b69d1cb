"""Takes one answer and dies by SIGKILL at the point named on the command line."""

import os
import signal
import sys

from tests.interview.values import NOW, at, make_critique, make_notes
from tutor.interview import machine
from tutor.interview.types import AskNote, Choices
from tutor.progress.ledger import Ledger
from tutor.progress.schedule import rate_session

NOTES = make_notes()
ANSWER = "动量累积历史梯度，能减小震荡。"
POINTS = ("asked", "journalled", "received", "judging", "attaching", "judged", "finished")


def die_at(point: str) -> None:
    if sys.argv[2] == point:
        os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    ledger = Ledger(sys.argv[1])
    session = machine.start("s", "ann", Choices(count=1, follow_ups=0), [NOTES["n0"]], NOW)
    session = machine.apply(session, AskNote("n0"), NOW, prompt="问题？")
    session = ledger.save_session(session)
    die_at("asked")
    ledger.append_answer("ann", "s", 0, ANSWER, at(1))
    die_at("journalled")
    session = ledger.save_session(machine.receive(session, ANSWER, at(1)))
    die_at("received")
    critique = make_critique(NOTES["n0"], ANSWER, "ccm")
    die_at("judging")
    with ledger.transaction() as inside:
        session = inside.save_session(machine.attach(session, critique))
        die_at("attaching")
        for review in rate_session(session, NOTES):
            inside.record_review("ann", review)
    die_at("judged")
    ledger.save_session(machine.apply(session, machine.Finish("plan"), at(2)))
    die_at("finished")


if __name__ == "__main__":
    main()
