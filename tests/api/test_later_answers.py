"""`Prefer: respond-async` and `wait` over a real connection: what is accepted is safe, and comes to its end."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.errors import Overloaded
from service.flows.query import Query
from tests.api.conftest import Running, article, serve
from tests.api.test_bad_input import problem

LATER = {"Prefer": "respond-async"}


def settled(client: httpx.Client, address: str) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while (view := client.get(address).json())["status"] == "queued":
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return view


def held(running: Running) -> threading.Event:
    """Nothing is taken in until the event."""
    release = threading.Event()

    async def hold() -> None:
        await asyncio.to_thread(release.wait, 20)

    running.ingest.before = hold
    return release


def test_202_comes_before_the_work_and_the_article_is_there_to_read(tmp_path: Path) -> None:
    with serve(tmp_path) as running:
        release = held(running)
        answer = running.client.post("/v1/articles", json=article(1, metadata={"feed": "x"}), headers=LATER)
        assert answer.status_code == 202
        assert answer.headers["preference-applied"] == "respond-async"
        where, view = answer.headers["location"], answer.json()
        assert where == f"/v1/articles/{view['id']}"
        assert running.client.get(where).json() == view
        assert (view["status"], view["story_id"], view["report_id"], view["metadata"]) == ("queued", None, None, {"feed": "x"})
        assert view["derivation"]["label"] == view["origin"]["kind"] == "undetermined"
        assert [paragraph["text"] for paragraph in view["paragraphs"]] == article(1)["paragraphs"]
        assert running.client.get(f"{where}/matches").json() == {"items": []}
        provenance = running.client.get(f"{where}/provenance").json()
        assert (provenance["chains"], provenance["undetermined_reason"]) == ([], "The article is not clustered yet.")
        assert running.client.get("/v1/articles").json()["items"] == []
        release.set()
        done = settled(running.client, where)
        assert (done["id"], done["status"], done["revision"]) == (view["id"], "clustered", 1)
        assert done["story_id"]


def test_what_was_accepted_is_worked_off_after_a_restart(tmp_path: Path) -> None:
    with serve(tmp_path) as running:
        running.ingest.before = asyncio.Event().wait
        answers = [
            running.client.post("/v1/articles", json=article(n % 10, text=f"Version {n}.", paragraphs=...), headers=LATER)
            for n in range(30)
        ]
        assert {answer.status_code for answer in answers} == {202}
        places = [answer.headers["location"] for answer in answers]
        assert len(set(places)) == 10
    with serve(tmp_path) as running:
        for number, where in enumerate(places[:10]):
            view = settled(running.client, where)
            assert (view["status"], view["revision"]) == ("clustered", 3)
            assert view["paragraphs"][0]["text"] == f"Version {number + 20}."
        assert len(running.client.get("/v1/articles").json()["items"]) == 10


def test_an_id_that_was_promised_is_kept_whoever_comes_first(tmp_path: Path) -> None:
    with serve(tmp_path) as running:
        release = held(running)
        where = running.client.post("/v1/articles", json=article(1), headers=LATER).headers["location"]
        release.set()
        at_once = running.client.post("/v1/articles", json=article(1))
        assert at_once.headers["location"] == where
        assert settled(running.client, where)["status"] == "clustered"
        release = held(running)
        revised = running.client.post("/v1/articles", json=article(1, paragraphs=["New."]), headers=LATER)
        assert revised.headers["location"] == where
        assert running.client.get(where).json()["status"] == "queued"
        release.set()
        assert settled(running.client, where)["revision"] == 2


def test_a_defect_makes_it_failed_with_the_problem(tmp_path: Path) -> None:
    with serve(tmp_path) as running:
        running.ingest.fault = RuntimeError("secret")
        where = running.client.post("/v1/articles", json=article(1), headers=LATER).headers["location"]
        view = settled(running.client, where)
        assert (view["status"], view["problem"]["type"], view["problem"]["status"]) == ("failed", "/problems/internal", 500)
        assert "secret" not in str(view)
        running.ingest.fault = None
        again = running.client.post("/v1/articles", json=article(1))
        assert (again.status_code, again.headers["location"]) == (201, where)
        assert running.client.get(where).json()["status"] == "clustered"


def test_wait_gives_the_result_when_it_comes_in_time(tmp_path: Path) -> None:
    with serve(tmp_path) as running:
        first = running.client.post("/v1/articles", json=article(1), headers={"Prefer": "respond-async, wait=20"})
        assert (first.status_code, first.json()["status"]) == (201, "clustered")
        assert first.headers["preference-applied"] == "respond-async, wait=20"
        again = running.client.post("/v1/articles", json=article(1), headers={"Prefer": "wait=20"})
        assert (again.status_code, again.headers["preference-applied"]) == (200, "wait=20")
        release = held(running)
        late = running.client.post("/v1/articles", json=article(2), headers={"Prefer": "wait=1"})
        assert (late.status_code, late.json()["status"], late.headers["preference-applied"]) == (202, "queued", "wait=1")
        assert int(late.headers["retry-after"]) >= 1
        release.set()
        settled(running.client, late.headers["location"])


def test_wait_has_a_cap(tmp_path: Path) -> None:
    with serve(tmp_path, max_wait_s=0.05) as running:
        release = held(running)
        started = time.monotonic()
        assert running.client.post("/v1/articles", json=article(1), headers={"Prefer": "wait=100000000"}).status_code == 202
        assert time.monotonic() - started < 10
        release.set()


@pytest.mark.parametrize("prefer", ["", "wait", "wait=x", "wait=-1", "respond-async=1", "return=minimal", "handling=lenient"])
def test_other_preferences_change_nothing(client: httpx.Client, prefer: str) -> None:
    answer = client.post("/v1/articles", json=article(200), headers={"Prefer": prefer})
    assert answer.status_code in (200, 201)
    assert "preference-applied" not in answer.headers


def test_what_cannot_be_done_now_waits(tmp_path: Path) -> None:
    with serve(tmp_path, max_queued_articles=1) as running:
        running.ingest.fault = Overloaded(retry_after_s=0)
        where = running.client.post("/v1/articles", json=article(1), headers=LATER).headers["location"]
        problem(running.client.post("/v1/articles", json=article(2), headers=LATER), 503, "overloaded")
        running.ingest.fault = None
        assert settled(running.client, where)["status"] == "clustered"


def test_a_key_with_a_later_answer(tmp_path: Path) -> None:
    with serve(tmp_path) as running:
        release = held(running)
        headers = LATER | {"Idempotency-Key": '"a"'}
        first = running.client.post("/v1/articles", json=article(1), headers=headers)
        again = running.client.post("/v1/articles", json=article(1), headers=headers)
        assert (again.status_code, again.content, again.headers["location"]) == (202, first.content, first.headers["location"])
        release.set()
        settled(running.client, first.headers["location"])
        assert running.client.post("/v1/articles", json=article(1), headers=headers).content == first.content
        headers = {"Prefer": "wait=20", "Idempotency-Key": '"b"'}
        waited = running.client.post("/v1/articles", json=article(2), headers=headers)
        again = running.client.post("/v1/articles", json=article(2), headers=headers)
        assert (waited.status_code, again.status_code, again.content) == (201, 201, waited.content)


def test_a_defect_after_the_effect_takes_no_kept_answer_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> Any:
        raise RuntimeError("cannot be shown")

    with serve(tmp_path) as running:
        headers = {"Prefer": "wait=20", "Idempotency-Key": '"c"'}
        with monkeypatch.context() as patched:
            patched.setattr(Query, "article_as", fail)
            problem(running.client.post("/v1/articles", json=article(1), headers=headers), 500, "internal")
        again = running.client.post("/v1/articles", json=article(1), headers=headers)
        assert (again.status_code, again.headers["idempotency-replayed"]) == (202, "true")
        assert settled(running.client, again.headers["location"])["status"] == "clustered"
