"""An encoder that remembers: notes are read again and again, and embedding is what takes time."""

import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tutor.search.types import Encoder, Side

_MOST = 20_000  # vectors kept: about 30 MB at 384 dimensions


class RememberingEncoder(Encoder):
    """Gives known texts' vectors from memory; safe to share between threads.

    Args:
        encoder: Embeds what is not known.
        most: Vectors kept; the ones not used for longest go first.
    """

    def __init__(self, encoder: Encoder, *, most: int = _MOST) -> None:
        self._encoder = encoder
        self._most = most
        self._known: OrderedDict[tuple[str, Side], NDArray[np.float32]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """Name of the model behind it."""
        return self._encoder.name

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._encoder.dimension

    def encode(self, texts: Sequence[str], *, side: Side = "query") -> NDArray[np.float32]:
        """Unit vectors, one row a text; each new text is embedded once."""
        if not texts:
            return self._encoder.encode(texts, side=side)
        found: dict[str, NDArray[np.float32]] = {}
        with self._lock:
            for text in dict.fromkeys(texts):
                if (vector := self._known.get((text, side))) is not None:
                    self._known.move_to_end((text, side))
                    found[text] = vector
        fresh = [text for text in dict.fromkeys(texts) if text not in found]
        if fresh:
            vectors = self._encoder.encode(fresh, side=side)
            with self._lock:
                for text, vector in zip(fresh, vectors, strict=True):
                    self._known[text, side] = found[text] = vector
                while len(self._known) > self._most:
                    self._known.popitem(last=False)
        return np.stack([found[text] for text in texts])
