"""/v1/webhooks: parses, calls one use case, answers. No rules and no SQL."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from service.api import examples, feed_examples, pagination
from service.api.answers import json_answer, tagged_answer
from service.api.articles import BODY_PROBLEMS, LOAD_PROBLEMS, WRITERS_READ_PROBLEMS, Cursor, Limit
from service.api.bodies import body_of, declared_body
from service.api.changing import changed
from service.api.idempotency import KEY_HEADER
from service.api.problems import problem_responses
from service.api.services import Services, Use
from service.api.taking_in import KEY_PROBLEMS
from service.domain.changes import ChangeType
from service.errors import (
    ChangesGone,
    DeliveryNotFound,
    FetchRefused,
    Forbidden,
    InvalidCursor,
    InvalidInput,
    TooManyWebhooks,
    WebhookNotFound,
)
from service.flows.feed_views import DeliveryListView, DeliveryView, NewWebhookView, WebhookListView, WebhookView
from service.flows.webhooks import Webhooks

router = APIRouter(tags=["webhooks"])

_GROUP, _LAST_BYTE, _LAST_TWO = "(?:[A-Za-z0-9+/]{4})", "[A-Za-z0-9+/]{2}==", "[A-Za-z0-9+/]{3}="
_SECRET = f"^whsec_(?:{_GROUP}{{8,20}}(?:{_LAST_BYTE}|{_LAST_TWO})?|{_GROUP}{{21}}(?:{_LAST_BYTE})?)$"
WebhookId = Annotated[str, Path(max_length=100)]


class WebhookRequest(BaseModel):
    """Where changes are to be told."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    url: str = Field(
        max_length=2_048, description="Absolute http(s) address of a public host.", json_schema_extra={"format": "uri"}
    )
    types: list[ChangeType] = Field([], max_length=50, description="Only these; all when empty or left away.")
    secret: str | None = Field(
        None,
        max_length=200,
        description="`whsec_` and 24 to 64 bytes as base64; one is made when it is left away.",
        json_schema_extra={"pattern": _SECRET},
    )


class SecretRequest(BaseModel):
    """The secret that takes the place of the present one."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    secret: str | None = Field(
        None,
        max_length=200,
        description="`whsec_` and 24 to 64 bytes as base64; one is made when it is left away.",
        json_schema_extra={"pattern": _SECRET},
    )


def _webhooks(use: Services) -> Webhooks:
    assert use.webhooks is not None
    return use.webhooks


@router.post(
    "/v1/webhooks",
    operation_id="createWebhook",
    summary="Have changes told to an address",
    description="Messages are signed after Standard Webhooks. The secret is shown in this answer and "
    "never again, but for a repeated request: its `Idempotency-Key` is given the same answer for 24 hours.",
    status_code=201,
    response_model=NewWebhookView,
    openapi_extra=declared_body(WebhookRequest, feed_examples.WEBHOOK_REQUEST, [KEY_HEADER]),
    responses={
        201: {
            "description": "Told of everything that happens from now on.",
            "headers": {"Location": {"schema": {"type": "string"}}},
            "content": {"application/json": {"example": examples.dump(feed_examples.NEW_WEBHOOK)}},
        },
        **problem_responses(*BODY_PROBLEMS, *KEY_PROBLEMS, FetchRefused, TooManyWebhooks, Forbidden, *LOAD_PROBLEMS),
    },
)
async def create_webhook(request: Request, use: Use) -> Response:
    asked = await body_of(request, WebhookRequest)
    hooks = _webhooks(use)
    return await changed(
        request,
        use,
        lambda also: run_in_threadpool(hooks.add, asked.url, asked.types, asked.secret, also),
        status=201,
        location=lambda view: f"/v1/webhooks/{view.id}",
        is_secret=True,
    )


@router.get(
    "/v1/webhooks",
    operation_id="listWebhooks",
    summary="List webhooks, newest first",
    response_model=WebhookListView,
    responses={
        200: {"content": {"application/json": {"example": examples.dump(feed_examples.WEBHOOKS)}}},
        **problem_responses(InvalidCursor, *WRITERS_READ_PROBLEMS),
    },
)
def list_webhooks(use: Use, *, cursor: Cursor = None, limit: Limit = 50) -> Response:
    items, following = _webhooks(use).page(pagination.decode("webhooks", {}, cursor), limit)
    next_cursor = pagination.encode("webhooks", {}, following) if following else None
    link = {"Link": pagination.next_link("/v1/webhooks", {}, limit, next_cursor)} if next_cursor else None
    return json_answer(WebhookListView(items=items, next_cursor=next_cursor), headers=link)


@router.get(
    "/v1/webhooks/{webhook_id}",
    operation_id="getWebhook",
    summary="One webhook, and how far it has come",
    response_model=WebhookView,
    responses={
        200: {"content": {"application/json": {"example": examples.dump(feed_examples.WEBHOOK)}}},
        304: {"description": "Unchanged since the ETag in If-None-Match."},
        **problem_responses(WebhookNotFound, *WRITERS_READ_PROBLEMS),
    },
)
def get_webhook(request: Request, use: Use, webhook_id: WebhookId) -> Response:
    return tagged_answer(request, _webhooks(use).webhook(webhook_id))


@router.delete(
    "/v1/webhooks/{webhook_id}",
    operation_id="deleteWebhook",
    summary="Stop telling an address",
    status_code=204,
    response_class=Response,
    openapi_extra={"parameters": [KEY_HEADER]},
    responses={
        204: {"description": "Deleted, with the record of its deliveries."},
        **problem_responses(WebhookNotFound, InvalidInput, *KEY_PROBLEMS, Forbidden, *LOAD_PROBLEMS),
    },
)
async def delete_webhook(request: Request, use: Use, webhook_id: WebhookId) -> Response:
    hooks = _webhooks(use)
    return await changed(request, use, lambda also: run_in_threadpool(hooks.delete, webhook_id, also), status=204)


@router.post(
    "/v1/webhooks/{webhook_id}/secret",
    operation_id="exchangeWebhookSecret",
    summary="Exchange the secret of a webhook",
    description="For a day messages carry two signatures, of the new secret and of the old one, so that no message is refused "
    "while receivers are changed. The secret is shown in this answer and "
    "never again, but for a repeated request: its `Idempotency-Key` is given the same answer for 24 hours.",
    response_model=NewWebhookView,
    openapi_extra=declared_body(SecretRequest, {}, [KEY_HEADER]),
    responses={
        200: {"content": {"application/json": {"example": examples.dump(feed_examples.NEW_WEBHOOK)}}},
        **problem_responses(*BODY_PROBLEMS, *KEY_PROBLEMS, WebhookNotFound, Forbidden, *LOAD_PROBLEMS),
    },
)
async def exchange_webhook_secret(request: Request, use: Use, webhook_id: WebhookId) -> Response:
    asked = await body_of(request, SecretRequest)
    hooks = _webhooks(use)
    return await changed(
        request, use, lambda also: run_in_threadpool(hooks.exchange_secret, webhook_id, asked.secret, also), is_secret=True
    )


@router.get(
    "/v1/webhooks/{webhook_id}/deliveries",
    operation_id="listDeliveries",
    summary="What became of its messages, newest change first",
    response_model=DeliveryListView,
    responses={
        200: {"content": {"application/json": {"example": examples.dump(feed_examples.DELIVERIES)}}},
        **problem_responses(WebhookNotFound, InvalidCursor, *WRITERS_READ_PROBLEMS),
    },
)
def list_deliveries(use: Use, webhook_id: WebhookId, *, cursor: Cursor = None, limit: Limit = 50) -> Response:
    name, path = f"deliveries/{webhook_id}", f"/v1/webhooks/{webhook_id}/deliveries"
    items, following = _webhooks(use).deliveries(webhook_id, pagination.decode(name, {}, cursor), limit)
    next_cursor = pagination.encode(name, {}, following) if following else None
    link = {"Link": pagination.next_link(path, {}, limit, next_cursor)} if next_cursor else None
    return json_answer(DeliveryListView(items=items, next_cursor=next_cursor), headers=link)


_REDELIVERED: dict[int | str, dict[str, Any]] = {
    202: {
        "description": "It is sent again, under the same `webhook-id`.",
        "content": {"application/json": {"example": examples.dump(feed_examples.DELIVERY)}},
    },
    **problem_responses(WebhookNotFound, DeliveryNotFound, ChangesGone, InvalidInput, *KEY_PROBLEMS, Forbidden, *LOAD_PROBLEMS),
}


@router.post(
    "/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver",
    operation_id="redeliver",
    summary="Send a message again",
    description="When it is taken, a webhook that was disabled is enabled, and what happened meanwhile follows.",
    status_code=202,
    response_model=DeliveryView,
    openapi_extra={"parameters": [KEY_HEADER]},
    responses=_REDELIVERED,
)
async def redeliver(
    request: Request, use: Use, webhook_id: WebhookId, delivery_id: Annotated[str, Path(max_length=200)]
) -> Response:
    hooks = _webhooks(use)
    return await changed(request, use, lambda also: run_in_threadpool(hooks.redeliver, webhook_id, delivery_id, also), status=202)
