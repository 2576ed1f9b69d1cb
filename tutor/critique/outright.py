"""A point that the learner said in the point's own words, told by rule.

The fitted features take off what the question already says, so a point close to the question's
words could be missed although it was said word for word. Order matters: "A is larger than B" is
not "B is larger than A".
"""

from difflib import SequenceMatcher

from tutor.critique.polarity import count_negations, numbers_differ, opposed_pairs
from tutor.notes.text import char_ngrams, normalise

_SHARE = 0.9
_LONGEST = 400  # characters of a window that are looked at; keeps the comparison linear enough


def said_outright(point: str, words: str, question: str) -> bool:
    """Whether the words hold the point almost verbatim, in order, with nothing turned around."""
    if not char_ngrams(point) - char_ngrams(question):
        return False  # the question already says it: nothing was added
    wanted, said = _bare(point), _bare(words)[:_LONGEST]
    if len(wanted) < 6:
        return False
    blocks = SequenceMatcher(None, wanted, said, autojunk=False).get_matching_blocks()
    if sum(block.size for block in blocks if block.size >= 2) < _SHARE * len(wanted):
        return False
    turned = (
        count_negations(point) != count_negations(words)
        or opposed_pairs(point, words) > 0
        or numbers_differ(point, words)
    )
    return not turned


def _bare(text: str) -> str:
    return "".join(char for char in normalise(text).lower() if char.isalnum())
