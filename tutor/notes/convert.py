"""Other file formats: Word, PDF, HTML, CSV and Anki decks, each read without running anything."""

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from tutor.errors import FileTooLargeError, NotesError, UnreadableFileError
from tutor.notes.anki import read_apkg
from tutor.notes.cards import notes_of
from tutor.notes.columns import read_csv, report_cards
from tutor.notes.parse import parse_report
from tutor.notes.read import decode, read_bytes
from tutor.notes.report import ParseReport
from tutor.notes.types import Note

SUFFIXES = (".docx", ".pdf", ".html", ".htm", ".csv", ".tsv", ".apkg")
_SAFE_LINK = re.compile(r"https?:|mailto:|[^:]*(?:[/?#]|$)", re.IGNORECASE)
UNPACKED_LIMIT = 200 * 1024 * 1024


def convert(path: Path, name: str) -> tuple[list[Note], ParseReport | None]:
    """The notes of a file that is not plain text; a report of its lines where it becomes text.

    Raises:
        NotesError: The converter is not installed, or the file cannot be used.
    """
    suffix = path.suffix.lower()
    content = read_bytes(path)
    if suffix in (".csv", ".tsv"):
        text = decode(content, name=path.name)
        cards = read_csv(text, path.name)
        notes = notes_of(cards, name)
        return notes, report_cards(text, cards, notes, name)
    if suffix == ".apkg":
        return notes_of(read_apkg(content, path.name), name), None
    if suffix == ".docx":
        text = _docx_text(content, path.name)
    elif suffix == ".pdf":
        text = _pdf_text(content, path.name)
    else:
        text = _html_markdown(decode(content, name=path.name), path.name)
    return parse_report(text, file=name)


def check_zip(content: bytes, name: str) -> zipfile.ZipFile:
    """The archive, if it is one and does not unpack to more than ``UNPACKED_LIMIT`` bytes.

    Raises:
        UnreadableFileError: It is damaged.
        FileTooLargeError: It would unpack to too much.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise damaged(name) from error
    total = sum(entry.file_size for entry in archive.infolist())
    if total > UNPACKED_LIMIT or len(archive.infolist()) > 100_000:
        raise FileTooLargeError(
            f"{name} would unpack to {total / 2**20:.0f} MB; it is refused.",
            f"{name} 解压后将达到 {total / 2**20:.0f} MB，已拒绝读取。",
        )
    return archive


def damaged(name: str) -> UnreadableFileError:
    """The error for a file that is not what its name says."""
    return UnreadableFileError(
        f"{name} is damaged or not what its name says; export it again.",
        f"{name} 已损坏或与扩展名不符，请重新导出。",
    )


def _module(name: str, file: str) -> ModuleType:
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise NotesError(
            f"Reading {file} needs an extra: pip install 'interview-tutor[documents]'.",
            f"读取 {file} 需要安装附加组件：pip install 'interview-tutor[documents]'。",
        ) from error


@contextmanager
def _converting(name: str) -> Iterator[None]:
    """Whatever a converter raises on a broken file becomes one clear error."""
    try:
        yield
    except NotesError:
        raise
    except Exception as error:
        raise damaged(name) from error


def _docx_text(content: bytes, name: str) -> str:
    archive = check_zip(content, name)
    if "word/document.xml" not in archive.namelist():
        raise damaged(name)
    mammoth = _module("mammoth", name)
    with _converting(name):
        # pictures are named, not embedded: their bytes would drown the text
        picture = mammoth.images.img_element(lambda image: {"src": "image"})
        result = mammoth.convert_to_html(io.BytesIO(content), convert_image=picture)
    return _html_markdown(result.value, name)


def _html_markdown(page: str, name: str) -> str:
    bs4, markdownify = _module("bs4", name), _module("markdownify", name)
    with _converting(name):
        soup = bs4.BeautifulSoup(page, "html.parser")
        for tag in soup(
            ["script", "style", "head", "noscript", "template", "iframe", "object", "nav", "footer"]
        ):
            tag.decompose()
        for tag in soup.find_all(href=True):
            if not _SAFE_LINK.match(str(tag["href"]).strip()):
                del tag["href"]
        return str(
            markdownify.MarkdownConverter(heading_style="ATX", bullets="-").convert_soup(soup)
        )


def _pdf_text(content: bytes, name: str) -> str:
    if not content.startswith(b"%PDF"):
        raise damaged(name)
    pypdf = _module("pypdf", name)
    with _converting(name):
        reader = pypdf.PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableFileError(
                f"{name} is protected by a password; save it without one.",
                f"{name} 设有密码，请另存为无密码的文件。",
            )
        text = "\n\n".join(page.extract_text() or "" for page in reader.pages)
    if not text.strip():
        raise UnreadableFileError(
            f"{name} holds no text, only pictures of pages; run text recognition on it first.",
            f"{name} 只有页面图片、没有文字；请先做文字识别。",
        )
    return text
