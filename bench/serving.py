"""A real service in its own process for the measurements: start, wait until ready, end, kill. Also reads labelled folders."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

START_S = 180.0
_FIELDS = frozenset({"url", "external_id", "outlet", "title", "authors", "language", "published_at", "paragraphs", "text"})


def read_bodies(source: Path, limit: int | None) -> list[dict[str, Any]]:
    """The articles of an NDJSON file, or of `articles.jsonl` in a folder, as bodies of POST /v1/articles, in order."""
    file = source / "articles.jsonl" if source.is_dir() else source
    if not file.is_file():
        form = "an NDJSON file with one article a line, or a folder with such an articles.jsonl"
        raise SystemExit(f"{file} is not there. Set DATA to {form}: make bench DATA=FOLDER")
    lines = file.read_text(encoding="utf-8").splitlines()[:limit]
    return [{name: value for name, value in json.loads(line).items() if name in _FIELDS and value is not None} for line in lines]


class Server:
    """`wiretrace serve` on a free loopback port. Settings of the shell do not reach it; `settings` are those that it gets."""

    def __init__(self, data: Path, settings: dict[str, str] | None = None) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self._data = data
        self._settings = settings or {}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process; it is not ready yet."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("WIRETRACE_")}
        environment |= {"WIRETRACE_LOG_LEVEL": "warning"} | self._settings
        command = [sys.executable, "-m", "service", "serve", "--port", str(self.port), "--data", str(self._data)]
        with (self._data / "service.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            assert self._process is not None
            if self._process.poll() is not None:
                log = (self._data / "service.log").read_text(errors="replace")
                raise SystemExit(f"the service ended while starting:\n{log[-2000:]}")
            try:
                if httpx.get(f"{self.address}/health/ready", timeout=10).is_success:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise SystemExit(f"the service was not ready within {START_S:.0f} s")

    def kill(self) -> None:
        """SIGKILL: nothing is flushed, nothing is closed."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(60)
            except subprocess.TimeoutExpired:
                self.kill()


def send(client: httpx.Client, body: dict[str, Any]) -> dict[str, Any] | None:
    """The answer when the article was acknowledged; None when the same request has to be repeated."""
    try:
        answer = client.post("/v1/articles", json=body)
    except httpx.TransportError:
        return None
    if answer.status_code in (429, 503):
        return None
    if answer.is_error:
        raise RuntimeError(f"refused: {answer.status_code} {answer.text[:300]}")
    return dict(answer.json())


def all_articles(client: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = client.get("/v1/articles", params={"limit": 200} | ({"cursor": cursor} if cursor else {}))
        page.raise_for_status()
        found += page.json()["items"]
        cursor = page.json()["next_cursor"]
        if cursor is None:
            return found
