"""The whole service with the real model: in this process over real TCP, or in a process of its own that can be killed."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from service.app import create_app
from service.ops import logging
from service.settings import Settings

READY_S = 120


@pytest.fixture(scope="session", autouse=True)
def _logs() -> None:
    logging.configure("json", "error")


@contextmanager
def serve(folder: Path) -> Iterator[httpx.Client]:
    settings = Settings(data=folder, encoder_threads=1)
    listener = socket.create_server(("127.0.0.1", 0))
    # Connections wait in the listener's queue until the model is loaded.
    server = uvicorn.Server(uvicorn.Config(create_app(settings), log_config=None, timeout_graceful_shutdown=5))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with httpx.Client(base_url=address, timeout=READY_S, trust_env=False) as client:
            assert client.get("/health/ready").json()["mode"] == "semantic"
            yield client
    finally:
        server.should_exit = True
        thread.join(30)
        listener.close()


@contextmanager
def process(folder: Path) -> Iterator[tuple[httpx.Client, subprocess.Popen[bytes]]]:
    """A service that is ready, in a process that is killed at the end if it still lives."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WIRETRACE_")}
    environment |= {"WIRETRACE_ENCODER_THREADS": "1", "WIRETRACE_LOG_LEVEL": "error"}
    command = [sys.executable, "-m", "service", "serve", "--port", str(port), "--data", str(folder)]
    running = subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=READY_S, trust_env=False) as client:
            deadline = time.monotonic() + READY_S
            while not _is_ready(client):
                assert running.poll() is None, "the service ended while starting"
                assert time.monotonic() < deadline
                time.sleep(0.1)
            yield client, running
    finally:
        running.kill()
        running.wait()


def _is_ready(client: httpx.Client) -> bool:
    try:
        return client.get("/health/ready").is_success
    except httpx.TransportError:
        return False


def send(client: httpx.Client, article: dict[str, Any]) -> dict[str, Any]:
    answer = client.post("/v1/articles", json=article)
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


def get(client: httpx.Client, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, f"{path}: {answer.text}"
    return answer.json()


def snapshot(client: httpx.Client, ids: dict[str, str]) -> dict[str, Any]:
    """Every answer about these articles (name -> id) and their stories, by path."""
    paths = [f"/v1/articles/{i}{tail}" for i in ids.values() for tail in ("", "/matches", "/provenance")]
    stories = sorted({get(client, f"/v1/articles/{i}")["story_id"] for i in ids.values()})
    paths += [f"/v1/stories/{s}{tail}" for s in stories for tail in ("", "/passages", "/provenance")]
    return {path: get(client, path) for path in (*paths, "/v1/articles?limit=200", "/v1/stories?limit=200")}


def groups(client: httpx.Client, ids: dict[str, str], field: str) -> set[frozenset[str]]:
    """The articles' names by equal `field`."""
    found: dict[str, set[str]] = {}
    for name, article_id in ids.items():
        found.setdefault(get(client, f"/v1/articles/{article_id}")[field], set()).add(name)
    return set(map(frozenset, found.values()))


_UNSTABLE = {"observed_at", "created_at", "updated_at", "first_seen", "version"}


def without_ids(answers: dict[str, Any], ids: dict[str, str]) -> set[str]:
    """The answers as texts with names in the place of ids and without times of arrival, to compare two runs."""
    names = {article_id: name for name, article_id in ids.items()}
    members: dict[str, set[str]] = {}
    for answer in answers.values():
        if isinstance(answer, dict) and answer.get("id") in names:
            for field in ("story_id", "report_id"):
                members.setdefault(answer[field], set()).add(names[answer["id"]])
    names |= {group: f"<{'+'.join(sorted(found))}>" for group, found in members.items()}

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            is_link = "source" in value and "target" in value
            return {k: walk(v) for k, v in sorted(value.items()) if k not in _UNSTABLE and not (is_link and k == "id")}
        if isinstance(value, list):
            return sorted(map(walk, value), key=repr)
        return names.get(value, value) if isinstance(value, str) else value

    path = re.compile(r"[^/?]+")
    return {path.sub(lambda m: names.get(m[0], m[0]), key) + repr(walk(value)) for key, value in answers.items()}
