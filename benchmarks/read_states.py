"""Read the hidden states that readouts are fitted on, and keep them in files.

Run by hand: ``python -m benchmarks.read_states --data DIR --out STATES [--only NAME] [--limit N]``
(needs ``pip install gguf`` and 6 GB of memory; about an hour on two cores for everything). The same
first layers of the same file as the product's reader, with the same prompts, but in PyTorch and in
batches: a state differs from the product's by rounding (cosine .9995).

Writes ``STATES/<name>.npz`` with ``ids`` (``case#number of the point`` or claim ids) and ``states``.
"""

import argparse
import copy
import os
import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import Any

os.environ.setdefault("GOMP_SPINCOUNT", "1000")  # before torch: spinning threads starve others

import gguf
import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoTokenizer, Qwen2Config, Qwen2Model

from benchmarks.cases import (
    ANSWERS_READ,
    Answered,
    Claim,
    read_answers,
    read_claims,
    read_cut_claims,
    read_points,
)
from tutor.llm import prompts
from tutor.llm.catalogue import LLM
from tutor.llm.reader import LAYERS, WIDTH
from tutor.search.embed import load_encoder
from tutor.search.types import Encoder
from tutor.settings import load_settings
from tutor.study.answer_reader import nearest_sentences
from tutor.study.claim_reader import nearest_text
from tutor.study.measures import read_source
from tutor.study.passages import read_passage

_NAMES = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
}


Groups = Callable[[Sequence[Any]], Iterator["Group"]]


@dataclass(frozen=True)
class Group:
    """Cases that share a beginning behind the examples: their ids, and their ends."""

    ids: tuple[str, ...]
    shared: str
    tails: tuple[str, ...]


class Machine:
    """The first layers of the model file, dequantised."""

    def __init__(self, path: Path) -> None:
        reader = gguf.GGUFReader(path)
        field = {name: item.contents() for name, item in reader.fields.items()}
        config = Qwen2Config(
            vocab_size=151936,
            hidden_size=WIDTH,
            intermediate_size=field["qwen2.feed_forward_length"],
            num_hidden_layers=LAYERS,
            num_attention_heads=field["qwen2.attention.head_count"],
            num_key_value_heads=field["qwen2.attention.head_count_kv"],
            rms_norm_eps=field["qwen2.attention.layer_norm_rms_epsilon"],
            rope_theta=field["qwen2.rope.freq_base"],
            max_position_embeddings=32768,
        )
        weights = {}
        for tensor in reader.tensors:
            name = _torch_name(tensor.name)
            if name:
                values = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
                weights[name] = torch.from_numpy(values.astype(np.float32)).to(torch.bfloat16)
        torch.set_default_dtype(torch.bfloat16)
        self.model = Qwen2Model(config)
        self.model.load_state_dict(weights)
        self.model.eval()
        self.tokenizer: Any = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
        self._begun: dict[str, Any] = {}

    def _ids(self, text: str) -> list[int]:
        return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    @torch.no_grad()
    def _begin(self, examples: str) -> tuple[Any, int]:
        if examples not in self._begun:
            ids = torch.tensor([self._ids(examples)])
            past = self.model(ids, use_cache=True).past_key_values
            self._begun[examples] = (past, ids.shape[1])
        past, size = self._begun[examples]
        return copy.deepcopy(past), size

    @torch.no_grad()
    def read(self, examples: str, group: Group) -> NDArray[np.float16]:
        """States at the end of each tail, shape (tails, WIDTH)."""
        past, size = self._begin(examples)
        shared = torch.tensor([self._ids(group.shared)])
        size += shared.shape[1]
        mask = torch.ones((1, size), dtype=torch.long)
        past = self.model(shared, past_key_values=past, use_cache=True, attention_mask=mask)
        past = past.past_key_values
        past.batch_repeat_interleave(len(group.tails))
        tails = [self._ids(tail) for tail in group.tails]
        longest = max(map(len, tails))
        block = torch.zeros((len(tails), longest), dtype=torch.long)
        mask = torch.zeros((len(tails), size + longest), dtype=torch.long)
        mask[:, :size] = 1
        for row, ids in enumerate(tails):
            block[row, : len(ids)] = torch.tensor(ids)
            mask[row, size : size + len(ids)] = 1
        out = self.model(block, past_key_values=past, attention_mask=mask, use_cache=True)
        last = torch.tensor([len(ids) - 1 for ids in tails])
        states = out.last_hidden_state[torch.arange(len(tails)), last]
        return np.asarray(states.float().numpy(), dtype=np.float16)


def _torch_name(name: str) -> str:
    if name == "token_embd.weight":
        return "embed_tokens.weight"
    if name == "output_norm.weight":
        return "norm.weight"
    parts = name.split(".")
    if parts[0] != "blk" or int(parts[1]) >= LAYERS:
        return ""
    return f"layers.{parts[1]}.{_NAMES[parts[2]]}.{parts[3]}"


def point_groups(cases: Iterable[Any]) -> Iterator[Group]:
    """One group an answer."""
    for case in cases:
        if not case.answer.strip():
            continue
        ids = tuple(f"{case.id}#{number}" for number in range(len(case.points)))
        tails = tuple(prompts.point_tail(point) for point in case.points)
        yield Group(ids, prompts.point_stem(case.question, case.answer), tails)


def claim_groups(claims: Sequence[Claim]) -> Iterator[Group]:
    """One group a source."""
    by_source: dict[str, list[Claim]] = {}
    for claim in claims:
        by_source.setdefault(claim.source, []).append(claim)
    for source, found in by_source.items():
        tails = tuple(prompts.claim_tail(claim.claim) for claim in found)
        yield Group(tuple(claim.id for claim in found), prompts.claim_stem(source), tails)


def cut_groups(claims: Sequence[Claim], encoder: Encoder) -> Iterator[Group]:
    """One group a claim: each is shown its own part of a long source."""
    read = lru_cache(maxsize=None)(partial(read_source, encoder=encoder))
    for claim in claims:
        shown = nearest_text(read(claim.source), claim.claim, encoder)
        yield Group((claim.id,), prompts.claim_stem(shown), (prompts.claim_tail(claim.claim),))


def answer_groups(cases: Sequence[Answered], encoder: Encoder) -> Iterator[Group]:
    """One group a question over a note."""
    for case in cases:
        passage = read_passage(case.note, case.question, encoder)
        nearest = nearest_sentences(passage, ANSWERS_READ)
        yield Group(
            tuple(f"{case.id}#{index}" for index in nearest),
            prompts.answer_stem(case.question, case.note.question),
            tuple(prompts.answer_tail(passage.words(index)) for index in nearest),
        )


def main() -> None:
    """Read every set that is not there yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with critique/*.jsonl")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", default="", help="one set")
    parser.add_argument("--limit", type=int, default=10**9, help="groups a set, drawn with seed 1")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    machine = Machine(load_settings().models_dir / LLM.name)
    jobs: dict[str, tuple[str, Sequence[Any], Groups]] = {}
    for name, cases in read_points(options.data).items():
        jobs[name] = (prompts.POINT_EXAMPLES, cases, point_groups)
    for name, claims in read_claims().items():
        jobs[name] = (prompts.CLAIM_EXAMPLES, claims, claim_groups)
    encoder = load_encoder("bundled", load_settings().models_dir, 2)
    by_part = partial(cut_groups, encoder=encoder)
    jobs["cut_claims"] = (prompts.CLAIM_EXAMPLES, read_cut_claims(), by_part)
    for name, answered in read_answers().items():
        grouped = partial(answer_groups, encoder=encoder)
        jobs[f"answers_{name}"] = (prompts.ANSWER_EXAMPLES, answered, grouped)
    for name, (examples, rows, grouped) in jobs.items():
        target = options.out / f"{name}.npz"
        if target.exists() or options.only not in ("", name):
            continue
        drawn = list(rows)
        random.Random(1).shuffle(drawn)
        ids: list[str] = []
        states = []
        begun = time.perf_counter()
        for number, group in enumerate(islice(grouped(drawn), options.limit), start=1):
            states.append(machine.read(examples, group))
            ids += group.ids
            seconds = time.perf_counter() - begun
            print(f"\r{name} {number} of {len(rows)} {seconds:.0f} s", end="", file=sys.stderr)
        np.savez_compressed(target, ids=np.array(ids), states=np.concatenate(states))
        print(f"\n{name}: {len(ids)} states", file=sys.stderr)


if __name__ == "__main__":
    main()
