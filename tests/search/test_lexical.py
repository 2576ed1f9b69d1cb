"""BM25 ranks what shares words, in both languages, and bears anything."""

from hypothesis import given
from hypothesis import strategies as st

from tutor.search.lexical import LexicalIndex, index_terms

TEXTS = [
    "LSTM 用遗忘门控制细胞状态",
    "池化层缩小特征图",
    "Dropout switches units off while training",
    "梯度消失与梯度爆炸",
]


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
