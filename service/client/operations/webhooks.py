"""Webhooks and what became of their messages. Flows of steps only; verifying a message is `service/client/verifying.py`."""

from __future__ import annotations

from collections.abc import Sequence

from service.client.arguments import JSON, get, json_body, key_headers, part
from service.client.policy import Policy, exchange
from service.client.reading import model_of
from service.client.steps import Flow, Request
from service.domain.changes import ChangeType
from service.flows.feed_views import DeliveryListView, DeliveryView, NewWebhookView, WebhookListView, WebhookView


def create_webhook(
    policy: Policy,
    url: str,
    *,
    types: Sequence[ChangeType] = (),
    secret: str | None = None,
    idempotency_key: str | bool = True,
) -> Flow[NewWebhookView]:
    """Have changes told to an address. Only this answer and its replays show the secret. `types`: only these; all when empty.

    `idempotency_key`: as for `ingest_article`; without one, an unknown outcome is not tried again.
    """
    body = {"url": url, "types": list(types)} | ({} if secret is None else {"secret": secret})
    # Twice it would be two webhooks, so only the key makes it repeatable.
    key = key_headers(idempotency_key, policy.new_key)
    request = Request("POST", "/v1/webhooks", headers={**JSON, **key}, body=json_body(body), is_repeatable=bool(key))
    return model_of((yield from exchange(policy, request)), NewWebhookView)


def exchange_webhook_secret(
    policy: Policy, webhook_id: str, *, secret: str | None = None, idempotency_key: str | bool = True
) -> Flow[NewWebhookView]:
    """Another secret; only this answer and its replays show it. For a day messages are signed with both, so receivers need no
    pause.

    `idempotency_key`: as for `ingest_article`; without one, an unknown outcome is not tried again.
    """
    body = {} if secret is None else {"secret": secret}
    # Twice, and the secret that receivers still have would be two exchanges old.
    key = key_headers(idempotency_key, policy.new_key)
    path = f"/v1/webhooks/{part(webhook_id)}/secret"
    request = Request("POST", path, headers={**JSON, **key}, body=json_body(body), is_repeatable=bool(key))
    return model_of((yield from exchange(policy, request)), NewWebhookView)


def list_webhooks(policy: Policy, *, cursor: str | None = None, limit: int | None = None) -> Flow[WebhookListView]:
    """One page of webhooks, newest first."""
    return model_of((yield from exchange(policy, get("/v1/webhooks", cursor=cursor, limit=limit))), WebhookListView)


def get_webhook(policy: Policy, webhook_id: str) -> Flow[WebhookView]:
    """One webhook, without its secret: how far it has come, and why it is disabled if it is."""
    return model_of((yield from exchange(policy, get(f"/v1/webhooks/{part(webhook_id)}"))), WebhookView)


def delete_webhook(policy: Policy, webhook_id: str) -> Flow[None]:
    """Stop telling an address, and forget its deliveries."""
    yield from exchange(policy, Request("DELETE", f"/v1/webhooks/{part(webhook_id)}"))


def list_deliveries(
    policy: Policy, webhook_id: str, *, cursor: str | None = None, limit: int | None = None
) -> Flow[DeliveryListView]:
    """One page of what became of its messages, newest change first."""
    request = get(f"/v1/webhooks/{part(webhook_id)}/deliveries", cursor=cursor, limit=limit)
    return model_of((yield from exchange(policy, request)), DeliveryListView)


def redeliver(policy: Policy, webhook_id: str, delivery_id: str) -> Flow[DeliveryView]:
    """Send a message again, under the same `webhook-id`; a webhook that was disabled is enabled when it is taken."""
    path = f"/v1/webhooks/{part(webhook_id)}/deliveries/{part(delivery_id)}/redeliver"
    # Receivers drop an id that they have had, so asking twice does no harm.
    return model_of((yield from exchange(policy, Request("POST", path))), DeliveryView)
