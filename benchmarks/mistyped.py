"""What becomes of mistyped questions: are they read as meant, and does that find and answer more?

    python -m benchmarks.mistyped

`mistyped_cases.jsonl` holds 80 mistyped questions over our notes and 40 that only look so, by a writer who
did not know the rules; the odd rows were used to mend the rules, the even ones to see what they are
worth. By the search and the gate, without a language model.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.retrieval import read_rows, retriever
from tutor.notes.library import load_notes
from tutor.notes.types import Note
from tutor.search.embed import load_encoder, load_english
from tutor.search.retriever import Retriever
from tutor.settings import bundled_notes, load_settings
from tutor.study.choose import evidence_gate
from tutor.study.finding import Finder
from tutor.study.memory import RememberingEncoder

CASES = Path(__file__).with_name("mistyped_cases.jsonl")
KINDS = ("latin", "pinyin", "english", "sound")
_FORMS = ("typed", "mended", "meant")


def read_cases() -> list[dict[str, Any]]:
    return read_rows(CASES)


def expected(case: Mapping[str, Any]) -> str:
    """The question with its mistyped words put right, and nothing else changed."""
    text = str(case["question"])
    for typed, meant in case["words"]:
        text = text.replace(typed, meant)
    return text


def reads_as_meant(case: Mapping[str, Any], search: Retriever) -> bool:
    return search.respell(case["question"]).lower() == expected(case).lower()


def found(
    case: Mapping[str, Any],
    question: str,
    search: Retriever,
    finder: Finder,
    ref: Mapping[str, str],
) -> tuple[bool, bool]:
    """Whether a right note comes first, and whether the reply rests on one (refuses if none is right)."""
    gold = set(case["notes"])
    first = {ref[hit.note_id] for hit in search.search(question, k=1)}
    used = {ref[p.note.id] for p in finder.find_alone(question, case["lang"]).passages}
    return bool(gold & first), bool(gold & used) if gold else not used


def rows(notes: Sequence[Note], search: Retriever, finder: Finder) -> Iterator[str]:
    ref = {note.id: note.ref or note.id for note in notes}
    cases = read_cases()
    yield "| | n | read as meant | right note first: typed, mended, meant | answered from it, or rightly refused |"
    yield "|---|---|---|---|---|"
    for kind in KINDS:
        group = [case for case in cases if case["kind"] == kind]
        read = sum(reads_as_meant(case, search) for case in group)
        first, used = dict.fromkeys(_FORMS, 0), dict.fromkeys(_FORMS, 0)
        for case in group:
            mended = search.respell(case["question"])
            for form, text in zip(_FORMS, (case["question"], mended, case["meant"]), strict=True):
                hit, right = found(case, text, search, finder, ref)
                first[form] += hit
                used[form] += right
        told = [", ".join(str(counts[form]) for form in _FORMS) for counts in (first, used)]
        yield f"| {kind} | {len(group)} | {read} | {told[0]} | {told[1]} |"


def main() -> None:
    settings = load_settings()
    encoder = RememberingEncoder(load_encoder("bundled", settings.models_dir))
    english = load_english("bundled", settings.models_dir, threads=1)
    notes = load_notes([bundled_notes()]).notes
    by_id = {note.id: note for note in notes}
    with tempfile.TemporaryDirectory() as folder:
        search = retriever(Path(folder), encoder, english)
        search.sync(notes)
        finder = Finder(search, lambda: by_id, encoder, evidence_gate(encoder))
        for row in rows(notes, search, finder):
            print(row)
        search.close()


if __name__ == "__main__":
    main()
