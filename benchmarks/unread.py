"""The tutor's replies to false premises that no reader has judged yet, for somebody to read.

Run by hand: ``python -m benchmarks.unread OUT.jsonl [--limit N]``; with the embedded model some 10 s
a question on one core. Each row has the question, the reply, and what is ``right`` and ``wrong`` to
say; evals/README.md ("Reading a reply") says what a reader makes of it.
"""

import argparse
import json
from pathlib import Path

from tutor.eval.bench import Bench, Options
from tutor.eval.cache import Cache
from tutor.eval.suites.abstention import last_answer
from tutor.eval.suites.readings import find_reading
from tutor.eval.suites.replies import reply_datasets
from tutor.settings import load_settings


def main() -> None:
    """Ask every question with a false premise and keep the replies without a reading."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--limit", type=int, help="questions asked")
    options = parser.parse_args()
    settings = load_settings()
    bench = Bench(settings, Options(("grounding",)), Cache(settings.cache_dir / "eval"))
    notes = {note.id: note for note in bench.searched}
    cases = [
        case
        for dataset in reply_datasets(bench)
        for case in dataset.cases
        if case.content["kind"] == "false_premise"
    ][: options.limit]
    unread = 0
    with (
        bench.retriever(list(notes.values())) as retriever,
        options.out.open("w", encoding="utf-8") as out,
    ):
        study = bench.study(retriever, notes)
        for case in cases:
            answer = last_answer(study, case.content["question"])
            if answer.refused or find_reading(case.content["readings"], answer.text):
                continue
            unread += 1
            row = {"id": case.id, "question": case.content["question"], "reply": answer.text}
            row |= {"right": case.content["must_say"], "wrong": case.content["must_not_say"]}
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
            out.flush()
    print(f"{unread} of {len(cases)} replies are to be read: {options.out}")


if __name__ == "__main__":
    main()
