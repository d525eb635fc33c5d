"""Several processes on one database: one writes, the others read and hand it the rest; when it goes, another takes its place."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.test_batches import NDJSON, finished, lines
from tests.api.whole import changes, send, served
from tests.databases import cut_off
from tests.samples import SAMPLES

on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
PATIENCE_S = 60.0
BEYOND_ASCII = ("/v1/stories?organisation=Süddeutsche", "/v1/stories?q=Café&by=words", "/v1/articles?outlet=Le+Télégramme")


def until(happened: Callable[[], Any]) -> Any:
    """What it returns as soon as that is true; a service that is not there yet is asked again."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            found = happened()
        except httpx.TransportError:
            found = None
        if found:
            return found
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


_given: set[int] = set()


def unused_port() -> int:
    """A port that nobody listens on, and that no process was told of before: one that is slow to start has not opened its own yet."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port: int = probe.getsockname()[1]
        if port not in _given:
            _given.add(port)
            return port


class Process:
    """`wiretrace` in a process of its own. The port is known before it opens."""

    def __init__(self, command: str, folder: Path, port: int, **settings: str) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("WIRETRACE_")}
        given = {"DATA": str(folder), "ENCODER": "hashing", "LOG_LEVEL": "warning", "PORT": str(port), **settings}
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "service", command],
            env=environment | {f"WIRETRACE_{name}": value for name, value in given.items()},
        )

    def role(self) -> str | None:
        answer = self.client.get("/health/ready")
        return str(answer.json()["role"]) if answer.is_success else None

    def end(self, number: int = signal.SIGTERM) -> None:
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(30)


@pytest.fixture
def start() -> Iterator[Callable[..., Process]]:
    running: list[Process] = []

    def started(command: str, folder: Path, **settings: str) -> Process:
        running.append(Process(command, folder, unused_port(), **settings))
        return running[-1]

    yield started
    for one in running:
        one.end(signal.SIGKILL)
        one.client.close()


def writer_is_ok(client: httpx.Client) -> bool:
    """As the process sees it."""
    return bool({check["name"]: check["ok"] for check in client.get("/health/ready").json()["checks"]}["writer"])


@contextmanager
def two(tmp_path: Path, database_url: str) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """One that writes, and a replica of it."""
    with (
        served(tmp_path / "data", database_url=database_url, max_body_bytes=100_000) as writer,
        served(tmp_path / "data", database_url=database_url, role="replica", max_body_bytes=100_000) as replica,
    ):
        assert (writer.get("/health/ready").json()["role"], replica.get("/health/ready").json()["role"]) == ("writer", "replica")
        assert writer_is_ok(replica)
        yield writer, replica


def test_a_replica_answers_like_the_one_that_writes(database_url: str, tmp_path: Path) -> None:
    with two(tmp_path, database_url) as (writer, replica):
        sent = replica.post("/v1/articles", json=SAMPLES["wire"], headers={"X-Request-ID": "from-outside"})
        assert (sent.status_code, sent.headers["x-request-id"]) == (201, "from-outside")
        send(writer, SAMPLES["reprint"])
        job = finished(replica, replica.post("/v1/batches", content=lines(SAMPLES["cut"], SAMPLES["orchid"]), headers=NDJSON))
        assert (job["done"], job["failed"]) == (2, 0)
        key = {"Idempotency-Key": '"one"'}
        first = replica.post("/v1/articles", json=SAMPLES["local"], headers=key)
        assert writer.post("/v1/articles", json=SAMPLES["local"], headers=key).json() == first.json()
        assert replica.post("/v1/check", json=SAMPLES["reprint"]).json()["story"] == first.json()["story_id"]
        for call in (
            "/v1/articles",
            "/v1/stories",
            "/v1/outlets",
            "/v1/stories?q=grain&by=words",
            "/v1/webhooks",
            "/v1/changes",
            *BEYOND_ASCII,
        ):
            here, there = replica.get(call), writer.get(call)
            assert here.status_code == 200
            assert here.json() == there.json(), call
        assert [change["type"] for change in changes(replica)].count("article.ingested") == 5
        orchid = replica.get("/v1/articles", params={"url": SAMPLES["orchid"]["url"]}).json()["items"][0]
        assert replica.delete(f"/v1/articles/{orchid['id']}").status_code == 204
        assert writer.get(f"/v1/articles/{orchid['id']}").status_code == 404
        assert 'wiretrace_passed_on_total{outcome="answered"}' in replica.get("/metrics").text


def test_what_a_replica_is_refused_is_told_as_it_was(database_url: str, tmp_path: Path) -> None:
    with two(tmp_path, database_url) as (_, replica):
        wrong = replica.post("/v1/articles", json={"url": "no address"})
        assert (wrong.status_code, wrong.headers["content-type"]) == (422, "application/problem+json")
        assert wrong.json()["errors"]
        assert replica.post("/v1/articles", content=iter([b"x" * 60_000, b"x" * 60_000])).status_code == 413
        assert replica.post("/v1/nothing").status_code == 404
        assert replica.head("/v1/stories", params={"q": "grain"}).content == b""
        # A request that was passed on already ends here, or two replicas could hand it to each other for ever.
        again = replica.post("/v1/articles", json=SAMPLES["wire"], headers={"X-Wiretrace-Passed-On": "1"})
        assert (again.status_code, again.json()["type"]) == (503, "/problems/writer-away")


def test_without_one_that_writes_a_replica_reads_and_says_so(database_url: str, tmp_path: Path) -> None:
    with served(tmp_path / "data", database_url=database_url) as writer:
        article = send(writer, SAMPLES["wire"])
    with served(tmp_path / "data", database_url=database_url, role="replica") as replica:
        assert replica.get(f"/v1/articles/{article['id']}").json()["title"] == SAMPLES["wire"]["title"]
        assert writer_is_ok(replica) is False
        refused = replica.post("/v1/articles", json=SAMPLES["reprint"])
        assert (refused.status_code, refused.json()["type"]) == (503, "/problems/writer-away")
        assert int(refused.headers["retry-after"]) > 0
        assert len(replica.get("/v1/articles").json()["items"]) == 1


@on_postgresql
def test_when_the_writer_is_killed_a_replica_takes_its_place(
    database_url: str, tmp_path: Path, start: Callable[..., Process]
) -> None:
    first = start("serve", tmp_path / "first", DATABASE_URL=database_url)
    assert until(first.role) == "writer"
    second = start("serve", tmp_path / "second", DATABASE_URL=database_url)
    assert until(second.role) == "replica"
    send(second.client, SAMPLES["wire"])
    # A batch that the first has taken in and not worked off: its lines must reach the other machine.
    batch = [{**SAMPLES["local"], "external_id": f"of-the-batch-{i}", "url": f"https://local.example/{i}"} for i in range(60)]
    accepted = second.client.post("/v1/batches", content=lines(*batch), headers=NDJSON).raise_for_status()
    first.end(signal.SIGKILL)
    until(lambda: second.role() == "writer")
    assert finished(second.client, accepted)["done"] == 60
    send(second.client, SAMPLES["reprint"])
    assert len(second.client.get("/v1/articles", params={"limit": 200}).json()["items"]) == 62
    second.end()
    assert second.process.returncode in (0, -signal.SIGTERM)


@on_postgresql
def test_a_writer_that_was_replaced_becomes_a_replica(database_url: str, tmp_path: Path, start: Callable[..., Process]) -> None:
    first = start("serve", tmp_path / "first", DATABASE_URL=database_url)
    assert until(first.role) == "writer"
    second = start("serve", tmp_path / "second", DATABASE_URL=database_url)
    assert until(second.role) == "replica"
    # Awake, it would take its place again before anybody else does.
    first.process.send_signal(signal.SIGSTOP)
    cut_off(database_url)
    until(lambda: second.role() == "writer")
    first.process.send_signal(signal.SIGCONT)
    until(lambda: first.role() == "replica")
    first.client.post("/v1/articles", json=SAMPLES["wire"]).raise_for_status()
    assert [a["title"] for a in second.client.get("/v1/articles").json()["items"]] == [SAMPLES["wire"]["title"]]


def test_a_worker_writes_for_a_service_that_only_reads(tmp_path: Path, start: Callable[..., Process]) -> None:
    """On one data folder; a second worker waits until the first goes."""
    worker = start("worker", tmp_path / "data")
    reading = start("serve", tmp_path / "data", ROLE="replica")
    assert until(worker.role) == "writer"
    assert until(reading.role) == "replica"
    send(reading.client, SAMPLES["wire"])
    waiting = start("worker", tmp_path / "data")
    with pytest.raises(httpx.TransportError):
        waiting.role()
    worker.end()
    until(lambda: waiting.role() == "writer")
    send(reading.client, SAMPLES["reprint"])
    assert reading.client.get("/v1/stories").json()["items"][0]["counts"]["articles"] == 2
