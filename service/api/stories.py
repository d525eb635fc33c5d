"""/v1/stories: parses, calls one use case, answers. No rules and no SQL."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from service.api import examples, feed_examples, pagination
from service.api.answers import json_answer, moved, story_answer, tagged_body
from service.api.articles import READ_PROBLEMS, WRITERS_READ_PROBLEMS, Cursor, Limit, Text, Time, known_filters, moment
from service.api.negotiation import negotiated
from service.api.problems import problem_responses
from service.api.requests import checked_text, outlet_site
from service.api.services import Services, Use
from service.errors import EncoderUnavailable, InvalidCursor, NotAcceptable, StoryGone, StoryNotFound
from service.flows.exports.graph import StoryGraph
from service.flows.exports.graphviz import graphviz
from service.flows.exports.prov import prov_json
from service.flows.exports.svg import svg
from service.flows.feed_views import StoryHistoryView
from service.flows.histories import MovedTo
from service.flows.searching import By, Order, Shown
from service.flows.story_views import ListedStoryView, PassagesView, StoryDetailView, StoryListView, StoryProvenanceView
from service.store_values import StoryFilter

router = APIRouter(tags=["stories"])

StoryId = Annotated[str, Path(max_length=100)]
MOST_QUERY_CHARACTERS = 300
Least = Annotated[int | None, Query(ge=0, le=1_000_000)]


MOVED: dict[str, Any] = {
    "description": "The story was merged into the one that Location names.",
    "headers": {"Location": {"schema": {"type": "string"}}},
}


def _declared(example: BaseModel) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"content": {"application/json": {"example": examples.dump(example)}}},
        304: {"description": "Unchanged since the ETag in If-None-Match."},
        308: MOVED,
        **problem_responses(StoryNotFound, StoryGone, *READ_PROBLEMS),
    }


@router.get(
    "/v1/stories",
    operation_id="listStories",
    summary="List stories, or search them",
    description="With `q` the best 200 stories at most, best first, each with the passage that matched. The query is compared "
    "with the words of every paragraph and title, and with their meaning by the encoder; the two rankings become one by "
    "reciprocal rank fusion. Paging shows no story twice. Without an encoder only `by=words` is answered.",
    response_model=StoryListView,
    responses={
        200: {
            "content": {
                "application/json": {
                    "examples": {
                        "list": {"summary": "A list", "value": examples.dump(examples.STORIES)},
                        "search": {"summary": "A search", "value": examples.dump(examples.FOUND_STORIES)},
                    }
                }
            }
        },
        **problem_responses(InvalidCursor, EncoderUnavailable, *WRITERS_READ_PROBLEMS),
    },
)
def list_stories(
    use: Use,
    *,
    since: Annotated[Time | None, Query(description="RFC 3339; last article at or after.")] = None,
    until: Annotated[Time | None, Query(description="RFC 3339; first article at or before.")] = None,
    outlet: Annotated[str | None, Query(max_length=2_048, description="Site or name.")] = None,
    organisation: Annotated[str | None, Query(max_length=2_048, description="Id, name, alias or site.")] = None,
    language: Text = None,
    min_reports: Least = None,
    min_outlets: Least = None,
    q: Annotated[
        str | None,
        Query(min_length=1, max_length=MOST_QUERY_CHARACTERS, pattern=r"\S", description="What the stories are to be about."),
    ] = None,
    by: Annotated[By, Query(description="What `q` is compared by; of no effect without it.")] = "both",
    order: Annotated[
        Order | None,
        Query(
            description="Latest change, latest first article, or most articles first. Left away: `updated`, and with `q` how "
            "well they answer."
        ),
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    filters = known_filters(
        since=since,
        until=until,
        outlet=checked_text("outlet", outlet),
        organisation=checked_text("organisation", organisation),
        language=checked_text("language", language),
        min_reports=min_reports,
        min_outlets=min_outlets,
        q=checked_text("q", q),
        by=by if q is not None else None,
        order=order or ("updated" if q is None else None),
    )
    known = use.organisation(organisation) if organisation is not None else None
    where = StoryFilter(
        since=moment("since", since),
        until=moment("until", until),
        outlet_site=outlet_site(outlet) if outlet is not None else None,
        outlet_name=outlet.strip() if outlet is not None else None,
        organisation_id=known.id if known else organisation,
        language=language,
        min_reports=min_reports,
        min_outlets=min_outlets,
        order=order or "updated",
    )
    after = pagination.decode("stories", filters, cursor)
    items, following = (
        use.query.list_stories(where, _checked_key(where.order, after), limit)
        if q is None
        else _found(use, q, by, order, where, after, limit)
    )
    next_cursor = pagination.encode("stories", filters, following) if following else None
    link = {"Link": pagination.next_link("/v1/stories", filters, limit, next_cursor)} if next_cursor else None
    return json_answer(StoryListView(items=items, next_cursor=next_cursor), headers=link)


def _found(
    use: Services, q: str, by: By, order: Order | None, where: StoryFilter, after: tuple[str, ...] | None, limit: int
) -> tuple[list[ListedStoryView], tuple[str, ...] | None]:
    assert use.search is not None
    try:
        shown = Shown.unpacked(base64.b64decode(after[0], validate=True)) if after else Shown()
    except ValueError as error:
        raise InvalidCursor from error
    items, following = use.search.page(q, replace(where, order="updated"), shown, limit, by=by, order=order)
    return items, (base64.b64encode(following.packed()).decode(),) if following else None


def _checked_key(order: Order, after: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """A cursor is opaque, not signed: what somebody put together must not reach the store unseen."""
    if after is None:
        return None
    try:
        value, _, began = after
        is_valid = 0 <= int(value) < 2**31 if order == "size" else datetime.fromisoformat(value).tzinfo is not None
        is_valid = is_valid and datetime.fromisoformat(began).tzinfo is not None
    except ValueError as error:
        raise InvalidCursor from error
    if not is_valid:
        raise InvalidCursor
    return after


@router.get(
    "/v1/stories/{story_id}",
    operation_id="getStory",
    summary="One story with its reports",
    response_model=StoryDetailView,
    responses=_declared(examples.STORY),
)
def get_story(request: Request, use: Use, story_id: StoryId) -> Response:
    return story_answer(request, story_id, use.query.story(story_id))


@router.get(
    "/v1/stories/{story_id}/passages",
    operation_id="getStoryPassages",
    summary="The story's text, each passage once",
    response_model=PassagesView,
    responses=_declared(examples.PASSAGES),
)
def get_story_passages(request: Request, use: Use, story_id: StoryId) -> Response:
    return story_answer(request, story_id, use.query.passages(story_id))


@router.get(
    "/v1/stories/{story_id}/history",
    operation_id="getStoryHistory",
    summary="How the story became what it is",
    description="Its versions, newest first. A story that has ended keeps its history.",
    response_model=StoryHistoryView,
    responses={
        200: {"content": {"application/json": {"example": examples.dump(feed_examples.HISTORY)}}},
        308: MOVED,
        **problem_responses(StoryNotFound, InvalidCursor, *READ_PROBLEMS),
    },
)
def get_story_history(request: Request, use: Use, story_id: StoryId, *, cursor: Cursor = None, limit: Limit = 50) -> Response:
    name = f"history/{story_id}"
    found = use.query.histories.history(story_id, pagination.decode(name, {}, cursor), limit)
    if isinstance(found, MovedTo):
        return moved(request, story_id, found)
    items, following = found
    next_cursor = pagination.encode(name, {}, following) if following else None
    path = f"/v1/stories/{story_id}/history"
    link = {"Link": pagination.next_link(path, {}, limit, next_cursor)} if next_cursor else None
    return json_answer(StoryHistoryView(items=items, next_cursor=next_cursor), headers=link)


_RENDERED: dict[str, Callable[[StoryGraph], str]] = {
    "application/prov+json": prov_json,
    "text/vnd.graphviz": graphviz,
    "image/svg+xml": svg,
}
_PROVENANCE_TYPES = ("application/json", *_RENDERED)
_VARY = {"Vary": "Accept"}


def _provenance_declared() -> dict[int | str, dict[str, Any]]:
    declared = _declared(examples.STORY_PROVENANCE)
    declared[200]["headers"] = {"Vary": {"schema": {"type": "string"}}, "ETag": {"schema": {"type": "string"}}}
    declared[200]["content"] |= {
        "application/prov+json": {"schema": {"type": "object"}, "example": examples.STORY_PROV},
        "text/vnd.graphviz": {"schema": {"type": "string"}, "example": examples.STORY_GRAPHVIZ},
        "image/svg+xml": {"schema": {"type": "string"}, "example": examples.STORY_SVG},
    }
    return {**declared, **problem_responses(NotAcceptable)}


@router.get(
    "/v1/stories/{story_id}/provenance",
    operation_id="getStoryProvenance",
    summary="Who carried whose copy, as a graph",
    description="By the Accept header: nodes and links as JSON, W3C PROV-JSON, Graphviz text, or a picture as SVG.",
    response_model=StoryProvenanceView,
    responses=_provenance_declared(),
)
def get_story_provenance(request: Request, use: Use, story_id: StoryId) -> Response:
    # Several Accept headers are one list.
    media_type = negotiated(", ".join(request.headers.getlist("accept")), _PROVENANCE_TYPES)
    graph = use.query.story_graph(story_id, with_kinds=media_type == "application/prov+json")
    if isinstance(graph, MovedTo):
        return moved(request, story_id, graph, _VARY)
    body = _RENDERED[media_type](graph) if media_type in _RENDERED else graph.view.model_dump_json()
    return tagged_body(request, body.encode(), media_type, _VARY)
