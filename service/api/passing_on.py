"""On a replica: hands what it cannot answer itself to the process that writes. Everywhere else it does nothing.

A replica reads; whatever changes something, needs the index, or asks for work in progress is the writer's. Knows no use case.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import parse_qs

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from service.api.middleware import refuse
from service.api.problems import problem_response
from service.api.services import Passing, Services
from service.errors import WiretraceError, WriterAway
from service.fetch.relay import PASSED_ON
from service.ops.metrics import Metrics

_READING = frozenset({"GET", "OPTIONS"})
_IN_PROGRESS = ("/v1/jobs", "/v1/webhooks")
"""What the writer keeps for itself: jobs that run, and how far its receivers are."""
_PATIENCE_S = {"/v1/batches": 600.0, "/v1/fetch": 600.0}
"""A large body is kept whole before it is answered, and another site takes as long as it takes."""


class PassingOn:
    """Stands behind keys, limits and sizes, which each process applies for itself; the writer applies its own again."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        services: Services | None = scope.get("state", {}).get("services")
        relay = services.relay if services is not None else None
        if relay is None or scope["type"] != "http" or not _is_the_writers(scope):
            await self.app(scope, receive, send)
            return
        body = _Body(receive)
        try:
            await self._pass_on(relay, scope, body, send)
        except ClientDisconnect:
            return  # nobody reads an answer
        except WiretraceError as error:
            self.metrics.passed_on.labels("away" if isinstance(error, WriterAway) else "refused").inc()
            if body.is_over:
                await problem_response(error, scope["path"], scope["state"]["request_id"])(scope, receive, send)
            else:
                await refuse(error, scope, receive, send)

    async def _pass_on(self, relay: Passing, scope: Scope, body: _Body, send: Send) -> None:
        headers = list(scope["headers"])
        if any(name == PASSED_ON for name, _ in headers):
            raise WriterAway(
                "The process that was taken for the one that writes does not write any more; another takes its place."
            )
        target = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
        names = {name for name, _ in headers}
        has_body = bool(names & {b"content-length", b"transfer-encoding"})
        headers = [row for row in headers if row[0] != b"x-request-id"]
        headers.append((b"x-request-id", scope["state"]["request_id"].encode()))
        sent = body.parts() if has_body else None
        async with relay.passed_on(scope["method"], target, headers, sent, _PATIENCE_S.get(scope["path"])) as answer:
            self.metrics.passed_on.labels("answered").inc()
            await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
            async for chunk in answer.chunks:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})


def _is_the_writers(scope: Scope) -> bool:
    path: str = scope["path"]
    if not path.startswith("/v1/"):
        return False
    if scope["method"] not in _READING or path.startswith(_IN_PROGRESS):
        return True
    # As text: of bytes it takes ASCII only, and names of outlets and organisations are often more than that.
    return path == "/v1/stories" and "q" in parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)


class _Body:
    """The request's body. `is_over`: nothing of it is left to read, as it was read to its end or broke off."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.is_over = False

    async def parts(self) -> AsyncIterator[bytes]:
        while not self.is_over:
            try:
                message = await self._receive()
            except WiretraceError:
                self.is_over = True
                raise
            self.is_over = not message.get("more_body", False)
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            if chunk := message.get("body", b""):
                yield chunk
