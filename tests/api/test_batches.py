"""Batches over a real connection: what a line becomes, what a job tells, what cancels it, what it survives."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.errors import EncoderUnavailable, Overloaded
from tests.api.conftest import Running, article, serve
from tests.api.test_bad_input import problem

NDJSON = {"Content-Type": "application/x-ndjson"}


def lines(*bodies: Any) -> bytes:
    return b"".join(body if isinstance(body, bytes) else json.dumps(body).encode() + b"\n" for body in bodies)


def finished(client: httpx.Client, answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 202, answer.text
    return ended(client, answer.headers["location"])


def ended(client: httpx.Client, address: str) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while (job := client.get(address).json())["state"] not in ("done", "failed", "cancelled"):
        assert time.monotonic() < deadline, job
        time.sleep(0.01)
    return job


def test_lines_become_articles_and_bad_ones_are_reported_by_number(client: httpx.Client) -> None:
    body = lines(
        article(1), b"\n", article(2), b"{broken\n", article(3, url=...), article(4, body="?"), b"   \n", article(5), article(5)
    )
    answer = client.post("/v1/batches", content=body, headers=NDJSON)
    first = answer.json()
    assert answer.headers["location"] == f"/v1/jobs/{first['id']}"
    assert (first["state"], first["total"], first["started_at"]) == ("queued", 7, None)
    job = finished(client, answer)
    assert (job["state"], job["total"], job["done"], job["failed"]) == ("done", 7, 4, 3)
    assert [(error["line"], error["problem"]["type"], error["problem"]["status"]) for error in job["errors"]] == [
        (4, "/problems/malformed-json", 400),
        (5, "/problems/invalid-input", 422),
        (6, "/problems/invalid-input", 422),
    ]
    assert job["errors"][1]["problem"]["errors"][0]["pointer"] == "#/url"
    assert job["created_at"] <= job["started_at"] <= job["finished_at"]
    for number in (1, 2, 5):
        assert len(client.get("/v1/articles", params={"url": article(number)["url"]}).json()["items"]) == 1
    assert (
        client.get(
            answer.headers["location"], headers={"If-None-Match": client.get(answer.headers["location"]).headers["etag"]}
        ).status_code
        == 304
    )


def test_an_array_counts_its_items(client: httpx.Client) -> None:
    body = json.dumps([article(11), 7, article(12, html="<p>x</p>")], indent=1)
    job = finished(client, client.post("/v1/batches", content=body, headers={"Content-Type": "application/json"}))
    assert (job["total"], job["done"], [error["line"] for error in job["errors"]]) == (3, 1, [2, 3])


def test_later_lines_of_one_article_are_later_revisions(client: httpx.Client) -> None:
    versions = [article(20, paragraphs=[f"Version {number} of the text."]) for number in range(30)]
    finished(client, client.post("/v1/batches", content=lines(*versions), headers=NDJSON))
    [item] = client.get("/v1/articles", params={"url": article(20)["url"]}).json()["items"]
    assert item["revision"] == 30
    assert client.get(f"/v1/articles/{item['id']}").json()["paragraphs"][0]["text"] == "Version 29 of the text."


@pytest.mark.parametrize(
    ("content", "media_type", "status", "slug"),
    [
        (b"", "application/x-ndjson", 422, "missing-body"),
        (b" \n\n", "application/x-ndjson", 422, "missing-body"),
        (b"[]", "application/json", 422, "missing-body"),
        (b"{}", "application/json", 422, "invalid-input"),
        (b"[1,", "application/json", 400, "malformed-json"),
        (b"{}", "text/csv", 415, "unsupported-media-type"),
        (b"{}", "application/x-ndjson; charset=latin-1", 415, "unsupported-media-type"),
    ],
)
def test_what_is_no_batch_is_refused_at_once(running: Running, content: bytes, media_type: str, status: int, slug: str) -> None:
    answer = running.client.post("/v1/batches", content=content, headers={"Content-Type": media_type})
    problem(answer, status, slug)
    left = running.folder / "batches"
    assert not left.exists() or list(left.iterdir()) == []


def test_a_job_that_is_not_there(client: httpx.Client) -> None:
    problem(client.get("/v1/jobs/none"), 404, "job-not-found")
    problem(client.delete("/v1/jobs/none"), 404, "job-not-found")


def test_jobs_are_listed_newest_first_in_pages(tmp_path: Path) -> None:
    with serve(tmp_path) as running:
        made = [
            finished(running.client, running.client.post("/v1/batches", content=lines(article(n)), headers=NDJSON))["id"]
            for n in range(5)
        ]
        listed, url = [], "/v1/jobs?limit=2"
        while url:
            page = running.client.get(url)
            listed += [job["id"] for job in page.json()["items"]]
            url = page.links.get("next", {}).get("url")
        assert listed == made[::-1]
        problem(running.client.get("/v1/jobs?cursor=x"), 400, "invalid-cursor")


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[tuple[Running, threading.Event, threading.Event]]:
    """A service whose third article waits for the second event and says so by the first."""
    with serve(tmp_path, batch_concurrency=2, max_waiting_batches=2, max_body_bytes=5_000, max_batch_bytes=20_000) as running:
        entered, release, count = threading.Event(), threading.Event(), 0

        async def hold() -> None:
            nonlocal count
            count += 1
            if count >= 3:
                entered.set()
                await asyncio.to_thread(release.wait, 20)

        running.ingest.before = hold
        yield running, entered, release
        release.set()


def test_cancelling_keeps_what_was_done_and_begins_nothing_more(gate: Any) -> None:
    running, entered, release = gate
    answer = running.client.post("/v1/batches", content=lines(*map(article, range(40))), headers=NDJSON)
    assert entered.wait(10)
    cancelled = running.client.delete(answer.headers["location"]).json()
    assert cancelled["state"] == "cancelled"
    release.set()
    following = finished(running.client, running.client.post("/v1/batches", content=lines(article(50)), headers=NDJSON))
    assert following["done"] == 1
    job = running.client.get(answer.headers["location"]).json()
    assert (job["state"], job["failed"], job["finished_at"]) == ("cancelled", 0, cancelled["finished_at"])
    assert 2 <= job["done"] <= 8
    assert len(running.client.get("/v1/articles?limit=200").json()["items"]) == job["done"] + 1
    assert running.client.delete(answer.headers["location"]).json() == job
    assert list((running.folder / "batches").iterdir()) == []


def test_a_batch_that_waits_can_be_cancelled_and_too_many_are_refused(gate: Any) -> None:
    running, entered, release = gate
    first = running.client.post("/v1/batches", content=lines(*map(article, range(5))), headers=NDJSON)
    assert entered.wait(10)
    second = running.client.post("/v1/batches", content=lines(article(60)), headers=NDJSON)
    problem(running.client.post("/v1/batches", content=lines(article(61)), headers=NDJSON), 503, "overloaded")
    assert running.client.delete(second.headers["location"]).json()["state"] == "cancelled"
    release.set()
    assert finished(running.client, first)["done"] == 5
    assert running.client.get("/v1/articles", params={"url": article(60)["url"]}).json()["items"] == []
    assert list((running.folder / "batches").iterdir()) == []


def test_lines_and_batches_have_their_own_limits(gate: Any) -> None:
    running, _, release = gate
    release.set()
    long = article(70, paragraphs=["x" * 6_000])
    job = finished(running.client, running.client.post("/v1/batches", content=lines(long, article(71)), headers=NDJSON))
    assert [(error["line"], error["problem"]["type"]) for error in job["errors"]] == [(1, "/problems/body-too-large")]
    assert job["done"] == 1
    problem(running.client.post("/v1/batches", content=b" " * 21_000, headers=NDJSON), 413, "body-too-large")
    in_parts = running.client.post("/v1/batches", content=iter([b" " * 11_000, b" " * 11_000]), headers=NDJSON)
    problem(in_parts, 413, "body-too-large")
    assert list((running.folder / "batches").iterdir()) == []


def test_too_much_load_makes_a_batch_wait_not_fail(tmp_path: Path) -> None:
    with serve(tmp_path) as running:
        faults: list[Exception] = [Overloaded(retry_after_s=0), EncoderUnavailable(retry_after_s=0)]

        async def stumble() -> None:
            if faults:
                raise faults.pop()

        running.ingest.before = stumble
        job = finished(running.client, running.client.post("/v1/batches", content=lines(article(1)), headers=NDJSON))
        assert (job["done"], job["failed"], faults) == (1, 0, [])


def test_a_defect_fails_its_line_only(tmp_path: Path) -> None:
    with serve(tmp_path) as running:
        faults: list[Exception] = [RuntimeError("secret")]

        async def stumble() -> None:
            if faults:
                raise faults.pop()

        running.ingest.before = stumble
        answer = running.client.post("/v1/batches", content=lines(article(1), article(2)), headers=NDJSON)
        job = finished(running.client, answer)
        assert (job["state"], job["done"], job["failed"]) == ("done", 1, 1)
        assert job["errors"][0]["problem"]["type"] == "/problems/internal"
        assert "secret" not in json.dumps(job)


def test_a_batch_goes_on_where_a_stop_left_it(tmp_path: Path) -> None:
    with serve(tmp_path, batch_concurrency=2) as running:
        entered, count = threading.Event(), 0

        async def hold() -> None:
            nonlocal count
            count += 1
            if count > 5:
                entered.set()
                await asyncio.Event().wait()

        running.ingest.before = hold
        bodies = [article(n, paragraphs=[f"Text {n}."]) for n in range(12)]
        # One article in two versions: taken in again in this order they would count as more revisions.
        bodies[4]["url"] = bodies[0]["url"]
        where = running.client.post("/v1/batches", content=lines(*bodies, b"{\n"), headers=NDJSON).headers["location"]
        assert entered.wait(10)
        before = running.client.get(where).json()
        assert before["state"] == "running"
        assert before["done"] >= 4
    with serve(tmp_path) as running:
        job = ended(running.client, where)
        assert (job["state"], job["done"], job["failed"]) == ("done", 12, 1)
        assert job["started_at"] == before["started_at"]
        items = running.client.get("/v1/articles?limit=200").json()["items"]
        assert len(items) == 11
        assert sorted(item["revision"] for item in items) == [1] * 10 + [2]
        assert list((tmp_path / "batches").iterdir()) == []


def test_a_batch_whose_body_is_gone_fails_with_a_reason(tmp_path: Path) -> None:
    with serve(tmp_path) as running:
        running.ingest.before = asyncio.Event().wait
        where = running.client.post("/v1/batches", content=lines(article(1)), headers=NDJSON).headers["location"]
    [file] = (tmp_path / "batches").iterdir()
    file.unlink()
    with serve(tmp_path) as running:
        job = ended(running.client, where)
        assert job["state"] == "failed"
        assert [error["line"] for error in job["errors"]] == [0]


def test_cancelling_does_not_wait_for_lines_that_cannot_be_done(tmp_path: Path) -> None:
    with serve(tmp_path, batch_concurrency=2) as running:
        running.ingest.fault = Overloaded(retry_after_s=3_600)
        where = running.client.post("/v1/batches", content=lines(*map(article, range(9))), headers=NDJSON).headers["location"]
        while running.client.get(where).json()["state"] == "queued":
            time.sleep(0.01)
        assert running.client.delete(where).json()["state"] == "cancelled"
        running.ingest.fault = None
        following = running.client.post("/v1/batches", content=lines(article(20)), headers=NDJSON)
        assert finished(running.client, following)["done"] == 1
        assert len(running.client.get("/v1/articles").json()["items"]) == 1
