"""BM25 ranks what shares words, in both languages, bears anything, and keeps a copy of itself."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.search import lexical
from tutor.search.lexical import LexicalIndex, index_terms, query_terms

TEXTS = [
    "LSTM 用遗忘门控制细胞状态",
    "池化层缩小特征图",
    "Dropout switches units off while training",
    "梯度消失与梯度爆炸",
]


def test_another_name_of_the_same_concept_is_found() -> None:
    index = LexicalIndex(["L1 正则化让权重稀疏", "池化层缩小特征图", "长短期记忆网络"])
    assert int(index.scores("Lasso 有什么用").argmax()) == 0
    assert int(index.scores("What is an LSTM?").argmax()) == 2


def test_what_a_query_names_counts_twice() -> None:
    assert query_terms("YaRN 是用来干嘛的").count("yarn") == 2
    assert query_terms("What is YaRN used for?").count("yarn") == 1
    assert query_terms("2018 年的报名截止日期").count("2018") == 2
    assert query_terms("What is ridge?").count(index_terms("ridge")[-1]) == 2
    index = LexicalIndex(["位置内插、YaRN", "池化层缩小特征图"])
    assert index.scores("YaRN 有什么用")[0] == pytest.approx(2 * index.scores("YaRN")[0])


def test_the_text_that_shares_words_wins() -> None:
    index = LexicalIndex(TEXTS)
    for query, best in (
        ("遗忘门是什么", 0),
        ("池化有什么用", 1),
        ("what does dropout do", 2),
        ("梯度爆炸", 3),
    ):
        scores = index.scores(query)
        assert scores.shape == (4,)
        assert int(scores.argmax()) == best


def test_stop_words_and_unknown_words_score_nothing() -> None:
    index = LexicalIndex(TEXTS)
    assert not index.scores("what is the").any()
    assert not index.scores("什么是").any()
    assert not index.scores("quantum chromodynamics 量子色动力学").any()


def test_english_endings_are_one_word() -> None:
    assert set(index_terms("training trained trains")) == set(index_terms("train"))


def test_a_word_cut_differently_is_still_matched() -> None:
    assert "忘门" in index_terms("遗忘门")


def test_no_texts_and_no_words() -> None:
    assert LexicalIndex([]).scores("门").shape == (0,)
    assert not LexicalIndex(["", "。。。", "的"]).scores("门").any()


@given(st.lists(st.text(max_size=40), max_size=6), st.text(max_size=40))
def test_any_text_gives_finite_scores(texts: list[str], query: str) -> None:
    scores = LexicalIndex(texts).scores(query)
    assert scores.shape == (len(texts),)
    assert bool((scores >= 0).all())


QUERIES = ("遗忘门是什么", "what does dropout do", "梯度", "unheard-of", "")


def test_a_copy_on_disk_gives_the_same_scores(tmp_path: Path) -> None:
    fresh = LexicalIndex(TEXTS, tmp_path)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(lexical, "_build", lambda _texts: pytest.fail("the copy was not used"))
        kept = LexicalIndex(TEXTS, tmp_path)
    for query in QUERIES:
        assert kept.scores(query).tolist() == fresh.scores(query).tolist()


def test_changed_texts_are_counted_anew_and_the_old_copy_goes(tmp_path: Path) -> None:
    LexicalIndex(TEXTS, tmp_path)
    changed = [*TEXTS[:3], "注意力机制"]
    assert int(LexicalIndex(changed, tmp_path).scores("注意力").argmax()) == 3
    assert not LexicalIndex(changed, tmp_path).scores("梯度").any()
    assert len(list(tmp_path.iterdir())) == 1


def test_another_lexicon_counts_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    LexicalIndex(TEXTS, tmp_path)
    monkeypatch.setattr(lexical, "lexicon_text", lambda: "another")
    monkeypatch.setattr(lexical, "index_terms", lambda text: list(text.lower()))
    assert LexicalIndex(TEXTS, tmp_path).scores("遗").any()


FILES = (
    "vocab.index.json",
    "params.index.json",
    "data.csc.index.npy",
    "indices.csc.index.npy",
    "indptr.csc.index.npy",
    "sha256",
)


@pytest.mark.parametrize("damaged", FILES)
@pytest.mark.parametrize("how", ["emptied", "missing", "cut", "turned"])
def test_a_damaged_copy_is_made_anew(tmp_path: Path, damaged: str, how: str) -> None:
    fresh = LexicalIndex(TEXTS, tmp_path)
    file = next(tmp_path.rglob(damaged))
    whole = file.read_bytes()
    if how == "missing":
        file.unlink()
    elif how == "turned":
        file.write_bytes(whole[:-3] + bytes([whole[-3] ^ 1]) + whole[-2:])
    else:
        file.write_bytes(whole[: 0 if how == "emptied" else len(whole) // 2])
    again = LexicalIndex(TEXTS, tmp_path)
    assert again.scores("遗忘门").tolist() == fresh.scores("遗忘门").tolist()
    assert next(tmp_path.rglob(damaged)).read_bytes() == whole
    assert len(list(tmp_path.iterdir())) == 1


def test_what_cannot_be_written_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    assert int(LexicalIndex(TEXTS, blocked / "words").scores("池化").argmax()) == 1
    kept = tmp_path / "kept"
    LexicalIndex(TEXTS[:2], kept)
    before = [path.name for path in kept.iterdir()]

    def full(*_args: object, **_more: object) -> None:
        raise RuntimeError("disk full")

    monkeypatch.setattr("bm25s.BM25.save", full)
    assert int(LexicalIndex(TEXTS, kept).scores("梯度").argmax()) == 3
    assert [path.name for path in kept.iterdir()] == before
