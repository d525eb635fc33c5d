"""Single parts, built from the settings, not started. Each can be built alone, by a bench or a test."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from service.domain.matching import Weights
from service.domain.models import Organisation
from service.domain.registry import Registry
from service.embed.batcher import EmbeddingService
from service.fetch.client import FetchClient, Limits
from service.fetch.guard import Resolve, Rules, resolve_with_system
from service.fetch.workers import WorkerPool
from service.flows.corpus import Corpus
from service.flows.writer import Writer
from service.index.cached import CachedIndex
from service.ports import Encoder, Store
from service.settings import Settings
from service.store.ids import SortableIds, SystemClock


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
