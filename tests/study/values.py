"""A small shelf of notes, searched by a stand-in that scores shared words."""

from collections.abc import Sequence
from pathlib import Path

from tests.fakes import WordEmbedder
from tutor.notes.types import KeyPoint, Note, Source
from tutor.search.retriever import Retriever
from tutor.search.store import VectorStore

DROPOUT = (
    "训练时 Dropout 以概率 $p$ 随机把神经元的输出置零，留下的除以 $1-p$。"
    "测试时 Dropout 关闭，所有神经元都参与。"
    "它相当于训练许多共享权重的子网络，因此能减轻过拟合。"
)
BATCHNORM = (
    "批归一化在训练时用当前批的均值和方差。推理时批归一化用训练中累积的滑动平均统计量。"
    "归一化之后还有可学习的缩放 $\\gamma$ 和平移 $\\beta$。"
)
GRU = "GRU 有两个门：更新门和重置门。更新门控制保留多少旧状态。GRU 的参数比 LSTM 少。"
GRU_EN = (
    "A GRU has two gates: the update gate and the reset gate. It has fewer parameters than an LSTM."
)


def note(name: str, question: str, answer: str, *, lang: str = "zh", ref: str = "") -> Note:
    return Note(
        id=name,
        question=question,
        answer=answer,
        source=Source("n.md", 1, 9),
        key_points=(KeyPoint("1", answer[:20]),),
        lang=lang,
        ref=ref,
        follow_ups=("为什么测试时要关闭它？",) if name == "dropout" else (),
    )


NOTES = {
    found.id: found
    for found in (
        note("dropout", "Dropout 在训练和测试时有什么不同？", DROPOUT),
        note("batchnorm", "批归一化在训练和推理时分别用什么统计量？", BATCHNORM),
        note("gru", "GRU 有几个门？", GRU, ref="gru"),
        note("gru-en", "How many gates does a GRU have?", GRU_EN, lang="en", ref="gru"),
    )
}


def retriever(folder: Path, notes: Sequence[Note] = tuple(NOTES.values())) -> Retriever:
    encoder = WordEmbedder()
    made = Retriever(VectorStore(folder / "index", encoder), encoder)
    made.sync(list(notes))
    return made
