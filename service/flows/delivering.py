"""Tells webhooks what happened: for each of them one change after the other, again and again until it was taken.

Follows the change table by a cursor that is stored with each webhook, so nothing is lost over a restart; a kill between POSTs and
their record sends the same messages again under the same ids. Opens no connection itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

import structlog

from service.domain.changes import Change, Delivery, Webhook
from service.domain.webhooks import delay_s, message_id, signed_headers
from service.errors import WiretraceError
from service.flows.bell import Bell
from service.flows.feed_views import WebhookMessageView, change_view
from service.ports import Clock, Store, WriteSession

_PAGE = 200
_POLL_S = 1.0
_UNNOTED = 20
_UNNOTED_S = 1.0
"""Messages of one webhook that are sent before they are noted, and for how long: so many come twice after a kill."""
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


Outcome = Literal["delivered", "retried", "failed"]


@dataclass(frozen=True, slots=True)
class _Head:
    """What a webhook is to be told next."""

    hook: Webhook
    delivery: Delivery
    change: Change


class Deliverer:
    """Start it on the event loop, stop it there. Webhooks do not wait for each other."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        post: Post,
        bell: Bell,
        chance: Callable[[], float] = random.random,
        tried: Callable[[Outcome], None] = lambda _: None,
    ) -> None:
        """`tried` hears what came of each attempt."""
        self._store = store
        self._clock = clock
        self._post = post
        self._bell = bell
        self._chance = chance
        self._tried = tried
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
        """Until there is nothing that is due now. Some messages are sent one after the other before they are noted together: a
        note waits for the writer, and one for each message would keep a receiver far behind a crawl.
        """
        loop = asyncio.get_running_loop()
        try:
            while heads := await asyncio.to_thread(self._heads, webhook_id):
                tried: list[tuple[_Head, Posted]] = []
                until = loop.time() + _UNNOTED_S
                for head in heads:
                    if tried and not await asyncio.to_thread(self._is_as_it_was, head.hook):
                        break
                    posted = await self._sent(head)
                    tried.append((head, posted))
                    if not _is_taken(posted) or loop.time() > until:
                        break
                await asyncio.to_thread(self._record, tried)
        except WiretraceError:
            _log.warning("webhook_waits_for_the_store", webhook=webhook_id)

    def _is_as_it_was(self, hook: Webhook) -> bool:
        """Neither deleted nor with another secret."""
        with self._store.read() as session:
            now = session.webhook(hook.id)
        return now is not None and now.secret == hook.secret

    async def _sent(self, head: _Head) -> Posted:
        now = self._clock.now()
        body = WebhookMessageView(type=head.change.type, timestamp=head.change.at, data=change_view(head.change))
        content = body.model_dump_json().encode()
        headers = signed_headers(_secrets(head.hook, now), message_id(head.hook.id, head.change.sequence), now, content)
        return await self._post(head.hook.url, headers, content)

    def _heads(self, webhook_id: str) -> list[_Head]:
        """The oldest change still on its way, else the next ones that the webhook asked for; none when nothing is due."""
        while True:
            with self._store.read() as session:
                hook, waiting = session.webhook(webhook_id), session.waiting_delivery(webhook_id)
                if hook is None:
                    return []
                if waiting is not None:
                    if waiting.next_at is not None and waiting.next_at > self._clock.now():
                        return []
                    [change] = session.changes(waiting.sequence - 1, 1)
                    return [_Head(hook, waiting, change)]
                if hook.disabled_reason is not None:
                    return []
                page = session.changes(hook.sequence, _PAGE)
            if not page:
                return []
            wanted = [change for change in page if not hook.types or change.type in hook.types][:_UNNOTED]
            if wanted:
                return [_Head(hook, Delivery(hook.id, one.sequence, one.type, "waiting"), one) for one in wanted]
            with self._store.write() as write:
                self._advance(write, hook, page[-1].sequence, None)

    def _advance(self, session: WriteSession, hook: Webhook, sequence: int, disabled_reason: str | None) -> bool:
        """False when the webhook was deleted meanwhile."""
        now = session.webhook(hook.id)
        if now is not None:
            session.put_webhook(replace(now, sequence=max(now.sequence, sequence), disabled_reason=disabled_reason))
        return now is not None

    def _record(self, tried: Sequence[tuple[_Head, Posted]]) -> None:
        now = self._clock.now()
        judged = [(head.hook, *self._judged(head, posted, now)) for head, posted in tried]
        with self._store.write() as session:
            for hook, done, disabled_reason in judged:
                if self._advance(session, hook, done.sequence, disabled_reason):
                    session.put_delivery(done)
        for _, done, _ in judged:
            self._tried("retried" if done.state == "waiting" else done.state)

    def _judged(self, head: _Head, posted: Posted, now: datetime) -> tuple[Delivery, str | None]:
        """The delivery after this attempt, and why its webhook is told nothing more, if so."""
        attempts = head.delivery.attempts + 1
        tried = replace(
            head.delivery, attempts=attempts, last_at=now, next_at=None, status=posted.status, response=posted.response
        )
        if _is_taken(posted):
            return replace(tried, state="delivered"), None
        if posted.status == _GONE:
            return replace(tried, state="failed"), "The receiver answered 410."
        delay = delay_s(tried.attempts, self._chance(), posted.retry_after_s)
        if delay is None:
            return replace(tried, state="failed"), f"A message failed {tried.attempts} times."
        return replace(tried, next_at=now + timedelta(seconds=delay)), head.hook.disabled_reason


def _is_taken(posted: Posted) -> bool:
    return posted.status is not None and posted.status // 100 == _SUCCESS


def _secrets(hook: Webhook, now: datetime) -> list[str]:
    """The present one first."""
    is_both = hook.last_secret is not None and hook.last_secret_until is not None and now < hook.last_secret_until
    return [hook.secret, *([hook.last_secret] if is_both and hook.last_secret else [])]
