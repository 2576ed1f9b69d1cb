"""A run as a value that can be written, read back and compared: the JSON other programs rely on."""

import hashlib
import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from tutor.errors import EvalError
from tutor.eval.bench import Bench, code_digest
from tutor.eval.runner import Run
from tutor.eval.types import Outcome, digest_of
from tutor.llm import catalogue

FORMAT = 1
_PACKAGES = (
    "interview-tutor numpy torch transformers sentence-transformers langchain-core chromadb "
    "bm25s jieba xllamacpp scikit-learn fsrs"
).split()
Report = dict[str, Any]


def make_report(run: Run, bench: Bench) -> Report:
    """The run as JSON values: settings, versions, machine, figures, and every case."""
    options = bench.options
    return {
        "format": FORMAT,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(run.seconds, 1),
        "partial": run.partial,
        "settings": {
            "model": bench.model_name,
            "embedding": bench.settings.embedding,
            "english_embedding": bench.english_name,
            "context_tokens": bench.settings.context_tokens,
            "fast": options.fast,
            "limit": options.limit,
            "seed": options.seed,
            "jobs": options.jobs,
            "judge": options.judge,
            "suites": list(options.suites),
            "switches": bench.switches,
        },
        "versions": _versions(),
        "digests": {
            "notes": bench.notes_digest,
            "model": _model_digest(bench.model_name, catalogue.LLM.sha256, "local"),
            "embedding": _model_digest(
                bench.encoder_setting, catalogue.EMBEDDING.sha256, "bundled"
            ),
            "code": code_digest("search", "critique", "study", "interview", "notes", "llm"),
            "datasets": {
                f"{part.dataset.suite}/{part.dataset.name}": digest_of(
                    [case.digest for case in part.dataset.cases]
                )
                for part in run.runs
            },
        },
        "machine": _machine(),
        "skipped": [asdict(skip) for skip in run.skipped],
        "datasets": [
            {
                "suite": part.dataset.suite,
                "dataset": part.dataset.name,
                "cases": len(part.dataset.cases),
                "available": part.dataset.available,
                "failed": sum(bool(outcome.error) for outcome in part.outcomes),
                "from_cache": part.reused,
                "seconds": round(part.seconds, 1),
            }
            for part in run.runs
        ],
        "figures": [asdict(figure) for figure in run.figures],
        "cases": [
            {"suite": part.dataset.suite, "dataset": part.dataset.name, **asdict(outcome)}
            for part in run.runs
            for outcome in part.outcomes
        ],
    }


def write_report(report: Mapping[str, Any], path: Path) -> None:
    """Write a report, whole or not at all.

    Raises:
        EvalError: The file cannot be written.
    """
    # One line a case: a baseline in version control stays small and can be read as a diff.
    held = {name: value for name, value in report.items() if name != "cases"}
    text = json.dumps(held, ensure_ascii=False, indent=1).removesuffix("\n}")
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in report.get("cases", ()))
    write_text(f'{text},\n "cases": [\n{lines}\n ]\n}}\n', path)


def write_text(text: str, path: Path) -> None:
    """Write a text file, whole or not at all.

    Raises:
        EvalError: The file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(path.name + ".part")
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise EvalError(
            f"{path} cannot be written ({error.strerror}); give another file to --out.",
            f"无法写入 {path}（{error.strerror}）；请在 --out 中另给一个文件。",
        ) from error


def read_report(path: Path) -> Report:
    """A report that `write_report` wrote.

    Raises:
        EvalError: The file is missing or no such report.
    """
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(report["figures"], list):
            raise TypeError("figures is no list")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EvalError(
            f"{path} is not an evaluation report ({error}); give a file written by --out.",
            f"{path} 不是评测报告（{error}）；请给出由 --out 写出的文件。",
        ) from error
    return dict(report)


def outcomes_of(report: Mapping[str, Any]) -> dict[tuple[str, str], list[Outcome]]:
    """The outcomes in a report, by suite and data set."""
    found: dict[tuple[str, str], list[Outcome]] = {}
    for case in report.get("cases", ()):
        fields = {name: case[name] for name in Outcome.__slots__ if name in case}
        found.setdefault((case["suite"], case["dataset"]), []).append(Outcome(**fields))
    return found


def as_baseline(report: Mapping[str, Any]) -> Report:
    """The report without evidence and what else changes from run to run."""
    cases = [
        {
            name: case[name]
            for name in ("suite", "dataset", "case_id", "group", "values", "error", "badness")
        }
        | {"seconds": round(case["seconds"], 4)}
        for case in report["cases"]
    ]
    kept = {name: value for name, value in report.items() if name not in ("cases", "machine")}
    return {**kept, "machine": report["machine"], "cases": cases}


def _model_digest(name: str, shipped: str, ours: str) -> str:
    """SHA-256 of a model: of ours as the catalogue has it, of a file or folder what lies there.

    Empty where there is no model, or none whose files are here.
    """
    if name == ours:
        return shipped
    place = Path(name)
    files = [place] if place.is_file() else sorted(place.rglob("*")) if place.is_dir() else []
    total = hashlib.sha256()
    for path in files:
        if path.is_file():
            with path.open("rb") as held:
                total.update(hashlib.file_digest(held, "sha256").digest())
    return total.hexdigest() if files else ""


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    return found


def _machine() -> dict[str, Any]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = None
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        memory = round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1)
    return {
        "system": platform.system(),
        "processor": platform.machine(),
        "cores": cores,
        "memory_gib": memory,
    }
