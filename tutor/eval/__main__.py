"""The command line of the evaluations: `python -m tutor.eval`."""

import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Annotated, Any, NoReturn

# Before any import that brings a copy of libgomp: two spinning engines starve each other.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")

import typer
from rich.console import Console

from tutor.errors import EvalError, TutorError
from tutor.eval.baseline import Comparison, compare_reports, read_thresholds
from tutor.eval.bench import Bench, Options
from tutor.eval.cache import Cache
from tutor.eval.degradation import bench_maker, try_all
from tutor.eval.exchange import as_junit, as_markdown
from tutor.eval.html import as_html
from tutor.eval.report import as_baseline, make_report, read_report, write_report, write_text
from tutor.eval.review import review_export
from tutor.eval.runner import run_suites
from tutor.eval.suites import all_suites
from tutor.eval.suites.base import Suite
from tutor.eval.terminal import (
    comparison_table,
    degradation_table,
    figures_table,
    progress_bar,
    wide_console,
)
from tutor.settings import load_settings

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Measure the tutor. Ends with 0: fine, 1: worse than the baseline, 2: could not run.",
)
_FINE, _WORSE, _COULD_NOT = 0, 1, 2


def choose_suites(names: str) -> list[Suite]:
    """The suites named, in their usual order.

    Raises:
        EvalError: A name is unknown.
    """
    known = all_suites()
    wanted = [name.strip() for name in names.split(",") if name.strip()] or list(known)
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise EvalError(
            f"There is no suite {', '.join(unknown)}; choose from {', '.join(known)}.",
            f"没有名为 {'、'.join(unknown)} 的评测；可选：{'、'.join(known)}。",
        )
    return [suite for name, suite in known.items() if name in wanted]


@app.callback(invoke_without_command=True)
def run(
    context: typer.Context,
    suite: Annotated[str, typer.Option(help="Suites, separated by commas; all by default.")] = "",
    limit: Annotated[
        int | None, typer.Option(min=1, help="Cases a data set at most, drawn with the seed.")
    ] = None,
    fast: Annotated[bool, typer.Option(help="No language model, small samples.")] = False,
    model: Annotated[str | None, typer.Option(help="As TUTOR_MODEL.")] = None,
    embedding: Annotated[str | None, typer.Option(help="As TUTOR_EMBEDDING.")] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder whose <suite>/*.jsonl are run too.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="JSON file; .html, .md and .xml go beside it.")
    ] = None,
    baseline: Annotated[Path | None, typer.Option(help="Report to compare with.")] = None,
    update_baseline: Annotated[
        bool, typer.Option("--update-baseline", help="Write this run as the baseline.")
    ] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Cases at the same time.")] = 1,
    seed: Annotated[int, typer.Option(help="Draws the samples.")] = 0,
    judge: Annotated[str, typer.Option(help="A second judge, as TUTOR_MODEL.")] = "",
    rerank: Annotated[
        bool, typer.Option("--rerank", help="Retrieval also with the model's reranking.")
    ] = False,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Try every case anew.")] = False,
) -> None:
    """Run suites, print and save their figures."""
    if context.invoked_subcommand is not None:
        return
    settings = load_settings(model=model, embedding=embedding)
    suites = choose_suites(suite)
    # Read first: a run of minutes must not end in a misspelt file name.
    before = read_report(baseline) if baseline and not update_baseline else None
    thresholds = read_thresholds()
    names = tuple(one.name for one in suites)
    options = Options(names, limit, fast, data, jobs, seed, judge, rerank=rerank)
    cache = Cache(None if no_cache else settings.cache_dir / "eval")
    with progress_bar(Console(stderr=True)) as told:
        bench = Bench(settings, options, cache, tell=told)
        report = make_report(run_suites(suites, bench, told), bench)
    console = wide_console()
    console.print(figures_table(report))
    comparison = None
    if before is not None:
        comparison = compare_reports(before, report, all_suites(), thresholds, seed=seed)
        console.print(comparison_table(comparison))
    if out is not None:
        save(report, comparison, out)
    if update_baseline:
        write_report(as_baseline(report), baseline or Path("evals/baseline.json"))
    for skip in report["skipped"]:
        console.print(f"not run: {skip['what']}: {skip['reason']}", markup=False)
    raise typer.Exit(exit_code(report, comparison))


def save(report: dict[str, Any], comparison: Comparison | None, out: Path) -> None:
    """Write the report as JSON, and beside it as HTML, Markdown and JUnit XML."""
    write_report(report, out)
    write_text(as_html(report, comparison), out.with_suffix(".html"))
    write_text(as_markdown(report, comparison), out.with_suffix(".md"))
    write_text(as_junit(report, comparison), out.with_suffix(".xml"))


def exit_code(report: dict[str, Any], comparison: Comparison | None) -> int:
    """What the run ends with: could not run, worse, or fine."""
    failed = any(skip["failed"] for skip in report["skipped"])
    if failed or report["partial"] or not report["figures"]:
        return _COULD_NOT
    return _WORSE if comparison is not None and comparison.regressions else _FINE


@app.command()
def compare(
    before: Annotated[Path, typer.Argument(help="Earlier report.")],
    after: Annotated[Path, typer.Argument(help="Later report.")],
    out: Annotated[Path | None, typer.Option(help="JSON file; others go beside it.")] = None,
) -> None:
    """Compare two saved runs, figure by figure and case by case."""
    report = read_report(after)
    found = compare_reports(read_report(before), report, all_suites(), read_thresholds())
    wide_console().print(comparison_table(found))
    if out is not None:
        save(report, found, out)
    raise typer.Exit(_WORSE if found.regressions else _FINE)


@app.command()
def add(
    export: Annotated[Path, typer.Argument(help="A .jsonl file that the tutor exported.")],
    folder: Annotated[Path | None, typer.Option(help="Folder of cases to add to.")] = None,
) -> None:
    """Review disputes and refusals of an export one by one, and keep good ones as cases."""
    kept = review_export(export, folder, typer.prompt, typer.echo)
    typer.echo(f"{kept} cases added.")


@app.command()
def degradation(
    seeds: Annotated[int, typer.Option(min=0, help="Runs that are only noise.")] = 20,
    cases: Annotated[int, typer.Option(min=20, help="Questions searched; others by share.")] = 300,
) -> None:
    """Show that damage fails the right figures, and noise none: minutes, no language model."""
    settings = load_settings(model="none")
    make = bench_maker(settings, cases, settings.cache_dir / "eval")
    console = wide_console()
    with Console(stderr=True).status("preparing") as status:
        rows = try_all(make, range(1, seeds + 1), read_thresholds(), tell=status.update)
    console.print(degradation_table(rows))
    raise typer.Exit(_FINE if all(row.right for row in rows) else _WORSE)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def main() -> None:
    """Run; errors become one sentence and exit code 2."""
    # A build server that cancels a job gets the partial report too.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        app()
    except TutorError as error:
        print(f"{error.en}\n{error.zh}", file=sys.stderr)
        sys.exit(_COULD_NOT)
    except Exception:  # Python's own exit code would be 1, which says that something got worse
        traceback.print_exc()
        sys.exit(_COULD_NOT)


if __name__ == "__main__":
    main()
