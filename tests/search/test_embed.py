"""The encoder batches, remembers and passes on what the model says; `models` runs the real one."""

import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.fakes import WordEmbedder
from tutor.errors import SearchError
from tutor.search.embed import LangChainEmbeddings, SentenceEncoder, load_encoder
from tutor.search.packing import can_pack, encode_packed
from tutor.search.types import Side


class Counting(SentenceEncoder):
    """A real encoder whose forward pass is replaced by word hashing."""

    def __init__(self) -> None:
        super().__init__("nowhere", name="counting")
        self.batches: list[list[str]] = []

    @property
    def dimension(self) -> int:
        return 256

    def _run(self, texts: list[str], side: Side) -> NDArray[np.float32]:
        self.batches.append(texts)
        return WordEmbedder(name=side).encode(texts)


def test_a_text_is_encoded_once_a_side() -> None:
    encoder = Counting()
    first = encoder.encode(["甲", "乙", "甲"], side="passage")
    assert encoder.batches == [["甲", "乙"]]
    assert np.array_equal(first[0], first[2])
    again = encoder.encode(["乙", "丙"], side="passage")
    assert encoder.batches[1:] == [["丙"]]
    assert np.array_equal(again[0], first[1])
    encoder.encode(["甲"], side="query")
    assert encoder.batches[2:] == [["甲"]]


def test_long_texts_are_not_kept() -> None:
    encoder = Counting()
    long = "长" * 301
    encoder.encode([long])
    encoder.encode([long])
    assert encoder.batches == [[long], [long]]


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tutor.search.embed._REMEMBERED", 3)
    encoder = Counting()
    encoder.encode(["a", "b", "c"])
    encoder.encode(["a", "d", "e"])  # b and c have been used least
    encoder.encode(["a", "b"])
    assert encoder.batches == [["a", "b", "c"], ["d", "e"], ["b"]]


def test_nothing_gives_an_empty_matrix() -> None:
    assert Counting().encode([]).shape == (0, 256)


def test_langchain_sides() -> None:
    asked: list[Side] = []

    class Noting(WordEmbedder):
        def encode(self, texts: Sequence[str], *, side: Side = "query") -> NDArray[np.float32]:
            asked.append(side)
            return super().encode(texts, side=side)

    embeddings = LangChainEmbeddings(Noting())
    assert len(embeddings.embed_documents(["甲", "乙"])) == 2
    assert len(embeddings.embed_query("甲")) == 256
    assert asked == ["passage", "query"]


def test_a_missing_model_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(SearchError, match="models pull") as caught:
        load_encoder("bundled", tmp_path)
    assert "e5-small-q4.bin" in caught.value.zh


def test_a_folder_that_is_no_model_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(SearchError, match="TUTOR_EMBEDDING"):
        load_encoder(str(tmp_path / "empty"), tmp_path).encode(["甲"])


@pytest.mark.models
def test_the_real_model_knows_what_is_alike(real_cache: Path) -> None:
    encoder: Any = load_encoder("bundled", real_cache / "models")
    question = encoder.encode(["LSTM 有哪些门"], side="query")[0]
    passages = encoder.encode(
        ["遗忘门、输入门和输出门控制细胞状态", "猫在沙发上睡觉"], side="passage"
    )
    assert encoder.dimension == 384
    assert np.allclose(np.linalg.norm(passages, axis=1), 1.0, atol=1e-4)
    assert passages[0] @ question > passages[1] @ question + 0.03


@pytest.mark.models
def test_two_questions_read_at_once_are_as_read_alone(
    real_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed: list[int] = []

    def watched(model: Any, texts: Sequence[str]) -> NDArray[np.float32]:
        packed.append(len(texts))
        return encode_packed(model, texts)

    monkeypatch.setattr("tutor.search.embed.encode_packed", watched)
    two = [
        "BN 推理时用什么统计量？",
        "What does batch normalisation use at inference? 批归一化 推理",
    ]
    encoder = load_encoder("bundled", real_cache / "models")
    together = encoder._run(two, "query")
    alone = np.concatenate([encoder._run([text], "query") for text in two])
    assert packed == [2]
    assert np.abs(together - alone).max() < 1e-5
    encoder._run(["梯度 " * 900, "短"], "query")  # too long a row, too many texts, passages
    encoder._run(["短", "长", "甲", "乙", "丙"], "query")
    encoder._run(two, "passage")
    assert packed == [2]
    cut = encode_packed(encoder._load(), ["梯度 " * 900, "短"])  # at the model's limit
    assert np.abs(cut[1] - encoder._run(["短"], "query")[0]).max() < 1e-5


@pytest.mark.models
def test_only_what_is_known_to_pack_is_packed(real_cache: Path) -> None:
    model: Any = load_encoder("bundled", real_cache / "models")._load()
    bert, pooling, normal = model.children()
    config = bert.auto_model.config

    def shown(
        prompts: dict[str, str], kind: str, attention: str, whole: bool, cut: int | None
    ) -> bool:
        look = types.SimpleNamespace(model_type=kind, _attn_implementation=attention)
        first = type("Transformer", (), {"auto_model": types.SimpleNamespace(config=look)})()
        mode = {"pooling_mode": "mean", "include_prompt": whole}
        second = type("Pooling", (), mode)()
        one = types.SimpleNamespace(
            prompts=prompts, children=lambda: [first, second, normal], truncate_dim=cut
        )
        return can_pack(cast("Any", one))

    assert can_pack(model)
    assert config.model_type == "bert"
    assert pooling.include_prompt
    assert shown(model.prompts, "bert", "sdpa", True, None)
    assert not shown({}, "bert", "sdpa", True, None)
    assert not shown(model.prompts, "xlm-roberta", "sdpa", True, None)
    assert not shown(model.prompts, "bert", "eager", True, None)
    assert not shown(model.prompts, "bert", "sdpa", False, None)
    assert not shown(model.prompts, "bert", "sdpa", True, 128)
