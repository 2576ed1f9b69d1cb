"""Questions translated by a model for searching, each asked for once and kept on disk."""

import json
import logging
import os
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from tutor.errors import ModelError
from tutor.notes.text import detect_lang, normalise

_LOG = logging.getLogger(__name__)
_MOST = 5_000  # kept translations; the oldest go first


class QueryTranslator:
    """Translates questions through a callable and remembers the results.

    Args:
        path: JSON file of the translations; made when the first is kept.
        translate: Takes a question and the language to translate into (``zh`` or ``en``).
    """

    def __init__(self, path: Path, translate: Callable[[str, str], str]) -> None:
        self._path = path
        self._translate = translate
        self._lock = threading.Lock()
        self._known = _read(path)

    def __call__(self, question: str, to: str) -> str | None:
        """The question in language ``to``; None where the model gives none, so that search goes on."""
        key = f"{to}\t{' '.join(normalise(question).split())}"
        with self._lock:
            if key in self._known:
                return self._known[key]
            try:
                lines = self._translate(question, to).strip().splitlines()
            except ModelError as error:
                _LOG.warning("question not translated: %s", error)
                return None
            text = lines[0].strip() if lines else ""
            # A small model sometimes repeats the question instead of translating it.
            if not text or detect_lang(text) != to:
                return None
            self._known[key] = text
            for old in list(self._known)[:-_MOST]:
                del self._known[old]
            self._keep()
            return text

    def _keep(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._path.parent, suffix=".tmp")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(self._known, file, ensure_ascii=False)
            os.replace(name, self._path)
        except OSError as error:  # a cache that cannot be written must not stop an answer
            _LOG.warning("translations not kept: %s", error)


def _read(path: Path) -> dict[str, str]:
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(known, dict):
        return {}
    return {str(key): text for key, text in known.items() if isinstance(text, str)}
