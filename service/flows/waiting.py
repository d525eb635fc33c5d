"""Articles that are answered for before they are worked on: kept in the store first, then fed to the writer in order.

What waits survives a restart. It leaves the queue in the transaction that takes the article in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Protocol

import structlog

from service.domain.jobs import QueuedArticle
from service.domain.models import Article, ArticleInput
from service.errors import InternalError, InvalidInput, Overloaded, WiretraceError
from service.flows.conveyor import Conveyor, InTurn
from service.flows.jobs import Describe
from service.flows.patience import patiently
from service.flows.preparing import Prepared
from service.flows.tasks import Also, Ingested
from service.ports import Clock, Ids, Store, WriteSession

_READ_AT_ONCE = 64
_log = structlog.get_logger("service.waiting")


class Preparing(Protocol):
    async def prepare(self, content: ArticleInput) -> Prepared: ...
    async def ingest_waiting(self, ticket: str, content: ArticleInput, also: Also, in_turn: InTurn) -> Ingested | None: ...


class Waiting:
    """`describe` makes a problem document of an error, `taken_in` hears of each article."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        ingest: Preparing,
        describe: Describe,
        taken_in: Callable[[ArticleInput, Ingested], None],
        *,
        width: int,
        max_waiting: int,
    ) -> None:
        self._store, self._clock, self._ids, self._ingest = store, clock, ids, ingest
        self._describe, self._taken_in, self._width, self._max_waiting = describe, taken_in, width, max_waiting
        self._wake = asyncio.Event()
        self._under_way: set[str] = set()
        self._awaited: dict[str, asyncio.Future[Ingested | None]] = {}
        self._task: asyncio.Task[None] | None = None

    async def put(
        self,
        content: ArticleInput,
        also: Callable[[WriteSession, QueuedArticle], None] | None = None,
        outcome: asyncio.Future[Ingested | None] | None = None,
    ) -> QueuedArticle:
        """Returns when it is safely stored, under the id that the article has or will have. `also` is called in that
        transaction; `outcome` is told what became of it, None when it failed. Raises Overloaded, StoreUnavailable.
        """
        prepared = await self._ingest.prepare(content)

        def store() -> QueuedArticle:
            with self._store.write() as session:
                if session.count_queued_articles() >= self._max_waiting:
                    raise Overloaded(f"{self._max_waiting} articles wait already.", retry_after_s=5)
                now = self._clock.now()
                # Made while nobody else writes, so that tickets are in the order of the commits.
                ticket = self._ids.new(now)
                article_id = _known_id(session, content) or session.reserved_id(content) or self._ids.new(now)
                article = Article(article_id, 0, content, prepared.reading, (), prepared.content_hash, now, 1, "queued")
                waiting = QueuedArticle(ticket, article)
                session.put_queued_article(waiting)
                if outcome is not None:
                    self._awaited[ticket] = outcome
                if also is not None:
                    also(session, waiting)
            return waiting

        waiting = await asyncio.to_thread(store)
        self._wake.set()
        return waiting

    # ---- the runner --------------------------------------------------------------------------------------------------

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """What still waits is taken up by the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        conveyor = Conveyor(self._width)
        try:
            while True:
                self._wake.clear()
                try:
                    found = await asyncio.to_thread(self._next)
                    for waiting in found:
                        self._under_way.add(waiting.ticket)
                        await conveyor.put(partial(self._take_in, waiting))
                    if not found:
                        await self._wake.wait()
                except Exception:  # noqa: BLE001 - the runner must outlive whatever happens
                    _log.exception("the queue of articles failed; it tries again")
                    await asyncio.sleep(1)
        finally:
            await conveyor.cancel()

    def _next(self) -> list[QueuedArticle]:
        with self._store.read() as session:
            found = session.queued_articles("", len(self._under_way) + _READ_AT_ONCE)
        return [waiting for waiting in found if waiting.ticket not in self._under_way]

    async def _take_in(self, waiting: QueuedArticle, in_turn: InTurn) -> None:
        content, done = waiting.article.content, None
        where = f"/v1/articles/{waiting.article.id}"

        def settle(session: WriteSession, outcome: Ingested) -> None:
            if outcome.article.id == waiting.article.id:
                session.end_queued_article(waiting.ticket)
                return
            known = InvalidInput(f"By its external id or address it is the article {outcome.article.id}, which has the new text.")
            session.end_queued_article(waiting.ticket, self._describe(known, where))

        try:
            try:
                done = await patiently(lambda: self._ingest.ingest_waiting(waiting.ticket, content, settle, in_turn))
                if done is not None:
                    self._taken_in(content, done)
            except Exception as error:  # noqa: BLE001 - whatever it is, the article says so and the next one is served
                _log.exception("an article that waited failed", article=waiting.article.id)
                shown = error if isinstance(error, WiretraceError) else InternalError()
                await patiently(partial(asyncio.to_thread, self._fail, waiting, shown, where))
        finally:
            self._under_way.discard(waiting.ticket)
            awaited = self._awaited.pop(waiting.ticket, None)
            if awaited is not None and not awaited.done():
                awaited.set_result(done)

    def _fail(self, waiting: QueuedArticle, error: WiretraceError, where: str) -> None:
        with self._store.write() as session:
            session.end_queued_article(waiting.ticket, self._describe(error, where))


def _known_id(session: WriteSession, content: ArticleInput) -> str | None:
    known = session.article_by_external_id(content.external_id) if content.external_id is not None else None
    if known is None and content.canonical_url is not None:
        known = session.article_by_canonical_url(content.canonical_url)
    return None if known is None else known.id
