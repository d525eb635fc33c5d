"""The registry of organisations: names, sites, made-up organisations, names in running text."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from service.domain.registry import SHORT_NAME_LETTERS, Registry, name_key, slug
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
    for site in ("cnn.com", "edition.cnn.com", "www.cnn.com", "m.cnn.com", "https://edition.cnn.com/world"):
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
    assert REGISTRY.outlet("m.capitaltribune.example", "The Capital Tribune") == outlet
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


RECORDS = json.loads(BUILT_IN.read_text(encoding="utf8"))
# Short names that mean their agency in prose as well; every other one of up to four letters counts in credits only.
_KNOWN = "AP AFP dpa DPA EFE UPI PTI TASS ANSA IANS ANI VNA KCNA IRNA ISNA CNN RIA KUNA Lusa АП АФП ТАСС РИА"
KNOWN_IN_PROSE = set(_KNOWN.split())


def aliases(record: dict[str, Any]) -> list[str]:
    return [a for group in record["aliases"].values() for a in group]


def test_every_record_has_the_fields_of_the_table_and_a_source() -> None:
    assert RECORDS["version"].isdigit()
    known = {"id", "name", "kind", "country", "aliases", "credit_aliases", "pictures_only", "sites", "source"}
    for record in RECORDS["organisations"]:
        assert record.keys() <= known, record["id"]
        assert record["source"].startswith("https://"), record["id"]
        assert record["id"] == slug(record["id"])
        assert aliases(record) or record.get("credit_aliases"), record["id"]
        assert all(site == site.lower() and "/" not in site and "." in site for site in record["sites"]), record["id"]
        assert "country" not in record or re.fullmatch("[A-Z]{2}", record["country"]), record["id"]


def test_ids_are_unique_and_no_name_or_site_has_two_owners() -> None:
    records = RECORDS["organisations"]
    assert len({r["id"] for r in records}) == len(records)
    names: dict[str, str] = {}
    sites: dict[str, str] = {}
    for record in records:
        for alias in aliases(record) + record.get("credit_aliases", []):
            key = alias if len(name_key(alias)) <= SHORT_NAME_LETTERS else name_key(alias)
            assert names.setdefault(key, record["id"]) == record["id"], alias
        for site in record["sites"]:
            assert sites.setdefault(site, record["id"]) == record["id"], site


def test_every_name_and_site_of_the_table_finds_its_organisation() -> None:
    for record in RECORDS["organisations"]:
        for alias in aliases(record) + record.get("credit_aliases", []):
            found = REGISTRY.by_alias(alias)
            assert found is not None, alias
            assert found.id == record["id"], alias
        for site in record["sites"]:
            owner = REGISTRY.by_site(f"www.{site}")
            assert owner is not None, site
            assert owner.id == record["id"], site


def test_short_names_of_agencies_count_in_credits_only() -> None:
    wide = re.compile(r"[\u0900-\u09ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")  # a few of these letters are a whole name
    for record in RECORDS["organisations"]:
        if record["kind"] == "agency":
            short = {a.removeprefix("The ") for a in aliases(record) if len(name_key(a)) <= SHORT_NAME_LETTERS}
            assert {a for a in short if not wide.search(a)} <= KNOWN_IN_PROSE, record["id"]
    assert all(m.credit_only for m in REGISTRY.mentions("The EPA said the PAP and the AAP met the MINA."))


def test_the_table_holds_national_agencies_of_many_countries_with_names_in_their_scripts() -> None:
    agencies = [r for r in RECORDS["organisations"] if r["kind"] == "agency"]
    assert len({r["country"] for r in agencies if "country" in r}) >= 100
    scripts = {script for r in agencies for script in r["aliases"]}
    assert scripts >= {
        "Latn",
        "Cyrl",
        "Grek",
        "Arab",
        "Deva",
        "Beng",
        "Hani",
        "Kana",
        "Hang",
        "Thai",
        "Armn",
        "Geor",
        "Ethi",
        "Khmr",
    }


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        ("สำนักข่าวไทยรายงานว่า", "tna-thailand"),
        ("ढाका में पीटीआई ने बताया", "pti"),
        ("ձերբակալվել է, հայտնում է Արմենպրես գործակալությունը", "armenpress"),
        ("نقلت وكالة الأنباء العراقية عن الوزير", "ina-iraq"),
        ("Azərbaycan: AZƏRTAC xəbər verir", "azertac"),
    ],
)
def test_names_are_found_in_texts_of_their_script(text: str, identifier: str) -> None:
    assert identifier in {m.organisation.id for m in REGISTRY.mentions(text)}


def test_a_short_arabic_name_is_not_found_inside_a_longer_word() -> None:
    assert not list(REGISTRY.mentions("طالب المواطنون بالوفاء بالوعود وأوامر المحكمة"))


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
