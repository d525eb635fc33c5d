"""The registry of organisations: names, sites, made-up organisations, names in running text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from service.domain.registry import Registry, slug
from service.registry_files import BUILT_IN, load_registry

REGISTRY = load_registry()


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("AP", "associated-press"),
        ("The Associated Press", "associated-press"),
        ("REUTERS", "reuters"),
        ("Thomson Reuters", "reuters"),
        ("Agence France Presse", "afp"),
        ("dpa", "dpa"),
        ("DPA", "dpa"),
        ("France24", "france24"),
        ("新华社", "xinhua"),
        ("신화통신", "xinhua"),
        ("Σινχούα", "xinhua"),
        ("ТАСС", "tass"),
        ("  AFP.", "afp"),
    ],
)
def test_a_name_finds_its_organisation(name: str, identifier: str) -> None:
    found = REGISTRY.by_alias(name)
    assert found is not None
    assert found.id == identifier


@pytest.mark.parametrize(
    "name", ["ap", "Ap", "ani", "pa", "Reuters Institute", "Thomson Reuters Foundation", "Michael Bloomberg", "", "()"]
)
def test_short_names_need_their_case_and_longer_names_are_others(name: str) -> None:
    assert REGISTRY.by_alias(name) is None


def test_words_of_office_may_follow_a_name() -> None:
    for title in ("Associated Press Writer", "AP Staff", "Reuters Staff", "Associated Press Sports Writer"):
        assert REGISTRY.by_title(title) is not None, title
    assert REGISTRY.by_title("Reuters Institute") is None


def test_sub_domains_count_as_the_site() -> None:
    for site in ("cnn.com", "edition.cnn.com", "www.cnn.com", "https://edition.cnn.com/world"):
        found = REGISTRY.by_site(site)
        assert found is not None
        assert found.id == "cnn"
    assert REGISTRY.by_site("notcnn.com") is None
    assert REGISTRY.by_site("com") is None
    assert REGISTRY.by_site("") is None


def test_an_unknown_outlet_is_made_up_from_its_site() -> None:
    outlet = REGISTRY.outlet("www.capitaltribune.example", "The Capital Tribune")
    assert (outlet.id, outlet.name, outlet.kind, outlet.sites) == (
        "capitaltribune-example",
        "The Capital Tribune",
        "outlet",
        ("capitaltribune.example",),
    )
    credited = REGISTRY.resolve("The Capital Tribune")
    assert (credited.id, credited.kind) == ("the-capital-tribune", "outlet")
    assert REGISTRY.is_same(credited, "capitaltribune.example", "The Capital Tribune")
    assert REGISTRY.is_same(credited, "capital-tribune.example", "")
    assert not REGISTRY.is_same(credited, "summit.example", "The Summit Observer")


def test_mentions_are_whole_words_longest_first() -> None:
    text = "Wapping, told AP and Agence France-Presse; the Wall Street Journal; APEC; 据新华社报道 with RIA Novosti"
    found = {(m.organisation.id, text[m.start : m.end]) for m in REGISTRY.mentions(text)}
    assert found == {
        ("associated-press", "AP"),
        ("afp", "Agence France-Presse"),
        ("wsj", "Wall Street Journal"),
        ("xinhua", "新华社"),
        ("ria", "RIA Novosti"),
    }


def test_every_record_is_complete_and_no_alias_has_two_owners() -> None:
    records = json.loads(BUILT_IN.read_text(encoding="utf8"))["organisations"]
    owners: dict[str, str] = {}
    for record in records:
        assert record["source"]
        assert record["id"] == slug(record["id"])
        for alias in [a for group in record["aliases"].values() for a in group] + record.get("credit_aliases", []):
            assert owners.setdefault(alias, record["id"]) == record["id"], alias


def test_a_table_of_ones_own_adds_and_replaces(tmp_path: Path) -> None:
    own = tmp_path / "own.json"
    records = [
        {
            "id": "valley-wire",
            "name": "Valley Wire",
            "kind": "agency",
            "aliases": ["Valley Wire", "VW News"],
            "sites": ["valley.example"],
        },
        {"id": "reuters", "name": "Reuters", "kind": "agency", "aliases": ["Reuters"], "sites": ["reuters.example"]},
    ]
    own.write_text(json.dumps({"version": "7", "organisations": records}), encoding="utf8")
    registry = load_registry(own)
    assert registry.by_alias("VW News") == registry.by_site("news.valley.example")
    assert registry.by_site("reuters.com") is None
    assert registry.version != REGISTRY.version


@pytest.mark.parametrize(
    "content",
    [
        "[]",
        "{}",
        '{"organisations": [{"id": "x", "name": "X", "kind": "newspaper"}]}',
        '{"organisations": [{"name": "X", "kind": "agency"}]}',
    ],
)
def test_a_table_of_another_shape_is_refused(tmp_path: Path, content: str) -> None:
    own = tmp_path / "own.json"
    own.write_text(content, encoding="utf8")
    with pytest.raises(ValueError, match="organisation"):
        load_registry(own)


def test_the_version_follows_the_content() -> None:
    one = Registry.from_records([{"id": "a", "name": "A News", "kind": "agency"}])
    two = Registry.from_records([{"id": "a", "name": "A News", "kind": "outlet"}])
    assert one.version != two.version
    assert one.version == Registry.from_records([{"id": "a", "name": "A News", "kind": "agency"}]).version
