"""Does the evaluation notice damage, and only damage?

Run by hand: ``python benchmarks/degradation.py``. Damages one part of the tutor at a time, compares
with the undamaged run as ``--baseline`` would, and prints which figures failed; then draws the
cases anew with twenty other seeds, where nothing may fail. Uses the bundled embedding model and, in
place of a language model, two scripted ones: one that reads its notes out, one that ignores them.
"""

import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from tutor.critique.critic import Critic
from tutor.critique.score import score
from tutor.critique.types import Critique, Label
from tutor.eval.baseline import compare_reports, read_thresholds
from tutor.eval.bench import Bench, Options
from tutor.eval.cache import Cache
from tutor.eval.report import Report, make_report
from tutor.eval.runner import run_suites
from tutor.eval.suites import all_suites
from tutor.notes.text import split_sentences
from tutor.notes.types import Note
from tutor.settings import load_settings

SEEDS = range(1, 21)
_FENCED = re.compile(r"<<<\n(.*?)\n>>>", re.DOTALL)


class HonestReader(BaseChatModel):
    """Replies with the first two sentences of the first note it is shown, marked ``[1]``."""

    @property
    def _llm_type(self) -> str:
        return "honest-reader"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        found = _FENCED.search(messages[-1].text)
        note = found[1] if found else ""
        said = [span.of(note).strip() for span in split_sentences(note)[:2]]
        text = "".join(f"{sentence} [1]\n" for sentence in said)
        return ChatResult(generations=[ChatGeneration(message=AIMessage(text))])


class IgnoresNotes(BaseChatModel):
    """Replies fluently, and with nothing that any note says."""

    @property
    def _llm_type(self) -> str:
        return "ignores-notes"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        text = "这一方法由海洋研究所在 1893 年提出 [1]。它主要用于预测潮汐和捕捞量 [1]。"
        return ChatResult(generations=[ChatGeneration(message=AIMessage(text))])


class AlwaysCovered(Critic):
    """Calls every point covered, for sure, whatever was said."""

    def final(
        self, note: Note, question: str, answer: str, lang: str, *, reveal: bool = True
    ) -> Critique:
        """The critique with every verdict turned to covered."""
        honest = super().final(note, question, answer, lang, reveal=reveal)
        verdicts = tuple(
            replace(verdict, label=Label.COVERED, covered_probability=1.0)
            for verdict in honest.verdicts
        )
        return replace(honest, verdicts=verdicts, score=score(verdicts, note.key_points))


def measure(bench: Bench, suites: Sequence[str], model: BaseChatModel | None = None) -> Report:
    """The report of some suites, with a model of ours."""
    bench.given_model = model
    if model is not None:
        bench.settings = bench.settings.model_copy(update={"model": model._llm_type})
    chosen = [suite for name, suite in all_suites().items() if name in suites]
    return make_report(run_suites(chosen, bench), bench)


def worse_figures(before: Report, after: Report, *, seed: int = 0) -> set[tuple[str, str]]:
    """Suite and name of the figures that would fail a build."""
    found = compare_reports(before, after, all_suites(), read_thresholds(), seed=seed)
    return {(figure.suite, figure.name) for figure in found.regressions}


def main() -> None:
    """Print the table."""
    settings = load_settings(model="none")
    cache = Cache(Path(tempfile.gettempdir()) / "tutor-degradation")

    def bench(limit: int = 80, seed: int = 0) -> Bench:
        return Bench(settings, Options(limit=limit, seed=seed), cache)

    def undamaged(make: Callable[[], Bench]) -> Report:
        # The scripted reader can write replies, but it cannot judge answers.
        without = measure(make(), ("retrieval", "critique"))
        written = measure(make(), ("grounding",), HonestReader())
        return {
            **without,
            "figures": without["figures"] + written["figures"],
            "cases": without["cases"] + written["cases"],
        }

    baseline = undamaged(bench)
    print(f"undamaged: {len(baseline['cases'])} cases, {len(baseline['figures'])} figures")
    no_dense, no_words = bench(), bench()
    no_dense.dense, no_words.lexical = False, False
    generous = bench()
    generous.given_critic = AlwaysCovered(generous.encoder)
    damaged = {
        "search without the dense leg": (measure(no_dense, ("retrieval",)), "retrieval"),
        "search without BM25": (measure(no_words, ("retrieval",)), "retrieval"),
        "a judge that always says covered": (measure(generous, ("critique",)), "critique"),
        "a model that ignores the notes": (
            measure(bench(), ("grounding",), IgnoresNotes()), "grounding"
        ),
    }  # fmt: skip
    missed = 0
    for name, (report, suite) in damaged.items():
        worse = worse_figures(baseline, report)
        missed += {one for one, _ in worse} != {suite}
        print(f"{name}: {', '.join(sorted(figure for _, figure in worse)) or 'NOT NOTICED'}")
    false_alarms = 0
    for seed in SEEDS:
        again = undamaged(partial(bench, 60, seed))
        false_alarms += bool(worse_figures(baseline, again, seed=seed))
    print(f"other seeds: {false_alarms} of {len(SEEDS)} runs failed")
    sys.exit(bool(missed or false_alarms))


if __name__ == "__main__":
    main()
