"""What happens to every request before and after the routes: identity, keys, admission, size, timing, headers.

Pure ASGI, because wrappers of the other kind lose context variables. Order, outermost first: `RequestContext`,
`Authentication`, `RateLimit`, `Admission`, `SizeLimit`. Knows no use case.
"""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections.abc import Mapping
from typing import Literal

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.problems import problem_response
from service.errors import BodyTooLarge, Forbidden, InternalError, Overloaded, Unauthenticated, WiretraceError
from service.keys import KeyLimits, KeyRing
from service.ops.metrics import Metrics

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_DRAIN_S = 10.0
_QUIET = ("/health/", "/metrics")
_log = structlog.get_logger("service.requests")

Permit = Literal["read", "write", "stream"]
# Calls that store nothing, or nothing but how far their caller has read.
_READING = frozenset({"/v1/check", "/v1/changes/acknowledge"})
_STREAM = "/v1/changes/stream"


class RequestContext:
    """Request id, security headers, HEAD as GET without a body, one log line and one measurement for each request."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, method = time.perf_counter(), scope["method"]
        offered = Headers(scope=scope).get("x-request-id", "")
        request_id = offered if _REQUEST_ID.fullmatch(offered) else uuid.uuid4().hex
        state = {**scope.get("state", {}), "request_id": request_id, "is_head": method == "HEAD"}
        scope = {**scope, "state": state, "method": "GET" if method == "HEAD" else method}
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(MutableHeaders(scope=message), request_id, scope["path"])
            elif method == "HEAD":
                message = {**message, "body": b""}
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, answer)
            except Exception:
                _log.exception("request_crashed", method=method, path=scope["path"])
                if status:  # the answer has begun; only cutting it off can still say that it is not whole
                    raise
                await problem_response(InternalError(), scope["path"], request_id)(scope, receive, answer)
            finally:
                self._record(scope, method, status, time.perf_counter() - started)

    def _record(self, scope: Scope, method: str, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "none")
        known = method if method in ("GET", "HEAD", "POST", "DELETE", "PUT", "PATCH", "OPTIONS") else "other"
        self.metrics.requests.labels(known, route, str(status)).inc()
        self.metrics.request_seconds.labels(known, route).observe(seconds)
        level = "debug" if scope["path"].startswith(_QUIET) else "info"
        getattr(_log, level)("request", method=method, path=scope["path"], status=status, ms=round(seconds * 1000, 1))


def _add_headers(headers: MutableHeaders, request_id: str, path: str) -> None:
    headers["X-Request-ID"] = request_id
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers["X-Frame-Options"] = "DENY"
    if not path.startswith("/docs"):  # the documentation page loads its scripts
        headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    if path.startswith("/v1"):
        headers.setdefault("Cache-Control", "private, no-cache")


class Authentication:
    """With keys configured, every /v1 call needs one. A check stores nothing, so a read key is enough for it."""

    def __init__(self, app: ASGIApp, keys: KeyRing) -> None:
        self.app = app
        self.keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.keys.is_needed and scope["type"] == "http" and (scope["path"] == "/v1" or scope["path"].startswith("/v1/")):
            error = self._refusal(scope)
            if error is not None:
                await refuse(error, scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _refusal(self, scope: Scope) -> WiretraceError | None:
        scheme, _, key = Headers(scope=scope).get("authorization", "").partition(" ")
        known = self.keys.find(key.strip())
        if scheme.lower() != "bearer" or known is None:
            return Unauthenticated()
        scope["state"]["key_id"] = known.id
        scope["state"]["key_limits"] = known.limits
        is_reading = scope["method"] in ("GET", "OPTIONS") or scope["path"] in _READING
        return None if is_reading or known.permit == "write" else Forbidden()


class Admission:
    """A permit for each /v1 request, before its body is read; none left means 503 at once instead of a growing queue."""

    def __init__(self, app: ASGIApp, metrics: Metrics, limits: Mapping[Permit, int], retry_after_s: int) -> None:
        self.app = app
        self.metrics = metrics
        self.limits = limits
        self.retry_after_s = retry_after_s
        self.taken: dict[Permit, int] = dict.fromkeys(limits, 0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/v1"):
            await self.app(scope, receive, send)
            return
        permit: Permit = "write" if scope["method"] != "GET" else "stream" if scope["path"] == _STREAM else "read"
        if self.taken[permit] >= self.limits[permit]:
            self.metrics.refused.labels(permit).inc()
            await refuse(Overloaded(retry_after_s=self.retry_after_s), scope, receive, send)
            return
        self.taken[permit] += 1
        self.metrics.in_flight.labels(permit).set(self.taken[permit])
        try:
            await self.app(scope, receive, send)
        finally:
            self.taken[permit] -= 1
            self.metrics.in_flight.labels(permit).set(self.taken[permit])


class SizeLimit:
    """Counts the bytes that come, whatever Content-Length says. Stands behind the authentication, as keys may have limits."""

    def __init__(self, app: ASGIApp, max_body_bytes: int, batches: Mapping[str, int] | None = None) -> None:
        """`batches`: the limits of the paths that take many articles at once."""
        self.app = app
        self.max_body_bytes = max_body_bytes
        self.batches = batches or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self._limit(scope)
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isascii() and declared.isdigit() and int(declared[:20]) > limit:
            await refuse(_too_large(f"{declared[:20]} bytes", limit), scope, receive, send)
            return
        count = 0

        async def counted() -> Message:
            nonlocal count
            message = await receive()
            count += len(message.get("body", b""))
            if count > limit:
                # Behind the last part comes nothing but the end of the connection.
                if message.get("more_body", False):
                    await _drain(receive)
                raise _too_large("more", limit)
            return message

        await self.app(scope, counted, send)

    def _limit(self, scope: Scope) -> int:
        """The smaller one of the service's limit and the key's: no key makes the service take more than it can bear."""
        own: KeyLimits = scope["state"].get("key_limits") or KeyLimits()
        general = self.batches.get(scope["path"])
        if general is None:
            return min(self.max_body_bytes, own.body or self.max_body_bytes)
        return min(general, own.batch or general)


def _too_large(size: str, limit: int) -> BodyTooLarge:
    return BodyTooLarge(f"The body has {size}; the limit is {limit} bytes.")


async def refuse(error: WiretraceError, scope: Scope, receive: Receive, send: Send) -> None:
    # Who waits for permission to send its body needs no reading; anybody else would meet a closed connection before the answer.
    if Headers(scope=scope).get("expect", "").lower() != "100-continue":
        await _drain(receive)
    await problem_response(error, scope["path"], scope["state"]["request_id"], {"Connection": "close"})(scope, receive, send)


async def _drain(receive: Receive, limit_bytes: int = 64_000_000) -> None:
    """Reads and forgets the rest of a body, within bounds."""
    try:
        async with asyncio.timeout(_DRAIN_S):
            count = 0
            while count <= limit_bytes:
                message = await receive()
                count += len(message.get("body", b""))
                if message["type"] != "http.request" or not message.get("more_body", False):
                    return
    except TimeoutError:
        return
