"""Connections: one writing engine, one reading engine, and the lock that keeps a data folder to one service.

Owns pragmas, transaction modes and how driver errors become `StoreUnavailable`. Holds no tables and no queries.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, create_engine, event, exc
from sqlalchemy.engine import URL, make_url

from service.errors import ConfigurationError, Overloaded, StoreUnavailable

# Any number will do as long as no other program uses it for an advisory lock on the same database.
_WRITER_LOCK = 0x77697265
# Measured on SQLite: a deferred BEGIN fails under contention however long the busy timeout is, hence BEGIN IMMEDIATE.
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000")
# A database that vanished without a word is noticed within a minute instead of a quarter of an hour, for which every request that
# reads would hang: seconds, but `tcp_user_timeout`, which is in milliseconds. None of them bounds a statement.
_IN_TIME = {
    "connect_timeout": 10,
    "keepalives_idle": 20,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 40_000,
}


class DataFolderInUse(ConfigurationError):  # noqa: N818 - named as in service/errors.py
    """Another Wiretrace process is using this data folder or database; stop it or choose another."""


@dataclass(frozen=True, slots=True)
class Engines:
    writer: Engine
    reader: Engine

    def dispose(self) -> None:
        # The reader first: the last connection to close folds the write-ahead log back, and a query-only one cannot.
        self.reader.dispose()
        self.writer.dispose()


def open_engines(database_url: str, readers: int = 8) -> Engines:
    """`readers` connections stay open and twice as many may be in use at once. Opens no connection yet."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        return _sqlite_engines(url, readers)
    if url.get_backend_name() == "postgresql":
        # Error messages are logged, and the parameters of a statement hold article text.
        shared: dict[str, Any] = {"pool_pre_ping": True, "pool_timeout": 10, "hide_parameters": True}
        shared["connect_args"] = {name: value for name, value in _IN_TIME.items() if name not in url.query}
        return Engines(
            writer=create_engine(url, pool_size=1, max_overflow=0, **shared),
            # Several statements of one read must see one state.
            reader=create_engine(
                url,
                pool_size=readers,
                max_overflow=readers,
                isolation_level="REPEATABLE READ",
                execution_options={"postgresql_readonly": True},
                **shared,
            ),
        )
    raise ValueError(f"the store runs on sqlite and postgresql, not on {url.get_backend_name()}")


def _sqlite_engines(url: URL, readers: int) -> Engines:
    if database_file(url.render_as_string(hide_password=False)) is None:
        raise ValueError("an in-memory SQLite database cannot be shared by a writer and its readers; name a file")
    arguments: dict[str, Any] = {"connect_args": {"check_same_thread": False}, "pool_timeout": 10, "hide_parameters": True}
    writer = create_engine(url, pool_size=1, max_overflow=0, **arguments)
    reader = create_engine(url, pool_size=readers, max_overflow=readers, **arguments)

    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").close()

    def refuse_writes(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA query_only=ON").close()

    for engine in (writer, reader):
        event.listen(engine, "connect", prepare)
    event.listen(reader, "connect", refuse_writes)
    event.listen(writer, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    event.listen(reader, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return Engines(writer, reader)


def sqlite_url(file: Path) -> str:
    """The address of a SQLite file."""
    return URL.create("sqlite", database=str(file.resolve())).render_as_string()


def database_file(database_url: str) -> Path | None:
    """The SQLite file behind an address; None where there is none (another database, or memory)."""
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database))


def take_writer_lock(connection: Connection) -> None:
    """Waits until no other process writes; held until the transaction ends. SQLite has taken it with BEGIN IMMEDIATE."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})")


class FolderLock:
    """Keeps the folder of a SQLite file to one writing process; the system frees it when the process dies, however it dies.

    Several processes on one folder would each keep an own index in memory and miss what the other writes.
    """

    def __init__(self, database_url: str) -> None:
        file = database_file(database_url)
        # Not bound to a thread: a service opens and closes its store wherever its pool runs it.
        self._lock = None if file is None else FileLock(f"{file}.lock", thread_local=False)

    def acquire(self) -> None:
        """Raises DataFolderInUse at once when another process, or another store of this one, holds it."""
        if self._lock is None:
            return
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise DataFolderInUse(
                f"another Wiretrace process is using {Path(self._lock.lock_file).parent}; stop it or choose another data folder"
            ) from error
        except OSError as error:
            raise StoreUnavailable(f"the data folder cannot be written: {error}") from error

    def release(self) -> None:
        if self._lock is not None:
            self._lock.release()


@contextmanager
def driver_errors_translated() -> Iterator[None]:
    """What the database cannot do now becomes Overloaded or StoreUnavailable; a broken rule of the data stays what it is."""
    try:
        yield
    except exc.TimeoutError as error:
        raise Overloaded("every database connection is busy") from error
    except (exc.IntegrityError, exc.DataError, exc.ProgrammingError, exc.NotSupportedError):
        raise
    # What is left is locked, full, gone, not to be read, or damaged.
    except (exc.DatabaseError, exc.InterfaceError) as error:
        raise StoreUnavailable(f"the database refused: {error.orig}") from error
