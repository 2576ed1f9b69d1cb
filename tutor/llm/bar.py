"""A progress bar around pulling and verifying model files."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from tutor.llm import assemble
from tutor.llm.catalogue import ModelFile


@contextmanager
def progress_bar(console: Console | None = None) -> Iterator[assemble.Progress]:
    """One bar a file; pass the value as `progress` to `pull` or `verify`."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bars:
        tasks: dict[str, TaskID] = {}

        def arrived(file: ModelFile, size: int) -> None:
            if file.name not in tasks:
                tasks[file.name] = bars.add_task(file.title, total=file.size)
            bars.update(tasks[file.name], completed=size)

        yield arrived
