"""The English model's archive becomes a folder with half the bytes; damage is told by name."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tutor.errors import DamagedFileError
from tutor.search.embed import load_encoder, load_english
from tutor.search.unzip import _FILES, ARCHIVE, FOLDER, unzip


def _archive(path: Path, *, without: str = "") -> Path:
    import torch
    from safetensors.torch import save

    path.parent.mkdir()
    weights = save({"layer": torch.ones(2, 3), "positions": torch.arange(4)})
    with zipfile.ZipFile(path, "w") as made:
        for name in _FILES:
            if name != without:
                made.writestr(f"{FOLDER}/{name}", f'{{"of": "{name}"}}')
        made.writestr(f"{FOLDER}/model.safetensors", weights)
        made.writestr(f"{FOLDER}/../../escaped.txt", "no")
    return path


def test_it_is_unpacked_once_with_weights_of_half_the_size(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    folder = unzip(_archive(tmp_path / "models" / ARCHIVE))
    tensors = load_file(folder / "model.safetensors")
    assert tensors["layer"].dtype == torch.bfloat16
    assert tensors["positions"].dtype == torch.int64
    assert (folder / "1_Pooling" / "config.json").read_text() == '{"of": "1_Pooling/config.json"}'
    assert sorted(path.name for path in folder.parent.iterdir()) == [FOLDER, ARCHIVE]
    (folder.parent / ARCHIVE).write_bytes(b"never read again")
    assert unzip(folder.parent / ARCHIVE) == folder


@pytest.mark.parametrize("without", ["", "tokenizer.json"])
def test_damage_leaves_nothing_behind_and_says_what_to_do(tmp_path: Path, without: str) -> None:
    archive = _archive(tmp_path / "models" / ARCHIVE, without=without)
    if not without:
        archive.write_bytes(b"PK no archive")
    with pytest.raises(DamagedFileError, match="models pull"):
        unzip(archive)
    assert [path.name for path in archive.parent.iterdir()] == [ARCHIVE]


def test_what_an_interrupted_deletion_left_is_made_anew(tmp_path: Path) -> None:
    archive = _archive(tmp_path / "models" / ARCHIVE)
    (archive.parent / FOLDER / "1_Pooling").mkdir(parents=True)
    assert (unzip(archive) / "config.json").is_file()


def test_where_it_was_not_pulled_or_not_wanted_there_is_none(tmp_path: Path) -> None:
    assert load_english("bundled", tmp_path) is None
    assert load_english("", tmp_path) is None
    own = load_english("some/model", tmp_path)
    assert own is not None
    assert own.name == "some/model"


@pytest.mark.models
def test_the_real_one_tells_english_passages_apart(real_cache: Path) -> None:
    encoder: Any = load_english("bundled", real_cache / "models")
    question = encoder.encode(["Why do we scale the dot product in attention?"])[0]
    passages = encoder.encode(
        [
            "Unscaled dot products grow with the dimension and saturate the softmax of attention.",
            "A learning rate that grows at first keeps early updates small.",
        ],
        side="passage",
    )
    assert encoder.dimension == 768
    assert encoder.name != load_encoder("bundled", real_cache / "models").name
    assert np.allclose(np.linalg.norm(passages, axis=1), 1.0, atol=1e-4)
    assert passages[0] @ question > passages[1] @ question + 0.1
