"""What the terminal shows while notes are indexed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def index_bar() -> Iterator[Callable[[int, int], None]]:
    """A terminal progress bar that appears when there is something to index."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("索引 / indexing"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns) as bars:
        task = bars.add_task("", total=None, visible=False)

        def indexed(done: int, total: int) -> None:
            bars.update(task, completed=done, total=total, visible=total > 0)

        yield indexed
