"""Starting and stopping the page."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.ui.conftest import NOTES, free_port, make_settings
from tutor.errors import ServeError
from ui.app import build_page, launch, launch_options
from ui.serve import _refused, address, check_port, warm

ROOT = Path(__file__).resolve().parents[2]


def test_a_port_in_use_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServeError, match=f"Port {port} is in use") as caught:
            check_port("127.0.0.1", port)
    assert f"端口 {port} 已被占用" in caught.value.text("zh")


def test_a_port_taken_while_the_page_starts_is_named(tutor):
    port = tutor.settings.port
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with pytest.raises(OSError) as caught:
            launch(build_page(tutor), tutor)
    assert f"Port {port} is in use" in _refused("127.0.0.1", port, caught.value).en


def test_a_free_port_is_accepted():
    check_port("127.0.0.1", free_port())


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(ServeError, match="no address of this machine"):
        check_port("192.0.2.1", 7860)


def test_the_address_is_one_a_browser_can_open(tmp_path):
    anywhere = make_settings(tmp_path, port=7860, host="0.0.0.0")  # noqa: S104
    assert address(anywhere) == "http://127.0.0.1:7860"
    assert address(make_settings(tmp_path, port=7860, host="::1")) == "http://[::1]:7860"


def test_warming_up_uses_the_encoder(tutor, monkeypatch):
    asked = []
    encode = tutor.encoder.encode
    monkeypatch.setattr(
        tutor.encoder,
        "encode",
        lambda texts, **side: (asked.append(texts), encode(texts, **side))[1],
    )
    warm(tutor)
    assert len(asked) == 1


def test_the_page_asks_nothing_of_other_machines(tutor):
    page = build_page(tutor)
    options = launch_options(tutor)
    assert options["share"] is False
    assert options["server_name"] == "127.0.0.1"
    assert options["ssr_mode"] is False
    fonts = options["theme"]._font_css + options["theme"]._stylesheets
    assert [css for css in fonts if "http" in str(css)] == []
    assert page.title == "面试教练 · Interview Tutor"


def test_the_page_key_stays_the_same_after_a_restart(tutor):
    build_page(tutor)
    path = tutor.settings.data_dir / "page.key"
    first = path.read_text()
    build_page(tutor)
    assert path.read_text() == first
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.models
@pytest.mark.usefixtures("heard_interrupts")
def test_the_command_serves_and_ends_cleanly_on_ctrl_c(tmp_path, real_cache):
    if not (real_cache / "models" / "e5-small-q4.bin").exists():
        pytest.skip("the embedding model is not installed")
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "deep.md").write_text(NOTES, encoding="utf-8")
    port = free_port()
    environment = os.environ | {
        "TUTOR_MODEL": "none",
        "TUTOR_NOTES": str(notes),
        "TUTOR_DATA_DIR": str(tmp_path / "data"),
        "TUTOR_CACHE_DIR": str(real_cache),
        "TUTOR_PORT": str(port),
        "PYTHONPATH": str(ROOT),
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "tutor", "serve"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        while server.poll() is None:
            try:
                page = urllib.request.urlopen(f"http://127.0.0.1:{port}/")
                break
            except OSError:  # not yet listening, or cut off while it starts
                time.sleep(0.3)
        assert page.status == 200
        assert server.stdout is not None
        first = server.stdout.readline()
        while first and str(port) not in first:
            first = server.stdout.readline()
    finally:
        server.send_signal(signal.SIGINT)
        said, _ = server.communicate()
    assert f"http://127.0.0.1:{port}" in first
    assert "Traceback" not in said
    assert server.returncode == 0
