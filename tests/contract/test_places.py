"""Units by words and the stories they stand in, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from service.domain.models import UnitRef
from service.store.repository import SqlStore
from service.store_values import StoryFilter, UnitRow
from tests.contract.test_store import NOON, article, story

EVERYTHING = StoryFilter()
TEXTS = {
    "u1": "Ferry crews strike in Callan",
    "u2": "The ferry strike ended. Quoted: \"AND\" OR 'NEAR' (*)",
    "u3": "Über 地震, 12:30",
    "u4": "A ferry",
}


@pytest.fixture
def filled(store: SqlStore) -> SqlStore:
    """u1 in a story of two articles, u2 in two stories, u3 in a story that was merged away, u4 in an article without a story."""
    units = {"id01": ["u1"], "id02": ["u1", "u2"], "id03": ["u2"], "id04": ["u3"], "id05": ["u4"]}
    stories = {"id01": "s1", "id02": "s1", "id03": "s2", "id04": "s3"}
    with store.write() as session:
        for number, (name, keys) in enumerate(units.items(), 1):
            where = stories.get(name)
            made = article(number, site=f"{name}.example", report=f"r{number}" if where else None, story=where)
            session.put_units("space", [UnitRow(key, TEXTS[key], None) for key in keys])
            session.put_article(replace(made, units=tuple(UnitRef(key, 0, 0, 5) for key in keys)))
        session.put_story(story("s1", size=2))
        session.put_story(story("s2", hours=100, languages=("de",)))
        session.put_story(story("s3", merged_into="s1"))
    return store


def found(store: SqlStore, *words: str, any_of: tuple[str, ...] = (), where: StoryFilter = EVERYTHING, **bounds: int):
    with store.read() as session:
        places = session.places_by_words(words, any_of, where, bounds.get("looked_at", 100), bounds.get("limit", 100))
    assert [place.number for place in places] == sorted((place.number for place in places), reverse=True)
    return [(place.unit, place.story_id, place.article_id) for place in places]


U1, U2_FIRST, U2_SECOND = ("u1", "s1", "id01"), ("u2", "s1", "id02"), ("u2", "s2", "id03")


def test_units_hold_all_the_words_newest_first_in_living_stories(filled: SqlStore) -> None:
    assert found(filled, "ferry") == found(filled, "ferry", "strike") == [U2_FIRST, U2_SECOND, U1]
    assert found(filled, "ferry", "callan") == [U1]
    assert found(filled, "ferry", any_of=("ended", "crews")) == [U2_FIRST, U2_SECOND, U1]
    assert found(filled, "ferry", any_of=("callan", "nobody")) == [U1]
    assert found(filled, "uber") == found(filled, "nobody") == found(filled) == []
    with filled.write() as session:
        session.put_story(story("s3"))
    assert found(filled, "uber", "震", "12_30") == [("u3", "s3", "id04")]


def test_words_are_never_read_as_an_expression(filled: SqlStore) -> None:
    for word in ("and", "or", "near"):
        assert found(filled, word) == [U2_FIRST, U2_SECOND]
    assert found(filled, "not") == []


def test_the_filter_and_the_bounds_count_together(filled: SqlStore) -> None:
    assert found(filled, "ferry", where=StoryFilter(language="de")) == [U2_SECOND]
    assert found(filled, "ferry", where=StoryFilter(outlet_site="id01.example")) == [U2_FIRST, U1]
    assert found(filled, "ferry", where=StoryFilter(until=NOON + timedelta(hours=50), min_outlets=2)) == [U2_FIRST, U1]
    assert found(filled, "ferry", limit=1) == [U2_FIRST]
    # Two numbers are looked at; the newer is of the unit that stands in no story.
    assert found(filled, "ferry", looked_at=2) == [U2_FIRST, U2_SECOND]
    assert found(filled, "ferry", looked_at=1) == []


def test_places_of_units_are_found_by_key(filled: SqlStore) -> None:
    def places(*keys: str, where: StoryFilter = EVERYTHING) -> set[tuple[str, str, str]]:
        with filled.read() as session:
            return {(one.unit, one.story_id, one.article_id) for one in session.places_by_unit(keys, where)}

    assert places("u1", "u2", "u3", "u4", "nobody", "u1") == {U1, U2_FIRST, U2_SECOND}
    assert places("u1", "u2", where=StoryFilter(language="de")) == {U2_SECOND}
    assert places() == places(*(f"x{number}" for number in range(1200))) == set()


def test_what_is_deleted_is_not_found_and_what_is_made_anew_is(filled: SqlStore) -> None:
    with filled.write() as session:
        session.delete_article("id02")
        session.delete_article("id03")
        assert session.delete_unused_units(["u1", "u2"]) == ["u2"]
    assert found(filled, "ferry") == [U1]
    with filled.write() as session:
        session._connection.execute(text("DELETE FROM unit_words"))
    assert found(filled, "ferry") == []
    with filled.write() as session:
        assert session.index_words() == session.index_words() == 3
    assert found(filled, "ferry", "strike") == [U1]
    with filled.write() as session:
        session.put_units("space", [UnitRow("u1", "other text under the same key", None)])
    assert found(filled, "ferry") == [U1], "a unit's text never changes"


def test_the_full_text_index_of_sqlite_agrees_with_its_table(filled: SqlStore) -> None:
    with filled.write() as session:
        session.delete_article("id01")
        session.delete_article("id02")
        session.delete_unused_units(["u1"])
        if session._connection.dialect.name == "sqlite":
            session._connection.execute(text("INSERT INTO unit_words_index(unit_words_index, rank) VALUES('integrity-check', 1)"))
