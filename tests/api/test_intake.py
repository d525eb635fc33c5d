"""Every form an article may come in, over HTTP: what is read, where it was read, whom it credits, and what is refused."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
import uvicorn

from service.api import intake_examples
from service.api.ninjs import read_ninjs
from service.api.services import Services
from service.app import create_app
from service.flows.preparing import prepare_article
from service.flows.query import Query
from service.ops.metrics import Metrics
from service.parts.background import in_background
from service.parts.pieces import fetching, find_organisation, page_reading
from service.parts.writer import readiness
from service.registry_files import load_registry
from service.settings import Settings
from service.store.ids import SortableIds, SystemClock
from service.store.migrate import upgrade
from service.store.repository import SqlStore
from tests.api.conftest import StillEncoder
from tests.api.test_bad_input import problem
from tests.fakes import FakeIngest, SteppingClock
from tests.unit.pages import BODY, FOOTER, page

URL = "https://harbour-gazette.example/news/quay"


class Pages(BaseHTTPRequestHandler):
    """A news site on loopback."""

    def log_message(self, *_: Any) -> None: ...

    def do_GET(self) -> None:
        answers: dict[str, tuple[int, str, bytes, dict[str, str]]] = {
            "/robots.txt": (200, "text/plain", b"User-agent: wiretrace\nDisallow: /closed", {}),
            "/quay": (200, "text/html; charset=utf-8", page(after=f"<p>{FOOTER}</p>").encode(), {}),
            "/moved": (301, "text/html", b"", {"Location": "/quay"}),
            "/inside": (302, "text/html", b"", {"Location": f"http://inside.example:{self.server.server_address[1]}/"}),
            "/empty": (200, "text/html", b"<html></html>", {}),
            "/pdf": (200, "application/pdf", b"%PDF", {}),
        }
        status, media_type, body, headers = answers.get(self.path, (404, "text/html", b"gone", {}))
        self.send_response(status)
        for name, value in {"Content-Type": media_type, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class CreditingIngest(FakeIngest):
    """Also reads the credits, as the real pipeline does."""

    def _article(self, content: Any, *more: Any) -> Any:
        import dataclasses

        made = super()._article(content, *more)
        return dataclasses.replace(made, reading=prepare_article(content, load_registry()).reading)


@pytest.fixture(scope="module")
def site() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, site: int) -> Iterator[httpx.Client]:
    chosen = Settings(
        data=tmp_path_factory.mktemp("data"), encoder="hashing", fetch_host_delay_s=0, fetch_ports=f"80,443,{site}",
        fetch_allowed_networks="127.0.0.1/32", extraction_workers=1,
    )  # fmt: skip
    upgrade(chosen.sqlalchemy_url())
    store, registry = SqlStore(chosen.sqlalchemy_url()), load_registry()
    ingest = CreditingIngest(store, SteppingClock())

    async def resolve(host: str, port: int) -> Sequence[str]:
        known = {"news.example": ["127.0.0.1"], "inside.example": ["10.0.0.7"]}
        if host not in known:
            raise socket.gaierror(host)
        return known[host]

    @asynccontextmanager
    async def parts(settings: Settings, metrics: Metrics) -> Any:
        def find(text: str) -> Any:
            return find_organisation(registry, text)

        pages, web = page_reading(settings), fetching(settings, resolve)
        try:
            query = Query(store, ingest.version, find)
            services = Services(settings, query, ingest, find, lambda: readiness(store, StillEncoder(), ingest), pages, web)
            async with in_background(services, metrics, store, SystemClock(), SortableIds()) as served:
                yield served
        finally:
            await web.close()
            pages.close()

    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(chosen, parts), log_config=None, timeout_graceful_shutdown=5))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    with httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=60, trust_env=False) as made:
        yield made
    server.should_exit = True
    thread.join(10)
    listener.close()
    store.close()


def send(client: httpx.Client, media_type: str, body: Any, path: str = "/v1/articles", **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return client.post(path, content=content, headers={"Content-Type": media_type, **headers})


def taken(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code in (200, 201), answer.text
    found: dict[str, Any] = answer.json()
    return found


def paragraphs(article: dict[str, Any]) -> list[str]:
    return [paragraph["text"] for paragraph in article["paragraphs"]]


def claimed(article: dict[str, Any]) -> dict[str, str]:
    return {
        credit["field"]: credit["organisation"]["id"] for credit in article["credits"] if credit["field"].startswith("metadata.")
    }


def test_a_page(client: httpx.Client) -> None:
    article = taken(
        send(client, "text/html; charset=utf-8", page(after=f"<p>{FOOTER}</p>"), **{"Content-Location": URL + "?utm_source=x"})
    )
    assert article["canonical_url"] == URL
    assert article["title"] == "Quay wall collapses & closes terminal"
    assert article["published_at"] == "2026-05-04T10:05:07Z"
    assert (article["authors"], article["language"]) == (["Mira Stolz", "Jonas Haberl"], "en-GB")
    assert article["outlet"] == {"site": "harbour-gazette.example", "name": "Harbour Gazette"}
    assert paragraphs(article) == [*BODY, FOOTER]
    assert article["captions"] == ["The quay wall on Monday. Photo: AP"]
    sources = article["field_sources"]
    assert sources.pop("paragraphs").startswith("html (trafilatura")
    assert sources == {
        "url": "header:Content-Location", "title": "ld+json:headline", "published_at": "ld+json:datePublished",
        "language": "ld+json:inLanguage", "authors": "ld+json:author", "outlet": "meta:og:site_name",
    }  # fmt: skip
    assert claimed(article) == {"metadata.ld+json:sourceOrganization": "reuters", "metadata.ld+json:creditText": "afp"}
    credit = next(credit for credit in article["credits"] if credit["field"].endswith("sourceOrganization"))
    assert (credit["paragraph"], credit["text"], credit["start"], credit["end"], credit["carry"]) == (
        None,
        "Reuters",
        0,
        7,
        "full",
    )
    again = client.get(f"/v1/articles/{article['id']}").json()
    assert again["field_sources"]["title"] == "ld+json:headline"
    assert claimed(again) == claimed(article)


def test_a_page_that_points_to_another_site(client: httpx.Client) -> None:
    head = '<link rel="canonical" href="https://www.reuters.com/world/quay-wall"><meta property="og:site_name" content="Reuters">'
    markup = page(head=head, json_ld="{}").replace('content="Harbour Gazette"', 'content="Reuters"')
    article = taken(send(client, "text/html", markup, **{"Content-Location": "https://copycat.example/a"}))
    assert article["canonical_url"] == "https://copycat.example/a"
    assert article["outlet"]["name"] == "copycat.example"
    assert claimed(article) == {"metadata.link:canonical": "reuters", "metadata.meta:og:site_name": "reuters"}
    own = taken(send(client, "text/html", markup, **{"Content-Location": "https://www.reuters.com/a"}))
    assert (own["outlet"]["name"], claimed(own)) == ("Reuters", {})


def test_html_in_json(client: httpx.Client) -> None:
    body = {"url": "https://other.example/quay", "title": "Ours", "html": page(), "metadata": {"a": 1}}
    article = taken(send(client, "application/json", body))
    assert (article["title"], article["metadata"], paragraphs(article)) == ("Ours", {"a": 1}, list(BODY))
    assert "title" not in article["field_sources"]
    assert article["field_sources"]["authors"] == "ld+json:author"


def test_plain_json_has_no_sources(client: httpx.Client) -> None:
    article = taken(send(client, "application/json", {"url": "https://plain.example/a", "text": "One.\n\nTwo."}))
    assert (article["field_sources"], article["captions"]) == ({}, [])


def test_json_ld(client: httpx.Client) -> None:
    article = taken(send(client, "application/ld+json", intake_examples.NEWS_ARTICLE))
    assert (article["title"], article["published_at"]) == ("Quay wall collapses in Port Ellery", "2026-05-04T10:05:00Z")
    assert paragraphs(article) == intake_examples.NEWS_ARTICLE["articleBody"].split("\n\n")
    assert claimed(article) == {"metadata.ld+json:sourceOrganization": "reuters"}
    assert article["field_sources"]["paragraphs"] == "ld+json:articleBody"
    graph = {
        "@graph": [
            {"@type": "WebSite"},
            {"@type": "ReportageNewsArticle", "headline": "H", "articleBody": "<p>One</p><p>Two</p>"},
        ]
    }
    other = taken(send(client, "application/ld+json", graph, **{"Content-Location": "https://graph.example/a"}))
    assert (paragraphs(other), other["url"]) == (["One", "Two"], "https://graph.example/a")


def test_a_field_without_a_name_is_no_field_of_ninjs() -> None:
    assert read_ninjs({"": "1", "version": "2"}).kept == {"version": "2"}


def test_ninjs(client: httpx.Client) -> None:
    article = taken(send(client, "application/vnd.iptc.ninjs+json", intake_examples.NINJS_ITEM))
    assert article["external_id"] == intake_examples.NINJS_ITEM["uri"]
    assert article["authors"] == ["Mira Stolz"]
    assert article["metadata"]["ninjs"]["version"] == "1"
    assert claimed(article) == {"metadata.ninjs:infoSources": "reuters"}
    later = {
        **intake_examples.NINJS_ITEM,
        "version": "2",
        "bodies": [{"contentType": "text/html", "value": "<p>Other text now.</p>"}],
    }
    revised = taken(send(client, "application/vnd.iptc.ninjs+json", later))
    assert (revised["id"], revised["revision"], paragraphs(revised)) == (article["id"], 2, ["Other text now."])


def test_check_takes_every_form(client: httpx.Client) -> None:
    for media_type, body in (
        ("text/html", intake_examples.PAGE), ("application/ld+json", intake_examples.NEWS_ARTICLE),
        ("application/vnd.iptc.ninjs+json", intake_examples.NINJS_ITEM), ("application/json", intake_examples.WITH_HTML),
    ):  # fmt: skip
        assert send(client, media_type, body, "/v1/check", **{"Content-Location": URL}).status_code == 200, media_type


@pytest.mark.parametrize(
    ("media_type", "body", "headers", "pointer", "reason"),
    [
        ("text/html", page(), {}, "Content-Location", "is required"),
        ("text/html", page(), {"Content-Location": "/relative"}, "Content-Location", "absolute"),
        (
            "text/html",
            page(),
            {"Content-Location": "https://a:b@x.example/"},
            "#/url",
            "user name or password (read from header:",
        ),
        ("application/json", {"url": URL, "html": 7}, {}, "#/html", "must be a string"),
        ("application/json", {"url": URL, "html": "<p>x</p>", "text": "x"}, {}, "#/html", "not both"),
        ("application/json", {"url": "nonsense", "html": "<p>x</p>"}, {}, "#/url", "without a scheme"),
        ("application/json", {"url": URL, "html": "<p>x</p>", "titel": "x"}, {}, "#/titel", "not a field"),
        ("application/ld+json", {"@type": "Recipe"}, {}, "#", "no schema.org NewsArticle"),
        ("application/ld+json", [], {}, "#", "no schema.org NewsArticle"),
        ("application/ld+json", {"@type": "NewsArticle", "articleBody": "x"}, {}, "#/url", "is required"),
        ("application/ld+json", {"@type": "NewsArticle", "url": URL}, {}, "#/paragraphs", "holds no text"),
        ("application/vnd.iptc.ninjs+json", {"uri": "x", "pubStatus": "canceled"}, {}, "#/pubStatus", "not for publication"),
        ("application/vnd.iptc.ninjs+json", {"headline": "x"}, {}, "#/url", "is required"),
        ("application/vnd.iptc.ninjs+json", "[]", {}, "#", "must be a JSON object"),
    ],
)
def test_what_is_refused(
    client: httpx.Client, media_type: str, body: Any, headers: dict[str, str], pointer: str, reason: str
) -> None:
    document = problem(send(client, media_type, body, **headers), 422, "invalid-input")
    assert document["errors"][0]["pointer"] == pointer
    assert reason in document["errors"][0]["detail"]


def test_pages_without_text(client: httpx.Client) -> None:
    answer = send(client, "text/html", "<html><body><nav>Home</nav></body></html>", **{"Content-Location": URL})
    assert "no article text" in problem(answer, 422, "unreadable-page")["detail"]
    deep = send(client, "text/html", "<div>" * 3_000 + "x", **{"Content-Location": URL})
    problem(deep, 422, "unreadable-page")
    problem(send(client, "text/html", "x" * 5_000_001, **{"Content-Location": URL}), 422, "unreadable-page")


def test_unknown_forms_are_told_what_is_taken(client: httpx.Client) -> None:
    document = problem(send(client, "application/rtf", "x"), 415, "unsupported-media-type")
    for media_type in ("application/json", "application/ld+json", "application/vnd.iptc.ninjs+json", "text/html"):
        assert media_type in document["detail"]
    problem(send(client, "application/ld+json; charset=utf-16", "{}"), 415, "unsupported-media-type")
    problem(send(client, "text/html", "x", **{"Content-Encoding": "gzip"}), 415, "unsupported-media-type")
    problem(send(client, "application/ld+json", "{"), 400, "malformed-json")


def fetch(client: httpx.Client, url: Any) -> httpx.Response:
    return client.post("/v1/fetch", json={"url": url})


def test_fetching(client: httpx.Client, site: int) -> None:
    address = f"http://news.example:{site}/quay"
    answer = fetch(client, address)
    assert (answer.status_code, answer.headers["location"]) == (201, f"/v1/articles/{answer.json()['id']}")
    article = answer.json()
    assert (article["url"], paragraphs(article), article["field_sources"]["url"]) == (address, [*BODY, FOOTER], "fetch")
    moved = fetch(client, f"http://news.example:{site}/moved")
    assert (moved.status_code, moved.json()["id"]) == (200, article["id"])


def test_fetching_once_and_later(client: httpx.Client, site: int) -> None:
    body, headers = {"url": f"http://news.example:{site}/quay"}, {"Idempotency-Key": '"fetch-1"'}
    first, again = (client.post("/v1/fetch", json=body, headers=headers) for _ in range(2))
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    problem(client.post("/v1/fetch", json={"url": body["url"] + "?x=1"}, headers=headers), 422, "idempotency-key-reused")
    later = client.post("/v1/fetch", json=body, headers={"Prefer": "respond-async"})
    assert (later.status_code, later.headers["location"]) == (202, first.headers["location"])


@pytest.mark.parametrize(
    ("url", "status", "slug"),
    [
        ("http://news.example:{site}/closed", 422, "robots-disallowed"),
        ("http://news.example:{site}/inside", 422, "fetch-refused"),
        ("http://inside.example/", 422, "fetch-refused"),
        ("http://news.example:22/", 422, "fetch-refused"),
        ("http://unknown.example/", 502, "fetch-failed"),
        ("http://news.example:{site}/missing", 502, "fetch-failed"),
        ("http://news.example:{site}/pdf", 502, "fetch-failed"),
        ("http://news.example:{site}/empty", 422, "unreadable-page"),
        ("ftp://news.example/", 422, "invalid-input"),
        ("http://a:b@news.example/", 422, "invalid-input"),
    ],
)
def test_what_is_not_fetched(client: httpx.Client, site: int, url: str, status: int, slug: str) -> None:
    problem(fetch(client, url.format(site=site)), status, slug)


@pytest.mark.parametrize("body", [{}, {"url": None}, {"url": 7}, {"url": URL, "more": 1}, {"url": URL, "": 1}, [], "x"])
def test_requests_to_fetch_that_are_none(client: httpx.Client, body: Any) -> None:
    problem(client.post("/v1/fetch", json=body), 422, "invalid-input")


def test_the_examples_are_true(client: httpx.Client) -> None:
    for media_type, content in intake_examples.ARTICLE_CONTENT.items():
        for example in (
            [content["example"]] if "example" in content else [entry["value"] for entry in content["examples"].values()]
        ):
            taken(send(client, media_type, example, **{"Content-Location": URL}))
