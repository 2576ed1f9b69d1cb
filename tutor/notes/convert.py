"""Other file formats to question and answer pairs or text."""

from pathlib import Path
from typing import Protocol

from tutor.notes.types import Note


class Converted(Protocol):
    """What a converter hands back."""

    def notes(self, file: str) -> list[Note]:
        """The notes, with ``file`` as their source."""
        ...


def converted(path: Path) -> Converted | None:
    """The converted content of a file that is no text; None for text files."""
    return None
