"""Webhooks over real connections: a receiver on loopback, refusals, what is shown, sending again, a restart."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.fetch.guard import Rules
from service.fetch.posting import MOST_RESPONSE_BYTES, Poster
from tests.api.whole import changes, send, served
from tests.samples import SAMPLES


class Receiver:
    """`answers` are used up from the front, then 200; `got` holds headers and body of every request."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/hook"
        self.port = port
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.changed = threading.Condition()

    def wait(self, is_so: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(is_so, 20), self.got

    def sequences(self) -> list[int]:
        return [json.loads(body)["data"]["sequence"] for _, body in self.got]


@contextmanager
def receiving() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            with receiver.changed:
                status, headers = receiver.answers.pop(0) if receiver.answers else (200, {})
                receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                receiver.changed.notify_all()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"said\x00so")

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def settings(receiver: Receiver) -> dict[str, Any]:
    return {"webhook_ports": str(receiver.port), "webhook_allowed_networks": "127.0.0.0/8", "webhook_timeout_s": 5}


def until(what: Callable[[], Any]) -> Any:
    """Polls an answer that another thread of the service brings about."""
    deadline = time.monotonic() + 60
    while not (found := what()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def test_messages_are_signed_in_order_and_recorded(receiver: Receiver, tmp_path: Path) -> None:
    with served(tmp_path, **settings(receiver)) as client:
        send(client, SAMPLES["strike"])
        answer = client.post("/v1/webhooks", json={"url": receiver.url})
        hook = answer.json()
        assert (answer.status_code, hook["types"], hook["disabled_reason"], hook["sequence"]) == (201, [], None, 2)
        send(client, SAMPLES["wire"])
        receiver.wait(lambda: len(receiver.got) == 2)
        assert [json.loads(body)["data"] for _, body in receiver.got] == changes(client, 2)
        key = base64.b64decode(hook["secret"].removeprefix("whsec_"))
        for headers, body in receiver.got:
            content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
            signature = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
            assert headers["webhook-signature"] == f"v1,{signature}"
            assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
            assert headers["content-type"] == "application/json"
        path = f"/v1/webhooks/{hook['id']}/deliveries"
        newest, oldest = until(lambda: len(items := client.get(path).json()["items"]) == 2 and items)
        assert (newest["id"], newest["type"]) == (receiver.got[1][0]["webhook-id"], "story.created")
        assert (oldest["state"], oldest["status"], oldest["response"], oldest["attempts"]) == ("delivered", 200, "saidso", 1)
        page = client.get(path, params={"limit": 1})
        assert client.get(page.links["next"]["url"]).json()["items"] == [oldest]
        again = client.post(f"{path}/{oldest['id']}/redeliver")
        assert (again.status_code, again.json()["state"]) == (202, "waiting")
        receiver.wait(lambda: len(receiver.got) == 3)
        assert receiver.got[2][0]["webhook-id"] == oldest["id"]
        assert receiver.got[2][1] == receiver.got[0][1]
        assert hook["secret"] not in client.get("/v1/webhooks").text
        assert client.delete(f"/v1/webhooks/{hook['id']}").status_code == 204
        for gone in (client.delete(f"/v1/webhooks/{hook['id']}"), client.get(path), client.post(f"{path}/x/redeliver")):
            assert (gone.status_code, gone.json()["type"]) == (404, "/problems/webhook-not-found")


def test_what_waits_when_the_service_ends_is_sent_after_the_next_start(receiver: Receiver, tmp_path: Path) -> None:
    receiver.answers = [(503, {"Retry-After": "1"})]
    with served(tmp_path, **settings(receiver)) as client:
        hook = client.post("/v1/webhooks", json={"url": receiver.url, "types": ["story.created"]}).json()
        send(client, SAMPLES["wire"])
        send(client, SAMPLES["orchid"])
        path = f"/v1/webhooks/{hook['id']}/deliveries"
        [one] = until(lambda: client.get(path).json()["items"])
        assert (one["state"], one["attempts"], one["status"]) == ("waiting", 1, 503)
        delivery = f"{path}/{one['id']}/redeliver"
        assert client.post(f"{path}/msg_{hook['id']}_99/redeliver").json()["type"] == "/problems/delivery-not-found"
    with served(tmp_path, **settings(receiver)) as client:
        client.post(delivery)
        receiver.wait(lambda: len(receiver.got) >= 3)
    assert receiver.sequences()[:3] == [2, 2, 4]
    assert receiver.got[0][0]["webhook-id"] == receiver.got[1][0]["webhook-id"]


def test_410_disables(receiver: Receiver, tmp_path: Path) -> None:
    receiver.answers = [(410, {})]
    with served(tmp_path, **settings(receiver)) as client:
        client.post("/v1/webhooks", json={"url": receiver.url})
        send(client, SAMPLES["wire"])
        shown = until(lambda: [one for one in client.get("/v1/webhooks").json()["items"] if one["disabled_reason"]])
        assert shown[0]["disabled_reason"] == "The receiver answered 410."


def test_what_may_not_be_told_is_refused_at_once(receiver: Receiver, tmp_path: Path) -> None:
    with served(tmp_path) as client:
        for url in (
            receiver.url,
            "http://127.0.0.1/hook",
            "http://[::1]/",
            "http://169.254.169.254/",
            "ftp://a.example/",
            "hook",
        ):
            answer = client.post("/v1/webhooks", json={"url": url})
            assert (answer.status_code, answer.json()["type"]) == (422, "/problems/fetch-refused"), url
        for body in (
            {"url": "https://a.example/", "types": ["story.closed"]},
            {"url": "https://a.example/", "secret": "short"},
            {"url": "https://a.example/", "more": 1},
            {},
        ):
            assert client.post("/v1/webhooks", json=body).json()["type"] == "/problems/invalid-input"
        assert client.get("/v1/webhooks").json()["items"] == []


async def posted(resolve: Any = None, inner: Any = None, allowed: str = "", url: str = "http://hook.example/") -> Any:
    from ipaddress import ip_network

    async def to_public(host: str, port: int) -> list[str]:
        return ["93.184.216.34"]

    rules = Rules(allowed=(ip_network(allowed),) if allowed else ())
    poster = Poster(rules, timeout_s=0.5, agent="test", resolve=resolve or to_public, inner=inner)
    try:
        return await poster.post(url, {"webhook-id": "m"}, b"{}")
    finally:
        await poster.close()


def test_a_name_that_leads_inside_is_not_told() -> None:
    async def inside(host: str, port: int) -> list[str]:
        return ["10.0.0.7"]

    found = asyncio.run(posted(inside))
    assert found.status is None
    assert "not public" in found.response


def test_redirects_are_not_followed_answers_are_cut_and_retry_after_is_read() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        headers = {"Location": "http://10.0.0.7/", "Retry-After": "120"}
        return httpx.Response(302, headers=headers, stream=Endless())

    class Endless(httpx.AsyncByteStream):
        async def __aiter__(self):  # type: ignore[no-untyped-def]
            while True:
                yield b"x" * 999

    found = asyncio.run(posted(inner=httpx.MockTransport(answer)))
    assert (found.status, len(found.response), found.retry_after_s) == (302, MOST_RESPONSE_BYTES, 120)
    assert len(asked) == 1
    assert asked[0].headers["host"] == "hook.example"


def test_a_receiver_that_never_answers_or_is_not_there_is_a_failure() -> None:
    class Silent(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await asyncio.sleep(60)
            raise AssertionError

    def broken(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("cut")

    assert asyncio.run(posted(inner=Silent())).response == "No answer within 0.5 s."
    assert asyncio.run(posted(inner=httpx.MockTransport(broken))).status is None


def test_a_secret_is_exchanged_without_a_message_that_cannot_be_checked(receiver: Receiver, tmp_path: Path) -> None:
    def signatures(got: tuple[dict[str, str], bytes], secret: str) -> str:
        headers, body = got
        content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        key = base64.b64decode(secret.removeprefix("whsec_"))
        return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()

    with served(tmp_path, **settings(receiver)) as client:
        hook = client.post("/v1/webhooks", json={"url": receiver.url, "types": ["story.created"]}).json()
        path = f"/v1/webhooks/{hook['id']}/secret"
        answer = client.post(path, json={})
        new = answer.json()
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        assert new["secret"] != hook["secret"]
        send(client, SAMPLES["wire"])
        receiver.wait(lambda: len(receiver.got) == 1)
        assert receiver.got[0][0]["webhook-signature"].split() == [
            signatures(receiver.got[0], secret) for secret in (new["secret"], hook["secret"])
        ]
        own = "whsec_" + base64.b64encode(b"k" * 24).decode()
        assert client.post(path, json={"secret": own}).json()["secret"] == own
        assert client.post(path, json={"secret": "short"}).json()["errors"][0]["pointer"] == "#/secret"
        assert client.post("/v1/webhooks/nobody/secret", json={}).json()["type"] == "/problems/webhook-not-found"
        assert own not in client.get("/v1/webhooks").text
