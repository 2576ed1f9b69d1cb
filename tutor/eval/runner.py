"""Runs suites: draws samples, takes what is known from the cache, tries the rest, keeps everything."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from tutor.errors import TutorError
from tutor.eval.bench import Bench, code_digest
from tutor.eval.cases import sample
from tutor.eval.figures import make_figure
from tutor.eval.suites.base import Suite, Try
from tutor.eval.types import Case, Dataset, Figure, Outcome, digest_of

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Skip:
    """What was not run.

    Attributes:
        what: Suite, and data set where it concerns one.
        reason: Why, in one sentence.
        failed: True where it should have run and could not.
    """

    what: str
    reason: str
    failed: bool


@dataclass
class DatasetRun:
    """What one data set brought.

    Attributes:
        figures: Empty until it has been run to its end or interrupted.
        reused: Outcomes that came from the cache.
    """

    suite: Suite
    dataset: Dataset
    outcomes: list[Outcome] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    reused: int = 0
    seconds: float = 0.0


@dataclass
class Run:
    """What an evaluation brought.

    Attributes:
        skipped: What was not run, and why.
        partial: True where it was interrupted.
    """

    runs: list[DatasetRun] = field(default_factory=list)
    skipped: list[Skip] = field(default_factory=list)
    partial: bool = False
    seconds: float = 0.0

    @property
    def figures(self) -> list[Figure]:
        """All figures."""
        return [figure for run in self.runs for figure in run.figures]


def plan(suites: Sequence[Suite], bench: Bench, run: Run) -> list[tuple[Suite, Dataset]]:
    """The data sets to run, after sampling; what cannot be read is noted as skipped."""
    found: list[tuple[Suite, Dataset]] = []
    for suite in suites:
        datasets = suite.datasets(bench)
        if not datasets:
            run.skipped.append(Skip(suite.name, "There are no cases.", failed=False))
        for dataset in datasets:
            limit = bench.options.limit
            limit = suite.default_limit(dataset, bench) if limit is None else limit
            found.append((suite, sample(dataset, limit, bench.options.seed)))
    return found


def run_suites(suites: Sequence[Suite], bench: Bench, progress: Progress = lambda *_: None) -> Run:
    """Run suites; Ctrl-C ends the run and keeps what was measured so far.

    Raises:
        EvalError: The cases cannot be read.
    """
    begun = time.perf_counter()
    run = Run()
    try:
        planned = plan(suites, bench, run)
        total = sum(len(dataset.cases) for _, dataset in planned)
        done = 0
        for suite, dataset in planned:
            for _ in _run_part(suite, dataset, bench, run):
                done += 1
                progress(f"{suite.name} {dataset.name}", done, total)
    except KeyboardInterrupt:
        run.partial = True
    for part in run.runs:
        part.figures = [
            make_figure(
                measure,
                part.dataset.suite,
                part.dataset.name,
                part.outcomes,
                resamples=bench.options.resamples,
            )
            for measure in part.suite.measures(part.dataset.name, part.outcomes)
        ]
    run.seconds = time.perf_counter() - begun
    return run


def _run_part(suite: Suite, dataset: Dataset, bench: Bench, run: Run) -> Iterator[Outcome]:
    """Try one data set and note what came of it; what cannot be opened stops no other."""
    what = f"{suite.name} {dataset.name}"
    if not dataset.cases:
        run.skipped.append(Skip(what, "Not part of a run with these options.", failed=False))
        return
    part = DatasetRun(suite, dataset)
    begun = time.perf_counter()
    try:
        for outcome, known in try_cases(suite, dataset, bench):
            if not part.outcomes:
                run.runs.append(part)
            part.outcomes.append(outcome)
            part.reused += known
            part.seconds = time.perf_counter() - begun
            yield outcome
    except Exception as error:
        run.skipped.append(Skip(what, _told(error), failed=True))
        return
    errors = [outcome.error for outcome in part.outcomes]
    if all(errors):
        reason = f"No case could be run, the first because: {errors[0]}"
        run.skipped.append(Skip(what, reason, failed=True))


def outcome_key(suite: Suite, dataset: Dataset, case: Case, bench: Bench) -> str:
    """Under what an outcome is kept: everything it depends on."""
    model = bench.model_name if suite.uses_model else ""
    return digest_of(
        {
            "suite": suite.name,
            "setup": dataset.setup,
            "case": case.digest,
            "code": code_digest(*suite.parts),
            "embedding": [bench.encoder.name, bench.english_name],
            "model": [model, bench.settings.context_tokens] if model else [],
            "judge": bench.options.judge,
            "switches": bench.switches,
        }
    )


def try_cases(suite: Suite, dataset: Dataset, bench: Bench) -> Iterator[tuple[Outcome, bool]]:
    """Outcomes in the order of the cases, each with whether it was known already."""
    keys = {case.id: outcome_key(suite, dataset, case, bench) for case in dataset.cases}
    known = {case.id: bench.cache.outcome(keys[case.id]) for case in dataset.cases}
    with ExitStack() as stack:
        attempt: Try | None = None
        pool = stack.enter_context(ThreadPoolExecutor(max(1, bench.options.jobs)))
        if any(outcome is None for outcome in known.values()):
            # Only now are models loaded and indexes made.
            readable = tuple(case for case in dataset.cases if "unreadable" not in case.content)
            attempt = stack.enter_context(suite.open(replace(dataset, cases=readable), bench))
        ahead = max(1, bench.options.jobs)
        missing = [case for case in dataset.cases if known[case.id] is None]
        queue = iter(missing)
        futures: dict[str, Future[Outcome]] = {}
        for case in dataset.cases:
            kept = known[case.id]
            if kept is not None:
                yield kept, True
                continue
            while attempt and len(futures) < ahead and (following := next(queue, None)):
                futures[following.id] = pool.submit(_safely, attempt, following)
            outcome = futures.pop(case.id).result()
            if not outcome.error:
                bench.cache.keep(keys[case.id], outcome)
            yield outcome, False


def _safely(attempt: Try, case: Case) -> Outcome:
    """The outcome, or one that says why there is none; one bad case does not stop the run."""
    if unreadable := case.content.get("unreadable"):
        return Outcome(case.id, case.group, {}, error=unreadable[0], evidence=unreadable[0])
    try:
        return attempt(case)
    except Exception as error:  # whatever the part under test raises is a finding
        told = _told(error)
        return Outcome(case.id, case.group, {}, error=told, evidence=told, badness=1.0)


def _told(error: Exception) -> str:
    return error.en if isinstance(error, TutorError) else f"{type(error).__name__}: {error}"
