"""`Idempotency-Key` on every call that changes something else than by sending an article: one effect, one answer."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from service import openapi
from service.flows.applying import Applier
from service.store.writing import SqlWriteSession
from tests.api.test_bad_input import problem
from tests.api.whole import changes, send, served, story
from tests.samples import SAMPLES

# Repeating these does no more than doing them once, or stores nothing.
HARMLESS = {"checkArticle", "acknowledgeChanges", "cancelJob"}
HOOK = {"url": "https://receiver.example/hook"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[httpx.Client]:
    with served(folder) as found:
        yield found


def sent(client: httpx.Client, method: str, path: str, key: str, body: Any = None) -> httpx.Response:
    return client.request(method, path, json=body, headers={"Idempotency-Key": f'"{key}"'})


def replayed(client: httpx.Client, method: str, path: str, key: str, body: Any = None) -> httpx.Response:
    """The first answer, after the request was sent twice and answered alike."""
    first, again = sent(client, method, path, key, body), sent(client, method, path, key, body)
    assert first.is_success, first.text
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert (again.status_code, again.content) == (first.status_code, first.content)
    for name in ("location", "content-type", "cache-control"):
        assert again.headers.get(name) == first.headers.get(name), name
    return first


def test_every_call_that_changes_something_declares_the_key() -> None:
    missing = {
        operation["operationId"]
        for path in json.loads(openapi.document())["paths"].values()
        for method, operation in path.items()
        if method != "get" and not any(one["name"] == "Idempotency-Key" for one in operation.get("parameters", ()))
    }
    assert missing == HARMLESS


def test_a_merge_and_a_split_are_said_once_and_taken_back_once(client: httpx.Client, ids: dict[str, str]) -> None:
    mine, other = story(client, ids["orchid"]), story(client, ids["wire"])
    merged = replayed(client, "POST", f"/v1/stories/{mine}/merge", "merge", {"other_id": other})
    problem(sent(client, "POST", f"/v1/stories/{mine}/merge", "merge", {"other_id": "another"}), 422, "idempotency-key-reused")
    split = replayed(client, "POST", f"/v1/stories/{mine}/split", "split", {"article_ids": [ids["local"]]})
    said = [one["id"] for one in client.get("/v1/constraints").json()["items"]]
    assert said == [split.json()["id"], merged.json()["id"]]
    told = len(changes(client))
    replayed(client, "DELETE", split.headers["location"], "back")
    assert len(client.get("/v1/constraints").json()["items"]) == 1
    assert sent(client, "POST", f"/v1/stories/{mine}/split", "split", {"article_ids": [ids["local"]]}).json() == split.json()
    assert len(client.get("/v1/constraints").json()["items"]) == 1, "a replay has no effect, whatever came between"
    assert len(changes(client)) > told


def test_a_replay_is_found_under_both_addresses_of_a_merged_story(client: httpx.Client, ids: dict[str, str]) -> None:
    article = {"url": "https://a.example/tram", "title": "Tram hits car", "text": "A tram ran over a parked car in Callan."}
    third = send(client, article)
    ids["tram"] = third["id"]
    mine, other, tram = story(client, ids["orchid"]), story(client, ids["wire"]), third["story_id"]
    early = sent(client, "POST", f"/v1/stories/{other}/split", "early", {"article_ids": [ids["local"]]})
    assert early.status_code == 201
    client.post(f"/v1/stories/{mine}/merge", json={"other_id": other}).raise_for_status()
    # Done at its own address before the story was merged away: the replay is not led anywhere.
    again = sent(client, "POST", f"/v1/stories/{other}/split", "early", {"article_ids": [ids["local"]]})
    assert (again.status_code, again.json()) == (201, early.json())
    # Led to the survivor and done there: a client that begins anew, and so at the old address, is answered too.
    moved = sent(client, "POST", f"/v1/stories/{other}/merge", "late", {"other_id": tram})
    assert (moved.status_code, moved.headers["location"]) == (308, f"/v1/stories/{mine}/merge")
    late = sent(client, "POST", moved.headers["location"], "late", {"other_id": tram})
    assert late.status_code == 201
    again = sent(client, "POST", f"/v1/stories/{other}/merge", "late", {"other_id": tram})
    assert (again.status_code, again.json()) == (201, late.json())


def test_a_merge_is_answered_again_after_its_story_has_ended(client: httpx.Client, ids: dict[str, str]) -> None:
    mine, other = story(client, ids["orchid"]), story(client, ids["wire"])
    path, body = f"/v1/stories/{mine}/merge", {"other_id": other}
    merged = sent(client, "POST", path, "ends", body)
    assert merged.status_code == 201
    for article_id in ids.values():
        client.delete(f"/v1/articles/{article_id}").raise_for_status()
    again = sent(client, "POST", path, "ends", body)
    assert (again.status_code, again.content) == (201, merged.content)
    problem(sent(client, "POST", path, "ends later", body), 410, "story-gone")
    problem(client.post("/v1/stories/nobody/merge", json=body), 404, "story-not-found")


def test_an_article_is_deleted_once_and_a_refusal_is_judged_again(client: httpx.Client) -> None:
    path = f"/v1/articles/{send(client, SAMPLES['orchid'])['id']}"
    problem(sent(client, "DELETE", "/v1/articles/nobody", "gone"), 404, "article-not-found")
    assert sent(client, "DELETE", path, "gone").status_code == 204
    assert replayed(client, "DELETE", f"/v1/articles/{send(client, SAMPLES['orchid'])['id']}", "gone too").content == b""
    assert sent(client, "DELETE", path, "gone").status_code == 204
    problem(client.delete(path), 404, "article-not-found")


def test_a_webhook_is_made_once_shows_its_secret_again_and_is_deleted_once(client: httpx.Client) -> None:
    answer = replayed(client, "POST", "/v1/webhooks", "hook", HOOK)
    made = answer.json()
    assert answer.headers["location"] == f"/v1/webhooks/{made['id']}"
    assert made["secret"].startswith("whsec_")
    assert [one["id"] for one in client.get("/v1/webhooks").json()["items"]] == [made["id"]]
    path = f"/v1/webhooks/{made['id']}"
    shown = client.get(path)
    assert shown.json() == {name: value for name, value in made.items() if name != "secret"}
    assert client.get(path, headers={"If-None-Match": shown.headers["etag"]}).status_code == 304
    secret = replayed(client, "POST", f"{path}/secret", "exchange", {})
    assert secret.headers["cache-control"] == "no-store"
    assert secret.json()["secret"] != made["secret"]
    # POST and DELETE of one address are two requests.
    problem(sent(client, "DELETE", path, "exchange"), 422, "idempotency-key-reused")
    assert replayed(client, "DELETE", path, "stop").status_code == 204
    assert client.get("/v1/webhooks").json()["items"] == []
    problem(client.get(path), 404, "webhook-not-found")


def test_effect_and_answer_are_one_commit_and_outlive_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(tmp_path) as client:
        mine, other = (send(client, SAMPLES[name])["story_id"] for name in ("orchid", "wire"))
        path, body = f"/v1/stories/{mine}/merge", {"other_id": other}

        def fail(*_: Any) -> Any:
            raise OSError("the disk is full")

        with monkeypatch.context() as patched:
            patched.setattr(SqlWriteSession, "keep_answer", fail)
            assert sent(client, "POST", path, "k", body).status_code == 500
            assert sent(client, "POST", "/v1/webhooks", "h", HOOK).status_code == 500
        assert client.get("/v1/constraints").json()["items"] == client.get("/v1/webhooks").json()["items"] == []
        first = replayed(client, "POST", path, "k2", body)
    with served(tmp_path) as client:
        again = sent(client, "POST", path, "k2", body)
        assert (again.status_code, again.content) == (201, first.content)
        assert len(client.get("/v1/constraints").json()["items"]) == 1


@contextmanager
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[threading.Event, threading.Event]]:
    """The writer stops before a merge, says that it has come so far, and goes on when it is let."""
    come, let, merge = threading.Event(), threading.Event(), Applier._merge

    def wait(*args: Any) -> Any:
        come.set()
        assert let.wait(20)
        return merge(*args)

    monkeypatch.setattr(Applier, "_merge", wait)
    try:
        yield come, let
    finally:
        let.set()


def test_what_takes_too_long_stays_in_flight_until_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that was told 503 asks again while the first merge is still in the writer's queue: it is not merged twice."""
    with served(tmp_path) as client:
        mine, other = (send(client, SAMPLES[name])["story_id"] for name in ("orchid", "wire"))
    with served(tmp_path, write_timeout_s=0.2) as client, held(monkeypatch) as (come, let):
        path, body = f"/v1/stories/{mine}/merge", {"other_id": other}
        problem(sent(client, "POST", path, "k", body), 503, "overloaded")
        assert come.wait(20)
        problem(sent(client, "POST", path, "k", body), 409, "idempotency-key-in-flight")
        let.set()
        answer = until_settled(client, path, body)
        assert (answer.status_code, answer.headers["idempotency-replayed"]) == (201, "true")
        assert len(client.get("/v1/constraints").json()["items"]) == 1


def until_settled(client: httpx.Client, path: str, body: Any) -> httpx.Response:
    deadline = time.monotonic() + 60
    while (answer := sent(client, "POST", path, "k", body)).status_code == 409:
        assert time.monotonic() < deadline, "the change is still in flight"
        time.sleep(0.01)
    return answer
