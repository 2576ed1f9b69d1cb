"""How every line of a file was used: the parse report a learner can check."""

from collections import Counter
from dataclasses import dataclass

from tutor.notes.labels import clean_inline, is_answer_alone, is_reveal
from tutor.notes.questions import Reading

REASONS_ZH = {
    "blank": "空行",
    "separator": "分隔线",
    "comment": "注释",
    "answer mark": "“答案”标记",
    "topic": "主题标题",
    "table of contents": "目录",
    "not about questions": "与题目无关的章节",
    "above the first question": "第一道题之前的内容",
    "introduction to a topic": "主题引言，不属于任何题目",
    "frame of hidden text": "折叠块的外框",
    "no question in the file": "文件中没有题目",
    "row without a question": "这一行没有题目",
}


@dataclass(frozen=True, slots=True)
class Use:
    """What one line was used for.

    Attributes:
        use: ``question, answer, key points, metadata`` or ``ignored``.
        why: For an ignored line the reason, a key of ``REASONS_ZH``.
    """

    use: str
    why: str


@dataclass(frozen=True, slots=True)
class ParseReport:
    """Every line of one file with its use; line ``n`` is ``uses[n - 1]``.

    Attributes:
        file: The file.
        uses: One entry a line.
        questions: Notes found.
    """

    file: str
    uses: tuple[Use, ...]
    questions: int

    def counts(self) -> dict[str, int]:
        """Lines by use."""
        return dict(Counter(use.use for use in self.uses))

    def ignored(self) -> list[tuple[int, int, str]]:
        """Runs of ignored lines that are not blank: first line, last line, reason."""
        runs: list[tuple[int, int, str]] = []
        for no, use in enumerate(self.uses, start=1):
            if use.use != "ignored" or use.why == "blank":
                continue
            if runs and runs[-1][2] == use.why and runs[-1][1] == no - 1:
                runs[-1] = (runs[-1][0], no, use.why)
            else:
                runs.append((no, no, use.why))
        return runs


def account(reading: Reading, uses: list[Use]) -> None:
    """Gives every line that no note uses its reason."""
    lines = reading.lines
    noise = ["" for _ in lines]
    for section in reading.sections:
        for index in [*([section.index] if section.index >= 0 else []), *section.body]:
            noise[index] = section.noise
    first = reading.questions[0].index if reading.questions else len(lines)
    for index, line in enumerate(lines):
        if uses[index].use:
            continue
        if line.kind == "blank":
            why = "blank"
        elif line.kind == "front":
            uses[index] = Use("metadata", "")
            continue
        elif noise[index]:
            why = noise[index]
        elif line.kind in ("rule", "break", "underline"):
            why = "separator"
        elif line.kind == "comment":
            why = "comment"
        elif line.kind == "answer" or is_answer_alone(line.body):
            why = "answer mark"
        elif line.kind == "html" and is_reveal(clean_inline(line.text)):
            why = "frame of hidden text"
        elif line.kind == "heading":
            why = "topic"
        elif not reading.questions:
            why = "no question in the file"
        elif index < first:
            why = "above the first question"
        else:
            why = "introduction to a topic"
        uses[index] = Use("ignored", why)
