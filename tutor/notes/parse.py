"""A file's text to notes: every question with its answer, word for word."""

import hashlib
from pathlib import Path

from tutor.notes.answers import answer_range, line_at
from tutor.notes.candidate import Candidate
from tutor.notes.doctor import judge_answer
from tutor.notes.keypoints import derive_points, explicit_points
from tutor.notes.labels import clean_inline
from tutor.notes.lines import Line, classify
from tutor.notes.outline import Section, heading_key
from tutor.notes.own import read_extras
from tutor.notes.questions import Reading, find_questions
from tutor.notes.report import ParseReport, Use, account
from tutor.notes.text import detect_lang
from tutor.notes.types import KeyPoint, Note, Source


def parse_text(text: str, *, file: str = "notes.md") -> list[Note]:
    """The notes of a Markdown or plain text; ``file`` names it in sources, ids and messages."""
    return parse_report(text, file=file)[0]


def parse_report(text: str, *, file: str = "notes.md") -> tuple[list[Note], ParseReport]:
    """The notes and how every line was used."""
    reading = find_questions(classify(text))
    meta = _front_matter(reading.lines)
    uses = [Use("", "")] * len(reading.lines)
    seen: dict[str, int] = {}
    notes: list[Note] = []
    for question, end in zip(reading.questions, reading.ends, strict=True):
        notes.append(_note(text, file, reading, question, end, meta, seen, uses))
    account(reading, uses)
    return notes, ParseReport(file, tuple(uses), len(notes))


def _note(
    text: str,
    file: str,
    reading: Reading,
    question: Candidate,
    end: int,
    meta: dict[str, str],
    seen: dict[str, int],
    uses: list[Use],
) -> Note:
    lines = reading.lines
    own = read_extras(lines, question.index, end, text) if reading.own_format else None
    if own:
        begin, stop = answer_range(text, lines, own.answer[0], own.answer[1], question.index)
    else:
        begin, stop = answer_range(text, lines, question.answer, end, question.index)
    answer = text[begin:stop]
    path = [
        s
        for s in question.section.path()
        if s is not question.section or question.family != "heading"
    ]
    topic = topic_of(path, meta.get("topic", ""), file)
    lang = meta.get("lang") or detect_lang(question.text + "\n" + answer[:2000])
    lang = lang if lang in ("zh", "en") else detect_lang(question.text + answer[:2000])
    last = line_at(lines, end - 1, question.index)
    points: tuple[KeyPoint, ...]
    source = Source(
        file,
        lines[question.index].no,
        lines[last].no,
        lines[line_at(lines, begin, question.index)].no if answer else 0,
        lines[line_at(lines, stop - 1, question.index)].no if answer else 0,
    )
    problem = judge_answer(question.text, answer, file, source.first_line)
    error = problem is not None and problem.severity == "error"
    if own and own.points:
        points = () if error else explicit_points(own.points, answer)
    else:
        points = () if error else derive_points(answer, question.text)
    ref = own.ref if own else ""
    note_id = f"{lang}:{ref}" if ref else make_id(file, path, question.text)
    _mark(
        uses,
        lines,
        question,
        source,
        last,
        own.key_lines if own else (),
        own.meta_lines if own else (),
    )
    return Note(
        id=unique(note_id, seen),
        question=question.text,
        answer=answer,
        source=source,
        number=question.number,
        topic=topic,
        key_points=points,
        level=own.level if own else "",
        lang=lang,
        digest=digest(question.text, answer),
        raw_question=text[slice(*question.raw)],
        problems=(problem,) if problem else (),
        misconception=own.misconception if own else "",
        follow_ups=own.follow_ups if own else (),
        references=own.references if own else (),
        ref=ref,
    )


def digest(question: str, answer: str) -> str:
    """SHA-256 of question and answer, hexadecimal."""
    return hashlib.sha256(f"{question}\0{answer}".encode("utf-8", "surrogatepass")).hexdigest()


def make_id(file: str, path: list[Section] | list[str], question: str) -> str:
    """A stable id from file name, heading path and question; numbering does not enter."""
    names = [heading_key(step if isinstance(step, str) else step.title) for step in path]
    key = "\0".join([file, *names, heading_key(question) or question])
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def unique(note_id: str, seen: dict[str, int]) -> str:
    """The id, with a counter behind it from its second use on."""
    seen[note_id] = seen.get(note_id, 0) + 1
    return note_id if seen[note_id] == 1 else f"{note_id}~{seen[note_id]}"


def topic_of(path: list[Section], given: str, file: str) -> str:
    """The topic for display: the author's, else the headings, else the file's name."""
    if given:
        return given
    names = [clean_inline(section.title) for section in path]
    return " / ".join(name for name in names if name) or Path(file).stem or file


def _front_matter(lines: list[Line]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for line in lines:
        if line.kind != "front":
            break
        key, colon, value = line.text.partition(":")
        if colon:
            pairs[key.strip().lower()] = value.strip().strip("\"'")
    return pairs


def _mark(
    uses: list[Use],
    lines: list[Line],
    question: Candidate,
    source: Source,
    last: int,
    key_lines: tuple[int, ...],
    meta_lines: tuple[int, ...],
) -> None:
    """Notes down what each line of the note was used for."""
    for index in range(question.index, last + 1):
        line = lines[index]
        no = line.no
        if index in key_lines:
            use = Use("key points", "")
        elif index in meta_lines:
            use = Use("metadata", "")
        elif index == question.index:
            use = Use("question", "")
        elif source.answer_first <= no <= source.answer_last:
            use = Use("answer", "")
        else:
            use = Use("", "")
        if use.use:
            uses[index] = use
