"""Fit how sentences are read for whether they answer (`tutor.study.answer_reader`).

Run by hand: ``python -m benchmarks.fit_answers --states STATES [--write]``; a few minutes. Fitted on
``benchmarks/answer_cases`` (written for this project; states by `benchmarks.read_states`); figures
are of notes and passages that took no part in the fit (five folds). Writes
``tutor/study/answer_readout.json`` and ``answer_weights.json``.
"""

import argparse
import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from benchmarks.cases import ANSWERS_READ, ROOT, Answered, read_answers
from benchmarks.quotations import covered
from benchmarks.readouts import (
    Bools,
    Floats,
    Linear,
    cross_validate_linear,
    fit_linear,
    load_states,
)
from tutor.llm import prompts
from tutor.llm.odds import log_odds, sigmoid
from tutor.llm.reader import READER_NAME
from tutor.llm.readout import format_readout
from tutor.search.embed import load_encoder
from tutor.search.gate import gate
from tutor.search.types import Encoder
from tutor.settings import load_settings
from tutor.study.answer_reader import GATE_BOUND, SENTENCES_READ, nearest_sentences
from tutor.study.finding import as_passage
from tutor.study.memory import RememberingEncoder
from tutor.study.passages import Passage, read_passage
from tutor.study.quoting import choose_quotes

FOLDS = 5
FITTED = ("everyday", "notes")
HELD_OUT = ("premises",)
"""Statements in questions; fitting on them too changed nothing (docs/grounding.md)."""


@dataclass(frozen=True)
class Table:
    """Sentences that were read, and the questions they belong to.

    Attributes:
        cases: The questions.
        passages: Their notes, cut into sentences.
        ids: Of each sentence: ``case#number``.
        case: Number of each sentence's question.
        fit: How well each fits its question.
        answers: Whether it answers.
        gate: The evidence gate's log-odds of each question.
    """

    cases: list[Answered]
    passages: list[Passage]
    ids: list[str]
    case: NDArray[np.int64]
    fit: Floats
    answers: Bools
    gate: Floats

    @property
    def groups(self) -> NDArray[np.str_]:
        """Note or passage of each question."""
        return np.array([case.group for case in self.cases])

    def nearest(self, at: int) -> NDArray[np.int64]:
        """Rows of the sentences of a question that the product reads."""
        rows = np.flatnonzero(self.case == at)
        return rows[np.argsort(-self.fit[rows], kind="stable")[:SENTENCES_READ]]

    def best(self, odds: Floats) -> Floats:
        """Highest odds of each question's sentences, of those that the product reads."""
        return np.array([odds[self.nearest(at)].max() for at in range(len(self.cases))])


def read_table(states: Sequence[str], encoder: Encoder, files: Sequence[str]) -> Table:
    """Everything but the states, of some files of cases."""
    held: dict[str, list[int]] = {}
    for name in states:
        case_id, _, number = name.rpartition("#")
        held.setdefault(case_id, []).append(int(number))
    cases: list[Answered] = []
    passages: list[Passage] = []
    ids, owner, fit, answers, odds = [], [], [], [], []
    answers_of = read_answers()
    for name in files:
        for case in answers_of[name]:
            if case.id not in held:
                continue
            passage = read_passage(case.note, case.question, encoder)
            near = nearest_sentences(passage, ANSWERS_READ)
            for number in sorted(set(near) & set(held[case.id])):
                ids.append(f"{case.id}#{number}")
                owner.append(len(cases))
                fit.append(float(passage.scores[number]))
                answers.append(number in case.answers)
            text = as_passage(case.note) if case.note.question else case.note.answer
            odds.append(log_odds(gate(case.question, [text], encoder).probability, GATE_BOUND))
            cases.append(case)
            passages.append(passage)
    return Table(
        cases, passages, ids, np.array(owner), np.array(fit), np.array(answers), np.array(odds)
    )


def join(rows: Floats, truth: Bools, groups: NDArray[np.str_]) -> tuple[LogisticRegression, Floats]:
    """A logistic regression over everything, and log-odds from those that saw nothing of a group."""
    model = LogisticRegression(C=10.0)
    held_out = cross_val_predict(
        model, rows, truth, groups=groups, cv=GroupKFold(FOLDS), method="decision_function"
    )
    return model.fit(rows, truth), np.asarray(held_out, dtype=np.float64)


def show_sentences(table: Table, named: dict[str, Floats]) -> None:
    """How well the sentences of a question are told apart, by file."""
    for origin in sorted({case.origin for case in table.cases}):
        here = np.array([table.cases[at].origin == origin for at in table.case])
        for name, odds in named.items():
            first, share, two = [], [], 0
            for at, case in enumerate(table.cases):
                rows = np.flatnonzero(table.case == at)
                if case.origin != origin or not case.answers:
                    continue
                order = rows[np.argsort(-odds[rows], kind="stable")]
                first.append(table.answers[order[0]])
                two += int(table.answers[order[:2]].sum())
                share.append(len(case.answers))
            auc = roc_auc_score(table.answers[here], odds[here])
            print(
                f"{origin:9s} {name:8s} AUC {auc:.3f}, first sentence answers {np.mean(first):.3f}, "
                f"first two hold {two / sum(share):.3f} of the answers "
                f"(n={int(here.sum())} sentences, {len(first)} questions)"
            )


def show_quoting(table: Table, odds: Floats, origin: str) -> None:
    """Recall and precision of what is quoted under a file's questions, by threshold, and unread."""
    for least in (None, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5):
        hits = total = chosen = chars = asked = 0
        for at, (case, passage) in enumerate(zip(table.cases, table.passages, strict=True)):
            if not case.answers or case.origin != origin:
                continue
            answers = np.zeros(len(passage.spans))
            for row in table.nearest(at):
                answers[int(table.ids[row].rpartition("#")[2])] = float(sigmoid(odds[row]))
            read = passage if least is None else replace(passage, answers=answers)
            spans = choose_quotes(read, case.question, least=least or 0.0)
            quoted = covered(passage, spans)
            hits += len(quoted & case.answers)
            total += len(case.answers)
            chosen += len(quoted)
            chars += sum(span.end - span.start for span in spans)
            asked += 1
        print(
            f"{origin:9s} quoted {'unread' if least is None else f'from {least}'}: recall {hits / total:.3f}, "
            f"precision {hits / chosen:.3f}, {chars / asked:.0f} characters (n={asked})"
        )


def show_notes(table: Table, named: dict[str, Floats], truth: Bools) -> None:
    """How well it is told whether a note answers at all, by file."""
    for origin in sorted({case.origin for case in table.cases}):
        here = np.array([case.origin == origin for case in table.cases])
        aucs = ", ".join(
            f"{name} {roc_auc_score(truth[here], odds[here]):.3f}" for name, odds in named.items()
        )
        print(f"{origin:9s} whether a note answers, AUC: {aucs} (n={int(here.sum())})")
    chance = sigmoid(named["joined"])
    for least in (0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7):
        refused = float((chance[truth] < least).mean())
        print(
            f"answered from {least}: false refusals {refused:.3f}, "
            f"false answers {float((chance[~truth] >= least).mean()):.3f}"
        )


def show_held_out(
    table: Table,
    states: NDArray[np.float32],
    model: Linear,
    by_sentence: LogisticRegression,
    by_note: LogisticRegression,
) -> None:
    """The same of questions that the fit saw nothing of."""
    read = model.odds(states)
    joined = by_sentence.decision_function(np.stack([read, table.fit], axis=1))
    best = table.best(joined)
    note_odds = by_note.decision_function((best + table.gate)[:, None])
    show_sentences(table, {"fit": table.fit, "read": read, "joined": joined})
    for name in HELD_OUT:
        show_quoting(table, joined, name)
    truth = np.array([bool(case.answers) for case in table.cases])
    show_notes(table, {"gate": table.gate, "read": best, "joined": note_odds}, truth)


def main() -> None:
    """Fit, print, and write where asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--states", type=Path, required=True)
    parser.add_argument("--strength", type=float, default=0.01, help="inverse regularisation")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    encoder = RememberingEncoder(load_encoder("bundled", load_settings().models_dir, 2))
    states = load_states(options.states, "answers_*")
    table = read_table(list(states.index), encoder, FITTED)
    rows = states.of(table.ids)
    everything, ones = np.ones(len(rows), dtype=bool), np.ones(len(rows))
    groups = table.groups[table.case]
    read = cross_validate_linear(
        rows, table.answers, everything, ones, groups, options.strength, FOLDS
    )
    by_sentence, joined = join(np.stack([read, table.fit], axis=1), table.answers, groups)
    truth = np.array([bool(case.answers) for case in table.cases])
    best = table.best(joined)
    # Questions of answer_cases are all near to their note, so that a free fit would give the gate a
    # fifth of the reading's weight and let through what is far off: both count alike (docs).
    by_note, note_odds = join((best + table.gate)[:, None], truth, table.groups)
    show_sentences(table, {"fit": table.fit, "read": read, "joined": joined})
    show_quoting(table, joined, "notes")
    show_notes(table, {"gate": table.gate, "read": best, "joined": note_odds}, truth)
    model = fit_linear(rows, table.answers, ones, options.strength, rows.mean(axis=0).astype(float))
    held = read_table(list(states.index), encoder, HELD_OUT)
    if held.cases:
        show_held_out(held, states.of(held.ids), model, by_sentence, by_note)
    if options.write:
        auc = float(roc_auc_score(table.answers, read))
        write_fit(table, model, by_sentence, by_note, strength=options.strength, auc=auc)


def write_fit(
    table: Table,
    model: Linear,
    by_sentence: LogisticRegression,
    by_note: LogisticRegression,
    *,
    strength: float,
    auc: float,
) -> None:
    """Write the readout and the weights, each with its card."""
    card = {
        "what": "Log-odds that a sentence of a note answers a question, from a hidden state.",
        "reader": READER_NAME,
        "prompt_sha256": sha256(prompts.ANSWER_EXAMPLES.encode()).hexdigest(),
        "fitted_on": f"{len(table.ids)} sentences under {len(table.cases)} questions of "
        "benchmarks/answer_cases, written for this project",
        "licence": "Apache-2.0",
        "date": dt.date.today().isoformat(),
        "command": f"python -m benchmarks.fit_answers --states STATES --strength {strength} --write",
        "auc": round(auc, 3),
    }
    folder = ROOT / "tutor" / "study"
    readout = format_readout(
        questions=("answers",),
        center=model.center,
        matrix=model.weight[None, :],
        bias=np.array([model.bias]),
        card=card,
    )
    (folder / "answer_readout.json").write_text(readout, encoding="utf-8")
    weights = {
        "sentence": named_weights(by_sentence, ("read", "fit")),
        "note": {"gate": float(by_note.coef_[0, 0].round(5)), **named_weights(by_note, ("best",))},
        "card": {key: card[key] for key in ("fitted_on", "licence", "date", "command")},
    }
    text = json.dumps(weights, indent=1) + "\n"
    (folder / "answer_weights.json").write_text(text, encoding="utf-8")


def named_weights(model: LogisticRegression, names: Sequence[str]) -> dict[str, float]:
    """A regression's numbers by name."""
    found = dict(zip(names, model.coef_[0].round(5).tolist(), strict=True))
    return {**found, "bias": round(float(model.intercept_[0]), 5)}


if __name__ == "__main__":
    main()
