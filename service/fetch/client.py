"""The service's only way out: GET of a public page, guarded, bounded, polite. The only importer of the HTTP library here.

Connects to the address that the guard judged, with the Host header and the TLS name of the host that was asked for. Keeps no
cookies, uses no proxy, follows redirects itself and judges each.
"""

from __future__ import annotations

import asyncio
import time
import zlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.parse import urljoin, urlsplit

import httpx

from service.errors import FetchFailed, FetchRefused, Overloaded, RobotsDisallowed
from service.fetch.guard import Resolve, Rules, Target, check_url, checked_addresses, resolve_with_system
from service.fetch.robots import ALLOW_ALL, ALLOW_NONE, MAX_ROBOTS_BYTES, Robots, parse_robots

PRODUCT = "wiretrace"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_HOSTS = 2_000
_LONGEST_DELAY_S = 30.0
_RATIO_FROM_BYTES = 500_000
_PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml"})
FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/xml", "text/xml", "application/rdf+xml"})


@dataclass(frozen=True, slots=True)
class Fetched:
    """`url` is where the content stood after `redirects`, which holds the addresses before it, first to last."""

    url: str
    content: bytes
    media_type: str
    charset: str | None
    redirects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    max_bytes: int = 5_000_000
    max_ratio: int = 100
    timeout_s: float = 20.0
    max_connections: int = 10
    host_delay_s: float = 1.0
    longest_wait_s: float = 15.0
    robots_keep_s: float = 3_600.0


class CheckedTransport(httpx.AsyncBaseTransport):
    """Resolves once, judges every answer and connects to the first of them that answers.

    No connection is kept: two hosts at one address must not share a TLS session that was checked for one of them.
    """

    def __init__(
        self, rules: Rules, resolve: Resolve, inner: httpx.AsyncBaseTransport | None = None, max_connections: int = 10
    ) -> None:
        self._rules = rules
        self._resolve = resolve
        limits = httpx.Limits(max_connections=max_connections, max_keepalive_connections=0)
        self._inner = inner or httpx.AsyncHTTPTransport(trust_env=False, http2=False, limits=limits)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        target = check_url(str(request.url), self._rules)
        addresses = await checked_addresses(target, self._rules, self._resolve)
        failure: httpx.TransportError | None = None
        for address in addresses[:3]:
            directed = httpx.Request(
                request.method,
                request.url.copy_with(host=address),
                headers=[
                    *((name, value) for name, value in request.headers.raw if name.lower() != b"host"),
                    (b"Host", _host_header(target)),
                ],
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": target.host},
            )
            try:
                return await self._inner.handle_async_request(directed)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
        assert failure is not None
        raise failure

    async def aclose(self) -> None:
        await self._inner.aclose()


def _host_header(target: Target) -> bytes:
    host = f"[{target.host}]" if ":" in target.host else target.host
    is_usual = target.port == {"http": 80, "https": 443}[target.scheme]
    return (host if is_usual else f"{host}:{target.port}").encode("ascii")


class FetchClient:
    """Open it in the lifespan, close it there. `resolve` and `sleep` are replaced in tests."""

    def __init__(
        self,
        *,
        rules: Rules,
        limits: Limits,
        agent: str,
        resolve: Resolve = resolve_with_system,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        inner: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._rules = rules
        self._limits = limits
        self._sleep = sleep
        # httpx can lose its pool for good when more is cancelled than it has connections for (httpcore #1093): never ask more.
        self._permits = asyncio.Semaphore(limits.max_connections)
        self._robots: OrderedDict[str, tuple[float, Robots]] = OrderedDict()
        self._next_at: OrderedDict[str, float] = OrderedDict()
        self._client = httpx.AsyncClient(
            transport=CheckedTransport(rules, resolve, inner, limits.max_connections),
            headers={
                "User-Agent": agent,
                "Accept-Encoding": "gzip, deflate",
                "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1",
            },
            cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
            follow_redirects=False,
            trust_env=False,
            timeout=httpx.Timeout(limits.timeout_s, pool=limits.timeout_s),
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def page(self, url: str) -> Fetched:
        """An HTML page. Raises FetchRefused, RobotsDisallowed, FetchFailed, Overloaded."""
        return await self._fetched(url, _PAGE_TYPES, self._limits.max_bytes)

    async def feed(self, url: str) -> Fetched:
        """A feed of 2 MB at most. Raises as `page` does."""
        return await self._fetched(url, FEED_TYPES, 2_000_000)

    async def _fetched(self, url: str, media_types: frozenset[str], max_bytes: int) -> Fetched:
        check_url(url, self._rules)
        waited = 0.0
        passed: list[str] = []
        for _ in range(self._rules.max_redirects + 1):
            robots = await self._robots_of(url)
            if not robots.allows(url):
                raise RobotsDisallowed(f"The site's robots.txt does not allow {PRODUCT} to read {url[:300]}.")
            waited += await self._take_turn(url, robots, waited)
            status, headers, content = await self._get(url, max_bytes, url)
            if status in _REDIRECTS and headers.get("location"):
                passed.append(url)
                url = urljoin(url, headers["location"])
                check_url(url, self._rules)
                continue
            if status != httpx.codes.OK:
                raise FetchFailed(f"The site answered with status {status}.")
            media_type, _, parameters = headers.get("content-type", "").partition(";")
            media_type = media_type.strip().lower()
            if media_type not in media_types:
                raise FetchFailed(
                    f"The site sent {media_type[:100] or 'no Content-Type'}, not {' or '.join(sorted(media_types))}."
                )
            charset = parameters.lower().partition("charset=")[2].split(";")[0].strip(" \"'") or None
            return Fetched(url, content, media_type, charset, tuple(passed))
        raise FetchFailed(f"The site redirected more than {self._rules.max_redirects} times.")

    async def _take_turn(self, url: str, robots: Robots, waited: float) -> float:
        """Wait until this host may be asked again; Overloaded when that would take too long. Seconds waited."""
        host = urlsplit(url).netloc.lower()
        delay = max(self._limits.host_delay_s, min(robots.delay_s or 0.0, _LONGEST_DELAY_S))
        now = time.monotonic()
        at = max(now, self._next_at.get(host, now))
        if waited + at - now > self._limits.longest_wait_s:
            raise Overloaded(
                f"Other requests to {host[:200]} come first; it is asked once in {delay:g} s.", max(1, int(at - now))
            )
        self._next_at[host] = at + delay
        self._next_at.move_to_end(host)
        while len(self._next_at) > _MAX_HOSTS:
            self._next_at.popitem(last=False)
        if at > now:
            await self._sleep(at - now)
        return at - now

    async def _robots_of(self, url: str) -> Robots:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc.lower()}"
        kept = self._robots.get(origin)
        if kept is not None and kept[0] > time.monotonic():
            return kept[1]
        robots = await self._read_robots(f"{origin}/robots.txt")
        self._robots[origin] = (time.monotonic() + self._limits.robots_keep_s, robots)
        while len(self._robots) > _MAX_HOSTS:
            self._robots.popitem(last=False)
        return robots

    async def _read_robots(self, url: str) -> Robots:
        """RFC 9309: what is not there allows everything, what cannot be reached allows nothing."""
        for _ in range(self._rules.max_redirects + 1):
            check_url(url, self._rules)
            try:
                status, headers, content = await self._get(url, MAX_ROBOTS_BYTES, url, is_cut=True)
            except FetchFailed as error:
                raise FetchFailed(f"robots.txt could not be read: {error.detail}") from error
            if status in _REDIRECTS and headers.get("location"):
                url = urljoin(url, headers["location"])
            elif status == httpx.codes.OK:
                return parse_robots(content.decode("utf-8", "replace"), PRODUCT)
            else:
                return ALLOW_ALL if 400 <= status < 500 else ALLOW_NONE
        return ALLOW_ALL

    async def _get(self, url: str, max_bytes: int, shown: str, *, is_cut: bool = False) -> tuple[int, httpx.Headers, bytes]:
        """Status, headers and the decoded content; with `is_cut` what is beyond the limit is left away instead of refused."""
        try:
            async with asyncio.timeout(self._limits.timeout_s), self._permits, self._opened(url) as answer:
                if answer.status_code != httpx.codes.OK:
                    return answer.status_code, answer.headers, b""
                return answer.status_code, answer.headers, await self._content(answer, max_bytes, is_cut=is_cut)
        except TimeoutError as error:
            raise FetchFailed(f"The site did not answer within {self._limits.timeout_s:g} s.") from error
        except (httpx.HTTPError, httpx.InvalidURL, zlib.error) as error:
            raise FetchFailed(f"{shown[:300]} could not be read ({type(error).__name__}).") from error

    @asynccontextmanager
    async def _opened(self, url: str) -> AsyncIterator[httpx.Response]:
        try:
            request = self._client.build_request("GET", url)
        except (ValueError, httpx.InvalidURL) as error:
            raise FetchRefused("The address is not one that can be asked for.") from error
        answer = await self._client.send(request, stream=True)
        try:
            yield answer
        finally:
            await answer.aclose()

    async def _content(self, answer: httpx.Response, max_bytes: int, *, is_cut: bool) -> bytes:
        """Decodes while it streams, so that neither many bytes nor few that unfold to many are ever held."""
        encoding = answer.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise FetchFailed(f"The site sent the encoding {encoding[:50]}, which was not asked for.")
        unpack = None if encoding in ("", "identity") else zlib.decompressobj(zlib.MAX_WBITS | 32)
        parts: list[bytes] = []
        received = size = 0
        async for chunk in answer.aiter_raw():
            received += len(chunk)
            waiting = chunk
            while waiting:
                part = unpack.decompress(waiting, 1_000_000) if unpack else waiting
                waiting = unpack.unconsumed_tail if unpack else b""
                size += len(part)
                parts.append(part)
                if size > max_bytes or received > max_bytes:
                    if is_cut:
                        return b"".join(parts)[:max_bytes]
                    raise FetchFailed(f"The site sent more than {max_bytes} bytes.")
                if unpack and size > _RATIO_FROM_BYTES and size > received * self._limits.max_ratio:
                    raise FetchFailed(f"The content unfolds to more than {self._limits.max_ratio} times its size.")
        return b"".join(parts)
