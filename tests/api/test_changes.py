"""Deleting, history and the change feed over a real connection: pages, named consumers, the stream and its end."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.api.following import EventStream, Pace
from service.flows.bell import Bell
from tests.api.whole import changes, send, served
from tests.samples import SAMPLES


@pytest.fixture
def client(tmp_path: Path) -> Iterator[httpx.Client]:
    with served(tmp_path, stream_heartbeat_s=0.2) as found:
        yield found


def events(answer: httpx.Response, count: int) -> list[dict[str, Any]]:
    """The next `count` events; comments and the retry hint are left out."""
    found: list[dict[str, Any]] = []
    fields: dict[str, str] = {}
    for line in answer.iter_lines():
        if line == "" and "id" in fields:
            data = json.loads(fields["data"])
            assert (fields["id"], fields["event"]) == (str(data["sequence"]), data["type"])
            found.append(data)
            fields = {}
            if len(found) == count:
                return found
        elif line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value
    raise AssertionError(f"the stream ended after {len(found)} events")


def test_a_deleted_article_is_gone_and_its_story_too(client: httpx.Client) -> None:
    article = send(client, SAMPLES["orchid"])
    answer = client.delete(f"/v1/articles/{article['id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert client.get(f"/v1/articles/{article['id']}").status_code == 404
    again = client.delete(f"/v1/articles/{article['id']}")
    assert (again.status_code, again.json()["type"]) == (404, "/problems/article-not-found")
    for part in ("", "/passages", "/provenance"):
        gone = client.get(f"/v1/stories/{article['story_id']}{part}")
        assert (gone.status_code, gone.json()["type"]) == (410, "/problems/story-gone")
    assert client.get("/v1/stories").json()["items"] == []
    history = client.get(f"/v1/stories/{article['story_id']}/history").json()
    assert [one["change"] for one in history["items"]] == ["shrunk", "created"]
    assert send(client, SAMPLES["orchid"])["id"] != article["id"]


def test_history_is_newest_first_and_paged(client: httpx.Client) -> None:
    ids = [send(client, SAMPLES[name])["id"] for name in ("wire", "reprint", "cut")]
    path = f"/v1/stories/{send(client, SAMPLES['local'])['story_id']}/history"
    first = client.get(path, params={"limit": 3})
    items = first.json()["items"]
    assert [(one["version"], one["change"]) for one in items] == [(4, "grown"), (3, "grown"), (2, "grown")]
    assert (items[1]["articles_added"], items[1]["from"], items[1]["into"]) == ([ids[2]], [], [])
    last = client.get(first.links["next"]["url"]).json()
    assert [one["change"] for one in last["items"]] == ["created"]
    assert last["next_cursor"] is None
    assert client.get(path, params={"cursor": "x"}).status_code == 400
    assert client.get("/v1/stories/nobody/history").status_code == 404


def test_the_feed_tells_every_effect_in_order(client: httpx.Client) -> None:
    wire = send(client, SAMPLES["wire"])
    send(client, SAMPLES["wire"])
    send(client, {**SAMPLES["wire"], "title": "Corrected"})
    client.delete(f"/v1/articles/{wire['id']}")
    found = changes(client)
    assert [one["type"] for one in found] == [
        "article.ingested", "story.created", "article.revised", "story.updated", "article.deleted", "story.deleted",
    ]  # fmt: skip
    assert [one["sequence"] for one in found] == [1, 2, 3, 4, 5, 6]
    assert {one["story_id"] for one in found} == {wire["story_id"]}
    assert [one.get("article_id") for one in found] == [wire["id"], None] * 3
    assert found[0]["data"]["canonical_url"] == wire["canonical_url"]
    assert client.get("/v1/changes", params={"after": 6}).json() == {"items": [], "next": 6}
    assert client.get("/v1/changes", params={"after": -1}).status_code == 422


def test_a_named_consumer_begins_behind_what_it_acknowledged(client: httpx.Client) -> None:
    send(client, SAMPLES["wire"])
    send(client, SAMPLES["orchid"])

    def page() -> list[int]:
        return [one["sequence"] for one in client.get("/v1/changes", params={"consumer": "index"}).json()["items"]]

    def acknowledge(sequence: Any, consumer: str = "index") -> httpx.Response:
        return client.post("/v1/changes/acknowledge", json={"consumer": consumer, "sequence": sequence})

    assert page() == page() == [1, 2, 3, 4]
    assert acknowledge(2).json() == {"consumer": "index", "sequence": 2}
    assert page() == [3, 4]
    assert acknowledge(1).json() == acknowledge(1.0).json() == {"consumer": "index", "sequence": 2}
    assert page() == [3, 4]
    assert acknowledge(5).json()["errors"] == [{"pointer": "#/sequence", "detail": "is beyond the last change, 4"}]
    assert acknowledge("2").status_code == acknowledge(2, "a b").status_code == 422
    assert client.get("/v1/changes", params={"consumer": "index", "after": 1}).status_code == 422
    assert [one["sequence"] for one in client.get("/v1/changes?consumer=other").json()["items"]] == [1, 2, 3, 4]


def test_a_read_key_follows_and_acknowledges_but_deletes_nothing(tmp_path: Path) -> None:
    with served(tmp_path, api_keys="read:0123456789abcdef,write:fedcba9876543210") as client:
        write, read = ({"Authorization": f"Bearer {key}"} for key in ("fedcba9876543210", "0123456789abcdef"))
        article = client.post("/v1/articles", json=SAMPLES["wire"], headers=write).json()
        assert client.get("/v1/changes").status_code == 401
        assert len(client.get("/v1/changes", headers=read).json()["items"]) == 2
        body = {"consumer": "index", "sequence": 2}
        assert client.post("/v1/changes/acknowledge", json=body, headers=read).status_code == 200
        assert client.delete(f"/v1/articles/{article['id']}", headers=read).status_code == 403


def test_the_stream_tells_what_was_and_then_what_comes(client: httpx.Client) -> None:
    send(client, SAMPLES["wire"])
    with client.stream("GET", "/v1/changes/stream") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        assert next(lines) == "retry: 3000"
    with client.stream("GET", "/v1/changes/stream") as answer, httpx.Client(base_url=client.base_url, trust_env=False) as other:
        seen: list[dict[str, Any]] = []
        reader = threading.Thread(target=lambda: seen.extend(events(answer, 4)))
        reader.start()
        send(other, SAMPLES["orchid"])
        reader.join(20)
    assert seen == changes(client)
    with client.stream("GET", "/v1/changes/stream", headers={"Last-Event-ID": "3"}, params={"after": 1}) as answer:
        assert [one["sequence"] for one in events(answer, 1)] == [4]
    with client.stream("GET", "/v1/changes/stream", params={"after": 2}) as answer:
        assert [one["sequence"] for one in events(answer, 2)] == [3, 4]
    client.post("/v1/changes/acknowledge", json={"consumer": "index", "sequence": 3})
    with client.stream("GET", "/v1/changes/stream", params={"consumer": "index"}) as answer:
        assert [one["sequence"] for one in events(answer, 1)] == [4]
    assert client.get("/v1/changes/stream", headers={"Last-Event-ID": "x"}).status_code == 422


def test_a_silent_stream_gives_signs_of_life(client: httpx.Client) -> None:
    with client.stream("GET", "/v1/changes/stream") as answer:
        lines = answer.iter_lines()
        assert [next(lines) for _ in range(5)] == ["retry: 3000", "", ": still here", "", ": still here"]


def test_asking_for_the_head_of_a_stream_ends(client: httpx.Client) -> None:
    answer = client.head("/v1/changes/stream")
    assert (answer.status_code, answer.content) == (200, b"")


def test_streams_have_permits_of_their_own(tmp_path: Path) -> None:
    with served(tmp_path, max_streams=1, max_concurrent_reads=1) as client, client.stream("GET", "/v1/changes/stream") as answer:
        assert answer.status_code == 200
        with httpx.Client(base_url=client.base_url, trust_env=False) as other:
            assert other.get("/v1/changes").status_code == 200
            refused = other.get("/v1/changes/stream")
            assert (refused.status_code, refused.json()["type"]) == (503, "/problems/overloaded")


def test_a_stream_ends_when_the_service_does(tmp_path: Path) -> None:
    with served(tmp_path) as client:
        other = httpx.Client(base_url=client.base_url, timeout=20, trust_env=False)
        opened = other.send(other.build_request("GET", "/v1/changes/stream"), stream=True)
        lines = opened.iter_lines()
        assert next(lines) == "retry: 3000"
        began = time.monotonic()
    rest = list(lines)
    assert all(line == "" or line.startswith(":") for line in rest)
    assert time.monotonic() - began < 9, "the shutdown waited for the stream until its grace time was over"
    other.close()


def test_a_reader_that_left_frees_its_place(tmp_path: Path) -> None:
    with served(tmp_path, max_streams=1) as client:
        with client.stream("GET", "/v1/changes/stream") as answer:
            assert answer.status_code == 200
        deadline = time.monotonic() + 60
        while client.head("/v1/changes/stream").status_code == 503:
            assert time.monotonic() < deadline


@pytest.mark.parametrize("is_read", [True, False])
def test_what_a_reader_does_not_take_is_not_piled_up(is_read: bool) -> None:
    """The stream asks the store for the next page only when the one before was taken, and gives up after a while."""
    import asyncio

    from service.domain.changes import Change
    from tests.contract.test_store import NOON

    asked: list[int] = []
    bell = Bell()

    def page(after: int, limit: int) -> list[Change]:
        asked.append(after)
        if after >= 300:
            bell.close()
            return []
        return [Change(after + place, NOON, "story.updated", "s", None, {}) for place in range(1, limit + 1)]

    sent: list[bytes] = []

    async def send_(message: Any) -> None:
        sent.append(message.get("body", b""))
        if not is_read and len(sent) > 50:
            await asyncio.sleep(60)

    async def receive() -> Any:
        await asyncio.sleep(60)

    async def run() -> None:
        await EventStream(page, bell, 0, Pace(15, 0.05))({"type": "http"}, receive, send_)

    if is_read:
        asyncio.run(run())
        assert asked == [0, 100, 200, 300]
        assert len(sent) == 1 + 1 + 300 + 1
    else:
        with pytest.raises(TimeoutError):
            asyncio.run(run())
        assert asked == [0]
