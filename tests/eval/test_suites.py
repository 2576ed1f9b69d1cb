"""The suites on small data: honest parts score 1, fabricators 0, garbage is unscored."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.eval.values import make_bench, write_rows
from tests.fakes import ScriptedModel, WordEmbedder
from tutor.critique.critic import Critic
from tutor.critique.score import score
from tutor.critique.types import Critique, Label
from tutor.errors import EvalError, ModelUnavailableError
from tutor.eval.bench import Bench
from tutor.eval.figures import make_figure
from tutor.eval.judge import Supports, model_supports
from tutor.eval.runner import DatasetRun, run_suites
from tutor.eval.suites import all_suites
from tutor.eval.suites.critique import GUARDS, ZERO_KINDS, CritiqueSuite
from tutor.eval.suites.grounding import GroundingSuite
from tutor.eval.suites.interview import InterviewSuite, tells
from tutor.eval.suites.replies import judge_reply, reply_measures
from tutor.eval.suites.retrieval import RetrievalSuite
from tutor.eval.types import Case, Dataset, Figure, Outcome
from tutor.llm.providers import RemoteChatModel
from tutor.notes.types import KeyPoint, Note, Source, Span
from tutor.study.types import Answer, Citation, Claim

PASSAGES = {
    "pool": "池化层缩小特征图，减少计算量",
    "drop": "Dropout 随机丢弃神经元，缓解过拟合",
    "norm": "批归一化对一批数据做标准化，稳定训练",
    "far": "动量法积累梯度的方向",
}


def _figures(found: Sequence[Figure]) -> dict[str, float | None]:
    return {figure.name: figure.value for figure in found}


def _retrieval_folder(folder: Path) -> Path:
    rows = [json.dumps({"id": name, "text": text}) for name, text in PASSAGES.items()]
    write_rows(folder / "retrieval" / "tiny.passages.jsonl", rows)
    asked = [
        {"id": "a", "question": "池化层有什么用，为什么缩小特征图", "passage_id": "pool"},
        {"id": "b", "question": "随机丢弃神经元", "passage_id": ["drop", "other"]},
        {"id": "c", "question": "完全无关的一句英文 zebra", "passage_id": "far"},
    ]
    write_rows(folder / "retrieval" / "tiny.jsonl", [json.dumps(row) for row in asked])
    return folder


def test_retrieval_finds_what_is_there_and_counts_what_is_not(tmp_path: Path) -> None:
    bench = make_bench(data=_retrieval_folder(tmp_path), own=tmp_path / "none")
    run = run_suites([RetrievalSuite()], bench)
    found = _figures(run.figures)
    ranks = [outcome.values["rank"] for outcome in run.runs[0].outcomes]
    assert ranks[:2] == [1, 1]
    assert ranks[2] > 1
    assert found["hit@1"] == pytest.approx(2 / 3, abs=1e-6)
    assert found["mrr"] == pytest.approx((2 + 1 / ranks[2]) / 3, abs=1e-6)
    assert found["latency_p50_ms"] is not None
    assert found["latency_p50_ms"] > 0


def _ranks(part: DatasetRun) -> list[int]:
    return [outcome.values["rank"] for outcome in part.outcomes]


def test_reranked_searches_stand_beside_the_plain_ones(tmp_path: Path) -> None:
    model = ScriptedModel().enqueue_choices(*[{"是": -0.5, "否": -0.9}] * 20)
    bench = make_bench(data=_retrieval_folder(tmp_path), own=tmp_path / "none", rerank=True)
    bench.given_model = model
    plain, reranked = run_suites([RetrievalSuite()], bench).runs
    assert (plain.dataset.name, reranked.dataset.name) == ("tiny", "tiny_reranked")
    assert [o.case_id for o in plain.outcomes] == [o.case_id for o in reranked.outcomes]
    # Readings that are all alike change nothing.
    assert _ranks(plain) == _ranks(reranked)
    assert model.prompts


def test_a_reranker_that_fails_is_unscored(tmp_path: Path) -> None:
    gone = ModelUnavailableError("gone", "没了")
    bench = make_bench(data=_retrieval_folder(tmp_path), own=tmp_path / "none", rerank=True)
    bench.given_model = RemoteChatModel(inner=ScriptedModel().enqueue(*[gone] * 4))
    plain, reranked = run_suites([RetrievalSuite()], bench).runs
    assert [outcome.error for outcome in reranked.outcomes] == ["gone"] * 3
    assert _figures(plain.figures)["hit@1"] == pytest.approx(2 / 3, abs=1e-6)
    assert _figures(reranked.figures)["hit@1"] is None


def test_reranking_without_a_model_is_refused(tmp_path: Path) -> None:
    bench = make_bench(data=_retrieval_folder(tmp_path), own=tmp_path / "none", rerank=True)
    with pytest.raises(EvalError, match="Reranking needs a language model"):
        run_suites([RetrievalSuite()], bench)


CRITIQUE = {
    "id": "x-1", "qid": "x", "question": "Dropout 为什么能缓解过拟合？",
    "source": "训练时随机让部分神经元失活，相当于集成许多子网络。",
    "points": ["训练时随机让部分神经元失活", "相当于集成许多子网络"],
    "answer": "训练时随机让部分神经元失活。", "labels": ["covered", "missed"], "score": 5,
    "kind": "partial",
}  # fmt: skip


class _Oracle(Critic):
    """Judges by the labels it is given; optionally calls everything covered, or nothing at all."""

    def __init__(self, labels: dict[str, list[str]], *, always: Label | None = None) -> None:
        super().__init__(WordEmbedder())
        self._labels = labels
        self._always = always

    def final(
        self, note: Note, question: str, answer: str, lang: str, *, reveal: bool = True
    ) -> Critique:
        honest = super().final(note, question, answer, lang)
        verdicts = tuple(
            replace(
                verdict,
                label=self._always or Label(label),
                covered_probability=1.0 if self._always or label in ("covered", "partial") else 0.0,
                learner_span=None,
            )
            for verdict, label in zip(honest.verdicts, self._labels[answer], strict=True)
        )
        return replace(honest, verdicts=verdicts, score=score(verdicts, note.key_points))


def _critique_rows(folder: Path) -> dict[str, list[str]]:
    other = {**CRITIQUE, "id": "x-2", "answer": "丢弃权重会让网络更深，所以过拟合更重。",
             "labels": ["contradicted", "missed"], "score": 0, "kind": "wrong"}  # fmt: skip
    empty = {**CRITIQUE, "id": "x-3", "answer": "", "labels": ["missed"] * 2, "score": 0,
             "kind": "empty"}  # fmt: skip
    rows = [CRITIQUE, other, empty]
    write_rows(folder / "critique" / "tiny.jsonl", [json.dumps(row) for row in rows])
    return {row["answer"]: row["labels"] for row in rows}  # type: ignore[misc]


def _critique(tmp_path: Path, critic: Critic) -> dict[str, float | None]:
    bench = make_bench(data=tmp_path, own=tmp_path / "none")
    bench.given_critic = critic
    return _figures(run_suites([CritiqueSuite()], bench).figures)


def test_an_honest_critic_scores_one(tmp_path: Path) -> None:
    found = _critique(tmp_path, _Oracle(_critique_rows(tmp_path)))
    assert found["point_auc"] == found["point_accuracy"] == 1.0
    assert found["contradicted_precision"] == found["contradicted_recall"] == 1.0
    assert found["order_kept"] == found["guard_zero_rate"] == 1.0
    assert found["score_mae"] == pytest.approx(0.0)
    assert found["point_calibration_error"] == 0.0


def test_a_critic_that_always_says_covered_is_found_out(tmp_path: Path) -> None:
    found = _critique(tmp_path, _Oracle(_critique_rows(tmp_path), always=Label.COVERED))
    assert found["point_auc"] == 0.5
    assert found["point_accuracy"] == pytest.approx(1 / 6, abs=1e-6)
    assert found["contradicted_precision"] is None
    assert found["contradicted_recall"] == 0.0
    assert found["order_kept"] == 0.5
    assert found["guard_zero_rate"] == 0.0


def test_a_critic_that_judges_nothing_is_unscored_not_zero(tmp_path: Path) -> None:
    labels = _critique_rows(tmp_path)
    bench = make_bench(data=tmp_path, own=tmp_path / "none")
    bench.given_critic = _Oracle(labels, always=Label.UNSCORED)
    figures = {figure.name: figure for figure in run_suites([CritiqueSuite()], bench).figures}
    for name in ("point_auc", "point_accuracy", "score_mae", "order_kept", "guard_zero_rate"):
        assert (figures[name].value, figures[name].scored) == (None, 0), name
        assert figures[name].total > 0


NOTE = Note(
    "zh:pool", "池化有什么用？", "池化缩小特征图。它减少计算量。", Source("a.md", 1, 2), ref="pool",
    key_points=(KeyPoint("k1", "池化缩小特征图"), KeyPoint("k2", "减少计算量")),
)  # fmt: skip
CASE = Case("q", "q", "false_premise", {
    "question": "池化放大特征图吗？", "kind": "false_premise", "notes": ["pool"],
    "must_say": ["池化缩小特征图"], "must_not_say": ["池化放大特征图"],
})  # fmt: skip


def _holds(statement: str, text: str) -> bool:
    return statement in text


def _reply(*claims: Claim) -> Answer:
    quotes = (Citation(1, NOTE.id, Span(0, 8), "池化缩小特征图。"),)
    shown = "".join(claim.text for claim in claims if claim.shown)
    return Answer("?", "?", shown, claims, quotes, written_by="llm")


def _worth(answer: Answer, judge: Supports = _holds) -> dict[str, Figure]:
    outcome = judge_reply(CASE, answer, {NOTE.id: NOTE}, judge)
    return {m.name: make_figure(m, "grounding", "own_replies", [outcome]) for m in reply_measures()}


def test_an_honest_reply_scores_one() -> None:
    found = _worth(_reply(Claim("池化缩小特征图", (1,), "supported", 1.0)))
    names = ("claim_support_before", "claim_support_after", "citation_precision",
             "citation_recall", "false_premise_corrected", "must_say_share", "right_note_cited")  # fmt: skip
    assert {name: found[name].value for name in names} == dict.fromkeys(names, 1.0)
    assert found["must_not_say_share"].value == 0.0


def test_a_fabricator_scores_zero_whatever_the_product_calls_it() -> None:
    lie = Claim("池化放大特征图", (1,), "supported", 1.0)
    found = _worth(_reply(lie))
    names = ("claim_support_before", "claim_support_after", "citation_precision",
             "citation_recall", "false_premise_corrected", "must_say_share")  # fmt: skip
    assert {name: found[name].value for name in names} == dict.fromkeys(names, 0.0)
    assert found["must_not_say_share"].value == 1.0


def test_what_was_hidden_still_counts_against_the_writer() -> None:
    hidden = Claim("池化放大特征图", (), "unsupported", 0.1, shown=False)
    found = _worth(_reply(Claim("池化缩小特征图", (1,), "supported", 1.0), hidden))
    assert found["claim_support_before"].value == 0.5
    assert found["claim_support_after"].value == 1.0


def test_a_judge_that_cannot_decide_leaves_claims_unscored() -> None:
    found = _worth(_reply(Claim("池化缩小特征图", (1,), "supported", 1.0)), lambda *_: None)
    assert (found["claim_support_before"].value, found["claim_support_before"].scored) == (None, 0)
    assert found["claim_support_before"].total == 1


def test_agreement_of_two_judges_is_shown() -> None:
    claims = [
        Claim("池化缩小特征图", (1,), "supported", 1.0),
        Claim("池化很慢", (1,), "supported", 1.0),
    ]
    alike = judge_reply(CASE, _reply(*claims), {NOTE.id: NOTE}, _holds, other=_holds)
    apart = judge_reply(CASE, _reply(*claims), {NOTE.id: NOTE}, _holds, other=lambda *_: True)
    found = [
        make_figure(reply_measures(judged=True)[0], "grounding", "own_replies", [outcome]).value
        for outcome in (alike, apart)
    ]
    assert found == [1.0, 0.0]


def test_a_claim_without_citation_is_not_recalled() -> None:
    found = _worth(_reply(Claim("池化缩小特征图", (), "supported", 1.0)))
    assert found["citation_recall"].value == 0.0
    assert found["citation_precision"].total == 0


def test_a_model_as_judge_is_read_by_its_choices_and_garbage_is_undecided() -> None:
    model = ScriptedModel().enqueue_choices({"是": -0.1, "否": -3.0}, {"是": -3.0, "否": -0.1})
    judge = model_supports(model)
    assert judge("池化缩小特征图", "池化缩小特征图。") is True
    assert judge("池化放大特征图", "池化缩小特征图。") is False
    assert judge("任何话", "") is False


def test_the_claim_checker_is_measured_on_two_and_on_three_labels(tmp_path: Path) -> None:
    rows = [
        {
            "id": "1",
            "source": "池化缩小特征图。",
            "claim": "池化缩小特征图。",
            "label": "supported",
        },
        {
            "id": "2",
            "source": "池化缩小特征图。",
            "claim": "巴黎的冬天很冷。",
            "label": "unsupported",
        },
    ]
    write_rows(tmp_path / "grounding" / "two.jsonl", [json.dumps(row) for row in rows])
    run = run_suites([GroundingSuite()], make_bench(data=tmp_path, own=tmp_path / "none"))
    found = _figures(run.figures)
    assert set(found) == {"balanced_accuracy", "support_auc", "calibration_error"}
    values = {"gold": "supported", "label": "supported", "support": 0.9}
    three = [
        Outcome(label, label, {**values, "gold": label})
        for label in ("supported", "unsupported", "contradicted")
    ]
    names = [measure.name for measure in GroundingSuite().measures("x", three)]
    assert "supported_balanced_accuracy" in names


def test_a_question_that_quotes_the_point_tells_it() -> None:
    assert tells("你没有提到减少计算量，对吗？", NOTE, "k2", "池化缩小特征图")
    assert not tells("它还有什么好处？", NOTE, "k2", "池化缩小特征图")
    assert not tells("你说的“减少计算量”是什么意思？", NOTE, "k2", "减少计算量")


class _Some(InterviewSuite):
    """Only the data sets whose names begin so."""

    def __init__(self, begin: str) -> None:
        self._begin = begin

    def datasets(self, bench: Bench) -> list[Dataset]:
        return [found for found in super().datasets(bench) if found.name.startswith(self._begin)]


def _held(begin: str, limit: int) -> dict[tuple[str, str], Figure]:
    run = run_suites([_Some(begin)], make_bench(limit=limit))
    assert all(not outcome.error for part in run.runs for outcome in part.outcomes)
    return {(figure.dataset, figure.name): figure for figure in run.figures}


def test_interviews_are_held_and_counted() -> None:
    figures = _held("own", 6)
    assert figures["own", "leak_rate"].value == 0.0
    assert figures["own_long", "repeat_rate"].value == 0.0
    assert figures["own", "followup_on_missed"].total > 0


def test_simulated_learners_gain_by_the_plan() -> None:
    figures = _held("simulated_plan", 3)
    assert (figures["simulated_plan", "plan_gain"].value or 0) > 0
    assert figures["simulated_plan_other_laws", "plan_gain"].scored == 3


def test_every_suite_has_a_name_of_its_own_and_lists_its_cases() -> None:
    bench = make_bench()
    for name, suite in all_suites().items():
        datasets = suite.datasets(bench)
        assert datasets, name
        assert all(dataset.suite == name for dataset in datasets)
        assert all(dataset.cases for dataset in datasets)


FIGURES = {  # other programs read these names
    "retrieval": "hit@1 hit@3 hit@5 hit@10 mrr latency_p50_ms latency_p95_ms",
    "abstention": "false_answer_rate false_refusal_rate balanced_accuracy",
    "grounding": "balanced_accuracy claim_support_before claim_support_after citation_precision "
    "citation_recall false_premise_corrected",
    "critique": "point_auc point_accuracy contradicted_precision contradicted_recall "
    "score_spearman score_mae order_kept guard_zero_rate repeat_difference seconds_p50 seconds_p95",
    "grading": "pearson rmse qwk",
    "interview": "leak_rate repeat_rate followup_on_missed plan_gain",
    "security": "upward_score_rate leak_rate markup_rate",
}


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_figures_have_the_names_that_are_agreed_on(name: str) -> None:
    suite = all_suites()[name]
    datasets = suite.datasets(make_bench())
    found = {measure.name for dataset in datasets for measure in suite.measures(dataset.name, [])}
    assert set(FIGURES[name].split()) <= found


@pytest.mark.parametrize("name", [name for name in sorted(FIGURES) if name != "interview"])
def test_other_peoples_sets_have_them_too(name: str) -> None:
    replies = set("claim_support_before claim_support_after citation_precision citation_recall "
                  "false_premise_corrected".split())  # fmt: skip
    found = {measure.name for measure in all_suites()[name].measures("held_out_zh", [])}
    assert set(FIGURES[name].split()) - replies <= found


def test_answers_that_are_none_score_zero() -> None:
    """Made from our notes, so that the figure rests on cases even where nobody labelled any."""
    bench = make_bench(limit=20)
    chosen = [d for d in CritiqueSuite().datasets(bench) if d.name == GUARDS]
    assert {case.stratum for case in chosen[0].cases} <= set(ZERO_KINDS)
    run = run_suites([CritiqueSuite()], make_bench(limit=10))
    (figure,) = [figure for figure in run.figures if figure.dataset == GUARDS]
    assert (figure.name, figure.value, figure.scored) == ("guard_zero_rate", 1.0, 10)


def test_the_corpus_of_a_fast_run_does_not_depend_on_the_draw() -> None:
    one, two = make_bench(fast=True, seed=1), make_bench(fast=True, seed=2, limit=3)
    assert one.corpus == two.corpus != make_bench().corpus
    assert 28 <= len(one.searched) < 32
    named = [case.content["gold"][0] for case in RetrievalSuite().datasets(one)[0].cases]
    assert len(named) >= 25
    assert one.searched_refs.issuperset(named)
