"""What this service connects to: rules on addresses, a resolver that lies, servers that misbehave. No name leaves this process."""

from __future__ import annotations

import asyncio
import gzip
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import FetchFailed, FetchRefused, Overloaded, RobotsDisallowed, WiretraceError
from service.fetch.client import CheckedTransport, FetchClient, Fetched, Limits
from service.fetch.guard import Rules, check_url, checked_addresses, may_connect, resolve_with_system
from service.fetch.robots import parse_robots

LOOPBACK = ip_network("127.0.0.0/8")
PUBLIC = "93.184.216.34"

DENIED = [
    "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "255.255.255.255", "224.0.0.1", "240.0.0.1",
    "100.64.0.1", "100.127.255.255",  # carrier NAT
    "192.0.0.8", "192.88.99.1", "198.18.0.1", "203.0.113.5",
    "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "fec0::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:7f00:1",  # v4-mapped
    "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1",  # NAT64
    "2002:7f00:1::", "2002:a00:1::1",  # 6to4
    "2001:0:1::1",  # Teredo
    "::127.0.0.1",
    "not an address", "",
]  # fmt: skip


@pytest.mark.parametrize("address", DENIED)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not may_connect(address)


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "2606:4700::1111", "::ffff:93.184.216.34", "100.128.0.1"])
def test_public_addresses(address: str) -> None:
    assert may_connect(address)


def test_an_operator_may_open_a_network() -> None:
    assert may_connect("127.0.0.1", [LOOPBACK])
    assert may_connect("::ffff:127.0.0.1", [LOOPBACK])
    assert not may_connect("10.0.0.1", [LOOPBACK])


@given(st.ip_addresses(v=4))
def test_a_mapped_address_is_judged_as_what_it_maps(address: Any) -> None:
    assert may_connect(f"::ffff:{address}") == may_connect(str(address))
    assert not may_connect(f"64:ff9b::{address}")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://a.example/", "not ftp:"),
        ("file:///etc/passwd", "not file:"),
        ("gopher://a.example/", "not gopher:"),
        ("https://user:secret@a.example/", "user name"),
        ("https://a.example@b.example/", "user name"),
        ("https://a.example:22/", "Port 22"),
        ("http://a.example:8080/", "Port 8080"),
        ("https://a.example:0/", "port 0"),
        ("https://a.example:99999/", "not a URL"),
        ("https:///x", "no host"),
        ("https://a.example\r\nHost: b/", "control character"),
        ("/relative", "without a scheme"),
    ],
)
def test_urls_that_are_refused(url: str, reason: str) -> None:
    with pytest.raises(FetchRefused, match=reason):
        check_url(url, Rules())


def table(**hosts: Sequence[str]) -> Callable[[str, int], Any]:
    """A resolver that knows these hosts (`_` stands for a dot) and nobody else."""
    known = {name.replace("_", "."): addresses for name, addresses in hosts.items()}

    async def resolve(host: str, port: int) -> Sequence[str]:
        if host not in known:
            raise socket.gaierror(f"unknown host {host}")
        return known[host]

    return resolve


def addresses(url: str, resolve: Any) -> list[str]:
    return asyncio.run(checked_addresses(check_url(url, Rules()), Rules(), resolve))


def test_every_answer_of_the_resolver_counts() -> None:
    assert addresses("https://a.example/", table(a_example=[PUBLIC, "8.8.8.8"])) == [PUBLIC, "8.8.8.8"]
    with pytest.raises(FetchRefused, match="not public"):
        addresses("https://a.example/", table(a_example=[PUBLIC, "10.0.0.1"]))
    with pytest.raises(FetchFailed, match="cannot be resolved"):
        addresses("https://b.example/", table(a_example=[PUBLIC]))
    with pytest.raises(FetchFailed, match="no address"):
        addresses("https://a.example/", table(a_example=[]))


@pytest.mark.parametrize(
    "host",
    ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "0x7f000001", "017700000001", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]"],
)
def test_spellings_of_loopback_are_judged_by_what_the_system_makes_of_them(host: str) -> None:
    with pytest.raises(FetchRefused):
        addresses(f"http://{host}/", resolve_with_system)


# ---- the client ----------------------------------------------------------------------------------------------------------


class Site(BaseHTTPRequestHandler):
    """Answers by path; remembers what it was asked."""

    seen: list[tuple[str, str, dict[str, str]]]

    def log_message(self, *_: Any) -> None: ...

    def do_GET(self) -> None:  # noqa: PLR0912 - one branch for each misbehaviour
        self.seen.append((self.headers["Host"], self.path, dict(self.headers)))
        path, _, query = self.path.partition("?")
        if path == "/robots.txt":
            self._send(b"User-agent: *\nDisallow: /private\nAllow: /private/open\n", "text/plain")
        elif path == "/to":
            self._send(b"", "text/html", 302, {"Location": query})
        elif path == "/loop":
            self._send(b"", "text/html", 302, {"Location": f"/loop?{query}x"})
        elif path == "/gzip":
            self._send(gzip.compress(b"<p>packed</p>"), "text/html", 200, {"Content-Encoding": "gzip"})
        elif path == "/bomb":
            self._send(gzip.compress(b"\0" * 30_000_000), "text/html", 200, {"Content-Encoding": "gzip"})
        elif path == "/broken":
            self._send(b"not gzip at all", "text/html", 200, {"Content-Encoding": "gzip"})
        elif path == "/brotli":
            self._send(b"x", "text/html", 200, {"Content-Encoding": "br"})
        elif path == "/large":
            self._send(b"x" * 300_000, "text/html")
        elif path == "/endless":
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b"x" * 65_536)
            except OSError:
                return
        elif path == "/hang":
            self.server.released.wait(20)  # type: ignore[attr-defined]
        elif path == "/pdf":
            self._send(b"%PDF", "application/pdf")
        elif path == "/missing":
            self._send(b"gone", "text/html", 404)
        else:
            self._send(b"<p>hello</p>", "text/html; charset=ISO-8859-1", 200, {"Set-Cookie": "id=1"})

    def _send(self, body: bytes, media_type: str, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": media_type, "Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class Web:
    """A site on loopback, with a resolver that leads `news.example` there."""

    def __init__(self, server: ThreadingHTTPServer, seen: list[Any]) -> None:
        self.port = server.server_address[1]
        self.seen = seen
        self.asked: list[str] = []
        self.slept: list[float] = []
        self.table: dict[str, list[list[str]]] = {"news.example": [["127.0.0.1"]]}

    def url(self, path: str, host: str = "news.example") -> str:
        return f"http://{host}:{self.port}{path}"

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        answers = self.table.get(host)
        if not answers:
            raise socket.gaierror(host)
        return answers.pop(0) if len(answers) > 1 else answers[0]

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def get(self, *urls: str, ports: Sequence[int] = (), **limits: Any) -> list[Fetched]:
        async def run() -> list[Fetched]:
            chosen: dict[str, Any] = {"max_bytes": 200_000, "timeout_s": 5, "host_delay_s": 0, **limits}
            rules = Rules(ports=frozenset({self.port, *ports}), allowed=(ip_network("127.0.0.1/32"),))
            client = FetchClient(
                rules=rules, limits=Limits(**chosen), agent="wiretrace/test", resolve=self.resolve, sleep=self.sleep
            )
            try:
                return [await client.page(url) for url in urls]
            finally:
                await client.close()

        return asyncio.run(run())

    def fails(self, kind: type[WiretraceError], reason: str, *urls: str, **limits: Any) -> None:
        with pytest.raises(kind, match=reason):
            self.get(*urls, **limits)


@pytest.fixture
def web() -> Iterator[Web]:
    seen: list[Any] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Site,), {"seen": seen}))
    server.daemon_threads = True
    server.released = threading.Event()  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield Web(server, seen)
    server.released.set()  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()
    thread.join(5)


def test_a_page(web: Web) -> None:
    (page,) = web.get(web.url("/a?b=c"))
    assert page == Fetched(web.url("/a?b=c"), b"<p>hello</p>", "text/html", "iso-8859-1", ())
    assert [(host, path) for host, path, _ in web.seen] == [
        (f"news.example:{web.port}", "/robots.txt"),
        (f"news.example:{web.port}", "/a?b=c"),
    ]
    assert web.seen[1][2]["User-Agent"] == "wiretrace/test"


def test_the_name_is_resolved_once_for_each_request_and_the_answer_is_used(web: Web) -> None:
    """Rebinding: the second answer would lead elsewhere, so nobody may ask for it between the check and the connection."""
    web.table["news.example"] = [["127.0.0.1"], ["127.0.0.1"], ["10.0.0.1"]]
    web.get(web.url("/a"))
    assert web.asked == ["news.example", "news.example"]
    web.table["news.example"] = [["127.0.0.1"], ["10.0.0.1"]]
    web.fails(FetchRefused, "not public", web.url("/b"))
    assert "/b" not in [path for _, path, _ in web.seen]


def test_redirects_are_judged_like_first_addresses(web: Web) -> None:
    (page,) = web.get(web.url("/to?/a"))
    assert (page.url, page.redirects) == (web.url("/a"), (web.url("/to?/a"),))
    web.table |= {"inner.example": [["192.168.0.1"]], "169.254.169.254": [["169.254.169.254"]]}
    web.fails(FetchRefused, "not public", web.url(f"/to?http://inner.example:{web.port}/secret"))
    web.fails(FetchRefused, "Port 22", web.url("/to?http://news.example:22/"))
    web.fails(FetchRefused, "user name", web.url(f"/to?http://a:b@news.example:{web.port}/"))
    web.fails(FetchRefused, "not file:", web.url("/to?file:///etc/passwd"))
    web.fails(FetchRefused, "not public", web.url(f"/to?http://169.254.169.254:{web.port}/latest"), ports=())


def test_redirects_end(web: Web) -> None:
    web.fails(FetchFailed, "more than 5 times", web.url("/loop?"))
    assert sum(path.startswith("/loop") for _, path, _ in web.seen) == 6


def test_numbers_that_mean_loopback(web: Web) -> None:
    web.table |= {"169.254.169.254": [["169.254.169.254"]], "2130706433": [["127.0.0.2"]]}
    web.fails(FetchRefused, "not public", web.url("/a", "2130706433"))


def test_bytes_are_bounded(web: Web) -> None:
    assert web.get(web.url("/gzip"))[0].content == b"<p>packed</p>"
    web.fails(FetchFailed, "more than 200000 bytes", web.url("/large"))
    web.fails(FetchFailed, "more than 200000 bytes", web.url("/endless"))
    web.fails(FetchFailed, "more than 200000 bytes", web.url("/bomb"))
    web.fails(FetchFailed, "unfolds to more than 100 times", web.url("/bomb"), max_bytes=50_000_000)
    web.fails(FetchFailed, "could not be read", web.url("/broken"))
    web.fails(FetchFailed, "encoding br", web.url("/brotli"))


def test_time_is_bounded(web: Web) -> None:
    web.fails(FetchFailed, "within 0.3 s", web.url("/hang"), timeout_s=0.3)


def test_what_is_no_page(web: Web) -> None:
    web.fails(FetchFailed, "status 404", web.url("/missing"))
    web.fails(FetchFailed, "application/pdf", web.url("/pdf"))
    web.table["dead.example"] = [["127.0.0.1"]]
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        web.fails(FetchFailed, "robots.txt could not be read", f"http://dead.example:{port}/", ports=(port,))


def test_no_cookies(web: Web) -> None:
    web.get(web.url("/a"), web.url("/b"))
    assert all("Cookie" not in headers for _, _, headers in web.seen)


def test_robots(web: Web) -> None:
    web.fails(RobotsDisallowed, "robots.txt", web.url("/private/x"))
    web.fails(RobotsDisallowed, "robots.txt", web.url("/to?/private/x"))
    assert "/private/x" not in [path for _, path, _ in web.seen]
    web.get(web.url("/private/open"))
    web.seen.clear()
    web.get(web.url("/a"), web.url("/b"), web.url("/c"))
    assert [path for _, path, _ in web.seen].count("/robots.txt") == 1


def test_a_host_is_not_hurried(web: Web) -> None:
    web.get(web.url("/a"), web.url("/b"), web.url("/c"), host_delay_s=2.0, longest_wait_s=60)
    assert len(web.slept) == 2
    assert all(0 < seconds <= 4.0 for seconds in web.slept)
    web.fails(Overloaded, "come first", web.url("/a"), web.url("/b"), host_delay_s=50.0)


def test_the_certificate_is_asked_for_under_the_hosts_name() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(404)

    transport = CheckedTransport(Rules(), table(news_example=[PUBLIC]), httpx.MockTransport(answer))
    asyncio.run(transport.handle_async_request(httpx.Request("GET", "https://news.example/a")))
    assert asked[0].url.host == PUBLIC
    assert asked[0].headers["host"] == "news.example"
    assert asked[0].extensions["sni_hostname"] == "news.example"


def test_cancelled_requests_do_not_cost_connections(web: Web) -> None:
    """httpcore #1093: without our own gate the pool can be lost for good."""

    async def run() -> bytes:
        limits = Limits(timeout_s=5, host_delay_s=0, max_connections=4, longest_wait_s=1e9)
        rules = Rules(ports=frozenset({web.port}), allowed=(ip_network("127.0.0.1/32"),))
        client = FetchClient(rules=rules, limits=limits, agent="wiretrace/test", resolve=web.resolve)
        try:
            await client.page(web.url("/a"))
            for _ in range(5):
                tasks = [asyncio.create_task(client.page(web.url("/a"))) for _ in range(40)]
                for _ in range(4):
                    await asyncio.sleep(0)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            return (await client.page(web.url("/a"))).content
        finally:
            await client.close()

    assert asyncio.run(run()) == b"<p>hello</p>"


# ---- robots.txt ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("", "/a", True),
        ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow: /\nAllow: /a", "/a/b", True),
        ("User-agent: *\nAllow: /a\nDisallow: /a", "/a", True),
        ("User-agent: wiretrace\nDisallow:\n\nUser-agent: *\nDisallow: /", "/a", True),
        ("User-agent: other\nUser-agent: Wiretrace/1.0\nDisallow: /a", "/a", False),
        ("User-agent: *\nDisallow: /*.php$", "/x/a.php", False),
        ("User-agent: *\nDisallow: /*.php$", "/x/a.php?b", True),
        ("User-agent: *\nDisallow: /*?print=", "/a?x=1&print=1", True),
        ("User-agent: *\nDisallow: /*print=", "/a?x=1&print=1", False),
        ("User-agent: *\nDisallow: /%7Ejoe", "/~joe/x", False),
        ("User-agent: *\nDisallow: /a # why\n", "/a", False),
        ("Disallow: /", "/a", True),
        ("User-agent: *\nDisallow: /", "/robots.txt", True),
    ],
)
def test_robots_rules(text: str, path: str, expected: bool) -> None:
    assert parse_robots(text, "wiretrace").allows(f"https://a.example{path}") is expected


def test_crawl_delay() -> None:
    assert parse_robots("User-agent: *\nCrawl-delay: 2.5\nDisallow: /a", "wiretrace").delay_s == 2.5
    assert parse_robots("User-agent: *\nCrawl-delay: soon", "wiretrace").delay_s is None


@given(st.text(alphabet="ab*$/", max_size=40), st.text(alphabet="ab/", max_size=60))
def test_patterns_mean_what_a_regular_expression_would(pattern: str, path: str) -> None:
    import re

    body, anchored = (pattern[:-1], True) if pattern.endswith("$") else (pattern, False)
    expected = (
        re.match(".*".join(map(re.escape, body.split("*"))) + (r"\Z" if anchored else ""), "/" + path, re.DOTALL) is not None
    )
    robots = parse_robots(f"User-agent: *\nDisallow: {pattern}", "wiretrace")
    if pattern and len(body) < 15:
        assert robots.allows(f"https://a.example/{path}") is not expected
