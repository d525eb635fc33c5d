"""API keys as digests and in a file that changes, and how many calls a key may make."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError

from service.api.rate_limit import RateLimit
from service.app import create_app
from service.errors import ConfigurationError
from service.keys import KeyLimits, KeyRing, KeyRule, parse_keys
from service.settings import Settings
from tests.api.conftest import Running, article, serve
from tests.api.test_bad_input import problem

READ, WRITE, NEW = "read-key-of-16-characters", "write-key-of-16-characters", "new-key-of-16-characters"


def digest(key: str) -> str:
    return "sha256:" + hashlib.sha256(key.encode()).hexdigest()


def status(running: Running, method: str, key: str) -> int:
    body = article() if method == "POST" else None
    return running.client.request(method, "/v1/articles", headers={"Authorization": f"Bearer {key}"}, json=body).status_code


def test_a_digest_stands_for_its_key(tmp_path: Path) -> None:
    with serve(tmp_path, api_keys=f"read:{digest(READ)},write:{digest(WRITE)}") as running:
        assert [status(running, method, key) for key in (READ, WRITE) for method in ("GET", "POST")] == [200, 403, 200, 201]
        assert status(running, "GET", digest(WRITE)) == 401, "the digest is no key"
        assert status(running, "GET", NEW) == 401


def test_keys_are_exchanged_without_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(f"# keys of the crawler\nread:{digest(READ)}\nwrite:{WRITE}  # plain\n")
    stamp = file.stat().st_mtime_ns
    with serve(tmp_path / "data", api_keys_file=file) as running:
        assert (status(running, "GET", READ), status(running, "POST", WRITE), status(running, "GET", NEW)) == (200, 201, 401)

        def rewrite(text: str) -> None:
            nonlocal stamp
            stamp += 1_000_000_000
            file.write_text(text)
            os.utime(file, ns=(stamp, stamp))

        rewrite(f"write:{digest(NEW)}, read:{READ}")
        assert (status(running, "GET", READ), status(running, "POST", WRITE), status(running, "POST", NEW)) == (200, 401, 200)
        rewrite("write:short")
        assert status(running, "POST", NEW) == 200, "a file with a mistake changes nothing"
        file.unlink()
        assert status(running, "POST", NEW) == 200
        rewrite("")
        assert (status(running, "POST", NEW), running.client.get("/v1/articles").status_code) == (401, 401)


def test_a_file_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="file of API keys"):
        create_app(Settings(data=tmp_path, api_keys_file=tmp_path / "none"))
    create_app(Settings(data=tmp_path, api_keys_file=""))


@pytest.mark.parametrize("entry", ["read:sha256:00", f"admin:{digest(READ)}", "write:short"])
def test_mistakes_are_told_without_the_key(entry: str) -> None:
    with pytest.raises(ValidationError) as raised:
        Settings(api_keys=f"read:{READ},{entry}")
    assert "entry 2" in str(raised.value)
    assert entry.split(":", 1)[1] not in str(raised.value)


def test_the_stronger_of_two_permits_counts() -> None:
    assert set(parse_keys(f"read:{READ},write:{digest(READ).upper()},read:{READ}", "x").values()) == {KeyRule("write")}
    ring = KeyRing(parse_keys(f"write:{WRITE}", "x"))
    known = ring.find(WRITE)
    assert known is not None
    assert known.permit == "write"
    assert ring.find("\udcff") is None


def test_each_key_has_its_own_number_of_calls(tmp_path: Path) -> None:
    with serve(tmp_path, api_keys=f"read:{READ},write:{WRITE}", rate_limit_per_s=0.01, rate_limit_burst=2) as running:
        assert [status(running, "GET", READ) for _ in range(3)] == [200, 200, 429]
        assert [status(running, "POST", WRITE) for _ in range(3)] == [201, 200, 429]
        answer = running.client.get("/v1/articles", headers={"Authorization": f"Bearer {READ}"})
        problem(answer, 429, "rate-limited")
        assert 90 <= int(answer.headers["retry-after"]) <= 100
        assert running.client.get("/health/live").status_code == 200
        assert status(running, "GET", NEW) == 401


def test_a_bucket_fills_at_its_rate_and_no_further() -> None:
    now = 100.0
    limit = RateLimit(lambda *_: None, 2.0, 3, lambda: now)  # type: ignore[arg-type, return-value]
    assert [limit._take("a", 2.0, 3) for _ in range(4)] == [0, 0, 0, 0.5]
    now += 0.25
    assert limit._take("a", 2.0, 3) == 0.25
    now += 0.25
    assert (limit._take("a", 2.0, 3), limit._take("a", 2.0, 3)) == (0, 0.5)
    now += 1_000
    assert [limit._take("a", 2.0, 3) > 0 for _ in range(4)] == [False, False, False, True]
    assert limit._take("b", 2.0, 3) == 0


def test_limits_stand_behind_a_key() -> None:
    text = f"read:{READ};rate=0.5 ; burst=3, write:{digest(WRITE)};body=1000;batch=20000 # the crawler"
    rules = sorted(parse_keys(text, "x").values(), key=lambda rule: rule.permit)
    assert rules == [KeyRule("read", KeyLimits(rate=0.5, burst=3)), KeyRule("write", KeyLimits(body=1000, batch=20000))]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ("size=3", "a limit that is none of rate, burst, body, batch"),
        ("", "a limit that is none of"),
        ("rate=1;rate=2", "has rate twice"),
        ("rate=0", "rate must be a number above 0"),
        ("rate=nan", "rate must be a number above 0"),
        ("rate=inf", "rate must be a number above 0"),
        ("burst=1.5", "burst must be a whole number above 0"),
        ("body=-1", "body must be a whole number above 0"),
        ("batch=2MB", "batch must be a whole number above 0"),
        ("batch", "batch must be a whole number above 0"),
    ],
)
def test_wrong_limits_are_told_without_the_key(options: str, reason: str) -> None:
    with pytest.raises(ValidationError) as raised:
        Settings(api_keys=f"read:{READ},write:{WRITE};{options}")
    assert "entry 2" in str(raised.value)
    assert reason in str(raised.value)
    assert WRITE not in str(raised.value)


def test_each_key_has_its_own_limits(tmp_path: Path) -> None:
    keys = f"read:{READ};rate=0.01;burst=1,write:{WRITE};body=1500;batch=2500,write:{NEW};body=99000000"
    with serve(tmp_path, api_keys=keys, max_body_bytes=2_000, max_batch_bytes=3_000) as running:

        def sent(key: str, path: str, size: int, media_type: str = "application/json") -> httpx.Response:
            headers = {"Authorization": f"Bearer {key}", "Content-Type": media_type}
            body = json.dumps(article(text="x" * (size - 250), paragraphs=...)).encode().ljust(size)
            return running.client.post(path, content=body, headers=headers)

        assert [status(running, "GET", READ) for _ in range(2)] == [200, 429]
        assert [status(running, "GET", WRITE) for _ in range(3)] == [200] * 3, "no limit of calls unless the key has one"
        assert sent(WRITE, "/v1/articles", 1_500).status_code == 201
        assert "the limit is 1500 bytes" in problem(sent(WRITE, "/v1/articles", 1_501), 413, "body-too-large")["detail"]
        assert sent(NEW, "/v1/articles", 2_000).status_code == 200, "the same article"
        problem(sent(NEW, "/v1/articles", 2_001), 413, "body-too-large")
        assert sent(WRITE, "/v1/batches", 2_500, "application/x-ndjson").status_code == 202
        problem(sent(WRITE, "/v1/batches", 2_501, "application/x-ndjson"), 413, "body-too-large")
        assert sent(NEW, "/v1/batches", 3_000, "application/x-ndjson").status_code == 202
        problem(sent(NEW, "/v1/batches", 3_001, "application/x-ndjson"), 413, "body-too-large")
