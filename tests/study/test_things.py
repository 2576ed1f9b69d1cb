"""A question about several things, asked of each of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.notes.text import normalise
from tutor.study.things import split_things


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        (
            "XGBoost 和 LightGBM 找切分点的办法有啥不一样",
            ["XGBoost 找切分点的办法是什么", "LightGBM 找切分点的办法是什么"],
        ),
        ("LoRA 和 QLoRA 的显存各省在哪儿", ["LoRA 的显存省在哪儿", "QLoRA 的显存省在哪儿"]),
        (
            "ResNet 的捷径和 U-Net 的长连接，操作各是啥",
            ["ResNet 的捷径,操作是啥", "U-Net 的长连接,操作是啥"],
        ),
        ("用池化和用空洞卷积各要付啥代价", ["用池化要付啥代价", "用空洞卷积要付啥代价"]),
        (
            "SFT、奖励模型、DPO 各要什么数据？",
            ["SFT 要什么数据?", "奖励模型 要什么数据?", "DPO 要什么数据?"],
        ),
        (
            "量化、投机解码、KV cache 分页各自解决什么问题",
            ["量化解决什么问题", "投机解码解决什么问题", "KV cache 分页解决什么问题"],
        ),
        (
            "How do RoPE and ALiBi each add positions?",
            ["How do RoPE add positions?", "How do ALiBi add positions?"],
        ),
        (
            "kNN 的 k 和 kmeans 的 k 是一个意思吗？分别怎么选",
            ["kNN 的 k 是一个意思吗?怎么选", "kmeans 的 k 是一个意思吗?怎么选"],
        ),
        (
            "RoPE 和 ALiBi 分别怎样加入位置信息？",
            ["RoPE 怎样加入位置信息?", "ALiBi 怎样加入位置信息?"],
        ),
        ("Adam 的 beta1 和 beta2 分别控制什么", ["Adam 的beta1 控制什么", "Adam 的beta2 控制什么"]),
        ("EM 算法的 E 步和 M 步各做什么", ["EM 算法的E 步做什么", "EM 算法的M 步做什么"]),
        ("GPT-2 和 GPT-3 各有多少参数", ["GPT-2 有多少参数", "GPT-3 有多少参数"]),
        (
            "BERT 和 GPT 的词向量维度有什么不同？",
            ["BERT 的词向量维度是什么?", "GPT 的词向量维度是什么?"],
        ),
        (
            "masked LM, causal LM and SFT: on which tokens is the loss taken in each?",
            [
                "masked LM: on which tokens is the loss taken ?",
                "causal LM: on which tokens is the loss taken ?",
                "SFT: on which tokens is the loss taken ?",
            ],
        ),
        (
            "How do BERT and GPT differ in pretraining?",
            ["How do BERT work in pretraining?", "How do GPT work in pretraining?"],
        ),
        (
            "What's the difference between XGBoost and LightGBM in how they split?",
            ["what about XGBoost in how they split?", "what about LightGBM in how they split?"],
        ),
    ],
)
def test_each_thing_is_asked_about_alone(question: str, asked: list[str]) -> None:
    assert [thing.question for thing in split_things(question)] == asked


@pytest.mark.parametrize(
    "question",
    [
        # Says not in what: the comparison itself is asked for.
        "L1 和 L2 有什么区别？",
        "请问 LSTM 和 GRU 的主要区别是什么",
        "LSTM 和 GRU 之间到底有什么区别？",
        "BERT 和 GPT 模型有什么区别",
        "What is the difference between L1 and L2 regularization?",
        # About them together, or one for each of others.
        "L2 和早停各自是什么关系",
        "Dropout 和批归一化能一起用吗，各有什么影响",
        "Why use both L1 and L2 in ElasticNet?",
        "sigmoid 和 softmax 分别用于二分类和多分类的原因",
        "precision 和 recall 的调和平均在各阈值下怎么变？",
        "除了 BERT 和 GPT，还有哪些预训练模型，各有什么特点？",
        "How do BERT and GPT influence each other?",
        # A choice, a reason, a yes or no.
        "GRU 和 LSTM 你站哪个",
        "为什么 LSTM 和 GRU 门的数量不同？",
        "BERT 和 RoBERTa 的分词器有没有区别？",
        "既然 L1 和 L2 各占一半，那这个比例还用调吗？",
        # Words with 各 or each in them.
        "BERT 和 GPT 的词向量各向异性怎么解决？",
        "CNN 和 RNN 在各种任务上的表现",
        "Which of Adam and SGD converges faster on each dataset?",
        # No row of names.
        "LoRA 的秩取多少，学习率设多少？",
        "bm25 和向量各弱在哪",  # the notes may call it by another name
        "加 BN 和不加 BN 的收敛速度各是多少",
        "“LSTM”和“GRU”各有几个门？",
        "LSTM、GRU、RNN、CNN 各有什么特点",
        "RNN 和 RNN 各有什么特点",
        "BN 和批归一化各有什么作用",
        "LSTM 和 GRU 各有几个门？学习率怎么选？",
        "How many gates does a GRU keep, and which LSTM gates do they replace?",
        "İ: what gates do LSTM and GRU each have?",
        "LSTM" + " " * 40_000 + "and GRU each do?" * 20,
        "各是什么",
        "",
    ],
)
def test_other_questions_stay_whole(question: str) -> None:
    assert split_things(question) == ()


def test_a_title_names_a_thing_by_any_name_but_not_by_what_the_other_is_called_too() -> None:
    near, means = split_things("kNN 的 k 和 kmeans 的 k 分别怎么选")
    assert near.named_in("k 近邻的原理是什么？")
    assert not near.named_in("k-means 怎么选 k？")
    assert means.named_in("K 均值聚类的步骤是什么？")
    boosted, light = split_things("XGBoost 和 LightGBM 分别快在哪")  # both are gradient boosting
    assert not boosted.named_in("LightGBM 为什么比传统的 GBDT 快？")
    assert light.named_in("LightGBM 为什么比传统的 GBDT 快？")


_PIECES = [
    "LSTM",
    "GRU",
    "池化",
    "的",
    "和",
    "、",
    "各",
    "分别",
    "有什么不同",
    "，",
    "？",
    " and ",
    "each",
    "k",
]


@given(st.lists(st.sampled_from(_PIECES), max_size=12).map("".join))
def test_every_question_is_about_its_own_thing_alone(question: str) -> None:
    things = split_things(question)
    assert len(things) in (0, 2, 3)
    for thing in things:
        assert thing.name
        assert thing.name in normalise(question)
        assert thing.name in thing.question
        others = [one.name for one in things if one is not thing]
        rest = thing.question.replace(thing.name, "", 1)
        assert not any(other in rest or other == thing.name for other in others)
