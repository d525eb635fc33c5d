"""Tells webhooks what happened: for each of them one change after the other, again and again until it was taken.

Follows the change table by a cursor that is stored with each webhook, so nothing is lost over a restart; a kill between a POST
and its record sends the same message again under the same id. Opens no connection itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from service.domain.changes import Change, Delivery, Webhook
from service.domain.webhooks import delay_s, message_id, signed_headers
from service.errors import WiretraceError
from service.flows.bell import Bell
from service.flows.feed_views import WebhookMessageView, change_view
from service.ports import Clock, Store, WriteSession

_PAGE = 200
_POLL_S = 1.0
_SUCCESS = 2
_GONE = 410
_log = structlog.get_logger("service.delivering")


@dataclass(frozen=True, slots=True)
class Posted:
    """What a receiver answered; `status` None when it did not. `response` is cut and holds no NUL."""

    status: int | None
    response: str
    retry_after_s: float | None = None


Post = Callable[[str, Mapping[str, str], bytes], Awaitable[Posted]]
"""Address, headers and body; never raises for what a receiver does."""


@dataclass(frozen=True, slots=True)
class _Head:
    """What a webhook is to be told next."""

    hook: Webhook
    delivery: Delivery
    change: Change


class Deliverer:
    """Start it on the event loop, stop it there. Webhooks do not wait for each other."""

    def __init__(self, store: Store, clock: Clock, post: Post, bell: Bell, chance: Callable[[], float] = random.random) -> None:
        self._store = store
        self._clock = clock
        self._post = post
        self._bell = bell
        self._chance = chance
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._running = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """What is under way is given up; it is sent again after the next start."""
        tasks = [task for task in (self._running, *self._busy.values()) if task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _run(self) -> None:
        loop, woken = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(woken.set)

        stop = self._bell.listen(wake)
        try:
            while True:
                woken.clear()
                try:
                    await self.begin()
                except Exception:  # noqa: BLE001 - whatever it was, webhooks are looked at again
                    _log.exception("webhooks_could_not_be_read")
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(woken.wait(), _POLL_S)
        finally:
            stop()

    async def begin(self) -> list[asyncio.Task[None]]:
        """Set to work for every webhook that nobody works for; the tasks of all."""
        for name, task in [(name, task) for name, task in self._busy.items() if task.done()]:
            del self._busy[name]
            if not task.cancelled() and (error := task.exception()) is not None:
                _log.error("webhook_failed", webhook=name, error=repr(error))
        for hook in await asyncio.to_thread(self._webhooks):
            if hook.id not in self._busy:
                self._busy[hook.id] = asyncio.create_task(self._serve(hook.id))
        return list(self._busy.values())

    def _webhooks(self) -> list[Webhook]:
        with self._store.read() as session:
            return session.webhooks()

    async def _serve(self, webhook_id: str) -> None:
        """Until there is nothing that is due now."""
        try:
            while (head := await asyncio.to_thread(self._head, webhook_id)) is not None:
                message = message_id(webhook_id, head.change.sequence)
                body = WebhookMessageView(
                    type=head.change.type, timestamp=head.change.at, data=change_view(head.change)
                ).model_dump_json().encode()  # fmt: skip
                headers = signed_headers(head.hook.secret, message, self._clock.now(), body)
                posted = await self._post(head.hook.url, headers, body)
                await asyncio.to_thread(self._record, head, posted)
        except WiretraceError:
            _log.warning("webhook_waits_for_the_store", webhook=webhook_id)

    def _head(self, webhook_id: str) -> _Head | None:
        """The oldest change still on its way, else the next one that the webhook asked for; None when nothing is due."""
        while True:
            with self._store.read() as session:
                hook, waiting = session.webhook(webhook_id), session.waiting_delivery(webhook_id)
                if hook is None:
                    return None
                if waiting is not None:
                    if waiting.next_at is not None and waiting.next_at > self._clock.now():
                        return None
                    [change] = session.changes(waiting.sequence - 1, 1)
                    return _Head(hook, waiting, change)
                if hook.disabled_reason is not None:
                    return None
                page = session.changes(hook.sequence, _PAGE)
            if not page:
                return None
            for change in page:
                if not hook.types or change.type in hook.types:
                    return _Head(hook, Delivery(hook.id, change.sequence, change.type, "waiting"), change)
            with self._store.write() as write:
                self._advance(write, hook, page[-1].sequence, None)

    def _advance(self, session: WriteSession, hook: Webhook, sequence: int, disabled_reason: str | None) -> bool:
        """False when the webhook was deleted meanwhile."""
        now = session.webhook(hook.id)
        if now is not None:
            session.put_webhook(replace(now, sequence=max(now.sequence, sequence), disabled_reason=disabled_reason))
        return now is not None

    def _record(self, head: _Head, posted: Posted) -> None:
        now = self._clock.now()
        tried = replace(
            head.delivery,
            attempts=head.delivery.attempts + 1,
            last_at=now,
            next_at=None,
            status=posted.status,
            response=posted.response,
        )
        done, disabled_reason = self._judged(head.hook, tried, posted, now)
        with self._store.write() as session:
            if self._advance(session, head.hook, done.sequence, disabled_reason):
                session.put_delivery(done)

    def _judged(self, hook: Webhook, tried: Delivery, posted: Posted, now: datetime) -> tuple[Delivery, str | None]:
        """The delivery after this attempt, and why its webhook is told nothing more, if so."""
        if posted.status is not None and posted.status // 100 == _SUCCESS:
            return replace(tried, state="delivered"), None
        if posted.status == _GONE:
            return replace(tried, state="failed"), "The receiver answered 410."
        delay = delay_s(tried.attempts, self._chance(), posted.retry_after_s)
        if delay is None:
            return replace(tried, state="failed"), f"A message failed {tried.attempts} times."
        return replace(tried, next_at=now + timedelta(seconds=delay)), hook.disabled_reason
