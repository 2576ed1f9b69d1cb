"""The command line as a user types it: what it prints and how it ends."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tutor import __version__

NOTES = "1.什么是甲?\n\n甲是第一个，它排在最前面。甲之后才是乙。\n\n2.什么是乙?\n\nTODO\n"


def run(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "SYSTEMROOT")}
    root = Path(__file__).resolve().parent.parent
    return subprocess.run(
        [sys.executable, "-m", "tutor", *args],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={
            **kept,
            "PYTHONPATH": str(root),
            "PYTHONIOENCODING": "utf-8",
            "TUTOR_DATA_DIR": str(Path("data").absolute()),
            "TUTOR_CACHE_DIR": str(Path("cache").absolute()),
            **env,
        },
        check=False,
    )


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "mine.md"
    path.write_text(NOTES, encoding="utf-8")
    return path


def test_help_names_the_commands() -> None:
    shown = run("--help")
    assert shown.returncode == 0
    for command in ("serve", "ingest", "doctor", "export", "import", "models"):
        assert command in shown.stdout


def test_an_unknown_setting_is_one_sentence_and_exit_2() -> None:
    for lang, word in (("zh", "未知的设置"), ("en", "Unknown setting")):
        failed = run("models", "list", TUTOR_MODLE="x", TUTOR_LANGUAGE=lang)
        assert failed.returncode == 2
        assert word in failed.stderr
        assert "TUTOR_MODLE" in failed.stderr
        assert len(failed.stderr.splitlines()) == 1


def test_an_unknown_command_is_no_traceback() -> None:
    failed = run("dance")
    assert failed.returncode == 2
    assert "Traceback" not in failed.stderr


def test_the_note_doctor_names_file_line_and_what_to_do(notes: Path) -> None:
    seen = run("doctor", "notes", str(notes), "--lines")
    assert seen.returncode == 1
    assert "mine.md:5" in seen.stdout
    assert "2 道题，其中 1 道可用于面试" in seen.stdout


def test_the_doctor_says_what_is_missing_and_what_to_do(notes: Path) -> None:
    seen = run("doctor", TUTOR_NOTES=str(notes), TUTOR_LANGUAGE="en")
    assert seen.returncode == 1
    assert "models pull" in seen.stdout
    assert "2 questions, 1 ready" in seen.stdout


def test_without_the_embedding_model_ingest_says_how_to_get_it(notes: Path) -> None:
    failed = run("ingest", TUTOR_NOTES=str(notes))
    assert failed.returncode == 2
    assert "models pull" in failed.stderr
    assert "Traceback" not in failed.stderr


def test_models_list_names_every_file() -> None:
    listed = run("models", "list")
    assert listed.returncode == 0
    assert listed.stdout.count("missing") >= 3


def test_a_data_folder_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("x", encoding="utf-8")
    failed = run("export", "out.csv", TUTOR_DATA_DIR=str(blocker / "data"))
    assert failed.returncode == 2
    assert "Traceback" not in failed.stderr
    assert len(failed.stderr.splitlines()) == 1


def test_the_package_has_a_version() -> None:
    assert __version__
