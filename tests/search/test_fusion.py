"""Scores are added note by note; the encoder for English is heard on notes in English only."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tutor.search.fusion import fuse, standardise

NAMES = ["a", "b", "c", "d"]
NEAR = {"a": 0.9, "b": 0.8, "c": 0.7, "d": 0.6}
WORDS = {"a": 1.0, "d": 3.0}
_SCORES = st.dictionaries(st.sampled_from(NAMES), st.floats(-1, 1, allow_nan=False))


def test_one_encoder_and_words_count_half_each() -> None:
    found = fuse(NAMES, NEAR, WORDS, {}, in_english={"a", "b"}, headed=set(NAMES))
    near = standardise(np.array([0.9, 0.8, 0.7, 0.6]))
    words = standardise(np.array([1.0, 0.0, 0.0, 3.0]))
    assert np.allclose(found, (near + words) / 2)


def test_the_second_encoder_orders_the_english_notes_and_no_others() -> None:
    before = fuse(NAMES, NEAR, {}, {}, in_english={"a", "b"})
    after = fuse(NAMES, NEAR, {}, {"a": 0.1, "b": 0.9}, in_english={"a", "b"})
    assert before[0] > before[1]
    assert after[1] > after[0]
    assert np.array_equal(before[2:], after[2:])


def test_words_count_less_over_bare_text_than_under_a_heading() -> None:
    both = {"a": 0.5, "b": 0.5, "c": 0.5, "d": 0.5}
    headed = fuse(NAMES, both, WORDS, both, in_english=set(NAMES), headed=set(NAMES))
    bare = fuse(NAMES, both, WORDS, both, in_english=set(NAMES))
    assert headed[3] > bare[3] > 0


def test_a_note_that_the_second_encoder_did_not_find_is_its_last() -> None:
    found = fuse(NAMES[:3], dict.fromkeys(NAMES[:3], 0.5), {}, {"a": 0.9, "b": 0.4},
                 in_english=set(NAMES[:3]))  # fmt: skip
    assert found[0] > found[1] == found[2]


@given(_SCORES, st.dictionaries(st.sampled_from(NAMES), st.floats(0, 30)), _SCORES,
       st.sets(st.sampled_from(NAMES)), st.sets(st.sampled_from(NAMES)))  # fmt: skip
def test_scores_are_finite_and_one_a_name(
    near: dict[str, float],
    words: dict[str, float],
    english: dict[str, float],
    in_english: set[str],
    headed: set[str],
) -> None:
    names = sorted(near.keys() | words.keys() | english.keys())
    found = fuse(names, near, words, english, in_english=in_english, headed=headed)
    assert found.shape == (len(names),)
    assert np.isfinite(found).all()
