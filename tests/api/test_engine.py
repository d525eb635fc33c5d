"""What the engine concludes, over HTTP: learned boilerplate, roundups, and why an article is in its story."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from tests.api.whole import changes, send, served
from tests.flows.bench import replayed
from tests.flows.test_recurring import BODIES, POST, READY
from tests.flows.test_retellings import BODIES as RETELLINGS
from tests.flows.test_roundups import BODIES as ROUNDUP
from tests.samples import SAMPLES


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with served(tmp_path_factory.mktemp("data")) as found:
        yield found


@pytest.fixture
def client(service: httpx.Client) -> Iterator[httpx.Client]:
    yield service
    for one in service.get("/v1/articles").json()["items"]:
        service.delete(f"/v1/articles/{one['id']}")


def follow(told: list[dict[str, Any]]) -> Any:
    return replayed([SimpleNamespace(**one) for one in told])


def article(client: httpx.Client, article_id: str) -> Any:
    return client.get(f"/v1/articles/{article_id}").raise_for_status().json()


PARTED = {
    name: BODIES[name] | {"paragraphs": [paragraph for pair in zip(post, own, strict=True) for paragraph in pair]}
    for name in POST
    for own, post in [(BODIES[name]["paragraphs"][:2], BODIES[name]["paragraphs"][2:])]
}
"""What pages begin with joins two of their articles; further down it would not."""


def test_three_sightings_unjoin_and_a_deletion_joins_again(client: httpx.Client) -> None:
    assert {p.role for name in POST for p in READY[name].reading.paragraphs} == {"body"}
    first, second = (send(client, PARTED[name])["id"] for name in POST[:2])
    joined = article(client, first)
    assert joined["report_id"] == article(client, second)["report_id"]
    assert [p["role"] for p in joined["paragraphs"]] == ["body"] * 4
    tag = client.get(f"/v1/articles/{first}").headers["etag"]
    assert [one["article_id"] for one in client.get(f"/v1/articles/{first}/matches").json()["items"]] == [second]
    seen = len(changes(client))

    third = send(client, PARTED[POST[2]])
    assert [p["role"] for p in third["paragraphs"]] == ["boilerplate", "body", "boilerplate", "body"]
    now = [article(client, one) for one in (first, second, third["id"])]
    assert len({one["report_id"] for one in now}) == len({one["story_id"] for one in now}) == 3
    for one, name in zip(now, POST, strict=True):
        assert [p["role"] for p in one["paragraphs"]] == ["boilerplate", "body", "boilerplate", "body"]
        assert [p["text"] for p in one["paragraphs"]] == PARTED[name]["paragraphs"]
        assert [p["passage_id"] is None for p in one["paragraphs"]] == [True, False, True, False]
        assert client.get(f"/v1/articles/{one['id']}/matches").json() == {"items": []}
        story = client.get(f"/v1/stories/{one['story_id']}").json()
        assert (story["counts"]["articles"], story["counts"]["passages"]) == (1, 2)
        passages = client.get(f"/v1/stories/{one['story_id']}/passages").json()["items"]
        assert [one["text"] for one in passages] == PARTED[name]["paragraphs"][1::2]
    assert client.get(f"/v1/articles/{first}", headers={"If-None-Match": tag}).status_code == 200
    told = changes(client)[seen:]
    assert {one["type"] for one in told} >= {"article.ingested", "story.split", "story.created"}
    kept = joined["story_id"]
    history = client.get(f"/v1/stories/{kept}/history").json()["items"]
    assert history[0]["change"] == "split"
    assert follow(changes(client)) == {one["story_id"]: {one["id"]} for one in now}

    assert client.delete(f"/v1/articles/{second}").status_code == 204
    for one in (first, third["id"]):
        assert [p["role"] for p in article(client, one)["paragraphs"]] == ["body"] * 4
        assert len(client.get(f"/v1/articles/{one}/matches").json()["items"]) == 1
    assert article(client, first)["report_id"] == article(client, third["id"])["report_id"]
    assert follow(changes(client)) == {article(client, first)["story_id"]: {first, third["id"]}}


def test_a_check_learns_nothing_for_good(client: httpx.Client) -> None:
    ids = [send(client, BODIES[name])["id"] for name in POST[:2]]
    before = [article(client, one) for one in ids]
    said = client.post("/v1/check", json=BODIES[POST[2]]).raise_for_status().json()
    assert (said["matches"], said["report"]) == ([], None)
    assert [article(client, one) for one in ids] == before
    assert client.post("/v1/check", json=BODIES[POST[2]]).json() == said


def test_a_check_of_a_known_page_believes_what_taking_it_in_would(client: httpx.Client) -> None:
    wire = send(client, SAMPLES["wire"])
    old = SAMPLES["reprint"] | {"published_at": "2024-05-04T06:00:00Z"}
    assert send(client, old)["report_id"] != wire["report_id"]
    again = {name: value for name, value in old.items() if name != "published_at"} | {"title": "Terminal burns"}
    checked = client.post("/v1/check", json=again).raise_for_status().json()
    assert send(client, again)["report_id"] != wire["report_id"]
    assert checked["report"] != wire["report_id"]


def test_a_retelling_is_told_alike_by_a_check_and_of_the_stored_article(client: httpx.Client) -> None:
    filed = send(client, RETELLINGS["filed"])
    checked = client.post("/v1/check", json=RETELLINGS["retold"]).raise_for_status().json()
    retold = send(client, RETELLINGS["retold"])
    (match,) = client.get(f"/v1/articles/{retold['id']}/matches").json()["items"]
    (pair,) = match["pairs"]
    assert checked["matches"] == [match]
    assert (match["article_id"], match["share"], pair["kind"], pair["confidence"]) == (filed["id"], 0, "paraphrase", 0.6)
    assert (pair["paragraph"], pair["other_paragraph"]) == (1, 0)
    assert (retold["report_id"] == filed["report_id"], retold["derivation"]["share"]) == (False, 0)
    links = client.get(f"/v1/articles/{retold['id']}/provenance").json()["chains"]
    assert links == []


def test_a_roundup_is_a_story_of_its_own_and_says_what_it_touches(client: httpx.Client) -> None:
    ids = {name: send(client, ROUNDUP[name])["id"] for name in ("wire", "reprint", "local", "orchid", "chess")}
    checked = client.post("/v1/check", json=ROUNDUP["briefing"]).json()
    assert (checked["composite"], checked["story"], checked["report"]) == (True, None, None)
    found = send(client, ROUNDUP["briefing"])
    assert found["composite"]
    assert {touch["article_id"] for touch in found["touches"]} & {ids["wire"], ids["reprint"]}
    for touch in found["touches"]:
        assert touch["story_id"] == article(client, touch["article_id"])["story_id"] != found["story_id"]
        assert 0.07 <= touch["share"] < 0.4
    story = client.get(f"/v1/stories/{found['story_id']}").json()
    assert (story["composite"], story["counts"]["articles"]) == (True, 1)
    listed = {one["id"]: one["composite"] for one in client.get("/v1/stories").json()["items"]}
    assert [one for one, composite in listed.items() if composite] == [story["id"]]
    assert {one["id"] for one in client.get("/v1/articles").json()["items"] if one["composite"]} == {found["id"]}
    assert not article(client, ids["wire"])["composite"]


def test_the_story_says_per_article_why_it_is_in(client: httpx.Client) -> None:
    ids = {name: send(client, SAMPLES[name])["id"] for name in ("wire", "reprint", "local")}
    story = client.get(f"/v1/stories/{article(client, ids['wire'])['story_id']}").json()
    found = {one["article_id"]: one["membership"] for report in story["reports"] for one in report["articles"]}
    assert found.keys() == set(ids.values())
    assert [why["kind"] for why in found[ids["reprint"]]["reasons"]] == ["shared_copy", "same_event"]
    (why,) = found[ids["local"]]["reasons"]
    assert why.keys() == {"kind", "article_id", "probability", "features"}
    assert all(feature.keys() == {"name", "value", "weight"} for feature in why["features"])
    assert 0.5 < found[ids["local"]]["confidence"] <= 1
