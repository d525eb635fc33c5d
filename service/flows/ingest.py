"""Taking articles in: prepare, embed, hand over to the writer, answer after the commit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from service.domain.models import ArticleInput
from service.domain.registry import Registry
from service.domain.tokens import surface
from service.flows.conveyor import InTurn
from service.flows.preparing import Prepared, prepare_article
from service.flows.tasks import Also, Checked, Ingested
from service.flows.writer import Writer

Submit = Callable[[Sequence[str]], "Future[npt.NDArray[np.float16]]"]


class IngestService:
    """The use cases that take an article in. Safe for any number of concurrent callers on one event loop."""

    def __init__(self, writer: Writer, registry: Registry, embed: Submit) -> None:
        """`embed` queues texts and gives a future of their vectors (float16, shape (n, dimension))."""
        self._writer = writer
        self._registry = registry
        self._embed = embed

    async def ingest(self, content: ArticleInput, also: Also | None = None, in_turn: InTurn | None = None) -> Ingested:
        """Store and cluster an article; returns after the commit. `also` is called in its transaction, `in_turn` decides when
        it is handed to the writer. Raises Overloaded, EncoderUnavailable, StoreUnavailable.
        """
        return cast("Ingested", await self._ingest(content, also, in_turn, None))

    async def ingest_waiting(self, ticket: str, content: ArticleInput, also: Also, in_turn: InTurn) -> Ingested | None:
        """The same for an article that waited in the queue; None when it is not there any more."""
        return await self._ingest(content, also, in_turn, ticket)

    async def _ingest(
        self, content: ArticleInput, also: Also | None, in_turn: InTurn | None, ticket: str | None
    ) -> Ingested | None:
        prepared, vectors = await self._prepare(content)

        def submit() -> Future[Any]:
            return self._writer.submit(prepared, vectors, also=also, ticket=ticket)

        done = submit() if in_turn is None else await in_turn(submit)
        # A caller that leaves cancels its wait, never the work.
        return cast("Ingested | None", await asyncio.shield(asyncio.wrap_future(done)))

    async def prepare(self, content: ArticleInput) -> Prepared:
        """What can be said about an article without any other."""
        return await asyncio.to_thread(prepare_article, content, self._registry)

    async def check(self, content: ArticleInput) -> Checked:
        """What would be concluded about an article; stores nothing. Raises as `ingest` does."""
        prepared, vectors = await self._prepare(content)
        done = self._writer.submit(prepared, vectors, is_check=True)
        return cast("Checked", await asyncio.wrap_future(done))

    async def _prepare(self, content: ArticleInput) -> tuple[Prepared, dict[str, npt.NDArray[np.float16]]]:
        prepared = await self.prepare(content)
        vectors = {key: vector for key in prepared.texts if (vector := self._writer.vector(key)) is not None}
        missing = [key for key in prepared.texts if key not in vectors]
        if missing:
            rows = await asyncio.wrap_future(self._embed([surface(prepared.texts[key]) for key in missing]))
            vectors.update(zip(missing, rows, strict=True))
        return prepared, vectors


__all__ = ["Also", "Checked", "IngestService", "Ingested", "Prepared"]
