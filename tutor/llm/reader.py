"""The reader: the first layers of the language model, for judging without writing.

What a text says is clearest in the middle layers of a language model; the last ones turn it into
the next word (see `tutor.llm.readout`). So judging runs a file that ends after `LAYERS` layers: it
reads half as fast again as the whole model, and is made from it on this machine, once. Engines
give logits, not states, so the file's output matrix is a scaled identity: the logits of the first
tokens *are* the state.
"""

import contextlib
import os
import secrets
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tutor.errors import ModelError, ModelUnavailableError
from tutor.llm.catalogue import LLM
from tutor.llm.local import LocalChatModel
from tutor.llm.weights import require
from tutor.settings import Settings

LAYERS = 18
WIDTH = 1536
READER_NAME = f"{LLM.name.removesuffix('.gguf')}-reader{LAYERS}.gguf"
_CONTEXT_TOKENS = 3072
_RESET = "."
_SCALE = 0.125
"""What the identity is multiplied by: probabilities of the lowest elements must not vanish."""


class StateModel:
    """The reader as a `StateReader`.

    What the engine computes for a token depends, in the last digits, on how many tokens are read
    with it, and so on what it still holds of earlier prompts. A verdict near its threshold must not
    hang on that, so every prompt is read in the same steps: examples, shared part, tail, each from
    exactly where the one before ends.

    Args:
        model: Runs the reader's file.
        width: Elements of a state.
    """

    def __init__(self, model: LocalChatModel, width: int) -> None:
        self._model = model
        self._tokens = range(width)
        self._held = ""
        self._lock = threading.Lock()

    def states(self, examples: str, shared: str, tails: Iterable[str]) -> NDArray[np.float64]:
        """See `StateReader.states`.

        Raises:
            ModelError: The model could not be read.
        """
        stem = examples + shared
        rows = []
        with self._lock:
            self._begin(examples)
            self._model.read_prompt(stem)
            for tail in tails:
                # Again, so that the engine lets go of the last tail; reads one token.
                self._model.read_prompt(stem)
                logits = self._model.token_logits(stem + tail, self._tokens)
                rows.append((logits - logits.mean()) / _SCALE)
        return np.stack(rows) if rows else np.zeros((0, len(self._tokens)))

    def _begin(self, examples: str) -> None:
        if self._held != examples:
            # Examples of another kind begin with some of the same tokens: let go of those too.
            self._held = ""
            self._model.read_prompt(_RESET)
            self._model.read_prompt(examples)
            self._held = examples
        self._model.read_prompt(examples)

    def read_ahead(self, examples: str) -> None:
        """Begin to read examples in the background, so that states behind them come fast."""

        def work() -> None:
            with contextlib.suppress(ModelError), self._lock:
                self._begin(examples)

        threading.Thread(target=work, daemon=True, name="reader-ahead").start()


def build_reader(settings: Settings) -> StateModel | None:
    """The reader of the embedded model; None where another model, or none, is in use.

    Raises:
        ModelUnavailableError: The model file is missing, or the reader cannot be made from it.
    """
    if settings.model.strip() != "local":
        return None
    path = ensure_reader(require(settings, LLM.name), settings.models_dir / READER_NAME)
    model = LocalChatModel(path=path, context_tokens=_CONTEXT_TOKENS, threads=settings.threads)
    return StateModel(model, WIDTH)


def ensure_reader(source: Path, target: Path) -> Path:
    """The reader's file, made from the whole model's where it is not there yet (seconds).

    Raises:
        ModelUnavailableError: The source is damaged or the folder cannot be written.
    """
    if target.is_file():
        return target
    unfinished = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    try:
        cut_layers(source, unfinished, LAYERS)
        os.replace(unfinished, target)
    except (OSError, ValueError, KeyError) as error:
        raise ModelUnavailableError(
            f"The judge's model could not be made from {source.name} ({error}); free 1 GB of disk, "
            "or run `python -m tutor models verify`.",
            f"无法由 {source.name} 生成评判模型（{error}）；请腾出 1 GB 磁盘空间，"
            "或运行 `python -m tutor models verify`。",
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)
    return target


def cut_layers(source: Path, target: Path, layers: int) -> None:
    """Write a GGUF file of the first layers of another, with a scaled identity as its output.

    Raises:
        ValueError: The source has no more layers than that, or is no GGUF file.
        OSError: A file cannot be read or written.
    """
    import gguf  # a second of imports, needed once

    reader = gguf.GGUFReader(source)
    architecture = str(reader.fields["general.architecture"].contents())
    count = f"{architecture}.block_count"
    if int(reader.fields[count].contents()) <= layers:
        raise ValueError(f"{source.name} has no more than {layers} layers")
    writer = gguf.GGUFWriter(target, architecture)
    for name, field in reader.fields.items():
        if name.startswith("GGUF.") or name == "general.architecture":
            continue
        value: Any = layers if name == count else field.contents()
        kind = field.types[0]
        inner = field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(name, value, kind, sub_type=inner)
    for tensor in reader.tensors:
        if _layer(tensor.name) < layers and tensor.name != "output.weight":
            writer.add_tensor(tensor.name, tensor.data, raw_dtype=tensor.tensor_type)
        if tensor.name == "token_embd.weight":
            width, vocabulary = (int(size) for size in tensor.shape)
            output = _scaled_identity(vocabulary, width)
            writer.add_tensor("output.weight", output, raw_dtype=gguf.GGMLQuantizationType.Q4_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _layer(name: str) -> int:
    """Number of the layer a tensor belongs to; -1 for those outside the layers."""
    parts = name.split(".")
    return int(parts[1]) if parts[0] == "blk" else -1


def _scaled_identity(rows: int, width: int) -> NDArray[np.uint8]:
    """`_SCALE` times the identity over zeros, in Q4_0: blocks of 32, a 16-bit scale, then nibbles.

    A nibble n stands for (n - 8) * scale, so 8 is zero, and 0 is `_SCALE` at a scale of -`_SCALE`/8.
    """
    blocks = np.zeros((rows, width // 32, 18), dtype=np.uint8)
    blocks[..., :2] = np.array([-_SCALE / 8], dtype="<f2").view(np.uint8)
    blocks[..., 2:] = 0x88
    for row in range(min(rows, width)):
        at = row % 32  # low nibbles hold the first half of a block, high nibbles the second
        blocks[row, row // 32, 2 + at % 16] = 0x80 if at < 16 else 0x08
    return blocks.reshape(rows, width // 32 * 18)
