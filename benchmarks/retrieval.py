"""Quality and speed of search.

    python benchmarks/retrieval.py quality --data DIR    # DIR/retrieval/*.jsonl with .passages.jsonl
    python benchmarks/retrieval.py own                   # our questions over the shipped notes
    python benchmarks/retrieval.py scale --notes 1000 --notes 100000

`quality` indexes each set's passages as notes without a question. `scale` makes up notes and uses
random vectors for their pieces, so that indexing, not the embedding model, is what is timed; queries
go through the real model unless `--fake-queries`.
"""

import argparse
import json
import random
import resource
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tutor.notes.library import load_notes
from tutor.notes.types import Note, Source
from tutor.search.embed import load_encoder, load_english
from tutor.search.english import EnglishIndex
from tutor.search.retriever import Retriever
from tutor.search.store import VectorStore
from tutor.search.types import Encoder, Side
from tutor.settings import bundled_notes, load_settings

ROOT = Path(__file__).resolve().parent.parent
_PLACE = Source("bench.md", 1, 1)


def read_rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def shares(ranks: Sequence[int]) -> str:
    places = np.array(ranks)
    hits = " ".join(f"hit@{k} {(places < k).mean():.3f}" for k in (1, 3, 5, 10))
    return f"n {len(places)}: {hits} mrr {(1 / (places + 1)).mean():.3f}"


def times(seconds: Sequence[float]) -> str:
    p50, p95 = np.percentile(np.array(seconds) * 1000, [50, 95])
    return f"p50 {p50:.1f} ms, p95 {p95:.1f} ms"


def rank_of(found: Sequence[str], gold: set[str]) -> int:
    return next((place for place, name in enumerate(found) if name in gold), 10_000)


def retriever(folder: Path, encoder: Encoder, english: Encoder | None) -> Retriever:
    second = EnglishIndex(folder / "english", english) if english else None
    return Retriever(VectorStore(folder / "index", encoder), encoder, english=second)


def quality(data: Path, encoder: Encoder, english: Encoder | None) -> None:
    for path in sorted((data / "retrieval").glob("*.passages.jsonl")):
        name = path.name.removesuffix(".passages.jsonl")
        notes = [Note(str(r["id"]), "", str(r["text"]), _PLACE) for r in read_rows(path)]
        ranks, seconds = [], []
        with tempfile.TemporaryDirectory() as folder:
            search = retriever(Path(folder), encoder, english)
            search.sync(notes)
            for row in read_rows(path.with_name(f"{name}.jsonl")):
                start = time.perf_counter()
                found = [e.note_id for e in search.search(str(row["question"]), k=10)]
                seconds.append(time.perf_counter() - start)
                gold = row["passage_id"]
                ranks.append(rank_of(found, set(gold) if isinstance(gold, list) else {str(gold)}))
            search.close()
        print(f"{name}: {len(notes)} passages, {shares(ranks)}, {times(seconds)}")


def own(encoder: Encoder, english: Encoder | None) -> None:
    notes = load_notes([bundled_notes()]).notes
    refs = {note.id: note.ref or note.id for note in notes}
    ranks: dict[str, list[int]] = {"zh": [], "en": []}
    with tempfile.TemporaryDirectory() as folder:
        search = retriever(Path(folder), encoder, english)
        search.sync(notes)
        for path in sorted((ROOT / "evals" / "retrieval").glob("*.jsonl")):
            for row in read_rows(path):
                found = [refs[e.note_id] for e in search.search(str(row["question"]), k=20)]
                ranks[str(row["lang"])].append(
                    rank_of(list(dict.fromkeys(found)), {str(row["note"])})
                )
        search.close()
    for lang, places in ranks.items():
        print(f"own questions, {lang}: {shares(places)}")


class RandomVectors:
    """Random unit vectors for passages; queries by the encoder it wraps, or random too."""

    name = "random"

    def __init__(self, inner: Encoder | None) -> None:
        self._inner = inner
        self._rng = np.random.default_rng(1)
        self.dimension = inner.dimension if inner is not None else 384

    def encode(self, texts: Sequence[str], *, side: Side = "query") -> NDArray[np.float32]:
        """Unit vectors, one row a text."""
        if side == "query" and self._inner is not None:
            return self._inner.encode(texts, side=side)
        rows = self._rng.standard_normal((len(texts), self.dimension)).astype(np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def made_up(count: int) -> list[Note]:
    rng = random.Random(5)
    source = load_notes([bundled_notes()]).notes
    sentences = [s for note in source for s in note.answer.replace("\n", "").split("。") if s]
    notes = []
    for number in range(count):
        body = "。".join(rng.sample(sentences, 4))
        notes.append(Note(f"n{number}", f"{number} {rng.choice(source).question}", body, _PLACE))
    return notes


def scale(count: int, encoder: Encoder | None, english: Encoder | None) -> None:
    vectors = RandomVectors(encoder)
    second = RandomVectors(english) if english else None
    questions = [note.question for note in load_notes([bundled_notes()]).notes][:200]
    notes = made_up(count)
    vectors.encode(questions[:1])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with tempfile.TemporaryDirectory() as folder:
        search = retriever(Path(folder), vectors, second)
        start = time.perf_counter()
        report = search.sync(notes)
        built = time.perf_counter() - start
        start = time.perf_counter()
        search.sync(notes)
        again = time.perf_counter() - start
        search.search(questions[0])
        seconds = []
        for question in questions:
            start = time.perf_counter()
            search.search(question)
            seconds.append(time.perf_counter() - start)
        search.close()
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(
        f"{count} notes, {report.added} pieces: built in {built:.0f} s, unchanged notes synced in "
        f"{again:.1f} s, search {times(seconds)}, memory grew by {grown:.0f} MB"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["quality", "own", "scale"])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--notes", type=int, action="append")
    parser.add_argument("--fake-queries", action="store_true")
    options = parser.parse_args()
    settings = load_settings()
    fake = options.what == "scale" and options.fake_queries
    encoder = None if fake else load_encoder(settings.embedding, settings.models_dir)
    english = None if fake else load_english(settings.english, settings.models_dir)
    if options.what == "scale":
        for count in options.notes or [1000]:
            scale(count, encoder, english)
    elif encoder is not None and options.what == "own":
        own(encoder, english)
    elif encoder is not None and options.data is not None:
        quality(options.data, encoder, english)
    else:
        parser.error("quality needs --data")


if __name__ == "__main__":
    main()
