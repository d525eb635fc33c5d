"""Keeps a PostgreSQL database to one writing service, as the lock file does for a folder. Does nothing for SQLite.

Several services on one database would each keep an own index in memory and miss what the others write.
"""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import Engine, event

from service.errors import StoreUnavailable
from service.store.engine import DataFolderInUse, driver_errors_translated
from service.store.tables import note

# Any number will do as long as no other program uses it for an advisory lock on the same database.
SERVICE_LOCK = 0x77697266
_HOLDER_NOTE = "service"
# A machine that vanished without a word must not keep its place for hours: seconds of silence, between questions, and questions.
_KEEPALIVE = {"tcp_keepalives_idle": 20, "tcp_keepalives_interval": 5, "tcp_keepalives_count": 4}


class _TakenOver(StoreUnavailable):
    """Another Wiretrace process has used the database since; start this one again."""


class DatabaseLock:
    """A lock of the writing connection's session: whoever cannot hold it cannot write, and PostgreSQL frees it with the
    connection, however that ends.

    A lost connection is made again by the pool. Another service may have come and gone meanwhile, and what is held in memory
    would be out of date; so each leaves its name in the database, and one that finds another's there writes no more.
    """

    def __init__(self, writer: Engine) -> None:
        self._writer = writer
        self._name = uuid.uuid4().hex
        self._is_entered = False
        self.is_lost = False
        """Another service has been on the database since."""
        if writer.dialect.name == "postgresql":
            event.listen(writer, "connect", self._hold)

    def acquire(self) -> None:
        """Raises DataFolderInUse at once when another process, or another store of this one, has it; StoreUnavailable when the
        database cannot be reached. Freed when the engine is disposed of.
        """
        if self._writer.dialect.name != "postgresql":
            return
        try:
            with driver_errors_translated():
                self._writer.connect().close()
        except _TakenOver as error:
            where = self._writer.url.render_as_string(hide_password=True)
            raise DataFolderInUse(f"another Wiretrace process is using {where}; stop it or choose another database") from error

    def enter(self) -> None:
        """Leaves its name, once the database has its tables; what was left before is out of date."""
        if self._writer.dialect.name != "postgresql":
            return
        with driver_errors_translated(), self._writer.begin() as connection:
            connection.execute(note.delete().where(note.c.name == _HOLDER_NOTE))
            connection.execute(note.insert(), {"name": _HOLDER_NOTE, "value": self._name})
        self._is_entered = True

    def _hold(self, connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            for setting, value in _KEEPALIVE.items():
                cursor.execute(f"SET {setting} = {value}")
            cursor.execute("SELECT pg_try_advisory_lock(%s)", (SERVICE_LOCK,))
            [is_held] = cursor.fetchone()
            if self._is_entered:
                cursor.execute("SELECT value FROM note WHERE name = %s", (_HOLDER_NOTE,))
                self.is_lost = cursor.fetchone() != (self._name,)
        # The lock is the session's, not the transaction's.
        connection.commit()
        if not is_held or self.is_lost:
            connection.close()
            raise (
                _TakenOver if self.is_lost or not self._is_entered else StoreUnavailable("a lost connection still holds the lock")
            )
