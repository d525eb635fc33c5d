"""The store on a SQL database: hands out reading sessions and the one writing session.

The only place that begins and ends transactions. What a flow wrote becomes visible when its block ends, or not at all.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Self

from sqlalchemy.exc import SQLAlchemyError

from service.errors import Overloaded, SchemaMismatch, StoreUnavailable, WiretraceError
from service.store.database_lock import DatabaseLock
from service.store.engine import FolderLock, driver_errors_translated, open_engines, take_writer_lock
from service.store.migrate import current_revision, head_revision
from service.store.reading import SqlReadSession
from service.store.turns import Turns
from service.store.writing import SqlWriteSession


class SqlStore:
    """Implements `service.ports.Store` on SQLite (a file) or PostgreSQL. May be used by many threads.

    `database_url` is a SQLAlchemy address whose schema is current (see `service.store.migrate.upgrade`). `readers`
    connections are kept for reading, twice as many at most. With `writable=False` folder or database are not
    locked and `write()` refuses. Raises SchemaMismatch, DataFolderInUse, StoreUnavailable.
    """

    def __init__(self, database_url: str, *, readers: int = 8, writable: bool = True, write_timeout_s: float = 60.0) -> None:
        found, wanted = current_revision(database_url), head_revision()
        if found != wanted:
            raise SchemaMismatch(f"the schema is {found or 'none'}, needed is {wanted}: run `wiretrace migrate`")
        self._folder = FolderLock(database_url) if writable else None
        if self._folder is not None:
            self._folder.acquire()
        self._engines = open_engines(database_url, readers)
        self._lock = DatabaseLock(self._engines.writer)
        if writable:
            try:
                self._lock.acquire()
                self._lock.enter()
            except WiretraceError:
                self._engines.dispose()
                raise
        self._writing = Turns()
        self._writer_thread: int | None = None
        self._write_timeout_s = write_timeout_s

    @property
    def is_writable(self) -> bool:
        return self._folder is not None

    @property
    def is_superseded(self) -> bool:
        """Whether another process has written to the database since: what this one holds in memory is out of date."""
        return self._lock.is_lost

    def hold(self) -> None:
        """Makes the writing connection anew where it was lost, and with it finds out whether another process has taken the place
        meanwhile. Does nothing while somebody writes, and raises nothing: the next write says what is wrong.
        """
        if not self._writing.acquire(timeout=0):
            return
        try:
            with suppress(WiretraceError, SQLAlchemyError):
                self._engines.writer.connect().close()
        finally:
            self._writing.release()

    @contextmanager
    def read(self) -> Iterator[SqlReadSession]:
        """Raises StoreUnavailable, and Overloaded when every reading connection stays busy for 10 s."""
        if self.is_superseded:  # another service stands in its place: this one is not to be taken for ready
            raise StoreUnavailable("another Wiretrace process has used the database since; start this one again")
        with driver_errors_translated(), self._engines.reader.begin() as connection:
            yield SqlReadSession(connection)

    @contextmanager
    def write(self) -> Iterator[SqlWriteSession]:
        """Raises StoreUnavailable, and Overloaded when another thread writes for longer than the write timeout."""
        if self._folder is None:
            raise RuntimeError("this store was opened for reading")
        if self._writer_thread == threading.get_ident():
            raise RuntimeError("a write inside a write of the same thread would wait for itself")
        if not self._writing.acquire(timeout=self._write_timeout_s):
            raise Overloaded("another write takes too long")
        try:
            self._writer_thread = threading.get_ident()
            with driver_errors_translated(), self._engines.writer.begin() as connection:
                take_writer_lock(connection)
                yield SqlWriteSession(connection)
        finally:
            self._writer_thread = None
            self._writing.release()

    def close(self) -> None:
        """May be called twice."""
        self._engines.dispose()
        if self._folder is not None:
            self._folder.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
