"""Embedding models: the only place that imports torch and sentence-transformers, and lazily."""

import logging
import os
import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from tutor.errors import SearchError
from tutor.search.packing import LONGEST, MOST, can_pack, encode_packed
from tutor.search.prepack import prepack
from tutor.search.types import Encoder, Side
from tutor.search.unpack import FOLDER, unpack
from tutor.search.unzip import ARCHIVE, unzip
from tutor.search.unzip import FOLDER as ENGLISH

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_LOG = logging.getLogger(__name__)
_BATCH = 16
_PACKED = ("bert", "mpnet")  # the bundled models
_SHORT = 300  # characters of a text whose vector is remembered
_REMEMBERED = 20_000  # vectors, about 1.5 kB each


class SentenceEncoder:
    """A sentence-transformers model as an `Encoder`; loaded on the first text, then kept.

    Args:
        source: Folder or name of the model; a name is looked up in the local cache first.
        name: Name kept in the index, so that vectors of two models never mix.
        threads: CPU threads for torch; 0 leaves torch's own choice.
        half: Calculate in bf16 where the processor has instructions for it: half the time, and
            vectors with a cosine of .995 or more to the others.
    """

    def __init__(
        self, source: str | Path, *, name: str, threads: int = 0, half: bool = False
    ) -> None:
        self._source = str(source)
        self._name = name
        self._threads = threads
        self._half = half
        self._model: SentenceTransformer | None = None
        self._packs = False
        self._known: OrderedDict[tuple[Side, str], NDArray[np.float32]] = OrderedDict()
        # One forward pass at a time: two would fight for the same few cores.
        self._lock = threading.RLock()

    @property
    def name(self) -> str:
        """Name of the model."""
        return self._name

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._load().get_embedding_dimension() or 0)

    def encode(self, texts: Sequence[str], *, side: Side = "query") -> NDArray[np.float32]:
        """Unit vectors, one row a text; longer texts are cut at the model's limit (512 tokens).

        The vectors of short texts are remembered: a note's sentences are compared with one question
        after another.
        """
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        with self._lock:
            new = [text for text in dict.fromkeys(texts) if (side, text) not in self._known]
            made = dict(zip(new, self._run(new, side), strict=True)) if new else {}
            rows = [made[t] if t in made else self._recall(side, t) for t in texts]
            for text, vector in made.items():
                if len(text) <= _SHORT:
                    self._known[side, text] = vector.copy()  # a view would keep its whole batch
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return np.stack(rows)

    def _recall(self, side: Side, text: str) -> NDArray[np.float32]:
        self._known.move_to_end((side, text))
        return self._known[side, text]

    def _run(self, texts: list[str], side: Side) -> NDArray[np.float32]:
        model = self._load()
        short = 1 < len(texts) <= MOST and sum(map(len, texts)) <= LONGEST
        if side == "query" and short and self._packs:
            return encode_packed(model, texts)
        run = model.encode_query if side == "query" else model.encode_document
        vectors = run(
            texts,
            batch_size=_BATCH,
            show_progress_bar=False,
            convert_to_numpy=True,
            normalize_embeddings=True,
        )
        found = np.asarray(vectors, dtype=np.float32)
        # Their length was made 1 in bf16, that is to two digits.
        return found / np.linalg.norm(found, axis=1, keepdims=True) if self._half else found

    def token_vectors(
        self, texts: Sequence[str], *, side: Side = "query"
    ) -> list[NDArray[np.float32]]:
        """Contextual unit vectors of each text's tokens (prompt and special tokens left out)."""
        model = self._load()
        prompt = model.prompts.get("query" if side == "query" else "document") or ""
        skip = len(model.tokenizer(prompt, add_special_tokens=False)["input_ids"]) + 1
        with self._lock:
            rows = model.encode(
                [prompt + text for text in texts],
                output_value="token_embeddings",
                batch_size=_BATCH,
                show_progress_bar=False,
            )
        found = []
        for row in rows:
            tokens = np.asarray(row.float().cpu().numpy(), dtype=np.float32)[skip:-1]
            norms = np.linalg.norm(tokens, axis=1, keepdims=True)
            found.append(tokens / np.maximum(norms, 1e-9))
        return found

    def _load(self) -> "SentenceTransformer":
        with self._lock:
            if self._model is None:
                self._model = self._open()
                self._packs = can_pack(self._model)
                if _rearranges(self._model):
                    prepack(self._model)
            return self._model

    def _open(self) -> "SentenceTransformer":
        # A name that is not in the cache would be retried on the hub for over a minute.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        if self._threads:
            torch.set_num_threads(self._threads)
        # Asked for by a recent torch only; without the instructions bf16 is slower than fp32.
        has: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
        half = self._half and (has.get("avx512_bf16") or has.get("amx_bf16"))
        try:
            return SentenceTransformer(
                self._source,
                device="cpu",
                model_kwargs={"dtype": "bfloat16" if half else "float32"},
            )
        except (OSError, ValueError) as error:
            raise SearchError(
                f"The embedding model {self._source} cannot be loaded; give a local folder in "
                "TUTOR_EMBEDDING, set HF_HUB_OFFLINE=0 to download it, or use `bundled`.",
                f"无法加载向量模型 {self._source}；请在 TUTOR_EMBEDDING 中填本地目录，"
                "或设置 HF_HUB_OFFLINE=0 允许下载，或使用 `bundled`。",
            ) from error


def _rearranges(model: "SentenceTransformer") -> bool:
    """Whether a model's layers are only ever called; others (T5) look at a layer's weights."""
    inner = getattr(next(model.children()), "auto_model", None)
    return getattr(getattr(inner, "config", None), "model_type", "") in _PACKED


@lru_cache(maxsize=4)
def load_encoder(embedding: str, models_dir: Path, threads: int = 0) -> SentenceEncoder:
    """The encoder a setting names: `bundled`, or a sentence-transformers name or path.

    Raises:
        SearchError: The bundled model has not been pulled.
        DamagedFileError: Its file is damaged.
    """
    if embedding != "bundled":
        return SentenceEncoder(embedding, name=embedding, threads=threads)
    if not (models_dir / FOLDER / "config.json").is_file():
        packed, tokenizer = models_dir / "e5-small-q4.bin", models_dir / "tokenizer.json"
        missing = [path.name for path in (packed, tokenizer) if not path.is_file()]
        if missing:
            raise SearchError(
                f"The embedding model is not installed ({', '.join(missing)} missing); "
                "run `python -m tutor models pull`.",
                f"向量模型尚未安装（缺少 {'、'.join(missing)}）；请运行 `python -m tutor models pull`。",
            )
        unpack(packed, tokenizer)
    return SentenceEncoder(models_dir / FOLDER, name=FOLDER, threads=threads)


@lru_cache(maxsize=4)
def load_english(embedding: str, models_dir: Path, threads: int = 0) -> SentenceEncoder | None:
    """The second encoder, for English only; None where none is wanted or it has not been pulled.

    Args:
        embedding: `bundled`, a sentence-transformers name or path, or empty for none.
        models_dir: Where the bundled one is.
        threads: As `SentenceEncoder`.

    Raises:
        DamagedFileError: The bundled model's file is damaged.
    """
    if embedding != "bundled":
        return SentenceEncoder(embedding, name=embedding, threads=threads) if embedding else None
    if not (models_dir / ENGLISH / "config.json").is_file():
        if not (models_dir / ARCHIVE).is_file():
            _LOG.info("no second encoder for English; `python -m tutor models pull` brings it")
            return None
        unzip(models_dir / ARCHIVE)
    return SentenceEncoder(models_dir / ENGLISH, name=ENGLISH, threads=threads, half=True)


class LangChainEmbeddings(Embeddings):
    """An `Encoder` behind LangChain's interface, for its vector stores."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Vectors of passages."""
        return [list(map(float, row)) for row in self._encoder.encode(texts, side="passage")]

    def embed_query(self, text: str) -> list[float]:
        """Vector of one query."""
        return [float(value) for value in self._encoder.encode([text], side="query")[0]]
