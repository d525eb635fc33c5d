"""Small JSON bodies: read, checked against a model, described in OpenAPI. Every refusal names the place and the reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import Request
from pydantic import BaseModel

from service.api.requests import Model, checked_body, read_json


async def body_of(request: Request, model: type[Model]) -> Model:
    """Raises MissingBody, UnsupportedMediaType, MalformedJson, BodyTooLarge, InvalidInput."""
    return checked_body(await read_json(request), model)


def declared_body(model: type[BaseModel], example: dict[str, Any], parameters: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """For `openapi_extra`. The schema stands where it is used, as each of these bodies belongs to one call."""
    content = {"application/json": {"schema": model.model_json_schema(), "example": example}}
    declared: dict[str, Any] = {"requestBody": {"required": True, "content": content}}
    return {"parameters": list(parameters), **declared} if parameters else declared
