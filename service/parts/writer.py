"""Builds the one that writes: encoder, working memory, writer thread, and what works behind the requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Literal, Protocol

import structlog
from fastapi.concurrency import run_in_threadpool

from service import __version__
from service.api.services import Following, Services
from service.domain.tokens import surface
from service.embed.batcher import EmbeddingService
from service.errors import EncoderUnavailable, Fault, NotReady, WiretraceError
from service.flows.bell import Bell
from service.flows.editing import Editing
from service.flows.feed import Feed
from service.flows.ingest import IngestService
from service.flows.query import Query
from service.flows.rebuilding import forget_pipeline
from service.flows.searching import Nearest, Search
from service.flows.views import HealthCheckView, HealthView
from service.flows.writer import Writer
from service.ops.metrics import Metrics
from service.parts.background import in_background
from service.parts.pieces import fetching, find_organisation, new_embedding, new_writer, page_reading
from service.parts.telling import telling
from service.ports import Store
from service.registry_files import load_registry
from service.resources import load_weights
from service.settings import Settings
from service.store.ids import SortableIds, SystemClock
from service.store.migrate import upgrade
from service.store.place import forget_address, leave_address
from service.store.repository import SqlStore

_log = structlog.get_logger("service.parts")
_QUERY_S = 10
"""Seconds that a search waits for the vector of its query, which goes before everything else in the encoder's queue."""


@asynccontextmanager
async def writer_parts(settings: Settings, metrics: Metrics, store: SqlStore) -> AsyncIterator[Services]:
    """Opens everything in order and closes it in reverse, the store too, whatever fails in between."""
    held = PlaceHeld(store)
    holding = asyncio.create_task(held.run())
    try:
        await run_in_threadpool(forget_address, store)
        async with _writing(settings, metrics, store, held) as services:
            await run_in_threadpool(leave_address, store, settings.reached_at())
            yield services
        if not store.is_superseded:
            with suppress(WiretraceError):  # others may come to stand at the address
                await run_in_threadpool(forget_address, store)
    finally:
        held.end()
        await asyncio.wait([holding])
        await run_in_threadpool(store.close)


@asynccontextmanager
async def _writing(settings: Settings, metrics: Metrics, store: SqlStore, held: PlaceHeld) -> AsyncIterator[Services]:
    registry, weights = load_registry(settings.registry), load_weights()
    embedding = new_embedding(settings)
    pages, web, bell = page_reading(settings), fetching(settings), Bell()
    try:
        await run_in_threadpool(embedding.start)
        writer = new_writer(settings, store, registry, weights, embedding, bell.ring)
        await run_in_threadpool(writer.start)
        try:
            query = Query(store, weights.version, lambda text: find_organisation(registry, text))
            metrics.watch("encoder_queue_texts", "Texts that wait for the encoder.", lambda: embedding.queued)
            metrics.watch("write_queue_articles", "Articles that wait for the writer.", writer.waiting)
            services = Services(
                settings=settings,
                query=query,
                ingest=IngestService(writer, registry, embedding.submit),
                organisation=lambda text: find_organisation(registry, text),
                readiness=lambda: readiness(store, embedding, writer),
                pages=pages,
                web=web,
                watch=held,
                following=Following(Feed(store, SystemClock()), bell),
                editing=Editing(writer),
                search=Search(store, nearest_by(embedding, writer)),
            )
            async with (
                telling(services, metrics, store, SystemClock(), SortableIds(), bell) as told,
                in_background(told, metrics, store, SystemClock(), SortableIds()) as served,
            ):
                yield served
        finally:
            await run_in_threadpool(writer.stop)
    finally:
        await web.close()
        await run_in_threadpool(pages.close)
        await run_in_threadpool(embedding.close)


class PlaceHeld:
    """Sees within some seconds when another process has taken the place while this one had lost its connection; where nobody has,
    it is held again before anybody does.
    """

    def __init__(self, store: SqlStore, look_s: float = 1.0) -> None:
        self._store = store
        self._look_s = look_s
        self._ended = asyncio.Event()

    @property
    def begins_anew(self) -> bool:
        return self._store.is_superseded

    async def run(self) -> None:
        while not self._ended.is_set():
            await asyncio.to_thread(self._store.hold)
            if self.begins_anew:
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), self._look_s)

    def end(self) -> None:
        """Wait for `run` before the store is closed: a look that is under way would hold the place for ever."""
        self._ended.set()


def nearest_by(embedding: EmbeddingService, writer: Writer) -> Nearest:
    """The units nearest in meaning to a text. Blocks."""

    def nearest(text: str, count: int) -> list[tuple[str, float]]:
        vector = embedding.submit([surface(text)], is_urgent=True)
        try:
            return writer.nearest(vector.result(_QUERY_S)[0], count)
        except TimeoutError as error:
            vector.cancel()
            raise EncoderUnavailable(f"The encoder did not answer within {_QUERY_S} s.") from error

    return nearest


class Writing(Protocol):
    """What readiness asks of the writing side."""

    def is_alive(self) -> bool: ...
    def is_consistent(self) -> bool: ...


class Embedding(Protocol):
    """What readiness asks of the encoder."""

    @property
    def mode(self) -> Literal["semantic", "lexical"]: ...
    def ready(self, timeout_s: float = 5.0) -> bool: ...


def readiness(store: Store, embedding: Embedding, writer: Writing) -> HealthView:
    """Tries every part. Raises NotReady that names those that fail."""

    def reads() -> bool:
        try:
            with store.read() as session:
                session.check()
        except (WiretraceError, OSError) as error:
            _log.warning("store_check_failed", error=repr(error))
            return False
        return True

    tried: list[tuple[Literal["writer", "store", "index", "encoder"], bool, str, str]] = [
        ("writer", writer.is_alive(), "running", "it has ended, or cannot reach the store and tries again; see the log"),
        ("store", reads(), "readable", "the database cannot be read; see the log"),
        ("index", writer.is_consistent(), "matches the store", "the index differs from the store; restart to rebuild it"),
        ("encoder", embedding.ready(), "answers", "the encoder does not answer"),
    ]
    faults = [Fault(f"#/{name}", bad) for name, is_ok, _, bad in tried if not is_ok]
    if faults:
        raise NotReady(f"Not working: {', '.join(fault.pointer[2:] for fault in faults)}.", faults=faults)
    checks = [HealthCheckView(name=name, ok=True, detail=good) for name, _, good, _ in tried]
    return HealthView(version=__version__, mode=embedding.mode, checks=checks)


def reindex(settings: Settings) -> tuple[int, int]:
    """Concludes everything anew from the texts, without serving: numbers of articles and stories. A kill in the middle leaves all
    as it was, and the next start does it. Raises ConfigurationError while a service uses the data folder.
    """
    upgrade(settings.sqlalchemy_url())
    store, embedding = SqlStore(settings.sqlalchemy_url()), new_embedding(settings)
    try:
        forget_pipeline(store)
        embedding.start()
        writer = new_writer(settings, store, load_registry(settings.registry), load_weights(), embedding, lambda: None)
        writer.start()
        try:
            return len(writer.corpus), writer.corpus.story_count
        finally:
            writer.stop()
    finally:
        embedding.close()
        store.close()
