"""Opening a database: connection rules, and the schema brought up to date."""

from pathlib import Path

import sqlalchemy as sa

from tutor.errors import LedgerError
from tutor.progress.tables import clear_errors

HEAD = "0001"
BUSY_MS = 10_000
_MIGRATIONS = Path(__file__).with_name("migrations")


def open_engine(url: str) -> sa.Engine:
    """An engine for the ledger with its schema at `HEAD`.

    SQLite runs in WAL mode, waits ten seconds for other writers and takes the write lock at the
    start of a writing transaction, so that two tabs queue instead of failing midway.

    Raises:
        LedgerError: The database cannot be opened, is damaged, or is from a newer version.
    """
    with clear_errors():
        try:
            parsed = sa.make_url(url)
            if parsed.get_backend_name() == "postgresql" and "+" not in parsed.drivername:
                parsed = parsed.set(drivername="postgresql+psycopg")
            if parsed.get_backend_name() == "sqlite" and parsed.database:
                _make_folder(parsed.database)
            engine = sa.create_engine(parsed, pool_pre_ping=True)
        except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ImportError) as error:
            raise LedgerError(
                "TUTOR_DATABASE_URL cannot be used; write sqlite:///path/of/file.db, or "
                "postgresql://user@host/name with the extra `postgres` installed.",
                "TUTOR_DATABASE_URL 无法使用；请写成 sqlite:///文件路径.db，或安装附加组件 postgres 后写成 "
                "postgresql://用户@主机/库名。",
            ) from error
        if engine.dialect.name == "sqlite":
            _tame_sqlite(engine)
        try:
            _upgrade(engine)
        except BaseException:
            engine.dispose()
            raise
        return engine


def _make_folder(database: str) -> None:
    if database not in ("", ":memory:") and not database.startswith("file:"):
        Path(database).expanduser().parent.mkdir(parents=True, exist_ok=True)


def _tame_sqlite(engine: sa.Engine) -> None:
    @sa.event.listens_for(engine, "connect")
    def connect(raw, _record) -> None:  # type: ignore[no-untyped-def]
        raw.isolation_level = None  # the driver's own BEGIN comes too late for what we need
        cursor = raw.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        cursor.execute("PRAGMA foreign_keys=ON")
        if cursor.execute("PRAGMA query_only").fetchone() == (0,):
            cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")  # an answer survives a power cut
        cursor.execute("PRAGMA secure_delete=ON")  # "delete my data" leaves no pages behind
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _version(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return str(found) if found is not None else None


def _upgrade(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        version = _version(connection)
    if version == HEAD:
        return  # the usual case: alembic need not even be imported
    known = {path.name.split("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py")}
    if version is not None and version not in known:
        raise LedgerError(
            "The progress database was written by a newer version; update the program to use it.",
            "学习记录数据库由更新的版本写入；请升级程序后再使用。",
        )
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            # Two replicas that start together must not both create the tables.
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(729411)"))
        if _version(connection) != HEAD:
            config.attributes["connection"] = connection
            command.upgrade(config, HEAD)
