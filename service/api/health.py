"""Health, metrics and the pages behind problem types. Liveness asks nothing of the parts, readiness tries every one."""

from __future__ import annotations

import inspect

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from service.api import examples
from service.api.answers import json_answer
from service.api.problems import problem_responses
from service.api.services import Use
from service.errors import NotReady, RouteNotFound, problem_classes
from service.flows.views import HealthView, LivenessView
from service.ops.metrics import CONTENT_TYPE

router = APIRouter(tags=["operation"])


@router.get(
    "/health/live",
    operation_id="getLiveness",
    summary="Whether the process answers",
    response_model=LivenessView,
    responses={200: {"content": {"application/json": {"example": examples.dump(examples.ALIVE)}}}},
)
async def get_liveness() -> Response:
    return json_answer(LivenessView())


@router.get(
    "/health/ready",
    operation_id="getReadiness",
    summary="Whether writer, store, index and encoder work, each really tried",
    response_model=HealthView,
    responses={
        200: {"content": {"application/json": {"example": examples.dump(examples.HEALTH)}}},
        **problem_responses(NotReady),
    },
)
def get_readiness(use: Use) -> Response:
    return json_answer(use.readiness(), headers={"Cache-Control": "no-store"})


@router.get(
    "/metrics",
    operation_id="getMetrics",
    summary="Prometheus metrics",
    response_class=PlainTextResponse,
    responses={200: {"content": {"text/plain": {"example": 'wiretrace_articles_total{outcome="new"} 875.0\n'}}}},
)
def get_metrics(request: Request) -> Response:
    return Response(request.app.state.metrics.render(), media_type=CONTENT_TYPE)


@router.get("/problems/{slug}", include_in_schema=False)
async def get_problem_page(slug: str) -> Response:
    for kind in problem_classes():
        if kind.slug == slug:
            message = " ".join(inspect.cleandoc(kind.__doc__ or "").split())
            return PlainTextResponse(f"{kind.title} ({kind.status})\n\n{message}\n\nMore: docs/problems/{slug}.md\n")
    raise RouteNotFound
