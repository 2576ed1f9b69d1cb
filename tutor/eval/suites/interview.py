"""Interview: follow-ups that aim at what was missed, tell nothing, and do not repeat; a plan that pays.

A scripted learner gives labelled answers of ours, so that what was really missed is known.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from tutor.critique.critic import Critic
from tutor.eval.bench import Bench
from tutor.eval.cases import RowFile, is_test, make_dataset, need, own_files
from tutor.eval.suites.base import Try, kept_rows, mean_of, share_rows
from tutor.eval.types import Case, Dataset, Measure, Outcome
from tutor.interview import machine
from tutor.interview.followup import ask_follow_up, ask_question, said_about
from tutor.interview.types import AskNote, Choices, Contrast, Finish, FollowUp, Judge, Session
from tutor.notes.text import char_ngrams, words
from tutor.notes.types import Note
from tutor.progress.simulate import simulate_plan

PLAN = "simulated_plan"
_OPEN = ("missed", "partial", "contradicted")
_TOLD = 0.34  # share of a hidden point's new n-grams that a question may not hold
_SAME = 0.9
_LEARNERS = 20
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
            Case(f"learner-{seed}", f"learner-{seed}", "", {"seed": seed})
            for seed in range(_LEARNERS)
        ]
        return [*found, make_dataset(self.name, PLAN, learners)]

    def default_limit(self, dataset: Dataset, bench: Bench) -> int | None:
        """40 interviews; 15 and 3 learners with ``--fast``."""
        if bench.options.fast:
            return 3 if dataset.name == PLAN else 15
        return 40

    def measures(self, dataset: Dataset) -> Sequence[Measure]:
        """Leaks, repeats, aim; or what following the plan brings."""
        if dataset.name == PLAN:
            return [Measure("plan_gain", kept_rows("gain"), mean_of, "mean recall")]
        return [
            Measure("leak_rate", share_rows("leaked"), mean_of, "", "lower"),
            Measure("repeat_rate", share_rows("repeated"), mean_of, "", "lower"),
            Measure("followup_on_missed", share_rows("on_missed"), mean_of),
            Measure("asked_when_missed", kept_rows("asked"), mean_of),
        ]

    @contextmanager
    def open(self, dataset: Dataset, bench: Bench) -> Iterator[Try]:
        """One critic and one wording for all interviews."""
        if dataset.name == PLAN:
            yield _simulate
            return
        critic = bench.critic()
        yield lambda case: _hold(case, critic, bench)


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
    found = simulate_plan(case.content["seed"])
    values = {"gain": found.gain, "plan": found.plan, "random": found.random, "fixed": found.fixed}
    shown = ", ".join(f"{name} {value:.3f}" for name, value in values.items())
    return Outcome(case.id, case.group, values, evidence=shown, badness=float(found.gain <= 0))


def _hold(case: Case, critic: Critic, bench: Bench) -> Outcome:
    """One question, its labelled answer, and the follow-ups, answered with nothing new."""
    note = bench.by_ref[case.content["note"]]
    labels = dict(zip((p.id for p in note.key_points), case.content["labels"], strict=True))
    choices = Choices(count=1, lang=note.lang, follow_ups=2)
    session = machine.start(case.id, "eval", choices, [note], _NOON)
    asked: list[tuple[str, str, bool]] = []  # point, words, told too much
    prompts: list[str] = []
    answers = iter(
        [case.content["answer"], "这个我再想想。" if note.lang == "zh" else "Let me think."]
    )
    now = _NOON
    for _ in range(24):
        now += timedelta(minutes=1)
        move = machine.next_move(session, {note.id: note}, now)
        if isinstance(move, Finish):
            break
        if isinstance(move, Judge):
            turn = session.turns[move.turn]
            judged = critic.provisional(note, turn.prompt, turn.answer, note.lang)
            session = machine.attach(session, judged, turn.index)
            continue
        prompt = ""
        if isinstance(move, AskNote):
            prompt = ask_question(note, choices)
        elif isinstance(move, FollowUp | Contrast):
            prompt = ask_follow_up(
                session, note, move, phrase=bench.phrase(), encoder=bench.encoder
            )
            asked.append((move.point_id, prompt, tells(prompt, note, move.point_id, session)))
        session = machine.apply(session, move, now, prompt=prompt)
        if prompt:
            prompts.append(prompt)
            session = machine.receive(session, next(answers, ""), now)
    lacking = any(label in _OPEN for label in labels.values())
    values = {
        "leaked": [float(told) for _, _, told in asked],
        "repeated": [
            float(_like(prompt, prompts[:index])) for index, prompt in enumerate(prompts) if index
        ],
        "on_missed": [float(labels[point] in _OPEN) for point, _, _ in asked],
    }
    if lacking:
        values["asked"] = float(bool(asked))  # type: ignore[assignment]
    bad = max([*values["leaked"], *(1 - hit for hit in values["on_missed"]), 0.0])
    shown = "\n".join(f"{labels[point]}: {prompt}" for point, prompt, _ in asked)
    evidence = f"{note.question} — {case.content['answer'][:160]}\n{shown}"
    return Outcome(case.id, case.group, values, evidence=evidence, badness=bad)


def tells(prompt: str, note: Note, point_id: str, session: Session) -> bool:
    """Whether a question tells the point it asks for: measured apart from the product's own check.

    It does if it holds a third of what the point says beyond the note's question and the learner's
    own words, in character n-grams, or half of the words.
    """
    point = next(point for point in note.key_points if point.id == point_id)
    free = f"{note.question} {said_about(session, note.id)}"
    hidden = char_ngrams(point.text, 3) - char_ngrams(free, 3)
    new = set(words(point.text)) - set(words(free))
    told = len(hidden & char_ngrams(prompt, 3)) / len(hidden) if hidden else 0.0
    spoken = len(new & set(words(prompt))) / len(new) if len(new) > 2 else 0.0
    return told >= _TOLD or spoken >= 0.5


def _like(prompt: str, earlier: Sequence[str]) -> bool:
    """Whether nearly the same words were asked before."""
    grams = char_ngrams(prompt)
    return any(
        len(grams & char_ngrams(past)) >= _SAME * len(grams | char_ngrams(past)) for past in earlier
    )
