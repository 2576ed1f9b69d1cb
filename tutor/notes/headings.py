"""Headings as questions: leaves are questions, what holds them are topics."""

import re
from collections import Counter, defaultdict

from tutor.notes.candidate import Candidate, heading_candidate
from tutor.notes.labels import asks, clean_question, ends_asking, is_part_label, read_label
from tutor.notes.lines import Line
from tutor.notes.outline import Section, heading_key

_SILENT = ("blank", "break", "rule", "comment", "front")
_PART = re.compile(
    r"^(?:定义|概念|简介|介绍|背景|动机|公式|推导|证明|原理|思想|优点|缺点|优缺点|特点|步骤|流程|代码(?:实现)?|实现|示例|例子|举例|"
    r"总结|小结|结论|要点|核心要点|关键点|应用(?:场景)?|适用场景|注意(?:事项)?|常见误区|追问|出处|参考答案|答案|解析|思路|"
    r"definition|intuition|overview|formula|math|derivation|proof|example|examples|code|implementation|"
    r"pros|cons|pros and cons|advantages|disadvantages|limitations|applications?|use cases?|summary|"
    r"key points?|key takeaways?|conclusion|notes?|explanation|short answer|long answer|detailed answer|"
    r"follow-?ups?(?: questions?)?|hint|hints|approach|complexity|common mistakes?)$",
    re.IGNORECASE,
)


def _recurring(titles: list[Section]) -> set[str]:
    """Titles that stand below three numbered or asking headings: names of parts, not questions."""
    above: dict[str, set[int]] = defaultdict(set)
    for section in titles:
        parent = section.parent
        if parent is None or parent.index < 0 or section.level == 1:
            continue
        if read_label(parent.title).form or asks(clean_question(parent.title)[0]):
            above[heading_key(section.title)].add(id(parent))
    return {key for key, parents in above.items() if len(parents) >= 3 and key}


def choose_headings(
    sections: list[Section], lines: list[Line], inner: list[Candidate], *, strict: bool
) -> list[Candidate]:
    """The headings that are questions.

    Args:
        sections: The outline.
        lines: The classified lines.
        inner: Questions already found inside sections: what holds one is a topic.
        strict: Whether another form carries the file, so that only headings that ask count.
    """
    holding = {id(part) for c in inner for part in c.section.path()}
    chooser = _Chooser(sections, lines, holding, strict)
    return chooser.chosen


class _Chooser:
    """One walk over the outline; what it needs to know of the whole file is counted first."""

    def __init__(
        self, sections: list[Section], lines: list[Line], holding: set[int], strict: bool
    ) -> None:
        self.lines = lines
        self.holding = holding
        self.strict = strict
        self.chosen: list[Candidate] = []
        self.titles = [s for s in sections if s.index >= 0]
        self.recurring = _recurring(self.titles)
        leaves = [s for s in self.titles if not s.noise and not self._parts(s)]
        self.forms = Counter(self._form(s) for s in leaves)
        self.leaf_forms = Counter(
            self._form(s) for s in leaves if not self._children(s) and id(s) not in holding
        )
        asking = [s for s in leaves if not self._children(s) and self._asks(s)]
        plain = [s for s in leaves if not self._children(s)]
        self.dominant = len(asking) >= 5 and len(asking) >= 0.6 * len(plain)
        self.asking_levels = {s.level for s in asking}
        self.labelled = sum(read_label(s.title).form in ("q", "1)") for s in asking) >= 0.6 * max(
            len(asking), 1
        )
        tops = [s for s in self.titles if s.level == 1]
        self.lone_title = tops[0] if len(tops) == 1 and len(self.titles) > 1 else None
        for section in self.titles:
            if section.parent is None or section.parent.index < 0:
                self._visit(section)

    def _form(self, section: Section) -> str:
        return f"{section.level}:{read_label(section.title).form}"

    def _children(self, section: Section) -> list[Section]:
        return [child for child in section.children if not child.noise]

    def _asks(self, section: Section) -> bool:
        text, _ = clean_question(section.title)
        return asks(text) or read_label(section.title).form == "q"

    def _parts(self, section: Section) -> bool:
        """Whether the heading names a part of its parent's answer."""
        text, _ = clean_question(section.title)
        named = _PART.match(text.strip(" :：")) or heading_key(section.title) in self.recurring
        return is_part_label(section.title) or bool(named)

    def _visit(self, section: Section) -> None:
        if section.noise == "not about questions":
            return
        children = self._children(section)
        if id(section) not in self.holding:
            if not children:
                if not section.noise and self._leaf_counts(section):
                    self._take(section)
                return
            if self._swallows(section, children):
                self._take(section)
                return
            if self._asks_itself(section, children):
                self._take(section)
        for child in section.children:
            self._visit(child)

    def _take(self, section: Section) -> None:
        candidate = heading_candidate(section, self.lines)
        if candidate:
            self.chosen.append(candidate)

    def _has_body(self, section: Section) -> bool:
        return any(self.lines[index].kind not in _SILENT for index in section.body)

    def _leaf_counts(self, section: Section) -> bool:
        text, _ = clean_question(section.title)
        if not text or section is self.lone_title:
            return bool(text) and ends_asking(text)
        if self.strict:
            return ends_asking(text) or read_label(section.title).form == "q"
        if self._asks(section):
            return True
        if self._parts(section) and section.parent is not None and section.parent.level >= 2:
            return self._has_body(section) and not self.dominant
        numbered = bool(read_label(section.title).form) and not self.labelled
        foreign = self.labelled or section.level not in self.asking_levels
        if self.dominant and not numbered and foreign:
            return self._form(section) in self.asking_forms()
        if self._has_body(section):
            return True
        form = self._form(section)
        return self.leaf_forms[form] >= 3 and not form.endswith(":")

    def asking_forms(self) -> set[str]:
        """Forms of headings, level and numbering, in which the file's questions are written."""
        return {
            f"{s.level}:{read_label(s.title).form}"
            for s in self.titles
            if not s.noise and not s.children and self._asks(s) and read_label(s.title).form
        }

    def _swallows(self, section: Section, children: list[Section]) -> bool:
        """Whether the headings below are parts of this heading's own answer."""
        if section is self.lone_title or (section.level == 1 and len(children) > 6):
            return False
        parts = sum(self._parts(child) for child in children)
        if parts * 2 > len(children):
            return True
        asking = sum(self._asks(child) for child in children)
        if asking * 3 >= len(children):
            return False
        text, _ = clean_question(section.title)
        if read_label(section.title).form == "q" or ends_asking(text):
            return True
        if not asking and section.level >= 2 and asks(text):
            return True
        form = self._form(section)
        if form.endswith(":"):
            return False
        if self._numbered_question(form, children):
            return True
        leaves, whole = self.leaf_forms[form], self.forms[form]
        return leaves >= 3 and leaves >= 0.6 * whole

    def _numbered_question(self, form: str, children: list[Section]) -> bool:
        """Whether headings of this numbering mostly ask, and those below bear no numbers."""
        alike = [s for s in self.titles if not s.noise and self._form(s) == form]
        asking = sum(self._asks(s) for s in alike)
        bare = not any(read_label(child.title).form for child in children)
        return bare and len(alike) >= 3 and asking * 2 >= len(alike)

    def _asks_itself(self, section: Section, children: list[Section]) -> bool:
        """A heading with questions below that asks and answers one itself."""
        text, _ = clean_question(section.title)
        return ends_asking(text) and self._has_body(section) and section is not self.lone_title
