"""The client for asyncio: carries the same steps out without blocking. Decides nothing; see `blocking.py` for its twin."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import httpx

from service.client import operations as of
from service.client.connecting import DEFAULT_SERVER, DEFAULT_TIMEOUT_S, answer_of, built, lost, options, presented
from service.client.paging import unpaged
from service.client.policy import Policy, Retries
from service.client.steps import Answer, Close, Emit, Feed, Flow, Open, Receive, Request, Send, Step, Wait

P = ParamSpec("P")
T = TypeVar("T")
Item = TypeVar("Item")
Sleep = Callable[[float], Awaitable[None]]


class _Line:
    """Carries out the steps of one call, and holds the stream that it may have open."""

    def __init__(self, http: httpx.AsyncClient, permits: asyncio.Semaphore, sleep: Sleep) -> None:
        self._http = http
        self._permits = permits
        self._sleep = sleep
        self._stream: httpx.Response | None = None
        self._parts: AsyncIterator[bytes] = _none()

    async def perform(self, step: Step) -> Any:
        try:
            match step:
                case Send(request):
                    # A stream needs no permit: it lasts, and calls would wait for its end.
                    async with self._permits:
                        return await self._send(request, is_stream=False)
                case Open(request):
                    return await self._send(request, is_stream=True)
                case Receive():
                    return await anext(self._parts, b"")
                case Close():
                    return await self.close()
                case Wait(seconds):
                    return await self._sleep(seconds)
        except httpx.RequestError as error:
            return lost(error)

    async def _send(self, request: Request, *, is_stream: bool) -> Answer:
        body = request.body
        content = _unblocked(body()) if callable(body) else body
        # What is read from a file as it is sent cannot be sent on to where an answer leads.
        response = await self._http.send(
            built(self._http, request, content, is_stream=is_stream), stream=is_stream, follow_redirects=not callable(body)
        )
        if not is_stream:
            return answer_of(response, response.content)
        self._stream = response
        if response.is_success:
            self._parts = response.aiter_bytes()
            return answer_of(response)
        try:
            return answer_of(response, await response.aread())
        finally:
            await self.close()

    async def close(self) -> None:
        stream, self._stream, self._parts = self._stream, None, _none()
        if stream is not None:
            await stream.aclose()


async def _none() -> AsyncIterator[bytes]:
    return
    yield b""


async def _unblocked(parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Files are read in another thread: the loop has other calls to serve."""
    while (part := await asyncio.to_thread(next, parts, None)) is not None:
        yield part


class _Client:
    """What calls need, and how they run."""

    def __init__(
        self,
        server: str = DEFAULT_SERVER,
        *,
        api_key: str | None = None,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        retries: Retries | None = None,
        concurrency: int = 32,
        trust_env: bool = False,
        verify: ssl.SSLContext | bool = True,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        chosen = options(server, api_key, timeout_s, trust_env=trust_env, verify=verify)
        self._policy = Policy(server, retries or Retries())
        self._sleep = sleep
        self._permits = asyncio.Semaphore(concurrency)
        self._http = httpx.AsyncClient(transport=transport, **chosen)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._policy.server!r})"

    async def close(self) -> None:
        """Let go of all connections."""
        await self._http.aclose()

    async def _run(self, flow: Flow[T]) -> T:
        line, found = _Line(self._http, self._permits, self._sleep), None
        try:
            while True:
                try:
                    step = flow.send(found)
                except StopIteration as end:
                    result: T = end.value
                    return result
                found = await line.perform(step)
        finally:
            flow.close()
            await line.close()

    async def _each(self, feed: Feed[Item]) -> AsyncIterator[Item]:
        line, found = _Line(self._http, self._permits, self._sleep), None
        try:
            while True:
                try:
                    step = feed.send(found)
                except StopIteration:
                    return
                found = None
                if isinstance(step, Emit):
                    yield step.item
                else:
                    found = await line.perform(step)
        finally:
            feed.close()
            await line.close()


def _call(operation: Callable[Concatenate[Policy, P], Flow[T]]) -> Callable[Concatenate[_Client, P], Coroutine[Any, Any, T]]:
    async def method(self: _Client, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._run(operation(self._policy, *args, **kwargs))

    presented(method, operation, "{}")
    return method


def _each(operation: Callable[Concatenate[Policy, P], Feed[Item]]) -> Callable[Concatenate[_Client, P], AsyncIterator[Item]]:
    def method(self: _Client, /, *args: P.args, **kwargs: P.kwargs) -> AsyncIterator[Item]:
        return self._each(operation(self._policy, *args, **kwargs))

    presented(method, operation, "AsyncIterator[{}]")
    return method


class AsyncWiretrace(_Client):
    """A Wiretrace service, for asyncio. Close it, or use it in an `async with` statement; tasks share one.

    Arguments as of `Wiretrace`; `concurrency`: calls under way at once, others wait. Streams do not count.
    """

    ingest_article = _call(of.articles.ingest_article)
    fetch_article = _call(of.articles.fetch_article)
    wait_for_article = _call(of.articles.wait_for_article)
    check_article = _call(of.articles.check_article)
    list_articles = _call(of.articles.list_articles)
    get_article = _call(of.articles.get_article)
    get_article_matches = _call(of.articles.get_article_matches)
    get_article_provenance = _call(of.articles.get_article_provenance)
    delete_article = _call(of.articles.delete_article)
    articles = _each(unpaged(of.articles.list_articles))

    ingest_batch = _call(of.batches.ingest_batch)
    list_jobs = _call(of.batches.list_jobs)
    get_job = _call(of.batches.get_job)
    wait_for_job = _call(of.batches.wait_for_job)
    cancel_job = _call(of.batches.cancel_job)
    jobs = _each(unpaged(of.batches.list_jobs))

    list_stories = _call(of.stories.list_stories)
    get_story = _call(of.stories.get_story)
    get_story_passages = _call(of.stories.get_story_passages)
    get_story_provenance = _call(of.stories.get_story_provenance)
    export_story_provenance = _call(of.stories.export_story_provenance)
    get_story_history = _call(of.stories.get_story_history)
    merge_stories = _call(of.stories.merge_stories)
    split_story = _call(of.stories.split_story)
    list_constraints = _call(of.stories.list_constraints)
    get_constraint = _call(of.stories.get_constraint)
    delete_constraint = _call(of.stories.delete_constraint)
    stories = _each(unpaged(of.stories.list_stories))
    story_history = _each(unpaged(of.stories.get_story_history))
    constraints = _each(unpaged(of.stories.list_constraints))

    list_changes = _call(of.changes.list_changes)
    acknowledge_changes = _call(of.changes.acknowledge_changes)
    changes = _each(of.changes.changes)
    stream_changes = _each(of.changes.stream_changes)
    consume_changes = _each(of.changes.consume_changes)

    list_outlets = _call(of.records.list_outlets)
    get_outlet = _call(of.records.get_outlet)
    list_organisations = _call(of.records.list_organisations)
    get_organisation = _call(of.records.get_organisation)
    outlets = _each(unpaged(of.records.list_outlets))
    organisations = _each(unpaged(of.records.list_organisations))

    create_webhook = _call(of.webhooks.create_webhook)
    exchange_webhook_secret = _call(of.webhooks.exchange_webhook_secret)
    list_webhooks = _call(of.webhooks.list_webhooks)
    get_webhook = _call(of.webhooks.get_webhook)
    delete_webhook = _call(of.webhooks.delete_webhook)
    list_deliveries = _call(of.webhooks.list_deliveries)
    redeliver = _call(of.webhooks.redeliver)
    webhooks = _each(unpaged(of.webhooks.list_webhooks))
    deliveries = _each(unpaged(of.webhooks.list_deliveries))

    get_liveness = _call(of.health.get_liveness)
    get_readiness = _call(of.health.get_readiness)
    get_metrics = _call(of.health.get_metrics)
    wait_until_ready = _call(of.health.wait_until_ready)
