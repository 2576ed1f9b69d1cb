"""The linter of our own notes: every rule of ``knowledge/FORMAT.md``."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tutor.notes.labels import read_label
from tutor.notes.lines import Line, classify
from tutor.notes.parse import parse_text
from tutor.notes.text import char_ngrams
from tutor.notes.types import Note

LEVELS = ("basic", "intermediate", "advanced")
HEADINGS = {
    "zh": ("要点", "常见误区", "追问", "出处"),
    "en": ("Key points", "Misconception", "Follow-ups", "Source"),
}
MARKS = {"zh": ("必答", "加分"), "en": ("required", "bonus")}
ENVIRONMENTS = {"aligned", "cases", "pmatrix", "bmatrix"}
_REF = re.compile(r"^[a-z0-9]+(?:-[a-z0-9]+)*$")
_COMMENT = re.compile(r"^<!-- id: (\S+) \| level: (\S+) -->$")
_MATH = re.compile(
    r"(?<!\\)\$\$(.+?)(?<!\\)\$\$|(?<![\\$])\$(?!\$)([^$\n]+?)(?<!\\)\$(?!\$)", re.DOTALL
)
_COMMAND = re.compile(r"\\([A-Za-z]+|.)")
_KNOWN = set(
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi rho sigma tau"
    " upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega ell hbar nabla partial"
    " infty forall exists emptyset in notin ni subset subseteq supset cup cap setminus times cdot div pm mp ast star"
    " circ bullet oplus otimes odot le leq ge geq ne neq ll gg approx sim simeq cong equiv propto mid parallel perp"
    " to rightarrow leftarrow Rightarrow Leftarrow leftrightarrow Leftrightarrow mapsto longrightarrow implies iff"
    " uparrow downarrow sum prod int oint lim max min sup inf arg argmax argmin log ln exp sin cos tan tanh sinh cosh"
    " sigmoid det dim ker Pr frac dfrac tfrac sqrt binom left right big Big bigl bigr Bigl Bigr Bigg biggl biggr mathbb"
    " mathbf mathrm mathcal mathit mathsf boldsymbol text textbf textit operatorname hat bar tilde vec dot ddot"
    " widehat widetilde overline underline overbrace underbrace overset underset stackrel begin end quad qquad ldots"
    " cdots vdots ddots dots limits nolimits top bot prime lfloor rfloor lceil rceil langle rangle lVert rVert lvert"
    " rvert Vert vert land lor lnot neg triangle square because therefore substack displaystyle textstyle mathop tag"
    " lbrace rbrace colon mathbin gets succ prec succeq preceq complement Re Im angle sqcup wedge vee bmod pmod mod"
    " middle bigg Biggl Biggr star dagger longleftarrow xrightarrow phantom smash boxed cancel not".split()
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One breach of the format.

    Attributes:
        file: The file.
        line: 1-based line.
        text: The rule and what breaks it.
    """

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


def lint(text: str, *, file: str) -> list[Fault]:
    """Every breach of the format in one file."""
    lines = classify(text)
    faults = [Fault(file, no, what) for no, what in _front_matter(lines)]
    lang = "en" if "lang: en" in "\n".join(line.text for line in lines[:6]) else "zh"
    heads = [i for i, line in enumerate(lines) if line.kind == "heading" and line.level == 2]
    notes = {note.source.first_line: note for note in parse_text(text, file=file)}
    for order, index in enumerate(heads, start=1):
        end = heads[order] if order < len(heads) else len(lines)
        block = lines[index:end]
        found = list(_heading(block, order)) + list(_parts(block, lang))
        note = notes.get(lines[index].no)
        if note is None:
            found.append((lines[index].no, "the question is not read as a note"))
        else:
            found += _content(note, block, lang)
        faults += [Fault(file, no, what) for no, what in found]
    faults += [Fault(file, no, what) for no, what in _formulas(text)]
    if not heads:
        faults.append(Fault(file, 1, "no question"))
    return faults


def lint_together(notes: Iterable[Note]) -> list[Fault]:
    """Breaches that only show across files: ids used twice in a language, translations without original."""
    notes = list(notes)
    uses = Counter((note.lang, note.ref) for note in notes)
    originals = {note.ref for note in notes if note.lang == "zh"}
    faults: list[Fault] = []
    for note in notes:
        place = (note.source.file, note.source.first_line)
        if uses[(note.lang, note.ref)] > 1:
            faults.append(Fault(*place, f"id {note.ref} is used twice"))
        if note.lang == "en" and note.ref not in originals:
            faults.append(Fault(*place, f"id {note.ref} has no Chinese counterpart"))
    return faults


def _front_matter(lines: list[Line]) -> Iterable[tuple[int, str]]:
    front = "\n".join(line.text for line in lines if line.kind == "front")
    if not re.search(r"^topic: \S", front, re.MULTILINE):
        yield 1, "front matter names no topic"
    if not re.search(r"^lang: (?:zh|en)\s*$", front, re.MULTILINE):
        yield 1, "front matter names no lang (zh or en)"


def _heading(block: list[Line], order: int) -> Iterable[tuple[int, str]]:
    label = read_label(block[0].body)
    if label.number != order:
        yield block[0].no, f"question number should be {order}"
    match = _COMMENT.match(block[1].text.strip()) if len(block) > 1 else None
    if not match:
        yield block[0].no, "the line below must be <!-- id: … | level: … -->"
        return
    if not _REF.match(match.group(1)):
        yield block[1].no, f"id {match.group(1)} is not lower-case words joined by -"
    if match.group(2) not in LEVELS:
        yield block[1].no, f"level {match.group(2)} is none of {', '.join(LEVELS)}"


def _parts(block: list[Line], lang: str) -> Iterable[tuple[int, str]]:
    heads = [line for line in block if line.kind == "heading" and line.level == 3]
    names = [line.body for line in heads]
    if names != list(HEADINGS[lang]):
        yield block[0].no, f"the ### parts must be {', '.join(HEADINGS[lang])}; found {names}"
    for line in block[1:]:
        if line.kind == "heading" and line.level != 3:
            yield line.no, "only ### headings may stand inside a note"


def _content(note: Note, block: list[Line], lang: str) -> Iterable[tuple[int, str]]:
    no = block[0].no
    size = _length(note.answer, lang)
    if size < (80 if lang == "zh" else 40):
        yield no, f"the answer is too short ({size})"
    if not 3 <= len(note.key_points) <= 6:
        yield no, f"{len(note.key_points)} key points; 3 to 6 are wanted"
    if sum(point.required for point in note.key_points) < 2:
        yield no, "fewer than two required key points"
    for point in note.key_points:
        length = _length(point.text, lang)
        if length > (60 if lang == "zh" else 30):
            yield no, f"key point too long ({length}): {point.text}"
        if "$$" in point.text or "\\begin" in point.text or "\\frac" in point.text:
            yield no, f"key point holds a formula that cannot be said aloud: {point.text}"
        if not char_ngrams(point.text) & char_ngrams(note.answer):
            yield no, f"key point is not backed by the answer: {point.text}"
    if not note.misconception:
        yield no, "no misconception"
    if not 1 <= len(note.follow_ups) <= 2:
        yield no, f"{len(note.follow_ups)} follow-ups; one or two are wanted"
    if not note.references or not all(
        re.search(r"\b(?:1[89]|20)\d\d\b", one) for one in note.references
    ):
        yield no, "every source needs authors, title and year"
    yield from _point_marks(block, lang)


def _point_marks(block: list[Line], lang: str) -> Iterable[tuple[int, str]]:
    inside = False
    for line in block:
        if line.kind == "heading":
            inside = line.body == HEADINGS[lang][0]
        elif inside and line.kind == "item":
            if not line.body.startswith(tuple(f"[{mark}] " for mark in MARKS[lang])):
                yield line.no, f"a key point must begin with one of {MARKS[lang]}"
        elif inside and line.kind != "blank":
            yield line.no, "key points are a list, one line each"


def _length(text: str, lang: str) -> int:
    """Characters without white space for Chinese, words for English."""
    return len("".join(text.split())) if lang == "zh" else len(text.split())


def _formulas(text: str) -> Iterable[tuple[int, str]]:
    """Formulas that KaTeX would not render: braces, environments, unknown commands."""
    prose = "\n".join("" if line.kind == "fence" else line.text for line in classify(text))
    prose = re.sub(r"`[^`\n]*`", lambda match: " " * len(match.group()), prose)
    for match in _MATH.finditer(prose):
        formula = match.group(1) or match.group(2)
        no = prose.count("\n", 0, match.start()) + 1
        for fault in formula_faults(formula):
            yield no, f"{fault} in ${formula.strip()[:60]}$"
    if len(re.findall(r"(?<!\\)\$", _MATH.sub("", prose))):
        rest = _MATH.sub(lambda match: "\n" * match.group().count("\n"), prose)
        at = re.search(r"(?<!\\)\$", rest)
        yield (rest.count("\n", 0, at.start()) + 1 if at else 1), "a $ without its partner"


def formula_faults(formula: str) -> list[str]:
    """What keeps KaTeX from rendering a formula, by name; empty if nothing is seen."""
    faults: list[str] = []
    depth = 0
    for brace in re.findall(r"(?<!\\)[{}]", formula.replace("\\\\", "  ")):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            break
    if depth:
        faults.append("unbalanced braces")
    begun = re.findall(r"\\begin\{(\w+\*?)\}", formula)
    ended = re.findall(r"\\end\{(\w+\*?)\}", formula)
    if Counter(begun) != Counter(ended):
        faults.append("\\begin without \\end")
    faults += [f"environment {name}" for name in begun if name not in ENVIRONMENTS]
    if len(re.findall(r"\\left(?![a-z])", formula)) != len(
        re.findall(r"\\right(?![a-z])", formula)
    ):
        faults.append("\\left without \\right")
    names = _COMMAND.findall(re.sub(r"\\(?:text|operatorname)\{[^{}]*\}", "", formula))
    faults += [
        f"unknown command \\{name}" for name in names if name.isalpha() and name not in _KNOWN
    ]
    return faults
