"""Errors as RFC 9457 problem documents: the only place where an exception becomes an HTTP answer.

Never shows a stack trace or what another caller sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Match

from service.errors import (
    Fault,
    InternalError,
    InvalidInput,
    MethodNotAllowed,
    NotAcceptable,
    RouteNotFound,
    Unauthenticated,
    Unavailable,
    WiretraceError,
)

MEDIA_TYPE = "application/problem+json"
_log = structlog.get_logger("service.api")


class FaultView(BaseModel):
    pointer: str = Field(description="JSON Pointer into the body (`#/paragraphs/3`), `?name` of a parameter, or a header's name.")
    detail: str


class ProblemView(BaseModel):
    """RFC 9457 problem document."""

    model_config = ConfigDict(frozen=True)

    type: str = Field(description="`/problems/{slug}`, which has a page.", json_schema_extra={"format": "uri-reference"})
    title: str
    status: int
    detail: str
    instance: str
    request_id: str | None = None
    errors: list[FaultView] = []


def problem_document(error: WiretraceError, instance: str, request_id: str | None = None) -> dict[str, Any]:
    return {
        "type": f"/problems/{error.slug}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "instance": instance,
        "request_id": request_id,
        "errors": [{"pointer": fault.pointer, "detail": fault.detail} for fault in error.faults],
    }


def problem_response(
    error: WiretraceError, instance: str, request_id: str | None, headers: Mapping[str, str] | None = None
) -> Response:
    sent = dict(headers or {})
    sent["Cache-Control"] = "no-store"
    if isinstance(error, Unavailable):
        sent["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, NotAcceptable):
        sent["Vary"] = "Accept"
    if isinstance(error, Unauthenticated):
        sent["WWW-Authenticate"] = "Bearer"
    return JSONResponse(problem_document(error, instance, request_id), error.status, sent, MEDIA_TYPE)


def problem_responses(*kinds: type[WiretraceError]) -> dict[int | str, dict[str, Any]]:
    """What a route declares: for each status the problem's schema and one example for each cause."""
    declared: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        entry = declared.setdefault(
            kind.status,
            {
                "description": HTTPStatus(kind.status).phrase,
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemView"}, "examples": {}}},
            },
        )
        faults = [Fault("#/url", "is required unless `external_id` is given")] if issubclass(kind, InvalidInput) else []
        document = problem_document(kind(faults=faults), "/v1/articles", "3f2a9c0d6f5b4b0c8f6f1a2b3c4d5e6f")
        entry["content"][MEDIA_TYPE]["examples"][kind.slug] = {"summary": kind.title, "value": document}
    return declared


def install(app: FastAPI) -> None:
    """Registers the handlers."""
    app.add_exception_handler(WiretraceError, _ours)
    app.add_exception_handler(HTTPException, _frameworks)
    app.add_exception_handler(RequestValidationError, _parameters)


def _answer(request: Request, error: WiretraceError, headers: Mapping[str, str] | None = None) -> Response:
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.warning("request_failed", slug=error.slug, detail=error.detail)
    return problem_response(error, _instance(request), getattr(request.state, "request_id", None), headers)


def _instance(request: Request) -> str:
    return re.sub(r"[^!-~]", "", request.scope.get("raw_path", b"").decode("ascii", "replace"))[:500] or "/"


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, WiretraceError)
    return _answer(request, error)


async def _frameworks(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    known: dict[int, WiretraceError] = {
        HTTPStatus.NOT_FOUND: RouteNotFound(),
        HTTPStatus.METHOD_NOT_ALLOWED: MethodNotAllowed(),
    }
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = _allowed(request)
    return _answer(request, known.get(error.status_code, InternalError()), headers)


def _allowed(request: Request) -> str:
    """All methods of the address; the framework names only those of the first route that has it. HEAD works wherever GET does."""
    routes = request.app.router.routes
    found = [
        method
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    ]
    return ", ".join(["GET", "HEAD", *found[1:]] if "GET" in found else found)


async def _parameters(request: Request, error: Exception) -> Response:
    """Path and query parameters; bodies are read by `service/api/requests.py`."""
    assert isinstance(error, RequestValidationError)
    faults = [Fault(f"?{'.'.join(map(str, item['loc'][1:]))[:100]}", str(item["msg"])[:300]) for item in error.errors()]
    return _answer(request, InvalidInput(f"{faults[0].pointer}: {faults[0].detail}", faults))
