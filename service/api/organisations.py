"""/v1/organisations: parses, calls one use case, answers. No rules and no SQL."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from service.api import examples, pagination
from service.api.answers import json_answer, tagged_answer
from service.api.articles import READ_PROBLEMS, Cursor, Limit, Time, known_filters, moment
from service.api.problems import problem_responses
from service.api.requests import checked_text
from service.api.services import Use
from service.errors import InvalidCursor, OrganisationNotFound
from service.flows.record_views import OrganisationListView, OrganisationRecordView
from service.store_values import Period

router = APIRouter(tags=["organisations"])

Since = Annotated[Time | None, Query(description="RFC 3339, inclusive: only articles from then on count.")]
Until = Annotated[Time | None, Query(description="RFC 3339, inclusive: only articles up to then count.")]


@router.get(
    "/v1/organisations",
    operation_id="listOrganisations",
    summary="List organisations with how often they are credited",
    response_model=OrganisationListView,
    responses={
        200: {"content": {"application/json": {"example": examples.dump(examples.ORGANISATIONS)}}},
        **problem_responses(InvalidCursor, *READ_PROBLEMS),
    },
)
def list_organisations(
    use: Use, *, since: Since = None, until: Until = None, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    filters = known_filters(since=since, until=until)
    within = Period(moment("since", since), moment("until", until))
    after = pagination.decode("organisations", filters, cursor)
    items, following = use.query.records.organisations(within, after, limit)
    next_cursor = pagination.encode("organisations", filters, following) if following else None
    link = {"Link": pagination.next_link("/v1/organisations", filters, limit, next_cursor)} if next_cursor else None
    return json_answer(OrganisationListView(items=items, next_cursor=next_cursor), headers=link)


@router.get(
    "/v1/organisations/{organisation_id}",
    operation_id="getOrganisation",
    summary="One organisation's record: who credits it and who carries its copy",
    response_model=OrganisationRecordView,
    responses={
        200: {"content": {"application/json": {"example": examples.dump(examples.ORGANISATION)}}},
        304: {"description": "Unchanged since the ETag in If-None-Match."},
        **problem_responses(OrganisationNotFound, *READ_PROBLEMS),
    },
)
def get_organisation(
    request: Request,
    use: Use,
    organisation_id: Annotated[str, Path(max_length=300, description="Id, name, alias or site.")],
    *,
    since: Since = None,
    until: Until = None,
) -> Response:
    within = Period(moment("since", since), moment("until", until))
    return tagged_answer(request, use.query.records.organisation(checked_text("organisation_id", organisation_id) or "", within))
