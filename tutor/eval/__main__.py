"""The command line of the evaluations: `python -m tutor.eval`."""

import os
import sys
from pathlib import Path
from typing import Annotated

# Before any import that brings a copy of libgomp: two spinning engines starve each other.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")

import typer
from rich.console import Console

from tutor.errors import EvalError, TutorError
from tutor.eval.bench import Bench, Options
from tutor.eval.cache import Cache
from tutor.eval.report import as_baseline, make_report, write_report
from tutor.eval.runner import run_suites
from tutor.eval.suites import all_suites
from tutor.eval.suites.base import Suite
from tutor.eval.terminal import figures_table, progress_bar
from tutor.settings import load_settings

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Measure the tutor: 0 fine, 1 worse than the baseline, 2 could not run.",
)


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
        Path | None, typer.Option(help="Folder with <suite>/*.jsonl to run too.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="JSON file to write; others go beside it.")
    ] = None,
    baseline: Annotated[Path | None, typer.Option(help="Report to compare with.")] = None,
    update_baseline: Annotated[
        bool, typer.Option("--update-baseline", help="Replace the baseline by this run.")
    ] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Cases at the same time.")] = 1,
    seed: Annotated[int, typer.Option(help="Draws the samples.")] = 0,
    judge: Annotated[str, typer.Option(help="A second judge, as TUTOR_MODEL.")] = "",
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Try every case again.")] = False,
) -> None:
    """Run suites, print and save their figures."""
    if context.invoked_subcommand is not None:
        return
    settings = load_settings(model=model, embedding=embedding)
    suites = choose_suites(suite)
    names = tuple(one.name for one in suites)
    options = Options(names, limit, fast, data, jobs, seed, judge)
    cache = Cache(None if no_cache else settings.cache_dir / "eval")
    console = Console(stderr=True)
    with progress_bar(console) as told:
        bench = Bench(settings, options, cache, tell=told)
        report = make_report(run_suites(suites, bench, told), bench)
    Console().print(figures_table(report))
    if out is not None:
        write_report(report, out)
    if update_baseline:
        write_report(as_baseline(report), baseline or Path("evals/baseline.json"))
    if report["partial"]:
        raise typer.Exit(2)


def main() -> None:
    """Run; errors become one sentence and exit code 2."""
    try:
        app(standalone_mode=False)
    except TutorError as error:
        print(f"{error.en}\n{error.zh}", file=sys.stderr)
        sys.exit(2)
    except typer.Exit as end:
        sys.exit(end.exit_code)


if __name__ == "__main__":
    main()
