"""Statements are found inside questions; plain questions hold none."""

import pytest

from tutor.study.premise import Premise, find_premise, split_premise


@pytest.mark.parametrize(
    ("question", "text", "asked"),
    [
        ("BN 在推理时用 batch 统计量，对吗？", "BN 在推理时用 batch 统计量", True),
        ("QLoRA 训练的是 4 比特的适配器，是吧？", "QLoRA 训练的是 4 比特的适配器", True),
        ("重排器能把漏掉的文档找回来，是这样吗？", "重排器能把漏掉的文档找回来", True),
        ("Batch norm uses batch statistics at inference, right?", "Batch norm uses batch statistics at inference", True),
        ("Is it true that dropout is active at test time?", "dropout is active at test time", True),
        ("FlashAttention 是一种近似注意力，那精度损失有多大？", "FlashAttention 是一种近似注意力", False),
        ("既然 LSTM 不会梯度爆炸，为什么还要裁剪？", "LSTM 不会梯度爆炸", False),
        ("GroupNorm 是把 batch 里的样本分成几组，那 batch=2 怎么办", "GroupNorm 是把 batch 里的样本分成几组", False),
        ("神经网络主要是卡在局部极小点里，那靠什么跳出来？", "神经网络主要是卡在局部极小点里", False),
        ("网格搜索肯定比随机搜索好，对不", "网格搜索肯定比随机搜索好", True),
    ],
)  # fmt: skip
def test_a_statement_is_taken_out_of_its_question(question: str, text: str, asked: bool) -> None:
    found = find_premise(question)
    assert found is not None
    assert (found.text, found.asked) == (text, asked)


@pytest.mark.parametrize(
    "question",
    [
        "GRU 有几个门？",
        "Dropout 和批归一化有什么区别？",
        "做五折交叉验证时，标准化应该放在哪一步？",
        "大模型做推理的时候，KV 缓存的大小跟哪些量有关？",
        "What is weight decay, and why does it help?",
        "不做偏差修正，Adam 一开始的步长会偏大还是偏小？",
        "In GQA with 32 query heads, how much smaller is the KV cache?",
        "对吗？",
        "随机森林和 SVM 要是过拟合了，分别该调啥",
        "标签有错的话，为啥训得越久越糟",
        "MNAR 是啥意思，举个例子呗",
        "ColBERT 是一篇文档存一个向量，还是每个词存一个",
    ],
)
def test_a_plain_question_states_nothing(question: str) -> None:
    assert find_premise(question) is None


def test_a_statement_of_several_clauses_is_judged_by_each_as_well() -> None:
    text = "逻辑回归能输出概率，所以它算生成式模型，是"
    assert split_premise(Premise(text, asked=True)) == (
        text,
        "逻辑回归能输出概率",
        "所以它算生成式模型",
    )
    assert split_premise(Premise("逻辑回归能输出概率", asked=True)) == ("逻辑回归能输出概率",)
