"""RSS and Atom at POST /v1/batches over a real connection: items become articles, bad ones are reported by number."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.api import job_examples
from tests.api.test_bad_input import problem
from tests.api.test_batches import finished
from tests.api.whole import send, served

FEED_URL = "https://gazette.example/feed"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with served(tmp_path_factory.mktemp("data"), extraction_workers=1) as found:
        yield found


def rss(*items: str) -> bytes:
    return f'<rss version="2.0"><channel><language>en_GB</language>{"".join(items)}</channel></rss>'.encode()


def item(number: int, more: str = "<description>A short text about the quay.</description>", link: str | None = "") -> str:
    shown = "" if link is None else f"<link>{link or f'https://gazette.example/{number}'}</link>"
    return f"<item><title>Story {number}</title>{shown}{more}</item>"


def post(client: httpx.Client, body: bytes | str, media_type: str = "application/rss+xml", **headers: str) -> httpx.Response:
    return client.post("/v1/batches", content=body, headers={"Content-Type": media_type, **headers})


def article(client: httpx.Client, url: str) -> dict[str, Any]:
    [found] = client.get("/v1/articles", params={"url": url}).json()["items"]
    return client.get(f"/v1/articles/{found['id']}").json()


def test_the_examples_of_the_document_are_taken_in(client: httpx.Client) -> None:
    url = "https://harbour-gazette.example/news/quay-wall-collapse"
    job = finished(client, post(client, job_examples.RSS))
    assert (job["state"], job["total"], job["done"], job["failed"]) == ("done", 1, 1, 0)
    found = article(client, url)
    assert (found["title"], found["language"], found["published_at"]) == (
        "Quay wall collapses in Port Ellery", "en-GB", "2026-05-04T10:05:00Z",
    )  # fmt: skip
    assert found["field_sources"] == {
        "url": "rss:link", "title": "rss:title", "language": "rss:language", "published_at": "rss:published",
        "paragraphs": "rss:content",
    }  # fmt: skip
    assert {(credit["organisation"]["id"], credit["field"]) for credit in found["credits"]} >= {
        ("reuters", "metadata.rss:source")
    }
    atom = finished(client, post(client, job_examples.ATOM, "application/atom+xml; charset=utf-8"))
    assert atom["done"] == 1
    assert article(client, url)["field_sources"]["paragraphs"] == "atom:content"
    assert article(client, url)["revision"] == 2


def test_a_bad_item_is_reported_by_number_and_stops_no_other(client: httpx.Client) -> None:
    body = rss(
        item(11),
        item(12, link=None),
        item(13, "<guid isPermaLink='false'>12345</guid>", link=None),
        item(14, "<guid isPermaLink='false'>tag:gazette.example,2026:14</guid>", link=None),
        "<item><link>https://gazette.example/15</link></item>",
        item(16, "<description>x</description>", link="https://" + "a" * 3_000),
        item(17, "<language>English</language><author>A. One</author><pubDate>yesterday</pubDate>"),
    )
    job = finished(client, post(client, body, "text/xml"))
    assert (job["state"], job["total"], job["done"], job["failed"]) == ("done", 7, 3, 4)
    told = [(error["line"], error["problem"]["errors"][0]["pointer"]) for error in job["errors"]]
    assert told == [(2, "#/url"), (3, "#/url"), (5, "#/paragraphs"), (6, "#/url")]
    assert "Content-Location" in job["errors"][1]["problem"]["detail"]
    [named] = client.get("/v1/articles", params={"external_id": "tag:gazette.example,2026:14"}).json()["items"]
    assert named["title"] == "Story 14"
    seventeen = article(client, "https://gazette.example/17")
    assert (seventeen["authors"], seventeen["published_at"], seventeen["paragraphs"]) == (["A. One"], None, [])


def test_the_feeds_address_completes_links_and_names(client: httpx.Client) -> None:
    body = rss(item(21, link="/21"), item(22, "<guid isPermaLink='false'>22</guid>", link=None))
    job = finished(client, post(client, body, "application/xml", **{"Content-Location": FEED_URL}))
    assert job["done"] == 2
    assert article(client, "https://gazette.example/21")["title"] == "Story 21"
    [named] = client.get("/v1/articles", params={"external_id": f"{FEED_URL}#22"}).json()["items"]
    assert named["title"] == "Story 22"
    faults = problem(post(client, body, **{"Content-Location": "feed.xml"}), 422, "invalid-input")["errors"]
    assert faults[0]["pointer"] == "Content-Location"


def test_a_summary_never_takes_the_place_of_a_text(client: httpx.Client) -> None:
    url = "https://gazette.example/31"
    finished(client, post(client, rss(item(31, "<description>&lt;p&gt;The summary of the quay.&lt;/p&gt;</description>"))))
    first = article(client, url)
    assert first["field_sources"]["paragraphs"] == "rss:summary; excerpt"
    assert first["paragraphs"][0]["text"] == "The summary of the quay."
    finished(client, post(client, rss(item(31, "<description>A better summary of the quay.</description>"))))
    assert article(client, url)["revision"] == 2
    send(client, {"url": url, "title": "Story 31", "paragraphs": ["The whole text of the quay.", "And more of it."]})
    job = finished(client, post(client, rss(item(31, "<description>The last summary.</description>"))))
    assert (job["done"], job["failed"]) == (1, 0)
    last = article(client, url)
    assert (last["revision"], len(last["paragraphs"])) == (3, 2)


@pytest.mark.parametrize(
    ("body", "status", "slug", "reason"),
    [
        (b"", 422, "missing-body", ""),
        (b" \n", 422, "missing-body", ""),
        (b"<rss><channel/></rss>", 422, "missing-body", "no item"),
        (b"<rss><channel>", 422, "unreadable-feed", "not XML"),
        (b"<html/>", 422, "unreadable-feed", "neither RSS nor Atom"),
        (b'<!DOCTYPE rss [<!ENTITY a "aaa">]><rss><channel>&a;</channel></rss>', 422, "unreadable-feed", "document type"),
        (rss(*("<item/>" for _ in range(1_001))), 422, "unreadable-feed", "more than 1,000 items"),
        (b"<rss>" + b" " * 2_000_000, 413, "body-too-large", "2,000,000 bytes"),
    ],
)
def test_what_is_no_feed_is_refused_at_once(client: httpx.Client, body: bytes, status: int, slug: str, reason: str) -> None:
    before = client.get("/v1/jobs").json()["items"]
    assert reason in problem(post(client, body), status, slug)["detail"]
    assert client.get("/v1/jobs").json()["items"] == before


def test_the_same_feed_under_one_key_is_taken_once(client: httpx.Client) -> None:
    headers = {"Idempotency-Key": '"feed-1"'}
    first = post(client, rss(item(41)), **headers)
    finished(client, first)
    again = post(client, rss(item(41)), **headers)
    assert (again.headers["location"], again.headers["idempotency-replayed"]) == (first.headers["location"], "true")
    problem(post(client, rss(item(42)), **headers), 422, "idempotency-key-reused")


def test_a_feed_is_worked_off_after_a_restart(tmp_path: Path) -> None:
    with served(tmp_path, extraction_workers=1) as client:
        where = post(client, rss(*(item(number) for number in range(30)))).headers["location"]
    with served(tmp_path, extraction_workers=1) as client:
        job = finished(client, httpx.Response(202, headers={"location": where}))
        assert (job["done"], job["failed"]) == (30, 0)
