"""Small JSON files beside the notes, written in one atomic step: the old one stays whole until then."""

import json
import os
import tempfile
from pathlib import Path

from tutor.errors import NotesError


def write_json(path: Path, value: object) -> None:
    """Write ``value`` as JSON, making the folder where it is missing.

    Raises:
        NotesError: The folder cannot be written.
    """
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(value, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise NotesError(
            f"{path.name} could not be saved ({error.strerror or error}); check that {path.parent} "
            "can be written and has space, or set TUTOR_DATA_DIR.",
            f"无法保存 {path.name}（{error.strerror or error}）；请检查 {path.parent} 是否可写、"
            "空间是否足够，或另设 TUTOR_DATA_DIR。",
        ) from error


def read_json(path: Path) -> object:
    """The value in the file; None where it is missing or damaged."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
