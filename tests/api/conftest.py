"""A real server on loopback for every module: uvicorn, the real store, and the simplest possible pipeline."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from service.api.services import Services
from service.app import create_app
from service.flows.query import Query
from service.flows.searching import Search
from service.ops import logging
from service.ops.metrics import Metrics
from service.parts.background import in_background
from service.parts.pieces import fetching, find_organisation, page_reading
from service.parts.writer import readiness
from service.registry_files import load_registry
from service.settings import Settings
from service.store.ids import SortableIds, SystemClock
from service.store.migrate import upgrade
from service.store.repository import SqlStore
from tests.api.whole import send
from tests.fakes import FakeIngest, SteppingClock
from tests.samples import SAMPLES


class StillEncoder:
    mode = "lexical"
    answers = True

    def ready(self, timeout_s: float = 5.0) -> bool:
        return self.answers


@dataclass
class Running:
    """A served application: `client` talks to it over TCP, `ingest` and `encoder` can be made to fail."""

    client: httpx.Client
    url: str
    ingest: FakeIngest
    encoder: StillEncoder
    store: SqlStore
    folder: Path


@pytest.fixture(scope="session", autouse=True)
def _logs() -> None:
    logging.configure("json", "error")


@contextmanager
def serve(folder: Path, **changes: Any) -> Iterator[Running]:
    settings = Settings(data=folder, encoder="hashing", **changes)
    upgrade(settings.sqlalchemy_url())
    store = SqlStore(settings.sqlalchemy_url())
    ingest, encoder, registry = FakeIngest(store, SteppingClock()), StillEncoder(), load_registry()

    @asynccontextmanager
    async def parts(settings: Settings, metrics: Metrics) -> Any:
        def find(text: str) -> Any:
            return find_organisation(registry, text)

        query = Query(store, ingest.version, find)
        pages, web = page_reading(settings), fetching(settings)
        try:
            services = Services(settings, query, ingest, find, lambda: readiness(store, encoder, ingest), pages, web)
            services = replace(services, search=Search(store, lambda *_: []))
            async with in_background(services, metrics, store, SystemClock(), SortableIds()) as served:
                yield served
        finally:
            await web.close()
            pages.close()

    # Asyncio turns Nagle's algorithm off only for sockets that name TCP; with it every answer waits 40 ms for an acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    # The listener takes connections from here on; they wait in its queue until the server is up.
    server = uvicorn.Server(uvicorn.Config(create_app(settings, parts), log_config=None, timeout_graceful_shutdown=5))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
            yield Running(client, url, ingest, encoder, store, folder)
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
        store.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serve(tmp_path_factory.mktemp("data")) as served:
        yield served


@pytest.fixture
def client(running: Running) -> httpx.Client:
    return running.client


def article(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A body of POST /v1/articles."""
    body: dict[str, Any] = {
        "url": f"https://www.outlet-{number}.example/news/quay?b=2&a=1&utm_source=x",
        "title": "Quay wall collapses",
        "paragraphs": ["The quay wall collapsed on Monday.", "", f"Reporting of outlet {number}."],
        "published_at": "2026-05-04T12:05:00+02:00",
        "language": "en",
    }
    body.update(changes)
    return {key: value for key, value in body.items() if value is not ...}


@pytest.fixture
def ids(client: httpx.Client) -> Iterator[dict[str, str]]:
    """Four articles in the module's service, by name; they and all corrections are gone afterwards."""
    found = {name: send(client, SAMPLES[name])["id"] for name in ("wire", "reprint", "local", "orchid")}
    yield found
    for one in client.get("/v1/constraints").json()["items"]:
        client.delete(f"/v1/constraints/{one['id']}")
    for article_id in found.values():
        client.delete(f"/v1/articles/{article_id}")
