"""/v1/outlets: parses, calls one use case, answers. No rules and no SQL."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from service.api import examples, pagination
from service.api.answers import json_answer, tagged_answer
from service.api.articles import READ_PROBLEMS, Cursor, Limit, Time, known_filters, moment
from service.api.problems import problem_responses
from service.api.requests import checked_text, outlet_site
from service.api.services import Use
from service.errors import InvalidCursor, OutletNotFound
from service.flows.record_views import OutletListView, OutletRecordView
from service.store_values import Period

router = APIRouter(tags=["outlets"])

Since = Annotated[Time | None, Query(description="RFC 3339, inclusive: only articles from then on count.")]
Until = Annotated[Time | None, Query(description="RFC 3339, inclusive: only articles up to then count.")]


@router.get(
    "/v1/outlets",
    operation_id="listOutlets",
    summary="List outlets with what their articles are",
    response_model=OutletListView,
    responses={
        200: {"content": {"application/json": {"example": examples.dump(examples.OUTLETS)}}},
        **problem_responses(InvalidCursor, *READ_PROBLEMS),
    },
)
def list_outlets(use: Use, *, since: Since = None, until: Until = None, cursor: Cursor = None, limit: Limit = 50) -> Response:
    filters = known_filters(since=since, until=until)
    within = Period(moment("since", since), moment("until", until))
    after = pagination.decode("outlets", filters, cursor)
    items, following = use.query.records.outlets(within, after, limit)
    next_cursor = pagination.encode("outlets", filters, following) if following else None
    link = {"Link": pagination.next_link("/v1/outlets", filters, limit, next_cursor)} if next_cursor else None
    return json_answer(OutletListView(items=items, next_cursor=next_cursor), headers=link)


@router.get(
    "/v1/outlets/{site}",
    operation_id="getOutlet",
    summary="One outlet's record: whose copy it carries, who carries its copy",
    response_model=OutletRecordView,
    responses={
        200: {"content": {"application/json": {"example": examples.dump(examples.OUTLET)}}},
        304: {"description": "Unchanged since the ETag in If-None-Match."},
        **problem_responses(OutletNotFound, *READ_PROBLEMS),
    },
)
def get_outlet(
    request: Request,
    use: Use,
    site: Annotated[str, Path(max_length=300, description="Site or name.")],
    *,
    since: Since = None,
    until: Until = None,
) -> Response:
    within = Period(moment("since", since), moment("until", until))
    return tagged_answer(request, use.query.records.outlet(outlet_site(checked_text("site", site) or ""), within))
