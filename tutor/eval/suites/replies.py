"""Real replies to study questions: what they claim, cite, say and leave unsaid.

Citation precision and recall follow ALCE (Gao et al., "Enabling Large Language Models to Generate
Text with Citations", EMNLP 2023); the claim checker takes the place of its entailment model, or a
second model does (``--judge``). Claims are counted before anything is hidden from the reader.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tutor.eval import metrics
from tutor.eval.bench import Bench
from tutor.eval.cases import make_dataset, need, own_files
from tutor.eval.figures import mean_of
from tutor.eval.judge import Supports, checker_supports
from tutor.eval.suites.abstention import last_answer
from tutor.eval.suites.base import Try, kept_rows, percentile_of, share_rows
from tutor.eval.types import Case, Dataset, Measure, Outcome, Row
from tutor.notes.types import Note
from tutor.study.claims import ClaimChecker
from tutor.study.types import Answer

REPLIES = "own_replies"


def reply_datasets(bench: Bench) -> list[Dataset]:
    """Our study questions as one data set."""
    found = []
    for file in own_files("study", bench.options.own):
        cases = []
        for row in file.rows:
            need(row, "id", "question", "kind", "notes", "must_say", "must_not_say")
            names = ("question", "kind", "notes", "must_say", "must_not_say")
            if not bench.searched_refs.issuperset(row["notes"]):
                continue
            cases.append(Case(row["id"], row["id"], row["kind"], {n: row[n] for n in names}))
        name = f"{REPLIES}_fast" if bench.options.fast else REPLIES
        found.append(make_dataset("grounding", name, cases, bench.corpus))
    return found


def reply_measures(*, judged: bool = False) -> Sequence[Measure]:
    """What replies are worth; with a second judge, also how far it agrees with our checker."""
    agreement = Measure(
        "judge_kappa", _judges, lambda rows: metrics.kappa(rows[:, 0], rows[:, 1]), "", ""
    )
    return [
        *([agreement] if judged else []),
        Measure("claim_support_before", share_rows("before"), mean_of),
        Measure("claim_support_after", share_rows("after"), mean_of),
        Measure("citation_precision", share_rows("cited_right"), mean_of),
        Measure("citation_recall", share_rows("cited"), mean_of),
        Measure("false_premise_corrected", kept_rows("corrected"), mean_of),
        Measure("must_say_share", share_rows("said"), mean_of),
        Measure("must_not_say_share", share_rows("wrong"), mean_of, "", "lower"),
        Measure("right_note_cited", kept_rows("right_note"), mean_of),
        Measure("answered_by_model", kept_rows("by_model"), mean_of, "", ""),
        Measure("seconds_p50", kept_rows("seconds"), percentile_of(50), "s", "lower"),
    ]


@contextmanager
def open_replies(dataset: Dataset, bench: Bench) -> Iterator[Try]:
    """The study chat over our notes, and a judge of support."""
    notes = {note.id: note for note in bench.searched}
    judge = bench.supports()
    checker = checker_supports(ClaimChecker(bench.encoder)) if bench.options.judge else None
    with bench.retriever(list(notes.values())) as retriever:
        study = bench.study(retriever, notes)

        def attempt(case: Case) -> Outcome:
            begun = time.perf_counter()
            answer = last_answer(study, case.content["question"])
            seconds = time.perf_counter() - begun
            return judge_reply(case, answer, notes, judge, seconds, other=checker)

        yield attempt


def judge_reply(
    case: Case,
    answer: Answer,
    notes: dict[str, Note],
    judge: Supports,
    seconds: float = 0.0,
    *,
    other: Supports | None = None,
) -> Outcome:
    """What one reply is worth; a refusal claims nothing and is judged only for false premises.

    Args:
        case: The question and what a good reply says.
        answer: The reply.
        notes: All notes by id.
        judge: Decides whether a text supports a statement.
        seconds: How long the reply took.
        other: Another judge, whose agreement on the claims is recorded.
    """
    values: dict[str, Any] = {"kind": case.content["kind"], "refused": answer.refused}
    false_premise = case.content["kind"] == "false_premise"
    if answer.refused:
        if false_premise:
            values["corrected"] = 0.0
        return Outcome(case.id, case.group, values, seconds, _evidence(case, answer))
    cited_notes = list(dict.fromkeys(citation.note_id for citation in answer.citations))
    whole = "\n\n".join(notes[note_id].answer for note_id in cited_notes)
    before = [_share(judge(claim.text, whole)) for claim in answer.claims]
    values["before"] = before
    values["after"] = [one for one, claim in zip(before, answer.claims, strict=True) if claim.shown]
    if other is not None:
        values["judges"] = [
            [one, _share(other(claim.text, whole))]
            for one, claim in zip(before, answer.claims, strict=True)
        ]
    values |= _citations(answer, judge)
    values["said"] = [_share(judge(text, answer.text)) for text in case.content["must_say"]]
    values["wrong"] = [_share(judge(text, answer.text)) for text in case.content["must_not_say"]]
    if false_premise:
        values["corrected"] = float(any(values["said"]) and not any(values["wrong"]))
    if case.content["notes"]:
        refs = {notes[note_id].ref for note_id in cited_notes}
        values["right_note"] = float(bool(refs & set(case.content["notes"])))
    values["by_model"] = float(answer.written_by == "llm")
    values["seconds"] = seconds
    bad = 1 - sum(one or 0 for one in before) / len(before) if before else 0.0
    return Outcome(case.id, case.group, values, seconds, _evidence(case, answer), badness=bad)


def _citations(answer: Answer, judge: Supports) -> dict[str, Any]:
    """What ALCE counts.

    A shown claim is recalled if its citations together support it; a citation is precise if it
    supports the claim alone, or if the others without it do not.
    """
    quotes = {citation.number: citation.quote for citation in answer.citations}
    recalled: list[float | None] = []
    precise: list[float | None] = []
    for claim in answer.claims:
        if not claim.shown:
            continue
        held = [quotes[number] for number in claim.citations if number in quotes]
        together = judge(claim.text, "\n".join(held)) if held else False
        recalled.append(_share(together))
        for index, quote in enumerate(held):
            alone = judge(claim.text, quote)
            rest = "\n".join(held[:index] + held[index + 1 :])
            needed = bool(together) and (not rest or not judge(claim.text, rest))
            precise.append(_share(alone if alone or alone is None else needed))
    return {"cited": recalled, "cited_right": precise}


def _share(found: bool | None) -> float | None:
    return None if found is None else float(found)


def _evidence(case: Case, answer: Answer) -> str:
    dropped = [claim.text for claim in answer.claims if not claim.shown]
    lines = [f"{case.content['question']} ({case.content['kind']})", answer.text[:600]]
    return "\n".join([*lines, *(f"dropped: {text[:160]}" for text in dropped)])


def _judges(outcomes: Sequence[Outcome]) -> list[Row]:
    """For every claim what the second judge and our checker say."""
    return [(one, two) for outcome in outcomes for one, two in outcome.values.get("judges", ())]
