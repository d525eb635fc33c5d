"""Builds a replica: it reads the database that another process writes to, hands the rest to that one, and watches its place.

A part of the composition root, used by `service/parts/roles.py` only. Loads no model and holds no index.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Literal, NoReturn

import structlog
from fastapi.concurrency import run_in_threadpool

from service import __version__
from service.api.services import Following, Services
from service.domain.models import ArticleInput, Organisation
from service.errors import NotReady, WiretraceError, WriterAway
from service.fetch.relay import Relay
from service.flows.bell import Bell
from service.flows.feed import Feed
from service.flows.query import Query
from service.flows.rebuilding import stored_weights
from service.flows.views import HealthCheckView, HealthView
from service.ports import Store
from service.settings import Settings
from service.store.ids import SystemClock
from service.store.place import claim_place, is_place_taken, writer_address
from service.store.repository import SqlStore

_LOOK_S = 1.0
_SPARE_S = 15.0
_log = structlog.get_logger("service.parts.replica")


class _NoWriting:
    """The use cases that a replica never reaches: `service.api.passing_on` hands their calls on before."""

    async def ingest(self, *_: object) -> NoReturn:
        raise WriterAway

    async def ingest_waiting(self, *_: object) -> NoReturn:
        raise WriterAway

    async def prepare(self, _: ArticleInput) -> NoReturn:
        raise WriterAway

    async def check(self, _: ArticleInput) -> NoReturn:
        raise WriterAway


class PlaceWatch:
    """Looks every second whether nobody writes any more and nobody else is on the way to that; then it looks no further."""

    def __init__(self, database_url: str, look_s: float = _LOOK_S) -> None:
        self._database_url = database_url
        self._look_s = look_s
        self._is_free = False

    @property
    def begins_anew(self) -> bool:
        return self._is_free

    async def run(self) -> None:
        while not self._is_free:
            await asyncio.sleep(self._look_s)
            self._is_free = await asyncio.to_thread(claim_place, self._database_url)
        _log.info("writer_gone", next="this process takes its place")


@asynccontextmanager
async def replica_parts(
    settings: Settings, store: SqlStore, weights_version: str, organisation: Callable[[str], Organisation | None]
) -> AsyncIterator[Services]:
    """Opens everything in order and closes it in reverse, the store too."""
    connections = settings.max_concurrent_reads + settings.max_concurrent_writes
    relay = Relay(lambda: writer_address(store), timeout_s=longest_s(settings), max_connections=connections)
    watch = PlaceWatch(settings.sqlalchemy_url()) if settings.role == "auto" else None
    watching = asyncio.create_task(watch.run()) if watch else None
    try:
        yield Services(
            settings=settings,
            # The one that writes may be of another version, before or after an upgrade.
            query=Query(store, lambda session: stored_weights(session) or weights_version, organisation),
            ingest=_NoWriting(),
            organisation=organisation,
            readiness=lambda: replica_readiness(store, settings.sqlalchemy_url(), settings.encoder),
            following=Following(Feed(store, SystemClock()), Bell()),
            relay=relay,
            watch=watch,
        )
    finally:
        if watching:
            watching.cancel()
            await asyncio.wait([watching])
        await relay.close()
        await run_in_threadpool(store.close)


def longest_s(settings: Settings) -> float:
    """Longer than the longest that the writer lets a caller wait, so that its own answer comes first. A page may wait for a
    worker as long as it may be read, and is stored after that.
    """
    longest = max(settings.write_timeout_s, settings.encoder_timeout_s, settings.max_wait_s)
    return 2 * settings.extraction_timeout_s + longest + _SPARE_S


def replica_readiness(store: Store, database_url: str, encoder: Literal["local", "hashing"]) -> HealthView:
    """Ready as long as the store can be read: a replica goes on reading while nobody writes, and says so. Raises NotReady."""
    try:
        with store.read() as session:
            session.check()
        address = writer_address(store) if is_place_taken(database_url) else None
    except (WiretraceError, OSError) as error:
        _log.warning("store_check_failed", error=repr(error))
        raise NotReady("Not working: store.") from error
    passing = f"a replica; what writes goes to {address}" if address else "a replica; nobody writes now"
    checks = [
        HealthCheckView(name="writer", ok=address is not None, detail=passing),
        HealthCheckView(name="store", ok=True, detail="readable"),
    ]
    return HealthView(version=__version__, mode="semantic" if encoder == "local" else "lexical", role="replica", checks=checks)
