"""Notes, critiques and times that the interview and progress tests build on."""

from datetime import UTC, datetime, timedelta

from tutor.critique.score import score
from tutor.critique.types import Critique, Label, Verdict
from tutor.notes.types import KeyPoint, Note, Source, Span

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


QUESTIONS = (
    ("优化", "动量法解决了什么问题？", ("动量累积历史梯度的方向", "它在峡谷形的损失面上减小来回震荡", "它能更快穿过平坦区域")),
    ("优化", "学习率预热为什么有用？", ("训练初期梯度估计不稳定", "先用小学习率再逐步升高", "大批量训练时尤其需要")),
    ("卷积", "空洞卷积的用途是什么？", ("在不增加参数的情况下扩大感受野", "卷积核的元素之间留有间隔", "间隔不当会产生棋盘状的空洞")),
    ("卷积", "深度可分离卷积省在哪里？", ("先逐通道卷积，再用 1x1 卷积混合通道", "参数量和乘加数都大幅下降", "MobileNet 以它为基本单元")),
)  # fmt: skip


def make_notes() -> dict[str, Note]:
    return {note.id: note for note in (_note(index) for index in range(len(QUESTIONS)))}


def _note(index: int) -> Note:
    topic, question, texts = QUESTIONS[index]
    answer = "。".join(texts) + "。"
    points = tuple(
        KeyPoint(f"p{n}", text, required=n < 2, span=_find(text, answer))
        for n, text in enumerate(texts)
    )
    source = Source("notes.md", 10 * index + 1, 10 * index + 9, 10 * index + 2, 10 * index + 9)
    return Note(f"n{index}", question, answer, source, topic=topic, key_points=points)


def _find(text: str, answer: str) -> Span:
    start = answer.index(text)
    return Span(start, start + len(text))


def make_critique(note: Note, answer: str, labels: str, *, final: bool = True) -> Critique:
    """Labels by letter, one a point: c(overed) p(artial) m(issed) x (contradicted) u(nscored)."""
    names = {
        "c": Label.COVERED,
        "p": Label.PARTIAL,
        "m": Label.MISSED,
        "x": Label.CONTRADICTED,
        "u": Label.UNSCORED,
    }
    spoken = Span(0, len(answer)) if answer else None
    verdicts = tuple(
        Verdict(
            point.id,
            names[letter],
            confidence=0.9,
            covered_probability=0.9 if letter in "cp" else 0.1,
            learner_span=None if letter in "mu" else spoken,
            note_span=point.span,
        )
        for point, letter in zip(note.key_points, labels, strict=True)
    )
    return Critique(
        note_id=note.id,
        answer=answer,
        verdicts=verdicts,
        score=score(verdicts, note.key_points),
        comment="说到了一部分。",
        final=final,
    )
