"""Every phrase exists in both languages with the same blanks."""

import re
import string
from pathlib import Path

import pytest

import ui
from ui.text import ALL, TEXT, clock_time, percent, say
from ui.text_more import MORE


def blanks(text):
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)


@pytest.mark.parametrize("key", sorted(ALL))
def test_both_languages_say_the_same(key):
    zh, en = ALL[key]
    assert zh.strip()
    assert en.strip()
    assert blanks(zh) == blanks(en)


def test_no_phrase_stands_twice():
    assert set(TEXT) & set(MORE) == set()


def test_every_phrase_that_the_code_names_exists():
    folder = Path(ui.__file__).parent
    code = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    named = set(
        re.findall(
            r'say\((?:\w+|"zh"|"en"|self\._page\.lang|person\.lang|page\.lang), "(\w+)"', code
        )
    )
    assert len(named) > 80
    assert named <= set(ALL)


def test_say_fills_the_blanks():
    assert say("zh", "tally", earned="4", total=6) == "4 / 6 个要点"
    assert say("en", "tally", earned="4", total=6) == "4 / 6 points"


def test_small_formats():
    assert percent(0.666) == "67%"
    assert clock_time(75) == "1:15"
