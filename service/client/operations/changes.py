"""The change feed: pages, the stream that connects again, and a consumer that acknowledges. Flows of steps only."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Any

from service.client.arguments import JSON, get, json_body, parameters
from service.client.errors import Busy, InvalidArgument, NoAnswer, UnexpectedAnswer
from service.client.events import EventReader
from service.client.policy import Policy, exchange, failure, pause_after
from service.client.reading import model_of, parsed
from service.client.steps import Answer, Close, Emit, Feed, Flow, Lost, Open, Receive, Request, Step, Wait
from service.flows.feed_views import AcknowledgedView, ChangesView, ChangeView

_STREAM = "/v1/changes/stream"
_EVENTS = "text/event-stream"
_PAGE = 200
_SAID_EVERY_S = 2.0
_ENDLESS = 1 << 62


def list_changes(
    policy: Policy, *, after: int | None = None, consumer: str | None = None, limit: int | None = None
) -> Flow[ChangesView]:
    """One page of what happened, behind `after` or what `consumer` acknowledged. `next` is the `after` of the next page."""
    return model_of((yield from exchange(policy, get("/v1/changes", after=after, consumer=consumer, limit=limit))), ChangesView)


def acknowledge_changes(policy: Policy, consumer: str, sequence: int) -> Flow[AcknowledgedView]:
    """Say that `consumer` has dealt with everything up to `sequence`. Never goes back."""
    # The same word twice is one word, so it may be said again.
    body = json_body({"consumer": consumer, "sequence": sequence})
    answer = yield from exchange(policy, Request("POST", "/v1/changes/acknowledge", headers=JSON, body=body))
    return model_of(answer, AcknowledgedView)


def changes(policy: Policy, *, after: int = 0) -> Feed[ChangeView]:
    """What happened behind `after`, up to now."""
    while True:
        page = yield from list_changes(policy, after=after, limit=_PAGE)
        for change in page.items:
            yield Emit(change)
        if not page.items:
            return
        after = page.next


def stream_changes(
    policy: Policy, *, after: int | None = None, consumer: str | None = None, patience_s: float | None = None
) -> Feed[ChangeView]:
    """What happened and what happens, without end, each change once and in order (server-sent events).

    Begins behind `after`, or behind what `consumer` acknowledged, else at the beginning. A lost connection is made again and goes
    on behind the last change that was handed over. The first connection is tried as often as any call; later ones until nothing
    was heard for `patience_s`, then NoAnswer or Problem is raised; for ever when it is None. Acknowledges nothing.
    """
    if after is not None and consumer is not None:
        raise InvalidArgument("after and consumer exclude each other")
    return _follow(policy, _Reader(None, after), consumer, patience_s, is_known=False)


def consume_changes(policy: Policy, consumer: str, *, patience_s: float | None = None) -> Feed[ChangeView]:
    """`stream_changes` for a named consumer, which acknowledges: whoever crashes goes on where it was.

    A change counts as dealt with when the loop comes back for the next one. What has piled up is acknowledged page by page and
    every 2 seconds, what comes then before waiting for more. What was dealt with but not acknowledged yet is handed over once
    more after a crash: make that harmless, or keep the last `sequence` with your own data.
    """
    reader = _Reader(consumer, None)
    yield from _catch_up(policy, reader, consumer)
    yield from _follow(policy, reader, consumer, patience_s, is_known=True)


@dataclass(slots=True)
class _Reader:
    """`reached`: the last change handed over, None before the first; `said`: the last one acknowledged, at `said_at` of the
    clock. Without a name nothing is said.
    """

    name: str | None
    reached: int | None
    said: int | None = None
    said_at: float = 0.0

    def acknowledge(self, policy: Policy) -> Flow[None]:
        if self.name is None or self.reached is None or self.reached == self.said:
            return
        try:
            yield from acknowledge_changes(policy, self.name, self.reached)
        except (NoAnswer, Busy):
            return  # the next word says the same and more; the stream notices by itself when the service is gone
        self.said, self.said_at = self.reached, policy.clock()


def _catch_up(policy: Policy, reader: _Reader, consumer: str) -> Feed[ChangeView]:
    """One request and one word of thanks for 200 changes: as single events a day's changes would take far longer."""
    reader.said_at = policy.clock()
    page = yield from list_changes(policy, consumer=consumer, limit=_PAGE)
    while page.items:
        for change in page.items:
            reader.reached = change.sequence
            yield Emit(change)
            if policy.clock() - reader.said_at > _SAID_EVERY_S:
                yield from reader.acknowledge(policy)
        yield from reader.acknowledge(policy)
        try:
            page = yield from list_changes(policy, after=reader.reached, limit=_PAGE)
        except (NoAnswer, Busy):
            return  # the stream goes on where this ends, and waits for the service to come back


def _follow(
    policy: Policy, reader: _Reader, consumer: str | None, patience_s: float | None, *, is_known: bool
) -> Feed[ChangeView]:
    """`is_known`: the service was there before, so a connection that cannot be made is one that was lost."""
    attempt, heard_at = 0, policy.clock()
    retries = replace(policy.retries, attempts=_ENDLESS) if is_known else policy.retries
    while True:
        attempt += 1
        request = _request(reader, consumer)
        found: Answer | Lost = yield Open(request)
        if isinstance(found, Answer) and found.status < 300:
            events = EventReader()
            found = yield from _read(policy, reader, found, events)
            attempt, heard_at = 1, policy.clock()
            # Once it has stood it is made again however long that takes; readers spread over the time that the service names.
            first_s = max(retries.first_s, (events.retry_ms or 0) / 1_000)
            retries = replace(policy.retries, attempts=_ENDLESS, first_s=first_s, longest_s=max(first_s, retries.longest_s))
        pause_s = pause_after(replace(policy, retries=retries), request, found, attempt)
        if pause_s is None or (patience_s is not None and policy.clock() + pause_s - heard_at > patience_s):
            raise failure(policy, found)
        yield Wait(pause_s)


def _request(reader: _Reader, consumer: str | None) -> Request:
    if reader.reached is None:
        return Request("GET", _STREAM, parameters(consumer=consumer), {"Accept": _EVENTS})
    return Request("GET", _STREAM, headers={"Accept": _EVENTS, "Last-Event-ID": str(reader.reached)})


def _read(policy: Policy, reader: _Reader, opened: Answer, events: EventReader) -> Generator[Step | Emit[ChangeView], Any, Lost]:
    """Hands over what comes until nothing comes any more; says why."""
    if not opened.headers.get("content-type", "").startswith(_EVENTS):
        raise UnexpectedAnswer("the change stream does not consist of server-sent events", opened.status, b"")
    while True:
        found: bytes | Lost = yield Receive()
        if isinstance(found, Lost) or not found:
            yield Close()
            return found if isinstance(found, Lost) else Lost("the change stream ended", may_be_done=False)
        for event in events.feed(found):
            change = parsed(event.data.encode(), ChangeView)
            if reader.reached is not None and change.sequence <= reader.reached:
                continue
            reader.reached = change.sequence
            yield Emit(change)
        yield from reader.acknowledge(policy)
