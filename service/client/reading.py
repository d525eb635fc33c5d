"""Answers as models, refusals as exceptions. Reads bytes that came from elsewhere and trusts none of them."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from service.client.errors import Fault, Problem, UnexpectedAnswer, problem_class
from service.client.steps import Answer

Model = TypeVar("Model", bound=BaseModel)


def model_of(answer: Answer, model: type[Model]) -> Model:
    """The body as `model`. Fields that a later service added are left out. Raises UnexpectedAnswer."""
    return parsed(answer.body, model, answer.status)


def parsed(body: bytes, model: type[Model], status: int = 200) -> Model:
    """The same for bytes that are no whole answer: an event of a stream, a webhook's message."""
    try:
        return model.model_validate_json(body, extra="ignore")
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = "/".join(map(str, first["loc"]))
        raise UnexpectedAnswer(f"not a {model.__name__}: {place or 'the body'}: {first['msg']}", status, body) from error


def problem_of(answer: Answer, retry_after_s: float | None = None) -> Problem:
    """The refusal as an exception to raise; of what is no problem document its status is all that is known."""
    document = _document(answer.body)
    if not isinstance(document.get("type"), str) or not isinstance(document.get("title"), str):
        detail = answer.body[:300].decode("utf8", "replace").strip()
        return problem_class(answer.status)(answer.status, _phrase(answer.status), detail, retry_after_s=retry_after_s)
    return problem_from(document, answer.status, retry_after_s)


def problem_from(document: dict[str, Any], status: int, retry_after_s: float | None = None) -> Problem:
    """A problem document that stands in an answer, such as that of an article that failed."""
    faults = document.get("errors")
    return problem_class(status)(
        status,
        str(document.get("title", _phrase(status))),
        str(document.get("detail", "")),
        type=str(document.get("type", "about:blank")),
        errors=tuple(
            Fault(str(one.get("pointer", "")), str(one.get("detail", "")))
            for one in (faults if isinstance(faults, list) else ())
            if isinstance(one, dict)
        ),
        instance=str(document.get("instance", "")),
        request_id=str(document["request_id"]) if document.get("request_id") is not None else None,
        retry_after_s=retry_after_s,
    )


def _document(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown status"
