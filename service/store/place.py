"""The writer's place on a folder or database, as those see it who do not hold it: whether it is free, and where its holder is.

One process at a time holds it (`service.store.database_lock`, `service.store.engine.FolderLock`). Takes nothing away from it.
"""

from __future__ import annotations

from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from service.errors import StoreUnavailable
from service.ports import Store
from service.store.database_lock import SERVICE_LOCK
from service.store.engine import DataFolderInUse, FolderLock, database_file, driver_errors_translated

_ADDRESS_NOTE = "writer_address"
_CONNECT_TIMEOUT_S = 5
# A lock by one number of 64 bits shows as its two halves and a 1; looking it up takes nothing, not even for a moment.
_HELD = text(
    "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND classid = 0 AND objid = :number"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def is_place_free(database_url: str) -> bool:
    """Whether nobody holds it now; False too where that cannot be found out. Somebody else may be quicker to take it."""
    return _is_held(database_url) is False


def is_place_taken(database_url: str) -> bool:
    """Whether somebody holds it now; False too where that cannot be found out."""
    return _is_held(database_url) is True


def _is_held(database_url: str) -> bool | None:
    try:
        if database_file(database_url) is not None:
            lock = FolderLock(database_url)
            lock.acquire()
            lock.release()
            return False
        engine = create_engine(
            database_url, poolclass=NullPool, hide_parameters=True, connect_args={"connect_timeout": _CONNECT_TIMEOUT_S}
        )
        with driver_errors_translated(), engine.connect() as connection:
            return connection.execute(_HELD, {"number": SERVICE_LOCK}).first() is not None
    except DataFolderInUse:
        return True
    except (StoreUnavailable, SQLAlchemyError):
        return None


def leave_address(store: Store, address: str) -> None:
    """For the holder: where the others reach it."""
    with store.write() as session:
        session.put_note(_ADDRESS_NOTE, address)


def writer_address(store: Store) -> str | None:
    """Where the holder of the place, or the last one, said to be reached. Raises StoreUnavailable."""
    with store.read() as session:
        return session.note(_ADDRESS_NOTE)
