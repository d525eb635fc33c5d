"""The writer's place on a folder or database, as those see it who do not hold it: whether it is free, and where its holder is.

One process at a time holds it (`service.store.database_lock`, `service.store.engine.FolderLock`). Takes nothing away from it.
"""

from __future__ import annotations

import contextlib

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from service.errors import StoreUnavailable
from service.ports import Store
from service.store.database_lock import SERVICE_LOCK
from service.store.engine import DataFolderInUse, FolderLock, database_file, driver_errors_translated

_ADDRESS_NOTE = "writer_address"
# A look that hangs would be the last: seconds for each part of it, but `tcp_user_timeout`, which is in milliseconds.
_IN_TIME = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 10_000,
}
# Any number will do as long as no other program uses it for an advisory lock on the same database.
_CLAIM = 0x77697267
# A lock by one number of 64 bits shows as its two halves and a 1; looking it up takes nothing, not even for a moment.
_claims: dict[str, Connection] = {}
"""By the address of the database; kept over the end of the replica and the start of the one that writes, in one process."""
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


def claim_place(database_url: str) -> bool:
    """Whether it is free on PostgreSQL and nobody else is on the way to it. Then this process is, until `give_up_claim` or its
    end, and the other replicas read on instead of all going for it.
    """
    give_up_claim(database_url)
    if not is_place_free(database_url):
        return False
    try:
        connection = _engine(database_url).connect().execution_options(isolation_level="AUTOCOMMIT")
    except SQLAlchemyError:
        return False
    try:
        is_first = connection.execute(text("SELECT pg_try_advisory_lock(:number)"), {"number": _CLAIM}).scalar_one()
        # Who was on the way may have got there meanwhile.
        is_ours = bool(is_first) and connection.execute(_HELD, {"number": SERVICE_LOCK}).first() is None
    except SQLAlchemyError:
        is_ours = False
    if is_ours:
        _claims[database_url] = connection
    else:
        connection.close()
    return is_ours


def give_up_claim(database_url: str) -> None:
    """The place was taken, or not. May be called at any time."""
    connection = _claims.pop(database_url, None)
    if connection is not None:
        with contextlib.suppress(SQLAlchemyError):
            connection.close()


def _is_held(database_url: str) -> bool | None:
    try:
        if database_file(database_url) is not None:
            lock = FolderLock(database_url)
            lock.acquire()
            lock.release()
            return False
        with driver_errors_translated(), _engine(database_url).connect() as connection:
            return connection.execute(_HELD, {"number": SERVICE_LOCK}).first() is not None
    except DataFolderInUse:
        return True
    except (StoreUnavailable, SQLAlchemyError):
        return None


def _engine(database_url: str) -> Engine:
    return create_engine(database_url, poolclass=NullPool, hide_parameters=True, connect_args=_IN_TIME)


def leave_address(store: Store, address: str) -> None:
    """For the holder: where the others reach it."""
    with store.write() as session:
        session.put_note(_ADDRESS_NOTE, address)


def forget_address(store: Store) -> None:
    """For a new holder, before it can be reached, and for one that ends: what stands there would be another's, perhaps that of
    the database that this one is a copy of, and nobody's requests and keys are to go there.
    """
    leave_address(store, "")


def writer_address(store: Store) -> str | None:
    """Where the holder of the place, or the last one, said to be reached. Raises StoreUnavailable."""
    with store.read() as session:
        return session.note(_ADDRESS_NOTE) or None
