"""How well our measure of corrected false premises agrees with readers.

Run by hand: ``python -m benchmarks.corrections [--model none] [--limit N] [--show]``; with the
embedded model some 4 s a reply on one core. Two sets, both to the questions with a false premise in
``evals/``: the tutor's own replies, judged by readers (``evals/readings/``), and
``correction_cases.jsonl``, two replies to each such question, written for this: one that sets it
right in other words, and one that goes along with it (a, b), is true and beside the point (c), or
corrects something else (d).
"""

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.cases import ROOT
from tutor.eval import metrics
from tutor.eval.bench import Bench, Options
from tutor.eval.cache import Cache
from tutor.eval.cases import read_rows
from tutor.eval.judge import Stated
from tutor.eval.suites.readings import readings_by_id
from tutor.eval.suites.replies import judge_reply, reply_datasets
from tutor.eval.types import Case
from tutor.settings import load_settings
from tutor.study.types import Answer


@dataclass(frozen=True)
class Read:
    """A reply, whether it corrects, and which statements it makes, by readers (or its writer)."""

    case: Case
    how: str
    reply: str
    corrected: bool
    right: Sequence[int]
    wrong: Sequence[int]


def main() -> None:
    """Judge both sets and print how far they agree with what is known."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="local", choices=("local", "none"))
    parser.add_argument("--limit", type=int, default=200, help="replies a set, drawn with seed 1")
    parser.add_argument("--show", action="store_true", help="print what is judged otherwise")
    options = parser.parse_args()
    settings = load_settings(model=options.model)
    bench = Bench(settings, Options(), Cache(settings.cache_dir / "eval"))
    stated = bench.stated()
    cases = {case.id: case for dataset in reply_datasets(bench) for case in dataset.cases}
    for name, known in (("readers", _by_readers(cases)), ("written", _written(cases))):
        rows = list(known)
        random.Random(1).shuffle(rows)
        _print(name, rows[: options.limit], stated, show=options.show)


def _by_readers(cases: dict[str, Case]) -> Iterator[Read]:
    for name, rows in readings_by_id().items():
        for row in rows:
            yield Read(
                cases[name], "", row["reply"], row["corrected"] == 2, row["right"], row["wrong"]
            )


def _written(cases: dict[str, Case]) -> Iterator[Read]:
    for row in read_rows(ROOT / "benchmarks" / "correction_cases.jsonl"):
        yield Read(
            cases[row["of"]], row["how"], row["reply"], row["corrected"], row["right"], row["wrong"]
        )


def _print(name: str, rows: Sequence[Read], stated: Stated, *, show: bool) -> None:
    pairs: list[tuple[float, bool]] = []
    said: list[tuple[float, bool]] = []
    wrong: list[tuple[float, bool]] = []
    for row in rows:
        answer = Answer(row.case.content["question"], "", row.reply)
        values = judge_reply(row.case, answer, {}, lambda *_: False, stated=stated).values
        pairs.append((values["corrected"], row.corrected))
        said += zip(values["said"], [one > 0 for one in row.right], strict=True)
        wrong += zip(values["wrong"], [one > 0 for one in row.wrong], strict=True)
        if show and bool(values["corrected"]) != row.corrected:
            print(f"{row.case.id} {row.how} corrected {row.corrected}: {row.reply[:200]!r}")
    for what, found in (("corrected", pairs), ("must_say", said), ("must_not_say", wrong)):
        kappa = metrics.kappa([one for one, _ in found], [float(true) for _, true in found])
        yes = [one for one, true in found if true]
        no = [one for one, true in found if not true]
        print(
            f"{name:8} {what:12} n={len(found)}: measure {_mean([o for o, _ in found])}, "
            f"known {_mean([float(t) for _, t in found])}; agreement "
            f"{_mean([float(bool(o) == t) for o, t in found])}, kappa "
            f"{'–' if kappa is None else format(kappa, '.2f')}; found {_mean(yes)} of {len(yes)}, "
            f"false alarms {_mean(no)} of {len(no)}"
        )


def _mean(values: Sequence[float]) -> str:
    return f"{sum(values) / len(values):.3f}" if values else "–"


if __name__ == "__main__":
    main()
