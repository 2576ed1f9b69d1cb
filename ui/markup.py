r"""Untrusted text to safe HTML: notes, answers and model output never become live markup.

Everything leaves here as one block of HTML without line breaks, which the page's Markdown component
passes through unread, cleans once more, and searches for ``\(…\)`` and ``\[…\]`` formulas.
"""

import re
from collections.abc import Callable, Sequence
from html import escape

from markdown_it import MarkdownIt
from markdown_it.token import Token

# The only delimiters the page's components look for; `render_markdown` turns all others into these.
LATEX_DELIMITERS: list[dict[str, str | bool]] = [
    {"left": "\\(", "right": "\\)", "display": False},
    {"left": "\\[", "right": "\\]", "display": True},
]

_OPEN, _CLOSE = "\ue000", "\ue001"  # private use: stand-ins for formulas while Markdown is read
_CODE = r"(?P<code>^(?P<fence>`{3,}|~{3,})[^\n]*\n.*?(?:^(?P=fence)[ \t]*$|\Z)|(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))"
_MATH = (
    r"\$\$(?P<dollars>.+?)\$\$|\\\[(?P<square>.+?)\\\]|\\\((?P<round>.+?)\\\)"
    # A lone dollar opens a formula only where it touches one: "$5 and $6" is money.
    r"|(?<![\\$\w])\$(?P<dollar>[^\s$](?:[^$\n]*[^\s$\\])?)\$(?![\d$])"
)
_PIECES = re.compile(f"{_CODE}|{_MATH}", re.S | re.M)
_ONLY_MATH = re.compile(_MATH, re.S)
_HELD = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_CODE_ELEMENT = re.compile(r"<code[^>]*>.*?</code>", re.S)
_BETWEEN_CJK = re.compile(r"(?<=[\u2e80-\u9fff\uff00-\uffef])\n(?=[\u2e80-\u9fff\uff00-\uffef])")


def _make_reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    reader.add_render_rule("image", _image)
    return reader


def _image(_self: object, tokens: Sequence[Token], index: int, *_rest: object) -> str:
    """An image would be fetched from wherever the note points to; its name is shown instead."""
    token = tokens[index]
    name = token.content or str(token.attrs.get("src", ""))
    return f'<span class="image">🖼 {escape(name)}</span>'


_READER = _make_reader()


def esc(text: object) -> str:
    """Text for HTML, attribute values included; line breaks become spaces."""
    return escape(str(text), quote=True).replace("\n", " ").replace("\r", "")


def plain(text: str) -> str:
    """Text as it was typed: escaped, line breaks kept, formulas set."""
    held: list[str] = []
    clean = _ONLY_MATH.sub(_holder(held), _without_stand_ins(text))
    html = escape(clean).replace("\r", "").replace("\n", "<br>")
    return _put_back(html, held)


def render_markdown(text: str) -> str:
    """Markdown with formulas to safe HTML on one line; raw HTML in it is shown, not obeyed."""
    held: list[str] = []
    hold = _holder(held)
    prepared = _PIECES.sub(
        lambda found: found.group() if found["code"] else hold(found), _without_stand_ins(text)
    )
    html = str(_READER.render(_BETWEEN_CJK.sub("", prepared)))
    return _put_back(_CODE_ELEMENT.sub(_keep_code, html).replace("\n", " ").strip(), held)


def render_inline(text: str) -> str:
    """One line of Markdown (a question, a key point) without a paragraph around it."""
    held: list[str] = []
    hold = _holder(held)
    prepared = _PIECES.sub(
        lambda found: found.group() if found["code"] else hold(found),
        " ".join(_without_stand_ins(text).split()),
    )
    html = str(_READER.renderInline(prepared))
    return _put_back(_CODE_ELEMENT.sub(_keep_code, html).replace("\n", " "), held)


def _keep_code(found: re.Match[str]) -> str:
    """Code as it is: its line breaks, and no backslash that could begin a formula."""
    return found.group().replace("\\", "&#92;").replace("\n", "&#10;")


def _without_stand_ins(text: str) -> str:
    return text.replace(_OPEN, "").replace(_CLOSE, "")


def _holder(held: list[str]) -> Callable[[re.Match[str]], str]:
    """Keeps each formula aside, so that Markdown does not read its underscores and stars."""

    def hold(found: re.Match[str]) -> str:
        groups = found.groupdict()
        display = groups["dollars"] or groups["square"]
        formula = display or groups["round"] or groups["dollar"] or ""
        # KaTeX reads the element's text; these names mean the same and are no HTML.
        formula = " ".join(formula.replace("<", "\\lt ").replace(">", "\\gt ").split())
        left, right = ("\\[", "\\]") if display else ("\\(", "\\)")
        held.append(f"{left}{escape(formula)}{right}")
        return f"{_OPEN}{len(held) - 1}{_CLOSE}"

    return hold


def _put_back(html: str, held: list[str]) -> str:
    return _HELD.sub(lambda found: held[int(found[1])] if int(found[1]) < len(held) else "", html)
