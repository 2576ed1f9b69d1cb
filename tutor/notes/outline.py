"""The tree of headings of a file, and which of its sections hold no notes."""

import re
from dataclasses import dataclass, field

from tutor.notes.labels import (
    answer_label,
    clean_inline,
    clean_question,
    is_answer_alone,
    is_reveal,
)
from tutor.notes.lines import Line

_CONTENTS = re.compile(
    r"^(?:目录|目次|索引|导航|大纲|contents?|table of contents?|toc|index|outline|summary|questions? list|问题列表|题目列表)$",
    re.IGNORECASE,
)
_NOISE = re.compile(
    r"^(?:(?:推荐|扩展|延伸|拓展|相关|更多)?(?:参考|引用)(?:资料|文献|链接|文章|书籍|博客|来源|答案来源)?|致谢|鸣谢|"
    r"(?:推荐|扩展|延伸|拓展|相关|更多)(?:阅读|先看|资料|资源|链接|文章|书籍|课程|项目|工具)|"
    r"学习资[料源].*|资料推荐|资源|贡献(?:者|指南)?|如何贡献|参与贡献|许可证?|版权(?:声明)?|协议|免责声明|声明|"
    r"更新(?:日志|记录|历史)|修订记录|版本历史|联系(?:我们|方式|作者)?|关于(?:作者|我|我们|本项目|本书)?|作者(?:简介)?|"
    r"交流群?|加群|公众号|关注.*|赞赏|打赏|支持(?:作者|我们)?|广告|友情链接|前言|序言?|写在前面|待办|todo(?: ?list)?|"
    r"references?(?: ?(?:and|&).*)?|bibliography|further reading|recommended reading|see also|credits|"
    r"(?:useful |additional |more |learning |preparation |prep |study |recommended )?(?:resources?|links|books|courses)|"
    r"(?:key |further |seminal )?papers?|contribut(?:e|ing|ions?|ors?)|how to contribute|licen[cs]e|copyright|disclaimer|"
    r"acknowledge?ments?|change ?log|about(?: (?:me|us|the authors?|this .*))?|authors?|contact(?: us| me)?|support|"
    r"sponsors?|donat(?:e|ion)s?|star history|installation|install|usage|how to use.*|getting started|prerequisites|"
    r"quick start|setup|badges|recently added|what'?s new|news|follow (?:me|us).*|connect.*|feedback|legend|"
    r"source|sources|出处|来源|内部链接|changelog)$",
    re.IGNORECASE,
)
_NO_LETTER = re.compile(r"[\W_]+")
_LINK_ITEM = re.compile(r"^\[(?P<text>.*)\]\((?P<href>[^()\s]*(?:\([^()]*\)[^()]*)*)\)\W*$")


@dataclass(slots=True)
class Section:
    """A heading with the lines down to the next heading.

    Attributes:
        index: Index of the heading's line; -1 for the text above the first heading.
        level: 1 to 6; 0 for the text above the first heading.
        title: The heading cleaned of Markdown, numbering kept.
        body: First and last + 1 index of its own lines.
        parent: The section it stands in, by position in the outline.
        children: Sections that stand in it.
        noise: Why it holds no notes; empty if it may.
    """

    index: int
    level: int
    title: str
    body: range
    parent: "Section | None" = None
    children: "list[Section]" = field(default_factory=list)
    noise: str = ""

    def path(self) -> list["Section"]:
        """The sections around it, outermost first, itself last."""
        chain: list[Section] = []
        at: Section | None = self
        while at is not None and at.index >= 0:
            chain.append(at)
            at = at.parent
        return chain[::-1]


def build_outline(lines: list[Line]) -> list[Section]:
    """Sections in file order; the first one is the text above the first heading."""
    for line in lines:
        if line.kind == "heading" and (
            is_answer_alone(clean_inline(line.body)) or (line.body and is_reveal(line.body))
        ):
            line.kind = "answer"  # "#### Answer" opens no section
        elif line.kind == "heading" and (
            answer_label(line.body) or not any(char.isalnum() for char in line.body)
        ):
            line.kind = "text"  # "### A: …" is the answer itself
    for above, line, below in zip(lines, lines[1:], lines[2:], strict=False):
        mark = line.kind == "text" and line.body in ("?", "??", "？", "？？")
        if mark and above.kind == "text" and below.kind != "blank":
            line.kind = "answer"  # the mark between the sides of a card
    heads = [index for index, line in enumerate(lines) if line.kind == "heading"]
    first = heads[0] if heads else len(lines)
    sections = [Section(-1, 0, "", range(first))]
    stack = [sections[0]]
    for position, index in enumerate(heads):
        end = heads[position + 1] if position + 1 < len(heads) else len(lines)
        line = lines[index]
        while stack[-1].level >= line.level:
            stack.pop()
        section = Section(
            index, line.level, clean_inline(line.body), range(index + 1, end), parent=stack[-1]
        )
        stack[-1].children.append(section)
        stack.append(section)
        sections.append(section)
    _mark_noise(sections, lines)
    return sections


def heading_key(title: str) -> str:
    """A title reduced to its letters and digits, numbering off, for comparing."""
    clean, _ = clean_question(title)
    return _NO_LETTER.sub("", clean.lower())


def _mark_noise(sections: list[Section], lines: list[Line]) -> None:
    titles = {heading_key(section.title) for section in sections if section.index >= 0} - {""}
    for section in sections:
        bare = clean_question(section.title)[0].strip(" :：!！.。")
        if section.parent is not None and section.parent.noise == "not about questions":
            section.noise = "not about questions"
        elif _CONTENTS.match(bare) and not section.children:
            section.noise = "table of contents"
        elif _NOISE.match(bare):
            section.noise = "not about questions"
        elif _is_contents(section, lines, titles):
            section.noise = "table of contents"


def _is_contents(section: Section, lines: list[Line], titles: set[str]) -> bool:
    """Whether the section's own lines are mostly links to, or names of, other headings."""
    if len(section.body) < 3:
        return False
    longest = max(map(len, titles), default=0) + 40
    items = 0
    pointing = 0
    for index in section.body:
        line = lines[index]
        if line.kind in ("blank", "rule", "break", "html", "comment"):
            continue
        items += 1
        body = line.body
        if items > 12 and not pointing:
            return False
        if len(body) > 200 and "](" not in body:
            continue  # no entry of a table of contents
        if line.kind == "text":
            body = re.sub(r"^\d+(?:\.\d+)*[.)、]?\s*", "", body)
        match = _LINK_ITEM.match(body)
        if not match and line.kind != "item" and body == line.body:
            continue  # a sentence
        if not match and len(body) > longest:
            continue  # longer than any title with its marks
        target = match.group("href") if match else ""
        name = heading_key(match.group("text") if match else body)
        own = name == heading_key(section.title)  # a source may bear the question's own title
        pointing += bool((match and target.startswith("#")) or (name in titles and not own))
    return pointing >= 3 and pointing >= 0.6 * items
