"""Linear layers whose weights lie in the order that the processor's matrix library reads.

A question is a dozen tokens, so the weights pass through the processor once for each; without this
oneDNN rearranges them on every call, which is a fifth to a third of the time. It is what torch does
itself when it compiles a frozen model (`torch._inductor`, mkldnn fusion); the results are the same.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn

_ROWS = 32  # tokens that the order is chosen for; others only lose some of the gain
_CLOSE = 1e-2  # relative; bf16 has two digits


def prepack(model: "nn.Module") -> bool:
    """Rearrange the weights of a model's linear layers, in place, for calculating without gradients.

    Returns:
        Whether it was done: a processor or a torch without these operations keeps what it has, and so
        does a model on which they give something else.
    """
    import torch
    from torch import nn

    class Packed(nn.Module):
        """A linear layer that calls oneDNN with weights packed beforehand."""

        def __init__(self, layer: nn.Linear) -> None:
            super().__init__()
            self.packed: Any = torch.ops.mkldnn._reorder_linear_weight(layer.weight.detach(), _ROWS)
            self.bias: Any = layer.bias.detach() if layer.bias is not None else None

        def forward(self, states: torch.Tensor) -> Any:
            return torch.ops.mkldnn._linear_pointwise(
                states, self.packed, self.bias, "none", [], ""
            )

    found = [(n, one) for n, one in model.named_modules() if isinstance(one, nn.Linear)]
    try:
        with torch.inference_mode():
            made = [(name, Packed(layer)) for name, layer in found]
            for (_, layer), (_, packed) in zip(found, made, strict=True):
                probe = torch.ones(1, 2, layer.in_features, dtype=layer.weight.dtype)
                wanted, got = layer(probe), packed(probe)
                if not torch.allclose(wanted, got, rtol=_CLOSE, atol=_CLOSE * wanted.abs().max()):
                    return False
    except (RuntimeError, AttributeError, NotImplementedError):
        return False
    for name, packed in made:
        parent, _, own = name.rpartition(".")
        setattr(model.get_submodule(parent), own, packed)
    return bool(made)
