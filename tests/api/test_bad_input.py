"""Whatever comes in: a problem document that names the cause and the place, and nothing stored."""

from __future__ import annotations

import json
import socket
from typing import Any

import httpx
import pytest

from tests.api.conftest import Running, article


def problem(answer: httpx.Response, status: int, slug: str) -> dict[str, Any]:
    """The problem document, checked against RFC 9457 and our own shape."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert set(document) == {"type", "title", "status", "detail", "instance", "request_id", "errors"}
    assert document["type"] == f"/problems/{slug}"
    assert document["status"] == status
    assert document["request_id"] == answer.headers["x-request-id"]
    assert document["detail"]
    assert all(set(fault) == {"pointer", "detail"} for fault in document["errors"])
    assert "Traceback" not in answer.text
    return document


def refused(client: httpx.Client, body: Any, pointer: str, reason: str, url: str = "/v1/articles") -> None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    for path in (url, "/v1/check"):
        document = problem(client.post(path, content=raw, headers={"Content-Type": "application/json"}), 422, "invalid-input")
        found = {fault["pointer"]: fault["detail"] for fault in document["errors"]}
        assert pointer in found, found
        assert reason in found[pointer]


@pytest.fixture(autouse=True)
def _nothing_is_stored(client: httpx.Client) -> Any:
    yield
    assert client.get("/v1/articles").json()["items"] == []


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"url": ', "line 1, column 9"),
        (b"not json", "line 1, column 1"),
        (b'{"title": "\xff"}', "byte 11 is not UTF-8"),
        (b'{"metadata": {"a": NaN}}', "NaN"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"metadata": ' + b"9" * 5000 + b"}", "limit"),
        (b'{"title": "a\nb"}', "control character"),
    ],
)
def test_wrong_json(client: httpx.Client, raw: bytes, reason: str) -> None:
    answer = client.post("/v1/articles", content=raw, headers={"Content-Type": "application/json"})
    assert reason in problem(answer, 400, "malformed-json")["detail"]


def test_no_body(client: httpx.Client) -> None:
    problem(client.post("/v1/articles"), 422, "missing-body")
    problem(client.post("/v1/check", headers={"Content-Type": "application/json"}), 422, "missing-body")


@pytest.mark.parametrize("body", [[], "text", 1, None, [article()]])
def test_json_that_is_no_object(client: httpx.Client, body: Any) -> None:
    refused(client, body, "#", "must be a JSON object")


def test_ten_megabytes(client: httpx.Client) -> None:
    answer = client.post("/v1/articles", json=article(text="x" * 10_000_000))
    assert "8000000" in problem(answer, 413, "body-too-large")["detail"]


def test_ten_megabytes_whose_length_nobody_said(client: httpx.Client) -> None:
    chunks = (b"x" * 100_000 for _ in range(100))
    answer = client.post("/v1/articles", content=chunks, headers={"Content-Type": "application/json"})
    problem(answer, 413, "body-too-large")


def test_who_asks_before_sending_is_refused_before_sending(running: Running) -> None:
    host, port = running.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(b"POST /v1/articles HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\nExpect: 100-continue\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 413")


def test_five_thousand_paragraphs(client: httpx.Client) -> None:
    refused(client, article(paragraphs=["a"] * 5_000), "#/paragraphs", "5000 paragraphs, the limit is 2000")
    refused(client, article(paragraphs=..., text="a\n" * 5_000), "#/text", "5000 paragraphs, the limit is 2000")


def test_a_paragraph_of_a_megabyte(client: httpx.Client) -> None:
    refused(client, article(paragraphs=["a", "b" * 1_000_000]), "#/paragraphs/1", "1000000 characters, the limit is 100000")
    refused(client, article(paragraphs=..., text="a\n" + "b" * 999_000), "#/text", "paragraph 1 has 999000 characters")


def test_an_article_of_too_many_characters(client: httpx.Client) -> None:
    refused(client, article(paragraphs=["b" * 90_000] * 12), "#/paragraphs", "1080000 characters, the limit is 1000000")


@pytest.mark.parametrize("code", [0x00, 0x01, 0x08, 0x0B, 0x0C, 0x0D, 0x1B, 0x1F, 0x7F])
def test_control_characters(client: httpx.Client, code: int) -> None:
    reason = f"control character U+{code:04X} at character 2"
    for field in ("title", "outlet", "external_id", "language", "text"):
        changes = {field: f"ab{chr(code)}c"} | ({"paragraphs": ...} if field == "text" else {})
        refused(client, article(**changes), f"#/{field}", reason)
    refused(client, article(paragraphs=["fine", f"ab{chr(code)}"]), "#/paragraphs/1", reason)
    refused(client, article(authors=[f"ab{chr(code)}"]), "#/authors/0", reason)


def test_line_breaks_and_tabs_are_text(client: httpx.Client) -> None:
    answer = client.post("/v1/check", json=article(paragraphs=["a\nb\tc \x95 d"], metadata={"note": "\x0b"}))
    assert answer.status_code == 200


def test_lone_surrogates_and_nulls_anywhere(client: httpx.Client) -> None:
    refused(client, article(paragraphs=["a\ud800"]), "#/paragraphs/0", "lone surrogate U+D800 at character 1")
    refused(client, article(metadata={"a": ["\udfff"]}), "#/metadata/a/0", "lone surrogate U+DFFF")
    refused(client, article(metadata={"a": {"b\x00": 1}}), "#/metadata/a/b%00", "control character U+0000")
    refused(client, b'{"\\ud800": 1}', "#/%5Cud800", "lone surrogate")


def test_unknown_fields(client: httpx.Client) -> None:
    refused(client, article(titel="x"), "#/titel", "is not a field of this request")
    refused(client, article(**{"a/b~c": 1}), "#/a~1b~0c", "is not a field of this request")
    refused(client, article(paragraphs=..., html="<p>x</p>", titel="x"), "#/titel", "is not a field of this request")


@pytest.mark.parametrize(
    ("date", "reason"),
    [
        ("yesterday", "not an RFC 3339 time"),
        ("2026-05-04", "not an RFC 3339 time"),
        ("2026-05-04T10:00:00", "with zone"),
        ("2026-05-04T10:00Z", "not an RFC 3339 time"),
        ("2026-02-30T10:00:00Z", "not a time that exists"),
        ("2026-05-04T25:00:00Z", "not a time that exists"),
        ("0001-01-01T00:00:00+05:00", "not a time that exists"),
        ("", "not an RFC 3339 time"),
        (1777889100, "must be a string"),
    ],
)
def test_wrong_dates(client: httpx.Client, date: Any, reason: str) -> None:
    refused(client, article(published_at=date), "#/published_at", reason)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://example.com/a", "not ftp:"),
        ("file:///etc/passwd", "not file:"),
        ("javascript:alert(1)", "not javascript:"),
        ("/relative", "without a scheme"),
        ("https://", "no host name"),
        ("https://user:pass@example.com/", "user name or password"),
        ("https://example.com/" + "a" * 3_000, "the limit is 2048"),
        (7, "must be a string"),
    ],
)
def test_urls_that_are_none(client: httpx.Client, url: Any, reason: str) -> None:
    refused(client, article(url=url), "#/url", reason)


def test_every_fault_is_named_at_once(client: httpx.Client) -> None:
    body = article(
        url=..., title="t" * 3_000, authors=["a"] * 101, language="english (UK)", published_at="now", metadata={"a": "b" * 17_000}
    )
    document = problem(client.post("/v1/articles", json=body), 422, "invalid-input")
    wanted = ["#/url", "#/title", "#/authors", "#/language", "#/published_at", "#/metadata"]
    assert sorted(fault["pointer"] for fault in document["errors"]) == sorted(wanted)


def test_the_body_is_exactly_one_of_paragraphs_and_text(client: httpx.Client) -> None:
    refused(client, article(text="also"), "#/paragraphs", "not both")
    refused(client, article(paragraphs=...), "#/paragraphs", "not none")
    refused(client, article(paragraphs=[], title=""), "#/paragraphs", "holds no text")
    refused(client, article(paragraphs=["", " \n"], title=None), "#/paragraphs", "holds no text")
    refused(client, article(paragraphs=["a", 1]), "#/paragraphs/1", "must be a string")
    refused(client, article(paragraphs="a"), "#/paragraphs", "must be an array")


def test_metadata_that_cannot_be_kept(client: httpx.Client) -> None:
    refused(client, article(metadata=[1]), "#/metadata", "must be an object")
    deep: Any = 1
    for _ in range(40):
        deep = [deep]
    refused(client, article(metadata={"a": deep}), "#/metadata/a/0", "nested deeper")
    raw = json.dumps(article(metadata={"a": 0})).replace('"a": 0', '"a": 1e999').encode()
    refused(client, raw, "#/metadata", "too large")


@pytest.mark.parametrize("media_type", ["text/plain", "text/xml", "application/x-ndjson", "", "application/json; charset=utf-16"])
def test_other_media_types(client: httpx.Client, media_type: str) -> None:
    document = problem(
        client.post("/v1/articles", content=b"{}", headers={"Content-Type": media_type}), 415, "unsupported-media-type"
    )
    assert document["errors"][0]["pointer"] == "Content-Type"


def test_a_compressed_body(client: httpx.Client) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    problem(client.post("/v1/articles", content=b"{}", headers=headers), 415, "unsupported-media-type")


@pytest.mark.parametrize(
    ("url", "pointer"),
    [
        ("/v1/articles?limit=0", "?limit"),
        ("/v1/articles?limit=201", "?limit"),
        ("/v1/articles?limit=x", "?limit"),
        ("/v1/articles?derivation=stolen", "?derivation"),
        ("/v1/articles?collapse=all", "?collapse"),
        ("/v1/articles?since=yesterday", "?since"),
        ("/v1/articles?url=ftp://x", "?url"),
        ("/v1/articles?external_id=a%00b", "?external_id"),
        ("/v1/articles/" + "a" * 200, "?article_id"),
        ("/v1/stories?min_reports=99999999999999999999", "?min_reports"),
        ("/v1/stories?order=random", "?order"),
        ("/v1/stories?until=2026-13-01T00:00:00Z", "?until"),
        ("/v1/stories?q=%00", "?q"),
    ],
)
def test_parameters(client: httpx.Client, url: str, pointer: str) -> None:
    assert problem(client.get(url), 422, "invalid-input")["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize("cursor", ["x", "WzEsMl0", "é", "bnVsbA", "W10", "WzksImEiLCJiIl0"])
def test_cursors_that_nobody_gave_out(client: httpx.Client, cursor: str) -> None:
    problem(client.get("/v1/articles", params={"cursor": cursor}), 400, "invalid-cursor")
    problem(client.get("/v1/stories", params={"cursor": cursor}), 400, "invalid-cursor")


def test_a_cursor_put_together_by_hand(client: httpx.Client) -> None:
    from service.api import pagination

    for order, key in (("size", ("many", "x")), ("updated", ("now", "x")), ("size", ("1",)), ("first", ("2026-01-01", "x"))):
        cursor = pagination.encode("stories", {"order": order}, key)
        problem(client.get("/v1/stories", params={"order": order, "cursor": cursor}), 400, "invalid-cursor")
    other = pagination.encode("articles", {"outlet": "a.example"}, ("1",))
    assert "other filters" in problem(client.get("/v1/articles", params={"cursor": other}), 400, "invalid-cursor")["detail"]


def test_what_is_not_there(client: httpx.Client) -> None:
    for part in ("", "/matches", "/provenance"):
        problem(client.get(f"/v1/articles/none{part}"), 404, "article-not-found")
        problem(client.get(f"/v1/articles/%00{part}"), 404, "article-not-found")
    for part in ("", "/passages", "/provenance"):
        problem(client.get(f"/v1/stories/none{part}"), 404, "story-not-found")
    problem(client.get("/v1/nothing"), 404, "not-found")
    problem(client.get("/v1/articles/"), 404, "not-found")
    answer = client.delete("/v1/articles")
    problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "GET, HEAD, POST"
    assert client.put("/v1/articles/none").headers["allow"] == "GET, HEAD, DELETE"
    assert client.get("/v1/check").headers["allow"] == "POST"


@pytest.mark.parametrize(
    ("body", "media_type", "slug", "told"),
    [
        (b"", "application/json", "missing-body", "needs a body"),
        (b" \r\n", "application/json", "missing-body", "application/json"),
        (b"", "text/html", "missing-body", "needs a body"),
        (b"\n  \n", "text/html; charset=utf-8", "missing-body", "text/html"),
        (b"\t", "application/ld+json", "missing-body", "application/ld+json"),
        (b'{"url": "https://a.example/x", "text": ""}', "application/json", "invalid-input", "#/text holds no text"),
        (b'{"url": "https://a.example/x", "html": " "}', "application/json", "invalid-input", "#/html holds no text"),
        (b'{"url": "https://a.example/x", "title": "x", "html": ""}', "application/json", "invalid-input", "sent as `text`"),
        (
            b'{"url": "https://a.example/x", "paragraphs": [""]}',
            "application/json",
            "invalid-input",
            "#/paragraphs holds no text",
        ),
    ],
)
def test_what_is_empty_is_told_as_empty(client: httpx.Client, body: bytes, media_type: str, slug: str, told: str) -> None:
    headers = {"Content-Type": media_type, "Content-Location": "https://a.example/x"}
    found = problem(client.post("/v1/articles", content=body, headers=headers), 422, slug)
    assert told in found["detail"] + "".join(fault["detail"] for fault in found["errors"])
