"""Untrusted text never becomes live HTML, and formulas survive Markdown."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.markup import esc, plain, render_inline, render_markdown

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "$<img src=x onerror=alert(1)>$",
    "$$</span><svg onload=alert(1)>$$",
    "\\(<iframe src=javascript:alert(1)>\\)",
    "[a](javascript:alert(1))",
    "[a](data:text/html;base64,PHNjcmlwdD4=)",
    "![a](http://example.com/pixel.png)",
    '<https://a.b/" onmouseover="alert(1)>',
    '```"><script>alert(1)</script>\nx\n```',
    "`<b onclick=alert(1)>`",
    "\ue000" + "0\ue001<script>",
]
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s[^<>]*)?)>")
ALLOWED = set(
    "p br strong em code pre ul ol li blockquote h1 h2 h3 h4 h5 h6 hr a s span "
    "table thead tbody tr th td".split()
)


def live_markup(html: str) -> list[str]:
    """Tags and attributes in the HTML that our renderer has no business to write."""
    found = []
    for _, name, attributes in TAG.findall(html):
        if name.lower() not in ALLOWED:
            found.append(name)
        names = re.findall(r"([a-zA-Z-]+)=", re.sub(r'"[^"]*"', '""', attributes))
        found += [a for a in names if a not in ("href", "title", "class", "style", "start")]
        if re.search(r'href="\s*(?:javascript|data|vbscript):', attributes, re.I):
            found.append(attributes)
    return found


@pytest.mark.parametrize("text", ATTACKS)
@pytest.mark.parametrize("render", [plain, render_inline, render_markdown])
def test_an_attack_is_shown_not_obeyed(text, render):
    html = render(text)
    assert live_markup(html) == []
    assert "<img" not in html
    assert "<script" not in html


def test_the_check_above_sees_live_markup():
    assert live_markup("<p><script>x</script></p>") == ["script", "script"]
    assert live_markup('<p onclick="x">y</p>') == ["onclick"]
    assert live_markup('<a href="javascript:x">y</a>') == [' href="javascript:x"']


@given(
    st.text(
        alphabet=st.sampled_from("<>\"'&$\\()[]!`*_|~#-\n\r absrc=oneror/\ue000\ue0011"),
        max_size=120,
    )
)
def test_no_text_makes_live_markup(text):
    for render in (plain, render_inline, render_markdown):
        html = render(text)
        assert live_markup(html) == []
        assert "\n" not in html  # a line break would end the HTML block and start Markdown again


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("$a_1*b_2*c$", "\\(a_1*b_2*c\\)"),
        ("$$\\frac{a}{b}$$", "\\[\\frac{a}{b}\\]"),
        ("\\[x\\]", "\\[x\\]"),
        ("$a<b$", "\\(a\\lt b\\)"),
        ("$5 and $6", "$5 and $6"),
    ],
)
def test_formulas_are_set(source, html):
    assert render_inline(source) == html
    assert plain(source) == html


def test_code_is_left_alone():
    html = render_markdown("```py\nList<int> $x$ \\(y\\)\n\nb\n```")
    assert "List&lt;int&gt; $x$ &#92;(y&#92;)&#10;&#10;b" in html


def test_a_table_keeps_its_formula():
    html = render_markdown("| a | b |\n|---|---|\n| $p(a|b)$ | 2 |")
    assert "<td>\\(p(a|b)\\)</td>" in html


def test_chinese_lines_join_without_a_space():
    assert render_markdown("梯度\n消失") == "<p>梯度消失</p>"


def test_typed_lines_stay_apart():
    assert plain("一\n二") == "一<br>二"


def test_attribute_text_is_escaped():
    assert esc('a"b<c>') == "a&quot;b&lt;c&gt;"
