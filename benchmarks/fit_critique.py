"""Fit the critique's weights and print how they do on unseen questions.

Run by hand: ``python -m benchmarks.fit_critique --data DIR [--write]``. Reads our labelled answers
in ``evals/critique``, our development set in ``DIR/critique``, and writes
``tutor/critique/weights.json``. Every figure is measured on questions whose answers took no part
in the fit (folds by question); intervals are 95 % bootstraps by question.
"""

import argparse
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from benchmarks import critique_head
from benchmarks.cases import ROOT, Case, read_points, translate
from benchmarks.critique_report import label_points, print_auc, print_labels
from benchmarks.readouts import States, cross_validate_linear, fit_linear, load_states
from tutor.critique import guards
from tutor.critique.calibrate import Logistic, Weights, _logistic
from tutor.critique.features import NAMES, measure_points
from tutor.critique.head import CLASSES, nearest_tokens
from tutor.critique.judge import QUESTIONS, READ_CUTS, READ_NAMES, by_rule, head_odds, read_rows
from tutor.critique.question import read_question
from tutor.critique.reading import read_text
from tutor.critique.relevance import keep_relevant
from tutor.critique.score import net_credit
from tutor.critique.types import Label
from tutor.llm import prompts
from tutor.llm.reader import READER_NAME
from tutor.llm.readout import format_readout
from tutor.search.embed import load_encoder
from tutor.search.types import Encoder
from tutor.settings import load_settings

CUTS = {
    "related": 0.83,
    "related_without_words": 0.87,
    "aside": 0.0,
    "found": 0.45,
    "full": 0.6,
    "contradicted": 0.5,
    "contra_over_found": 1.0,
    "unsure": 1.4,
}
ORIGINS = ("own", "free", "dev", "translated")
PRECISION = 0.75  # of a contradiction, on questions not fitted on


@dataclass(frozen=True)
class Table:
    """Points as rows: features, label, question, case and number of the point."""

    rows: NDArray[np.float64]
    labels: NDArray[np.str_]
    groups: NDArray[np.str_]
    cases: list[tuple[Case, int]]
    said: list[Mapping[str, float] | None]
    tokens: list[tuple[NDArray[np.float16], NDArray[np.float16], NDArray[np.float16]]]


def measure(encoder: Encoder, cases: Sequence[Case]) -> Table:
    """Features of every point, by the very path the product takes; rule-decided answers left out."""
    weights = Weights({}, CUTS, {})
    read = {}
    rows, labels, groups, kept, said, tokens = [], [], [], [], [], []
    for case in cases:
        guard = guards.check(case.question, case.answer)
        if guard is not None and guard.zero:
            continue
        key = (case.question, case.source)
        if key not in read:
            read[key] = read_question(encoder, case.question, case.points, case.source)
        reading = read_text(encoder, case.answer, guard.kept if guard else None)
        reading = keep_relevant(read[key], reading, weights)
        if not reading.spans:
            continue
        for number, found in enumerate(measure_points(read[key], reading)):
            rows.append(found.values)
            labels.append(case.labels[number])
            groups.append(case.question_id)
            kept.append((case, number))
            point = read[key].points[number]
            decided = by_rule(point.text, read[key].question.text, reading, found)
            said.append(None if decided is None else dict(decided))
            near = nearest_tokens(point, reading)
            tokens.append(
                tuple(
                    vectors.astype(np.float16)
                    for vectors in (point.tokens, near, read[key].question.tokens)
                )
            )
    return Table(np.array(rows), np.array(labels), np.array(groups), kept, said, tokens)


def fit_logistic(
    rows: NDArray[np.float64],
    target: NDArray[np.bool_],
    weight: NDArray[np.float64],
    strength: float,
) -> Logistic:
    """A regularised logistic model over all features."""
    mean, scale = rows.mean(axis=0), np.maximum(rows.std(axis=0), 1e-6)
    clipped = np.clip((rows - mean) / scale, -4.0, 4.0)
    model = LogisticRegression(C=strength, max_iter=5000)
    model.fit(clipped, target, sample_weight=weight)
    return Logistic(NAMES, mean, scale, model.coef_[0], float(model.intercept_[0]))


def targets(labels: NDArray[np.str_]) -> dict[str, tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """For each model: which rows it learns from, and what is true of them."""
    found = np.isin(labels, ("covered", "partial"))
    everything = np.ones(len(labels), dtype=bool)
    return {
        "found": (everything, found),
        "full": (found, labels == "covered"),
        "contradicted": (everything, labels == "contradicted"),
    }


def case_weights(table: Table, dev_weight: float) -> NDArray[np.float64]:
    """What each row counts in a fit."""
    worth = {"dev": dev_weight, "free": 1.0, "own": 1.0, "translated": 0.7}
    return np.array([worth[case.origin] for case, _ in table.cases])


# What an answer counts where the judges are joined: how much each is to be trusted differs from set
# to set, and answers to notes, and those of the development set, are nearest to what learners bring.
READ_WORTH = {"dev": 12.0, "own": 3.0, "free": 0.4, "translated": 0.0}


def read_weights(part: Table) -> NDArray[np.float64]:
    """What each row counts in the models that join the judges."""
    return np.array([READ_WORTH[case.origin] for case, _ in part.cases])


def fit_all(table: Table, strength: float, dev_weight: float) -> dict[str, Logistic]:
    """The three models of the fast judge."""
    weight = case_weights(table, dev_weight)
    return {
        name: fit_logistic(table.rows[use], truth[use], weight[use], strength)
        for name, (use, truth) in targets(table.labels).items()
    }


def take(table: Table, index: NDArray[np.int64]) -> Table:
    """Some rows of a table."""
    cases = [table.cases[number] for number in index]
    said = [table.said[number] for number in index]
    tokens = [table.tokens[number] for number in index]
    return Table(table.rows[index], table.labels[index], table.groups[index], cases, said, tokens)


def cross_validate(
    table: Table, strength: float, dev_weight: float, folds: int
) -> dict[str, NDArray[np.float64]]:
    """Log-odds of every row from models that saw no answer to its question."""
    odds = {name: np.zeros(len(table.labels)) for name in ("found", "full", "contradicted")}
    for train, test in GroupKFold(folds).split(table.rows, groups=table.groups):
        models = fit_all(take(table, train), strength, dev_weight)
        for name, model in models.items():
            odds[name][test] = model.logit(table.rows[test])
    return odds


def best_cut(
    truth: NDArray[np.bool_], odds: NDArray[np.float64], weight: NDArray[np.float64]
) -> float:
    """Lowest probability whose precision reaches the wanted one, on cross-validated odds."""
    order = np.argsort(-odds)
    rate = np.cumsum((truth * weight)[order]) / np.cumsum(weight[order])
    good = np.flatnonzero((rate >= PRECISION) & (np.arange(len(order)) >= 9))
    if not len(good):
        return 0.9
    return float(1.0 / (1.0 + np.exp(-odds[order[good[-1]]])))


def report(
    table: Table, odds: dict[str, NDArray[np.float64]], cuts: Mapping[str, float] | None = None
) -> None:
    """Print how each origin does: AUCs, and with thresholds labels and scores too."""
    for origin in ORIGINS:
        chosen = np.array([case.origin == origin for case, _ in table.cases])
        if not chosen.any():
            continue
        for name, (use, truth) in targets(table.labels).items():
            rows = chosen & use
            print_auc(f"{origin:4s} {name:13s}", table.groups[rows], truth[rows], odds[name][rows])
        if cuts is not None:
            part = take(table, np.flatnonzero(chosen))
            given = label_points({name: odds[name][chosen] for name in QUESTIONS}, cuts)
            print_labels(part.cases, part.labels, given, part.groups)


def split_odds(chances: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Log-odds of the three questions from the head's class probabilities."""
    rows = [head_odds(np.log(np.maximum(row, 1e-7))) for row in chances]
    return {name: np.array([row[name] for row in rows]) for name in QUESTIONS}


def fit_stack(
    columns: Sequence[NDArray[np.float64]],
    truth: NDArray[np.bool_],
    names: tuple[str, ...],
    weight: NDArray[np.float64] | None = None,
) -> Logistic:
    """A logistic model over log-odds; fitted on cross-validated ones, so that it is calibrated."""
    rows = np.stack(columns, axis=1)
    model = LogisticRegression(C=1.0, max_iter=2000)
    model.fit(rows, truth, sample_weight=weight)
    count = len(names)
    return Logistic(
        names, np.zeros(count), np.ones(count), model.coef_[0], float(model.intercept_[0]), 30.0
    )


def fit_stacks(
    table: Table, features: dict[str, NDArray[np.float64]], head: dict[str, NDArray[np.float64]]
) -> dict[str, Logistic]:
    """How much each judge counts, for each of the three questions."""
    return {
        f"{name}_stack": fit_stack(
            [features[name][use], head[name][use]], truth[use], ("features", "head")
        )
        for name, (use, truth) in targets(table.labels).items()
    }


def apply_stacks(
    stacks: dict[str, Logistic],
    features: dict[str, NDArray[np.float64]],
    head: dict[str, NDArray[np.float64]],
) -> dict[str, NDArray[np.float64]]:
    """Log-odds of both judges together."""
    return {
        name: stacks[f"{name}_stack"].logit(np.stack([features[name], head[name]], axis=1))
        for name in QUESTIONS
    }


def with_rules(
    table: Table, odds: dict[str, NDArray[np.float64]]
) -> dict[str, NDArray[np.float64]]:
    """Odds as the fast judge ends with them: two rules decide alone."""
    found = {name: values.copy() for name, values in odds.items()}
    for row, said in enumerate(table.said):
        if said is not None:
            for name in QUESTIONS:
                found[name][row] = said[name]
    return found


def choose_cuts(
    table: Table, odds: dict[str, NDArray[np.float64]], worth: NDArray[np.float64]
) -> dict[str, float]:
    """Thresholds from cross-validated odds: precision of a contradiction first, then the labels.

    ``worth`` is what each row counts.
    """
    chances = {name: 1.0 / (1.0 + np.exp(-np.clip(odds[name], -30, 30))) for name in QUESTIONS}
    chosen = np.array([case.origin != "translated" for case, _ in table.cases])
    weight = worth[chosen]
    labels = table.labels[chosen]
    found, full, against = (chances[name][chosen] for name in QUESTIONS)
    cut = best_cut(labels == "contradicted", odds["contradicted"][chosen], weight)
    wrong = (against >= cut) & (against > found)
    best, cuts = -1.0, (0.45, 0.6)
    for low in np.arange(0.3, 0.71, 0.05):
        for high in np.arange(0.3, 0.81, 0.05):
            credit = np.where(
                wrong, -0.25, np.where(found < low, 0.0, np.where(full >= high, 1.0, 0.5))
            )
            right = np.array([net_credit(Label(label)) for label in labels])
            score = -float((weight * np.abs(credit - right)).sum())
            if score > best or best == -1.0:
                best, cuts = score, (float(low), float(high))
    return {
        **CUTS,
        "found": round(cuts[0], 2),
        "full": round(cuts[1], 2),
        "contradicted": round(cut, 3),
    }


def as_fields(model: Logistic) -> dict[str, object]:
    """A logistic model as it stands in the weights file."""
    return {
        "names": list(model.names),
        "mean": [round(float(v), 6) for v in model.mean],
        "scale": [round(float(v), 6) for v in model.scale],
        "coef": [round(float(v), 6) for v in model.coef],
        "intercept": round(model.intercept, 6),
        "limit": model.limit,
    }


def read_odds(
    table: Table, states: States, options: argparse.Namespace
) -> tuple[NDArray[np.int64], dict[str, NDArray[np.float64]]]:
    """Rows of the table whose state was read, and their log-odds by readouts that saw none of them."""
    names = [f"{case.id}#{number}" for case, number in table.cases]
    held = [
        i
        for i, (case, _) in enumerate(table.cases)
        if case.origin != "translated" and names[i] in states.index
    ]
    index = np.array(held)
    part = take(table, index)
    rows = states.of([names[i] for i in index])
    weight = case_weights(part, options.dev_weight)
    odds = {
        name: cross_validate_linear(
            rows, truth, use, weight, part.groups, options.read_strength, options.folds
        )
        for name, (use, truth) in targets(part.labels).items()
    }
    return index, odds


def joined_rows(
    part: Table, fast: dict[str, NDArray[np.float64]], read: dict[str, NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Rows of `READ_NAMES`, answer by answer as the product has them."""
    rows = np.zeros((len(part.labels), len(READ_NAMES)))
    answers: dict[str, list[int]] = {}
    for row, (case, _) in enumerate(part.cases):
        answers.setdefault(case.id, []).append(row)
    for members in answers.values():
        both = [
            [{name: float(odds[name][row]) for name in QUESTIONS} for row in members]
            for odds in (fast, read)
        ]
        rows[members] = read_rows(*both)
    return rows


def fit_read_stacks(
    table: Table,
    index: NDArray[np.int64],
    fast: dict[str, NDArray[np.float64]],
    read: dict[str, NDArray[np.float64]],
) -> tuple[dict[str, Logistic], dict[str, NDArray[np.float64]]]:
    """The models that join the fast judge's odds with the reading, and their odds out of fold."""
    part = take(table, index)
    rows = joined_rows(part, {name: fast[name][index] for name in QUESTIONS}, read)
    weight = read_weights(part)
    models, joined = {}, {}
    for name, (use, truth) in targets(part.labels).items():
        columns = list(rows[use].T)
        models[f"{name}_read"] = fit_stack(columns, truth[use], READ_NAMES, weight[use])
        joined[name] = np.zeros(len(index))
        for train, test in GroupKFold(5).split(rows, groups=part.groups):
            learn = train[use[train]]
            model = fit_stack(list(rows[learn].T), truth[learn], READ_NAMES, weight[learn])
            joined[name][test] = model.logit(rows[test])
    return models, joined


def write_readout(
    table: Table, index: NDArray[np.int64], states: States, options: argparse.Namespace
) -> None:
    """Fit the shipped readout on everything that was read and write it."""
    part = take(table, index)
    rows = states.of([f"{case.id}#{number}" for case, number in part.cases])
    weight = case_weights(part, options.dev_weight)
    center = rows.mean(axis=0).astype(np.float64)
    fitted = [
        fit_linear(rows[use], truth[use], weight[use], options.read_strength, center)
        for use, truth in targets(part.labels).values()
    ]
    text = format_readout(
        questions=list(targets(part.labels)),
        center=center,
        matrix=np.stack([item.weight for item in fitted]),
        bias=np.array([item.bias for item in fitted]),
        card={
            "what": "Verdicts on key points from the hidden state of the reader",
            "data": "as in weights.json, without the English counterparts",
            "licence": "Apache-2.0",
            "points": len(index),
            "questions": len(set(part.groups.tolist())),
            "reader": READER_NAME,
            "prompt_sha256": sha256(prompts.POINT_EXAMPLES.encode()).hexdigest(),
            "date": dt.date.today().isoformat(),
            "command": "python -m benchmarks.fit_critique --data DIR --states STATES --write",
        },
    )
    (ROOT / "tutor" / "critique" / "readout.json").write_text(text, encoding="utf-8")


def head_rows(table: Table, dev_weight: float) -> list[critique_head.Row]:
    """The table's points as the learned comparison takes them."""
    return [
        critique_head.Row(*tokens, features, str(label), worth)
        for tokens, features, label, worth in zip(
            table.tokens,
            table.rows,
            table.labels,
            case_weights(table, dev_weight).tolist(),
            strict=True,
        )
    ]


def cross_validate_head(
    table: Table, options: argparse.Namespace
) -> dict[str, NDArray[np.float64]]:
    """Log-odds of every row from comparisons that saw no answer to its question."""
    rows = head_rows(table, options.dev_weight)
    items = critique_head.prepare(rows, critique_head.find_basis(rows))
    chances = np.zeros((len(rows), len(CLASSES)))
    for train, test in GroupKFold(options.folds).split(table.rows, groups=table.groups):
        member = critique_head.fit_member(
            [items[i] for i in train], [rows[i] for i in train], seed=0, passes=options.passes
        )
        chances[test] = critique_head.predict([member], [items[i] for i in test])
    return split_odds(chances)


def write(
    table: Table,
    models: dict[str, Logistic],
    cuts: dict[str, float],
    options: argparse.Namespace,
    encoder: str,
) -> None:
    """Fit the shipped comparison on everything and write both files."""
    rows = head_rows(table, options.dev_weight)
    basis = critique_head.find_basis(rows)
    items = critique_head.prepare(rows, basis)
    members = [
        critique_head.fit_member(items, rows, seed=10 + number, passes=options.passes)
        for number in range(options.members)
    ]
    about = card(table, encoder)
    folder = ROOT / "tutor" / "critique"
    fields = {name: as_fields(model) for name, model in models.items()}
    weights = {"card": about, "cuts": cuts, "models": fields}
    (folder / "weights.json").write_text(json.dumps(weights, indent=1) + "\n", encoding="utf-8")
    head = critique_head.as_fields(basis, members, 1.0, about)
    (folder / "head.json").write_text(json.dumps(head) + "\n", encoding="utf-8")


def card(table: Table, encoder: str) -> dict[str, object]:
    """What the files say about their making."""
    return {
        "what": "Verdicts on key points: logistic models over hand-made features, and a small "
        "learned comparison of token vectors",
        "data": "evals/critique, written for this project (Apache-2.0), also against the English "
        "counterparts of the notes, and the project's own critique development set; the model "
        "`grade` also on sas_ads_zh and sas_le_zh (Apache-2.0) and semeval2013_beetle (CC BY-SA 3.0)",
        "licence": "Apache-2.0",
        "points": len(table.labels),
        "questions": len(set(table.groups.tolist())),
        "encoder": encoder,
        "date": dt.date.today().isoformat(),
        "command": "python -m benchmarks.fit_critique --data DIR --write",
    }


def main() -> None:
    """Fit, print, and with ``--write`` replace the shipped weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with critique/*.jsonl")
    parser.add_argument("--states", type=Path, help="folder that benchmarks.read_states wrote")
    parser.add_argument("--strength", type=float, default=0.1, help="inverse regularisation")
    parser.add_argument("--read-strength", type=float, default=0.01, help="of the readouts")
    parser.add_argument("--dev-weight", type=float, default=4.0)
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--passes", type=int, default=7)
    parser.add_argument("--members", type=int, default=2)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    encoder = load_encoder("bundled", load_settings().models_dir, 2)
    sets = read_points(options.data)
    cases = [case for found in sets.values() for case in found]
    table = measure(encoder, [*cases, *translate(sets["own"])])
    run(table, options, encoder.name)


def run(table: Table, options: argparse.Namespace, encoder: str) -> None:
    """Fit on a measured table; see `main`."""
    features = cross_validate(table, options.strength, options.dev_weight, options.folds)
    head = cross_validate_head(table, options)
    stacks = fit_stacks(table, features, head)
    both = with_rules(table, apply_stacks(stacks, features, head))
    cuts = choose_cuts(table, both, case_weights(table, options.dev_weight))
    for title, odds in (("features", features), ("head", head)):
        print(title)
        report(table, odds)
    print("both, as without a language model")
    report(table, both, cuts)
    models = dict(stacks)
    if options.states:
        states = load_states(options.states)
        index, read = read_odds(table, states, options)
        read_models, joined = fit_read_stacks(table, index, both, read)
        models |= read_models
        part = take(table, index)
        chosen = choose_cuts(part, joined, case_weights(part, options.dev_weight))
        print("reading")
        report(part, read)
        print("joined")
        report(part, joined, chosen)
        cuts |= {f"{name}_read": chosen[name] for name in READ_CUTS}
        if options.write:
            write_readout(table, index, states, options)
    print("cuts", cuts)
    if options.write:
        shipped = json.loads((ROOT / "tutor/critique/weights.json").read_text(encoding="utf-8"))
        kept = {
            name: _logistic(fields)
            for name, fields in shipped["models"].items()
            if name in ("grade", "found_model")  # fitted by their own programs
        }
        models = {**fit_all(table, options.strength, options.dev_weight), **models, **kept}
        write(table, models, cuts, options, encoder)


if __name__ == "__main__":
    main()
