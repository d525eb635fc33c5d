"""`Idempotency-Key`: a request that comes again is given its first answer.

Decides what belongs to a request; keeps nothing itself.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from service.api.problems import MEDIA_TYPE, problem_document
from service.api.services import Services
from service.domain.jobs import StoredAnswer
from service.errors import Fault, InternalError, InvalidInput, WiretraceError
from service.flows.answers import Once

# A structured-field string (RFC 8941), or the same characters bare, as many clients send them.
_QUOTED = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\]){1,255})"(?:\s*;.*)?')
_BARE = re.compile(r"[!#-+\--:<-~]{1,255}")
KEY_HEADER: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A string of your own making, in double quotes. The same request with the same key is given the first answer "
    "again, and takes effect once.",
    "schema": {"type": "string", "pattern": rf"^(?:{_QUOTED.pattern}|{_BARE.pattern})$"},
    "example": '"6f1d0c1e-quay-wall"',
}

_log = structlog.get_logger("service.api")
Work = Callable[[Once | None], Awaitable[Response]]


async def once_only(
    request: Request, use: Services, work: Work, digest: str | None = None, other_path: str | None = None
) -> Response:
    """What `work` answers, or answered before. `digest` stands for the body where it was not kept in memory, `other_path` is
    where the request may have been led to before.

    Raises IdempotencyKeyInFlight, IdempotencyKeyReused, InvalidInput, and what `work` raises.
    """
    key = _key(request)
    if key is None:
        return await work(None)
    assert use.answers is not None
    body = digest or hashlib.sha256(await request.body()).hexdigest()
    paths = [request.url.path, *([other_path] if other_path else [])]
    own, *others = (_digest(request, path, body) for path in paths)
    once = Once(use.answers, getattr(request.state, "key_id", ""), key, own, frozenset(others))
    with use.answers.claimed(once.scope, once.key):
        found = await run_in_threadpool(use.answers.find, once)
        if found is not None:
            return answered(found, is_replay=True)
        try:
            return await work(once)
        except Exception as error:
            await _keep_failure(request, once, error)
            raise


def answered(kept: StoredAnswer, *, is_replay: bool = False) -> Response:
    headers = {"Location": kept.location} if kept.location else {}
    if is_replay:
        headers["Idempotency-Replayed"] = "true"
    media_type = "application/json" if kept.status < 400 else MEDIA_TYPE
    return Response(kept.body, kept.status, headers, media_type if kept.body else None)


def _digest(request: Request, path: str, body: str) -> str:
    # POST goes without saying: the answers of all versions are found.
    method = [] if request.method == "POST" else [request.method]
    whole = [*method, path, *(request.headers.get(name, "") for name in ("content-type", "content-location")), body]
    return hashlib.sha256(json.dumps(whole).encode()).hexdigest()


def _key(request: Request) -> str | None:
    given = request.headers.get("idempotency-key")
    if given is None:
        return None
    if quoted := _QUOTED.fullmatch(given.strip()):
        return re.sub(r"\\(.)", r"\1", quoted[1])
    if _BARE.fullmatch(given.strip()):
        return given.strip()
    detail = "must be a string of 1 to 255 ASCII characters in double quotes"
    raise InvalidInput(f"Idempotency-Key {detail}", [Fault("Idempotency-Key", detail)])


async def _keep_failure(request: Request, once: Once, error: Exception) -> None:
    """A refusal has no effect and is judged again; a defect is kept, because its effect is unknown,
    unless the effect and its answer were kept before.
    """
    if isinstance(error, WiretraceError) and not isinstance(error, InternalError):
        return
    shown = error if isinstance(error, WiretraceError) else InternalError()
    body = json.dumps(problem_document(shown, request.url.path, getattr(request.state, "request_id", None))).encode()
    try:
        await run_in_threadpool(once.keep_alone, shown.status, None, body)
    except WiretraceError:
        _log.exception("the answer to an Idempotency-Key could not be kept")
