"""What a process becomes: the one that writes, or one that reads beside it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from service.embed.batcher import EmbeddingService
from service.errors import ConfigurationError, SchemaMismatch
from service.ops.metrics import Metrics
from service.parts import roles, writer
from service.parts.pieces import new_embedding
from service.parts.replica import replica_readiness
from service.settings import Settings
from service.store.database_lock import DatabaseLock
from service.store.engine import open_engines
from service.store.migrate import upgrade
from service.store.place import claim_place, give_up_claim, is_place_free, leave_address, writer_address
from service.store.repository import SqlStore
from tests.databases import cut_off

on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def instead_of_waiting(monkeypatch: Any, happens: Any) -> None:
    monkeypatch.setattr(roles, "time", SimpleNamespace(sleep=lambda _: happens(), monotonic=roles.time.monotonic))


@on_postgresql
def test_who_waits_for_a_newer_schema_makes_it_when_the_writer_goes(database_url: str, tmp_path: Path, monkeypatch: Any) -> None:
    """In an upgrade of one process after the other the last of the old ones goes without having migrated."""
    old = open_engines(database_url)
    DatabaseLock(old.writer).acquire()
    instead_of_waiting(monkeypatch, old.dispose)
    with roles.open_store(Settings(data=tmp_path, database_url=database_url)) as store:
        assert store.is_writable


def test_a_replica_waits_for_the_schema_that_another_makes(database_url: str, tmp_path: Path, monkeypatch: Any) -> None:
    instead_of_waiting(monkeypatch, lambda: upgrade(database_url))
    with roles.open_store(Settings(data=tmp_path, database_url=database_url, role="replica")) as store:
        assert not store.is_writable


@on_postgresql
def test_a_replica_does_not_wait_for_ever(database_url: str, tmp_path: Path, monkeypatch: Any) -> None:
    hours = iter(range(0, 3_600 * 24, 3_600))
    monkeypatch.setattr(roles, "time", SimpleNamespace(sleep=lambda _: None, monotonic=lambda: next(hours)))
    with pytest.raises(SchemaMismatch):
        roles.open_store(Settings(data=tmp_path, database_url=database_url, role="replica"))


@on_postgresql
def test_only_one_replica_goes_for_the_place_and_the_others_read_on(database_url: str, tmp_path: Path) -> None:
    upgrade(database_url)
    # Two addresses of one database, as two processes have claims of their own.
    here, there = database_url, database_url + ("&" if "?" in database_url else "?") + "application_name=other"
    with SqlStore(database_url):
        assert not claim_place(here)
    assert claim_place(here)
    assert is_place_free(there)
    assert not claim_place(there)
    assert claim_place(here), "it may look again"
    give_up_claim(here)
    assert claim_place(there), "who gave up is not waited for"
    with roles.open_store(Settings(data=tmp_path, database_url=there)) as store:
        assert store.is_writable
        assert not claim_place(here)
    assert claim_place(here), "the claim went when the place was taken"
    cut_off(database_url)
    assert claim_place(there), "who died on the way is not waited for"
    give_up_claim(here)
    give_up_claim(there)
    assert not claim_place("postgresql+psycopg://nobody@127.0.0.1:1/none")


def test_requests_never_go_to_a_writer_of_before_nor_to_one_that_has_ended(database_url: str, tmp_path: Path) -> None:
    """It may be the writer of the database that this one is a copy of."""
    upgrade(database_url)
    settings = Settings(data=tmp_path / "data", database_url=database_url, encoder="hashing", address="http://new.example:1")
    with SqlStore(database_url) as store:
        leave_address(store, "http://old.example:1")
    seen: list[str | None] = []

    def load(told: Settings) -> EmbeddingService:
        with SqlStore(database_url, writable=False) as beside:
            seen.append(writer_address(beside))
        return new_embedding(told)

    async def go() -> None:
        async with roles.open_parts(settings, Metrics()):
            with SqlStore(database_url, writable=False) as beside:
                seen.append(writer_address(beside))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "new_embedding", load)
        asyncio.run(go())
    with SqlStore(database_url, writable=False) as beside:
        seen.append(writer_address(beside))
    assert seen == [None, "http://new.example:1", None]


def test_who_comes_second_reads_on_postgresql_and_is_refused_where_it_would_be_a_mistake(
    database_url: str, tmp_path: Path
) -> None:
    upgrade(database_url)
    settings = Settings(data=tmp_path / "data", database_url=database_url)
    with SqlStore(database_url):
        if database_url.startswith("postgresql"):
            with roles.open_store(settings) as store:
                assert not store.is_writable
        else:
            with pytest.raises(ConfigurationError):
                roles.open_store(settings)
        with pytest.raises(ConfigurationError):
            roles.open_store(settings.model_copy(update={"role": "writer"}))


def test_a_replica_says_whether_somebody_writes_whatever_address_was_left(database_url: str) -> None:
    """One that was killed leaves its address behind."""
    upgrade(database_url)

    def is_there(store: SqlStore) -> bool:
        return {check.name: check.ok for check in replica_readiness(store, database_url, "hashing").checks}["writer"]

    with SqlStore(database_url, writable=False) as looking:
        with SqlStore(database_url) as holder:
            assert not is_there(looking)  # it has not said yet where it is
            leave_address(holder, "http://127.0.0.1:1")
            assert is_there(looking)
        assert not is_there(looking)
