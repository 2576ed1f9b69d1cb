"""What holds for every test: no network, no real settings, no real data or cache folder."""

import os

# Before any import that brings a copy of libgomp: two spinning engines starve each other.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")
os.environ.update(
    GRADIO_ANALYTICS_ENABLED="False",
    HF_HUB_OFFLINE="1",
    LANGSMITH_TRACING="false",
    LANGCHAIN_TRACING_V2="false",
)

import ipaddress
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import hypothesis
import platformdirs
import pytest

from tutor.settings import APP_NAME

# Machines differ and are busy: no test fails for being slow. Failures repeat with the same examples.
hypothesis.settings.register_profile(
    "tutor",
    deadline=None,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("tutor")

_REAL_CACHE = Path(
    os.environ.get("TUTOR_CACHE_DIR") or platformdirs.user_cache_path(APP_NAME)
).absolute()
_USES_REAL_MODELS = ("llm", "models", "browser")
_KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "DEEPSEEK_API_KEY", "OLLAMA_HOST")

# A proxy would stand between the tests and this machine's own addresses.
for _name in list(os.environ):
    if _name.upper().startswith("TUTOR_") or _name in _KEYS or _name.upper().endswith("_PROXY"):
        del os.environ[_name]


class NetworkBlockedError(RuntimeError):
    """A test tried to leave this machine.

    Not an OSError: code that rightly survives a missing network must not hide it.
    """


def _is_local(host: object) -> bool:
    if host in (None, "", "localhost", b"localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.decode() if isinstance(host, bytes) else str(host))
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _refuse(host: object) -> NoReturn:
    raise NetworkBlockedError(f"tests may not reach {host!r}; only this machine's own addresses")


def _guard_network(event: str, args: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        address = args[1]
        if isinstance(address, tuple) and not _is_local(address[0]):
            _refuse(address[0])
    elif event == "socket.getaddrinfo" and not _is_local(args[0]):
        _refuse(args[0])


# An audit hook rather than patched methods: nothing in the process can take it off again.
sys.addaudithook(_guard_network)


@pytest.fixture
def nobody() -> Iterator[str]:
    """The address of a port of this machine where nobody listens, and nobody else will."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


@pytest.fixture(scope="session")
def real_cache() -> Path:
    """The user's own cache folder; only for tests marked `llm`, `models` or `browser`."""
    return _REAL_CACHE


@pytest.fixture(scope="session", autouse=True)
def _away_from_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Fixtures of a module or the session, too, find no `.env` in the working folder."""
    before = Path.cwd()
    os.chdir(tmp_path_factory.mktemp("cwd"))
    yield
    os.chdir(before)


@pytest.fixture(autouse=True)
def _isolated(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An empty working folder (so no `.env`), and data and cache folders inside it."""
    real = any(request.node.get_closest_marker(name) for name in _USES_REAL_MODELS)
    work = tmp_path / "cwd"
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setenv("TUTOR_DATA_DIR", str(tmp_path / "home" / "data"))
    monkeypatch.setenv("TUTOR_CACHE_DIR", str(_REAL_CACHE if real else tmp_path / "home" / "cache"))
