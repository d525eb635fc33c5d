"""Taking articles in: prepare, embed, hand over to the writer, answer after the commit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import cast

import numpy as np
import numpy.typing as npt

from service.domain.models import ArticleInput
from service.domain.registry import Registry
from service.domain.tokens import surface
from service.flows.preparing import Prepared, prepare_article
from service.flows.writer import Checked, Ingested, Writer

Submit = Callable[[Sequence[str]], "Future[npt.NDArray[np.float16]]"]


class IngestService:
    """The use cases that take an article in. Safe for any number of concurrent callers on one event loop."""

    def __init__(self, writer: Writer, registry: Registry, embed: Submit) -> None:
        """`embed` queues texts and gives a future of their vectors (float16, shape (n, dimension))."""
        self._writer = writer
        self._registry = registry
        self._embed = embed

    async def ingest(self, content: ArticleInput) -> Ingested:
        """Store and cluster an article; returns after the commit. Raises Overloaded, EncoderUnavailable, StoreUnavailable."""
        prepared, vectors = await self._prepare(content)
        done = self._writer.submit(prepared, vectors)
        # A caller that leaves cancels its wait, never the work.
        return cast("Ingested", await asyncio.shield(asyncio.wrap_future(done)))

    async def check(self, content: ArticleInput) -> Checked:
        """What would be concluded about an article; stores nothing. Raises as `ingest` does."""
        prepared, vectors = await self._prepare(content)
        done = self._writer.submit(prepared, vectors, is_check=True)
        return cast("Checked", await asyncio.wrap_future(done))

    async def _prepare(self, content: ArticleInput) -> tuple[Prepared, dict[str, npt.NDArray[np.float16]]]:
        prepared = await asyncio.to_thread(prepare_article, content, self._registry)
        vectors = {key: vector for key in prepared.texts if (vector := self._writer.vector(key)) is not None}
        missing = [key for key in prepared.texts if key not in vectors]
        if missing:
            rows = await asyncio.wrap_future(self._embed([surface(prepared.texts[key]) for key in missing]))
            vectors.update(zip(missing, rows, strict=True))
        return prepared, vectors


__all__ = ["Checked", "IngestService", "Ingested"]
