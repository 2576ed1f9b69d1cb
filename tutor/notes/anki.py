"""Anki decks (``.apkg``): a zip archive with an SQLite database, opened read-only and bounded."""

import io
import json
import sqlite3
import tempfile
import zipfile
from pathlib import Path

from tutor.errors import FileTooLargeError, UnreadableFileError
from tutor.notes.cards import Card, cloze, html_text

DATABASE_LIMIT = 200 * 1024 * 1024
_DATABASES = ("collection.anki21", "collection.anki2")
_MOST_CARDS = 500_000


def read_apkg(content: bytes, name: str) -> list[Card]:
    """The deck's notes as cards: first field the question, the other fields the answer.

    Raises:
        UnreadableFileError: It is damaged, or in the compressed format of new versions.
        FileTooLargeError: Its database is over the limit.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        names = archive.namelist()
        inner = next((one for one in _DATABASES if one in names), "")
        if "collection.anki21b" in names:
            raise UnreadableFileError(
                f"{name} uses Anki's newer packed format; export it again with “Support older Anki"
                " versions” ticked.",
                f"{name} 是 Anki 新版压缩格式；请勾选“支持旧版本 Anki”后重新导出。",
            )
        if not inner:
            raise _damaged(name)
        database = _bounded(archive, inner, name)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise _damaged(name) from error
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "collection.sqlite"
        path.write_bytes(database)
        try:
            return _cards(path)
        except (sqlite3.Error, ValueError, TypeError, AttributeError, KeyError) as error:
            raise _damaged(name) from error


def _bounded(archive: zipfile.ZipFile, inner: str, name: str) -> bytes:
    """Unpacks one member and stops at the limit, whatever size the archive claims."""
    with archive.open(inner) as file:
        content = file.read(DATABASE_LIMIT + 1)
    if len(content) > DATABASE_LIMIT:
        raise FileTooLargeError(
            f"{name} would unpack to more than {DATABASE_LIMIT // 2**20} MB; it is refused.",
            f"{name} 解压后超过 {DATABASE_LIMIT // 2**20} MB，已拒绝读取。",
        )
    return content


def _damaged(name: str) -> UnreadableFileError:
    return UnreadableFileError(
        f"{name} is not a readable Anki deck; export it again.",
        f"{name} 不是可读取的 Anki 牌组，请重新导出。",
    )


def _cards(path: Path) -> list[Card]:
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        decks = _decks(connection)
        rows = connection.execute(
            "SELECT n.flds, n.tags, MIN(c.did) FROM notes n LEFT JOIN cards c ON c.nid = n.id"
            " GROUP BY n.id ORDER BY n.id LIMIT ?",
            (_MOST_CARDS,),
        )
        return [
            _card(str(fields), str(tags or ""), decks.get(str(deck), ""), row)
            for row, (fields, tags, deck) in enumerate(rows, start=1)
        ]
    finally:
        connection.close()


def _decks(connection: sqlite3.Connection) -> dict[str, str]:
    """Deck names by id; none where the database keeps them in another way."""
    try:
        (packed,) = connection.execute("SELECT decks FROM col").fetchone()
        return {key: str(deck["name"]) for key, deck in json.loads(packed).items()}
    except (sqlite3.Error, ValueError, TypeError, KeyError):
        return {}


def _card(fields: str, tags: str, deck: str, row: int) -> Card:
    parts = [html_text(part) for part in fields.split("\x1f")]
    question, answer = parts[0], "\n\n".join(part for part in parts[1:] if part)
    gapped = cloze(question, answer)
    if gapped:
        question, answer = gapped
    topic = deck if deck and deck != "Default" else " ".join(tags.split())
    return Card(question, answer, row, row, topic.replace("::", " / "))
