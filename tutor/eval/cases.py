"""Cases from files: our own in `evals/`, and other people's under ``--data``."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tutor.errors import EvalError
from tutor.eval.rows import BAD_LINE, RowDict
from tutor.eval.rows import need as need
from tutor.eval.types import Case, Dataset

_PASSAGES = ".passages.jsonl"
ADVERSARIAL = "adversarial"
STUDY_KINDS = ("answerable", "partly", "unanswerable", "false_premise", "multi_note", "english")


def own_folder() -> Path:
    """Folder of our own cases."""
    return Path(__file__).resolve().parents[2] / "evals"


def is_test(ref: str) -> bool:
    """Whether a note belongs to the quarter that nothing may be fitted on.

    By the author's id, so that a note and its translation stay together: weights and cuts are
    fitted on the other three quarters (see ``benchmarks/``), figures reported on this one.
    """
    return int(hashlib.sha256(ref.encode()).hexdigest(), 16) % 4 == 0


@dataclass(frozen=True, slots=True)
class RowFile:
    """One file of rows.

    Attributes:
        name: Name of the data set.
        rows: Its rows, in order.
        passages: Rows of the ``.passages.jsonl`` file beside it, if there is one.
        own: Whether it is ours.
    """

    name: str
    rows: tuple[RowDict, ...]
    passages: tuple[RowDict, ...] = ()
    own: bool = False


def read_rows(path: Path, *, strict: bool = True) -> list[RowDict]:
    """The JSON objects of a ``.jsonl`` file.

    Args:
        path: The file; lines end with a line feed, and nothing else ends them.
        strict: False keeps a line that is no JSON object as a row that says so.

    Raises:
        EvalError: The file cannot be read, or (strict) a line is no JSON object.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise EvalError(
            f"{path} cannot be read ({error}); check the file.",
            f"无法读取 {path}（{error}）；请检查文件。",
        ) from error
    rows: list[RowDict] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            if strict:
                raise _bad_line(path, number) from error
            row = None
        if isinstance(row, dict):
            rows.append(row)
        elif strict:
            raise _bad_line(path, number)
        else:
            rows.append({"id": f"line-{number}", BAD_LINE: f"line {number} is not a JSON object"})
    return rows


def _bad_line(path: Path, number: int) -> EvalError:
    return EvalError(
        f"{path.name}, line {number}: this is not a JSON object; correct or remove the line.",
        f"{path.name} 第 {number} 行不是 JSON 对象；请改正或删除这一行。",
    )


def own_files(suite: str, folder: Path | None = None) -> list[RowFile]:
    """Our own rows of a suite as one data set named ``own``; empty where there are none."""
    place = (folder or own_folder()) / suite
    rows = [row for path in sorted(place.glob("*.jsonl")) for row in read_rows(path)]
    return [RowFile("own", tuple(rows), own=True)] if rows else []


def study_files(folder: Path | None = None) -> list[RowFile]:
    """Our study questions (``own``) and those that set traps (``adversarial``).

    Raises:
        EvalError: A row lacks a field, or its kind is none of `STUDY_KINDS`.
    """
    asked = own_files("study", folder)
    asked += [replace(file, name=ADVERSARIAL) for file in own_files(ADVERSARIAL, folder)]
    for file in asked:
        for row in file.rows:
            need(row, "id", "question", "kind", "notes", "must_say", "must_not_say")
            if row["kind"] not in STUDY_KINDS:
                raise EvalError(
                    f"Row {row['id']} is of the unknown kind {row['kind']!r}; choose from "
                    f"{', '.join(STUDY_KINDS)}.",
                    f"数据行 {row['id']} 的 kind “{row['kind']}”不存在；可用：{'、'.join(STUDY_KINDS)}。",
                )
    return asked


def study_stratum(row: RowDict) -> str:
    """What a study question is drawn by: the trap it sets, else its kind."""
    return str(row.get("attack") or row["kind"])


def outside_files(suite: str, data: Path | None) -> list[RowFile]:
    """The files of ``data``/suite, each a data set of its own.

    Raises:
        EvalError: The folder does not exist.
    """
    if data is None:
        return []
    if not data.is_dir():
        raise EvalError(
            f"The data folder {data} does not exist; give an existing folder to --data.",
            f"数据目录 {data} 不存在；请在 --data 中填写已有的目录。",
        )
    if not any(data.glob("*/*.jsonl")):
        raise EvalError(
            f"There is no <suite>/*.jsonl in {data}; give the folder that holds the suites' folders.",
            f"{data} 中没有 <suite>/*.jsonl；请给出包含各评测子目录的目录。",
        )
    found = []
    for path in sorted((data / suite).glob("*.jsonl")):
        if path.name.endswith(_PASSAGES):
            continue
        beside = path.with_name(path.stem + _PASSAGES)
        passages = tuple(read_rows(beside, strict=False)) if beside.is_file() else ()
        # Names that begin with "own" are ours.
        name = f"data_{path.stem}" if path.stem.startswith("own") else path.stem
        found.append(RowFile(name, tuple(read_rows(path, strict=False)), passages))
    return found


def sample(dataset: Dataset, limit: int | None, seed: int) -> Dataset:
    """At most ``limit`` cases, every stratum by its share; the same seed draws the same cases.

    A stratum takes one case of every group before a second of any, so that a few questions with
    many answers do not stand for all. All strata prefer the same groups, so that answers of
    different kinds to one question can be compared.
    """
    full = replace(dataset, available=dataset.available or len(dataset.cases))
    if limit is None or len(dataset.cases) <= limit:
        return full
    strata: dict[str, list[Case]] = {}
    for case in dataset.cases:
        strata.setdefault(case.stratum, []).append(case)
    total = len(dataset.cases)
    shares = {name: limit * len(cases) / total for name, cases in strata.items()}
    counts = {name: int(share) for name, share in shares.items()}
    by_rest = sorted(shares, key=lambda name: (counts[name] - shares[name], name))
    for name in by_rest[: limit - sum(counts.values())]:
        counts[name] += 1
    chosen = {
        case.id for name, cases in strata.items() for case in _drawn(cases, seed)[: counts[name]]
    }
    return replace(full, cases=tuple(case for case in dataset.cases if case.id in chosen))


def _drawn(cases: Sequence[Case], seed: int) -> list[Case]:
    turns: dict[str, int] = {}
    order = []
    for case in sorted(cases, key=lambda case: _hash(f"{seed}:{case.id}")):
        turn = turns[case.group] = turns.get(case.group, 0) + 1
        order.append((turn, _hash(f"{seed}:{case.group}"), case))
    return [case for _, _, case in sorted(order, key=lambda entry: entry[:2])]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def distinct(cases: Iterable[Case]) -> tuple[Case, ...]:
    """The cases, doubles of an id told apart by a number."""
    seen: dict[str, int] = {}
    found = []
    for case in cases:
        seen[case.id] = seen.get(case.id, 0) + 1
        times = seen[case.id]
        found.append(case if times == 1 else replace(case, id=f"{case.id}#{times}"))
    return tuple(found)


def make_dataset(
    suite: str, name: str, cases: Sequence[Case], setup: RowDict | None = None
) -> Dataset:
    """A data set whose case ids are unique."""
    return Dataset(suite, name, distinct(cases), setup or {}, available=len(cases))
