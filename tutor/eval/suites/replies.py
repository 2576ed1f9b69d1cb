"""Real replies to study questions: what they claim, cite, say and leave unsaid.

Citation precision and recall follow ALCE (Gao et al., "Enabling Large Language Models to Generate
Text with Citations", EMNLP 2023); the claim checker takes the place of its entailment model, or a
second model does (``--judge``). Claims are counted before anything is hidden from the reader; where
the reply is in the notes' own words these are its claims (``claim_support_written`` leaves them out).
Which statements a reply makes is judged too; for replies that were read, readers say it.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tutor.eval import metrics
from tutor.eval.bench import Bench
from tutor.eval.cases import ADVERSARIAL, make_dataset, study_files, study_stratum
from tutor.eval.figures import mean_of
from tutor.eval.judge import Stated, Supports, checker_supports, supports_stated
from tutor.eval.suites.abstention import last_answer
from tutor.eval.suites.base import Rows, Try, kept_rows, percentile_of, share_rows
from tutor.eval.suites.readings import find_reading, readings_by_id
from tutor.eval.types import Case, Dataset, Floats, Measure, Outcome, Row
from tutor.notes.types import Note
from tutor.study.claims import SUPPORTED, ClaimChecker
from tutor.study.passages import full_text
from tutor.study.types import Answer

REPLIES = "own_replies"
TRAPS = "own_replies_adversarial"
_INVITED = ("partly", "unanswerable")  # kinds that invite the tutor to make something up


def reply_datasets(bench: Bench) -> list[Dataset]:
    """Our study questions, and those that set traps; without these with ``--fast``."""
    found = []
    names = ("question", "kind", "notes", "must_say", "must_not_say")
    read = readings_by_id(bench.options.own)
    for file in study_files(bench.options.own):
        traps = file.name == ADVERSARIAL
        if traps and bench.options.fast:
            continue
        cases = []
        for row in file.rows:
            if not bench.searched_refs.issuperset(row["notes"]):
                continue
            content = {n: row[n] for n in names} | {"attack": row.get("attack", "")}
            content["readings"] = read.get(row["id"], [])
            cases.append(Case(row["id"], row["id"], study_stratum(row), content))
        name = TRAPS if traps else f"{REPLIES}_fast" if bench.options.fast else REPLIES
        found.append(make_dataset("grounding", name, cases, bench.corpus))
    return found


def reply_limit(dataset: Dataset, bench: Bench) -> int | None:
    """How many questions are asked where ``--limit`` is not given.

    A reply that the local model writes takes 30 s on two cores, one that it only reads 5 to 10 s;
    a run of all suites should end within 40 minutes.
    """
    if bench.options.fast:
        return 8
    if bench.model_name == "none":
        return None if dataset.name == TRAPS else 150
    if bench.settings.answers != "model" and bench.reader is not None:
        return 15 if dataset.name == TRAPS else 40
    return 6 if dataset.name == TRAPS else 12


def reply_measures(*, judged: bool = False) -> Sequence[Measure]:
    """What replies are worth; with a second judge, also how far it agrees with our checker."""
    agreement = Measure("judge_kappa", _judges, _kappa, "", "")
    return [
        *([agreement] if judged else []),
        Measure("claim_support_before", share_rows("before"), mean_of),
        Measure("claim_support_written", share_rows("written"), mean_of),
        Measure("claim_support_after", share_rows("after"), mean_of),
        Measure("citation_precision", share_rows("cited_right"), mean_of),
        Measure("citation_recall", share_rows("cited"), mean_of),
        Measure("false_premise_corrected", kept_rows("corrected"), mean_of),
        Measure("false_premise_corrected_read", kept_rows("corrected_read"), mean_of),
        Measure("corrected_kappa", _corrections, _kappa, "", ""),
        Measure("must_say_share", share_rows("said"), mean_of),
        Measure("must_not_say_share", share_rows("wrong"), mean_of, "", "lower"),
        *(
            Measure(f"must_not_say_share_{kind}", _wrong_in(kind), mean_of, "", "lower")
            for kind in _INVITED
        ),
        Measure("right_note_cited", kept_rows("right_note"), mean_of),
        Measure("notes_cited_share", kept_rows("notes_cited"), mean_of),
        Measure("answered_by_model", kept_rows("by_model"), mean_of, "", ""),
        Measure("seconds_p50", kept_rows("seconds"), percentile_of(50), "s", "lower"),
    ]


@contextmanager
def open_replies(dataset: Dataset, bench: Bench) -> Iterator[Try]:
    """The study chat over our notes, and a judge of support."""
    notes = {note.id: note for note in bench.searched}
    judge, stated = bench.supports(), bench.stated()
    checker = checker_supports(ClaimChecker(bench.encoder)) if bench.options.judge else None
    with bench.retriever(list(notes.values())) as retriever:
        study = bench.study(retriever, notes)

        def attempt(case: Case) -> Outcome:
            begun = time.perf_counter()
            answer = last_answer(study, case.content["question"])
            seconds = time.perf_counter() - begun
            return judge_reply(case, answer, notes, judge, seconds, other=checker, stated=stated)

        yield attempt


def judge_reply(
    case: Case,
    answer: Answer,
    notes: dict[str, Note],
    judge: Supports,
    seconds: float = 0.0,
    *,
    other: Supports | None = None,
    stated: Stated | None = None,
) -> Outcome:
    """What one reply is worth. A refusal claims nothing: it says none of what it must or must not.

    Args:
        case: The question and what a good reply says.
        answer: The reply.
        notes: All notes by id.
        judge: Decides whether a text supports a statement.
        seconds: How long the reply took.
        other: Another judge, whose agreement on the claims is recorded.
        stated: Decides which statements the reply makes; ``judge`` by default.
    """
    cited_notes = list(dict.fromkeys(citation.note_id for citation in answer.citations))
    values: dict[str, Any] = {"kind": case.content["kind"], "refused": answer.refused}
    values |= _statements(case, answer, stated or supports_stated(judge))
    values |= _notes_cited(case, {str(notes[note_id].ref) for note_id in cited_notes})
    if answer.refused:
        missed = bool(case.content["must_say"])
        return Outcome(
            case.id, case.group, values, seconds, _evidence(case, answer), badness=float(missed)
        )
    whole = "\n\n".join(full_text(notes[note_id]) for note_id in cited_notes)
    by_model = answer.written_by == "llm"
    judged = [(claim, _share(judge(claim.text, whole))) for claim in answer.claims]
    # What the check puts into a written reply was not claimed before it.
    values["before"] = [one for claim, one in judged if not (claim.quoted and by_model)]
    values["written"] = [one for claim, one in judged if not claim.quoted]
    values["after"] = [one for claim, one in judged if claim.shown]
    if other is not None:
        values["judges"] = [[one, _share(other(claim.text, whole))] for claim, one in judged]
    values |= _citations(answer, judge)
    values["by_model"] = float(by_model)
    values["seconds"] = seconds
    bad = 1 - sum(one or 0 for _, one in judged) / len(judged) if judged else 0.0
    return Outcome(case.id, case.group, values, seconds, _evidence(case, answer), badness=bad)


def _statements(case: Case, answer: Answer, stated: Stated) -> dict[str, Any]:
    """Which of the case's statements the reply makes, and whether a false premise was corrected.

    Corrected is a premise where the reply rather makes a statement that sets it right than any that
    goes along with it: to deny something, a reply has to name it. Readers, who can tell naming from
    claiming, are asked for whether the premise was set right in full.
    """
    right, wrong = case.content["must_say"], case.content["must_not_say"]
    chances: list[float | None] = [0.0] * len([*right, *wrong])
    if not answer.refused:
        chances = stated([*right, *wrong], answer.text)
    said, denied = chances[: len(right)], chances[len(right) :]
    values: dict[str, Any] = {"said": _made(said), "wrong": _made(denied)}
    if case.content["kind"] == "false_premise":
        values["corrected"] = _corrected(said, denied)
        read = find_reading(case.content.get("readings", ()), answer.text)
        values["corrected_read"] = 0.0 if answer.refused else read and float(read["corrected"] == 2)
    return values


def _made(chances: Sequence[float | None]) -> list[float | None]:
    return [None if one is None else float(one >= SUPPORTED) for one in chances]


def _corrected(said: Sequence[float | None], denied: Sequence[float | None]) -> float | None:
    """Whether one of what is right is made, and more so than all of what is wrong."""
    if None in said or None in denied:
        return None
    best = max((one or 0.0 for one in said), default=0.0)
    return float(best >= SUPPORTED and all((one or 0.0) < best for one in denied))


def _notes_cited(case: Case, cited: set[str]) -> dict[str, Any]:
    """Whether any right note was cited; of a question for several notes also which share."""
    right = set(case.content["notes"])
    if not right:
        return {}
    values: dict[str, Any] = {"right_note": float(bool(cited & right))}
    if case.content["kind"] == "multi_note":
        values["notes_cited"] = len(cited & right) / len(right)
    return values


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
    attack = case.content.get("attack")
    kind = f"{attack}, {case.content['kind']}" if attack else case.content["kind"]
    lines = [f"{case.content['question']} ({kind})", answer.text[:600]]
    return "\n".join([*lines, *(f"dropped: {text[:160]}" for text in dropped)])


def _wrong_in(kind: str) -> Rows:
    """One row for each thing that must not be said, of the questions of a kind."""
    rows = share_rows("wrong")
    return lambda outcomes: rows([o for o in outcomes if o.error or o.values["kind"] == kind])


def _corrections(outcomes: Sequence[Outcome]) -> list[Row]:
    """Of every reply to a false premise that was read: what our measure says, and the readers."""
    return [
        (o.values["corrected"], o.values["corrected_read"])
        for o in outcomes
        if not o.error and not o.values["refused"] and o.values.get("corrected_read") is not None
    ]


def _kappa(rows: Floats) -> float | None:
    return metrics.kappa(rows[:, 0], rows[:, 1])


def _judges(outcomes: Sequence[Outcome]) -> list[Row]:
    """For every claim what the second judge and our checker say."""
    return [(one, two) for outcome in outcomes for one, two in outcome.values.get("judges", ())]
