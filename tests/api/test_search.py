"""`GET /v1/stories?q=` over a real connection: what is found, paged, filtered and refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from service.api import stories
from service.errors import EncoderUnavailable
from tests.api.test_bad_input import problem
from tests.api.whole import send, served
from tests.samples import ORCHID, SAMPLES


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with served(tmp_path_factory.mktemp("data")) as found:
        for body in SAMPLES.values():
            send(found, body)
        yield found


def find(client: httpx.Client, **params: Any) -> list[dict[str, Any]]:
    answer = client.get("/v1/stories", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def test_a_search_shows_where_it_found_what(client: httpx.Client) -> None:
    first = find(client, q="ghost orchid in a beech wood")[0]
    match = first["match"]
    assert match["by"] in ("words", "both")
    assert match["text"] in (ORCHID[0], SAMPLES["orchid"]["title"])
    holder = client.get(f"/v1/articles/{match['article_id']}").json()
    assert holder["story_id"] == first["id"]
    assert 0 < match["score"] <= 1
    found = find(client, q=ORCHID[0])[0]["match"]
    assert (found["by"], found["paragraph"], found["score"]) == ("both", 0, 1)
    assert holder["paragraphs"][0]["text"][found["start"] : found["end"]] == found["text"]
    assert all("match" not in one for one in find(client))


def test_filters_and_order_count_with_it(client: httpx.Client) -> None:
    both = find(client, q="Velden port city")
    assert len(both) == 2
    assert [one["title"] for one in find(client, q="Velden port city", min_reports=2)] == [SAMPLES["wire"]["title"]]
    assert [one["title"] for one in find(client, q="Velden", outlet="harbour-gazette.example", until="2026-05-04T09:00:00Z")] == [
        SAMPLES["wire"]["title"]
    ]
    assert [one["counts"]["articles"] for one in find(client, q="Velden port city", order="size")] == [6, 1]
    assert find(client, q="Velden", organisation="nobody") == []
    assert find(client, q="Velden", by="words") != []


def test_pages_join_up(client: httpx.Client) -> None:
    whole = [one["id"] for one in find(client, q="Velden port city")]
    answer = client.get("/v1/stories", params={"q": "Velden port city", "limit": 1})
    assert "cursor=" in answer.headers["link"]
    second = client.get(answer.links["next"]["url"])
    assert [answer.json()["items"][0]["id"], second.json()["items"][0]["id"]] == whole
    assert second.json()["next_cursor"] is None
    cursor = answer.json()["next_cursor"]
    assert len(cursor) < 2_000
    for params in ({"q": "other"}, {"q": "Velden port city", "by": "words"}, {"q": "Velden port city", "order": "size"}, {}):
        problem(client.get("/v1/stories", params={**params, "cursor": cursor}), 400, "invalid-cursor")
    plain = client.get("/v1/stories", params={"limit": 1}).json()["next_cursor"]
    problem(client.get("/v1/stories", params={"q": "Velden", "cursor": plain}), 400, "invalid-cursor")


@pytest.mark.parametrize("q", ["", " ", "\t", "x" * 301])
def test_a_query_that_says_nothing_or_too_much_is_refused(client: httpx.Client, q: str) -> None:
    faults = problem(client.get("/v1/stories", params={"q": q}), 422, "invalid-input")["errors"]
    assert [fault["pointer"] for fault in faults] == ["?q"]
    assert stories.MOST_QUERY_CHARACTERS == 300
    assert find(client, q="x" * 300) == []


def test_signs_are_no_orders(client: httpx.Client) -> None:
    for q in ('"', "orchid*", "words:orchid", "orchid) OR (", "^orchid", "-orchid", "orchid NOT wood", "%", "\\"):
        find(client, q=q)
    assert find(client, q='"orchid" AND (beech OR "wood")', by="words")


def test_without_the_encoder_it_says_so_and_words_still_work(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from service.embed.batcher import EmbeddingService

    def down(*_: Any, **__: Any) -> Any:
        raise EncoderUnavailable

    monkeypatch.setattr(EmbeddingService, "submit", down)
    answer = client.get("/v1/stories", params={"q": "orchid"})
    problem(answer, 503, "encoder-unavailable")
    assert answer.headers["retry-after"]
    assert len(find(client, q="orchid", by="words")) == 1
    assert len(find(client)) == 3
