"""/v1/check: what would be concluded about an article, without storing it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from service.api import examples
from service.api.answers import json_answer
from service.api.articles import BODY, BODY_PROBLEMS, LOAD_PROBLEMS
from service.api.intake import read_article
from service.api.problems import problem_responses
from service.api.services import Use
from service.api.taking_in import in_time
from service.errors import UnreadablePage
from service.flows.views import CheckView
from service.ops.metrics import Metrics

router = APIRouter(tags=["articles"])


@router.post(
    "/v1/check",
    operation_id="checkArticle",
    summary="Check an article without storing it",
    response_model=CheckView,
    openapi_extra=BODY,
    responses={
        200: {"content": {"application/json": {"example": examples.dump(examples.CHECK)}}},
        **problem_responses(*BODY_PROBLEMS, UnreadablePage, *LOAD_PROBLEMS),
    },
)
async def check_article(request: Request, use: Use) -> Response:
    content = await read_article(request, use)
    found = await in_time(use, use.ingest.check(content))
    view = await run_in_threadpool(
        use.query.check_view,
        found.reading,
        found.findings,
        found.matches,
        found.hint,
        report_id=found.report_id,
        story_id=found.story_id,
    )
    metrics: Metrics = request.app.state.metrics
    metrics.checks.inc()
    return json_answer(view)
