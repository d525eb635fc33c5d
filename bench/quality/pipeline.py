"""The service's real parts in this process, on a folder of their own: what a client would get over HTTP, without HTTP.

Composes what `service.parts` composes and leaves out nothing that decides a result. Adds no rule of its own.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.api.requests import article_input
from service.domain.matching import Weights
from service.domain.models import Article
from service.domain.registry import Registry
from service.embed.batcher import EmbeddingService
from service.flows.corpus import Corpus, Entry
from service.flows.ingest import IngestService
from service.flows.query import Query
from service.flows.writer import Writer
from service.parts.pieces import find_organisation, new_writer
from service.ports import Encoder
from service.settings import Settings
from service.store.migrate import upgrade
from service.store.repository import SqlStore

Body = dict[str, Any]
"""A body of POST /v1/articles."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """`weights` are those that it decides with."""

    settings: Settings
    registry: Registry
    weights: Weights
    query: Query
    writer: Writer
    store: SqlStore
    service: IngestService

    @property
    def corpus(self) -> Corpus:
        return self.writer.corpus

    def ingest(self, bodies: Sequence[Body]) -> list[str]:
        """Article ids in the order of the bodies, each taken in after the one before was committed."""

        async def run() -> list[str]:
            return [(await self.service.ingest(article_input(body, self.settings))).article.id for body in bodies]

        return asyncio.run(run())

    def articles(self, ids: Sequence[str]) -> list[Article]:
        with self.store.read() as session:
            found = session.articles(list(ids))
        return [found[one] for one in ids]

    def entry(self, article_id: str) -> Entry:
        return self.corpus.entries[self.corpus.key_of[article_id]]

    def reports(self, ids: Sequence[str]) -> list[str]:
        return [article.findings.report_id if article.findings else "" for article in self.articles(ids)]

    def stories(self, ids: Sequence[str]) -> list[str]:
        return [article.findings.story_id if article.findings else "" for article in self.articles(ids)]


@contextmanager
def open_pipeline(encoder: Encoder, registry: Registry, weights: Weights) -> Iterator[Pipeline]:
    """An empty service with the default settings; its folder is deleted at the end."""
    with tempfile.TemporaryDirectory(prefix="wiretrace-quality-") as folder:
        settings = Settings(data=Path(folder))
        upgrade(settings.sqlalchemy_url())
        store = SqlStore(settings.sqlalchemy_url())
        embedding = EmbeddingService(
            lambda: encoder, token_budget=settings.encoder_batch_tokens, max_queue=settings.encoder_queue_texts
        )
        try:
            embedding.start()
            writer = new_writer(settings, store, registry, weights, embedding, on_commit=lambda: None)
            writer.start()
            try:
                query = Query(store, weights.version, lambda text: find_organisation(registry, text))
                service = IngestService(writer, registry, embedding.submit)
                yield Pipeline(settings, registry, weights, query, writer, store, service)
            finally:
                writer.stop()
        finally:
            embedding.close()
            store.close()
