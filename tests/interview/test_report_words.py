"""Words of a note in the HTML report: marked as in the note, and never markup of their own."""

from tutor.interview.report_html import _marked
from tutor.interview.report_text import clock


def test_bold_and_code_are_shown_as_such_and_everything_else_is_escaped():
    assert _marked("**退化**：用 `x<y`") == "<b>退化</b>：用 <code>x&lt;y</code>"
    assert _marked("$a**b**c$ 与 2 ** 3") == "$a**b**c$ 与 2 ** 3"
    assert _marked("**<img onerror=1>**") == "<b>&lt;img onerror=1&gt;</b>"


def test_time_is_minutes_and_seconds():
    assert clock(26.4) == "0:26"
    assert clock(605) == "10:05"
