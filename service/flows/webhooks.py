"""Setting webhooks up, looking at what became of their messages, sending one again. Synchronous; callers run it in a thread."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from service.domain.changes import ChangeType, Webhook
from service.domain.webhooks import key_of, secret_of, sequence_of
from service.errors import ChangesGone, DeliveryNotFound, Fault, InvalidInput, TooManyWebhooks, WebhookNotFound
from service.flows.answers import Alongside
from service.flows.bell import Bell
from service.flows.feed_views import DeliveryView, NewWebhookView, WebhookView, delivery_view, webhook_view
from service.ports import Clock, Ids, ReadSession, Store

MOST_WEBHOOKS = 100
BOTH_SECRETS = timedelta(days=1)
"""For so long the secret before signs too, so that receivers can be changed one after the other."""
_SECRET_BYTES = 32


class Webhooks:
    """`check_address` raises FetchRefused for an address that will never be connected to. What changes something calls `also` in
    its transaction with what it returns.
    """

    def __init__(self, store: Store, clock: Clock, ids: Ids, bell: Bell, check_address: Callable[[str], object]) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._bell = bell
        self._check_address = check_address

    def add(
        self, url: str, types: Sequence[ChangeType], secret: str | None, also: Alongside[NewWebhookView] | None = None
    ) -> NewWebhookView:
        """Told of everything from now on. Raises InvalidInput, FetchRefused, TooManyWebhooks."""
        self._check_address(url)
        secret = _secret(secret)
        now = self._clock.now()
        with self._store.write() as session:
            if len(session.webhooks()) >= MOST_WEBHOOKS:
                raise TooManyWebhooks(f"There are {MOST_WEBHOOKS} webhooks; delete one that is not needed.")
            hook = Webhook(self._ids.new(now), url, tuple(dict.fromkeys(types)), secret, now, session.last_change())
            session.put_webhook(hook)
            view = NewWebhookView(**webhook_view(hook).model_dump(), secret=secret)
            if also is not None:
                also(session, view)
        return view

    def exchange_secret(
        self, webhook_id: str, secret: str | None, also: Alongside[NewWebhookView] | None = None
    ) -> NewWebhookView:
        """Signed with the new secret from now on, and with the old one too for a day. Raises WebhookNotFound, InvalidInput."""
        secret, now = _secret(secret), self._clock.now()
        with self._store.write() as session:
            hook = _found(session, webhook_id)
            session.put_webhook(replace(hook, secret=secret, last_secret=hook.secret, last_secret_until=now + BOTH_SECRETS))
            view = NewWebhookView(**webhook_view(hook).model_dump(), secret=secret)
            if also is not None:
                also(session, view)
        return view

    def page(self, after: tuple[str, ...] | None, limit: int) -> tuple[list[WebhookView], tuple[str, ...] | None]:
        """Newest first, and the key of the next page."""
        with self._store.read() as session:
            found = [hook for hook in reversed(session.webhooks()) if after is None or hook.id < after[0]]
        page = found[:limit]
        return [webhook_view(hook) for hook in page], (page[-1].id,) if len(found) > limit else None

    def webhook(self, webhook_id: str) -> WebhookView:
        """Raises WebhookNotFound."""
        with self._store.read() as session:
            return webhook_view(_found(session, webhook_id))

    def delete(self, webhook_id: str, also: Alongside[None] | None = None) -> None:
        """Raises WebhookNotFound."""
        with self._store.write() as session:
            _found(session, webhook_id)
            session.delete_webhook(webhook_id)
            if also is not None:
                also(session, None)

    def deliveries(
        self, webhook_id: str, after: tuple[str, ...] | None, limit: int
    ) -> tuple[list[DeliveryView], tuple[str, ...] | None]:
        """Newest change first, and the key of the next page. Raises WebhookNotFound, InvalidInput."""
        with self._store.read() as session:
            _found(session, webhook_id)
            found = session.deliveries(webhook_id, _number(after), limit + 1)
        page = found[:limit]
        return [delivery_view(one) for one in page], (str(page[-1].sequence),) if len(found) > limit else None

    def redeliver(self, webhook_id: str, message: str, also: Alongside[DeliveryView] | None = None) -> DeliveryView:
        """Sent again at once, under the same id; a success enables a disabled webhook.

        Raises WebhookNotFound, DeliveryNotFound, ChangesGone where the change is not kept any more.
        """
        with self._store.write() as session:
            _found(session, webhook_id)
            sequence = sequence_of(message, webhook_id)
            delivery = session.delivery(webhook_id, sequence) if sequence is not None else None
            if delivery is None:
                raise DeliveryNotFound(f"This webhook has no delivery {message!r}.")
            if delivery.sequence <= session.dropped_changes():
                raise ChangesGone(f"The change {delivery.sequence} is not kept any more.")
            again = replace(delivery, state="waiting", attempts=0, next_at=self._clock.now())
            session.put_delivery(again)
            view = delivery_view(again)
            if also is not None:
                also(session, view)
        self._bell.ring()
        return view


def _secret(given: str | None) -> str:
    """The one given, or a new one. Raises InvalidInput."""
    secret = secret_of(os.urandom(_SECRET_BYTES)) if given is None else given
    try:
        key_of(secret)
    except ValueError as error:
        raise InvalidInput(f"#/secret {error}", [Fault("#/secret", str(error))]) from error
    return secret


def _found(session: ReadSession, webhook_id: str) -> Webhook:
    hook = session.webhook(webhook_id)
    if hook is None:
        raise WebhookNotFound(f"No webhook has the id {webhook_id!r}.")
    return hook


def _number(after: tuple[str, ...] | None) -> int | None:
    return int(after[0]) if after is not None and after[0].isdigit() else None
