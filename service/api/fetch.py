"""/v1/fetch: gets a page by its address, then takes it in like any other. No rules; the guard is service/fetch/guard.py."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from service.api import examples, intake_examples
from service.api.articles import BODY_PROBLEMS, LOAD_PROBLEMS
from service.api.idempotency import KEY_HEADER, once_only
from service.api.intake import Draft, page_article
from service.api.problems import problem_responses
from service.api.requests import article_input, read_json
from service.api.services import Services, Use
from service.api.taking_in import ACCEPTED, KEY_PROBLEMS, PREFER_HEADER, take_in
from service.errors import Fault, FetchFailed, FetchRefused, Forbidden, InvalidInput, RobotsDisallowed, UnreadablePage
from service.flows.answers import Once
from service.flows.views import ArticleView

router = APIRouter(tags=["articles"])


class FetchRequest(BaseModel):
    """The page to get."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    url: str = Field(
        description="Absolute http(s) address of a public page, port 80 or 443.", json_schema_extra={"format": "uri"}
    )


@router.post(
    "/v1/fetch",
    operation_id="fetchArticle",
    summary="Get a page and take it in",
    description="Only public hosts are asked, robots.txt is honoured, and each host is asked once in a while only. The article's "
    "`url` is where the page stood after redirects.",
    status_code=201,
    response_model=ArticleView,
    openapi_extra={
        "parameters": [KEY_HEADER, PREFER_HEADER],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/FetchRequest"}, "example": intake_examples.FETCH}
            },
        },
    },
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
        **problem_responses(
            *BODY_PROBLEMS, *KEY_PROBLEMS, UnreadablePage, FetchRefused, RobotsDisallowed, FetchFailed, Forbidden, *LOAD_PROBLEMS
        ),
    },
)
async def fetch_article(request: Request, use: Use) -> Response:
    async def work(once: Once | None) -> Response:
        return await _fetch(request, use, once)

    return await once_only(request, use, work)


async def _fetch(request: Request, use: Services, once: Once | None) -> Response:
    data = await read_json(request)
    if not isinstance(data, dict):
        raise InvalidInput("# must be a JSON object", [Fault("#", "must be a JSON object")])
    faults = [
        Fault(f"#/{name[:100]}", "is not a field of this request") for name in data if name != "url" and name.isidentifier()
    ]
    if faults or data.keys() - {"url"}:
        faults = faults or [Fault("#", "holds fields other than `url`")]
        raise InvalidInput(f"{faults[0].pointer} {faults[0].detail}", faults[:50])
    if "url" not in data or data["url"] is None:
        raise InvalidInput("#/url is required", [Fault("#/url", "is required")])
    # The same rules as for an article that comes with its text: the address is judged before anybody is asked.
    article_input({"url": data["url"], "text": "x"}, use.settings)
    assert use.web is not None
    fetched = await use.web.page(data["url"])
    where = f"fetch: redirected from {fetched.redirects[0]}" if fetched.redirects else "fetch"
    content = await page_article(fetched.content, fetched.charset, Draft({"url": fetched.url}, {"url": where}), use)
    return await take_in(request, use, content, once)
