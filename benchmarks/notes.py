"""Time and memory of reading a large collection of notes.

Run: ``python benchmarks/notes.py [QUESTIONS] [MEGABYTES]`` (20,000 questions, 10 MB by default).
The notes are made up from a fixed word list, spread over 40 files, and deleted afterwards.
"""

import random
import resource
import sys
import tempfile
import time
from pathlib import Path

from rich.progress import Progress

from tutor.notes import load_notes

FILES = 40
WORDS = (
    "gradient 梯度 loss 损失 layer 卷积 attention 注意力 weight 权重 batch 归一化 token 词元 encoder 编码器 learning 学习率"
    " tree 决策树 kernel 核函数 policy 策略 reward 奖励 vector 向量 index 索引 cache 缓存 prompt 提示 sample 采样"
    " variance 方差 bias 偏差 margin 间隔 cluster 聚类 feature 特征 recall 召回率 precision 精确率 entropy 交叉熵"
).split()


def write_notes(folder: Path, questions: int, size: int) -> int:
    """Writes the collection; returns its bytes."""
    rng = random.Random(7)
    each, total = questions // FILES, 0
    length = size // questions
    for number in range(FILES):
        parts = [f"# 主题 {number}\n"]
        for order in range(1, each + 1):
            topic = "".join(rng.sample(WORDS, 3))
            parts.append(
                f"\n## {order}. {topic}的作用是什么，第 {rng.randrange(10**6)} 种情形？\n\n{_answer(rng, length)}\n"
            )
        text = "".join(parts)
        (folder / f"notes{number:02}.md").write_text(text, encoding="utf-8")
        total += len(text.encode())
    return total


def _answer(rng: random.Random, length: int) -> str:
    lines: list[str] = []
    used = 60
    while used < length:
        line = "".join(rng.choice(WORDS) for _ in range(rng.randrange(5, 11)))
        lines.append(rng.choice(("", "- ", "1. ", "（1）")) + line + "。")
        used += len(lines[-1].encode()) + 1
    return "\n".join(lines)


def main() -> None:
    questions = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    size = int(float(sys.argv[2]) * 2**20) if len(sys.argv) > 2 else 10 * 2**20
    with tempfile.TemporaryDirectory() as name:
        total = write_notes(Path(name), questions, size)
        with Progress(transient=True) as bar:
            task = bar.add_task("Reading notes")
            start, busy = time.perf_counter(), time.process_time()
            library = load_notes(
                name, progress=lambda done, of, _: bar.update(task, completed=done, total=of)
            )
            seconds, busy = time.perf_counter() - start, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1 if sys.platform == "darwin" else 1024
    )
    peak = peak / 2**20 if sys.platform == "darwin" else peak
    points = sum(len(note.key_points) for note in library.notes)
    print(
        f"{len(library.notes):,} notes, {points:,} key points, {total / 2**20:.1f} MB, {FILES} files"
    )
    print(
        f"{seconds:.1f} s ({busy:.1f} s of processor time), peak memory {peak:.0f} MB, {len(library.problems):,} findings"
    )


if __name__ == "__main__":
    main()
