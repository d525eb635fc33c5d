"""The store's contract, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import exc, text

from service.domain.models import (
    Article,
    ArticleInput,
    Citation,
    Credit,
    Derivation,
    Evidence,
    Findings,
    Link,
    Organisation,
    Origin,
    Paragraph,
    Reading,
    Story,
    StoryCounts,
    StoryVersion,
    UnitPair,
    UnitRef,
)
from service.errors import ConfigurationError, Overloaded, SchemaMismatch, StoreUnavailable
from service.ports import Store
from service.store import codec
from service.store.engine import open_engines, sqlite_url
from service.store.ids import SortableIds
from service.store.migrate import alembic_config, current_revision, head_revision, upgrade
from service.store.repository import SqlStore
from service.store.search_tables import is_described
from service.store.tables import Row, instant_text
from service.store_values import ArticleFilter, CarrierCount, Occurrence, Period, SourceCount, StoryFilter, UnitRow

NOON = datetime(2026, 3, 4, 12, 0, 0, 123456, tzinfo=UTC)
AGENCY = Organisation("reuters", "Reuters", "agency", ("reuters.com", "reuters.co.uk"))
OUTLET = Organisation("daily-post", "The Daily Post", "outlet")
FINDINGS = Findings(
    report_id="r1",
    story_id="s1",
    derivation=Derivation("partially_derived", 0.625, 0.9),
    origin=Origin("organisation", 0.8, None, AGENCY, ("credit", "text"), None),
    links=(
        Link(
            "l1",
            "org:reuters",
            "a1",
            "carried",
            "partial",
            0.625,
            ("credit",),
            (Evidence("dateline", "(Reuters)", 0.9, 0, None, 8, 17),),
            0.8,
        ),
    ),
    organisations=(AGENCY, OUTLET),
)
EVERYTHING = Article(
    id="a1",
    sequence=1,
    content=ArticleInput(
        paragraphs=("LONDON (Reuters) - Ünïcode “quotes” \u2028 and\ttabs", "", "Second. 🙂"),
        external_id="key/1",
        url="https://Post.example/a?x=1#y",
        canonical_url="https://post.example/a?x=1",
        outlet_site="post.example",
        outlet_name="The Post",
        title="A title",
        authors=("A. One", "B. Two"),
        language="en-GB",
        published_at=NOON,
        metadata={"big": 2**200, "float": 1.0, "null": None, "nested": {"b": [1, "\u0000"], "a": True}},
        said_at=NOON + timedelta(days=2),
    ),
    reading=Reading(
        paragraphs=(
            Paragraph(0, "body", "LONDON (Reuters) - Ünïcode “quotes” \u2028 and\ttabs", 19, 40),
            Paragraph(1, "boilerplate", "", 0, 0),
            Paragraph(2, "body", "Another text than given", 0, 23),
        ),
        credits=(
            Credit(AGENCY, "dateline", "full", "(Reuters)", 7, 16, 0, 0.95),
            Credit(AGENCY, "byline", "unknown", "Reuters", 0, 7, None, 0.5, "authors"),
        ),
        citations=(Citation(OUTLET, "the Post", 0, 8, 2),),
    ),
    units=(UnitRef("t", -1, 0, 7), UnitRef("u2", 2, 0, 9), UnitRef("u1", 0, 19, 40), UnitRef("u2", 2, 3, 9)),
    content_hash="abc",
    observed_at=NOON + timedelta(hours=1),
    revision=3,
    status="clustered",
    findings=FINDINGS,
)


def article(
    number: int,
    *,
    site: str = "post.example",
    hours: float = 0,
    report: str | None = None,
    story: str | None = None,
    **fields: object,
) -> Article:
    content = ArticleInput(
        paragraphs=(f"Body {number}",), external_id=f"x{number}", outlet_site=site, published_at=NOON + timedelta(hours=hours)
    )
    findings = None if report is None else replace(FINDINGS, report_id=report, story_id=story or "s1")
    return replace(
        Article(f"id{number:02}", number, content, Reading((), (), ()), (), "h", NOON, 1, findings=findings),
        **fields,  # type: ignore[arg-type]
    )


def story(name: str, *, hours: float = 0, size: int = 1, **fields: object) -> Story:
    at = NOON + timedelta(hours=hours)
    return replace(
        Story(
            name,
            f"Title of {name}",
            1,
            NOON,
            at,
            at,
            at + timedelta(hours=1),
            ("en",),
            StoryCounts(size, size, size, size),
            (AGENCY,),
            "a1",
        ),
        **fields,  # type: ignore[arg-type]
    )


def pair(a: str, b: str, version: str = "v1", confidence: float = 0.5) -> UnitPair:
    return UnitPair(a, b, "edited", 0.9, 0.8, 0.7, confidence, ((0, 3, 1, 4), (5, 9, 6, 10)), {"cut": 0.25}, version)


def all_of(store: Store) -> list[Article]:
    with store.read() as session:
        return list(session.all_articles())


def put(store: Store, *articles: Article) -> None:
    with store.write() as session:
        for one in articles:
            session.put_article(one)


# Schema


def test_migrations_build_what_the_tables_say(database_url: str) -> None:
    assert upgrade(database_url) is True
    assert current_revision(database_url) == head_revision()
    assert upgrade(database_url) is False
    engines = open_engines(database_url)
    with engines.reader.connect() as connection:
        assert (
            compare_metadata(
                MigrationContext.configure(connection, opts={"compare_type": True, "include_name": is_described}), Row.metadata
            )
            == []
        )
    engines.dispose()


def test_a_database_without_the_schema_is_refused(database_url: str) -> None:
    with pytest.raises(SchemaMismatch, match="wiretrace migrate"):
        SqlStore(database_url)


# Articles


def test_an_article_comes_back_as_it_was(store: SqlStore) -> None:
    put(store, EVERYTHING)
    with store.read() as session:
        assert session.article("a1") == EVERYTHING
        assert session.article_by_external_id("key/1") == EVERYTHING
        assert session.article_by_canonical_url("https://post.example/a?x=1") == EVERYTHING
        assert session.articles(["nobody", "a1"]) == {"a1": EVERYTHING}
        assert session.article("nobody") is None


def test_putting_an_article_again_replaces_all_of_it(store: SqlStore) -> None:
    put(store, EVERYTHING)
    revised = replace(
        EVERYTHING, content=replace(EVERYTHING.content, paragraphs=("New",), published_at=None, url=None), reading=Reading((), (), ()),
        units=(UnitRef("u9", 0, 0, 3),), revision=4, findings=None,
    )  # fmt: skip
    put(store, revised)
    with store.read() as session:
        assert session.article("a1") == revised
        assert session.occurrences(["u1", "u2", "u9"]) == [Occurrence("u9", "a1", 0, 0, 3)]
        assert session.list_articles(ArticleFilter(story_id="s1"), None, 10) == []


def test_two_articles_cannot_share_an_external_id_or_canonical_url(store: SqlStore) -> None:
    put(store, EVERYTHING)
    other = replace(EVERYTHING, id="a2", sequence=2)
    for content in (replace(EVERYTHING.content, external_id=None), replace(EVERYTHING.content, canonical_url=None)):
        with pytest.raises(exc.IntegrityError):
            put(store, replace(other, content=content))


def test_a_deleted_article_leaves_nothing_and_its_sequence_is_not_used_again(store: SqlStore) -> None:
    with store.write() as session:
        assert session.next_sequence() == 1
        session.put_article(EVERYTHING)
        session.put_units("s", [UnitRow(key, f"text {key}", np.ones(4, np.float16)) for key in ("t", "u1", "u2", "elsewhere")])
        session.put_unit_pairs([pair("elsewhere", "u1"), pair("elsewhere", "x")])
        session.put_article(article(2, units=(UnitRef("t", 0, 0, 4),)))
    with store.write() as session:
        session.delete_article("a1")
        session.delete_article("nobody")
        assert sorted(session.delete_unused_units(["t", "u1", "u2", "never stored"])) == ["u1", "u2"]
        assert session.next_sequence() == 2
    with store.read() as session:
        assert session.article("a1") is None
        assert session.occurrences(["t", "u1", "u2"]) == [Occurrence("t", "id02", 0, 0, 4)]
        assert [row.key for row in session.units("s")] == ["elsewhere", "t"]
        assert [(one.a, one.b) for one in session.unit_pairs("v1")] == [("elsewhere", "x")]


def test_all_articles_come_in_order_of_arrival_across_pages(store: SqlStore) -> None:
    many = [replace(article(number), id=f"z{9999 - number}") for number in range(1, 1203)]
    put(store, *reversed(many))
    with store.read() as session:
        assert list(session.all_articles()) == many
        assert [one.sequence for one in session.all_articles(after_sequence=1200)] == [1201, 1202]
        assert list(session.articles([one.id for one in many])) == [one.id for one in many]


def test_article_list_filters(store: SqlStore) -> None:
    late = article(3, site="other.example", hours=5)
    unclaimed = article(4)
    unclaimed = replace(unclaimed, content=replace(unclaimed.content, published_at=None), observed_at=NOON + timedelta(hours=9))
    put(store, EVERYTHING, article(2, report="r2", story="s2"), late, unclaimed)

    def ids(**wanted: object) -> list[str]:
        with store.read() as session:
            return [one.id for one in session.list_articles(ArticleFilter(**wanted), None, 10)]  # type: ignore[arg-type]

    assert ids() == ["id04", "id03", "id02", "a1"]
    assert ids(url="https://Post.example/a?x=1#y") == ids(url="https://post.example/a?x=1") == ["a1"]
    assert ids(external_id="key/1") == ["a1"]
    assert ids(outlet_site="other.example") == ["id03"]
    assert ids(story_id="s2") == ["id02"]
    assert ids(derivation="partially_derived") == ["id02", "a1"]
    assert ids(since=NOON + timedelta(hours=5)) == ["id04", "id03"]
    assert ids(until=NOON) == ["id02", "a1"]
    assert ids(since=NOON + timedelta(hours=9), until=NOON + timedelta(hours=9)) == ["id04"]


def test_times_in_another_zone_bound_the_same_instants(store: SqlStore) -> None:
    put(store, article(1))
    with store.read() as session:
        assert session.list_articles(ArticleFilter(since=NOON.astimezone(timezone(timedelta(hours=-8)))), None, 1)
        assert not session.list_articles(ArticleFilter(since=NOON + timedelta(microseconds=1)), None, 1)


def test_a_time_without_a_zone_is_refused(store: SqlStore) -> None:
    with pytest.raises(exc.StatementError, match="names no instant"):
        put(store, replace(EVERYTHING, observed_at=NOON.replace(tzinfo=None)))


def test_collapse_keeps_the_earliest_that_matches(store: SqlStore) -> None:
    put(
        store,
        article(1, hours=3, report="r1"),
        article(2, hours=1, report="r1", site="late.example"),
        article(3, hours=1, report="r1"),
        article(4, hours=2, report="r2"),
        article(5, hours=0, report="r3", story="s2"),
        article(6),
        article(7),
    )

    def ids(after: tuple[str, ...] | None = None, limit: int = 10, **wanted: object) -> list[str]:
        with store.read() as session:
            return [one.id for one in session.list_articles(ArticleFilter(**wanted), after, limit)]  # type: ignore[arg-type]

    assert ids(collapse="report") == ["id05", "id04", "id02", "id07", "id06"]
    assert ids(collapse="story") == ["id05", "id02", "id07", "id06"]
    assert ids(collapse="report", outlet_site="post.example") == ["id05", "id04", "id03", "id07", "id06"]
    for last, key in (("id05", ("r3", "id05")), ("id02", ("r1", "id02")), ("id07", ("", "id07"))):
        place = ids(collapse="report").index(last) + 1
        assert ids(key, collapse="report") == ids(collapse="report")[place:]


def test_article_pages_join_up(store: SqlStore) -> None:
    put(store, *(article(number) for number in range(1, 8)))
    with store.read() as session:
        first = session.list_articles(ArticleFilter(), None, 3)
        second = session.list_articles(ArticleFilter(), (first[-1].id,), 3)
        third = session.list_articles(ArticleFilter(), (second[-1].id,), 3)
    assert [one.sequence for one in first + second + third] == [7, 6, 5, 4, 3, 2, 1]


def test_findings_are_replaced_and_filtered_by(store: SqlStore) -> None:
    put(store, EVERYTHING, article(2), article(3))
    changed = replace(FINDINGS, report_id="r9", story_id="s9", links=())
    with store.write() as session:
        session.put_findings({"id02": changed, "a1": changed})
        session.put_findings({})
        assert session.article("id02") == article(2, findings=changed)
    with store.read() as session:
        assert [one.id for one in session.story_articles("s9")] == ["a1", "id02"]
        assert session.article("a1") == replace(EVERYTHING, findings=changed)
        assert session.list_articles(ArticleFilter(story_id="s1"), None, 10) == []
    with pytest.raises(LookupError), store.write() as session:
        session.put_findings({"id03": changed, "nobody": changed})
    with store.read() as session:
        assert session.article("id03") == article(3)


# Records


def carried(source: str, target: str, **changes: object) -> Link:
    return replace(Link(f"{source}>{target}", source, target, "carried", "full", 1.0, ("text",), (), 0.9), **changes)  # type: ignore[arg-type]


def recorded(number: int, label: str, share: float, *links: Link, **fields: object) -> Article:
    base = article(number, report="r1", **fields)  # type: ignore[arg-type]
    found = replace(FINDINGS, derivation=Derivation(label, share, 0.9), links=links)  # type: ignore[arg-type]
    return replace(base, findings=found)


def fill_records(store: Store) -> None:
    credit = Credit(AGENCY, "dateline", "full", "(Reuters)", 0, 9, 0, 0.9)
    wire = recorded(1, "independent", 0, carried("org:reuters", "id01"), site="a.example")
    wire = replace(wire, reading=Reading((), (credit, replace(credit, kind="byline"), credit), ()))
    put(
        store,
        wire,
        recorded(2, "wholly_derived", 1, carried("id01", "id02"), site="b.example", hours=1),
        recorded(3, "wholly_derived", 0.5, carried("id01", "id03"), site="b.example", hours=3),
        recorded(
            4, "partially_derived", 0.3, carried("id02", "id04"), carried("org:daily-post", "id04"), site="c.example", hours=2
        ),
        recorded(5, "independent", 0, carried("id02", "id05", relation="revision"), site="b.example", hours=9),
        recorded(
            6, "undetermined", 0, carried("org:reuters", "org:daily-post"), carried("org:daily-post", "id06"), site="c.example"
        ),
        article(7, site="d.example"),
    )


def test_learned_boilerplate_is_told_for_a_whole_story(store: SqlStore) -> None:
    bare = replace(EVERYTHING, id="a2", sequence=2, content=ArticleInput(("One.",), external_id="key/2"))
    with store.write() as session:
        session.put_article(EVERYTHING)
        session.put_article(bare)
        session.put_findings({"a1": replace(FINDINGS, boilerplate=(0, 2)), "a2": FINDINGS})
    with store.read() as session:
        assert session.story_boilerplate("s1") == {"a1": frozenset({0, 2})}
        assert session.story_boilerplate("s2") == {}
        found = session.articles(["a1", "a2"])
        assert [one.findings.boilerplate for one in found.values() if one.findings] == [(0, 2), ()]


def test_outlet_records(store: SqlStore) -> None:
    fill_records(store)
    every = Period()
    with store.read() as session:
        found = session.list_outlets(every, None, 10)
        assert [(one.site, one.articles) for one in found] == [
            ("a.example", 1),
            ("b.example", 3),
            ("c.example", 2),
            ("d.example", 1),
        ]
        b, d = found[1], found[3]
        assert (b.derivations, b.first_at, b.last_at) == (
            {"wholly_derived": 2, "independent": 1}, NOON + timedelta(hours=1), NOON + timedelta(hours=9),
        )  # fmt: skip
        assert b.mean_share == pytest.approx(0.5)
        assert (d.derivations, d.mean_share) == ({}, None)
        assert session.list_outlets(every, ("a.example",), 2) == found[1:3]
        assert session.outlet_record("b.example", every) == b
        assert session.outlet_record("b.example", Period(until=NOON)) is None
        assert session.outlet_record("nobody.example", every) is None
        assert session.outlet_sources("b.example", every) == [
            SourceCount(AGENCY, None, None, 3), SourceCount(None, "a.example", "", 2),
        ]  # fmt: skip
        sources = session.outlet_sources("c.example", every)
        assert [(one.organisation and one.organisation.id, one.site, one.articles) for one in sources] == [
            ("daily-post", None, 2),
            ("reuters", None, 2),
            (None, "b.example", 1),
        ]
        assert session.outlet_lag_s("b.example", every) == 7200
        assert session.outlet_lag_s("b.example", Period(until=NOON + timedelta(hours=1))) == 3600
        assert session.outlet_lag_s("a.example", every) is None
        assert session.carriers(["b.example"], [], every) == [CarrierCount("c.example", "", 1)]
        assert session.carriers(["a.example"], ["reuters"], every) == [
            CarrierCount("b.example", "", 3), CarrierCount("c.example", "", 2),
        ]  # fmt: skip


def test_organisation_records(store: SqlStore) -> None:
    fill_records(store)
    every = Period()
    with store.read() as session:
        post, agency = session.list_organisations(every, None, 10)
        assert (post.organisation, post.articles, post.outlets, post.stories, post.credits) == (OUTLET, 2, 1, 1, {})
        assert (agency.organisation, agency.articles, agency.outlets) == (AGENCY, 2, 2)
        assert agency.credits == {"byline": 1, "dateline": 1}
        assert session.list_organisations(every, ("daily-post",), 10) == [agency]
        assert session.organisation_record("reuters", every) == agency
        assert session.organisation_record("reuters", Period(since=NOON + timedelta(hours=1))) is None
        assert session.carriers([], ["daily-post"], every) == [CarrierCount("c.example", "", 2)]
        assert session.organisation_lag_s(["a.example"], every) == session.outlet_lag_s("b.example", every) == 7200
        assert session.organisation_lag_s(["c.example"], every) is None
        assert session.organisation_lag_s([], every) is None


def test_records_follow_what_is_replaced_and_deleted(store: SqlStore) -> None:
    fill_records(store)
    with store.write() as session:
        session.put_findings({"id02": replace(FINDINGS, links=()), "id03": replace(FINDINGS, links=())})
        session.delete_article("id01")
    with store.read() as session:
        assert session.carriers(["a.example"], [], Period()) == []
        assert session.outlet_record("a.example", Period()) is None
        assert session.outlet_lag_s("b.example", Period()) is None
        assert [one.organisation.id for one in session.list_organisations(Period(), None, 10)] == ["daily-post", "reuters"]
        assert session.organisation_record("reuters", Period()).credits == {}


def test_a_store_of_the_first_schema_is_concluded_anew(database_url: str) -> None:
    upgrade(database_url)
    engines = open_engines(database_url)
    with engines.writer.begin() as connection:
        config = alembic_config(database_url)
        config.attributes["connection"] = connection
        command.downgrade(config, "20261122_0001")
        connection.execute(text("INSERT INTO note (name, value) VALUES ('pipeline', 'an older one'), ('other', 'kept')"))
    engines.dispose()
    assert upgrade(database_url) is True
    with SqlStore(database_url) as store, store.read() as session:
        assert (session.note("pipeline"), session.note("other")) == (None, "kept")


# Units and pairs


def test_units_keep_their_first_text_and_vector_in_each_space(store: SqlStore) -> None:
    first, second = np.arange(3, dtype=np.float16), np.full(3, 0.1, dtype=np.float16)
    with store.write() as session:
        session.put_units("s1", [UnitRow("b", "B", None), UnitRow("a", "A", first), UnitRow("c", "C", None)])
        session.put_units("s1", [UnitRow("a", "changed", second), UnitRow("b", "B", second)])
        session.put_units("s2", [UnitRow("a", "A", second)])
        session.put_units("s2", [])
    with store.read() as session:
        found = list(session.units("s1"))
        assert [(row.key, row.text) for row in found] == [("a", "A"), ("b", "B"), ("c", "C")]
        assert [row.vector is None for row in found] == [False, False, True]
        assert np.array_equal(found[0].vector, first)
        assert found[0].vector.dtype == np.float16
        assert np.array_equal(found[1].vector, second)
        (other,) = session.units("s2", ["a", "a", "nobody"])
        assert np.array_equal(other.vector, second)
        assert list(session.units("s1", [])) == []


def test_pairs_are_found_from_both_sides_once(store: SqlStore) -> None:
    keys = [f"k{number:04}" for number in range(1200)]
    with store.write() as session:
        session.put_unit_pairs([pair(keys[0], keys[-1]), pair(keys[1], keys[2]), pair(keys[1], keys[2], "v2")])
        session.put_unit_pairs([pair(keys[1], keys[2], confidence=0.75)])
        session.put_unit_pairs([])
    with store.read() as session:
        assert list(session.unit_pairs("v1")) == [pair(keys[0], keys[-1]), pair(keys[1], keys[2], confidence=0.75)]
        assert list(session.unit_pairs("v1", [keys[-1]])) == [pair(keys[0], keys[-1])]
        assert len(list(session.unit_pairs("v1", keys))) == 2
        assert list(session.unit_pairs("v2", keys)) == [pair(keys[1], keys[2], "v2")]
        assert list(session.unit_pairs("v1", [])) == list(session.unit_pairs("v3")) == []


def test_occurrences_come_by_unit_then_article_then_place(store: SqlStore) -> None:
    put(store, article(2, units=(UnitRef("u2", 3, 0, 1), UnitRef("u1", 0, 0, 1))), EVERYTHING)
    with store.read() as session:
        found = [(one.unit, one.article_id, one.start) for one in session.occurrences(["u2", "nobody", "u1", "u2"])]
    assert found == [("u2", "a1", 0), ("u2", "a1", 3), ("u2", "id02", 0), ("u1", "a1", 19), ("u1", "id02", 0)]


# Stories


def test_a_story_comes_back_as_it_was_and_is_replaced(store: SqlStore) -> None:
    first = story("s1", languages=("en", "de-AT"), organisations=(AGENCY, OUTLET))
    second = replace(first, version=2, organisations=(OUTLET,), languages=("fr",), counts=StoryCounts(9, 3, 4, 20))
    for version in (first, second):
        with store.write() as session:
            session.put_story(version)
        with store.read() as session:
            assert session.story("s1") == version
            assert session.stories(["s1", "nobody"]) == {"s1": version}
    with store.read() as session:
        assert session.list_stories(StoryFilter(organisation_id="reuters"), None, 9) == []
        [found] = session.list_stories(StoryFilter(language="fr", organisation_id="daily-post"), None, 9)
        assert found.story == second


def test_story_filters(store: SqlStore) -> None:
    put(store, article(1, site="a.example", report="r1", story="s1"), article(2, site="b.example", report="r2", story="s2"))
    put(store, *(replace(one, content=replace(one.content, outlet_name="The Post")) for one in all_of(store)))
    stories = [
        story("s1", hours=0, title="x"),
        story("s2", hours=10, size=5, languages=("de",), organisations=()),
        story("s3", merged_into="s1"),
        story("s4", size=0),
    ]
    with store.write() as session:
        for one in stories:
            session.put_story(one)

    def names(**wanted: object) -> list[str]:
        with store.read() as session:
            return [one.story.id for one in session.list_stories(StoryFilter(**wanted), None, 10)]  # type: ignore[arg-type]

    assert names() == ["s2", "s1"]
    assert names(outlet_site="a.example") == ["s1"]
    assert names(outlet_site="nobody", outlet_name="THE POST") == ["s2", "s1"]
    assert names(outlet_site="a.example", outlet_name="nobody") == ["s1"]
    assert names(organisation_id="reuters") == ["s1"]
    assert names(language="de") == ["s2"]
    assert names(min_reports=2) == names(min_outlets=5) == ["s2"]
    assert names(min_reports=6) == []
    assert names(since=NOON + timedelta(hours=1)) == ["s2", "s1"]
    assert names(since=NOON + timedelta(hours=2)) == ["s2"]
    assert names(until=NOON + timedelta(hours=9)) == ["s1"]


@pytest.mark.parametrize("order", ["updated", "first", "size"])
def test_story_pages_join_up_in_every_order(store: SqlStore, order: str) -> None:
    stories = [story(f"s{number}", hours=number // 3, size=1 + number // 4) for number in range(10)]
    with store.write() as session:
        for one in stories:
            session.put_story(one)
            session.add_story_version(StoryVersion(one.id, one.version, one.updated_at, "created"))
    sort_value = {
        "updated": lambda one: one.updated_at,
        "first": lambda one: one.first_published_at,
        "size": lambda one: one.counts.articles,
    }[order]
    seen: list[Story] = []
    after: tuple[str, ...] | None = None
    with store.read() as session:
        while page := session.list_stories(StoryFilter(order=order), after, 3):  # type: ignore[arg-type]
            seen += [one.story for one in page]
            after = page[-1].key
    assert seen == sorted(stories, key=lambda one: (sort_value(one), one.id), reverse=True)


def test_history_is_newest_first_and_a_version_stands_once(store: SqlStore) -> None:
    first = StoryVersion("s1", 1, NOON, "created", articles_added=("a1",))
    second = StoryVersion("s1", 2, NOON, "merged", ("a2",), ("a3",), ("s2", "s3"), ("s4",))
    with store.write() as session:
        session.add_story_version(first)
        session.add_story_version(second)
    with store.read() as session:
        assert session.story_history("s1") == [second, first]
    with pytest.raises(exc.IntegrityError), store.write() as session:
        session.add_story_version(second)


# Transactions


def test_an_error_takes_everything_back(store: SqlStore) -> None:
    with pytest.raises(ZeroDivisionError), store.write() as session:
        session.put_article(EVERYTHING)
        session.next_sequence()
        raise ZeroDivisionError
    with store.write() as session:
        assert session.article("a1") is None
        assert session.next_sequence() == 1


def test_a_reader_sees_one_state_while_a_writer_commits(store: SqlStore) -> None:
    put(store, article(1))
    with store.read() as session:
        assert len(list(session.all_articles())) == 1
        put(store, article(2))
        assert len(list(session.all_articles())) == 1
        session.check()
    with store.read() as session:
        assert len(list(session.all_articles())) == 2


def test_writers_wait_for_each_other(store: SqlStore) -> None:
    taken: list[int] = []

    def write() -> None:
        for _ in range(20):
            with store.write() as session:
                taken.append(session.next_sequence())

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken == list(range(1, 81))


def test_a_write_inside_a_write_is_an_error_and_one_elsewhere_waits_only_so_long(database_url: str) -> None:
    upgrade(database_url)
    refused: list[type[BaseException]] = []
    with SqlStore(database_url, write_timeout_s=0.01) as store, store.write():
        with pytest.raises(RuntimeError, match="wait for itself"), store.write():
            pass

        def write() -> None:
            try:
                with store.write():
                    pass
            except Overloaded as error:
                refused.append(type(error))

        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
    assert refused == [Overloaded]


def test_a_reader_cannot_write(store: SqlStore) -> None:
    with pytest.raises(StoreUnavailable), store.read() as session:
        session._connection.execute(text("DELETE FROM counter"))


def test_what_was_committed_is_there_after_closing(database_url: str) -> None:
    upgrade(database_url)
    with SqlStore(database_url) as store:
        put(store, EVERYTHING)
    with SqlStore(database_url, writable=False) as again:
        with again.read() as session:
            assert session.article("a1") == EVERYTHING
        with pytest.raises(RuntimeError, match="opened for reading"), again.write():
            pass


# What only one database has


def test_a_data_folder_has_one_writing_service(tmp_path: Path) -> None:
    address = sqlite_url(tmp_path / "wiretrace.db")
    upgrade(address)
    with SqlStore(address):
        with pytest.raises(ConfigurationError, match="another Wiretrace process"):
            SqlStore(address)
        assert upgrade(address) is False
        SqlStore(address, writable=False).close()
    again = SqlStore(address)
    elsewhere = threading.Thread(target=again.close)
    elsewhere.start()
    elsewhere.join()
    SqlStore(address).close()


def test_sqlite_is_set_up_to_lose_nothing(tmp_path: Path) -> None:
    engines = open_engines(sqlite_url(tmp_path / "wiretrace.db"))
    for engine in (engines.writer, engines.reader):
        with engine.connect() as connection:
            found = [
                connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous", "foreign_keys")
            ]
            assert found == ["wal", 2, 1]
    engines.dispose()


def test_a_file_that_is_no_database_is_reported(tmp_path: Path) -> None:
    (tmp_path / "wiretrace.db").write_bytes(b"noise" * 1000)
    with pytest.raises(StoreUnavailable, match="not a database"):
        upgrade(sqlite_url(tmp_path / "wiretrace.db"))


def test_memory_and_other_databases_are_refused() -> None:
    with pytest.raises(ValueError, match="in-memory"):
        open_engines("sqlite://")
    with pytest.raises(ValueError, match="sqlite and postgresql"):
        open_engines("mysql://host/db")


# Ids, times, codec


@given(st.lists(st.integers(0, 10**11), max_size=20).map(lambda seconds: [datetime.fromtimestamp(one, UTC) for one in seconds]))
def test_ids_grow_whatever_the_clock_does(times: list[datetime]) -> None:
    ids = SortableIds()
    made = [ids.new(at) for at in times]
    assert made == sorted(set(made))
    assert all(len(one) == 26 for one in made)


def test_ids_of_two_processes_sort_by_time() -> None:
    assert SortableIds().new(NOON) < SortableIds().new(NOON + timedelta(milliseconds=1))
    with pytest.raises(ValueError, match="zone"):
        SortableIds().new(NOON.replace(tzinfo=None))


@given(st.datetimes(timezones=st.timezones()), st.datetimes(timezones=st.timezones()))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_stored_times_sort_like_the_instants(one: datetime, other: datetime) -> None:
    try:
        first, second = one.astimezone(UTC), other.astimezone(UTC)
    except OverflowError:
        return
    assert (instant_text(one) < instant_text(other)) == (first < second)
    assert datetime.fromisoformat(instant_text(one)) == first


def test_texts_of_a_newer_release_are_refused() -> None:
    newer = codec.dump_findings(FINDINGS).replace('"v":1', '"v":2')  # type: ignore[union-attr]
    with pytest.raises(codec.UnknownCodecVersionError):
        codec.load_findings(newer)
