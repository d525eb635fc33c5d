"""SIGKILL in the middle of the work: nothing that was answered is lost or done twice. And a large batch in little memory."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.api.conftest import article
from tests.api.test_batches import NDJSON, ended, lines


@contextmanager
def process(folder: Path) -> Iterator[tuple[httpx.Client, subprocess.Popen[bytes]]]:
    """A service with the encoder that needs no model, in a process that is killed at the end if it still lives."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WIRETRACE_")}
    environment |= {"WIRETRACE_ENCODER": "hashing", "WIRETRACE_LOG_LEVEL": "error"}
    command = [sys.executable, "-m", "service", "serve", "--port", str(port), "--data", str(folder)]
    running = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as client:
            deadline = time.monotonic() + 60
            while True:
                try:
                    if client.get("/health/ready").is_success:
                        break
                except httpx.TransportError:
                    pass
                assert running.poll() is None, "the service ended while starting"
                assert time.monotonic() < deadline
                time.sleep(0.05)
            yield client, running
    finally:
        running.kill()
        running.wait()


@pytest.mark.slow
def test_killed_twice_a_batch_is_done_once(tmp_path: Path) -> None:
    bodies = [
        article(n % 150, title=f"Event {n % 150}", paragraphs=[f"Town {n % 150} saw number {n} of its many floods today."])
        for n in range(300)
    ]
    where, reached = "", 0
    for share in (0.2, 0.6):
        with process(tmp_path) as (client, running):
            if not where:
                where = client.post("/v1/batches", content=lines(*bodies, b"[\n"), headers=NDJSON).headers["location"]
            while (job := client.get(where).json())["done"] < share * len(bodies):
                assert job["state"] in ("queued", "running")
            assert job["done"] >= reached
            reached = job["done"]
            running.kill()
            running.wait()
    with process(tmp_path) as (client, _):
        job = ended(client, where)
        assert (job["state"], job["total"], job["done"], job["failed"]) == ("done", 301, 300, 1)
        items = client.get("/v1/articles?limit=200").json()["items"]
        assert len(items) == 150
        assert {item["revision"] for item in items} == {2}
        for item in items[:20]:
            text = client.get(f"/v1/articles/{item['id']}").json()["paragraphs"][0]["text"]
            town = int(text.split()[1])
            assert text == bodies[town + 150]["paragraphs"][0]


@pytest.mark.slow
def test_what_was_answered_is_true_after_a_kill(tmp_path: Path) -> None:
    def post(client: httpx.Client, number: int, **headers: str) -> httpx.Response:
        return client.post("/v1/articles", json=article(number, title=f"Event {number}"), headers=headers)

    with process(tmp_path) as (client, running):
        once = post(client, 1, **{"Idempotency-Key": '"k-1"'})
        later = [post(client, number, Prefer="respond-async") for number in range(2, 60)]
        repeated = post(client, 60, **{"Idempotency-Key": '"k-60"', "Prefer": "respond-async"})
        running.kill()
        running.wait()
    with process(tmp_path) as (client, _):
        again = post(client, 1, **{"Idempotency-Key": '"k-1"'})
        assert (again.status_code, again.content) == (201, once.content)
        again = post(client, 60, **{"Idempotency-Key": '"k-60"', "Prefer": "respond-async"})
        assert (again.status_code, again.content) == (202, repeated.content)
        for answer in (*later, repeated):
            deadline = time.monotonic() + 30
            while (view := client.get(answer.headers["location"]).json())["status"] == "queued":
                assert time.monotonic() < deadline
                time.sleep(0.02)
            assert (view["status"], view["revision"]) == ("clustered", 1)
        assert len(client.get("/v1/articles?limit=200").json()["items"]) == 60


@pytest.mark.slow
def test_memory_does_not_grow_with_the_batch(tmp_path: Path) -> None:
    line = json.dumps({"no_article": "x" * 50_000}).encode() + b"\n"

    def peak_bytes(pid: int) -> int:
        status = Path(f"/proc/{pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) * 1024

    def send(client: httpx.Client, count: int, form: str) -> None:
        parts = (
            iter([b"["] + [line.strip() + b","] * (count - 1) + [line.strip() + b"]"]) if form == "json" else iter([line] * count)
        )
        media_type = "application/json" if form == "json" else "application/x-ndjson"
        answer = client.post("/v1/batches", content=parts, headers={"Content-Type": media_type})
        assert ended(client, answer.headers["location"])["failed"] == count

    with process(tmp_path) as (client, running):
        if not Path(f"/proc/{running.pid}/status").exists():
            pytest.skip("needs /proc")
        for form in ("ndjson", "json"):
            send(client, 100, form)
        before = peak_bytes(running.pid)
        for form in ("ndjson", "json"):
            send(client, 3_000, form)
        assert peak_bytes(running.pid) - before < 30_000_000
