"""The records of outlets and organisations over a real connection."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.conftest import Running, article
from tests.api.test_bad_input import problem


@pytest.fixture(scope="module", autouse=True)
def filled(running: Running) -> None:
    """Outlets 1 to 5 carry one text an hour apart; each but the first has it from outlet 1, which credits Reuters."""
    bodies = [article(number, published_at=f"2026-05-04T{9 + number:02}:00:00Z") for number in range(1, 6)]
    bodies.append(article(2, url="https://outlet-2.example/own", title="Something else", paragraphs=["Divers went down."]))
    for body in bodies:
        running.client.post("/v1/articles", json=body).raise_for_status()


def test_an_outlets_record(client: httpx.Client) -> None:
    answer = client.get("/v1/outlets/outlet-2.example")
    assert answer.json() == {
        "site": "outlet-2.example",
        "name": "outlet-2.example",
        "articles": 2,
        "independent": 0.5,
        "partially_derived": 0.0,
        "wholly_derived": 0.5,
        "undetermined": 0.0,
        "mean_share": 0.5,
        "first_seen": "2026-05-04T10:05:00Z",
        "last_seen": "2026-05-04T11:00:00Z",
        "agencies": [{"organisation": {"id": "reuters", "name": "Reuters", "kind": "agency"}, "articles": 1}],
        "other_sources": [
            {"organisation": {"id": "outlet-1.example", "name": "outlet-1.example", "kind": "outlet"}, "articles": 1}
        ],
        "carried_by": [],
        "median_lag_s": 3600.0,
    }
    again = client.get("/v1/outlets/outlet-2.example", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    source = client.get("/v1/outlets/WWW.outlet-1.example").json()
    assert [(one["outlet"]["site"], one["articles"]) for one in source["carried_by"]] == [
        (f"outlet-{number}.example", 1) for number in range(2, 6)
    ]
    assert source["median_lag_s"] is None


def test_a_record_counts_only_the_period_asked_for(client: httpx.Client) -> None:
    late = client.get("/v1/outlets/outlet-2.example", params={"since": "2026-05-04T10:30:00Z"}).json()
    assert (late["articles"], late["wholly_derived"], late["agencies"]) == (1, 1.0, [])
    source = client.get("/v1/outlets/outlet-1.example", params={"until": "2026-05-04T12:00:00Z"}).json()
    assert [one["outlet"]["site"] for one in source["carried_by"]] == ["outlet-2.example", "outlet-3.example"]
    problem(client.get("/v1/outlets/outlet-2.example", params={"until": "2020-01-01T00:00:00Z"}), 404, "outlet-not-found")
    assert client.get("/v1/outlets", params={"until": "2020-01-01T00:00:00Z"}).json() == {"items": [], "next_cursor": None}
    assert problem(client.get("/v1/outlets", params={"since": "yesterday"}), 422, "invalid-input")


@pytest.mark.parametrize("name", ["outlets", "organisations"])
def test_pages_join_up(client: httpx.Client, name: str) -> None:
    whole = client.get(f"/v1/{name}", params={"limit": 200}).json()["items"]
    key = "site" if name == "outlets" else "id"
    assert [item[key] for item in whole] == (
        [f"outlet-{number}.example" for number in range(1, 6)] if name == "outlets" else ["reuters"]
    )
    paged: list[Any] = []
    url: str | None = f"/v1/{name}?limit=2&since=2026-01-01T00:00:00Z"
    while url:
        answer = client.get(url)
        paged += answer.json()["items"]
        url = answer.links["next"]["url"] if "next" in answer.links else None
    assert paged == whole


def test_cursors_belong_to_their_list(client: httpx.Client) -> None:
    cursor = client.get("/v1/outlets", params={"limit": 2}).json()["next_cursor"]
    problem(client.get("/v1/organisations", params={"cursor": cursor}), 400, "invalid-cursor")
    problem(client.get("/v1/outlets", params={"cursor": cursor, "since": "2026-01-01T00:00:00Z"}), 400, "invalid-cursor")
    problem(client.get("/v1/outlets", params={"limit": 201}), 422, "invalid-input")


def test_an_organisations_record(client: httpx.Client) -> None:
    got = client.get("/v1/organisations/reuters").json()
    assert (got["id"], got["name"], got["class"]) == ("reuters", "Reuters", "agency")
    assert (got["articles"], got["outlets"], got["stories"], got["credited"]) == (2, 2, 2, {})
    assert [(one["outlet"]["site"], one["articles"]) for one in got["carried_by"]] == [
        ("outlet-1.example", 1),
        ("outlet-2.example", 1),
    ]
    assert got["median_lag_s"] is None  # nothing of its own was ever sent
    for spelling in ("Reuters", "reuters.com"):
        assert client.get(f"/v1/organisations/{spelling}").json() == got


def test_an_organisation_that_nobody_credits_has_a_record_of_zeros(client: httpx.Client) -> None:
    got = client.get("/v1/organisations/AFP").json()
    assert (got["articles"], got["outlets"], got["carried_by"]) == (0, 0, [])
    early = client.get("/v1/organisations/reuters", params={"until": "2020-01-01T00:00:00Z"}).json()
    assert (early["id"], early["articles"]) == ("reuters", 0)
    problem(client.get("/v1/organisations/nobody-at-all"), 404, "organisation-not-found")
    problem(client.get("/v1/outlets/nobody.example"), 404, "outlet-not-found")
