"""The pipeline on the labelled seeds: five real pages of one event. Skipped where the labelled folder is not at hand."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from tests.system.conftest import get, send, serve

DATA = Path(os.environ.get("WIRETRACE_EVALUATION_DATA") or Path(__file__).parents[3] / "shared" / "data")
SEEDS = DATA / "seeds" / "gold.json"
pytestmark = [pytest.mark.model, pytest.mark.skipif(not SEEDS.is_file(), reason="no labelled seeds at hand")]

COPY = {"verbatim", "edited", "paraphrase"}
ORIGINS = {"000": "skynews", "001": "afp", "002": "reuters", "003": None}
_SAME = {
    "agencefrancepresse": "afp",
    "ap": "associatedpress",
    "theassociatedpress": "associatedpress",
    "thomsonreuters": "reuters",
}


def plain_name(organisation):
    if organisation is None:
        return None
    key = re.sub(r"[^a-z0-9]", "", organisation.lower())
    return _SAME.get(key, key)


@pytest.fixture(scope="module")
def gold():
    return json.loads(SEEDS.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def found(gold, tmp_path_factory):
    """By seed: the article and its copies as ((seed, index), (seed, index)) in the gold's own numbering."""
    with serve(tmp_path_factory.mktemp("seeds")) as client:
        ids, numbers = {}, {}
        for page in gold["articles"]:
            rows = [p for p in page["paragraphs"] if p["index"] != page.get("title_index")]
            name = page["id"]
            url = f"https://seed-{name}.example/article"
            texts = [p["text"] for p in rows]
            ids[name] = send(
                client, {"external_id": name, "url": url, "title": page["title"], "language": "en", "paragraphs": texts}
            )["id"]
            numbers[name] = [p["index"] for p in rows]
        names = {article_id: name for name, article_id in ids.items()}
        copies = set()
        for name, article_id in ids.items():
            for match in get(client, f"/v1/articles/{article_id}/matches")["items"]:
                other = names[match["article_id"]]
                copies |= {
                    frozenset({(name, numbers[name][p["paragraph"]]), (other, numbers[other][p["other_paragraph"]])})
                    for p in match["pairs"]
                    if p["kind"] in COPY
                }
        yield {name: get(client, f"/v1/articles/{i}") for name, i in ids.items()}, copies


def pairs(gold, *scorings, confidence=None):
    return {
        frozenset({tuple(p["a"]), tuple(p["b"])})
        for p in gold["pairs"]
        if p["a"][0] != p["b"][0] and p["scoring"] in scorings and confidence in (None, p["confidence"])
    }


def test_the_seeds_are_one_story(found):
    assert len({article["story_id"] for article in found[0].values()}) == 1


def test_the_copies_of_high_confidence_are_found_and_no_wrong_one(found, gold):
    _, copies = found
    wanted = pairs(gold, "must", confidence="high")
    assert len(wanted) == 2
    assert wanted <= copies
    assert copies <= pairs(gold, "must", "either")


def test_reports_hold_together_what_shares_copy_and_nothing_else(found):
    report = {name: article["report_id"] for name, article in found[0].items()}
    assert report["002"] == report["004"]
    assert len({report[name] for name in ("000", "001", "002", "003")}) == 4


def test_no_credit_is_missed_and_no_citation_is_taken_for_one(found, gold):
    for name, article in found[0].items():
        labels = gold["credits"][name]
        wanted = {plain_name(c["org"]) for c in labels["credits"] if c["kind"] != "photo" and "unnamed" not in c["org"].lower()}
        cited = {plain_name(c["org"]) for c in labels["citations"]}
        got = {plain_name(c["organisation"]["name"]) for c in article["credits"] if c["kind"] != "photo"}
        assert wanted <= got, name
        assert not (got - wanted) & cited, name


@pytest.mark.parametrize(("name", "wanted"), ORIGINS.items())
def test_origins(found, name, wanted):
    origin = found[0][name]["origin"]
    organisation = origin.get("organisation")
    assert (plain_name(organisation["name"]) if organisation else None) == wanted
    if wanted is None:
        assert origin["kind"] == "undetermined"


def test_the_page_with_two_agencies_comes_through_its_outlet(found):
    organisation = found[0]["004"]["origin"].get("organisation")
    assert organisation is not None
    assert plain_name(organisation["name"]) in {"reuters", "afp", "france24"}
