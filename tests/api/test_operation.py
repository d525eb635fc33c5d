"""Load, keys, health, headers, metrics: what an operator relies on."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from service.app import create_app
from service.errors import ConfigurationError, EncoderUnavailable, Overloaded, problem_classes
from service.settings import Settings
from tests.api.conftest import Running, article, serve
from tests.api.test_bad_input import problem

READ, WRITE = "read-key-of-16-characters", "write-key-of-16-characters"


@pytest.fixture
def fault(running: Running) -> object:
    yield running.ingest
    running.ingest.fault, running.ingest.before, running.ingest.alive, running.encoder.answers = None, None, True, True


def test_live_and_ready(client: httpx.Client) -> None:
    assert client.get("/health/live").json() == {"status": "ok"}
    ready = client.get("/health/ready").json()
    assert [check["name"] for check in ready["checks"]] == ["writer", "store", "index", "encoder"]
    assert ready["mode"] == "lexical"


def test_a_dead_part_makes_it_not_ready_and_is_named(running: Running, fault: object) -> None:
    running.ingest.alive = running.encoder.answers = False
    answer = running.client.get("/health/ready")
    assert [item["pointer"] for item in problem(answer, 503, "not-ready")["errors"]] == ["#/writer", "#/encoder"]
    assert running.client.get("/health/live").status_code == 200


@pytest.mark.parametrize(
    ("error", "slug"), [(Overloaded(retry_after_s=7), "overloaded"), (EncoderUnavailable(), "encoder-unavailable")]
)
def test_what_the_pipeline_cannot_do_now_says_when_to_try_again(
    running: Running, fault: object, error: Exception, slug: str
) -> None:
    running.ingest.fault = error
    for path in ("/v1/articles", "/v1/check"):
        answer = running.client.post(path, json=article())
        problem(answer, 503, slug)
        assert int(answer.headers["retry-after"]) >= 1


def test_a_defect_is_a_problem_without_a_trace_and_the_next_request_is_served(running: Running, fault: object) -> None:
    running.ingest.fault = RuntimeError("secret detail")
    answer = running.client.post("/v1/articles", json=article())
    problem(answer, 500, "internal")
    assert "secret" not in answer.text
    assert running.client.get("/v1/articles").status_code == 200


def test_beyond_the_permits_requests_are_refused_at_once(tmp_path: Path) -> None:
    with serve(tmp_path, max_concurrent_writes=1, retry_after_s=3) as running:
        entered, release = threading.Event(), threading.Event()

        async def hold() -> None:
            entered.set()
            await asyncio.to_thread(release.wait, 10)

        running.ingest.before = hold
        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(httpx.post, f"{running.url}/v1/articles", json=article(1), timeout=20, trust_env=False)
            assert entered.wait(10)
            refused = running.client.post("/v1/articles", json=article(2, text="x" * 500_000, paragraphs=...))
            problem(refused, 503, "overloaded")
            assert refused.headers["retry-after"] == "3"
            assert running.client.get("/v1/articles").status_code == 200
            release.set()
            assert first.result().status_code == 201
        running.ingest.before = None
        assert running.client.post("/v1/articles", json=article(2)).status_code == 201


def test_nobody_waits_longer_than_the_limit(tmp_path: Path) -> None:
    with serve(tmp_path, write_timeout_s=0.05, retry_after_s=2) as running:
        running.ingest.before = asyncio.Event().wait
        answer = running.client.post("/v1/articles", json=article(1))
        assert "within 0.05 s" in problem(answer, 503, "overloaded")["detail"]
        assert answer.headers["retry-after"] == "2"


def test_keys(tmp_path: Path) -> None:
    with serve(tmp_path, api_keys=f"read:{READ}, write:{WRITE}") as running:

        def status(method: str, path: str, key: str | None) -> int:
            headers = {"Authorization": f"Bearer {key}"} if key else {}
            return running.client.request(method, path, headers=headers, json=article() if method == "POST" else None).status_code

        assert [status("GET", "/v1/articles", key) for key in (None, "wrong-key-of-16-characters", READ, WRITE)] == [
            401,
            401,
            200,
            200,
        ]
        assert [status("POST", "/v1/articles", key) for key in (None, READ, WRITE)] == [401, 403, 201]
        assert [status("POST", "/v1/check", key) for key in (None, READ, WRITE)] == [401, 200, 200]
        assert status("GET", "/v1/nothing", None) == 401
        assert [status("GET", path, None) for path in ("/health/live", "/metrics", "/openapi.json")] == [200, 200, 200]
        answer = running.client.get("/v1/articles")
        problem(answer, 401, "unauthenticated")
        assert answer.headers["www-authenticate"] == "Bearer"
        problem(
            running.client.post("/v1/articles", json=article(), headers={"Authorization": f"bearer {READ}"}), 403, "forbidden"
        )


def test_no_door_is_opened_to_other_machines_without_keys() -> None:
    with pytest.raises(ConfigurationError, match="API_KEYS"):
        create_app(Settings(host="0.0.0.0"))
    create_app(Settings(host="0.0.0.0", api_keys=f"write:{WRITE}"))
    for host in ("127.0.0.1", "::1", "localhost"):
        create_app(Settings(host=host))


@pytest.mark.parametrize("keys", ["admin:" + READ, READ, "read:short", "write:with blanks in the key"])
def test_weak_or_wrong_keys_stop_the_start_without_being_repeated(keys: str) -> None:
    with pytest.raises(ValueError, match="api_keys") as caught:
        Settings(api_keys=keys)
    assert keys.partition(":")[2][:10] not in str(caught.value) or not keys.partition(":")[2]


def test_every_answer_has_a_request_id_and_safe_headers(client: httpx.Client) -> None:
    for path in ("/v1/articles", "/v1/nothing", "/health/live"):
        answer = client.get(path, headers={"X-Request-ID": "abc-1"})
        assert answer.headers["x-request-id"] == "abc-1"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert client.get("/v1/articles", headers={"X-Request-ID": "a b\tc"}).headers["x-request-id"] != "a b\tc"
    assert "content-security-policy" not in client.get("/docs").headers


def test_metrics_count_by_route_and_never_by_what_was_sent(client: httpx.Client) -> None:
    client.get("/v1/articles/some-id")
    client.get("/v1/not-a-route")
    text = client.get("/metrics").text
    assert 'wiretrace_http_requests_total{method="GET",route="/v1/articles/{article_id}",status="404"}' in text
    assert 'route="none",status="404"' in text
    assert "some-id" not in text
    assert "not-a-route" not in text


def test_every_problem_type_has_a_page(client: httpx.Client) -> None:
    for kind in problem_classes():
        page = client.get(f"/problems/{kind.slug}")
        assert (page.status_code, kind.title in page.text) == (200, True)
    problem(client.get("/problems/nothing"), 404, "not-found")
