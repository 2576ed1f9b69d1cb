"""The index follows the notes, survives damage and keeps strangers out."""

import dataclasses
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.fakes import WordEmbedder
from tests.search.conftest import DROPOUT, GATES, NOTES, POOLING
from tutor.errors import SearchError
from tutor.search.chunk import chunk_note
from tutor.search.store import Change, VectorStore
from tutor.search.types import Chunk, Side

OpenStore = Callable[..., VectorStore]
CHUNKS = [chunk for note in NOTES for chunk in chunk_note(note)]


class CountingEmbedder(WordEmbedder):
    """Counts the passages it is given."""

    embedded = 0

    def encode(self, texts, *, side: Side = "query"):  # type: ignore[no-untyped-def]
        if side == "passage":
            self.embedded += len(texts)
        return super().encode(texts, side=side)


def nearest(store: VectorStore, text: str) -> str:
    [[hit]] = store.search(WordEmbedder().encode([text]), 1)
    return next(chunk.note_id for chunk in CHUNKS if chunk.id == hit.chunk_id)


def test_what_is_indexed_is_found_by_cosine(open_store: OpenStore) -> None:
    store = open_store()
    assert store.sync(CHUNKS) == Change(len(CHUNKS), 0)
    [hits, others] = store.search(WordEmbedder().encode([POOLING.question, DROPOUT.question]), 3)
    assert hits[0].chunk_id == chunk_note(POOLING)[0].id
    assert others[0].chunk_id == chunk_note(DROPOUT)[0].id
    assert hits[0].similarity == pytest.approx(1.0, abs=1e-4)
    assert [hit.similarity for hit in hits] == sorted(
        (hit.similarity for hit in hits), reverse=True
    )


def test_only_what_changed_is_embedded(open_store: OpenStore) -> None:
    encoder = CountingEmbedder()
    store = open_store(encoder)
    store.sync(CHUNKS)
    before = encoder.embedded
    assert store.sync(CHUNKS) == Change(0, 0)
    changed = dataclasses.replace(GATES, answer="门控单元。")
    pieces = [c for note in (changed, POOLING, DROPOUT) for c in chunk_note(note)]
    change = store.sync(pieces)
    assert encoder.embedded == before + change.added == before + 1
    assert change.removed == len(chunk_note(GATES)) - 1
    assert store.ids() == {chunk.id for chunk in pieces}


def test_emptied_and_filled_again(open_store: OpenStore) -> None:
    store = open_store()
    store.sync(CHUNKS)
    assert store.sync([]) == Change(0, len(CHUNKS))
    assert store.search(WordEmbedder().encode(["门"]), 5) == [[]]
    store.sync(CHUNKS)
    assert nearest(store, DROPOUT.question) == DROPOUT.id


def test_a_second_opening_finds_it_all(open_store: OpenStore) -> None:
    first = open_store()
    first.sync(CHUNKS)
    first.close()
    again = open_store()
    assert not again.rebuilt
    assert again.sync(CHUNKS) == Change(0, 0)
    assert nearest(again, GATES.question) == GATES.id


def test_closing_one_store_leaves_another_usable(open_store: OpenStore) -> None:
    one, other = open_store(name="one"), open_store(name="other")
    one.sync(CHUNKS)
    other.sync(CHUNKS)
    one.close()
    assert nearest(other, POOLING.question) == POOLING.id
    other.sync(CHUNKS[:2])
    assert other.ids() == {chunk.id for chunk in CHUNKS[:2]}


def test_another_model_gets_another_index(open_store: OpenStore, tmp_path: Path) -> None:
    first = open_store()
    first.sync(CHUNKS)
    old = first.folder
    first.close()
    second = open_store(WordEmbedder(64, name="other-model"))
    assert second.folder != old
    assert not old.exists()
    assert second.ids() == set()
    second.close()
    third = open_store(WordEmbedder(32, name="other-model"))  # same name, other dimension
    assert third.folder != second.folder


@pytest.mark.parametrize(
    "damage", [b"not a database" * 300, b"", b"SQLite format 3\0" + b"\xff" * 4000]
)
def test_a_damaged_index_is_made_anew(open_store: OpenStore, damage: bytes) -> None:
    store = open_store()
    store.sync(CHUNKS)
    store.close()
    for file in store.folder.glob("chroma.sqlite3*"):
        file.write_bytes(damage)
    again = open_store()
    assert again.ids() == set()
    again.sync(CHUNKS)
    assert nearest(again, GATES.question) == GATES.id


def test_a_second_process_is_kept_out(open_store: OpenStore, tmp_path: Path) -> None:
    store = open_store()
    code = (
        "import sys; from pathlib import Path\n"
        "from tests.fakes import WordEmbedder\n"
        "from tutor.errors import SearchError\n"
        "from tutor.search.store import VectorStore\n"
        "try:\n    VectorStore(Path(sys.argv[1]), WordEmbedder())\n"
        "except SearchError as error:\n    print(error.en)\n"
    )
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", code, str(tmp_path / "index")]
    run = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root)
    assert "Another tutor is using the index" in run.stdout
    store.close()
    run = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root)
    assert run.stdout == ""


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SearchError, match="TUTOR_DATA_DIR") as caught:
        VectorStore(tmp_path / "file" / "index", WordEmbedder())
    assert "TUTOR_DATA_DIR" in caught.value.zh


def test_progress_ends_at_the_total(open_store: OpenStore) -> None:
    told: list[tuple[int, int]] = []
    many = [Chunk(f"c{i}", "n", f"text {i}", None, "answer") for i in range(150)]
    open_store().sync(many, lambda done, total: told.append((done, total)))
    assert told == [(64, 150), (128, 150), (150, 150)]


def test_repeated_chunks_are_stored_once(open_store: OpenStore) -> None:
    assert open_store().sync([*CHUNKS, *CHUNKS]) == Change(len(CHUNKS), 0)


def test_similarity_is_cosine_for_vectors_of_any_length(open_store: OpenStore) -> None:
    store = open_store()
    store.sync(CHUNKS)
    [[hit]] = store.search(np.float32(7) * WordEmbedder().encode([GATES.question]), 1)
    assert hit.similarity == pytest.approx(1.0, abs=1e-4)
