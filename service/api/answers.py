"""How a view becomes an HTTP answer: JSON bytes, ETag and 304, 308 to a story's survivor."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from fastapi import Request
from starlette.responses import Response

from service.flows.histories import MovedTo
from service.flows.views import View

_TAG = re.compile(r'(?:W/)?"([^"]*)"')


def json_answer(view: View, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(view.model_dump_json(), status, dict(headers or {}), "application/json")


def tagged_answer(request: Request, view: View) -> Response:
    """With an ETag of the content; 304 without a body where If-None-Match names it."""
    return tagged_body(request, view.model_dump_json().encode(), "application/json")


def tagged_body(request: Request, body: bytes, media_type: str, headers: Mapping[str, str] | None = None) -> Response:
    """The same for a body of any type. No two representations have one tag, as their bytes differ."""
    tag = hashlib.sha256(body).hexdigest()[:32]
    sent = {"ETag": f'"{tag}"', **(headers or {})}
    asked = request.headers.get("if-none-match", "")
    if asked.strip() == "*" or tag in _TAG.findall(asked):
        return Response(status_code=304, headers=sent)
    return Response(body, headers=sent, media_type=media_type)


def story_answer(request: Request, story_id: str, view: View | MovedTo) -> Response:
    return moved(request, story_id, view) if isinstance(view, MovedTo) else tagged_answer(request, view)


def moved(request: Request, story_id: str, to: MovedTo, headers: Mapping[str, str] | None = None) -> Response:
    """308 to the same part of the surviving story."""
    part = request.url.path.removeprefix(f"/v1/stories/{story_id}")
    return Response(status_code=308, headers={"Location": f"/v1/stories/{to.story_id}{part}", **(headers or {})})
