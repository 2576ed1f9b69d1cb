"""Notes embedded before they are asked about, so that the first words of a reply come at once."""

import logging
import threading
from collections.abc import Callable, Iterable

from tutor.errors import TutorError
from tutor.notes.types import Note
from tutor.search.gate import evidence_texts
from tutor.search.types import Encoder
from tutor.study.finding import as_passage
from tutor.study.passages import passage_texts

_LOG = logging.getLogger(__name__)
_MOST = 10_000  # texts read ahead: half of what is remembered, so that answers keep their place
_PAUSE = 0.05  # seconds between notes, in which a question gets its turn
_WAIT = 0.3  # seconds until it is looked again whether the last question is answered


class ReadAhead:
    """Embeds the sentences of all notes in the background, while nothing is asked.

    Args:
        encoder: Remembers what it embeds.
        notes: Gives the notes as they are now.
    """

    def __init__(self, encoder: Encoder, notes: Callable[[], Iterable[Note]]) -> None:
        self._encoder = encoder
        self._notes = notes
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._asked = 0
        self._lock = threading.Lock()

    def start(self) -> threading.Thread:
        """Begin, if it was not begun before."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True, name="read-ahead")
                self._thread.start()
            return self._thread

    def __enter__(self) -> None:
        """A question is being answered: wait."""
        with self._lock:
            self._asked += 1

    def __exit__(self, *_error: object) -> None:
        """It is answered."""
        with self._lock:
            self._asked -= 1

    def stop(self) -> None:
        """End after the note at hand, and wait for that."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        room = _MOST
        for note in list(self._notes()):
            while self._asked and not self._stop.wait(_WAIT):
                pass
            texts = [*evidence_texts(as_passage(note)), *passage_texts(note)]
            room -= len(texts)
            if self._stop.wait(_PAUSE) or room < 0:
                return
            try:
                if texts:
                    self._encoder.encode(texts, side="passage")
            except TutorError as error:  # the question that needs the encoder will say so
                _LOG.warning("notes are not read ahead: %s", error)
                return
