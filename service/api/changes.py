"""/v1/changes: what happened, in order, as pages and as a stream. Parses, calls one use case, answers."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from starlette.responses import Response

from service.api import examples, feed_examples
from service.api.answers import json_answer
from service.api.articles import BODY_PROBLEMS, LOAD_PROBLEMS, READ_PROBLEMS, Limit
from service.api.bodies import body_of, declared_body
from service.api.following import MEDIA_TYPE, EventStream, Pace
from service.api.problems import problem_responses
from service.api.services import Following, Services, Use
from service.errors import ChangesGone, Fault, InvalidInput
from service.flows.feed_views import AcknowledgedView, ChangesView

router = APIRouter(tags=["changes"])

MOST = (1 << 53) - 1  # up to here a JSON number is exact to every client
NAME = r"^[A-Za-z0-9._-]{1,100}$"
After = Annotated[
    int | None, Query(ge=0, le=MOST, description="Sequence of the last change that you have dealt with; 0 at first.")
]
Consumer = Annotated[
    str | None,
    Query(pattern=NAME, max_length=100, description="Begin behind what this consumer acknowledged; instead of `after`."),
]


def _whole(value: Any) -> Any:
    """JSON knows one kind of number: 5.0 is 5."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class AcknowledgeRequest(BaseModel):
    """Everything up to `sequence` has been dealt with."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    consumer: str = Field(pattern=NAME, max_length=100, description="A name of your choice; it need not be announced.")
    sequence: Annotated[int, BeforeValidator(_whole)] = Field(ge=0, le=MOST)


@router.get(
    "/v1/changes",
    operation_id="listChanges",
    summary="What happened, in order",
    description="Store `next` and send it as `after`, or name a `consumer` and acknowledge: either way nothing is missed.",
    response_model=ChangesView,
    responses={
        200: {"content": {"application/json": {"example": examples.dump(feed_examples.CHANGES)}}},
        **problem_responses(ChangesGone, *READ_PROBLEMS),
    },
)
def list_changes(use: Use, *, after: After = None, consumer: Consumer = None, limit: Limit = 50) -> Response:
    _refuse_both(after, consumer)
    feed = _following(use).feed
    return json_answer(feed.page(feed.position(consumer) if consumer is not None else after or 0, limit))


@router.post(
    "/v1/changes/acknowledge",
    operation_id="acknowledgeChanges",
    summary="Say how far a consumer has come",
    description="Afterwards `GET /v1/changes?consumer=…` begins behind it. Never goes back. A read key is enough.",
    response_model=AcknowledgedView,
    openapi_extra=declared_body(AcknowledgeRequest, feed_examples.ACKNOWLEDGE),
    responses={
        200: {"content": {"application/json": {"example": examples.dump(feed_examples.ACKNOWLEDGED)}}},
        **problem_responses(*BODY_PROBLEMS, *LOAD_PROBLEMS),
    },
)
async def acknowledge_changes(request: Request, use: Use) -> Response:
    asked = await body_of(request, AcknowledgeRequest)
    return json_answer(await run_in_threadpool(_following(use).feed.acknowledge, asked.consumer, asked.sequence))


_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events without end, `id` being the sequence and `data` an item of `GET /v1/changes`.",
        "content": {MEDIA_TYPE: {"schema": {"type": "string"}, "example": feed_examples.STREAM}},
    },
    **problem_responses(ChangesGone, *READ_PROBLEMS),
}
_LAST_EVENT_ID: dict[str, Any] = {
    "name": "Last-Event-ID",
    "in": "header",
    "required": False,
    "description": "The `id` of the last event that was seen; sent by browsers by themselves when they connect again.",
    "schema": {"type": "string", "pattern": r"^[0-9]{1,18}$"},
}


@router.get(
    "/v1/changes/stream",
    operation_id="streamChanges",
    summary="What happened, as server-sent events",
    description="Begins behind `Last-Event-ID`, else behind `after` or what `consumer` acknowledged, else at the beginning. A "
    "comment comes when nothing else did for a while. Whoever reads too slowly is let go and comes back with `Last-Event-ID`.",
    response_class=Response,
    openapi_extra={"parameters": [_LAST_EVENT_ID]},
    responses=_STREAM,
)
async def stream_changes(request: Request, use: Use, *, after: After = None, consumer: Consumer = None) -> Response:
    _refuse_both(after, consumer)
    seen = request.headers.get("last-event-id")
    if seen is not None:
        if not (seen.isascii() and seen.isdigit() and len(seen) <= 18):
            raise InvalidInput("Last-Event-ID must be a sequence", [Fault("Last-Event-ID", "must be a sequence: digits only")])
        begin = int(seen)
    elif consumer is not None:
        begin = await run_in_threadpool(_following(use).feed.position, consumer)
    else:
        begin = after or 0
    # Before the answer begins: once it has, all that can be said is goodbye.
    await run_in_threadpool(_following(use).feed.check, begin)
    pace = Pace(use.settings.stream_heartbeat_s, use.settings.stream_stalled_s)
    is_head = getattr(request.state, "is_head", False)
    following = _following(use)
    return EventStream(following.feed.changes, following.bell, begin, pace, is_head=is_head)


def _following(use: Services) -> Following:
    assert use.following is not None
    return use.following


def _refuse_both(after: int | None, consumer: str | None) -> None:
    if after is not None and consumer is not None:
        raise InvalidInput("?after and ?consumer exclude each other", [Fault("?after", "must be left away with `consumer`")])
