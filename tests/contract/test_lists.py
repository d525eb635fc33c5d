"""Paging while others write, on SQLite and on a real PostgreSQL: nothing is left out, nothing comes twice."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Engine, create_engine, event, exc, text

from service.domain.models import Story, StoryCounts, StoryVersion
from service.store import lists
from service.store.migrate import alembic_config, upgrade
from service.store.repository import SqlStore
from service.store_values import ArticleFilter, StoryFilter
from tests.contract.test_store import NOON, article, put, story

LIMIT = 3


class Newsroom:
    """Stories that change as the writer changes them: a version more, later than all before, in one transaction."""

    def __init__(self, store: SqlStore, chance: random.Random, prefix: str) -> None:
        self.store, self.chance, self.prefix = store, chance, prefix
        self.stories: dict[str, Story] = {}
        with store.read() as session:
            self.at = session.last_story_update() or NOON

    def living(self) -> list[str]:
        return sorted(name for name, one in self.stories.items() if one.merged_into is None and one.counts.articles)

    def write(self, name: str, **fields: Any) -> None:
        old = self.stories.get(name)
        changed = replace(old or story(name), version=old.version + 1 if old else 1, updated_at=self.at, **fields)
        with self.store.write() as session:
            session.put_story(changed)
            session.add_story_version(StoryVersion(name, changed.version, self.at, "grown"))
        self.stories[name] = changed

    def new(self) -> None:
        number = len(self.stories)
        # Several of one size and one time, so that the id decides.
        self.grow(f"{self.prefix}{number:03}")

    def grow(self, name: str) -> None:
        size = self.chance.randrange(1, 5)
        self.write(
            name,
            counts=StoryCounts(size, size, size, size),
            first_published_at=NOON + timedelta(hours=self.chance.randrange(4)),
            last_published_at=NOON + timedelta(hours=9),
        )

    def act(self) -> None:
        """One commit of one to three changes."""
        self.at += timedelta(microseconds=self.chance.randrange(1, 3))
        for _ in range(self.chance.randrange(1, 4)):
            living, way = self.living(), self.chance.random()
            if way < 0.15 or len(living) < 3:
                self.new()
            elif way < 0.8:
                self.grow(self.chance.choice(living))
            elif way < 0.9:
                gone, into = self.chance.sample(living, 2)
                self.write(gone, merged_into=into)
            else:
                self.write(self.chance.choice(living), counts=StoryCounts(0, 0, 0, 0))

    def close(self) -> None:
        for name in self.living():
            self.write(name, counts=StoryCounts(0, 0, 0, 0))


SORT: dict[str, Callable[[Story], Any]] = {
    "updated": lambda one: one.updated_at,
    "first": lambda one: one.first_published_at,
    "size": lambda one: one.counts.articles,
}


@pytest.mark.parametrize("order", SORT)
def test_a_list_of_stories_goes_on_as_it_began_whatever_is_written_meanwhile(store: SqlStore, order: str) -> None:
    for seed in range(12):
        chance = random.Random(seed)
        room = Newsroom(store, chance, f"s{seed:02}-")
        for _ in range(14):
            room.act()
        began, at_the_time = set(room.living()), dict(room.stories)
        seen: list[Story] = []
        after: tuple[str, ...] | None = None
        where = StoryFilter(order=order)  # type: ignore[arg-type]
        while True:
            with store.read() as session:
                page = session.list_stories(where, after, LIMIT)
            if not page:
                break
            for one in page:
                assert one.story == room.stories[one.story.id], "each is shown as it is now"
            seen += [one.story for one in page]
            after = page[-1].key
            for _ in range(chance.randrange(3)):
                room.act()
        names = [one.id for one in seen]
        assert len(names) == len(set(names)), (seed, names)
        assert began & set(room.living()) <= set(names) <= began, seed
        then = [at_the_time[name] for name in names]
        assert then == sorted(then, key=lambda one: (SORT[order](one), one.id), reverse=True), seed
        room.close()


def test_a_list_that_goes_on_by_what_is_there_now_would_leave_stories_out(store: SqlStore) -> None:
    """That the test above can fail: the last of the list moves to the front while the first page is read."""
    room = Newsroom(store, random.Random(1), "s")
    for _ in range(6):
        room.at += timedelta(seconds=1)
        room.new()
    with store.read() as session:
        first = session.list_stories(StoryFilter(), None, 5)
    room.at += timedelta(seconds=1)
    room.grow("s000")
    with store.read() as session:
        assert [one.story.id for one in session.list_stories(StoryFilter(), first[-1].key, 5)] == ["s000"]
        value, name, _ = first[-1].key
        anew = (value, name, datetime.max.replace(tzinfo=NOON.tzinfo).isoformat())
        assert session.list_stories(StoryFilter(), anew, 5) == []


@pytest.mark.parametrize("collapse", ["report", "story"])
def test_a_collapsed_list_shows_each_group_once_whatever_article_stands_for_it(store: SqlStore, collapse: str) -> None:
    numbers = range(1, 10)
    groups = {number: f"g{number % 4}" for number in numbers}
    put(store, *(article(number, hours=number, report=groups[number], story=groups[number]) for number in numbers))
    where = ArticleFilter(collapse=collapse)  # type: ignore[arg-type]

    def page(after: tuple[str, ...] | None) -> tuple[list[str], tuple[str, ...]]:
        with store.read() as session:
            [found] = session.list_articles(where, after, 1)
        group = found.findings.report_id if found.findings else ""
        return [group, found.id], (group, found.id)

    first, after = page(None)
    assert first == ["g3", "id03"]
    # Of the next group the article that stood for it goes, of the last one a new one is earlier than all, and has the newest id.
    with store.write() as session:
        session.delete_article("id02")
    put(store, article(50, hours=-5, report="g0", story="g0"))
    second, after = page(after)
    put(store, article(51, hours=-6, report="g2", story="g2"), article(52, hours=-6, report="g3", story="g3"))
    third, after = page(after)
    fourth, after = page(after)
    assert [second, third, fourth] == [["g2", "id06"], ["g1", "id01"], ["g0", "id50"]]
    with store.read() as session:
        assert session.list_articles(where, after, 1) == []


ARTICLES = """
INSERT INTO article
  (id, sequence, outlet_site, observed_at, dated_at, content_hash, revision, status, derivation, report_id, story_id)
WITH RECURSIVE
  number(i) AS (SELECT 100000 UNION ALL SELECT i + 1 FROM number WHERE i < 120000),
  named(i, name, report, story) AS (
    SELECT i, CAST(i AS TEXT), 'r' || CAST(i / 3 * 3 AS TEXT), 's' || CAST(i / 7 * 7 AS TEXT) FROM number
  )
SELECT 'a' || name, i, 'o' || CAST(i - i / 40 * 40 AS TEXT), '2026', '2026-03-04T12:00:00.' || name || '+00:00', 'h', 1, 'clustered',
  CASE i / 4 * 4 WHEN i THEN 'independent' ELSE 'undetermined' END,
  CASE WHEN i / 1000 * 1000 < i THEN report END, CASE WHEN i / 1000 * 1000 < i THEN story END
FROM named
"""
"""20,001 articles of 40 outlets in reports of three and stories of seven; each thousandth is in none."""
AT = "2026-03-04T12:00:00."
STORIES = """
INSERT INTO story (
  id, title, version, created_at, updated_at, first_published_at, last_published_at, languages, organisations, representative_id,
  articles, reports, outlets, passages
)
WITH RECURSIVE number(i) AS (SELECT 100000 UNION ALL SELECT i + 1 FROM number WHERE i < 120000),
  named(i, name, at) AS (SELECT i, 's' || CAST(i AS TEXT), '2026-03-04T12:00:00.' || CAST(i AS TEXT) || '+00:00' FROM number)
SELECT name, 'A title', 2, at, replace(at, '12:00:00', '13:00:00'), at, at,
  '{"v":1,"languages":[]}', '{"v":1,"organisations":[]}', 'a', i - i / 10 * 10 + 2, 1, 1, 1
FROM named
"""
VERSIONS = """
INSERT INTO story_version (story_id, version, at, change, detail, articles, first_published_at)
SELECT id, 1, created_at, 'created', '{}', articles - 1, first_published_at FROM story
UNION ALL SELECT id, 2, updated_at, 'grown', '{}', articles, first_published_at FROM story
"""
"""20,001 stories that have all changed an hour after they came, so behind the beginning of a list of then."""


@contextmanager
def watched() -> Iterator[list[tuple[str, Any]]]:
    """The statements that are sent to any database, with their parameters."""
    sent: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        sent.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", hear)


def check_plans(engine: Engine, sent: list[tuple[str, Any]], *, ordered: str) -> int:
    """No statement for a page reads a table from end to end; those that hold `ordered` sort nothing. How many there were."""
    explain = "EXPLAIN " if engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN "
    pages = [(statement, parameters) for statement, parameters in sent if "LIMIT" in statement]
    with engine.connect() as connection:
        for statement, parameters in pages:
            lines = [str(row[-1]) for row in connection.exec_driver_sql(explain + statement, parameters)]
            plan = "\n".join(lines)
            # A walk along an index in the order of the list ends with the page.
            assert not [line for line in lines if "Seq Scan" in line or ("SCAN" in line and "USING" not in line)], plan
            if ordered in statement:
                assert not [line for line in lines if "Sort" in line or "TEMP B-TREE" in line], plan
    return len(pages)


@pytest.fixture
def engine(store: SqlStore, database_url: str) -> Iterator[Engine]:
    """Of the same database as the store's."""
    made = create_engine(database_url)
    yield made
    made.dispose()


def fill(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("ANALYZE")


@pytest.mark.parametrize("collapse", ["report", "story"])
def test_a_collapsed_page_is_found_by_an_index(store: SqlStore, engine: Engine, collapse: str) -> None:
    """Of 20,000 articles a page reads those of its groups."""
    where, first = ArticleFilter(collapse=collapse), collapse[0]  # type: ignore[arg-type]
    fill(engine, ARTICLES)
    for after in (None, (f"{first}110000", "a110000"), (f"{first}100020", "a100020"), ("", "a119000")):
        with store.read() as session, watched() as sent:
            session.list_articles(where, after, 51)
        # Articles of no group are few; behind the last group they follow.
        assert check_plans(engine, sent, ordered="EXISTS") == (2 if after == (f"{first}100020", "a100020") else 1)


@pytest.mark.parametrize(
    "where",
    [
        ArticleFilter(outlet_site="o7"),
        ArticleFilter(outlet_site="o7", outlet_name="O7"),
        ArticleFilter(derivation="independent"),
        ArticleFilter(),
    ],
    ids=["site", "outlet", "derivation", "all"],
)
def test_a_page_of_an_outlet_or_a_derivation_is_found_by_an_index(store: SqlStore, engine: Engine, where: ArticleFilter) -> None:
    fill(engine, ARTICLES)
    for after in (None, ("a110000",)):
        with store.read() as session, watched() as sent:
            session.list_articles(where, after, 51)
        sent = [(statement, parameters) for statement, parameters in sent if "FROM outlet" not in statement]
        assert check_plans(engine, sent, ordered="LIMIT") == 1


def test_an_outlet_of_very_many_sites_is_found_too(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1, 5):
        one = article(number, site=f"{number}.example")
        put(store, replace(one, content=replace(one.content, outlet_name="The Post" if number < 4 else "Another")))
    for many in (2, 3, 4):
        monkeypatch.setattr(lists, "_MANY_SITES", many)
        for site, wanted in (("nobody", ["id03", "id02", "id01"]), ("4.example", ["id04", "id03", "id02", "id01"])):
            with store.read() as session:
                found = session.list_articles(ArticleFilter(outlet_site=site, outlet_name="THE POST"), None, 9)
            assert [one.id for one in found] == wanted


@pytest.mark.parametrize(("order", "value"), [("updated", AT + "110000+00:00"), ("first", AT + "110000+00:00"), ("size", "5")])
def test_a_page_of_stories_is_found_by_an_index_though_all_have_changed(
    store: SqlStore, engine: Engine, order: str, value: str
) -> None:
    fill(engine, STORIES, VERSIONS)
    where = StoryFilter(order=order)  # type: ignore[arg-type]
    for after in (None, (value, "s110000", AT + "120000+00:00")):
        with store.read() as session, watched() as sent:
            page = session.list_stories(where, after, 51)
        assert len(page) == 51
        assert check_plans(engine, sent, ordered="LIMIT") == 1
    assert {one.story.version for one in page} == {2}, "shown as they are"
    assert max((one.key[0], one.key[1]) for one in page) < (value, "s110000"), "where they stood"


def test_a_collapsed_list_ends_with_the_articles_of_no_group(store: SqlStore) -> None:
    put(store, *(article(number, report=f"g{number % 2}", story=f"g{number % 2}") for number in range(1, 5)))
    for number in (5, 6, 7):
        put(store, replace(article(number), findings=None))
    where, seen = ArticleFilter(collapse="report"), []
    after: tuple[str, ...] | None = None
    while True:
        with store.read() as session:
            page = session.list_articles(where, after, 2)
        if not page:
            break
        seen += [one.id for one in page]
        after = (page[-1].findings.report_id or "" if page[-1].findings else "", page[-1].id)
    assert seen == ["id01", "id02", "id07", "id06", "id05"]


def test_lists_go_on_behind_an_upgrade(database_url: str) -> None:
    """Stories of before the upgrade stand where they stood, though their history did not say what they were sorted by."""
    upgrade(database_url)
    with SqlStore(database_url) as old:
        room = Newsroom(old, random.Random(2), "s")
        for _ in range(4):
            room.at += timedelta(seconds=1)
            room.new()
    engine = create_engine(database_url)
    with engine.begin() as connection:
        config = alembic_config(database_url)
        config.attributes["connection"] = connection
        command.downgrade(config, "20261122_0005")
        with pytest.raises(exc.DBAPIError), connection.begin_nested():
            connection.execute(text("SELECT articles FROM story_version"))
    engine.dispose()
    upgrade(database_url)
    with SqlStore(database_url) as new:
        room.store = new
        with new.read() as session:
            whole = [one.story.id for one in session.list_stories(StoryFilter(order="size"), None, 9)]
            first = session.list_stories(StoryFilter(order="size"), None, 1)
        for name in whole[1:]:
            room.at += timedelta(seconds=1)
            room.write(name, counts=StoryCounts(99, 1, 1, 1))
        with new.read() as session:
            rest = session.list_stories(StoryFilter(order="size"), first[0].key, 9)
        assert [one.story.id for one in rest] == whole[1:]
