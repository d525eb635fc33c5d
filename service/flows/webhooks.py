"""Setting webhooks up, looking at what became of their messages, sending one again. Synchronous; callers run it in a thread."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace

from service.domain.changes import ChangeType, Webhook
from service.domain.webhooks import key_of, secret_of, sequence_of
from service.errors import DeliveryNotFound, Fault, InvalidInput, Overloaded, WebhookNotFound
from service.flows.bell import Bell
from service.flows.feed_views import DeliveryView, NewWebhookView, WebhookView, delivery_view, webhook_view
from service.ports import Clock, Ids, ReadSession, Store

MOST_WEBHOOKS = 100
_SECRET_BYTES = 32


class Webhooks:
    """`check_address` raises FetchRefused for an address that will never be connected to."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, bell: Bell, check_address: Callable[[str], object]) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._bell = bell
        self._check_address = check_address

    def add(self, url: str, types: Sequence[ChangeType], secret: str | None) -> NewWebhookView:
        """Told of everything from now on. Raises InvalidInput, FetchRefused, Overloaded when there are too many."""
        self._check_address(url)
        secret = secret_of(os.urandom(_SECRET_BYTES)) if secret is None else secret
        try:
            key_of(secret)
        except ValueError as error:
            raise InvalidInput(f"#/secret {error}", [Fault("#/secret", str(error))]) from error
        now = self._clock.now()
        with self._store.write() as session:
            if len(session.webhooks()) >= MOST_WEBHOOKS:
                raise Overloaded(f"There are {MOST_WEBHOOKS} webhooks; delete one that is not needed.")
            hook = Webhook(self._ids.new(now), url, tuple(dict.fromkeys(types)), secret, now, session.last_change())
            session.put_webhook(hook)
        return NewWebhookView(**webhook_view(hook).model_dump(), secret=secret)

    def page(self, after: tuple[str, ...] | None, limit: int) -> tuple[list[WebhookView], tuple[str, ...] | None]:
        """Newest first, and the key of the next page."""
        with self._store.read() as session:
            found = [hook for hook in reversed(session.webhooks()) if after is None or hook.id < after[0]]
        page = found[:limit]
        return [webhook_view(hook) for hook in page], (page[-1].id,) if len(found) > limit else None

    def delete(self, webhook_id: str) -> None:
        """Raises WebhookNotFound."""
        with self._store.write() as session:
            _found(session, webhook_id)
            session.delete_webhook(webhook_id)

    def deliveries(
        self, webhook_id: str, after: tuple[str, ...] | None, limit: int
    ) -> tuple[list[DeliveryView], tuple[str, ...] | None]:
        """Newest change first, and the key of the next page. Raises WebhookNotFound, InvalidInput."""
        with self._store.read() as session:
            _found(session, webhook_id)
            found = session.deliveries(webhook_id, _number(after), limit + 1)
        page = found[:limit]
        return [delivery_view(one) for one in page], (str(page[-1].sequence),) if len(found) > limit else None

    def redeliver(self, webhook_id: str, message: str) -> DeliveryView:
        """Sent again at once, under the same id; a success enables a disabled webhook.

        Raises WebhookNotFound, DeliveryNotFound.
        """
        with self._store.write() as session:
            _found(session, webhook_id)
            sequence = sequence_of(message, webhook_id)
            delivery = session.delivery(webhook_id, sequence) if sequence is not None else None
            if delivery is None:
                raise DeliveryNotFound(f"This webhook has no delivery {message!r}.")
            again = replace(delivery, state="waiting", attempts=0, next_at=self._clock.now())
            session.put_delivery(again)
        self._bell.ring()
        return delivery_view(again)


def _found(session: ReadSession, webhook_id: str) -> Webhook:
    hook = session.webhook(webhook_id)
    if hook is None:
        raise WebhookNotFound(f"No webhook has the id {webhook_id!r}.")
    return hook


def _number(after: tuple[str, ...] | None) -> int | None:
    return int(after[0]) if after is not None and after[0].isdigit() else None
