"""An editor's word over HTTP: merge, split, what was said, and taking it back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.api.whole import changes, send, served, story
from tests.samples import SAMPLES


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with served(tmp_path_factory.mktemp("data")) as found:
        yield found


def test_a_merge_is_kept_shown_and_taken_back(client: httpx.Client, ids: dict[str, str]) -> None:
    mine, other = story(client, ids["orchid"]), story(client, ids["wire"])
    answer = client.post(f"/v1/stories/{mine}/merge", json={"other_id": other})
    assert answer.status_code == 201
    said = answer.json()
    assert (said["kind"], said["story_id"], said["story_ids"]) == ("must_link", mine, [mine])
    assert answer.headers["location"] == f"/v1/constraints/{said['id']}"
    kept = {k: v for k, v in said.items() if k != "story_ids"}
    assert client.get("/v1/constraints").json()["items"] == [kept]
    one = client.get(answer.headers["location"])
    assert one.json() == kept
    assert client.get(answer.headers["location"], headers={"If-None-Match": one.headers["etag"]}).status_code == 304
    for part in ("", "/history", "/passages"):
        away = client.get(f"/v1/stories/{other}{part}")
        assert (away.status_code, away.headers["location"]) == (308, f"/v1/stories/{mine}{part}")
    again = client.post(f"/v1/stories/{other}/merge", json={"other_id": mine})
    assert (again.status_code, again.headers["location"]) == (308, f"/v1/stories/{mine}/merge")
    history = client.get(f"/v1/stories/{mine}/history").json()["items"]
    assert (history[0]["change"], history[0]["from"]) == ("corrected", [other])
    assert {one["story_id"] for one in changes(client) if one["type"] == "story.merged"} == {mine, other}
    assert client.delete(answer.headers["location"]).status_code == 204
    assert story(client, ids["orchid"]) != story(client, ids["wire"])
    assert client.get(f"/v1/stories/{other}").status_code == 308
    gone = client.delete(answer.headers["location"])
    assert (gone.status_code, gone.json()["type"]) == (404, "/problems/constraint-not-found")
    assert client.get(answer.headers["location"]).json()["type"] == "/problems/constraint-not-found"


def test_a_split_is_kept_when_more_comes(client: httpx.Client, ids: dict[str, str]) -> None:
    old = story(client, ids["wire"])
    answer = client.post(f"/v1/stories/{old}/split", json={"article_ids": [ids["local"]]})
    assert answer.status_code == 201
    assert answer.json()["story_ids"] == [old, story(client, ids["local"])]
    ids["cut"] = send(client, SAMPLES["cut"])["id"]
    assert story(client, ids["cut"]) == old != story(client, ids["local"])
    client.delete(answer.headers["location"])
    assert story(client, ids["local"]) == story(client, ids["wire"])


def test_refusals_name_the_place(client: httpx.Client, ids: dict[str, str]) -> None:
    fire = story(client, ids["wire"])

    def faults(part: str, body: Any, status: int = 422) -> list[str]:
        answer = client.post(f"/v1/stories/{fire}/{part}", json=body)
        assert answer.status_code == status, answer.text
        return [one["pointer"] for one in answer.json()["errors"]]

    assert faults("merge", {"other_id": fire}) == ["#/other_id"]
    assert faults("merge", {"other_id": "nobody"}, 404) == []
    assert faults("merge", {"other": fire}) == ["#/other_id", "#/other"]
    assert faults("merge", []) == ["#"]
    assert faults("split", {"article_ids": []}) == ["#/article_ids"]
    assert faults("split", {"article_ids": [ids["wire"], ids["orchid"]]}) == ["#/article_ids/1"]
    assert faults("split", {"article_ids": [ids["wire"], ids["local"]]}) == ["#/article_ids"]
    assert client.post("/v1/stories/nobody/merge", json={"other_id": fire}).status_code == 404
    assert client.get("/v1/constraints").json() == {"items": [], "next_cursor": None}


def test_constraints_are_paged_newest_first(client: httpx.Client, ids: dict[str, str]) -> None:
    mine, other = story(client, ids["orchid"]), story(client, ids["wire"])
    first = client.post(f"/v1/stories/{mine}/merge", json={"other_id": other}).json()["id"]
    second = client.post(f"/v1/stories/{mine}/split", json={"article_ids": [ids["orchid"]]}).json()["id"]
    page = client.get("/v1/constraints", params={"limit": 1})
    assert [one["id"] for one in page.json()["items"]] == [second]
    assert [one["id"] for one in client.get(page.links["next"]["url"]).json()["items"]] == [first]
    assert story(client, ids["orchid"]) != story(client, ids["wire"]), "the later word counts"
