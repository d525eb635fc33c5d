"""What the routes may use. Built by the composition root, handed to every request through the lifespan's state."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Protocol, cast

from fastapi import Depends, Request

from service.domain.models import ArticleInput, Organisation
from service.fetch.extract_types import ExtractedPage, FeedItem
from service.flows.query import Query
from service.flows.views import HealthView
from service.settings import Settings

if TYPE_CHECKING:
    from service.fetch.client import Fetched
    from service.fetch.relay import Passed
    from service.flows.answers import Answers
    from service.flows.bell import Bell
    from service.flows.conveyor import InTurn
    from service.flows.editing import Editing
    from service.flows.feed import Feed
    from service.flows.ingest import Also, Checked, Ingested
    from service.flows.jobs import Jobs
    from service.flows.preparing import Prepared
    from service.flows.searching import Search
    from service.flows.waiting import Waiting
    from service.flows.webhooks import Webhooks


class Writing(Protocol):
    """The use cases that take an article in; `service.flows.ingest.IngestService`."""

    async def ingest(self, content: ArticleInput, also: Also | None = None, in_turn: InTurn | None = None) -> Ingested: ...
    async def ingest_waiting(self, ticket: str, content: ArticleInput, also: Also, in_turn: InTurn) -> Ingested | None: ...
    async def prepare(self, content: ArticleInput) -> Prepared: ...
    async def check(self, content: ArticleInput) -> Checked: ...


class PageReading(Protocol):
    """Reads HTML in processes of their own; `service.fetch.workers.WorkerPool`."""

    async def read_page(self, page: bytes, *, url: str | None, charset: str | None) -> ExtractedPage: ...
    async def read_fragment(self, markup: str) -> tuple[str, ...]: ...
    async def read_feed(self, content: bytes, *, url: str | None) -> tuple[FeedItem, ...]: ...


class Fetching(Protocol):
    """Gets pages of other sites; `service.fetch.client.FetchClient`."""

    async def page(self, url: str) -> Fetched: ...


class Passing(Protocol):
    """Hands requests to the process that writes; `service.fetch.relay.Relay`."""

    def passed_on(
        self,
        method: str,
        target: bytes,
        headers: list[tuple[bytes, bytes]],
        body: AsyncIterator[bytes] | None,
        patience_s: float | None = None,
    ) -> AbstractAsyncContextManager[Passed]: ...


class Watching(Protocol):
    """Looks whether this process is still to be what it is, the one that writes or a replica."""

    @property
    def begins_anew(self) -> bool:
        """Whether it is to be ended and started again, which decides what it is then."""
        ...


class Uploading(Protocol):
    """A batch that is coming in; `service.store.spool.Upload`."""

    def write(self, data: bytes) -> None: ...
    def finish(self) -> int: ...
    def discard(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Batching:
    """`upload` begins to keep the body of a new job and names the job."""

    jobs: Jobs
    upload: Callable[[], tuple[str, Uploading]]


@dataclass(frozen=True, slots=True)
class Following:
    """The change feed, and the bell that says when there may be more of it."""

    feed: Feed
    bell: Bell


@dataclass(frozen=True, slots=True)
class Services:
    settings: Settings
    query: Query
    ingest: Writing
    organisation: Callable[[str], Organisation | None]
    readiness: Callable[[], HealthView]
    """Really tries every part; raises NotReady that names those that fail."""
    pages: PageReading | None = None
    web: Fetching | None = None
    batches: Batching | None = None
    answers: Answers | None = None
    waiting: Waiting | None = None
    following: Following | None = None
    editing: Editing | None = None
    webhooks: Webhooks | None = None
    search: Search | None = None
    relay: Passing | None = None
    """On a replica: the way to the process that writes."""
    watch: Watching | None = None
    """None where it can only be what it is."""


def _services(request: Request) -> Services:
    return cast("Services", request.state.services)


Use = Annotated[Services, Depends(_services)]
