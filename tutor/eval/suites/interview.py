"""Interview: follow-ups that aim at what was missed, tell nothing, and do not repeat; a plan that pays.

A scripted learner gives labelled answers of ours, so that what was really missed is known.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from tutor.critique.critic import Critic
from tutor.eval.bench import Bench
from tutor.eval.cases import RowFile, is_test, make_dataset, need, own_files
from tutor.eval.figures import mean_of
from tutor.eval.suites.base import Try, kept_rows, share_rows
from tutor.eval.types import Case, Dataset, Measure, Outcome
from tutor.interview import machine
from tutor.interview.leak import GENERIC
from tutor.interview.plan import question_similarity
from tutor.interview.play import play
from tutor.interview.types import Choices, Kind, Session
from tutor.notes.text import char_ngrams, words
from tutor.notes.types import Note
from tutor.progress.learners import LAWS
from tutor.progress.simulate import simulate_plan

PLAN = "simulated_plan"
PLAN_OTHER = "simulated_plan_other_laws"  # of memory than the plan assumes
_OPEN = ("missed", "partial", "contradicted")
_TOLD = 0.34  # share of a hidden point's new n-grams that a question may not hold
_SAME = 0.9  # likeness from which two questions are one
_LEARNERS = 20
_LEARNERS_A_LAW = 8
_PAUSE = {"zh": "不知道", "en": "I don't know"}
LONG = "own_long"
_NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class InterviewSuite:
    """Interviews held with labelled answers, and simulated learners that follow the plan."""

    name = "interview"
    parts = ("interview", "critique", "notes", "progress", "llm", "eval/suites/interview.py")
    uses_model = True

    def datasets(self, bench: Bench) -> list[Dataset]:
        """Interviews over our answers, and simulated learners."""
        found = [_interviews(file, bench) for file in own_files("critique", bench.options.own)]
        learners = [
            Case(f"learner-{seed}", f"learner-{seed}", "", {"seed": seed, "law": LAWS[0]})
            for seed in range(_LEARNERS)
        ]
        others = [
            Case(f"{law}-{seed}", f"{law}-{seed}", law, {"seed": seed, "law": law})
            for law in LAWS[1:]
            for seed in range(_LEARNERS_A_LAW)
        ]
        long = [
            Case(f"long-{lang}-{seed}", f"long-{lang}-{seed}", lang, {"seed": seed, "lang": lang})
            for seed in range(10)
            for lang in ("zh", "en")
        ]
        setup = {"notes": bench.notes_digest}
        return [
            *found,
            make_dataset(self.name, LONG, long, setup),
            make_dataset(self.name, PLAN, learners),
            make_dataset(self.name, PLAN_OTHER, others),
        ]

    def default_limit(self, dataset: Dataset, bench: Bench) -> int | None:
        """40 interviews; 10 and 3 learners with ``--fast``."""
        if bench.options.fast:
            return {"own": 10, PLAN_OTHER: len(LAWS) - 1}.get(dataset.name, 3)
        return 40

    def measures(self, dataset: str, outcomes: Sequence[Outcome]) -> Sequence[Measure]:
        """Leaks, repeats, aim; or what following the plan brings."""
        if dataset in (PLAN, PLAN_OTHER):
            return [Measure("plan_gain", kept_rows("gain"), mean_of, "mean recall")]
        if dataset == LONG:
            return [Measure("repeat_rate", share_rows("repeated"), mean_of, "", "lower")]
        return [
            Measure("leak_rate", share_rows("leaked"), mean_of, "", "lower"),
            Measure("repeat_rate", share_rows("repeated"), mean_of, "", "lower"),
            Measure("followup_on_missed", share_rows("on_missed"), mean_of),
            Measure("asked_when_missed", kept_rows("asked"), mean_of),
        ]

    @contextmanager
    def open(self, dataset: Dataset, bench: Bench) -> Iterator[Try]:
        """One critic and one wording for all interviews."""
        if dataset.name in (PLAN, PLAN_OTHER):
            yield _simulate
            return
        critic = bench.critic()
        held = _long if dataset.name == LONG else _hold
        yield lambda case: held(case, critic, bench)


def _interviews(file: RowFile, bench: Bench) -> Dataset:
    """One interview a labelled answer that leaves something out."""
    cases = []
    for row in file.rows:
        need(row, "id", "note", "answer", "labels", "kind")
        note = bench.by_ref.get(row["note"])
        fits = note is not None and len(note.key_points) == len(row["labels"])
        if fits and is_test(row["note"]):
            content = {name: row[name] for name in ("note", "answer", "labels", "kind")}
            content["digest"] = note.digest if note else ""
            cases.append(Case(row["id"], row["note"], row["kind"], content))
    return make_dataset("interview", "own", cases)


def _simulate(case: Case) -> Outcome:
    found = simulate_plan(case.content["seed"], case.content["law"])
    values = {"gain": found.gain, "plan": found.plan, "random": found.random, "fixed": found.fixed}
    shown = ", ".join(f"{name} {value:.3f}" for name, value in values.items())
    return Outcome(case.id, case.group, values, evidence=shown, badness=float(found.gain <= 0))


def _hold(case: Case, critic: Critic, bench: Bench) -> Outcome:
    """One question, its labelled answer, and the follow-ups, answered with nothing new."""
    note = bench.by_ref[case.content["note"]]
    labels = dict(zip((p.id for p in note.key_points), case.content["labels"], strict=True))
    choices = Choices(count=1, lang=note.lang, follow_ups=2)
    session = play(
        machine.start(case.id, "eval", choices, [note], _NOON),
        {note.id: note},
        lambda turn, _: case.content["answer"] if turn.kind is Kind.QUESTION else _PAUSE[note.lang],
        lambda turn, _: critic.provisional(note, turn.prompt, turn.answer, note.lang),
        _NOON,
        phrase=bench.phrase(),
        encoder=bench.encoder,
    )
    asked = [turn for turn in session.turns if turn.kind is not Kind.QUESTION]
    leaked = [float(tells(t.prompt, note, t.point_id, case.content["answer"])) for t in asked]
    on_missed = [float(labels[turn.point_id] in _OPEN) for turn in asked]
    values: dict[str, Any] = {
        "leaked": leaked,
        "on_missed": on_missed,
        "repeated": _repeats(session),
    }
    if any(label in _OPEN for label in labels.values()):
        values["asked"] = float(bool(asked))
    shown = "\n".join(f"{labels[turn.point_id]}: {turn.prompt}" for turn in asked)
    evidence = f"{note.question} — {case.content['answer'][:160]}\n{shown}"
    bad = max([*leaked, *(1 - hit for hit in on_missed), 0.0])
    return Outcome(case.id, case.group, values, evidence=evidence, badness=bad)


def _long(case: Case, critic: Critic, bench: Bench) -> Outcome:
    """Ten questions to a learner who knows nothing: does anything come twice?"""
    notes = {note.id: note for note in bench.notes}
    choices = Choices(count=10, lang=case.content["lang"], seed=case.content["seed"])
    session = play(
        machine.start(case.id, "eval", choices, bench.notes, _NOON),
        notes,
        lambda turn, note: _PAUSE[note.lang],
        lambda turn, note: critic.provisional(note, turn.prompt, turn.answer, note.lang),
        _NOON,
    )
    repeated = _repeats(session)
    evidence = "\n".join(turn.prompt[:80] for turn in session.turns)
    return Outcome(
        case.id, case.group, {"repeated": repeated}, evidence=evidence, badness=max(repeated)
    )


def _repeats(session: Session) -> list[float]:
    """For each question after the first: 1 where it asks for a note or point asked for before."""
    seen: list[tuple[str, str]] = []
    found = []
    for turn in session.turns:
        place = (turn.note_id, turn.point_id)
        again = place in seen or (
            turn.kind is Kind.QUESTION
            and any(
                question_similarity(turn.prompt, t.prompt) >= _SAME
                for t in session.turns[: turn.index]
            )
        )
        found.append(float(again))
        seen.append(place)
    return found[1:]


def tells(prompt: str, note: Note, point_id: str, said: str) -> bool:
    """Whether a question tells the point it asks for: measured apart from the product's own check.

    It does if it holds a third of what the point says beyond the note's question and the learner's
    own words, in character n-grams, or half of the words; words such as "is" and "more" are no part
    of what a point says.
    """
    point = next(point for point in note.key_points if point.id == point_id)
    free = f"{note.question} {said}"
    hidden = char_ngrams(point.text, 3) - char_ngrams(free, 3) - GENERIC
    new = set(words(point.text)) - set(words(free)) - GENERIC
    told = len(hidden & char_ngrams(prompt, 3)) / len(hidden) if hidden else 0.0
    spoken = len(new & set(words(prompt))) / len(new) if len(new) > 2 else 0.0
    return told >= _TOLD or spoken >= 0.5
