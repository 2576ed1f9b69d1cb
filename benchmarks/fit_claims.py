"""Fit how claims are read from hidden states, and how that joins the measures.

Run by hand: ``python -m benchmarks.fit_claims --states STATES [--write]``. Fitted on
``benchmarks/claim_cases`` (written for this project); figures are of sources that took no part in
the fit. Writes ``tutor/study/readout.json`` and ``joint_weights.json``; with ``--notes --strength
0.01``, which fits on claims about our notes too, ``statement_readout.json`` and ``statement_weights.json``;
with ``--cut``, which joins reading and measures of sources of which only part is read, ``cut_weights.json``.
"""

import argparse
import datetime as dt
import json
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from sklearn.model_selection import GroupKFold

from benchmarks.cases import ROOT, Claim, read_claims, read_cut_claims
from benchmarks.readouts import States, cross_validate_linear, fit_linear, load_states
from tutor.llm import prompts
from tutor.llm.odds import sigmoid
from tutor.llm.reader import READER_NAME
from tutor.llm.readout import format_readout
from tutor.search.embed import load_encoder
from tutor.search.types import Encoder
from tutor.settings import load_settings
from tutor.study.claim_reader import (
    CLAIMS,
    CUT,
    JOINED_NAMES,
    STATEMENTS,
    joined_row,
    load_joint,
)
from tutor.study.claims import ClaimChecker
from tutor.study.pairs import read_pair

Floats = NDArray[np.float64]
QUESTIONS = ("supported", "contradicted")


def measure(claims: list[Claim], encoder: Encoder, read: dict[str, Floats]) -> Floats:
    """Rows of `JOINED_NAMES`."""
    checker = ClaimChecker(encoder)
    rows = []
    for number, claim in enumerate(claims):
        result = checker.measure_one(claim.claim, claim.source)
        odds = {name: float(read[name][number]) for name in QUESTIONS}
        rows.append(joined_row(result.support, result.contradiction, odds))
    return np.stack(rows)


def labelled(support: Floats, denial: Floats) -> NDArray[np.str_]:
    """Labels from two log-odds, as the checker gives them."""
    yes, no = (sigmoid(v) for v in (support, denial))
    over = np.maximum(yes + no, 1.0)
    yes, no = yes / over, no / over
    rest = 1 - yes - no
    return np.where(yes >= 0.5, "supported", np.where(no > rest, "contradicted", "unsupported"))


def show(
    title: str, claims: list[Claim], labels: NDArray[np.str_], odds: dict[str, Floats]
) -> None:
    """Print balanced accuracy and AUCs for each file of cases."""
    found = labelled(odds["supported"], odds["contradicted"])
    origins = np.array([claim.origin for claim in claims])
    for origin in sorted(set(origins.tolist())):
        part = origins == origin
        aucs = [roc_auc_score(labels[part] == name, odds[name][part]) for name in QUESTIONS]
        print(
            f"{title:8s} {origin:14s} balanced {balanced_accuracy_score(labels[part], found[part]):.3f}"
            f" AUC supported {aucs[0]:.3f} contradicted {aucs[1]:.3f} n={part.sum()}"
        )


def fit_joint(rows: Floats, labels: NDArray[np.str_]) -> tuple[Floats, Floats]:
    """Coefficients and intercepts of both labels."""
    models = [LogisticRegression(C=1.0, max_iter=2000).fit(rows, labels == n) for n in QUESTIONS]
    return (
        np.stack([model.coef_[0] for model in models]),
        np.array([float(model.intercept_[0]) for model in models]),
    )


def cross_validate_joint(
    rows: Floats, labels: NDArray[np.str_], groups: NDArray[np.str_]
) -> dict[str, Floats]:
    """Log-odds of both labels from joints that saw nothing of the source."""
    odds = np.zeros((len(rows), len(QUESTIONS)))
    for train, test in GroupKFold(5).split(rows, groups=groups):
        coefficients, intercepts = fit_joint(rows[train], labels[train])
        odds[test] = rows[test] @ coefficients.T + intercepts
    return dict(zip(QUESTIONS, odds.T, strict=True))


def read_unseen(
    states: States, short: list[Claim], cut: list[Claim], strength: float
) -> dict[str, Floats]:
    """Log-odds of claims about long sources, by readouts of short ones that saw nothing of them.

    A hidden document is one of the short sources; of the other long ones none is.
    """
    held, rows = states.of([c.id for c in cut]), states.of([c.id for c in short])
    labels = np.array([claim.label for claim in short])
    sources = np.array([claim.source for claim in short])
    source_of = {f"{claim.id}#hidden": claim.source for claim in short}
    about = np.array([source_of.get(claim.id, "") for claim in cut])
    found = {name: np.zeros(len(cut)) for name in QUESTIONS}

    def fill(learn: NDArray[np.bool_], test: NDArray[np.bool_]) -> None:
        center = rows[learn].mean(axis=0).astype(np.float64)
        for name in QUESTIONS:
            weight = np.ones(int(learn.sum()))
            model = fit_linear(rows[learn], labels[learn] == name, weight, strength, center)
            found[name][test] = model.odds(held[test])

    fill(np.ones(len(short), dtype=bool), about == "")
    for _, seen in GroupKFold(5).split(rows, groups=sources):
        fill(~np.isin(sources, sources[seen]), np.isin(about, sources[seen]))
    return found


def fit_cut(states: States, strength: float, *, keep: bool) -> None:
    """Fit and print how reading and measures are joined where only part of a source is read."""
    cases = read_claims()
    short = [c for name, found in cases.items() if name != "notes" for c in found]
    short = [claim for claim in short if claim.id in states.index]
    cut = [claim for claim in read_cut_claims() if claim.id in states.index]
    labels = np.array([claim.label for claim in cut])
    groups = np.array([claim.source for claim in cut])
    read = read_unseen(states, short, cut, strength)
    rows = measure(cut, load_encoder("bundled", load_settings().models_dir, 2), read)
    show("reading", cut, labels, read)
    shipped = load_joint()
    show(
        "as short",
        cut,
        labels,
        dict(zip(QUESTIONS, (rows @ shipped.coefficients.T + shipped.intercepts).T, strict=True)),
    )
    show("joined", cut, labels, cross_validate_joint(rows, labels, groups))
    if keep:
        _write_joint(CUT, fit_joint(rows, labels), _card(len(cut), "--cut "))


def write(
    states: States,
    claims: list[Claim],
    labels: NDArray[np.str_],
    joint: tuple[Floats, Floats],
    strength: float,
    names: tuple[str, str],
) -> None:
    """Fit on everything and write both files."""
    held = states.of([claim.id for claim in claims])
    center = held.mean(axis=0).astype(np.float64)
    weight = np.ones(len(held))
    fitted = [fit_linear(held, labels == name, weight, strength, center) for name in QUESTIONS]
    card = _card(len(claims))
    text = format_readout(
        questions=QUESTIONS,
        center=center,
        matrix=np.stack([item.weight for item in fitted]),
        bias=np.array([item.bias for item in fitted]),
        card=card
        | {
            "reader": READER_NAME,
            "prompt_sha256": sha256(prompts.CLAIM_EXAMPLES.encode()).hexdigest(),
        },
    )
    (ROOT / "tutor" / "study" / names[0]).write_text(text, encoding="utf-8")
    _write_joint(names[1], joint, card)


def _card(claims: int, options: str = "") -> dict[str, object]:
    return {
        "what": "What a source says of a claim",
        "data": "benchmarks/claim_cases, written for this project",
        "licence": "Apache-2.0",
        "claims": claims,
        "date": dt.date.today().isoformat(),
        "command": f"python -m benchmarks.fit_claims --states STATES {options}--write",
    }


def _write_joint(name: str, joint: tuple[Floats, Floats], card: dict[str, object]) -> None:
    coefficients, intercepts = joint
    fields = {
        "card": card,
        "names": list(JOINED_NAMES),
        "coefficients": [[round(float(v), 6) for v in row] for row in coefficients],
        "intercepts": [round(float(v), 6) for v in intercepts],
    }
    path = ROOT / "tutor" / "study" / name
    path.write_text(json.dumps(fields, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Fit, print, and with ``--write`` replace the shipped files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--states", type=Path, required=True)
    parser.add_argument("--strength", type=float, default=0.003, help="inverse regularisation")
    parser.add_argument("--notes", action="store_true", help="claims about notes too: statements")
    parser.add_argument("--cut", action="store_true", help="sources of which only part is read")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    states = load_states(options.states)
    if options.cut:
        fit_cut(states, options.strength, keep=options.write)
        return
    claims = [
        claim
        for name, found in read_claims().items()
        for claim in found
        if claim.id in states.index and (options.notes or name != "notes")
    ]
    labels = np.array([claim.label for claim in claims])
    groups = np.array([claim.source for claim in claims])
    held = states.of([claim.id for claim in claims])
    everything = np.ones(len(claims), dtype=bool)
    read = {
        name: cross_validate_linear(
            held, labels == name, everything, np.ones(len(claims)), groups, options.strength, 5
        )
        for name in QUESTIONS
    }
    show("reading", claims, labels, read)
    # Questions with their answers are decided by a rule, and read only for what it denies.
    plain = np.array([read_pair(claim.claim) is None for claim in claims])
    stated = [claim for claim, keep in zip(claims, plain, strict=True) if keep]
    encoder = load_encoder("bundled", load_settings().models_dir, 2)
    rows = measure(stated, encoder, {name: odds[plain] for name, odds in read.items()})
    joined = cross_validate_joint(rows, labels[plain], groups[plain])
    show("joined", stated, labels[plain], joined)
    if options.write:
        joint = fit_joint(rows, labels[plain])
        write(
            states, claims, labels, joint, options.strength, STATEMENTS if options.notes else CLAIMS
        )


if __name__ == "__main__":
    main()
