"""Ledgers for the tests: SQLite always, Postgres where its programs are installed."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tutor.progress import migrate
from tutor.progress.ledger import Ledger


def postgres_programs() -> Path | None:
    """Folder of `initdb` and `pg_ctl`; None where they are not installed."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which("initdb")
    if found:
        places.append(Path(found).parent)
    return next((p for p in places if (p / "initdb").exists() and (p / "pg_ctl").exists()), None)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real server of our own on a socket in a temporary folder, gone afterwards."""
    pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")
    programs = postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (apt install postgresql)")
    # The server refuses to run as root; its own user then needs a folder it can enter.
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    account = ["runuser", "-u", "postgres", "--"] if as_root else []
    # Not pytest's own folder: the path of a socket must be short.
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
    if as_root:
        shutil.chown(folder, "postgres")
    data = folder / "data"
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    run = {"check": True, "capture_output": True, "cwd": "/"}
    control = [*account, str(programs / "pg_ctl"), "-D", str(data), "-w", "-t", "600"]
    try:
        subprocess.run(
            [
                *account,
                str(programs / "initdb"),
                "-D",
                str(data),
                "-A",
                "trust",
                "-U",
                "tutor",
                "-E",
                "UTF8",
                "--no-locale",  # that of the environment need not be installed
            ],
            **run,  # type: ignore[call-overload]
        )
        # The log goes to a file: a server that holds our pipe would keep `run` waiting.
        subprocess.run([*control, "-l", str(folder / "log"), "-o", options, "start"], **run)  # type: ignore[call-overload]
        yield f"postgresql://tutor@/postgres?host={folder}"
    finally:
        subprocess.run(
            [*control, "-m", "immediate", "stop"], check=False, capture_output=True, cwd="/"
        )
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgres"])
def ledger(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Ledger]:
    """An empty ledger, once on each database."""
    monkeypatch.setattr(migrate, "BUSY_MS", 600_000)  # threads take turns, however slow the disk
    if request.param == "sqlite":
        opened = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    else:
        opened = Ledger(request.getfixturevalue("postgres_url"))
        for user in opened.users():
            opened.delete_user(user)
    yield opened
    opened.close()
