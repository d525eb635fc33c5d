"""Passes requests on to the process that writes, body and answer streamed. For replicas, inside the operator's own network.

Goes nowhere else: the address is the one that the writer left in the database, never one that a request names.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from service.errors import WriterAway

PASSED_ON = b"x-wiretrace-passed-on"
"""Header of a request that came from a replica: another replica must not pass it on again."""
_CONNECT_S = 3.0
_RETRY_AFTER_S = 2
# RFC 9110, 7.6.1: they speak of one connection. `Host` and `Expect` are for this hop as well.
_OF_ONE_HOP = frozenset(
    (
        b"connection keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade"
        b" host expect date server"
    ).split()
)
_UNPRINTABLE = re.compile(rb"[^!-~]")

Header = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Passed:
    """What the writer answers; `chunks` are the body as it was sent."""

    status: int
    headers: list[Header]
    chunks: AsyncIterator[bytes]


class _Body(httpx.AsyncByteStream):
    """A body that raises what its source raises."""

    def __init__(self, source: AsyncIterator[bytes]) -> None:
        self._source = source

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._source:
            yield chunk


class Relay:
    """`address` says where the writer is, None where none ever was; it blocks. Open it in the lifespan, close it there."""

    def __init__(
        self,
        address: Callable[[], str | None],
        *,
        timeout_s: float,
        max_connections: int,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._address = address
        self._timeouts = {"connect": _CONNECT_S, "read": timeout_s, "write": timeout_s, "pool": timeout_s}
        # httpx can lose its pool for good when more is cancelled than it has connections for (httpcore #1093): never ask more.
        self._permits = asyncio.Semaphore(max_connections)
        # A kept connection may be closed by the writer while a request is on its way, which then might be done or not.
        limits = httpx.Limits(max_connections=max_connections, max_keepalive_connections=0)
        self._transport = transport or httpx.AsyncHTTPTransport(trust_env=False, http2=False, limits=limits)

    async def close(self) -> None:
        await self._transport.aclose()

    @asynccontextmanager
    async def passed_on(
        self,
        method: str,
        target: bytes,
        headers: Sequence[Header],
        body: AsyncIterator[bytes] | None,
        patience_s: float | None = None,
    ) -> AsyncIterator[Passed]:
        """The writer's answer to this request; `target` is path and query as they came, `patience_s` how long to wait for one
        that takes longer than most. Raises WriterAway.
        """
        address = await asyncio.to_thread(self._address)
        if address is None:
            raise WriterAway(retry_after_s=_RETRY_AFTER_S)
        url = httpx.URL(address)
        names = {name.lower() for name, _ in headers}
        is_chunked = body is not None and (b"transfer-encoding" in names or b"content-length" not in names)
        # Where both are named the length does not count (RFC 9112, 6.3): passed on it would cut the body off.
        left_out = _OF_ONE_HOP | {b"content-length"} if is_chunked else _OF_ONE_HOP
        kept = [(name, value) for name, value in headers if name.lower() not in left_out]
        if is_chunked:
            kept.append((b"transfer-encoding", b"chunked"))
        async with self._permits:
            answer = await self._sent(
                httpx.Request(
                    method,
                    url,
                    headers=[(b"host", url.netloc), *kept, (PASSED_ON, b"1")],
                    stream=httpx.ByteStream(b"") if body is None else _Body(body),
                    # As it came, and not as a part of `url`, which would be judged and quoted again.
                    extensions={
                        "target": _UNPRINTABLE.sub(lambda found: b"%%%02X" % found[0][0], target),
                        "timeout": self._timeouts | ({"read": patience_s} if patience_s else {}),
                    },
                )
            )
            try:
                sent = [(name.lower(), value) for name, value in answer.headers.raw if name.lower() not in _OF_ONE_HOP]
                yield Passed(answer.status_code, sent, answer.aiter_raw())
            finally:
                await answer.aclose()

    async def _sent(self, request: httpx.Request) -> httpx.Response:
        try:
            return await self._transport.handle_async_request(request)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise WriterAway(retry_after_s=_RETRY_AFTER_S) from error
        except httpx.TransportError as error:
            raise WriterAway(
                "The process that writes broke off before it answered: whether this was done is not known. "
                "Send it again with the same Idempotency-Key; what was done is not done twice.",
                retry_after_s=_RETRY_AFTER_S,
            ) from error
