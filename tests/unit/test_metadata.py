"""Values and where they were read: JSON-LD as it is found in the wild, meta tags, feeds, ninjs; and the credits they make."""

from __future__ import annotations

import json
from typing import Any

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.api.ninjs import read_ninjs
from service.domain.metadata_credits import metadata_credits
from service.domain.models import ClaimedSource, Credit
from service.errors import InvalidInput
from service.fetch.extract_types import PageMetadata
from service.fetch.feeds import FeedError, read_feed
from service.fetch.json_ld import nodes_of, parse_json_ld
from service.fetch.metadata import is_elsewhere, read_metadata
from service.fetch.values import read_time
from service.registry_files import load_registry
from tests.unit.pages import page

URL = "https://harbour-gazette.example/news/quay"
REGISTRY = load_registry()


def metadata(markup: str, url: str = URL) -> PageMetadata:
    return read_metadata(lxml.html.document_fromstring(markup), url)


def head(inside: str, url: str = URL) -> PageMetadata:
    return metadata(f"<html><head>{inside}</head><body><p>x</p></body></html>", url)


def test_broken_json_ld_in_a_graph() -> None:
    found = metadata(page())
    assert found.title
    assert (found.title.value, found.title.where) == ("Quay wall collapses & closes terminal", "ld+json:headline")
    assert found.published_at
    assert found.published_at.value == "2026-05-04T12:05:07+02:00"
    assert [author.value for author in found.authors] == ["Mira Stolz", "Jonas Haberl"]
    assert found.language
    assert found.language.value == "en-GB"
    assert found.publisher
    assert found.publisher.value == "Harbour Gazette"
    assert [(claim.name, claim.role, claim.field) for claim in found.claims] == [
        ("Reuters", "sourceOrganization", "ld+json:sourceOrganization"),
        ("AFP", "creditText", "ld+json:creditText"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        '{"@type": "NewsArticle", "headline": "A",}',
        '[{"@type": "NewsArticle", "headline": "A"},]',
        '<!-- {"@type": "NewsArticle", "headline": "A"} -->',
        '//<![CDATA[\n{"@type": "NewsArticle", "headline": "A"}\n//]]>',
        '{"@type": "NewsArticle", /* why */ "headline": "A"} // end',
        '{"@type": "NewsArticle", "headline": "A"};',
        '{"@type": "WebPage"}{"@type": "NewsArticle", "headline": "A"}',
        '{"@type": "WebPage", "mainEntity": {"@type": "https://schema.org/OpinionNewsArticle", "headline": "A"}}',
        '{"@type": "schema:NewsArticle", "headline": "A", "description": "one\ntwo"}',
    ],
)
def test_json_ld_that_is_forgiven(text: str) -> None:
    found = head(f'<script type="application/ld+json">{text}</script>')
    assert found.title
    assert (found.title.value, found.title.where) == ("A", "ld+json:headline")


def test_strings_with_commas_and_slashes_stay_as_they_are() -> None:
    assert parse_json_ld('{"a": "x,] // \\" /* y */ <!-- z -->", "b": [1,2,],}') == [
        {"a": 'x,] // " /* y */ <!-- z -->', "b": [1, 2]}
    ]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda part: st.lists(part) | st.dictionaries(st.text(), part)
    )
)
def test_sound_json_is_read_as_json_reads_it(value: Any) -> None:
    text = json.dumps({"@type": value})
    if not any(mark in text for mark in ("<!--", "-->", "CDATA", "]]>")):
        assert parse_json_ld(text) == [{"@type": value}]
    assert nodes_of([value]) is not None


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    parse_json_ld(text)
    read_time(text)


def test_deep_json_ld_is_nothing() -> None:
    assert parse_json_ld("[" * 100_000) == []


def test_meta_tags_fill_what_json_ld_leaves() -> None:
    found = head(
        '<title>T | Gazette</title><meta property="og:title" content="Quay"><meta name="author" content=" Afp ">'
        '<meta property="article:published_time" content="2026-05-04T10:05+00:00"><meta property="og:locale" content="pt_BR">'
        '<meta name="source" content=" The Associated Press"><meta name="syndication-source" content="https://wire.example/1">'
    )
    assert found.title
    assert (found.title.value, found.title.where) == ("Quay", "meta:og:title")
    assert found.published_at
    assert (found.published_at.value, found.published_at.where) == (
        "2026-05-04T10:05:00+00:00",
        "meta:article:published_time",
    )
    assert [(a.value, a.where) for a in found.authors] == [("Afp", "meta:author")]
    assert found.language
    assert found.language.value == "pt-BR"
    assert {(c.name, c.role) for c in found.claims} == {
        ("The Associated Press", "source"),
        ("https://wire.example/1", "syndication-source"),
    }


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-04",
        "2026-05-04T10:05",
        "yesterday",
        "2026-02-30T10:00Z",
        "1777889100",
        "0001-01-01T00:00+05:00",
        "2026-05-04T25:00Z",
    ],
)
def test_no_time_is_made_up(text: str) -> None:
    assert read_time(text) is None


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://reuters.com/world/quay", True),
        ("https://www.harbour-gazette.example/news/quay", False),
        ("https://m.harbour-gazette.example/news/quay", False),
        ("https://reuters.com/", False),
        ("nonsense", False),
    ],
)
def test_canonical_links_to_another_site_are_claims(address: str, expected: bool) -> None:
    assert is_elsewhere(address, URL) is expected
    found = head(f'<link rel="canonical" href="{address}">')
    assert [claim.role for claim in found.claims] == (["canonical"] if expected else [])


# ---- credits -------------------------------------------------------------------------------------------------------------


def credited(
    *claims: tuple[str, str], site: str = "harbour-gazette.example", read: tuple[Credit, ...] = ()
) -> list[tuple[str, str, str]]:
    given = [ClaimedSource(name, role, f"test:{role}") for name, role in claims]
    found = metadata_credits(given, registry=REGISTRY, outlet_site=site, outlet_name="Harbour Gazette", read=read)
    for credit in found:
        assert credit.paragraph is None
        assert credit.field.startswith("metadata.test:")
        assert any(credit.text == name[credit.start : credit.end] for name, _ in claims)
    return [(credit.organisation.id, credit.kind, credit.carry) for credit in found]


def test_what_fields_mean() -> None:
    assert credited(("Reuters", "sourceOrganization")) == [("reuters", "source_line", "full")]
    assert credited((" The Associated Press ", "source")) == [(REGISTRY.resolve("AP").id, "byline", "full")]
    assert credited(("Reuters", "provider")) == [("reuters", "source_line", "unknown")]
    assert credited(("dpa", "originator"), ("Tribune Content Agency", "distributor")) == [
        ("dpa", "source_line", "full"),
        (REGISTRY.resolve("TCA").id, "source_line", "unknown"),
    ]
    assert credited(("https://www.reuters.com/world/quay", "canonical")) == [("reuters", "republication", "full")]
    assert credited(("https://other-paper.example/a", "canonical"))[0][1:] == ("republication", "full")
    assert credited(("AFP / Reuters", "creditText")) == [("afp", "source_line", "full"), ("reuters", "source_line", "full")]
    assert credited(("Coast Wire Service", "originator")) == [("coast-wire-service", "source_line", "full")]


def test_what_is_no_credit() -> None:
    assert credited(("Reuters", "sourceOrganization"), site="reuters.com") == []
    assert credited(("Harbour Gazette", "sourceOrganization")) == []
    assert credited(("Thomson Reuters Foundation", "creditText")) == []
    assert credited(("Jane Doe", "creditText"), ("", "source"), ("???", "originator"), ("Reuters", "nothing known")) == []


def test_pictures_are_pictures() -> None:
    assert all(kind == "photo" and carry == "unknown" for _, kind, carry in credited(("Getty Images", "sourceOrganization")))
    assert credited(("Photo: AFP", "creditText")) in ([], [("afp", "photo", "unknown")])
    assert all(kind == "photo" for _, kind, _ in credited(("AFP via Getty Images", "creditText")))


def test_a_field_does_not_overrule_what_the_text_says() -> None:
    said = Credit(REGISTRY.resolve("Reuters"), "contribution", "partial", "Reuters contributed", 0, 19, 3, 0.9)
    assert credited(("Reuters", "sourceOrganization"), read=(said,)) == [("reuters", "source_line", "unknown")]


# ---- feeds and ninjs -----------------------------------------------------------------------------------------------------

RSS = b"""<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:media="http://search.yahoo.com/mrss/"><channel><language>en-gb</language><item><title>Quay &amp; wall</title>
 <link>https://a.example/1</link><guid isPermaLink="false">id-1</guid><pubDate>Mon, 04 May 2026 12:05:00 +0200</pubDate>
 <dc:creator>AFP</dc:creator><source url="https://wire.example/feed">Wire Daily</source><media:credit>AP</media:credit>
 <description>Short</description><content:encoded><![CDATA[<p>Long</p>]]></content:encoded></item></channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><entry><title>Kaimauer</title><id>tag:a</id><link href="/2"/>
 <published>2026-05-04T10:05:00Z</published><author><name>dpa</name></author><summary>Kurz</summary>
 <source><id>https://wire.example/atom</id><title>Wire</title></source></entry></feed>"""


def test_feed_items() -> None:
    (rss,) = read_feed(RSS)
    assert (rss.title, rss.url, rss.identifier, rss.published_at) == (
        "Quay & wall",
        "https://a.example/1",
        "id-1",
        "2026-05-04T12:05:00+02:00",
    )
    assert (rss.authors, rss.language, rss.html, rss.is_summary) == (("AFP",), "en-gb", "<p>Long</p>", False)
    assert [(claim.name, claim.role) for claim in rss.claims] == [
        ("Wire Daily", "source"),
        ("https://wire.example/feed", "source-url"),
    ]
    (atom,) = read_feed(ATOM, "https://a.example/feed")
    assert (atom.url, atom.published_at, atom.authors, atom.language, atom.is_summary) == (
        "https://a.example/2", "2026-05-04T10:05:00+00:00", ("dpa",), "de", True,
    )  # fmt: skip
    assert [(claim.name, claim.role) for claim in atom.claims] == [
        ("Wire", "source"),
        ("https://wire.example/atom", "source-url"),
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'<!DOCTYPE rss [<!ENTITY a "aaa">]><rss><channel/></rss>', "document type"),
        ('<?xml version="1.0" encoding="utf-16"?><!DOCTYPE rss><rss/>'.encode("utf-16"), "document type"),
        (b"<rss>" + b" " * 2_000_000 + b"</rss>", "limit"),
        (b"<rss><channel>", "not XML"),
        (b"<html/>", "neither RSS nor Atom"),
        (b"", "not XML"),
    ],
)
def test_feeds_that_are_refused(content: bytes, reason: str) -> None:
    with pytest.raises(FeedError, match=reason):
        read_feed(content)


def test_ninjs_of_three_generations() -> None:
    third = read_ninjs(
        {"uri": "urn:x:1", "headlines": [{"role": "short", "value": "S"}, {"role": "main", "value": "Main"}], "by": "Mira Stolz",
         "bodies": [{"role": "summary", "value": "short text"}, {"role": "main", "contentType": "text/html", "value": "<p>B</p>"}],
         "infoSources": [{"name": "dpa", "role": "originator"}, {"name": "TCA", "role": "http://x/distributor"}],
         "firstCreated": "2026-05-04T10:05:00Z", "versionCreated": "2026-05-04T12:00:00Z", "version": "2", "language": "de"}
    )  # fmt: skip
    assert third.title
    assert third.title.value == "Main"
    assert third.body
    assert (third.body.value, third.is_html) == ("<p>B</p>", True)
    assert [(claim.name, claim.role) for claim in third.claims] == [("dpa", "originator"), ("TCA", "distributor")]
    assert third.published_at
    assert third.published_at.value == "2026-05-04T10:05:00+00:00"
    assert third.external_id
    assert third.external_id.value == "urn:x:1"
    assert third.kept["version"] == "2"
    second = read_ninjs(
        {
            "uri": "https://a.example/1",
            "headline": "H",
            "body_text": "T",
            "infosources": [{"name": "AFP"}],
            "versioncreated": "2026-05-04T12:00:00+02:00",
        }
    )
    assert second.url
    assert second.url.value == "https://a.example/1"
    assert second.published_at
    assert second.published_at.value == "2026-05-04T12:00:00+02:00"
    assert [claim.role for claim in second.claims] == ["infoSource"]
    first = read_ninjs(
        {
            "uri": "urn:1",
            "headline": "H",
            "byline": "By X",
            "body_html": "<p>T</p>",
            "infosource": "EFE",
            "copyrightholder": "EFE",
        }
    )
    assert [author.value for author in first.authors] == ["By X"]
    assert [(claim.name, claim.role) for claim in first.claims] == [("EFE", "infoSource"), ("EFE", "copyrightHolder")]


@pytest.mark.parametrize("data", [[], "x", None, {"uri": "x", "pubStatus": "canceled"}, {"uri": "x", "pubstatus": "Withheld"}])
def test_ninjs_that_is_no_item_for_publication(data: Any) -> None:
    with pytest.raises(InvalidInput):
        read_ninjs(data)
