"""The real pipeline with the real model over real HTTP, on invented articles."""

from __future__ import annotations

import random
import threading

import httpx
import pytest

from tests.samples import BACKGROUND, SAMPLES, UPDATE, WIRE, body, plain
from tests.system.conftest import get, groups, process, send, serve, snapshot, without_ids

pytestmark = pytest.mark.model

AFP_ITEM = (
    (
        "VELDEN (AFP) - Grain ships turned back from Velden on Monday as black smoke from a burning terminal drifted over the mouth of "
        "the Lys, stranding crews from nine countries at sea."
    ),
    (
        "Captains said by radio that they had food for a week but that their charterers wanted the wheat moved to the smaller docks at "
        "Orrin, where cranes are too short for the largest hulls."
    ),
    (
        "Egypt's state buyer said it would not cancel its contracts, while brokers in Paris put the cost of the delay at six million euros "
        "a day."
    ),
)
ARTICLES = SAMPLES | {
    "afp": body("afp", AFP_ITEM, "AFP", "afp.example", 7, title="Ships turn back as grain terminal burns in Velden"),
    "mixed": body(
        "mixed",
        (*plain(WIRE)[:3], AFP_ITEM[1], "(Lys 24 with Reuters and AFP)"),
        "Lys 24",
        "lys24.example",
        11,
        title="Grain terminal fire in Velden: what we know",
    ),
    "aggregated": body(
        "aggregated",
        (*SAMPLES["respelt"]["paragraphs"], "This article was originally published by The Lys Post."),
        "Newsriver",
        "newsriver.example",
        12,
    ),
    "update": body(
        "update", (*UPDATE, BACKGROUND), "Reuters", "reuters.example", 13, title="Dock worker missing after grain terminal fire"
    ),
}
FIRE = {"wire", "reprint", "cut", "respelt", "reworded", "mixed", "aggregated", "update"}
EVENT = FIRE | {"local", "afp"}


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with serve(tmp_path_factory.mktemp("served")) as client:
        yield client, {name: send(client, article)["id"] for name, article in ARTICLES.items()}


def article(running, name):
    client, ids = running
    return get(client, f"/v1/articles/{ids[name]}")


def parents(running, name):
    """Sources of the hops that end at the article, by name, with the relation."""
    client, ids = running
    names = {article_id: name for name, article_id in ids.items()}
    chains = get(client, f"/v1/articles/{ids[name]}/provenance")["chains"]
    return {names.get(c[-1]["source"], c[-1]["source"]): c[-1]["relation"] for c in chains}


def test_stories_are_the_events_and_reports_the_pieces_of_reporting(running):
    assert groups(*running, "story_id") == {frozenset(EVENT), frozenset({"strike"}), frozenset({"orchid", "orchid_copy"})}
    assert groups(*running, "report_id") == {
        frozenset(FIRE), frozenset({"local"}), frozenset({"afp"}), frozenset({"strike"}), frozenset({"orchid", "orchid_copy"})
    }  # fmt: skip


def test_the_story_counts_independent_reports(running):
    client, _ids = running
    story = get(client, f"/v1/stories/{article(running, 'wire')['story_id']}")
    assert story["counts"]["articles"] == len(EVENT)
    assert story["counts"]["reports"] == 3
    assert [len(report["articles"]) for report in story["reports"]] == [len(FIRE), 1, 1]
    assert {o["id"] for o in story["organisations"]} >= {"reuters", "afp"}


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("reprint", {"verbatim"}),
        ("cut", {"verbatim"}),
        ("respelt", {"verbatim", "edited"}),
        ("reworded", {"edited", "paraphrase"}),
    ],
)
def test_matches_with_the_wire_say_how_the_copy_was_changed(running, name, kinds):
    client, ids = running
    items = {m["article_id"]: m for m in get(client, f"/v1/articles/{ids[name]}/matches")["items"]}
    match = items[ids["wire"]]
    assert {p["kind"] for p in match["pairs"]} == kinds
    assert {p["paragraph"]: p["other_paragraph"] for p in match["pairs"]}.items() <= {i: i for i in range(7)}.items()
    assert match["share"] > 0.85
    assert ids["local"] not in items
    paragraphs, others = article(running, name)["paragraphs"], article(running, "wire")["paragraphs"]
    for pair in match["pairs"]:
        for span in pair["spans"]:
            text = paragraphs[pair["paragraph"]]["text"][span["start"] : span["end"]]
            other = others[pair["other_paragraph"]]["text"][span["other_start"] : span["other_end"]]
            assert text
            assert pair["kind"] != "verbatim" or text.casefold().rstrip(".") == other.casefold().rstrip(".")


@pytest.mark.parametrize(
    ("name", "label"),
    [("wire", "independent"), ("local", "independent"), ("strike", "independent"), ("afp", "independent")]
    + [(name, "wholly_derived") for name in ("reprint", "cut", "respelt", "reworded", "aggregated")],
)
def test_derivation(running, name, label):
    assert article(running, name)["derivation"]["label"] == label


def test_background_that_two_events_share_joins_nothing(running):
    client, ids = running
    items = get(client, f"/v1/articles/{ids['strike']}/matches")["items"]
    assert ids["wire"] in {m["article_id"] for m in items}
    assert parents(running, "strike") == {}
    assert article(running, "strike")["origin"]["kind"] == "undetermined"


def test_who_carried_whom(running):
    for name in ("reprint", "cut", "respelt", "reworded"):
        assert parents(running, name) == {"wire": "carried"}, name
    assert parents(running, "aggregated") == {"respelt": "carried"}
    assert parents(running, "update") == {"wire": "revision"}
    assert set(parents(running, "mixed")) >= {"wire"}
    assert set(parents(running, "mixed")) & {"afp", "org:afp"}
    for name in ("wire", "local", "afp"):
        assert parents(running, name) == {}


def test_origins_are_the_agency_article_or_open(running):
    client, ids = running
    for name in FIRE - {"mixed"}:
        origin = article(running, name)["origin"]
        assert (origin["kind"], origin["article_id"]) == ("article", ids["wire"]), name
        chain = get(client, f"/v1/articles/{ids[name]}/provenance")["chains"]
        assert all(c[0]["source"] == ids["wire"] and c[-1]["target"] == ids[name] for c in chain)
    for name in ("local", "strike", "orchid", "orchid_copy"):
        assert article(running, name)["origin"]["kind"] == "undetermined"
        assert get(client, f"/v1/articles/{ids[name]}/provenance")["undetermined_reason"]


def test_an_agencys_article_is_drawn_as_an_agencys_wherever_it_is_served(running):
    client, ids = running
    graph = get(client, f"/v1/stories/{article(running, 'wire')['story_id']}/provenance")
    classes = {node["id"]: node.get("outlet_class") for node in graph["nodes"]}
    assert (classes[ids["wire"]], classes[ids["reprint"]]) == ("agency", "outlet")


def test_a_check_concludes_what_ingesting_would_and_stores_nothing(running):
    client, ids = running
    before = snapshot(client, ids)
    asked = body("asked", (*plain(WIRE)[:4], "Source: Reuters"), "Asked", "asked.example", authors=["Jo Lind, Reuters"])
    answer = client.post("/v1/check", json=asked).json()
    assert answer["derivation"]["label"] == "wholly_derived"
    assert answer["report"] == article(running, "wire")["report_id"]
    assert answer["story"] == article(running, "wire")["story_id"]
    assert answer["origin"]["article_id"] == ids["wire"]
    hint = answer["wire_hint"]
    assert (hint["is_wire"], hint["organisation"]["id"], hint["reasons"]) == (True, "reuters", ["byline names Reuters"])
    assert snapshot(client, ids) == before


@pytest.mark.parametrize("seed", [1, 2])
def test_another_order_of_arrival_gives_the_same_partitions(running, tmp_path, seed):
    names = random.Random(seed).sample(list(ARTICLES), len(ARTICLES))
    with serve(tmp_path) as client:
        ids = {name: send(client, ARTICLES[name])["id"] for name in names}
        for field in ("story_id", "report_id"):
            assert groups(client, ids, field) == groups(*running, field)


def test_a_kill_during_ingest_loses_nothing_that_was_acknowledged(running, tmp_path):
    names, ids = list(ARTICLES), {}
    with process(tmp_path) as (client, server):
        for name in names[:5]:
            ids[name] = send(client, ARTICLES[name])["id"]
        acknowledged = snapshot(client, ids)

        is_under_way = threading.Event()

        def rest():
            try:
                for name in names[5:]:
                    ids[name] = send(client, ARTICLES[name])["id"]
                    is_under_way.set()
            except httpx.TransportError:
                pass  # the service went

        sender = threading.Thread(target=rest)
        sender.start()
        assert is_under_way.wait(60)
        server.kill()  # falls into the work on what comes next
        sender.join()
    assert len(ids) >= 6
    with serve(tmp_path) as client:
        for name, article_id in ids.items():
            found = get(client, f"/v1/articles/{article_id}")
            assert [p["text"] for p in found["paragraphs"]] == ARTICLES[name]["paragraphs"]
            assert (found["status"], found["revision"]) == ("clustered", 1)
        for name in names[:5]:
            before, now = acknowledged[f"/v1/articles/{ids[name]}"], get(client, f"/v1/articles/{ids[name]}")
            assert (now["report_id"], now["story_id"], now["observed_at"]) == (
                before["report_id"],
                before["story_id"],
                before["observed_at"],
            )
        for name in names:
            again = send(client, ARTICLES[name])
            assert ids.setdefault(name, again["id"]) == again["id"]
            assert again["revision"] == 1
        stopped = snapshot(client, ids)
    with serve(tmp_path) as client:
        assert snapshot(client, ids) == stopped
    reference_client, reference_ids = running
    assert without_ids(stopped, ids) == without_ids(snapshot(reference_client, reference_ids), reference_ids)
