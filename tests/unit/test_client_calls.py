"""The two clients as classes: what they offer, what they import, and what they make of arguments. Answers come from a mock."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args, get_type_hints

import httpx
import pytest

import service.client as public
from service.api.requests import ArticleRequest
from service.client import ArticleFields, AsyncWiretrace, InvalidArgument, JsonLd, Ninjs, NoAnswer, Page, Retries, Wiretrace
from service.client.blocking import _Client
from tests.api.client_twins import opened
from tests.docs.reading import ROOT

OPERATIONS = {
    operation["operationId"]: (method.upper(), path, operation)
    for path, item in json.loads((ROOT / "openapi/openapi.json").read_text())["paths"].items()
    for method, operation in item.items()
}
KINDS = ("threads", "asyncio")
EMPTY = b'{"items": [], "next_cursor": null}'


def snake(name: str) -> str:
    return re.sub(r"([A-Z])", r"_\1", name).lower()


def methods(kind: type) -> dict[str, Any]:
    return {name: found for name, found in inspect.getmembers(kind, callable) if not name.startswith("_")}


def seen(
    call: Callable[[Wiretrace], Any], answer: httpx.Response | None = None, kind: str = "threads", **options: Any
) -> httpx.Request:
    """The request that a call makes."""
    requests: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return answer or httpx.Response(200, content=EMPTY)

    transport = httpx.MockTransport(handle)
    with (
        opened(kind, "http://wiretrace.example", transport=transport, **options) as client,
        contextlib.suppress(public.ClientError),
    ):
        call(client)
    return requests[0]


def test_every_operation_of_the_interface_is_a_method_of_both() -> None:
    for kind in (Wiretrace, AsyncWiretrace):
        assert {snake(name) for name in OPERATIONS} <= methods(kind).keys()


def test_every_parameter_of_a_read_is_an_argument_of_its_method() -> None:
    for name, (method, _, operation) in OPERATIONS.items():
        if method == "GET" and name != "streamChanges":
            wanted = {one["name"] for one in operation.get("parameters", ()) if one["in"] in ("query", "path")}
            assert set(inspect.signature(getattr(Wiretrace, snake(name))).parameters) - {"self"} == wanted, name


def test_choices_are_those_of_the_interface() -> None:
    def strings(found: Any) -> set[Any]:
        inner = [strings(one) for one in get_args(found)]
        return set().union(*inner) if inner else {found} if isinstance(found, str) else set()

    count = 0
    for name, (_, _, operation) in OPERATIONS.items():
        for one in operation.get("parameters", ()):
            shapes = [one["schema"], *one["schema"].get("anyOf", ())]
            choices = {choice for shape in shapes for choice in shape.get("enum", ())}
            if choices:
                hints = get_type_hints(inspect.unwrap(getattr(Wiretrace, snake(name))))
                assert strings(hints[one["name"]]) == choices, (name, one["name"])
                count += 1
    assert count >= 4


def test_both_clients_offer_the_same() -> None:
    threads, tasks = methods(Wiretrace), methods(AsyncWiretrace)
    assert threads.keys() == tasks.keys()
    for name in threads.keys() - {"close"}:
        one, other = inspect.signature(threads[name]), inspect.signature(tasks[name])
        assert one.parameters == other.parameters, name
        assert threads[name].__doc__ == tasks[name].__doc__ != None, name  # noqa: E711 - a chain of comparisons
        iterated = re.fullmatch(r"Iterator\[(\w+)\]", one.return_annotation)
        assert other.return_annotation == (f"Async{one.return_annotation}" if iterated else one.return_annotation)


def test_iterators_say_of_what() -> None:
    assert inspect.signature(Wiretrace.articles).return_annotation == "Iterator[ArticleSummaryView]"
    assert inspect.signature(Wiretrace.get_article).return_annotation == "ArticleView"
    assert inspect.signature(AsyncWiretrace.deliveries).return_annotation == "AsyncIterator[DeliveryView]"


def test_public_names_are_there_and_sorted() -> None:
    assert public.__all__ == sorted(public.__all__, key=lambda name: (not name[0].isupper(), name))
    assert all(hasattr(public, name) for name in public.__all__)


def test_fields_of_an_article_are_those_of_the_interface() -> None:
    assert ArticleFields.__annotations__.keys() == ArticleRequest.model_fields.keys()


def test_importing_the_client_loads_no_server() -> None:
    script = "import sys, service.client; print(*sys.modules)"
    loaded = set(subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split())
    ours = {name for name in loaded if name.partition(".")[0] == "service" and not name.startswith("service.client")}
    assert ours <= {
        "service",
        "service.flows",
        *(f"service.flows.{part}views" for part in ("", "feed_", "job_", "record_", "story_")),
        *(name for name in ours if name.startswith("service.domain")),
    }
    heavy = {
        "torch",
        "numpy",
        "fastapi",
        "starlette",
        "sqlalchemy",
        "uvicorn",
        "sentence_transformers",
        "trafilatura",
        "lxml",
        "usearch",
    }
    assert not heavy & loaded


@pytest.mark.parametrize("kind", KINDS)
def test_keys_go_along_and_nowhere_else(kind: str) -> None:
    request = seen(lambda client: client.list_jobs(), kind=kind, api_key="0123456789abcdef")
    assert request.headers["authorization"] == "Bearer 0123456789abcdef"
    assert "authorization" not in seen(lambda client: client.list_jobs(), kind=kind).headers
    with opened(kind, "http://wiretrace.example", api_key="0123456789abcdef") as client:
        assert "0123456789abcdef" not in repr(client)


@pytest.mark.parametrize("key", ["", "a b", "a\r\nX-Other: 1", "schlüssel"])
def test_a_key_that_is_none_is_refused_without_showing_it(key: str) -> None:
    for kind in (Wiretrace, AsyncWiretrace):
        with pytest.raises(InvalidArgument) as raised:
            kind(api_key=key)
        assert not key or key not in str(raised.value)


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidArgument):
        Wiretrace("http://wiretrace:port/")
    with Wiretrace("127.0.0.1:8000") as client, pytest.raises(NoAnswer, match="http"):
        client.list_jobs()


def test_the_environment_is_not_asked_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    for trust_env in (False, True):
        with Wiretrace("http://wiretrace.example", trust_env=trust_env) as client:
            assert bool(client._http._mounts) == trust_env


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("01ABC", "/v1/articles/01ABC"),
        ("a/b?c#d", "/v1/articles/a%2Fb%3Fc%23d"),
        ("..", "/v1/articles/%2E%2E"),
        (".", "/v1/articles/%2E"),
        ("ü x", "/v1/articles/%C3%BC%20x"),
    ],
)
def test_an_id_is_one_part_of_the_path_whatever_it_is(given: str, path: str) -> None:
    assert seen(lambda client: client.get_article(given)).url.raw_path == path.encode()


def test_what_would_be_another_call_is_not_sent() -> None:
    with Wiretrace("http://127.0.0.1:9") as client:
        for call in (client.get_article, client.delete_article, client.get_story):
            with pytest.raises(InvalidArgument, match="empty"):
                call("")
        with pytest.raises(InvalidArgument, match="zone"):
            client.list_articles(since=datetime(2026, 5, 4))  # noqa: DTZ001 - it is what is refused
        with pytest.raises(InvalidArgument, match="zone"):
            client.ingest_article({"url": "http://a.example/", "text": "x", "published_at": datetime(2026, 5, 4)})  # noqa: DTZ001
        with pytest.raises(InvalidArgument, match="JSON"):
            client.ingest_article({"url": "http://a.example/", "text": {1, 2}})
        with pytest.raises(InvalidArgument, match="batch"):
            client.ingest_batch(one for one in [{}])  # type: ignore[arg-type]
        with pytest.raises(InvalidArgument, match="exclude"):
            client.stream_changes(after=1, consumer="x")
        for key in ("", "a\nb", "ü", "x" * 256):
            with pytest.raises(InvalidArgument, match="idempotency key"):
                client.ingest_article({}, idempotency_key=key)


@pytest.mark.parametrize("kind", KINDS)
def test_forms_of_an_article(kind: str) -> None:
    def sent(article: Any) -> tuple[str, str | None, bytes]:
        request = seen(lambda client: client.check_article(article), kind=kind)
        assert "idempotency-key" not in request.headers
        return request.headers["content-type"], request.headers.get("content-location"), request.content

    at = datetime(2026, 5, 4, 12, tzinfo=UTC)
    assert sent({"url": "u", "published_at": at}) == (
        "application/json",
        None,
        b'{"url": "u", "published_at": "2026-05-04T12:00:00+00:00"}',
    )
    assert sent({"title": "\ud800"})[2] == b'{"title": "\\ud800"}'
    assert sent(JsonLd({"@type": "NewsArticle"})) == ("application/ld+json", None, b'{"@type": "NewsArticle"}')
    assert sent(Ninjs({"uri": "x"})) == ("application/vnd.iptc.ninjs+json", None, b'{"uri": "x"}')
    assert sent(Page("<p>ü", "https://a.example/ü%20?x=1&y")) == (
        "text/html; charset=utf-8", "https://a.example/%C3%BC%20?x=1&y", "<p>ü".encode(),
    )  # fmt: skip
    assert sent(Page(b"<p>\xfc", "https://a.example/"))[::2] == ("text/html", b"<p>\xfc")
    assert sent(Page(b"<p>\xfc", "https://a.example/", "latin-1"))[0] == "text/html; charset=latin-1"


def test_preferences_and_keys_of_an_intake() -> None:
    def sent(**options: Any) -> tuple[str | None, str | None]:
        headers = seen(lambda client: client.ingest_article({}, **options)).headers
        return headers.get("prefer"), headers.get("idempotency-key")

    prefer, key = sent()
    assert prefer is None
    assert key is not None
    assert re.fullmatch(r'"[0-9a-f]{32}"', key)
    assert sent()[1] != key
    assert sent(idempotency_key=False, respond_async=True) == ("respond-async", None)
    assert sent(idempotency_key='a "b" \\', wait_s=1.2) == ("wait=2", '"a \\"b\\" \\\\"')
    assert sent(idempotency_key="k", wait_s=0, respond_async=True)[0] == "respond-async, wait=0"


def test_a_repeated_request_has_the_same_key_and_the_whole_body(tmp_path: Path) -> None:
    file = tmp_path / "articles.ndjson"
    file.write_bytes(b'{"url": "http://a.example/"}\n' * 5_000)
    requests: list[tuple[str, bytes]] = []

    async def broken(request: httpx.Request) -> httpx.Response:
        requests.append((request.headers["idempotency-key"], await request.aread()))
        return httpx.Response(503)

    for kind in KINDS:

        def handle(request: httpx.Request) -> httpx.Response:
            requests.append((request.headers["idempotency-key"], request.read()))
            return httpx.Response(503)

        transport = httpx.MockTransport(handle if kind == "threads" else broken)
        for batch in (file, file.read_bytes(), [{"url": "http://a.example/"}] * 5_000):
            requests.clear()
            with (
                opened(kind, "http://x", transport=transport, retries=Retries(attempts=3), sleep=lambda _: None) as client,
                pytest.raises(public.Busy),
            ):
                client.ingest_batch(batch)
            assert len(requests) == 3
            assert len(set(requests)) == 1
            assert requests[0][1] == file.read_bytes()


def test_a_batch_without_a_key_is_not_sent_twice() -> None:
    count = 0

    def handle(request: httpx.Request) -> httpx.Response:
        nonlocal count
        count += 1
        raise httpx.ReadError("cut")

    with Wiretrace("http://x", transport=httpx.MockTransport(handle), sleep=lambda _: None) as client:
        with pytest.raises(NoAnswer, match="cut"):
            client.ingest_batch([{}], idempotency_key=False)
        assert count == 1
        with pytest.raises(NoAnswer):
            client.ingest_batch([{}])
        assert count == 7


@pytest.mark.parametrize(
    ("error", "attempts"),
    [
        (httpx.ConnectError("x"), 3),
        (httpx.ConnectTimeout("x"), 3),
        (httpx.PoolTimeout("x"), 3),
        (httpx.ReadTimeout("x"), 1),
        (httpx.WriteError("x"), 1),
        (httpx.RemoteProtocolError("x"), 1),
        (httpx.UnsupportedProtocol("x"), 1),
        (httpx.TooManyRedirects("x"), 1),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_the_librarys_errors(kind: str, error: Exception, attempts: int) -> None:
    """A merge without a key: whether it is tried again depends on whether it can have happened."""
    count = 0

    def handle(request: httpx.Request) -> httpx.Response:
        nonlocal count
        count += 1
        raise error

    options: dict[str, Any] = {"transport": httpx.MockTransport(handle), "retries": Retries(attempts=3), "sleep": lambda _: None}
    with opened(kind, "http://x", **options) as client, pytest.raises(NoAnswer) as raised:
        client.merge_stories("a", "b", idempotency_key=False)
    assert (count, raised.value.reason, raised.value.server) == (attempts, "x", "http://x")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"items": 1}', b'{"items": [{"id": 1}], "next_cursor": null}'])
def test_an_answer_of_somebody_else_is_named(body: bytes) -> None:
    with (
        Wiretrace("http://x", transport=httpx.MockTransport(lambda _: httpx.Response(200, content=body))) as client,
        pytest.raises(public.UnexpectedAnswer, match="not a JobListView") as raised,
    ):
        client.list_jobs()
    assert raised.value.body == body


def test_fields_that_a_later_service_adds_are_left_out() -> None:
    job = {
        "id": "j", "state": "done", "total": 1, "done": 1, "failed": 0, "errors": [{"line": 1, "problem": {}, "new": 1}],
        "created_at": "2026-05-04T12:00:00Z", "started_at": None, "finished_at": None, "later": {"x": 1},
    }  # fmt: skip
    answer = httpx.Response(200, json={"items": [job], "next_cursor": None, "later": 1})
    with Wiretrace("http://x", transport=httpx.MockTransport(lambda _: answer)) as client:
        [found] = client.list_jobs().items
    assert (found.id, found.errors[0].line) == ("j", 1)


def test_redirects_are_followed_with_the_body_and_keys_stay_at_home() -> None:
    requests: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        where = {"/v1/stories/a/merge": "/v1/stories/b/merge", "/v1/jobs": "http://other.example/v1/jobs"}.get(request.url.path)
        return (
            httpx.Response(308, headers={"Location": where})
            if where and request.url.host == "x"
            else httpx.Response(200, content=EMPTY)
        )

    with Wiretrace("http://x", api_key="0123456789abcdef", transport=httpx.MockTransport(handle)) as client:
        with pytest.raises(public.UnexpectedAnswer):
            client.merge_stories("a", "c")
        client.list_jobs()
    assert [(one.method, one.url.path, one.content) for one in requests[:2]] == [
        ("POST", "/v1/stories/a/merge", b'{"other_id": "c"}'),
        ("POST", "/v1/stories/b/merge", b'{"other_id": "c"}'),
    ]
    assert requests[-1].url.host == "other.example"
    assert "authorization" not in requests[-1].headers


@pytest.mark.parametrize("kind", KINDS)
def test_pages_are_asked_for_one_by_one_as_far_as_somebody_reads(kind: str) -> None:
    asked: list[str] = []
    job = {"state": "done", "total": 1, "done": 1, "failed": 0, "errors": [], "created_at": "2026-05-04T12:00:00Z"}
    job |= {"started_at": None, "finished_at": None}

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.query.decode())
        number = int(request.url.params.get("cursor", 0))
        items = [job | {"id": f"{number}-{place}"} for place in range(2)]
        return httpx.Response(200, json={"items": items, "next_cursor": str(number + 1) if number < 2 else None})

    with opened(kind, "http://x", transport=httpx.MockTransport(handle)) as client:
        assert [one.id for one in client.jobs(limit=2)] == ["0-0", "0-1", "1-0", "1-1", "2-0", "2-1"]
        assert asked == ["limit=2", "cursor=1&limit=2", "cursor=2&limit=2"]
        asked.clear()
        found = client.jobs(cursor="1")
        assert asked == []
        assert [next(found).id, next(found).id] == ["1-0", "1-1"]
        assert asked == ["cursor=1"]
        found.close()  # type: ignore[attr-defined]


def test_cancelled_calls_leave_the_client_usable() -> None:
    """Waiting or under way when they were cancelled: their permits are given back, and connections are made again."""

    async def run() -> None:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                while await reader.readuntil(b"\r\n\r\n"):
                    await asyncio.sleep(0.001)
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(EMPTY), EMPTY))
                    await writer.drain()
            except (asyncio.IncompleteReadError, ConnectionError):
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with AsyncWiretrace(f"http://127.0.0.1:{port}", concurrency=4, retries=Retries(attempts=1)) as client:
            for _ in range(10):
                tasks = [asyncio.create_task(client.list_jobs()) for _ in range(40)]
                await asyncio.sleep(0.002)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            found = await asyncio.wait_for(asyncio.gather(*(client.list_jobs() for _ in range(20))), 20)
            assert len(found) == 20
            assert client._permits._value == 4
        server.close()

    asyncio.run(run())


def test_the_base_offers_nothing_of_its_own_but_close() -> None:
    assert methods(_Client).keys() == {"close"}
