"""A request for a topic is told from a question about it, and the note about the topic is found."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import WordEmbedder
from tests.study.values import note, retriever
from tutor.search.gate import GateResult
from tutor.study.broad import is_named, only_names, topic_of
from tutor.study.choose import evidence_gate
from tutor.study.finding import Finder
from tutor.study.titles import asks_for, best_note
from tutor.study.types import Exchange

TITLES = {
    "bn": "批归一化（BatchNorm）的思想是什么？训练和推理有何不同？",
    "bn-practice": "BatchNorm 在小批量、微调和部署时要注意什么？",
    "ln-bn": "LayerNorm 和 BatchNorm 有什么区别？为什么 NLP 常用 LayerNorm？",
    "rnns": "RNN、LSTM 和 GRU 在结构上有什么区别？怎么选？",
    "lora": "LoRA 的原理是什么？为什么能省显存又不增加推理延迟？",
    "qlora": "QLoRA 在 LoRA 的基础上做了什么？",
    "gbdt": "GBDT 的原理是什么？为什么说它在拟合负梯度？",
    "xgboost": "XGBoost 相比传统 GBDT 改进了什么？",
    "attention": "Seq2Seq 中的注意力机制解决了什么问题？怎样计算？",
    "pr": "精确率、召回率和 F1 分别是什么？如何取舍？",
    "l1": "L1 正则化和 L2 正则化有什么区别？",
    "tf-rnn": "Transformer 相比 RNN 有哪些优势和代价？",
    "adamw": "训练 Transformer 为什么默认用 AdamW？",
    "em": "EM 算法在做什么？以高斯混合模型为例说明。",
    "cap": "CAP 定理为什么说三者只能取二？",
    "en-kv": "What is the KV cache, and how do you compute its memory?",
    "en-rag": "What are the drawbacks of plain RAG?",
    "en-rag-what": "What problem does RAG solve, and how does it work?",
}
SHELF = [
    note(name, title, "一句话。", lang="en" if name.startswith("en") else "zh")
    for name, title in TITLES.items()
]


def _found(question: str, lang: str = "zh") -> str | None:
    topic = topic_of(question)
    found = best_note(topic, SHELF, {}, lang) if topic else None
    return found.id if found else None


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("讲讲 BatchNorm", "bn"),
        ("BN 是啥", "bn"),
        ("什么是批归一化？", "bn"),
        ("能不能给我简单讲一下批归一化的原理", "bn"),
        ("LayerNorm 和 BatchNorm 的区别", "ln-bn"),
        ("BN和LN有什么区别", "ln-bn"),
        ("LSTM 和 GRU 的主要区别是什么？", "rnns"),
        ("GRU vs LSTM", "rnns"),
        ("LoRA", "lora"),
        ("lora vs qlora", "qlora"),
        ("讲讲 GBDT", "gbdt"),
        ("XGBoost 的原理", "xgboost"),
        ("LightGBM 的原理", None),  # of one family with GBDT, and another thing
        ("什么是注意力机制", None),  # the title is about another thing first
        ("precision 和 recall", "pr"),
        ("Transformer 和 RNN 的区别", "tf-rnn"),
        ("Transformer", None),  # a whole field
        ("L1 和 L2 正则化的区别", "l1"),
        ("介绍下 Transformer 呗", None),
        ("什么是 EM 算法", "em"),
        ("CAP 定理是什么", "cap"),  # no lexicon knows it; the title has it
        ("讲讲投机解码", None),
    ],
)
def test_the_note_about_a_topic(question: str, name: str | None) -> None:
    assert _found(question) == name


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("What is the KV cache?", "en-kv"),
        ("Can you explain KV cache to me", "en-kv"),
        ("how does RAG work", "en-rag-what"),
        ("explain LoRA", "lora"),  # the only one there is, in the other language
        ("what does perplexity mean", None),
    ],
)
def test_the_note_about_a_topic_asked_in_english(question: str, name: str | None) -> None:
    assert _found(question, "en") == name


@pytest.mark.parametrize(
    "question",
    [
        "LSTM 的三个门是什么",
        "BN 和 LN 哪个好",
        "为什么 BatchNorm 有用",
        "BatchNorm 推理时用什么统计量",
        "BatchNorm 有什么缺点",
        "LoRA省显存吗",
        "BatchNorm 的问题",
        "LoRA 的损失函数",
        "what is the optimizer for LoRA",
        "RAG 的奖励模型",
        "训练和推理的区别",
        "LoRA 的秩",
        "bert mask ratio",
        "批归一化在训练和推理时有什么不同",
        "dropout 和 BN 一起用有什么问题",
        "讲讲 Transformer 的结构",
        "BatchNorm 在推理时用 batch 统计量，对吗？",
        "Why does LoRA save memory?",
        "How do LoRA and QLoRA differ in memory?",
        "What is the learning rate of BatchNorm?",
        "讲讲",
        "区别是什么",
        "",
    ],
)
def test_a_question_about_something_in_particular_is_none(question: str) -> None:
    assert not any(asks_for(question, title) for title in TITLES.values())


@given(st.text(st.sampled_from("讲什么是的和区别 BNLoRAvswhati，？?（）"), max_size=30))
def test_any_text_is_read(text: str) -> None:
    topic = topic_of(text)
    assert topic is None or (1 <= len(topic.names) == len(topic.words) <= 3)
    assert not topic or not topic.compares or len(topic.names) > 1


def test_a_bare_name_is_told_from_a_request() -> None:
    assert only_names("LoRA")
    assert only_names("Bagging vs Boosting")
    assert not only_names("gradient clipping")  # English, not a name that any language uses
    assert not only_names("what is LoRA")
    assert not only_names("Why LoRA?")


GRU = [
    note("gru", "GRU 是什么？", "GRU 有两个门。", ref="gru"),
    note("gates", "GRU 的门有几个？", "两个。"),
    note("gru-en", "What is a GRU?", "A GRU has two gates.", lang="en", ref="gru"),
]


@pytest.fixture
def finder(tmp_path: Path) -> Finder:
    encoder, notes = WordEmbedder(), {one.id: one for one in GRU}
    sure = GateResult(0.8, True)
    return Finder(retriever(tmp_path, GRU), lambda: notes, encoder, lambda q, p: sure)


def test_the_whole_note_is_asked_for(finder: Finder) -> None:
    task = finder.find("讲讲 GRU", ())
    assert [passage.note.id for passage in task.passages] == ["gru"]
    assert task.candidates == ()  # nothing to be read for it
    assert task.nearest == ("gates",)


def test_a_bare_name_is_answered_in_the_language_of_the_talk_or_of_most_notes(
    finder: Finder,
) -> None:
    assert finder.find("GRU", ()).passages[0].note.id == "gru"
    spoken = (Exchange("What is dropout?", "It switches units off.", ("dropout",)),)
    assert finder.find("GRU", spoken).passages[0].note.id == "gru-en"
    assert finder.find("What is a GRU?", ()).passages[0].note.id == "gru-en"


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("RMNP优化器介绍一下", ("=rmnp",)),
        ("光子计算科普一下呗", ("=光子计算",)),
        ("图神经网络科普一下呗", ("gnn",)),
        ("focal loss", ("focal loss",)),
        ("KV缓存是啥", ("kv cache",)),
    ],
)
def test_what_a_request_names(question: str, names: tuple[str, ...]) -> None:
    topic = topic_of(question)
    assert topic is not None
    assert topic.names == names


@pytest.mark.parametrize(
    ("request_", "named"),
    [("讲讲SMOTE", True), ("知识蒸馏", True), ("最优传输是什么", True), ("explain again", False),
     ("例子", False), ("what is this", False), ("mixup是啥", True), ("rmnp", False),
     ("ewc", True)],
)  # fmt: skip
def test_a_name_is_told_from_a_remark(request_: str, named: bool) -> None:
    topic = topic_of(request_)
    assert (topic is not None and is_named(topic, request_)) is named


def test_what_the_notes_write_in_capitals_is_a_name() -> None:
    topic = topic_of("rmnp")
    assert topic is not None
    assert is_named(topic, "rmnp", ["RMNP 用行的范数"])
    assert not is_named(topic, "rmnp", ["FARMNPORT", "Rmnp at the start of a sentence"])
    boosted = topic_of("goboost")
    assert boosted is not None
    assert is_named(boosted, "goboost", ["encodings that GoBoost orders"])


def test_a_title_that_is_the_topic_itself_comes_first() -> None:
    notes = [note("cons", "BERT 的缺点是什么？", "慢。"), note("bert", "BERT", "双向编码器。")]
    topic = topic_of("什么是 BERT")
    assert topic is not None
    found = best_note(topic, notes, {}, "zh")
    assert found is notes[1]


def test_notes_on_other_subjects_are_found_by_their_own_words() -> None:
    titles = [
        "Why does mitosis matter?",
        "What is mitosis?",
        "光合作用是什么？",
        "光合作用在哪里发生？",
    ]
    notes = [note(title, title, "Some answer.") for title in titles]
    for asked, title in (("what is mitosis", titles[1]), ("讲讲光合作用", titles[2])):
        topic = topic_of(asked)
        assert topic is not None
        found = best_note(topic, notes, {}, "zh")
        assert found is not None
        assert found.id == title


def test_a_heading_over_nothing_is_no_note_about_it(tmp_path: Path) -> None:
    encoder, empty = WordEmbedder(), note("todo", "GRU 是什么？", "TODO")
    finder = Finder(
        retriever(tmp_path, [empty]), lambda: {"todo": empty}, encoder, evidence_gate(encoder)
    )
    assert finder.find("讲讲 GRU", ()).passages == ()
