"""The whole service on loopback with the hashing encoder: real writer, real store, real server."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from service.app import create_app
from service.cli.serving import Server
from service.settings import Settings


@contextmanager
def served(folder: Path, **changes: Any) -> Iterator[httpx.Client]:
    listener = socket.create_server(("127.0.0.1", 0))
    application = create_app(Settings(data=folder, encoder="hashing", port=listener.getsockname()[1], **changes))
    server = Server(uvicorn.Config(application, log_config=None, timeout_graceful_shutdown=10))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        # Connections wait in the listener's queue until the service has started.
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
            client.get("/health/ready").raise_for_status()
            yield client
    finally:
        server.should_exit = True
        thread.join(30)
        assert not thread.is_alive()
        listener.close()


def send(client: httpx.Client, article: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = client.post("/v1/articles", json=article).raise_for_status().json()
    return found


def story(client: httpx.Client, article_id: str) -> str:
    return str(client.get(f"/v1/articles/{article_id}").json()["story_id"])


def changes(client: httpx.Client, after: int = 0) -> list[dict[str, Any]]:
    """All behind `after`, page by page."""
    found: list[dict[str, Any]] = []
    while True:
        page = client.get("/v1/changes", params={"after": after, "limit": 7}).raise_for_status().json()
        if not page["items"]:
            assert page["next"] == after
            return found
        found += page["items"]
        after = page["next"]
