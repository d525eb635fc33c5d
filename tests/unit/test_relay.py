"""What a replica sends to the one that writes, and what it makes of the answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from service.errors import BodyTooLarge, WriterAway
from service.fetch.relay import PASSED_ON, Passed, Relay

ADDRESS = "http://writer.example:8001"


def passed(
    answer: Callable[[httpx.Request], httpx.Response],
    method: str = "POST",
    target: bytes = b"/v1/articles",
    headers: list[tuple[bytes, bytes]] | None = None,
    body: AsyncIterator[bytes] | None = None,
    address: str | None = ADDRESS,
) -> tuple[Passed, bytes]:
    async def go() -> tuple[Passed, bytes]:
        relay = Relay(lambda: address, timeout_s=1, max_connections=1, transport=httpx.MockTransport(answer))
        try:
            async with relay.passed_on(method, target, headers or [], body) as found:
                return found, b"".join([chunk async for chunk in found.chunks])
        finally:
            await relay.close()

    return asyncio.run(go())


async def parts(*given: bytes | Exception) -> AsyncIterator[bytes]:
    for part in given:
        if isinstance(part, Exception):
            raise part
        yield part


@pytest.mark.parametrize(
    ("target", "sent"),
    [
        (b"/v1/stories?q=caf%C3%A9&outlet='a'<b>", b"/v1/stories?q=caf%C3%A9&outlet='a'<b>"),
        (b"/v1/jobs#part", b"/v1/jobs#part"),
        (b"/v1/a%2Fb//c/[d]?", b"/v1/a%2Fb//c/[d]?"),
        (b"/v1/stories?q=caf\xc3\xa9\x7f", b"/v1/stories?q=caf%C3%A9%7F"),
        (b"/v1/jobs?cursor=" + b"x" * 70_000, b"/v1/jobs?cursor=" + b"x" * 70_000),
    ],
)
def test_path_and_query_go_as_they_came(target: bytes, sent: bytes) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=parts())

    passed(answer, "GET", target)
    assert (seen[0].url.host, seen[0].url.port, seen[0].extensions["target"]) == ("writer.example", 8001, sent)


def test_what_speaks_of_one_connection_is_not_passed_on() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        told = {"Connection": "close", "Date": "now", "Location": "/v1/articles/a"}
        return httpx.Response(201, headers=told, content=parts(b"{}"))

    headers = [
        (b"host", b"outside.example"),
        (b"transfer-encoding", b"chunked"),
        (b"expect", b"100-continue"),
        (b"te", b"trailers"),
    ]
    found, content = passed(answer, headers=[*headers, (b"authorization", b"Bearer key")], body=parts(b"a", b"b"))
    assert (found.status, found.headers, content) == (201, [(b"location", b"/v1/articles/a")], b"{}")
    sent = seen[0].headers.raw
    assert [name.lower() for name, _ in sent] == [b"host", b"authorization", b"transfer-encoding", PASSED_ON]
    assert seen[0].headers["host"] == "writer.example:8001"


@pytest.mark.parametrize(
    ("given", "framed"),
    [
        ([(b"content-length", b"2")], (b"content-length", b"2")),
        ([(b"content-length", b"1"), (b"transfer-encoding", b"chunked")], (b"transfer-encoding", b"chunked")),
    ],
)
def test_a_body_is_framed_in_one_way(given: list[tuple[bytes, bytes]], framed: tuple[bytes, bytes]) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=parts())

    passed(answer, headers=given, body=parts(b"a", b"b"))
    assert [row for row in seen[0].headers.raw if row[0].lower() in (b"content-length", b"transfer-encoding")] == [framed]


def test_whether_it_was_done_is_said_as_far_as_it_is_known() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody there")

    def break_off(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("gone")

    with pytest.raises(WriterAway, match="Nothing of this request was stored"):
        passed(refuse)
    with pytest.raises(WriterAway, match="Nothing of this request was stored"):
        passed(refuse, address=None)
    with pytest.raises(WriterAway, match="whether this was done is not known"):
        passed(break_off)


def test_what_is_wrong_with_the_body_is_told_and_not_the_connection() -> None:
    async def go() -> None:
        relay = Relay(lambda: ADDRESS, timeout_s=1, max_connections=1, transport=_Reading())
        for _ in range(2):  # the one permit is given back
            with pytest.raises(BodyTooLarge):
                async with relay.passed_on("POST", b"/v1/articles", [], parts(b"a", BodyTooLarge())):
                    pass

    asyncio.run(go())


class _Reading(httpx.AsyncBaseTransport):
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(request.stream, httpx.AsyncByteStream)
        return httpx.Response(200, content=b"".join([part async for part in request.stream]))
