"""Text measures: what counts as a sentence, a number, a language."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tutor.notes.text import (
    char_ngrams,
    cjk_share,
    detect_lang,
    normalise,
    numbers,
    overlap,
    shorten,
    split_sentences,
    words,
)

TEXT = st.text(alphabet=st.characters(codec="utf-8"), max_size=200)


@given(TEXT)
def test_sentences_are_trimmed_ordered_pieces_of_the_text(text: str) -> None:
    spans = split_sentences(text)
    assert all(span.of(text) == span.of(text).strip() != "" for span in spans)
    assert all(one.end <= other.start for one, other in pairwise(spans))


@given(TEXT)
def test_no_letter_is_lost_between_sentences(text: str) -> None:
    kept = "".join(span.of(text) for span in split_sentences(text))
    assert [c for c in text if c.isalnum()] == [c for c in kept if c.isalnum()]


@given(TEXT)
def test_measures_stay_in_their_ranges(text: str) -> None:
    assert 0 <= cjk_share(text) <= 1
    assert overlap(text, text) in (0.0, 1.0)
    assert len(shorten(text, 10)) <= 10
    assert isinstance(words(text), list)


def test_a_decimal_point_ends_no_sentence() -> None:
    text = "学习率取 0.001。再乘 0.9! Use e.g. 3.14 here. Done"
    assert [s.of(text) for s in split_sentences(text)] == [
        "学习率取 0.001。",
        "再乘 0.9!",
        "Use e.g.",
        "3.14 here.",
        "Done",
    ]


def test_numbers_are_read_in_digits_and_words_but_not_out_of_names() -> None:
    assert numbers("LSTM 有三个门，768 维，BF16，ResNet50，three heads") == {"3", "768"}
    assert numbers("１２ 层，丢弃 50%") == {"12", "50%"}


def test_technical_chinese_full_of_latin_is_chinese() -> None:
    assert detect_lang("用 Adam 训练 Transformer 要 warmup") == "zh"
    assert detect_lang("Train a Transformer with warmup") == "en"


def test_hidden_characters_do_not_split_words() -> None:
    assert normalise("忽\u200b略 ＡＢ") == "忽略 AB"
    assert char_ngrams("梯\u200b度 Adam") == {"梯度", "adam"}
