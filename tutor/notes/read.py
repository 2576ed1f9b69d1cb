"""Files to text: encodings, size limit, refusal of what is not text."""

import codecs
import os
import re
from pathlib import Path

from tutor.errors import FileTooLargeError, NotesError, UnreadableFileError

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
MAX_BYTES = 50 * 1024 * 1024
# Chinese in GB18030 has two high bytes in a row; an accent or a curly quote of Western text has one.
_HIGH_PAIR = re.compile(rb"[\x80-\xff]{2}")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def read_bytes(path: Path | str, *, limit: int = MAX_BYTES) -> bytes:
    """The file's bytes.

    Raises:
        FileTooLargeError: It holds more than ``limit`` bytes.
        NotesError: It is missing, a folder, or may not be read.
    """
    path = Path(path)
    try:
        if not path.is_file():
            raise NotesError(
                f"{path.name} is not a file; check the path.", f"{path.name} 不是文件，请检查路径。"
            )
        size = os.stat(path).st_size
        if size > limit:
            raise FileTooLargeError(
                f"{path.name} has {size / 2**20:.0f} MB, over the limit of {limit / 2**20:.0f} MB;"
                " split it into smaller files.",
                f"{path.name} 大小为 {size / 2**20:.0f} MB，超过 {limit / 2**20:.0f} MB 的上限；"
                "请拆成较小的文件。",
            )
        return path.read_bytes()
    except OSError as error:
        raise NotesError(
            f"{path.name} cannot be read ({error.strerror or error}); check its permissions.",
            f"无法读取 {path.name}（{error.strerror or error}），请检查访问权限。",
        ) from error


def read_file(path: Path | str, *, limit: int = MAX_BYTES) -> str:
    """The file's text, line endings kept, a byte-order mark taken off.

    UTF-8, UTF-16 and UTF-32 with a mark, UTF-16 without one, and GB18030 are read.

    Raises:
        UnreadableFileError: It is not text.
        FileTooLargeError: It is over the limit.
    """
    return decode(read_bytes(path, limit=limit), name=Path(path).name)


def decode(content: bytes, *, name: str) -> str:
    """Bytes to text by byte-order mark, else UTF-8, UTF-16, GB18030 or Windows-1252, what fits.

    Raises:
        UnreadableFileError: None of them does.
    """
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            try:
                return content[len(mark) :].decode(encoding)
            except UnicodeDecodeError as error:
                raise _not_text(name) from error
    if b"\0" in content:
        return _decode_utf16(content, name)
    try:
        return _checked(content.decode("utf-8"), name)
    except UnicodeDecodeError:
        pass
    if not _HIGH_PAIR.search(content):
        return _checked(content.decode("cp1252", "replace"), name)
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError as error:
        raise _not_text(name) from error
    return _checked(_common(text, name), name)


def _decode_utf16(content: bytes, name: str) -> str:
    """UTF-16 without a mark: spaces and line ends leave zeros nearly all on one side."""
    low, high = content[0::2].count(0), content[1::2].count(0)
    encoding = "utf-16-le" if high > low else "utf-16-be"
    if len(content) % 2 or max(low, high) < 5 * min(low, high):
        raise _not_text(name)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise _not_text(name) from error
    return _checked(_common(text, name), name)


def _common(text: str, name: str) -> str:
    """The text, if it is mostly Latin letters, Chinese and their punctuation.

    Bytes that are no text often decode all the same, into characters nobody writes.
    """
    common = sum(
        char.isascii() or "\u2000" <= char <= "\u9fff" or "\uff00" <= char <= "\uffef"
        for char in text
    )
    if common < 0.9 * len(text):
        raise _not_text(name)
    return text


def _checked(text: str, name: str) -> str:
    control = len(_CONTROL.findall(text, 0, 100_000))
    if control > 0.02 * min(len(text), 100_000):
        raise _not_text(name)
    return text


def _not_text(name: str) -> UnreadableFileError:
    return UnreadableFileError(
        f"{name} is not a text file we can read; save it as UTF-8 text or Markdown.",
        f"{name} 不是可读取的文本文件，请另存为 UTF-8 文本或 Markdown。",
    )
