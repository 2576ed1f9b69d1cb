"""The command line: `python -m tutor serve | ingest | doctor | export | import | models`."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tutor.errors import ModelUnavailableError, TutorError
from tutor.settings import Settings, load_settings
from tutor.terminal import index_bar

if TYPE_CHECKING:
    from tutor.app import Tutor
    from tutor.llm.weights import FileStatus
    from tutor.notes import ParseReport
    from tutor.search.store import Progress

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="An offline tutor for machine-learning interviews.",
)
models_app = typer.Typer(no_args_is_help=True, help="Model files: bring, list, check.")
app.add_typer(models_app, name="models")
doctor_app = typer.Typer(invoke_without_command=True, help="Say what is installed and what is not.")
app.add_typer(doctor_app, name="doctor")


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Open the tutor in the browser."""
    settings = load_settings(host=host, port=port)
    # Imported here: only this command needs the page.
    from ui.serve import serve_page

    serve_page(settings)


@app.command()
def ingest(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Note files to add to your own notes.")
    ] = None,
    condense: Annotated[
        bool,
        typer.Option(
            "--condense",
            help="Let the language model shorten and merge key points taken from answers.",
        ),
    ] = False,
    restore: Annotated[
        bool, typer.Option("--restore", help="Take back what --condense did.")
    ] = False,
) -> None:
    """Read the notes (and any files given here, which are copied in) and index what changed."""
    settings = load_settings() if condense else load_settings(model="none")
    from tutor.app import build_tutor

    with index_bar() as bar:
        tutor = build_tutor(settings, progress=bar)
        try:
            # Building has read and indexed the notes already.
            report = tutor.shelf.add_files(paths, bar) if paths else tutor.shelf.report
            if restore:
                tutor.shelf.restore_points()
            if condense:
                typer.echo(_condense(tutor, bar))
        finally:
            tutor.close()
    if report is None:
        raise RuntimeError("the notes were not read")
    typer.echo(report.text(settings.language))
    for error in report.errors:
        typer.echo(f"  {error.text(settings.language)}")
    if report.notes == 0:
        raise typer.Exit(2)


def _condense(tutor: "Tutor", bar: "Progress") -> str:
    """The model pass over derived key points; a line that says what it brought."""
    if tutor.model is None:
        raise tutor.model_problem or ModelUnavailableError(
            "There is no language model; set TUTOR_MODEL and try again.",
            "没有可用的语言模型；请设置 TUTOR_MODEL 后重试。",
        )
    report = tutor.shelf.condense_points(tutor.model, tutor.encoder, bar)
    return report.text(tutor.settings.language)


@doctor_app.callback()
def doctor(context: typer.Context) -> None:
    """Say in plain words what is installed and in use, what is missing, and what to do."""
    if context.invoked_subcommand is not None:
        return
    from tutor.diagnosis import diagnose

    settings = load_settings()
    findings = diagnose(settings)
    for finding in findings:
        typer.echo(finding.line(settings.language))
    if any(finding.bad for finding in findings):
        raise typer.Exit(1)


@doctor_app.command("notes")
def doctor_notes(
    path: Annotated[Path, typer.Argument(help="A note file or a folder.")],
    lines: Annotated[bool, typer.Option(help="Show how every line was used.")] = False,
) -> None:
    """Check notes: answers missing, thin, repeated, in conflict; numbering."""
    from tutor.notes import load_notes

    settings = load_settings()
    lang = settings.language
    library = load_notes([path])
    for error in library.errors:
        typer.echo(f"✗ {error.text(lang)}")
    for problem in library.problems:
        mark = "✗" if problem.severity == "error" else "!"
        typer.echo(f"{mark} {problem.file}:{problem.line}  {getattr(problem, lang)}")
    if lines:
        for report in library.reports:
            _say_lines(report, lang)
    usable = sum(note.usable for note in library.notes)
    if lang == "zh":
        typer.echo(f"共 {len(library.notes)} 道题，其中 {usable} 道可用于面试。")
    else:
        typer.echo(f"{len(library.notes)} questions, {usable} of them ready for an interview.")
    if library.errors or any(p.severity == "error" for p in library.problems):
        raise typer.Exit(1)


def _say_lines(report: "ParseReport", lang: str) -> None:
    """Runs of lines of one file that were used alike."""
    from tutor.notes.report import REASONS_ZH

    zh = lang == "zh"
    names = {"question": "题目", "answer": "答案", "key points": "要点", "metadata": "元数据"}
    typer.echo(f"{report.file}:")
    start = 0
    uses = report.uses
    for line in range(1, len(uses) + 1):
        if line < len(uses) and uses[line] == uses[start]:
            continue
        use = uses[start]
        if use.use != "ignored":
            what = names.get(use.use, use.use) if zh else use.use
        else:
            why = REASONS_ZH.get(use.why, use.why) if zh else use.why
            what = f"忽略（{why}）" if zh else f"ignored ({why})"
        if use.why != "blank":
            typer.echo(f"  {start + 1}-{line}  {what}")
        start = line


@app.command()
def export(
    out: Annotated[Path, typer.Argument(help="File to write: .jsonl, .csv, .apkg or .html.")],
    user: Annotated[str, typer.Option(help="Whose progress.")] = "me",
) -> None:
    """Write your progress or your notes to a file that other programs read."""
    tutor = _open(load_settings(model="none"))
    try:
        count = tutor.export(user, out)
    finally:
        tutor.close()
    typer.echo(f"{out}: {count}")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A .jsonl file that `export` wrote.")],
) -> None:
    """Read progress back that `export` wrote."""
    tutor = _open(load_settings(model="none"))
    try:
        count = tutor.import_progress(file)
    finally:
        tutor.close()
    typer.echo(f"{file}: {count}")


@models_app.command("pull")
def models_pull(
    names: Annotated[list[str] | None, typer.Argument(help="File names; the default set.")] = None,
) -> None:
    """Bring the model files into the cache folder; resumes where it was cut off."""
    from tutor.llm.bar import progress_bar
    from tutor.llm.reader import build_reader
    from tutor.llm.weights import pull

    settings = load_settings()
    with progress_bar() as progress:
        files = pull(settings, names or None, progress=progress)
    _say_files(files)
    if not names:
        build_reader(settings)  # made from the language model, once


@models_app.command("list")
def models_list() -> None:
    """Say which model files are there."""
    from tutor.llm.weights import status

    _say_files(status(load_settings()))


@models_app.command("verify")
def models_verify() -> None:
    """Read every model file and compare its SHA-256 with the published one."""
    from tutor.llm.bar import progress_bar
    from tutor.llm.weights import verify

    with progress_bar() as progress:
        files = verify(load_settings(), progress=progress)
    _say_files(files)
    if any(file.state == "damaged" for file in files):
        raise typer.Exit(1)


def _say_files(files: Sequence["FileStatus"]) -> None:
    for file in files:
        size = f"{file.have / 1e6:,.0f} / {file.file.size / 1e6:,.0f} MB"
        use = "" if file.wanted else "  (not needed by these settings)"
        typer.echo(f"{file.state:8} {size:>20}  {file.path}{use}")
        if file.damaged:
            typer.echo(f"         {file.damaged}")


def _open(settings: Settings) -> "Tutor":
    """The tutor without its index, for commands that only read and write progress."""
    from tutor.app import build_tutor

    return build_tutor(settings, search=False)


def main() -> None:
    """Run the command line; an error becomes one sentence and exit code 2."""
    # Two engines on two cores stall for minutes if each spins while it waits (see docs).
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    try:
        # Outside standalone mode an exit code comes back as the value.
        code = app(standalone_mode=False)
        if isinstance(code, int) and code:
            sys.exit(code)
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(130)
    except TutorError as error:
        lang = os.environ.get("TUTOR_LANGUAGE", "zh")
        sys.stderr.write(error.text("en" if lang == "en" else "zh") + "\n")
        sys.exit(2)
    except Exception as error:
        if type(error).__module__.startswith(("click", "typer")):
            error.show()  # type: ignore[attr-defined]
            sys.exit(2)
        raise


if __name__ == "__main__":
    main()
