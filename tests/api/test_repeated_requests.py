"""`Idempotency-Key` over a real connection: one effect, one answer, for every call that takes articles in."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.domain.jobs import StoredAnswer
from service.errors import Overloaded
from service.fetch.client import FetchClient, Fetched
from service.flows.answers import Answers
from service.flows.applying import Applier
from service.store.migrate import upgrade
from service.store.repository import SqlStore
from tests.api.conftest import Running, article, serve
from tests.api.test_bad_input import problem
from tests.api.test_batches import NDJSON, finished, lines
from tests.api.whole import served
from tests.fakes import SteppingClock


def post(running: Running, body: Any, key: str, **headers: str) -> httpx.Response:
    return running.client.post("/v1/articles", json=body, headers={"Idempotency-Key": key, **headers})


def test_a_replay_gives_the_first_answer(running: Running) -> None:
    first = post(running, article(100), '"key-100"')
    assert first.status_code == 201
    # The article has another text by now; the answer is still the first.
    running.client.post("/v1/articles", json=article(100, paragraphs=["Corrected."])).raise_for_status()
    again = post(running, article(100), '"key-100"')
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert running.client.get(first.headers["location"]).json()["revision"] == 2
    assert post(running, article(100), "key-100").content == first.content, "bare keys are the same keys"


def test_another_request_with_the_key_is_refused(running: Running) -> None:
    post(running, article(101), '"key-101"').raise_for_status()
    problem(post(running, article(102), '"key-101"'), 422, "idempotency-key-reused")
    body = json.dumps(article(101))
    other = running.client.post(
        "/v1/articles", content=body, headers={"Idempotency-Key": "key-101", "Content-Type": "application/ld+json"}
    )
    problem(other, 422, "idempotency-key-reused")
    assert post(running, article(101), '"key-101"').status_code == 201


@pytest.mark.parametrize("key", ["", '""', '"a', 'a"b', '"' + "x" * 256 + '"', "a, b", '"a"b'])
def test_a_key_that_is_no_string_is_refused(running: Running, key: str) -> None:
    assert problem(post(running, article(103), key), 422, "invalid-input")["errors"][0]["pointer"] == "Idempotency-Key"


def test_while_the_first_is_in_flight_the_second_is_told_so(tmp_path: Path) -> None:
    with serve(tmp_path) as running:
        entered, release = threading.Event(), threading.Event()

        async def hold() -> None:
            entered.set()
            await asyncio.to_thread(release.wait, 10)

        running.ingest.before = hold
        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(
                httpx.post, f"{running.url}/v1/articles", json=article(1), headers={"Idempotency-Key": "k"}, trust_env=False
            )
            assert entered.wait(10)
            problem(post(running, article(1), "k"), 409, "idempotency-key-in-flight")
            release.set()
            assert first.result().status_code == 201
        assert post(running, article(1), "k").content == first.result().content


@contextmanager
def held(monkeypatch: pytest.MonkeyPatch, *faults: Exception) -> Iterator[tuple[threading.Event, threading.Event]]:
    """The writer stops before it takes an article in, says that it has come so far, and goes on, or fails, when it is let."""
    come, let, ingest, left = threading.Event(), threading.Event(), Applier._ingest, list(faults)

    def wait(*args: Any) -> Any:
        come.set()
        assert let.wait(20)
        if left:
            raise left.pop()
        return ingest(*args)

    monkeypatch.setattr(Applier, "_ingest", wait)
    try:
        yield come, let
    finally:
        let.set()


def until_settled(client: httpx.Client, path: str, body: Any) -> httpx.Response:
    deadline = time.monotonic() + 60
    while (answer := client.post(path, json=body, headers={"Idempotency-Key": "k"})).status_code in (409, 503):
        assert time.monotonic() < deadline, "the article is still in flight"
        time.sleep(0.01)
    return answer


def test_an_article_that_takes_too_long_stays_in_flight_until_it_is_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that was told 503 asks again while the first is still with the writer: it is answered as the first would have been."""
    with served(tmp_path, write_timeout_s=0.2) as client, held(monkeypatch) as (come, let):
        path, body, key = "/v1/articles", article(1), {"Idempotency-Key": "k"}
        problem(client.post(path, json=body, headers=key), 503, "overloaded")
        assert come.wait(20)
        problem(client.post(path, json=body, headers=key), 409, "idempotency-key-in-flight")
        let.set()
        answer = until_settled(client, path, body)
        assert (answer.status_code, answer.headers["idempotency-replayed"]) == (201, "true")
        assert answer.headers["location"] == f"/v1/articles/{answer.json()['id']}"
        assert client.get(path).json()["items"][0]["revision"] == 1
        assert 'wiretrace_articles_total{outcome="new"} 1.0' in client.get("/metrics").text, "counted though nobody waited"


def test_a_page_that_takes_too_long_stays_in_flight_until_it_is_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def page(_: Any, url: str) -> Fetched:
        text = "The quay wall gave way on Monday night, and nobody was hurt. " * 20
        return Fetched(url, f"<article><h1>Quay</h1><p>{text}</p></article>".encode(), "text/html", None, ())

    monkeypatch.setattr(FetchClient, "page", page)
    with served(tmp_path, write_timeout_s=0.2) as client, held(monkeypatch) as (come, let):
        path, body, key = "/v1/fetch", {"url": "https://fetched.example/quay"}, {"Idempotency-Key": "k"}
        problem(client.post(path, json=body, headers=key), 503, "overloaded")
        assert come.wait(20)
        problem(client.post(path, json=body, headers=key), 409, "idempotency-key-in-flight")
        let.set()
        answer = until_settled(client, path, body)
        assert (answer.status_code, answer.headers["idempotency-replayed"]) == (201, "true")


def test_what_fails_after_its_caller_was_told_that_it_takes_long_is_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(tmp_path, write_timeout_s=0.2) as client, held(monkeypatch, OSError("the disk is full")) as (come, let):
        problem(client.post("/v1/articles", json=article(1), headers={"Idempotency-Key": "k"}), 503, "overloaded")
        assert come.wait(20)
        let.set()
        assert until_settled(client, "/v1/articles", article(1)).status_code == 201
        assert len(client.get("/v1/articles").json()["items"]) == 1


def test_refusals_are_judged_again_and_defects_are_kept(tmp_path: Path) -> None:
    with serve(tmp_path) as running:
        problem(post(running, article(1, url=...), "a"), 422, "invalid-input")
        assert post(running, article(1), "a").status_code == 201
        running.ingest.fault = Overloaded()
        problem(post(running, article(2), "b"), 503, "overloaded")
        running.ingest.fault = RuntimeError("secret")
        problem(post(running, article(3), "c"), 500, "internal")
        running.ingest.fault = None
        assert post(running, article(2), "b").status_code == 201
        kept = post(running, article(3), "c")
        assert (kept.status_code, kept.json()["type"]) == (500, "/problems/internal")
        assert kept.headers["content-type"] == "application/problem+json"
        assert kept.headers["idempotency-replayed"] == "true"


def test_answers_outlive_a_restart_and_keys_belong_to_api_keys(tmp_path: Path) -> None:
    keys = ["write-key-of-16-characters", "other-key-of-16-characters"]
    headers = [{"Authorization": f"Bearer {key}"} for key in keys]
    settings = {"api_keys": ",".join(f"write:{key}" for key in keys)}
    with serve(tmp_path, **settings) as running:
        first = post(running, article(1), "k", **headers[0])
    with serve(tmp_path, **settings) as running:
        assert post(running, article(1), "k", **headers[0]).content == first.content
        other = post(running, article(2), "k", **headers[1])
        assert (other.status_code, other.json()["url"]) == (201, article(2)["url"])


def test_an_answer_is_committed_with_its_article_or_not_at_all(tmp_path: Path) -> None:
    """The point of a kill between effect and answer does not exist: there is one commit."""
    with serve(tmp_path) as running:
        taken = running.ingest._taken_in

        def fail_afterwards(session: Any, content: Any) -> Any:
            outcome = taken(session, content)
            put = session.keep_answer

            def keep(*answer: Any) -> Any:
                put(*answer)
                raise Overloaded(retry_after_s=1)

            session.keep_answer = keep
            return outcome

        running.ingest._taken_in = fail_afterwards
        problem(post(running, article(1), "k"), 503, "overloaded")
        assert running.client.get("/v1/articles").json()["items"] == []
        running.ingest._taken_in = taken
        answer = post(running, article(1), "k")
        assert (answer.status_code, "idempotency-replayed" in answer.headers) == (201, False)


def test_a_batch_comes_once(running: Running) -> None:
    body, headers = lines(article(110), article(111)), NDJSON | {"Idempotency-Key": '"batch-1"'}
    first = running.client.post("/v1/batches", content=body, headers=headers)
    assert finished(running.client, first)["done"] == 2
    again = running.client.post("/v1/batches", content=body, headers=headers)
    assert (again.status_code, again.content, again.headers["location"]) == (202, first.content, first.headers["location"])
    problem(running.client.post("/v1/batches", content=body + b"{}", headers=headers), 422, "idempotency-key-reused")
    assert len(running.client.get("/v1/jobs").json()["items"]) == 1
    assert list((running.folder / "batches").iterdir()) == []


def test_old_answers_are_forgotten(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/w.db"
    upgrade(url)
    with SqlStore(url) as store:
        clock = SteppingClock()
        answers = Answers(store, clock, kept_for=timedelta(hours=24), max_kept=2)
        with store.write() as session:
            for key in "abc":
                session.keep_answer(StoredAnswer("", key, "d", clock.now(), 201, None, b"{}"), answers.oldest())
        answers.drop_old()
        with store.read() as session:
            assert [key for key in "abc" if session.stored_answer("", key, answers.oldest())] == ["b", "c"]
        clock.at += timedelta(hours=24)
        with store.read() as session:
            assert session.stored_answer("", "c", answers.oldest()) is None
        answers.drop_old()


def test_posts_at_once_to_one_address_are_each_answered_with_their_own_text(tmp_path: Path) -> None:
    def post(number: int) -> tuple[int, int, str]:
        body = {"url": "https://a.example/live", "title": "Live", "text": f"The count on the quay stands at {number} now."}
        with httpx.Client(base_url=client.base_url, timeout=60, trust_env=False) as own:
            answer = own.post("/v1/articles", json=body)
        return answer.status_code, answer.json()["revision"], answer.json()["paragraphs"][0]["text"]

    with served(tmp_path) as client, ThreadPoolExecutor(12) as pool:
        found = list(pool.map(post, range(24)))
        assert sorted(revision for _, revision, _ in found) == list(range(1, 25))
        assert [status for status, revision, _ in found if revision == 1] == [201]
        for number, (_, _, text) in enumerate(found):
            assert f" {number} " in text
        last = client.get("/v1/articles").json()["items"][0]
        assert last["revision"] == 24
