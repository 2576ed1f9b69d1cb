"""Statements are found inside questions; plain questions hold none."""

import pytest

from tutor.study.premise import find_premise


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
    ],
)
def test_a_plain_question_states_nothing(question: str) -> None:
    assert find_premise(question) is None
