"""The composition root: the only place where parts meet. Nothing is opened before the lifespan begins.

Imported by the entry point and by tests, by no other room.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from typing import Any, Literal, Protocol

import structlog
from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool

from service import __version__
from service.api import (
    articles,
    batches,
    changes,
    check,
    corrections,
    fetch,
    health,
    organisations,
    outlets,
    problems,
    stories,
    webhooks,
)
from service.api.fetch import FetchRequest
from service.api.middleware import Admission, Authentication, Permit, RequestContext, SizeLimit
from service.api.passing_on import PassingOn
from service.api.rate_limit import RateLimit
from service.api.requests import ArticleRequest
from service.api.services import Following, Services
from service.api.vocabulary import describe
from service.background import in_background
from service.domain.matching import Weights
from service.domain.models import Organisation
from service.domain.registry import Registry
from service.domain.tokens import surface
from service.embed.batcher import EmbeddingService
from service.errors import ConfigurationError, EncoderUnavailable, Fault, NotReady, WiretraceError
from service.fetch.client import FetchClient, Limits
from service.fetch.guard import Resolve, Rules, resolve_with_system
from service.fetch.workers import WorkerPool
from service.flows.bell import Bell
from service.flows.corpus import Corpus
from service.flows.editing import Editing
from service.flows.feed import Feed
from service.flows.ingest import IngestService
from service.flows.query import Query
from service.flows.rebuilding import forget_pipeline
from service.flows.searching import Nearest, Search
from service.flows.views import HealthCheckView, HealthView
from service.flows.writer import Writer
from service.index.cached import CachedIndex
from service.keys import KeyRing
from service.ops.metrics import Metrics
from service.ports import Encoder, Store
from service.registry_files import load_registry
from service.replica import replica_parts
from service.resources import load_weights
from service.settings import Settings
from service.store.engine import DataFolderInUse, database_file
from service.store.ids import SortableIds, SystemClock
from service.store.migrate import upgrade
from service.store.place import leave_address
from service.store.repository import SqlStore
from service.telling import telling

Parts = Callable[[Settings, Metrics], AbstractAsyncContextManager[Services]]

_log = structlog.get_logger("service.app")
_QUERY_S = 10
"""Seconds that a search waits for the vector of its query, which goes before everything else in the encoder's queue."""
_DESCRIPTION = (
    "Finds reused news copy: which articles are one event (story), which of them carry the same piece of reporting (report), "
    "who carried whose copy, by which evidence, and how sure that is."
)


def create_app(settings: Settings, parts: Parts | None = None) -> FastAPI:
    """The ASGI application. `parts` replaces what `open_parts` builds.

    Raises ConfigurationError when `settings` would serve other machines without API keys.
    """
    refuse_open_door(settings)
    metrics = Metrics()
    build = parts or open_parts

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
        async with build(settings, metrics) as services:
            app.state.bell = services.following.bell if services.following else None
            app.state.watch = services.watch
            yield {"services": services}

    app = FastAPI(
        title="Wiretrace",
        version=__version__,
        description=_DESCRIPTION,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        lifespan=lifespan,
        redoc_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
    )
    app.state.metrics = metrics
    problems.install(app)
    for router in (
        articles.router,
        batches.router,
        fetch.router,
        stories.router,
        changes.router,
        corrections.router,
        webhooks.router,
        outlets.router,
        organisations.router,
        check.router,
        health.router,
    ):
        app.include_router(router)
    # The last one added is the outermost.
    app.add_middleware(PassingOn, metrics=metrics)
    sizes = {"/v1/batches": settings.max_batch_bytes}
    app.add_middleware(SizeLimit, max_body_bytes=settings.max_body_bytes, batches=sizes)
    limits: dict[Permit, int] = {
        "read": settings.max_concurrent_reads,
        "write": settings.max_concurrent_writes,
        "stream": settings.max_streams,
    }
    app.add_middleware(Admission, metrics=metrics, limits=limits, retry_after_s=settings.retry_after_s)
    app.add_middleware(RateLimit, per_s=settings.rate_limit_per_s, burst=settings.rate_limit_burst)
    app.add_middleware(Authentication, keys=_keys(settings))
    app.add_middleware(RequestContext, metrics=metrics)
    _document(app)
    return app


def refuse_open_door(settings: Settings) -> None:
    """Without keys anybody who reaches the port could write."""
    if not settings.is_loopback() and not settings.keys() and settings.api_keys_file is None:
        raise ConfigurationError(
            f"Listening on {settings.host} needs API keys: set WIRETRACE_API_KEYS to read:KEY,write:KEY, or listen on 127.0.0.1."
        )


def _keys(settings: Settings) -> KeyRing:
    try:
        return KeyRing(settings.keys(), settings.api_keys_file)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"The file of API keys cannot be used: {error}") from error


def _document(app: FastAPI) -> None:
    """Adds to the generated OpenAPI what the framework cannot know: the body it does not parse and the problem document."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = generate()
            schemas = schema["components"]["schemas"]
            for model in (ArticleRequest, FetchRequest, problems.ProblemView):
                described = model.model_json_schema(ref_template="#/components/schemas/{model}")
                schemas.update(described.pop("$defs", {}))
                schemas[model.__name__] = described
            schema["components"]["securitySchemes"] = {
                "key": {"type": "http", "scheme": "bearer", "description": "Needed when the service was started with API keys."}
            }
            schema["security"] = [{}, {"key": []}]
            _without_null_parameters(schema)
            describe(schema)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _without_null_parameters(schema: dict[str, Any]) -> None:
    """An optional parameter is left away; unlike a field of a body, it cannot be null."""
    operations = (operation for path in schema["paths"].values() for operation in path.values())
    for parameter in (parameter for operation in operations for parameter in operation.get("parameters", ())):
        kinds = parameter["schema"].pop("anyOf", None)
        if kinds is not None:
            (kind,) = (kind for kind in kinds if kind != {"type": "null"})
            parameter["schema"] |= kind


def find_organisation(registry: Registry, text: str) -> Organisation | None:
    """By id, name, alias or site."""
    return registry.by_id(text) or registry.by_alias(text) or registry.by_site(text)


def encoder_factory(settings: Settings) -> Callable[[], Encoder]:
    """Builds the encoder in the thread that will use it."""

    def build() -> Encoder:
        if settings.encoder == "hashing":
            from service.embed.hashing import HashingEncoder  # noqa: PLC0415 - only what is chosen is imported

            return HashingEncoder()
        from service.embed.local import SentenceTransformerEncoder  # noqa: PLC0415 - takes seconds

        return SentenceTransformerEncoder(
            settings.model, sha256=settings.expected_model_sha256(), threads=settings.encoder_threads
        )

    return build


def new_corpus(settings: Settings, weights: Weights, registry: Registry, space: str, dimension: int) -> Corpus:
    """Empty working memory; the writer fills it from the store."""
    units = CachedIndex(settings.data / "index", space, dimension, exact_below=settings.index_exact_below)
    reports = CachedIndex(None, space, dimension, exact_below=settings.index_exact_below)
    return Corpus(weights, registry, units, reports, timedelta(days=settings.story_window_days), dimension)


def new_embedding(settings: Settings) -> EmbeddingService:
    return EmbeddingService(
        encoder_factory(settings), token_budget=settings.encoder_batch_tokens, max_queue=settings.encoder_queue_texts
    )


def new_writer(
    settings: Settings,
    store: Store,
    registry: Registry,
    weights: Weights,
    embedding: EmbeddingService,
    on_commit: Callable[[], None],
) -> Writer:
    """Not started. `embedding` must have been."""
    return Writer(
        store,
        registry,
        lambda: new_corpus(settings, weights, registry, embedding.space, embedding.dimension),
        lambda texts: embedding.submit(texts).result(settings.encoder_timeout_s),
        embedding.space,
        SystemClock(),
        SortableIds(),
        max_queue=settings.write_queue_size,
        max_batch=settings.write_batch_size,
        on_commit=on_commit,
    )


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


def page_reading(settings: Settings) -> WorkerPool:
    """Starts no process before the first page comes."""
    return WorkerPool(
        size=settings.extraction_workers,
        max_page_bytes=settings.max_page_bytes,
        limit_s=settings.extraction_timeout_s,
        memory_bytes=settings.extraction_memory_bytes,
        pages_per_worker=settings.extraction_pages_per_worker,
        retry_after_s=settings.retry_after_s,
    )


def fetching(settings: Settings, resolve: Resolve = resolve_with_system) -> FetchClient:
    """The way out to other sites, under the rules that the settings name."""
    ports = frozenset(int(port) for port in settings.fetch_ports.split(","))
    return FetchClient(
        rules=Rules(ports=ports, allowed=settings.fetch_networks()),
        limits=Limits(
            max_bytes=settings.max_page_bytes,
            timeout_s=settings.fetch_timeout_s,
            max_connections=settings.fetch_max_connections,
            host_delay_s=settings.fetch_host_delay_s,
        ),
        agent=settings.fetch_agent,
        resolve=resolve,
    )


@asynccontextmanager
async def open_parts(settings: Settings, metrics: Metrics) -> AsyncIterator[Services]:
    """The parts of the one that writes, or of a replica where another writes."""
    settings.data.mkdir(parents=True, exist_ok=True)
    store = await run_in_threadpool(_take_place, settings)
    if store is None:
        registry = load_registry(settings.registry)
        parts = replica_parts(settings, load_weights().version, lambda text: find_organisation(registry, text))
    else:
        parts = writer_parts(settings, metrics, store)
    async with parts as services:
        yield services


def _take_place(settings: Settings) -> SqlStore | None:
    """The store, to write to; None where another process writes and this one may stand beside it. Raises DataFolderInUse."""
    if settings.role == "replica":
        return None
    url = settings.sqlalchemy_url()
    try:
        upgrade(url)
        return SqlStore(url)
    except DataFolderInUse:
        # Two services in one folder are a mistake more often than a wish.
        if settings.role == "writer" or database_file(url) is not None:
            raise
        return None


@asynccontextmanager
async def writer_parts(settings: Settings, metrics: Metrics, store: SqlStore) -> AsyncIterator[Services]:
    """Opens everything in order and closes it in reverse, the store too, whatever fails in between."""
    try:
        async with _writing(settings, metrics, store) as services:
            await run_in_threadpool(leave_address, store, settings.reached_at())
            yield services
    finally:
        await run_in_threadpool(store.close)


@asynccontextmanager
async def _writing(settings: Settings, metrics: Metrics, store: SqlStore) -> AsyncIterator[Services]:
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
