"""Turn the archive of the English embedding model into a folder that sentence-transformers loads.

The archive holds all-mpnet-base-v2 (Song et al., "MPNet: Masked and Permuted Pre-training for
Language Understanding", 2020, trained further by the sentence-transformers project; Apache-2.0) as
published, its weights as fp32. They are kept as bf16: half the size and half the time to read.
"""

import zipfile
from pathlib import Path

from safetensors import SafetensorError

from tutor.errors import ARCHIVE_DAMAGE, DamagedFileError
from tutor.search.unpack import build_folder

FOLDER = "all-mpnet-base-v2"
ARCHIVE = f"{FOLDER}.zip"
_WEIGHTS = "model.safetensors"
_FILES = (
    "config.json", "modules.json", "sentence_bert_config.json", "1_Pooling/config.json",
    "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt",
)  # fmt: skip


def unzip(archive: Path) -> Path:
    """The sentence-transformers folder beside ``archive``, made on first use, atomically.

    Raises:
        DamagedFileError: The file is not the archive.
    """

    def write(folder: Path) -> None:
        try:
            with zipfile.ZipFile(archive) as opened:
                for name in _FILES:
                    target = folder / name
                    target.parent.mkdir(exist_ok=True)
                    target.write_bytes(opened.read(f"{FOLDER}/{name}"))
                _write_weights(opened.read(f"{FOLDER}/{_WEIGHTS}"), folder / _WEIGHTS)
        except (*ARCHIVE_DAMAGE, KeyError, ValueError, SafetensorError) as error:
            raise DamagedFileError(
                f"{archive.name} is not the embedding model for English ({error}); run "
                "`python -m tutor models pull` again.",
                f"{archive.name} 不是英文向量模型文件（{error}）；请重新运行 `python -m tutor models pull`。",
            ) from error
        (folder / "2_Normalize").mkdir()

    return build_folder(archive.parent / FOLDER, write)


def _write_weights(body: bytes, target: Path) -> None:
    import torch
    from safetensors.torch import load, save_file

    tensors = load(body)
    halved = {
        name: tensor.to(torch.bfloat16) if tensor.is_floating_point() else tensor
        for name, tensor in tensors.items()
    }
    save_file(halved, target, metadata={"format": "pt"})
