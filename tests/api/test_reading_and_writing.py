"""The calls of the contract over a real connection."""

from __future__ import annotations

import httpx
import pytest

from tests.api.conftest import Running, article


@pytest.fixture(scope="module", autouse=True)
def filled(running: Running) -> list[str]:
    bodies = [
        article(1),
        article(2),
        article(3, paragraphs=["Divers went down at noon."], language="de"),
        article(4, title="Another event"),
    ]
    return [running.client.post("/v1/articles", json=body).raise_for_status().json()["id"] for body in bodies]


def test_a_new_article_is_201_with_its_address(client: httpx.Client) -> None:
    answer = client.post("/v1/articles", json=article(10, metadata={"feed": "f", "n": [1, None]}))
    assert answer.status_code == 201
    got = answer.json()
    assert answer.headers["location"] == f"/v1/articles/{got['id']}"
    assert got["canonical_url"] == "https://www.outlet-10.example/news/quay?a=1&b=2"
    assert got["url"].endswith("utm_source=x")
    assert got["outlet"] == {"site": "outlet-10.example", "name": "outlet-10.example"}
    assert got["published_at"] == "2026-05-04T10:05:00Z"
    assert got["metadata"] == {"feed": "f", "n": [1, None]}
    assert [paragraph["index"] for paragraph in got["paragraphs"]] == [0, 1, 2]
    assert got["paragraphs"][1] == {"index": 1, "role": "boilerplate", "text": "", "passage_id": None}
    assert client.get(answer.headers["location"]).json() == got


def test_the_same_article_again_is_200_and_other_text_a_higher_revision(client: httpx.Client) -> None:
    first = client.post("/v1/articles", json=article(11))
    again = client.post("/v1/articles", json=article(11, url="https://www.outlet-11.example/news/quay?a=1&b=2#top"))
    changed = client.post("/v1/articles", json=article(11, paragraphs=["Corrected."]))
    assert [answer.status_code for answer in (first, again, changed)] == [201, 200, 200]
    assert len({answer.json()["id"] for answer in (first, again, changed)}) == 1
    assert [answer.json()["revision"] for answer in (first, again, changed)] == [1, 1, 2]


def test_text_is_parted_at_blank_lines_or_else_at_lines(client: httpx.Client) -> None:
    def texts(text: str) -> list[str]:
        body = article(12, paragraphs=..., text=text)
        return [paragraph["text"] for paragraph in client.post("/v1/articles", json=body).json()["paragraphs"]]

    assert texts("One\nmore.\r\n \r\n\nTwo.\n") == ["One\nmore.", "Two."]
    assert texts("One.\nTwo.\n") == ["One.", "Two."]


def test_an_external_id_is_enough(client: httpx.Client) -> None:
    got = client.post("/v1/articles", json=article(13, url=..., external_id="x/13", outlet="The Daily Planet")).json()
    assert (got["url"], got["canonical_url"], got["outlet"]) == (
        None,
        None,
        {"site": "the-daily-planet", "name": "The Daily Planet"},
    )
    assert [item["id"] for item in client.get("/v1/articles", params={"external_id": "x/13"}).json()["items"]] == [got["id"]]
    assert [item["id"] for item in client.get("/v1/articles", params={"outlet": "The Daily Planet"}).json()["items"]] == [
        got["id"]
    ]


def test_lists_find_by_any_spelling_of_the_address(client: httpx.Client) -> None:
    found = client.get("/v1/articles", params={"url": "https://WWW.outlet-1.example:443/news/quay?a=1&b=2&fbclid=1"}).json()[
        "items"
    ]
    assert [item["outlet"]["site"] for item in found] == ["outlet-1.example"]
    by_outlet = client.get("/v1/articles", params={"outlet": "www.outlet-1.example"}).json()["items"]
    assert by_outlet == found
    assert client.get("/v1/articles", params={"until": "2020-01-01T00:00:00Z"}).json() == {"items": [], "next_cursor": None}


def test_lists_find_an_outlet_by_its_display_name(client: httpx.Client) -> None:
    sent = client.post("/v1/articles", json=article(77, outlet="The Évening Star")).json()
    for name in ("The Évening Star", "outlet-77.example", "https://www.outlet-77.example/about"):
        assert [one["id"] for one in client.get("/v1/articles", params={"outlet": name}).json()["items"]] == [sent["id"]]
        [story] = client.get("/v1/stories", params={"outlet": name}).json()["items"]
        assert story["id"] == sent["story_id"]
    client.post("/v1/articles", json=article(78, outlet="Morning Star")).raise_for_status()
    assert [one["outlet"]["site"] for one in client.get("/v1/articles?outlet=MORNING star").json()["items"]] == [
        "outlet-78.example"
    ]


def test_pages_follow_each_other_without_gap_or_repetition(client: httpx.Client) -> None:
    whole = [item["id"] for item in client.get("/v1/articles", params={"limit": 200}).json()["items"]]
    paged, url = [], "/v1/articles?limit=3"
    while url:
        answer = client.get(url)
        paged += [item["id"] for item in answer.json()["items"]]
        following = answer.links.get("next")
        assert (following is None) == (answer.json()["next_cursor"] is None)
        url = following["url"] if following else ""
    assert paged == whole == sorted(whole, reverse=True)


@pytest.mark.parametrize("order", ["updated", "first", "size"])
def test_stories_are_paged_in_every_order(client: httpx.Client, order: str) -> None:
    whole = [item["id"] for item in client.get("/v1/stories", params={"order": order}).json()["items"]]
    first = client.get("/v1/stories", params={"order": order, "limit": 1}).json()
    second = client.get("/v1/stories", params={"order": order, "limit": 1, "cursor": first["next_cursor"]}).json()
    assert [first["items"][0]["id"], second["items"][0]["id"]] == whole[:2]


def test_story_filters(client: httpx.Client) -> None:
    def titles(**params: str | int) -> list[str]:
        return sorted(item["title"] for item in client.get("/v1/stories", params=params).json()["items"])

    assert "Another event" in titles()
    assert titles(min_reports=2) == ["Quay wall collapses"]
    assert titles(language="de") == ["Quay wall collapses"]
    assert titles(outlet="outlet-4.example") == ["Another event"]
    assert titles(organisation="Agence France-Presse") == []
    assert len(titles(organisation="Thomson Reuters")) == len(titles())


def test_a_story_groups_reports_and_reports_group_copy(client: httpx.Client, filled: list[str]) -> None:
    story_id = client.get(f"/v1/articles/{filled[0]}").json()["story_id"]
    story = client.get(f"/v1/stories/{story_id}").json()
    sizes = [len(report["articles"]) for report in story["reports"]]
    assert sizes == sorted(sizes, reverse=True)
    assert story["counts"]["reports"] == len(sizes) >= 2
    assert story["counts"]["articles"] == sum(sizes)
    largest = story["reports"][0]
    assert {member["article_id"] for member in largest["articles"]} >= {filled[0], filled[1]}
    assert largest["representative"]["article_id"] == filled[0]
    assert largest["shared_passages"] == 1


def test_passages_tell_the_text_once(client: httpx.Client, filled: list[str]) -> None:
    story_id = client.get(f"/v1/articles/{filled[0]}").json()["story_id"]
    items = client.get(f"/v1/stories/{story_id}/passages").json()["items"]
    assert len({item["id"] for item in items}) == len(items) == len({item["text"] for item in items})
    shared = next(item for item in items if item["text"] == "The quay wall collapsed on Monday.")
    assert shared["first_seen"]["article_id"] == filled[0]
    assert shared["kind_of_first"] == "own"
    assert {"article_id": filled[1], "paragraph": 0, "kind": "verbatim"} in shared["occurrences"]
    assert client.get(f"/v1/articles/{filled[1]}").json()["paragraphs"][0]["passage_id"] == shared["id"]


def test_matches_and_chains(client: httpx.Client, filled: list[str]) -> None:
    items = client.get(f"/v1/articles/{filled[1]}/matches").json()["items"]
    pair = next(item for item in items if item["article_id"] == filled[0])["pairs"][0]
    assert (pair["paragraph"], pair["other_paragraph"], pair["kind"]) == (0, 0, "verbatim")
    assert pair["spans"] == [{"start": 0, "end": 34, "other_start": 0, "other_end": 34}]
    provenance = client.get(f"/v1/articles/{filled[1]}/provenance").json()
    assert [(link["source"], link["target"]) for link in provenance["chains"][0]] == [
        ("org:reuters", filled[0]),
        (filled[0], filled[1]),
    ]
    assert "undetermined_reason" not in provenance


def test_the_storys_graph_has_a_node_for_every_end(client: httpx.Client, filled: list[str]) -> None:
    story_id = client.get(f"/v1/articles/{filled[0]}").json()["story_id"]
    graph = client.get(f"/v1/stories/{story_id}/provenance").json()
    nodes = {node["id"]: node for node in graph["nodes"]}
    assert {end for link in graph["links"] for end in (link["source"], link["target"])} <= nodes.keys()
    assert nodes["org:reuters"] == {
        "id": "org:reuters",
        "kind": "organisation",
        "name": "Reuters",
        "site": "reuters.com",
        "class": "agency",
    }
    assert nodes[filled[0]]["article_id"] == filled[0]


def test_a_check_answers_and_stores_nothing(client: httpx.Client) -> None:
    before = client.get("/v1/articles", params={"limit": 200}).json()
    answer = client.post("/v1/check", json=article(99)).json()
    assert set(answer) == {"credits", "citations", "derivation", "matches", "story", "report", "origin", "wire_hint", "composite"}
    assert answer["matches"][0]["pairs"][0]["kind"] == "verbatim"
    assert answer["story"]
    assert client.get("/v1/articles", params={"limit": 200}).json() == before


def test_etags_spare_what_is_known(client: httpx.Client, filled: list[str]) -> None:
    article_url = f"/v1/articles/{filled[0]}"
    story_url = f"/v1/stories/{client.get(article_url).json()['story_id']}"
    for url in (
        article_url,
        f"{article_url}/matches",
        f"{article_url}/provenance",
        story_url,
        f"{story_url}/passages",
        f"{story_url}/provenance",
    ):
        first = client.get(url)
        again = client.get(url, headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'})
        assert (again.status_code, again.content) == (304, b"")
        assert client.get(url, headers={"If-None-Match": '"other"'}).status_code == 200


def test_head_is_get_without_a_body(client: httpx.Client, filled: list[str]) -> None:
    for url in (f"/v1/articles/{filled[0]}", "/v1/stories", "/health/live", "/metrics", "/openapi.json"):
        head = client.head(url)
        assert (head.status_code, head.content) == (200, b""), url
        assert int(head.headers["content-length"]) > 0


def test_a_story_that_was_merged_away_leads_to_its_survivor(running: Running) -> None:
    from dataclasses import replace

    with running.store.write() as session:
        story = session.story(session.article("A000001").findings.story_id)
        session.put_story(replace(story, id="S-old", merged_into=story.id))
        session.put_story(replace(story, id="S-older", merged_into="S-old"))
    for part in ("", "/passages", "/provenance"):
        answer = running.client.get(f"/v1/stories/S-older{part}")
        assert (answer.status_code, answer.headers["location"]) == (308, f"/v1/stories/{story.id}{part}")


def test_reading_an_article_costs_few_times_a_probe(client: httpx.Client, filled: list[str]) -> None:
    def fastest(path: str) -> float:
        return min(client.get(path).elapsed.total_seconds() for _ in range(20))

    fastest("/health/live")
    assert min(fastest(f"/v1/articles/{filled[0]}") / fastest("/health/live") for _ in range(3)) < 10
