"""The reader's file: the first layers, and an output that shows the state."""

from pathlib import Path

import gguf
import numpy as np
import pytest
from numpy.typing import NDArray

from tutor.errors import ModelUnavailableError
from tutor.llm.local import LocalChatModel
from tutor.llm.reader import StateModel, build_reader, cut_layers, ensure_reader
from tutor.settings import Settings

WIDE, WORDS = 64, 96


def write_model(path: Path, layers: int) -> None:
    writer = gguf.GGUFWriter(path, "qwen2")
    writer.add_block_count(layers)
    writer.add_name("small")
    writer.add_array("tokenizer.ggml.tokens", ["a", "字", "<|im_end|>"])
    rng = np.random.default_rng(0)
    writer.add_tensor("token_embd.weight", rng.random((WORDS, WIDE), dtype=np.float32))
    writer.add_tensor("output_norm.weight", np.ones(WIDE, dtype=np.float32))
    writer.add_tensor("output.weight", rng.random((WORDS, WIDE), dtype=np.float32))
    for layer in range(layers):
        writer.add_tensor(f"blk.{layer}.attn_q.weight", np.full((2, WIDE), layer, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def test_the_first_layers_are_kept_and_the_output_is_a_scaled_identity(tmp_path: Path) -> None:
    write_model(tmp_path / "whole.gguf", layers=5)
    cut_layers(tmp_path / "whole.gguf", tmp_path / "cut.gguf", 3)
    before, after = (gguf.GGUFReader(tmp_path / name) for name in ("whole.gguf", "cut.gguf"))
    assert after.fields["qwen2.block_count"].contents() == 3
    assert after.fields["tokenizer.ggml.tokens"].contents() == ["a", "字", "<|im_end|>"]
    assert after.fields["general.name"].contents() == "small"
    tensors = {tensor.name: tensor for tensor in after.tensors}
    assert [name for name in tensors if name.startswith("blk.")] == [
        f"blk.{layer}.attn_q.weight" for layer in range(3)
    ]
    whole = {tensor.name: tensor for tensor in before.tensors}
    for name in ("token_embd.weight", "blk.2.attn_q.weight"):
        np.testing.assert_array_equal(tensors[name].data, whole[name].data)
    output = gguf.quants.dequantize(
        tensors["output.weight"].data, tensors["output.weight"].tensor_type
    )
    np.testing.assert_array_equal(output, 0.125 * np.eye(WORDS, WIDE, dtype=np.float32))


def test_a_model_with_too_few_layers_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    write_model(tmp_path / "whole.gguf", layers=2)
    with pytest.raises(ModelUnavailableError, match="models verify"):
        ensure_reader(tmp_path / "whole.gguf", tmp_path / "cut.gguf")
    assert not list(tmp_path.glob("cut*"))


def test_a_damaged_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "whole.gguf").write_bytes(b"GGUF" + b"\0" * 200)
    with pytest.raises(ModelUnavailableError, match="models verify"):
        ensure_reader(tmp_path / "whole.gguf", tmp_path / "cut.gguf")


def test_a_reader_that_is_there_is_taken(tmp_path: Path) -> None:
    (tmp_path / "cut.gguf").write_bytes(b"there")
    assert ensure_reader(tmp_path / "none.gguf", tmp_path / "cut.gguf").read_bytes() == b"there"


@pytest.mark.parametrize("model", ["none", "openai:some", "/some/file.gguf"])
def test_other_models_have_no_reader(model: str, tmp_path: Path) -> None:
    assert build_reader(Settings(model=model, cache_dir=tmp_path)) is None


@pytest.mark.llm
def test_states_are_read_and_depend_on_the_text(real_cache: Path) -> None:
    reader = build_reader(Settings(model="local", cache_dir=real_cache))
    assert isinstance(reader, StateModel)
    points = ["要点：批归一化在推理时用滑动平均 →", "要点：批归一化在推理时用当前批 →"]
    first = reader.states("例子：\n", "回答：推理时用滑动平均。\n", points)
    assert first.shape == (2, 1536)
    np.testing.assert_allclose(first.mean(axis=1), 0.0, atol=1e-9)
    assert np.abs(first[0] - first[1]).max() > 1.0
    # Whatever was read in between, and in whatever order, to the last digit.
    reader.states("其他例子：\n", "材料：门。\n", ["说法：门 →"])
    again = reader.states("例子：\n", "回答：推理时用滑动平均。\n", points[::-1])
    np.testing.assert_array_equal(again[::-1], first)


class Steps:
    """Stands for the model: records what is read."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def read_prompt(self, prompt: str) -> None:
        self.read.append(prompt)

    def token_logits(self, prompt: str, tokens: range) -> NDArray[np.float64]:
        self.read.append(prompt)
        return np.arange(float(len(tokens)))


def test_every_reading_takes_the_same_steps() -> None:
    steps = Steps()
    reader = StateModel(steps, 4)  # type: ignore[arg-type]
    states = reader.states("E", "s", ["1", "2"])
    assert states.tolist() == [[-12.0, -4.0, 4.0, 12.0]] * 2
    assert steps.read == [".", "E", "E", "Es", "Es", "Es1", "Es", "Es2"]
    steps.read.clear()
    reader.states("E", "t", ["1"])
    assert steps.read == ["E", "Et", "Et", "Et1"]
    steps.read.clear()
    reader.states("F", "t", ["1"])
    assert steps.read[:3] == [".", "F", "F"]


@pytest.mark.llm
def test_logits_of_chosen_tokens_are_those_of_the_model(real_cache: Path) -> None:
    from tutor.llm.catalogue import LLM, SMALL_LLM

    path = next(
        (p for f in (SMALL_LLM, LLM) if (p := real_cache / "models" / f.name).is_file()), None
    )
    if path is None:
        pytest.skip("no language model here; run `python -m tutor models pull`")
    model = LocalChatModel(path=path, context_tokens=512)
    tokens = [model.engine.tokens(text)[0] for text in (" Paris", " London", " blue")]
    logits = model.token_logits("The capital of France is", tokens)
    assert logits[0] > logits[1] > logits[2]


def test_a_reading_whose_drawn_token_shows_nothing_is_drawn_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seeds: list[int] = []

    class HoldingBack:
        def stream(self, route: str, body: dict[str, int]) -> list[dict[str, int]]:
            seeds.append(body["seed"])
            return [body]

    monkeypatch.setattr(LocalChatModel, "engine", HoldingBack())
    monkeypatch.setattr(
        "tutor.llm.local.read_candidates", lambda reply: {0: -1.0} if len(seeds) > 1 else {}
    )
    model = LocalChatModel(path=Path("none.gguf"))
    assert model.token_logits("…", range(1)).tolist() == [-1.0]
    assert len(set(seeds)) == 2
