"""One writing service at a time, on a folder and on a database, whatever becomes of connections."""

from __future__ import annotations

import asyncio

import pytest

from service.errors import ConfigurationError, StoreUnavailable
from service.parts.writer import PlaceHeld
from service.store.database_lock import DatabaseLock
from service.store.engine import open_engines
from service.store.migrate import upgrade
from service.store.repository import SqlStore
from tests.databases import cut_off


def note(store: SqlStore, value: str) -> None:
    with store.write() as session:
        session.put_note("test", value)


on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def test_a_second_service_is_refused_until_the_first_has_gone(database_url: str) -> None:
    upgrade(database_url)
    with SqlStore(database_url) as first:
        with pytest.raises(ConfigurationError, match="another Wiretrace process is using"):
            SqlStore(database_url)
        with SqlStore(database_url, writable=False) as looking, looking.read() as session:
            assert session.note("test") is None
        note(first, "one")
        first.close()
    with SqlStore(database_url) as second:
        note(second, "two")


@on_postgresql
def test_the_refusal_hides_the_password(database_url: str) -> None:
    upgrade(database_url)
    with SqlStore(database_url):
        engines = open_engines(database_url.replace("postgres:@", "postgres:secret@"))
        with pytest.raises(ConfigurationError, match="choose another database") as refused:
            DatabaseLock(engines.writer).acquire()
        engines.dispose()
    assert "secret" not in str(refused.value)


@on_postgresql
def test_after_a_lost_connection_the_same_service_goes_on(database_url: str) -> None:
    upgrade(database_url)
    with SqlStore(database_url) as store:
        note(store, "before")
        cut_off(database_url)
        note(store, "after")
        with store.read() as session:
            assert session.note("test") == "after"
        with pytest.raises(ConfigurationError):
            SqlStore(database_url)


@on_postgresql
def test_who_lost_the_database_to_another_writes_no_more(database_url: str) -> None:
    """Not while the other one runs, and not afterwards: what it holds in memory is out of date."""
    upgrade(database_url)
    with SqlStore(database_url) as first:
        cut_off(database_url)
        with SqlStore(database_url) as second:
            with pytest.raises(StoreUnavailable, match="has used the database since"):
                note(first, "first")
            note(second, "second")
        for _ in range(2):
            with pytest.raises(StoreUnavailable, match="has used the database since"):
                note(first, "first")
        with pytest.raises(StoreUnavailable, match="start this one again"), first.read():
            pass
    with SqlStore(database_url) as third, third.read() as session:
        assert session.note("test") == "second"


@on_postgresql
def test_who_lost_its_connection_holds_its_place_again_or_sees_that_it_is_lost_without_writing(database_url: str) -> None:
    upgrade(database_url)
    with SqlStore(database_url) as first:
        cut_off(database_url)
        first.hold()
        with pytest.raises(ConfigurationError):
            SqlStore(database_url)
        assert not first.is_superseded
        cut_off(database_url)
        with first.write() as session:
            first.hold()  # who writes is not waited for
            session.put_note("test", "written")
        cut_off(database_url)
        with SqlStore(database_url) as second:
            held = PlaceHeld(first, look_s=60)
            asyncio.run(asyncio.wait_for(held.run(), 30))
            assert held.begins_anew
            note(second, "second")


def test_looking_after_the_place_ends_when_it_is_told_to(database_url: str) -> None:
    upgrade(database_url)

    async def go(store: SqlStore) -> None:
        held = PlaceHeld(store, look_s=60)
        running = asyncio.create_task(held.run())
        await asyncio.sleep(0)
        held.end()
        await asyncio.wait_for(running, 30)

    with SqlStore(database_url) as store:
        asyncio.run(go(store))
        assert not store.is_superseded


@on_postgresql
def test_a_lost_connection_that_still_holds_the_lock_is_waited_for(database_url: str) -> None:
    """A machine between that forgot the connection: the database does not know yet that it is lost."""
    upgrade(database_url)
    with SqlStore(database_url) as store:
        note(store, "before")
        forgotten = store._engines.writer.pool
        store._engines.writer.pool = forgotten.recreate()
        with pytest.raises(StoreUnavailable, match="still holds the lock"):
            note(store, "meanwhile")
        with store.read() as session:
            assert session.note("test") == "before"
        forgotten.dispose()
        note(store, "after")


@on_postgresql
def test_no_request_hangs_for_a_quarter_of_an_hour_on_a_database_that_vanished(database_url: str) -> None:
    engines = open_engines(database_url + ("&" if "?" in database_url else "?") + "tcp_user_timeout=7000")
    for engine in (engines.reader, engines.writer):
        with engine.connect() as connection:
            given = connection.connection.dbapi_connection.info.get_parameters()
        assert int(given["connect_timeout"]) <= 30
        assert int(given["keepalives_idle"]) + int(given["keepalives_interval"]) * int(given["keepalives_count"]) <= 60
        assert given["tcp_user_timeout"] == "7000", "what the address says counts"
    engines.dispose()
