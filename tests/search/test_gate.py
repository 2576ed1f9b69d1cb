"""The gate: passages that say nothing never answer; what fits the question does."""

import pytest

from tests.fakes import WordEmbedder
from tutor.search.asking import asked_kinds, content_terms, coverage, holds
from tutor.search.gate import NOTHING, gate, load_weights, read_evidence
from tutor.search.passage import is_echo, read_passage

QUESTION = "LSTM 有哪三个门？"
ENCODER = WordEmbedder()


@pytest.mark.parametrize(
    "passage",
    [
        "",
        "## LSTM 有哪三个门？",
        "## LSTM 有哪三个门？\n- [ ] TODO",
        "### LSTM 有哪三个门？\n\n待补充。",
        "LSTM 有哪三个门？",
        "## LSTM 有哪三个门？\n\n**参考资料**\n\n- [门控单元详解](https://example.org/lstm)",
        "## LSTM 有哪三个门？\n![](gates.png)\nhttps://example.org/lstm",
        "## LSTM 有哪三个门？\n<!-- 以后写 -->\n---\n略",
    ],
)
def test_a_note_without_an_answer_answers_nothing(passage: str) -> None:
    result = gate(QUESTION, [passage], ENCODER)
    assert result.probability == NOTHING
    assert not result.answerable
    assert (result.sentence, result.passage) == ("", -1)


def test_no_passages() -> None:
    assert not gate(QUESTION, [], ENCODER).answerable


def test_the_best_sentence_and_its_passage_are_named() -> None:
    passages = [
        "## 池化有什么用？\n池化缩小特征图。",
        "## LSTM 有哪三个门？\nLSTM 由 Hochreiter 提出。三个门是遗忘门、输入门和输出门。",
    ]
    result = gate(QUESTION, passages, ENCODER)
    assert result.passage == 1
    assert result.sentence.startswith("三个门是")


def test_an_answer_is_likelier_than_a_passage_on_another_subject() -> None:
    right = gate(QUESTION, ["LSTM 的三个门是遗忘门、输入门和输出门。"], ENCODER)
    wrong = gate(QUESTION, ["随机森林对样本和特征都做抽样。"], ENCODER)
    assert right.probability > wrong.probability
    assert not wrong.answerable
    assert 0 <= wrong.probability <= right.probability <= 1


def test_a_date_asked_for_must_be_there() -> None:
    question = "松岛机场什么时候启用的？"
    dated = read_evidence(question, ["松岛机场于2028年9月30日启用。"], ENCODER)
    undated = read_evidence(question, ["松岛机场于清晨的细雨中启用。"], ENCODER)
    assert dated is not None
    assert undated is not None
    assert (dated.typed[0], undated.typed[0]) == (1.0, 0.0)
    assert dated.fit[0] - 3 * dated.similarity[0] > undated.fit[0] - 3 * undated.similarity[0]


@pytest.mark.parametrize(
    ("question", "kinds"),
    [
        ("BERT 是哪年提出的", ("time",)),
        ("一共有多少层？", ("number",)),
        ("谁提出了 Dropout", ("person",)),
        ("会议在哪里举办", ("place",)),
        ("为什么要做归一化", ("reason",)),
        ("How many heads are there, and why?", ("number", "reason")),
        ("介绍一下注意力", ()),
    ],
)
def test_kinds_of_question(question: str, kinds: tuple[str, ...]) -> None:
    assert asked_kinds(question) == kinds


def test_what_the_question_names_is_not_an_answer() -> None:
    assert holds("time", "2028年启用", "哪年启用")
    assert not holds("time", "2028年很忙", "2028年的哪天启用")
    assert holds("person", "导演是张艺谋", "导演是谁")
    assert holds("place", "大会在苏州举行", "在哪里举办")
    assert holds("reason", "because the batch is small", "why?")
    assert not holds("number", "many of them", "how many?")


def test_a_concept_is_covered_under_its_other_name() -> None:
    terms = content_terms("How does a convolutional neural network share weights?")
    assert coverage(terms, "卷积神经网络共享权重") > coverage(terms, "随机森林")
    assert coverage(content_terms("卷积层"), "") == 0
    assert coverage(content_terms("？"), "任何文字") == 0


def test_whole_latin_words_are_compared() -> None:
    assert coverage(content_terms("GRU"), "a congruent matrix") == 0
    assert coverage(content_terms("layers"), "one layer") > 0


def test_reading_keeps_what_is_said() -> None:
    passage = read_passage(
        "## 问题\n- [ ] TODO\n\n**要点**：用 [Adam](http://a.b) 训练。\n- 学习率 0.001\n\n参考资料：\n- http://x.y"
    )
    assert passage.heading == "问题"
    assert passage.sentences == ("要点:用 Adam 训练。", "学习率 0.001")


def test_an_echo_is_the_same_words_only() -> None:
    assert is_echo("LSTM有哪三个门", QUESTION)
    assert not is_echo("LSTM 有三个门:遗忘门、输入门、输出门", QUESTION)


def test_weights_are_complete() -> None:
    weights = load_weights()
    assert 0 < weights.threshold < 1
    assert (weights.scale > 0).all()
    assert len(weights.names) == len(weights.weight) == len(weights.mean)
