"""Turn the packed embedding model into a folder that sentence-transformers loads.

The packed file holds multilingual-e5-small (Wang et al., "Multilingual E5 Text Embeddings",
2024; MIT licence): a header, tokenizer tables that are skipped here, a tensor directory, then the
tensors, matrices as Q4_0 blocks (32 weights: one fp16 scale, 16 bytes of nibbles, the low nibbles
being the first 16 weights) and the rest as fp32. The tokenizer comes as its own `tokenizer.json`.
"""

import json
import os
import shutil
import struct
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from tutor.errors import DamagedFileError

FOLDER = "multilingual-e5-small"
_MAGIC = b"E5S1"
_Q4 = 1  # dtype code of a Q4_0 tensor; anything else is fp32
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])

_LAYER = {
    "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
    "ao": "attention.output.dense", "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense", "fo": "output.dense", "oln": "output.LayerNorm",
}  # fmt: skip
_EMBEDDING = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


class _Reader:
    """Cursor over a little-endian byte buffer."""

    def __init__(self, buffer: memoryview) -> None:
        self.buffer = buffer
        self.at = 4  # past the magic

    def take(self, layout: str) -> tuple[int, ...]:
        values = struct.unpack_from("<" + layout, self.buffer, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def text(self, length: int) -> str:
        self.at += length
        return bytes(self.buffer[self.at - length : self.at]).decode("ascii")


def _hf_name(name: str) -> str:
    if name in _EMBEDDING:
        return _EMBEDDING[name]
    layer, part, kind = name.split(".")
    suffix = "weight" if kind == "w" else "bias"
    return f"encoder.layer.{int(layer[1:])}.{_LAYER[part]}.{suffix}"


def _dequantise(raw: memoryview, count: int) -> NDArray[np.float32]:
    blocks = np.frombuffer(raw, dtype=_BLOCK, count=count // 32)
    low = (blocks["nibbles"] & 0x0F).astype(np.int8) - 8
    high = (blocks["nibbles"] >> 4).astype(np.int8) - 8
    weights = np.concatenate([low, high], axis=1) * blocks["scale"][:, None].astype(np.float32)
    return weights.reshape(-1).astype(np.float32)


def read_packed(path: Path) -> tuple[dict[str, int], dict[str, NDArray[np.float16]]]:
    """Configuration and tensors (fp16, Hugging Face names of a `BertModel`) of a packed file.

    Raises:
        DamagedFileError: The file is not a packed model.
    """
    data = memoryview(path.read_bytes())
    if bytes(data[:4]) != _MAGIC:
        raise DamagedFileError(
            f"{path.name} is not the embedding model; run `python -m tutor models pull` again.",
            f"{path.name} 不是向量模型文件；请重新运行 `python -m tutor models pull`。",
        )
    reader = _Reader(data)
    reader.take("I")  # format version
    hidden, layers, heads, inner, vocabulary, positions, types = reader.take("7i")
    reader.take("fi")  # layer-norm epsilon and block size: fixed for this model
    pieces, *_ = reader.take("5i")
    (blob,) = reader.take("Q")
    reader.at += (pieces + 1) * 4 + pieces * 4 + blob
    _, mapping = reader.take("iI")
    reader.at += mapping
    (entries,) = reader.take("i")
    shapes = {"q.w": (hidden, hidden), "k.w": (hidden, hidden), "v.w": (hidden, hidden),
              "ao.w": (hidden, hidden), "fi.w": (inner, hidden), "fo.w": (hidden, inner)}  # fmt: skip
    tensors: dict[str, NDArray[np.float16]] = {}
    for _ in range(entries):
        (length,) = reader.take("H")
        name = reader.text(length)
        dtype, count, offset, _size = reader.take("BIQQ")
        raw = data[offset:]
        flat = (
            _dequantise(raw, count)
            if dtype == _Q4
            else np.frombuffer(raw, dtype="<f4", count=count)
        )
        tail = name.split(".", 1)[1]
        shape = shapes.get(tail, (count // hidden, hidden) if name.startswith("emb.") else (count,))
        if name.startswith("emb.ln"):
            shape = (count,)
        tensors[_hf_name(name)] = flat.reshape(shape).astype(np.float16)
    config = {"hidden_size": hidden, "num_hidden_layers": layers, "num_attention_heads": heads,
              "intermediate_size": inner, "vocab_size": vocabulary,
              "max_position_embeddings": positions, "type_vocab_size": types}  # fmt: skip
    return config, tensors


def _write_folder(folder: Path, packed: Path, tokenizer: Path) -> None:
    config, tensors = read_packed(packed)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    shutil.copyfile(tokenizer, folder / "tokenizer.json")
    files: dict[str, object] = {
        "config.json": {
            **config,
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_act": "gelu",
            "layer_norm_eps": 1e-12,
            "pad_token_id": 1,  # <pad> of the XLM-R vocabulary
            "position_embedding_type": "absolute",
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": 512,
            "bos_token": "<s>", "eos_token": "</s>", "sep_token": "</s>", "cls_token": "<s>",
            "unk_token": "<unk>", "pad_token": "<pad>", "mask_token": "<mask>",
        },
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling",
             "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize",
             "type": "sentence_transformers.models.Normalize"},
        ],
        "sentence_bert_config.json": {"max_seq_length": 512, "do_lower_case": False},
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "document": "passage: "},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
        "1_Pooling/config.json": {
            "word_embedding_dimension": config["hidden_size"],
            "pooling_mode_cls_token": False,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_max_tokens": False,
            "pooling_mode_mean_sqrt_len_tokens": False,
        },
    }  # fmt: skip
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(exist_ok=True)
        target.write_text(json.dumps(content, indent=1), encoding="utf-8")
    (folder / "2_Normalize").mkdir()


def unpack(packed: Path, tokenizer: Path) -> Path:
    """The sentence-transformers folder beside ``packed``, made on first use, atomically.

    Raises:
        DamagedFileError: A file is not what it should be.
    """
    return build_folder(
        packed.parent / FOLDER, lambda folder: _write_folder(folder, packed, tokenizer)
    )


def build_folder(folder: Path, write: Callable[[Path], None]) -> Path:
    """A model's folder: there already, or written elsewhere by ``write`` and moved to its place."""
    if (folder / "config.json").is_file():
        return folder
    building = Path(tempfile.mkdtemp(prefix=folder.name, dir=folder.parent))
    try:
        write(building)
        building.chmod(0o755)
        if not (folder / "config.json").is_file():  # what an interrupted deletion left
            shutil.rmtree(folder, ignore_errors=True)
        try:
            os.replace(building, folder)
        except OSError:
            if not (folder / "config.json").is_file():  # not made by another process meanwhile
                raise
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return folder
