"""Tables as files: CSV, TSV and Anki's plain-text export, one question and answer a row."""

import csv
import io
import re
from dataclasses import dataclass, field

from tutor.errors import UnreadableFileError
from tutor.notes.boxes import ANSWER_COLUMN, QUESTION_COLUMN
from tutor.notes.cards import Card, html_text
from tutor.notes.read import MAX_BYTES
from tutor.notes.report import ParseReport, Use
from tutor.notes.types import Note

_TOPIC_COLUMNS = set("topic category tag tags section deck 主题 分类 标签 类别 章节".split())
_LEVEL_COLUMNS = {"level", "difficulty", "难度", "级别"}
_HEADER = re.compile(r"^#([a-z ]+):(.*)$")
_SEPARATORS = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "colon": ":", "space": " "}
_LOOKED_AT = 2000  # lines


def read_csv(text: str, name: str) -> list[Card]:
    """Rows with a question and an answer column, named in the first row or else the first two.

    Raises:
        UnreadableFileError: There are not two columns.
    """
    try:
        dialect: type[csv.Dialect] | csv.Dialect = csv.Sniffer().sniff(text[:20_000], ",;\t|")
    except csv.Error:
        dialect = csv.excel
    rows = _rows(text, dialect, name)
    if not rows or max(len(row) for _, _, row in rows) < 2:
        raise UnreadableFileError(
            f"{name} needs two columns, question and answer.", f"{name} 需要“问题”和“答案”两列。"
        )
    header = [cell.strip().lower() for cell in rows[0][2]]
    question = next((i for i, cell in enumerate(header) if QUESTION_COLUMN.match(cell)), -1)
    answer = next((i for i, cell in enumerate(header) if ANSWER_COLUMN.match(cell)), -1)
    named = question >= 0 and answer >= 0
    if not named:
        question, answer = 0, 1
    topic = next((i for i, cell in enumerate(header) if named and cell in _TOPIC_COLUMNS), -1)
    level = next((i for i, cell in enumerate(header) if named and cell in _LEVEL_COLUMNS), -1)
    return [
        Card(_cell(row, question), _cell(row, answer), first, end, _cell(row, topic).strip(),
             _cell(row, level).strip().lower())
        for first, end, row in rows[1 if named else 0 :]
    ]  # fmt: skip


def _rows(
    text: str, dialect: type[csv.Dialect] | csv.Dialect, name: str, delimiter: str = ""
) -> list[tuple[int, int, list[str]]]:
    """First line, last line and cells of every row that is not empty."""
    csv.field_size_limit(MAX_BYTES)
    mark = delimiter or dialect.delimiter
    reader = csv.reader(io.StringIO(text, newline=""), dialect, doublequote=True, delimiter=mark)
    rows: list[tuple[int, int, list[str]]] = []
    last = 0
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append((last + 1, reader.line_num, row))
            last = reader.line_num
    except csv.Error as error:
        raise UnreadableFileError(
            f"{name} is not a well-formed CSV file ({error}); export it again.",
            f"{name} 不是格式正确的 CSV 文件（{error}），请重新导出。",
        ) from error
    return rows


def _cell(row: list[str], index: int) -> str:
    return row[index] if 0 <= index < len(row) else ""


@dataclass(slots=True)
class _Export:
    """The ``#key:value`` lines at the head of Anki's plain-text export."""

    delimiter: str = "\t"
    html: bool = False
    topic: int = -1
    left_out: set[int] = field(default_factory=set)
    lines: int = 0


def is_card_text(text: str) -> bool:
    """Whether a text file holds cards: Anki's header, or a tab between two texts on nearly every line."""
    if text.lstrip("\ufeff").startswith("#separator:"):
        return True
    if "\t" not in text:
        return False
    lines = [line for line in text.splitlines()[:_LOOKED_AT] if line.strip()]
    cells = [[cell.strip() for cell in line.split("\t")] for line in lines]
    whole = sum(len(one) >= 2 and bool(one[0]) and bool(one[1]) for one in cells)
    return len(lines) >= 3 and whole >= 0.9 * len(lines)


def read_card_text(text: str, name: str) -> list[Card]:
    """Cards of a text file that `is_card_text`.

    Raises:
        UnreadableFileError: The quotes in it do not match.
    """
    export = _read_header(text)
    body = text.split("\n", export.lines)[-1] if export.lines else text
    kept: list[Card] = []
    for first, end, row in _rows(body, csv.excel, name, delimiter=export.delimiter):
        cells = [cell for i, cell in enumerate(row) if i not in export.left_out]
        if export.html:
            cells = [html_text(cell) for cell in cells]
        answer = "\n\n".join(cell for cell in cells[1:] if cell.strip())
        question = cells[0] if cells else ""
        topic = _cell(row, export.topic).strip().replace("::", " / ")
        kept.append(Card(question, answer, first + export.lines, end + export.lines, topic))
    return kept


def _read_header(text: str) -> _Export:
    export = _Export()
    for line in text.lstrip("\ufeff").splitlines():
        match = _HEADER.match(line.strip())
        if not match:
            break
        key, value = match.group(1), match.group(2).strip()
        export.lines += 1
        if key == "separator":
            export.delimiter = _SEPARATORS.get(value.lower(), value[:1] or "\t")
        elif key == "html":
            export.html = value.lower() == "true"
        elif key.endswith(" column") and value.isdigit():
            export.left_out.add(int(value) - 1)
            if key in ("deck column", "tags column"):
                export.topic = int(value) - 1
    return export


def report_cards(text: str, cards: list[Card], notes: list[Note], name: str) -> ParseReport:
    """How the lines of a table were used: a row with a question, a row without one, the header."""
    count = len(text.splitlines())
    uses = [Use("ignored", "blank") if not line.strip() else Use("metadata", "")
            for line in text.splitlines()]  # fmt: skip
    for card in cards:
        for no in range(card.line, min(card.last_line, count) + 1):
            uses[no - 1] = Use("ignored", "row without a question")
    for note in notes:
        for no in range(note.source.first_line, min(note.source.last_line, count) + 1):
            uses[no - 1] = Use("question" if no == note.source.first_line else "answer", "")
    return ParseReport(name, tuple(uses), len(notes))
