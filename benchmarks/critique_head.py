"""Fit the learned comparison of `tutor/critique/head.py` (torch here, plain numpy in the product).

Imported by `benchmarks/fit_critique.py`. Small on purpose: about 90,000 weights a member, trained
for a few passes with dropout, averaged over members that differ only in their seed.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tutor.critique.head import CLASSES

DIMENSION = 192
INNER = 96
HIDDEN = 64
DROP = 0.3
BATCH = 48


@dataclass(frozen=True)
class Row:
    """One point in one answer: token vectors, features, class and weight."""

    point: NDArray[np.float16]
    answer: NDArray[np.float16]
    question: NDArray[np.float16]
    features: NDArray[np.float64]
    label: str
    weight: float


@dataclass(frozen=True)
class Basis:
    """Whitening of token vectors and scaling of features."""

    mean: NDArray[np.float32]
    matrix: NDArray[np.float32]
    feature_mean: NDArray[np.float32]
    feature_scale: NDArray[np.float32]


def find_basis(rows: Sequence[Row]) -> Basis:
    """Softly whitened principal components of answer tokens; mean and spread of the features."""
    rng = np.random.default_rng(0)
    picked = rng.choice(len(rows), min(600, len(rows)), replace=False)
    sample = np.concatenate([rows[i].answer[:40] for i in picked]).astype(np.float32)
    mean = sample.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov((sample - mean).T))
    values, vectors = values[::-1][:DIMENSION], vectors[:, ::-1][:, :DIMENSION]
    matrix = (vectors / np.sqrt(values + values[60])).astype(np.float16).astype(np.float32)
    features = np.stack([row.features for row in rows]).astype(np.float32)
    return Basis(
        mean.astype(np.float16).astype(np.float32),
        matrix,
        features.mean(axis=0),
        features.std(axis=0) + 1e-6,
    )


class Net(nn.Module):
    """One member; `tutor.critique.head` repeats its forward pass in numpy."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.w = nn.Linear(DIMENSION, INNER, bias=False)
        self.cmp = nn.Sequential(nn.Linear(4 * INNER + 3, HIDDEN), nn.ReLU(), nn.Dropout(DROP))
        self.rev = nn.Sequential(nn.Linear(4 * INNER + 1, HIDDEN), nn.ReLU(), nn.Dropout(DROP))
        self.tau = nn.Parameter(torch.tensor(8.0))
        self.drop = nn.Dropout(DROP)
        self.out = nn.Sequential(
            nn.Linear(4 * HIDDEN + features, HIDDEN),
            nn.ReLU(),
            nn.Dropout(DROP),
            nn.Linear(HIDDEN, len(CLASSES)),
        )
        self.lin = nn.Linear(features, len(CLASSES))

    def forward(
        self, p: Tensor, pm: Tensor, a: Tensor, am: Tensor, q: Tensor, qm: Tensor, x: Tensor
    ) -> Tensor:
        """Logits of a batch; the masks mark real tokens."""
        unit = nn.functional.normalize
        wp, wa = self.w(self.drop(p)), self.w(self.drop(a))
        match = unit(wp, dim=-1) @ unit(wa, dim=-1).transpose(1, 2)
        plain = p @ a.transpose(1, 2)
        no_answer, no_point = ~am[:, None], ~pm[:, :, None]
        asked = (p @ q.transpose(1, 2)).masked_fill(~qm[:, None], -1).max(-1).values
        to_answer = torch.softmax((match * self.tau).masked_fill(no_answer, -1e4), -1)
        found = to_answer @ wa
        best = plain.masked_fill(no_answer, -1).max(-1).values
        best_match = match.masked_fill(no_answer, -1).max(-1).values
        extra = torch.stack([best, asked, best_match], -1)
        seen = self.cmp(torch.cat([wp, found, (wp - found).abs(), wp * found, extra], -1))
        weight = pm[..., None].float() * (1.05 - asked.clamp(0, 1))[..., None]
        first = (seen * weight).sum(1) / weight.sum(1)
        second = seen.masked_fill(no_point, 0).max(1).values
        to_point = torch.softmax((match * self.tau).masked_fill(no_point, -1e4), 1).transpose(1, 2)
        heard_of = to_point @ wp
        back = plain.masked_fill(no_point, -1).max(1).values[..., None]
        heard = self.rev(torch.cat([wa, heard_of, (wa - heard_of).abs(), wa * heard_of, back], -1))
        mass = (to_answer * pm[..., None]).sum(1)
        mass = mass / mass.sum(1, keepdim=True)
        kernel = torch.full((1, 1, 7), 1 / 7)
        mass = nn.functional.conv1d(mass[:, None], kernel, padding=3)[:, 0] * am
        mass = mass / mass.sum(1, keepdim=True)
        third = (heard * mass[..., None]).sum(1)
        top = mass / mass.max(1, keepdim=True).values
        fourth = (heard * top[..., None]).max(1).values
        logits: Tensor = self.out(torch.cat([first, second, third, fourth, x], -1)) + self.lin(x)
        return logits


def _project(rows: NDArray[np.float16], basis: Basis) -> NDArray[np.float32]:
    flat = (rows.astype(np.float32) - basis.mean) @ basis.matrix
    unit: NDArray[np.float32] = flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)
    return unit


def prepare(rows: Sequence[Row], basis: Basis) -> list[tuple[NDArray[np.float32], ...]]:
    """Projected tokens and scaled features of each row; done once."""
    done = []
    for row in rows:
        x = (row.features.astype(np.float32) - basis.feature_mean) / basis.feature_scale
        done.append(
            (
                _project(row.point[:40], basis),
                _project(row.answer[:192], basis),
                _project(row.question[:40], basis),
                np.clip(x, -4.0, 4.0),
            )
        )
    return done


def _batch(items: Sequence[tuple[NDArray[np.float32], ...]]) -> list[Tensor]:
    tensors = []
    for part in range(3):
        longest = max(len(item[part]) for item in items)
        block = np.zeros((len(items), longest, DIMENSION), np.float32)
        mask = np.zeros((len(items), longest), bool)
        for number, item in enumerate(items):
            block[number, : len(item[part])] = item[part]
            mask[number, : len(item[part])] = True
        tensors += [torch.from_numpy(block), torch.from_numpy(mask)]
    return [*tensors, torch.from_numpy(np.stack([item[3] for item in items]))]


def fit_member(
    items: Sequence[tuple[NDArray[np.float32], ...]], rows: Sequence[Row], *, seed: int, passes: int
) -> dict[str, NDArray[np.float32]]:
    """One member's parameters, by name."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = Net(len(items[0][3]))
    truth = torch.tensor([CLASSES.index(row.label) for row in rows])
    weight = torch.tensor([row.weight for row in rows])
    optimiser = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.05)
    steps = passes * (len(rows) // BATCH + len(rows) // (10 * BATCH) + 2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 2e-3, total_steps=steps)
    for _ in range(passes):
        order = rng.permutation(len(rows))
        for start in range(0, len(order), 10 * BATCH):
            # Answers of like length go together: less padding, half the time.
            chunk = sorted(order[start : start + 10 * BATCH], key=lambda i: len(items[i][1]))
            for low in range(0, len(chunk), BATCH):
                index = chunk[low : low + BATCH]
                logits = net(*_batch([items[i] for i in index]))
                loss = nn.functional.cross_entropy(
                    logits, truth[index], reduction="none", label_smoothing=0.05
                )
                optimiser.zero_grad()
                (loss * weight[index]).mean().backward()  # type: ignore[no-untyped-call]
                nn.utils.clip_grad_norm_(net.parameters(), 1.0)
                optimiser.step()
                schedule.step()
    return {name: value.detach().numpy().copy() for name, value in net.state_dict().items()}


def predict(
    members: Sequence[Mapping[str, NDArray[np.float32]]],
    items: Sequence[tuple[NDArray[np.float32], ...]],
) -> NDArray[np.float64]:
    """Mean class probabilities of the members, one row a point."""
    total = np.zeros((len(items), len(CLASSES)))
    for member in members:
        net = Net(len(items[0][3]))
        net.load_state_dict({name: torch.from_numpy(value) for name, value in member.items()})
        net.eval()
        with torch.no_grad():
            for low in range(0, len(items), 64):
                logits = net(*_batch(items[low : low + 64]))
                total[low : low + 64] += torch.softmax(logits, -1).numpy()
    return total / len(members)


def pack(array: NDArray[np.float32]) -> dict[str, object]:
    """An array as base64 of 16-bit floats."""
    data = base64.b64encode(np.ascontiguousarray(array, dtype="<f2").tobytes()).decode()
    return {"shape": list(array.shape), "data": data}


def as_fields(
    basis: Basis,
    members: Sequence[Mapping[str, NDArray[np.float32]]],
    temperature: float,
    card: dict[str, object],
) -> dict[str, object]:
    """The head file's content."""
    return {
        "card": card,
        "temperature": round(temperature, 4),
        "mean": pack(basis.mean),
        "basis": pack(basis.matrix),
        "feature_mean": [round(float(v), 6) for v in basis.feature_mean],
        "feature_scale": [round(float(v), 6) for v in basis.feature_scale],
        "members": [{name: pack(value) for name, value in member.items()} for member in members],
    }
