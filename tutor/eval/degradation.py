"""Does the evaluation notice damage, and only damage? ``python -m tutor.eval degradation``.

Runs are compared exactly as ``--baseline`` compares them, with the shipped thresholds.

Damage: one part of the tutor is broken at a time; figures of that part must fail, and no others.
Noise: the tutor is run again with other seeds and other draws of the cases; no figure may fail. A
run without a language model repeats exactly, so the noise of one is put in: questions are read a
little differently, one verdict in ten slips, and a scripted reader picks other sentences and now
and then invents one. The run that all are compared with is such a run too.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from langchain_core.language_models import BaseChatModel

from tutor.critique.critic import Critic
from tutor.eval.baseline import Comparison, FigureChange, Thresholds, compare_reports
from tutor.eval.bench import Bench, Options
from tutor.eval.cache import Cache, CachedEncoder
from tutor.eval.memory_store import MemoryStore
from tutor.eval.report import Report, make_report
from tutor.eval.runner import run_suites
from tutor.eval.scripted import (
    AlwaysCovered,
    HonestReader,
    IgnoresNotes,
    NoisyCritic,
    NoisyQueries,
    RememberingCritic,
    RememberingEncoder,
)
from tutor.eval.suites import all_suites
from tutor.notes.types import Note
from tutor.search.embed import load_encoder
from tutor.search.retriever import Retriever
from tutor.search.types import Reranker
from tutor.settings import Settings

SUITES = ("retrieval", "critique", "grounding")
_SLIPS = 0.1
_DRAWN = 0.7
MakeBench = Callable[[str], Bench]


@dataclass(frozen=True, slots=True)
class Damage:
    """One way to break the tutor.

    Attributes:
        name: What is broken.
        suite: Whose figures must fail; no other suite's may.
        must_fail: Figures that have to be among them.
        breaks: Breaks a bench.
    """

    name: str
    suite: str
    must_fail: tuple[str, ...]
    breaks: Callable[[Bench], None]


def _drop_dense(bench: Bench) -> None:
    bench.dense = False


def _drop_lexical(bench: Bench) -> None:
    bench.lexical = False


def _always_covered(bench: Bench) -> None:
    bench.given_critic = AlwaysCovered(bench.critic())


def _ignore_notes(bench: Bench) -> None:
    bench.given_model = IgnoresNotes()


DAMAGES = (
    Damage("search without the dense leg", "retrieval", ("hit@5", "mrr"), _drop_dense),
    Damage("search without BM25", "retrieval", ("hit@1", "mrr"), _drop_lexical),
    Damage(
        "a judge that always says covered",
        "critique",
        ("point_auc", "score_mae"),
        _always_covered,
    ),
    Damage(
        "a model that ignores the notes",
        "grounding",
        ("claim_support_before",),
        _ignore_notes,
    ),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        name: The damage, or the seed of a run that is only noise.
        failed: Figures that would fail a build.
        right: Whether exactly the right ones did.
        unnoticed: Figures that should have failed and did not.
    """

    name: str
    failed: tuple[FigureChange, ...]
    right: bool
    unnoticed: tuple[str, ...] = ()


class MemoryBench(Bench):
    """A bench that searches in memory: an index on disk takes longer than these runs."""

    @contextmanager
    def retriever(
        self, notes: Sequence[Note], *, rerank: Reranker | None = None
    ) -> Iterator[Retriever]:
        """Search over these notes."""
        found = Retriever(
            MemoryStore(self.encoder),
            self.encoder,
            dense=self.dense,
            lexical=self.lexical,
            rerank=rerank,
        )
        found.sync(notes)
        yield found


def bench_maker(settings: Settings, cases: int, folder: Path) -> MakeBench:
    """Makes benches that read every text once, with the embedding model of the settings.

    Args:
        settings: Names the embedding model; the language model is scripted.
        cases: Cases a data set at most.
        folder: Where vectors of passages are kept from one command to the next.
    """
    real = load_encoder(settings.embedding, settings.models_dir, settings.threads)
    encoder = RememberingEncoder(CachedEncoder(real, Cache(folder)), real)
    critic = RememberingCritic(Critic(encoder))

    def make(suite: str) -> Bench:
        # A reply costs twenty times what a search does.
        limit = max(cases // {"retrieval": 1, "critique": 2, "grounding": 4}[suite], 1)
        bench = MemoryBench(
            settings, Options(limit=limit, resamples=0), Cache(None), given_encoder=encoder
        )
        bench.given_critic = critic
        return bench

    return make


def run_tutor(make: MakeBench, seed: int, suites: Sequence[str], damage: Damage | None) -> Report:
    """One run of some suites, noisy by its seed, damaged or not."""
    parts: list[Report] = []
    for name in suites:
        bench = make(name)
        if name == "retrieval":
            bench.given_encoder = NoisyQueries(bench.encoder, seed)
        bench.given_critic = NoisyCritic(bench.critic(), seed, _SLIPS)
        # The scripted reader writes replies; it cannot judge answers.
        if name == "grounding":
            bench.given_model = _reader(seed)
        if damage is not None:
            damage.breaks(bench)
        parts.append(make_report(run_suites([all_suites()[name]], bench), bench))
    return join(parts)


def _reader(seed: int) -> BaseChatModel:
    return HonestReader(seed=seed + 1, slips=_SLIPS)


def join(parts: Sequence[Report]) -> Report:
    """Reports of different suites as one."""
    both = {
        name: [one for part in parts for one in part[name]]
        for name in ("figures", "cases", "datasets", "skipped")
    }
    return {**parts[0], **both}


def draw(report: Report, seed: int) -> Report:
    """The report with seven cases of ten, as another draw would have left it."""
    kept = [
        case
        for case in report["cases"]
        if random.Random(f"{seed}:{case['suite']}:{case['group']}").random() < _DRAWN
    ]
    return {**report, "cases": kept}


def judge_damage(damage: Damage, found: Comparison) -> Row:
    """Whether the right figures failed."""
    failed = found.regressions
    names = {figure.name for figure in failed if figure.suite == damage.suite}
    unnoticed = tuple(name for name in damage.must_fail if name not in names)
    others = any(figure.suite != damage.suite for figure in failed)
    return Row(damage.name, failed, not unnoticed and not others, unnoticed)


def try_all(
    make: MakeBench,
    seeds: Iterable[int],
    thresholds: Thresholds,
    *,
    damages: Sequence[Damage] = DAMAGES,
    tell: Callable[[str], object] = lambda _: None,
) -> list[Row]:
    """Every damage, then every seed.

    Args:
        make: Makes a fresh bench for a suite.
        seeds: Of the runs that are only noise; 0 is the baseline's.
        thresholds: What counts as worse.
        damages: What is broken, one after another.
        tell: Told what comes next.
    """

    def against(report: Report, seed: int) -> Comparison:
        return compare_reports(baseline, report, all_suites(), thresholds, seed=seed)

    tell("baseline")
    baseline = run_tutor(make, 0, SUITES, None)
    other = run_tutor(make, -1, SUITES, None)  # what is not damaged is noisy all the same
    rows = []
    for damage in damages:
        tell(damage.name)
        hurt = run_tutor(make, -1, (damage.suite,), damage)
        sound = [case for case in other["cases"] if case["suite"] != damage.suite]
        whole = {**hurt, "cases": hurt["cases"] + sound}
        rows.append(judge_damage(damage, against(whole, 0)))
    for seed in seeds:
        tell(f"seed {seed}")
        failed = against(draw(run_tutor(make, seed, SUITES, None), seed), seed).regressions
        rows.append(Row(f"seed {seed}", failed, not failed))
    return rows
