"""Which share of the sentences that answer is quoted, and which share of quotations answers.

Run by hand: ``python -m benchmarks.quotations``; a minute or two. The 1,143 questions
(`answer_cases/`) were written for this project, each with the sentences that a tutor would quote.
"""

import argparse
import random
from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.cases import Answered, read_answers
from tutor.notes.types import Span
from tutor.search.embed import load_encoder
from tutor.settings import load_settings
from tutor.study.memory import RememberingEncoder
from tutor.study.passages import Passage, read_passage
from tutor.study.quoting import choose_quotes

Choose = Callable[[Passage, str], Sequence[Span]]


def best(count: int) -> Choose:
    """The sentences that fit best, so many of them."""

    def choose(passage: Passage, question: str) -> list[Span]:
        order = np.argsort(-passage.scores, kind="stable")[:count]
        return [passage.spans[index] for index in order.tolist()]

    return choose


def covered(passage: Passage, spans: Sequence[Span]) -> set[int]:
    """Numbers of the sentences that stand in the spans."""
    return {
        index
        for index, own in enumerate(passage.spans)
        if any(span.start <= own.start and own.end <= span.end for span in spans)
    }


def measure(cases: Sequence[Answered], passages: Sequence[Passage], choose: Choose) -> str:
    """Recall and precision by sentences, and characters quoted."""
    hits = total = chosen = chars = 0
    for case, passage in zip(cases, passages, strict=True):
        spans = choose(passage, case.question)
        quoted = covered(passage, spans)
        hits += len(quoted & case.answers)
        total += len(case.answers)
        chosen += len(quoted)
        chars += sum(span.end - span.start for span in spans)
    return f"recall {hits / total:.3f} precision {hits / chosen:.3f} chars {chars / len(cases):.0f}"


def main() -> None:
    """Print the figures by file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, default=1000, help="questions a file")
    options = parser.parse_args()
    encoder = RememberingEncoder(load_encoder("bundled", load_settings().models_dir, 2))
    for name, found in read_answers().items():
        cases = [case for case in found if case.answers]
        random.Random(1).shuffle(cases)
        cases = cases[: options.limit]
        passages = [read_passage(case.note, case.question, encoder) for case in cases]
        for title, choose in (
            ("chosen", choose_quotes),
            ("best one", best(1)),
            ("best two", best(2)),
            ("best three", best(3)),
        ):
            print(f"{name:9s} {title:10s} {measure(cases, passages, choose)} n={len(cases)}")


if __name__ == "__main__":
    main()
