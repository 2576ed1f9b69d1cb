"""What the tutor makes of statements inside questions: false ones denied, true ones left alone.

Run by hand: ``python -m benchmarks.premises [--model none] [--limit N] [--show]``; with the embedded
model some 4 s a question. The 240 questions (`premise_cases.jsonl`) were written for this project;
half of what they state is false by the note they name, which is given, so that only the judgement
is measured and not the search.
"""

import argparse
import json
import random
from collections import Counter

from benchmarks.cases import ROOT, notes_by_ref
from tutor.llm.reader import build_reader
from tutor.notes.text import detect_lang
from tutor.search.embed import load_encoder
from tutor.settings import load_settings
from tutor.study.claim_reader import statement_reader
from tutor.study.claims import ClaimChecker
from tutor.study.memory import RememberingEncoder
from tutor.study.passages import read_passage
from tutor.study.premise import find_premise
from tutor.study.verdict import Stance, judge_premise, read_stance


def main() -> None:
    """Judge every case and print the shares by form."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="local", choices=("local", "none"))
    parser.add_argument("--limit", type=int, default=240, help="questions, drawn with seed 1")
    parser.add_argument("--show", action="store_true", help="print what was judged wrongly")
    options = parser.parse_args()
    settings = load_settings(model=options.model)
    encoder = RememberingEncoder(load_encoder("bundled", settings.models_dir, 2))
    reader = build_reader(settings)
    checker = ClaimChecker(encoder, reader=statement_reader(reader) if reader else None)
    notes = notes_by_ref()
    path = ROOT / "benchmarks" / "premise_cases.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    random.Random(1).shuffle(rows)
    count: Counter[tuple[str, bool, str]] = Counter()
    for row in rows[: options.limit]:
        lang = detect_lang(row["question"])
        note = notes.get((row["note"], lang)) or notes[row["note"], "zh"]
        passages = [read_passage(note, row["question"], encoder)]
        stance: Stance | None = None
        if checker.reads:
            stance = read_stance(row["question"], passages, checker)
        elif premise := find_premise(row["question"]):
            stance = judge_premise(premise, passages, checker)
        found = {None: "open", True: "held", False: "denied"}[stance.holds if stance else None]
        count[row["form"], row["holds"], found] += 1
        if options.show and found == ("denied" if row["holds"] else "held"):
            print(f"{found}, {'true' if row['holds'] else 'false'}: {row['question']}")
    for form in sorted({form for form, _, _ in count}):
        for holds in (False, True):
            total = sum(count[form, holds, found] for found in ("open", "held", "denied"))
            shares = ", ".join(
                f"{found} {count[form, holds, found] / max(total, 1):.2f}"
                for found in ("denied", "open", "held")
            )
            print(f"{form:7s} {'true ' if holds else 'false'}: {shares} (n={total})")


if __name__ == "__main__":
    main()
