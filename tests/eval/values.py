"""Small pieces that the tests of the harness share."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.fakes import WordEmbedder
from tutor.critique.calibrate import load_weights
from tutor.critique.critic import Critic
from tutor.eval.bench import Bench, Options
from tutor.eval.cache import Cache
from tutor.eval.cases import make_dataset
from tutor.eval.figures import mean_of
from tutor.eval.suites.base import Try, value_rows
from tutor.eval.types import Case, Dataset, Measure, Outcome
from tutor.notes.text import overlap
from tutor.search.gate import GateResult
from tutor.settings import load_settings


def make_bench(cache: Cache | None = None, **options: object) -> Bench:
    """A bench with the word-hash encoder and no language model."""
    settings = load_settings(model="none")
    encoder = WordEmbedder()
    shipped = load_weights()
    # The shipped cuts are on the scale of the real encoder's cosines.
    cuts = {**shipped.cuts, "related": 0.2, "related_without_words": 0.6}
    return Bench(
        settings,
        Options(**options),  # type: ignore[arg-type]
        cache or Cache(None),
        given_encoder=encoder,
        given_critic=Critic(encoder, weights=replace(shipped, cuts=cuts)),
        given_gate=lambda question, passages: GateResult(0.9, answerable=bool(passages)),
        given_supports=lambda statement, text: overlap(statement, text) >= 0.8,
    )


class NumberSuite:
    """A suite whose cases are numbers; what happens to each is up to the test."""

    name = "numbers"
    parts = ("errors.py",)
    uses_model = False

    def __init__(self, numbers: Sequence[int], attempt: Callable[[int], float]) -> None:
        self._numbers = numbers
        self._attempt = attempt
        self.tried: list[int] = []

    def datasets(self, bench: Bench) -> list[Dataset]:
        cases = [
            Case(f"n{n}", f"n{n}", "odd" if n % 2 else "even", {"n": n}) for n in self._numbers
        ]
        return [make_dataset(self.name, "own", cases)]

    def default_limit(self, dataset: Dataset, bench: Bench) -> int | None:
        return None

    def measures(self, dataset: str, outcomes: Sequence[Outcome]) -> Sequence[Measure]:
        return [Measure("value", value_rows("value"), mean_of)]

    @contextmanager
    def open(self, dataset: Dataset, bench: Bench) -> Iterator[Try]:
        yield self._one

    def _one(self, case: Case) -> Outcome:
        number = case.content["n"]
        self.tried.append(number)
        value = self._attempt(number)
        return Outcome(
            case.id, case.group, {"value": value}, evidence="<b>&</b>", badness=1 - value
        )


def write_rows(path: Path, lines: Sequence[str]) -> None:
    """A file of JSON lines, its folder made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
