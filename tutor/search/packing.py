"""A few short texts read by a BERT encoder as one row, so that none is padded to the longest.

A question and the same question carried over to the other language differ in length by half; on a
laptop every padded token costs as much as a real one. Positions begin anew with each text and an
attention mask keeps the texts apart, so the vectors are the ones that texts read by themselves have
(packing: Krell et al., "Efficient Sequence Packing without Cross-contamination", 2021).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

MOST, LONGEST = 4, 400
"""Texts that are packed, and their characters: attention grows with the square of the whole row."""

_MODULES = ["Transformer", "Pooling", "Normalize"]


def can_pack(model: "SentenceTransformer") -> bool:
    """Whether a model is a BERT encoder with mean pooling and a prompt for queries: then it packs."""
    modules: list[Any] = list(model.children())
    if "query" not in model.prompts or [type(module).__name__ for module in modules] != _MODULES:
        return False
    pooling, config = modules[1], modules[0].auto_model.config
    # Others count positions otherwise (RoBERTa); another attention takes no mask of yes and no.
    known = config.model_type == "bert" and config._attn_implementation == "sdpa"
    plain = pooling.pooling_mode == "mean" and pooling.include_prompt and model.truncate_dim is None
    return bool(known and plain)


def encode_packed(model: "SentenceTransformer", texts: Sequence[str]) -> NDArray[np.float32]:
    """Unit vectors of a few queries, one row a text, shape (texts, dimension).

    Args:
        model: One that `can_pack`.
        texts: At most `MOST`; each is cut at the model's limit.
    """
    import torch

    prompt, limit = model.prompts["query"], model.max_seq_length
    bert: Any = next(model.children()).auto_model
    read = model.tokenizer([f"{prompt}{text}" for text in texts], truncation=True, max_length=limit)
    rows = [torch.tensor(ids) for ids in read["input_ids"]]
    sizes = [len(row) for row in rows]
    owner = torch.repeat_interleave(torch.arange(len(rows)), torch.tensor(sizes))
    with torch.inference_mode():
        states = bert(
            input_ids=torch.cat(rows)[None],
            position_ids=torch.cat([torch.arange(size) for size in sizes])[None],
            attention_mask=(owner[:, None] == owner[None, :])[None, None],
        )
        means = torch.stack([part.mean(0) for part in states.last_hidden_state[0].split(sizes)])
        unit = torch.nn.functional.normalize(means, dim=1)
    return np.asarray(unit.float().cpu().numpy(), dtype=np.float32)
