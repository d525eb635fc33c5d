"""Sends webhook messages: guarded like every way out, bounded in time and in what is read of the answer, never redirected."""

from __future__ import annotations

import asyncio
import email.utils
from collections.abc import Mapping
from datetime import UTC, datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from service.errors import WiretraceError
from service.fetch.client import CheckedTransport
from service.fetch.guard import Resolve, Rules, resolve_with_system
from service.flows.delivering import Posted

MOST_RESPONSE_BYTES = 2_000


class Poster:
    """Open it in the lifespan, close it there."""

    def __init__(
        self,
        rules: Rules,
        *,
        timeout_s: float,
        agent: str,
        resolve: Resolve = resolve_with_system,
        inner: httpx.AsyncBaseTransport | None = None,
        max_connections: int = 20,
    ) -> None:
        self._timeout_s = timeout_s
        # httpx can lose its pool for good when more is cancelled than it has connections for (httpcore #1093): never ask more.
        self._permits = asyncio.Semaphore(max_connections)
        self._client = httpx.AsyncClient(
            transport=CheckedTransport(rules, resolve, inner, max_connections),
            headers={"User-Agent": agent, "Content-Type": "application/json", "Accept-Encoding": "identity"},
            cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
            follow_redirects=False,
            trust_env=False,
            timeout=timeout_s,
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Posted:
        """What the receiver answered. Raises nothing that a receiver can cause."""
        try:
            async with asyncio.timeout(self._timeout_s), self._permits:
                return await self._posted(url, headers, body)
        except TimeoutError:
            return Posted(None, f"No answer within {self._timeout_s:g} s.")
        except WiretraceError as error:
            return Posted(None, error.detail)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ValueError) as error:
            return Posted(None, f"The receiver could not be reached ({type(error).__name__}).")

    async def _posted(self, url: str, headers: Mapping[str, str], body: bytes) -> Posted:
        request = self._client.build_request("POST", url, headers=dict(headers), content=body)
        answer = await self._client.send(request, stream=True)
        try:
            received = b""
            async for chunk in answer.aiter_raw():
                received += chunk
                if len(received) >= MOST_RESPONSE_BYTES:
                    break
        finally:
            await answer.aclose()
        text = received[:MOST_RESPONSE_BYTES].decode("utf-8", "replace").replace("\x00", "")
        return Posted(answer.status_code, text, _retry_after_s(answer.headers.get("retry-after")))


def _retry_after_s(value: str | None) -> float | None:
    """Seconds, given as a number or as an HTTP date; None where neither."""
    if value is None:
        return None
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        at = email.utils.parsedate_to_datetime(value)
    except (ValueError, IndexError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())
