"""The database under the ledger: connections, transactions, whole records."""

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Self
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from tutor.errors import LedgerError
from tutor.progress import tables as t
from tutor.progress.migrate import open_engine


class Store:
    """An open database; safe to share between threads.

    Args:
        url: SQLAlchemy URL.

    Raises:
        LedgerError: The database cannot be opened; every method raises it when the database
            refuses the work.
    """

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)
        self._bound: sa.Connection | None = None

    def close(self) -> None:
        """Give back the database's files and connections."""
        self._engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[Self]:
        """A ledger whose calls are kept together at the end of the block, or not at all."""
        with self._connect(writes=True) as connection:
            inside = copy.copy(self)
            inside._bound = connection
            yield inside

    @contextmanager
    def _connect(self, writes: bool) -> Iterator[sa.Connection]:
        if self._bound is not None:
            with t.clear_errors():
                yield self._bound
            return
        with (
            t.clear_errors(),
            self._engine.connect().execution_options(writes=writes) as connection,
            connection.begin(),
        ):
            yield connection

    def rows_of(self, user: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every row of the user as (table name, columns), parents first, in a fixed order."""
        with self._connect(writes=False) as db:
            for table in t.ALL:
                query = sa.select(table).where(table.c.user_id == user)
                for row in db.execute(query.order_by(*table.primary_key.columns)):
                    yield table.name, dict(row._mapping)

    def add_rows(self, rows: Sequence[tuple[str, dict[str, Any]]]) -> int:
        """Bring rows that `rows_of` gave; rows that are already there stay. The number added."""
        by_name = {table.name: table for table in t.ALL}
        added = 0
        with self._connect(writes=True) as db:
            for name, row in rows:
                table = by_name[name]
                same = sa.and_(*(column == row[column.name] for column in table.primary_key))
                owner = db.execute(sa.select(table.c.user_id).where(same)).scalar()
                if owner is None:
                    db.execute(sa.insert(table).values(**row))
                    added += 1
                elif owner != row["user_id"]:
                    raise LedgerError(
                        "These records belong to another user here; import them under that name.",
                        "这些记录在此处属于另一位用户；请以该用户名导入。",
                    )
        return added

    def _ensure(self, db: sa.Connection, user: str, now: datetime) -> None:
        insert = postgresql.insert if db.dialect.name == "postgresql" else sqlite.insert
        row = insert(t.users).values(user_id=user, created_at=t.iso(now))
        db.execute(row.on_conflict_do_nothing())

    def _log(
        self, table: sa.Table, key: str, user: str, values: dict[str, Any], at: datetime
    ) -> None:
        stored = values | {key: uuid4().hex, "user_id": user, "at": t.iso(at)}
        with self._connect(writes=True) as db:
            self._ensure(db, user, at)
            db.execute(sa.insert(table).values(**stored))

    def _logged(self, table: sa.Table, key: str, user: str) -> list[dict[str, Any]]:
        query = sa.select(table).where(table.c.user_id == user)
        with self._connect(writes=False) as db:
            rows = [dict(r._mapping) for r in db.execute(query.order_by(table.c.at, table.c[key]))]
        for row in rows:
            del row[key], row["user_id"]
            row["at"] = t.moment(row["at"])
        return rows
