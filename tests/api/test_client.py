"""Both clients against the whole service over TCP: every call, what it answers, and what it raises."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.api import intake_examples, job_examples
from service.client import (
    Busy,
    InvalidRequest,
    JsonLd,
    NewsFeed,
    Ninjs,
    NoAnswer,
    NotAllowed,
    NotFound,
    NotInTime,
    Page,
    Problem,
    Retries,
    Wiretrace,
    verify_webhook,
)
from tests.api.client_twins import opened
from tests.api.test_webhooks import Receiver, receiving, until
from tests.api.whole import served
from tests.samples import SAMPLES
from tests.unit.pages import page

WRITE, READ = "fedcba9876543210", "0123456789abcdef"


class News(BaseHTTPRequestHandler):
    """A site with one page."""

    def log_message(self, *_: Any) -> None: ...

    def do_GET(self) -> None:
        body = page().encode() if self.path == "/quay" else b""
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), News)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, site: str, receiver: Receiver) -> Iterator[str]:
    settings: dict[str, Any] = {
        "api_keys": f"read:{READ},write:{WRITE}",
        "stream_heartbeat_s": 0.2,
        "fetch_host_delay_s": 0,
        "fetch_ports": f"80,443,{site.rpartition(':')[2]}",
        "fetch_allowed_networks": "127.0.0.1/32",
        "extraction_workers": 1,
        "webhook_ports": str(receiver.port),
        "webhook_allowed_networks": "127.0.0.0/8",
    }
    with served(tmp_path_factory.mktemp("data"), **settings) as client:
        yield str(client.base_url)


@pytest.fixture(params=["threads", "asyncio"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def client(kind: str, address: str) -> Iterator[Wiretrace]:
    """An empty service: what is there is deleted at the end."""
    with opened(kind, address, api_key=WRITE) as made:
        yield made
        for one in list(made.constraints()):
            made.delete_constraint(one.id)
        for article in list(made.articles()):
            made.delete_article(article.id)
        for hook in list(made.webhooks()):
            made.delete_webhook(hook.id)


def send(client: Wiretrace, *names: str) -> list[Any]:
    return [client.ingest_article(SAMPLES[name]).article for name in names]


def test_an_article_comes_is_read_and_goes(client: Wiretrace) -> None:
    sent = client.ingest_article({**SAMPLES["wire"], "published_at": datetime(2026, 5, 4, 5, tzinfo=UTC)})
    assert (sent.status, sent.is_new, sent.is_queued, sent.is_replay) == (201, True, False, False)
    again = client.ingest_article(SAMPLES["wire"])
    assert (again.status, again.is_new, again.article.id) == (200, False, sent.article.id)
    assert client.get_article(sent.article.id) == again.article
    assert sent.article.published_at == datetime(2026, 5, 4, 5, tzinfo=UTC)
    [reprint] = send(client, "reprint")
    [match] = client.get_article_matches(reprint.id).items
    assert {pair.kind for pair in match.pairs} == {"verbatim"}
    provenance = client.get_article_provenance(reprint.id)
    assert provenance.chains[0][-1].target == reprint.id
    assert [one.id for one in client.list_articles(outlet="reuters.example").items] == [sent.article.id]
    assert {one.id for one in client.articles(limit=1)} == {sent.article.id, reprint.id}
    assert len(list(client.articles(collapse="report", since=datetime(2026, 5, 4, tzinfo=UTC)))) == 1
    client.delete_article(sent.article.id)
    with pytest.raises(NotFound) as raised:
        client.get_article(sent.article.id)
    assert (raised.value.slug, raised.value.status) == ("article-not-found", 404)
    with pytest.raises(NotFound):
        client.delete_article(sent.article.id)


def test_every_form_is_taken_in_and_checked(client: Wiretrace, site: str) -> None:
    html = Page(page(), "https://harbour-gazette.example/news/quay")
    forms = [html, JsonLd(intake_examples.NEWS_ARTICLE), Ninjs(intake_examples.NINJS_ITEM), {**SAMPLES["orchid"]}]
    titles = [client.ingest_article(form).article.title for form in forms]
    assert all(titles)
    assert client.check_article(html).story is not None
    fetched = client.fetch_article(f"{site}/quay")
    assert (fetched.status, fetched.article.url) == (201, f"{site}/quay")
    assert client.fetch_article(f"{site}/quay").status == 200
    with pytest.raises(Problem) as raised:
        client.fetch_article(f"{site}/nothing")
    assert raised.value.slug == "fetch-failed"


def test_a_key_gives_the_first_answer_again(client: Wiretrace, kind: str) -> None:
    first = client.ingest_article(SAMPLES["wire"], idempotency_key=f'a "key" of {kind}')
    again = client.ingest_article(SAMPLES["wire"], idempotency_key=f'a "key" of {kind}')
    assert (again.status, again.is_replay, again.article) == (201, True, first.article)
    with pytest.raises(InvalidRequest) as raised:
        client.ingest_article(SAMPLES["orchid"], idempotency_key=f'a "key" of {kind}')
    assert raised.value.slug == "idempotency-key-reused"


def test_what_is_not_waited_for_can_be_waited_for(client: Wiretrace) -> None:
    queued = client.ingest_article(SAMPLES["wire"], respond_async=True)
    assert queued.is_queued
    found = client.wait_for_article(queued.article.id)
    assert (found.id, found.status) == (queued.article.id, "clustered")
    assert client.ingest_article(SAMPLES["orchid"], wait_s=20).status == 201


def test_batches_and_jobs(client: Wiretrace, tmp_path: Path) -> None:
    bodies = [SAMPLES["wire"], SAMPLES["orchid"], {"title": "nowhere"}]
    (tmp_path / "a.ndjson").write_text("\n".join(map(json.dumps, bodies)))
    (tmp_path / "a.json").write_text(json.dumps(bodies))
    looks: list[Any] = []
    for batch in (bodies, tmp_path / "a.ndjson", tmp_path / "a.json"):
        job = client.ingest_batch(batch)
        assert job.total == 3
        done = client.wait_for_job(job.id, timeout_s=30, progress=looks.append)
        assert (done.state, done.done, done.failed, [error.line for error in done.errors]) == ("done", 2, 1, [3])
        assert looks[-1] == done == client.get_job(job.id)
        assert client.cancel_job(job.id).state == "done"
    assert client.list_jobs(limit=1).items[0].id == job.id
    assert [one.id for one in client.jobs()][:1] == [job.id]
    feed = NewsFeed(job_examples.RSS.encode(), "https://harbour-gazette.example/feed")
    assert client.wait_for_job(client.ingest_batch(feed).id).done == 1
    replayed = [client.ingest_batch(bodies, idempotency_key=f"{job.id}-x").id for _ in range(2)]
    assert len(set(replayed)) == 1
    client.wait_for_job(replayed[0])


def test_stories_in_every_shape(client: Wiretrace) -> None:
    wire, _, local, orchid = send(client, "wire", "reprint", "local", "orchid")
    story = client.get_story(wire.story_id)
    assert (story.counts.articles, story.counts.reports) == (3, 2)
    assert {one.id for one in client.stories(limit=1)} == {story.id, orchid.story_id}
    assert [one.id for one in client.list_stories(min_reports=2, order="size").items] == [story.id]
    assert story.id in [one.id for one in client.list_stories(q="grain terminal", by="words").items]
    assert local.id in {one.article_id for passage in client.get_story_passages(story.id).items for one in passage.occurrences}
    graph = client.get_story_provenance(story.id)
    assert wire.id in {node.id for node in graph.nodes}
    assert "entity" in json.loads(client.export_story_provenance(story.id))
    assert client.export_story_provenance(story.id, "dot").startswith(b"digraph")
    assert client.export_story_provenance(story.id, "svg").startswith(b"<svg")
    assert [one.change for one in client.get_story_history(story.id, limit=2).items] == ["grown", "grown"]
    assert [one.version for one in client.story_history(story.id, limit=1)] == [3, 2, 1]


def test_an_editors_word(client: Wiretrace) -> None:
    wire, local, orchid = send(client, "wire", "local", "orchid")
    said = client.merge_stories(orchid.story_id, wire.story_id)
    assert (said.kind, said.story_ids) == ("must_link", [orchid.story_id])
    moved = client.get_story(wire.story_id)
    assert moved.id == orchid.story_id
    assert client.get_story_history(wire.story_id).items[0].change == "corrected"
    split = client.split_story(moved.id, [local.id])
    assert split.kind == "cannot_link"
    assert [one.id for one in client.constraints(limit=1)] == [split.id, said.id]
    assert len(client.list_constraints(limit=1).items) == 1
    client.delete_constraint(split.id)
    client.delete_constraint(said.id)
    with pytest.raises(NotFound):
        client.delete_constraint(said.id)
    assert client.get_article(orchid.id).story_id != client.get_article(wire.id).story_id


def test_records(client: Wiretrace) -> None:
    send(client, "wire", "reprint")
    assert {one.site for one in client.outlets(limit=1)} == {"reuters.example", "harbour-gazette.example"}
    assert client.list_outlets(limit=1).next_cursor
    record = client.get_outlet("harbour-gazette.example", since=datetime(2026, 5, 1, tzinfo=UTC))
    assert (record.articles, record.wholly_derived) == (1, 1.0)
    assert "reuters" in {one.id for one in client.organisations()}
    assert client.list_organisations().items[0].organisation_class == "agency"
    assert client.get_organisation("Reuters").id == "reuters"


def test_the_service_itself(client: Wiretrace, kind: str) -> None:
    assert client.get_liveness().status == "ok"
    assert client.get_readiness().mode == "lexical"
    assert client.wait_until_ready().status == "ok"
    assert "wiretrace_http_" in client.get_metrics()
    assert client._policy.server in repr(client) if kind == "threads" else "AsyncWiretrace" in repr(client)


def test_changes_as_pages_and_as_a_stream(client: Wiretrace, kind: str, address: str) -> None:
    before = list(client.changes())
    after = before[-1].sequence if before else 0
    wire, orchid = send(client, "wire", "orchid")
    found = list(client.changes(after=after))
    assert [one.article_id for one in found if one.type == "article.ingested"] == [wire.id, orchid.id]
    assert client.list_changes(after=after, limit=1).next == after + 1
    stream = client.stream_changes(after=after)
    assert [next(stream).sequence for _ in range(4)] == [after + place for place in range(1, 5)]
    # The stream stays open and tells what comes.
    seen: list[Any] = []
    reader = threading.Thread(target=lambda: seen.append(next(stream)))
    reader.start()
    with opened("threads", address, api_key=WRITE) as other:
        other.delete_article(orchid.id)
    reader.join(20)
    assert (seen[0].type, seen[0].article_id) == ("article.deleted", orchid.id)
    stream.close()  # type: ignore[attr-defined]
    name = f"index-{kind}"
    assert client.acknowledge_changes(name, after + 2).sequence == after + 2
    assert client.list_changes(consumer=name).items[0].sequence == after + 3
    assert next(client.stream_changes(consumer=name)).sequence == after + 3


def test_a_consumer_goes_on_where_it_was(client: Wiretrace, kind: str, address: str) -> None:
    name = f"crash-{kind}"
    send(client, "wire", "orchid")
    whole = [one.sequence for one in client.changes()]
    consumer = client.consume_changes(name)
    first = [next(consumer).sequence for _ in whole]
    assert first == whole
    # It crashes with the last one in hand: nothing was asked for behind it.
    consumer.close()  # type: ignore[attr-defined]
    left = [one.sequence for one in client.list_changes(consumer=name, limit=200).items]
    assert left == whole[-len(left) :]
    # Started again it is handed those once more; then it waits, and what it has dealt with is acknowledged.
    consumer = client.consume_changes(name)
    assert [next(consumer).sequence for _ in left] == left
    seen: list[int] = []
    reader = threading.Thread(target=lambda: seen.append(next(consumer).sequence))
    reader.start()
    with opened("threads", address, api_key=WRITE) as other:
        send(other, "strike")
    reader.join(20)
    assert seen == [whole[-1] + 1]
    assert client.list_changes(consumer=name).items[0].sequence == whole[-1] + 1
    consumer.close()  # type: ignore[attr-defined]


def test_webhooks_are_told_and_verified(client: Wiretrace, receiver: Receiver) -> None:
    receiver.got.clear()
    hook = client.create_webhook(receiver.url, types=["story.created"])
    send(client, "wire")
    receiver.wait(lambda: len(receiver.got) == 1)
    headers, body = receiver.got[0]
    message = verify_webhook(body, headers, hook.secret)
    assert (message.type, message.change.type, message.id) == ("story.created", "story.created", headers["webhook-id"])
    assert [one.id for one in client.list_webhooks().items] == [hook.id]
    assert [one.id for one in client.webhooks()] == [hook.id]
    [delivery] = until(lambda: client.list_deliveries(hook.id).items)
    assert delivery.id == message.id
    assert [one.id for one in client.deliveries(hook.id)] == [message.id]
    assert client.redeliver(hook.id, message.id).id == message.id
    receiver.wait(lambda: len(receiver.got) == 2)
    exchanged = client.exchange_webhook_secret(hook.id)
    assert (exchanged.id, exchanged.secret != hook.secret) == (hook.id, True)
    send(client, "orchid")
    receiver.wait(lambda: len(receiver.got) == 3)
    headers, body = receiver.got[2]
    for secret in (hook.secret, exchanged.secret, [hook.secret, exchanged.secret]):
        assert verify_webhook(body, headers, secret).type == "story.created"
    client.delete_webhook(hook.id)
    with pytest.raises(NotFound):
        client.list_deliveries(hook.id)


def test_refusals_have_their_class_and_name_the_place(client: Wiretrace, kind: str, address: str) -> None:
    with pytest.raises(InvalidRequest) as raised:
        client.ingest_article({"url": "https://a.example/", "paragraphs": ["x"], "titel": "x", "rank": 1})
    problem = raised.value
    assert (problem.status, problem.type, problem.title) == (422, "/problems/invalid-input", "Request is not valid")
    assert {fault.pointer for fault in problem.errors} == {"#/titel", "#/rank"}
    assert problem.request_id
    assert problem.instance == "/v1/articles"
    with pytest.raises(InvalidRequest, match="limit"):
        client.list_articles(limit=1_000)
    with pytest.raises(InvalidRequest, match="cursor"):
        list(client.articles(cursor="x"))
    for path in ("..", ".", "a/b", "%", "ü", "?x=1"):
        with pytest.raises(NotFound):
            client.get_article(path)
    with opened(kind, address, api_key=READ) as reader, pytest.raises(NotAllowed) as refused:
        reader.ingest_article(SAMPLES["wire"])
    assert refused.value.status == 403
    with opened(kind, address) as stranger:
        assert stranger.get_liveness().status == "ok"
        for call in (
            stranger.list_articles,
            lambda: next(stranger.stream_changes()),
            lambda: next(stranger.consume_changes("x")),
        ):
            with pytest.raises(NotAllowed) as refused:
                call()
            assert refused.value.slug == "unauthenticated"


def test_who_is_not_there_is_named(kind: str) -> None:
    waits: list[float] = []
    with opened(kind, "http://127.0.0.1:9", retries=Retries(attempts=4), sleep=waits.append) as client:
        with pytest.raises(NoAnswer) as raised:
            client.get_story("x")
        assert len(waits) == 3
        assert raised.value.server == "http://127.0.0.1:9"
        with pytest.raises(NoAnswer):
            client.get_readiness()
        assert len(waits) == 3
        with pytest.raises(NotInTime, match="is not ready"):
            client.wait_until_ready(timeout_s=0)


def test_a_limit_of_calls_is_kept_by_waiting(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"api_keys": f"write:{WRITE},read:{READ}", "rate_limit_per_s": 0.01, "rate_limit_burst": 2}
    with served(tmp_path, **settings) as http:
        for kind, key in (("threads", WRITE), ("asyncio", READ)):
            waits: list[float] = []
            retries = Retries(attempts=3, longest_s=900)
            with opened(kind, str(http.base_url), api_key=key, retries=retries, sleep=waits.append) as client:
                client.list_jobs()
                client.list_jobs()
                with pytest.raises(Busy) as raised:
                    client.list_jobs()
            assert raised.value.slug == "rate-limited"
            assert raised.value.retry_after_s
            assert len(waits) == 2
            assert min(waits) >= raised.value.retry_after_s


def test_a_stream_is_made_again_after_a_restart(tmp_path: Path) -> None:
    """The service ends while somebody follows, and another one takes its place at the same address."""
    place: dict[str, int] = {}

    class Elsewhere(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            request.url = request.url.copy_with(port=place["port"])
            return super().handle_request(request)

    class ElsewhereToo(httpx.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            request.url = request.url.copy_with(port=place["port"])
            return await super().handle_async_request(request)

    def opened_there(kind: str, transport: Any) -> Any:
        return opened(kind, "http://127.0.0.1:1", transport=transport, sleep=lambda _: None)

    with opened_there("threads", Elsewhere()) as client, opened_there("asyncio", ElsewhereToo()) as other:
        streams = [client.consume_changes("index"), other.stream_changes()]
        for name, wanted in (("wire", [1, 2]), ("orchid", [3, 4])):
            with served(tmp_path) as http:
                place["port"] = int(http.base_url.port or 0)
                client.ingest_article(SAMPLES[name])
                for stream in streams:
                    assert [next(stream).sequence for _ in range(2)] == wanted
        for stream in streams:
            stream.close()  # type: ignore[attr-defined]
