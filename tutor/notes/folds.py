"""Fold-outs and boxes of site generators: the title line, and where the box ends.

MkDocs ``??? question "…"``, VuePress and Docusaurus ``::: details …``, pymdownx ``/// details | …``,
Hexo and Jekyll ``{% folding … %}``, MDX ``<Accordion title="…">`` and Obsidian ``> [!question] …``.
"""

import re
from dataclasses import dataclass

from tutor.notes.lines import Line

_OPENERS = (
    re.compile(r"^(?:\?\?\?|!!!)\+?[ \t]+(?P<kind>[\w-]+)[^\"“]*[\"“](?P<title>.*)[\"”]\s*$"),
    re.compile(r"^(?P<close>:{3,})[ \t]*(?P<kind>[\w-]+)\s*(?:\[(?P<other>.*)\]|(?P<title>.*))$"),
    re.compile(r"^(?P<close>/{3,})[ \t]*(?P<kind>[\w-]+)\s*(?:\|\s*(?P<title>.*))?$"),
    re.compile(
        r"^\{%[ \t]*(?P<kind>details|folding|fold|spoiler|hideToggle|collapse|faq)\b[ \t,]*"
        r"(?P<title>.*?)[ \t]*%\}$"
    ),
    re.compile(
        r"^<(?P<kind>[A-Z]\w*)\b[^<>]*?\b(?:title|question|summary|header|q)=[\"'](?P<title>[^\"'<>]+)"
        r"[\"'][^<>]*>"
    ),
)
_CALLOUT = re.compile(r"^\[!(?P<kind>[\w-]+)(?:\|[^\]]*)?\][+-]?[ \t]*(?P<title>.*)$")
_CLOSER = re.compile(r"^(?::{3,}|/{3,}|\{%[ \t]*end\w+[ \t]*%\}|</[A-Z]\w*>)$")
_ASKING_KINDS = {"question", "faq", "help", "quiz", "q", "details", "collapse", "folding", "fold",
                 "spoiler", "hideToggle", "Accordion", "AccordionItem", "FAQ", "Question", "Details"}  # fmt: skip
_FIRST = set("?!:/{<")


@dataclass(frozen=True, slots=True)
class Fold:
    """The title line of a box.

    Attributes:
        title: The text a reader sees; empty where the box has none.
        asks: Whether boxes of this kind are made for questions.
        block: Whether its text is indented (MkDocs) rather than ended by a closing line.
    """

    title: str
    asks: bool
    block: bool = False


def read_fold(body: str) -> Fold | None:
    """The box that a line opens, if it opens one."""
    if not body or body[0] not in _FIRST or len(body) > 500:
        return None
    for order, pattern in enumerate(_OPENERS):
        match = pattern.match(body)
        if match:
            found = match.groupdict()
            title = (found.get("other") or found.get("title") or "").strip()
            return Fold(title, found["kind"] in _ASKING_KINDS, order == 0)
    return None


def read_callout(body: str) -> Fold | None:
    """The callout that the text of a quoted line opens, if it opens one."""
    match = _CALLOUT.match(body) if body.startswith("[!") else None
    if not match:
        return None
    return Fold(match.group("title").strip(), match.group("kind").lower() in _ASKING_KINDS)


def closes(body: str) -> bool:
    """Whether a line only closes a box."""
    return bool(body) and body[0] in ":/{<" and len(body) < 60 and bool(_CLOSER.match(body))


def fold_end(lines: list[Line], index: int, fold: Fold) -> int:
    """Offset at which the text of the box ends; -1 where the form does not say."""
    if fold.block:
        return _indented_end(lines, index)
    depth = 1
    for line in lines[index + 1 :]:
        if line.kind in ("fence", "math"):
            continue
        if closes(line.body):
            depth -= 1
        elif read_fold(line.body):
            depth += 1
        if not depth:
            return line.start
    return -1


def _indented_end(lines: list[Line], index: int) -> int:
    end = -1
    for line in lines[index + 1 :]:
        if line.text.strip() and len(line.text) - len(line.text.lstrip()) < 2:
            break
        if line.text.strip():
            end = line.end
    return end


def callout_end(lines: list[Line], index: int) -> int:
    """Offset at which the quoted text below a callout's title ends; -1 where there is none."""
    end = -1
    for line in lines[index + 1 :]:
        if not line.text.lstrip().startswith(">"):
            break
        if line.body.strip("> "):
            end = line.end
    return end
