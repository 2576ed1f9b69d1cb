"""Packed weights give the same results; where they would not, the model stays as it is."""

from typing import Any

import pytest
import torch
from torch import nn

from tutor.search.prepack import prepack


def _model(dtype: torch.dtype) -> nn.Sequential:
    torch.manual_seed(1)
    inner = nn.Sequential(nn.Linear(24, 48), nn.GELU(), nn.Linear(48, 24, bias=False))
    return nn.Sequential(nn.LayerNorm(24), inner, nn.Linear(24, 8)).to(dtype).eval()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("rows", [1, 7, 64])
def test_results_are_the_same(dtype: torch.dtype, rows: int) -> None:
    model, states = _model(dtype), torch.randn(2, rows, 24).to(dtype)
    with torch.inference_mode():
        before = model(states)
        prepack(model)  # where the processor cannot, nothing changes, which is as good
        after = model(states)
    assert after.dtype == dtype
    assert torch.allclose(before, after, rtol=1e-2, atol=1e-2 if dtype == torch.bfloat16 else 1e-5)


@pytest.mark.parametrize("how", ["missing", "wrong"])
def test_a_model_that_cannot_be_packed_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    def refuses(*_: Any) -> torch.Tensor:
        if how == "missing":
            raise NotImplementedError
        return torch.zeros(1, 2, 48)

    monkeypatch.setattr(torch.ops.mkldnn, "_linear_pointwise", refuses)
    model = _model(torch.float32)
    assert not prepack(model)
    assert [type(one) for one in model.modules()].count(nn.Linear) == 3


def test_a_model_without_linear_layers_is_none_to_pack() -> None:
    assert not prepack(nn.Sequential(nn.LayerNorm(4), nn.GELU()))
