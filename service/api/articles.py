"""/v1/articles: parses, calls one use case, answers. No rules and no SQL."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from starlette.responses import Response

from service.api import examples, pagination
from service.api.answers import json_answer, tagged_answer
from service.api.changing import changed
from service.api.idempotency import KEY_HEADER, once_only
from service.api.intake import read_article
from service.api.intake_examples import ARTICLE_CONTENT, CONTENT_LOCATION
from service.api.problems import problem_responses
from service.api.requests import checked_text, outlet_site, rfc3339
from service.api.services import Use
from service.api.taking_in import ACCEPTED, KEY_PROBLEMS, PREFER_HEADER, take_in
from service.domain.models import DerivationLabel
from service.domain.urls import UrlError, canonical_url
from service.errors import (
    ArticleNotFound,
    BodyTooLarge,
    EncoderUnavailable,
    Fault,
    Forbidden,
    InternalError,
    InvalidCursor,
    InvalidInput,
    MalformedJson,
    MissingBody,
    Overloaded,
    RateLimited,
    StoreUnavailable,
    Unauthenticated,
    UnreadablePage,
    UnsupportedMediaType,
    WriterAway,
)
from service.flows.answers import Once
from service.flows.views import ArticleListView, ArticleProvenanceView, ArticleView, MatchesView
from service.store_values import ArticleFilter

router = APIRouter(tags=["articles"])

Limit = Annotated[int, Query(ge=1, le=200, description="Items of one page.")]
Cursor = Annotated[str | None, Query(max_length=2_000, description="`next_cursor` of the page before.")]
Text = Annotated[str | None, Query(max_length=2_048)]
_HTTP = "^ *[Hh][Tt][Tt][Pp][Ss]?://"
Time = Annotated[str, Field(max_length=40, json_schema_extra={"format": "date-time"})]
ArticleId = Annotated[str, Path(max_length=100)]
BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": ARTICLE_CONTENT},
    "parameters": [CONTENT_LOCATION],
}
BODY_PROBLEMS = (BodyTooLarge, MalformedJson, MissingBody, InvalidInput, UnsupportedMediaType)
LOAD_PROBLEMS = (Unauthenticated, RateLimited, Overloaded, EncoderUnavailable, StoreUnavailable, WriterAway, InternalError)
READ_PROBLEMS = (InvalidInput, Unauthenticated, RateLimited, Overloaded, StoreUnavailable, InternalError)
WRITERS_READ_PROBLEMS = (*READ_PROBLEMS, WriterAway)
"""Of what a replica cannot read itself."""


def known_filters(**parameters: object) -> dict[str, str]:
    """The query parameters that were given, as text: the shape of a list."""
    return {name: str(value) for name, value in parameters.items() if value is not None}


def moment(parameter: str, value: str | None) -> Any:
    if value is None:
        return None
    try:
        # An unescaped + of a zone arrives as a blank.
        return rfc3339(value.replace(" ", "+") if "T" in value else value)
    except ValueError as error:
        raise InvalidInput(f"?{parameter} {error}", [Fault(f"?{parameter}", str(error))]) from error


@router.post(
    "/v1/articles",
    operation_id="ingestArticle",
    summary="Take an article in",
    status_code=201,
    response_model=ArticleView,
    openapi_extra={**BODY, "parameters": [CONTENT_LOCATION, KEY_HEADER, PREFER_HEADER]},
    responses={
        201: {
            "description": "New, stored and clustered.",
            "headers": {"Location": {"schema": {"type": "string"}}},
            "content": {"application/json": {"example": examples.dump(examples.ARTICLE)}},
        },
        200: {
            "model": ArticleView,
            "description": "Known: unchanged, or with a higher `revision` where the text is another.",
            "content": {"application/json": {"example": examples.dump(examples.ARTICLE)}},
        },
        202: ACCEPTED,
        **problem_responses(*BODY_PROBLEMS, *KEY_PROBLEMS, UnreadablePage, Forbidden, *LOAD_PROBLEMS),
    },
)
async def ingest_article(request: Request, use: Use) -> Response:
    async def work(once: Once | None) -> Response:
        return await take_in(request, use, await read_article(request, use), once)

    return await once_only(request, use, work)


@router.get(
    "/v1/articles",
    operation_id="listArticles",
    summary="List articles, newest first",
    response_model=ArticleListView,
    responses={
        200: {"content": {"application/json": {"example": examples.dump(examples.ARTICLES)}}},
        **problem_responses(InvalidCursor, *READ_PROBLEMS),
    },
)
def list_articles(
    use: Use,
    *,
    url: Annotated[
        str | None, Query(max_length=2_048, description="In any spelling.", json_schema_extra={"pattern": _HTTP})
    ] = None,
    external_id: Text = None,
    outlet: Annotated[str | None, Query(max_length=2_048, description="Site or name.")] = None,
    since: Annotated[Time | None, Query(description="RFC 3339, inclusive.")] = None,
    until: Annotated[Time | None, Query(description="RFC 3339, inclusive.")] = None,
    derivation: DerivationLabel | None = None,
    story_id: Text = None,
    collapse: Annotated[
        Literal["none", "report", "story"],
        Query(description="Keep the earliest article of each report, or of each story; the newest of those first."),
    ] = "none",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    filters = known_filters(
        url=checked_text("url", url),
        external_id=checked_text("external_id", external_id),
        outlet=checked_text("outlet", outlet),
        since=since,
        until=until,
        derivation=derivation,
        story_id=checked_text("story_id", story_id),
        collapse=None if collapse == "none" else collapse,
    )
    where = ArticleFilter(
        url=_canonical(url),
        external_id=external_id,
        outlet_site=outlet_site(outlet) if outlet is not None else None,
        outlet_name=outlet.strip() if outlet is not None else None,
        since=moment("since", since),
        until=moment("until", until),
        derivation=derivation,
        story_id=story_id,
        collapse=collapse,
    )
    after = pagination.decode("articles", filters, cursor)
    if after is not None and len(after) != (1 if collapse == "none" else 2):
        raise InvalidCursor
    items, following = use.query.list_articles(where, after, limit)
    next_cursor = pagination.encode("articles", filters, following) if following else None
    link = {"Link": pagination.next_link("/v1/articles", filters, limit, next_cursor)} if next_cursor else None
    return json_answer(ArticleListView(items=items, next_cursor=next_cursor), headers=link)


def _canonical(url: str | None) -> str | None:
    try:
        return canonical_url(url) if url is not None else None
    except UrlError as error:
        raise InvalidInput(f"?url {error}", [Fault("?url", str(error))]) from error


@router.get(
    "/v1/articles/{article_id}",
    operation_id="getArticle",
    summary="One article with its credits and paragraphs",
    response_model=ArticleView,
    responses={
        200: {"content": {"application/json": {"example": examples.dump(examples.ARTICLE)}}},
        304: {"description": "Unchanged since the ETag in If-None-Match."},
        **problem_responses(ArticleNotFound, *READ_PROBLEMS),
    },
)
def get_article(request: Request, use: Use, article_id: ArticleId) -> Response:
    return tagged_answer(request, use.query.article(article_id))


@router.delete(
    "/v1/articles/{article_id}",
    operation_id="deleteArticle",
    summary="Delete an article",
    description="Stories, reports and chains are as if it had never come. Its id is not used again; sent once more, it is new.",
    status_code=204,
    response_class=Response,
    openapi_extra={"parameters": [KEY_HEADER]},
    responses={
        204: {"description": "Deleted, and everything concluded anew that it had a part in."},
        **problem_responses(ArticleNotFound, InvalidInput, *KEY_PROBLEMS, Forbidden, *LOAD_PROBLEMS),
    },
)
async def delete_article(request: Request, use: Use, article_id: ArticleId) -> Response:
    assert use.editing is not None
    editing = use.editing
    return await changed(request, use, lambda also: editing.delete(article_id, also), status=204)


@router.get(
    "/v1/articles/{article_id}/matches",
    operation_id="getArticleMatches",
    summary="Paragraphs it shares with other articles",
    response_model=MatchesView,
    responses={
        200: {"content": {"application/json": {"example": examples.dump(examples.MATCHES)}}},
        304: {"description": "Unchanged since the ETag in If-None-Match."},
        **problem_responses(ArticleNotFound, *READ_PROBLEMS),
    },
)
def get_article_matches(request: Request, use: Use, article_id: ArticleId) -> Response:
    return tagged_answer(request, use.query.matches(article_id))


@router.get(
    "/v1/articles/{article_id}/provenance",
    operation_id="getArticleProvenance",
    summary="The chains from its origin to it",
    response_model=ArticleProvenanceView,
    responses={
        200: {"content": {"application/json": {"example": examples.dump(examples.ARTICLE_PROVENANCE)}}},
        304: {"description": "Unchanged since the ETag in If-None-Match."},
        **problem_responses(ArticleNotFound, *READ_PROBLEMS),
    },
)
def get_article_provenance(request: Request, use: Use, article_id: ArticleId) -> Response:
    return tagged_answer(request, use.query.article_provenance(article_id))
