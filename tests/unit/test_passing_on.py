"""Which requests a replica hands on, and what becomes of those that it cannot."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from service.api.passing_on import PassingOn
from service.errors import WriterAway
from service.fetch.relay import Header, Passed
from service.ops.metrics import Metrics
from service.parts.replica import longest_s
from service.settings import Settings


class Writer:
    """Answers what it was sent, or is away, or reads no body first."""

    def __init__(self, *, is_away: bool = False) -> None:
        self.is_away = is_away
        self.asked: list[tuple[str, bytes, list[Header], bytes | None]] = []
        self.patience: list[float | None] = []
        self.gone = 0

    @asynccontextmanager
    async def passed_on(
        self,
        method: str,
        target: bytes,
        headers: list[Header],
        body: AsyncIterator[bytes] | None,
        patience_s: float | None = None,
    ) -> AsyncIterator[Passed]:
        if self.is_away:
            raise WriterAway(retry_after_s=2)
        try:
            read = None if body is None else b"".join([part async for part in body])
        except Exception:
            self.gone += 1
            raise
        self.asked.append((method, target, headers, read))
        self.patience.append(patience_s)

        async def chunks() -> AsyncIterator[bytes]:
            yield b"there"

        yield Passed(200, [(b"x-from", b"writer")], chunks())


async def here(_: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"here"})


def call(
    writer: Writer | None,
    method: str,
    path: str,
    query: bytes = b"",
    headers: tuple[Header, ...] = (),
    body: tuple[bytes, ...] = (),
    *,
    leaves: bool = False,
) -> tuple[list[Message], list[Message]]:
    """What was sent back, and what of the request was left unread. `leaves`: the caller goes before the body ends."""
    coming: list[Message] = [{"type": "http.request", "body": part, "more_body": True} for part in body]
    coming.append({"type": "http.disconnect"} if leaves else {"type": "http.request", "body": b"", "more_body": False})
    sent: list[Message] = []

    async def receive() -> Message:
        return coming.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "headers": list(headers),
        "state": {"services": SimpleNamespace(relay=writer), "request_id": "one"},
    }
    asyncio.run(PassingOn(here, Metrics())(scope, receive, send))
    return sent, coming


def answered(sent: list[Message]) -> tuple[int, bytes]:
    return sent[0]["status"], b"".join(message["body"] for message in sent[1:])


@pytest.mark.parametrize(
    ("method", "path", "query", "is_writers"),
    [
        ("GET", "/v1/stories", b"organisation=S%C3%BCd&outlet=caf%C3%A9", False),
        ("GET", "/v1/stories", b"outlet=\xc3\xa9", False),
        ("GET", "/v1/stories", b"q=caf%C3%A9", True),
        ("GET", "/v1/stories", b"limit=2&%71=", True),
        ("GET", "/v1/stories/a", b"q=x", False),
        ("GET", "/v1/articles", b"", False),
        ("GET", "/v1/changes/stream", b"", False),
        ("GET", "/v1/jobs/a", b"", True),
        ("GET", "/v1/webhooks", b"", True),
        ("OPTIONS", "/v1/articles", b"", False),
        ("POST", "/v1/check", b"", True),
        ("DELETE", "/v1/articles/a", b"", True),
        ("PATCH", "/v1/nothing", b"", True),
        ("POST", "/health/ready", b"", False),
        ("POST", "/v1", b"", False),
    ],
)
def test_what_changes_searches_or_is_in_progress_is_the_writers(method: str, path: str, query: bytes, is_writers: bool) -> None:
    writer = Writer()
    sent, _ = call(writer, method, path, query)
    assert answered(sent) == (200, b"there" if is_writers else b"here")
    assert answered(call(None, method, path, query)[0]) == (200, b"here"), "the one that writes keeps all"
    for asked in writer.asked:
        assert asked[:2] == (method, path.encode() + (b"?" + query if query else b""))
        assert asked[3] is None


def test_the_body_goes_as_it_comes_under_the_id_of_this_request() -> None:
    writer = Writer()
    given = ((b"content-length", b"4"), (b"x-request-id", b"not ours!"))
    call(writer, "POST", "/v1/articles", headers=given, body=(b"ab", b"", b"cd"))
    [(_, _, headers, body)] = writer.asked
    assert (headers, body) == ([(b"content-length", b"4"), (b"x-request-id", b"one")], b"abcd")


def test_a_request_that_says_it_was_passed_on_goes_no_further() -> None:
    writer = Writer()
    given = ((b"x-wiretrace-passed-on", b"1"), (b"content-length", b"1"))
    sent, left = call(writer, "POST", "/v1/articles", headers=given, body=(b"a",))
    status, body = answered(sent)
    assert (status, json.loads(body)["type"], writer.asked, left) == (503, "/problems/writer-away", [], [])
    assert answered(call(None, "POST", "/v1/articles", headers=given, body=(b"a",))[0]) == (200, b"here")


def test_without_a_writer_the_body_is_not_asked_for() -> None:
    asks = ((b"content-length", b"1"), (b"expect", b"100-continue"))
    sent, left = call(Writer(is_away=True), "POST", "/v1/batches", headers=asks, body=(b"a",))
    assert sent[0]["status"] == 503
    assert (b"retry-after", b"2") in sent[0]["headers"]
    assert (b"connection", b"close") in sent[0]["headers"]
    assert len(left) == 2, "who asks first is told before it sends"


def test_who_goes_before_the_body_ends_has_sent_nothing() -> None:
    writer = Writer()
    given: tuple[Any, ...] = ((b"transfer-encoding", b"chunked"),)
    sent, _ = call(writer, "POST", "/v1/batches", headers=given, body=(b"a",), leaves=True)
    assert (sent, writer.asked, writer.gone) == ([], [], 1)


def test_the_writers_own_answer_comes_before_patience_ends(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    assert longest_s(settings) > 2 * settings.extraction_timeout_s + settings.write_timeout_s
    assert longest_s(settings.model_copy(update={"max_wait_s": 300.0})) > 320
    writer = Writer()
    for path in ("/v1/articles", "/v1/batches", "/v1/fetch"):
        call(writer, "POST", path)
    usual, *longer = writer.patience
    assert usual is None
    assert all(patience is not None and patience > 2 * longest_s(settings) for patience in longer)
