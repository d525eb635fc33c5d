"""How a view becomes an HTTP answer: JSON bytes, ETag and 304, 308 to a story's survivor."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from fastapi import Request
from starlette.responses import Response

from service.flows.query import MovedTo
from service.flows.views import View

_TAG = re.compile(r'(?:W/)?"([^"]*)"')


def json_answer(view: View, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(view.model_dump_json(), status, dict(headers or {}), "application/json")


def tagged_answer(request: Request, view: View) -> Response:
    """With an ETag of the content; 304 without a body where If-None-Match names it."""
    body = view.model_dump_json().encode()
    tag = hashlib.sha256(body).hexdigest()[:32]
    asked = request.headers.get("if-none-match", "")
    if asked.strip() == "*" or tag in _TAG.findall(asked):
        return Response(status_code=304, headers={"ETag": f'"{tag}"'})
    return Response(body, headers={"ETag": f'"{tag}"'}, media_type="application/json")


def story_answer(request: Request, story_id: str, view: View | MovedTo) -> Response:
    if isinstance(view, MovedTo):
        part = request.url.path.removeprefix(f"/v1/stories/{story_id}")
        return Response(status_code=308, headers={"Location": f"/v1/stories/{view.story_id}{part}"})
    return tagged_answer(request, view)
