"""The reading half of the repository: rows to domain values.

One session lives as long as one transaction and sees one state of the store. Never writes, never commits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, RowMapping, Select, and_, func, select

from service.domain.models import COPY_KINDS, Article, Story, StoryCounts, StoryVersion, UnitPair, UnitRef
from service.ports import Vector
from service.store import codec
from service.store.backlog import BacklogQueries
from service.store.feed import FeedQueries
from service.store.job_sessions import JobQueries
from service.store.lists import article_pages, outlet_sites, story_page
from service.store.records import RecordQueries
from service.store.search import SearchQueries
from service.store.tables import (
    article,
    article_body,
    counter,
    embedding,
    instant_text,
    note,
    paragraph_unit,
    story,
    story_version,
    unit,
    unit_pair,
)
from service.store_values import ArticleFilter, ListedStory, Occurrence, StoryFilter, UnitRow

# Bound parameters of one statement; SQLite refuses more than 32,766, and long lists are slow to parse.
CHUNK = 500
_VECTOR = np.dtype("<f2")


def chunks(values: Sequence[str], size: int = CHUNK) -> Iterator[Sequence[str]]:
    """The distinct values in their order, `size` at a time."""
    distinct = list(dict.fromkeys(values))
    for start in range(0, len(distinct), size):
        yield distinct[start : start + size]


def vector_bytes(vector: Vector) -> bytes:
    return np.ascontiguousarray(vector, dtype=_VECTOR).tobytes()


def vector_from(data: bytes | None) -> Vector | None:
    return None if data is None else np.frombuffer(data, dtype=_VECTOR)


class SqlReadSession(RecordQueries, FeedQueries, JobQueries, SearchQueries, BacklogQueries):
    """Implements `service.ports.ReadSession` on one connection in a transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def article(self, article_id: str) -> Article | None:
        return next(iter(self._articles(_whole_article().where(article.c.id == article_id))), None)

    def article_by_external_id(self, external_id: str) -> Article | None:
        return next(iter(self._articles(_whole_article().where(article.c.external_id == external_id))), None)

    def article_by_canonical_url(self, canonical_url: str) -> Article | None:
        return next(iter(self._articles(_whole_article().where(article.c.canonical_url == canonical_url))), None)

    def articles(self, article_ids: Sequence[str]) -> dict[str, Article]:
        found: dict[str, Article] = {}
        for some in chunks(article_ids):
            found |= {one.id: one for one in self._articles(_whole_article().where(article.c.id.in_(some)))}
        return {article_id: found[article_id] for article_id in article_ids if article_id in found}

    def all_articles(self, after_sequence: int = 0) -> Iterator[Article]:
        while True:
            query = _whole_article().where(article.c.sequence > after_sequence).order_by(article.c.sequence).limit(CHUNK)
            page = self._articles(query)
            yield from page
            if len(page) < CHUNK:
                return
            after_sequence = page[-1].sequence

    def list_articles(self, where: ArticleFilter, after: tuple[str, ...] | None, limit: int) -> list[Article]:
        # Ids first: where many must be sorted, their texts are not carried along.
        found: list[str] = []
        for page in article_pages(where, outlet_sites(self._connection, where), after, limit):
            if len(found) < limit:
                found += self._connection.execute(page).scalars()
        return list(self.articles(found[:limit]).values())

    def story_articles(self, story_id: str) -> list[Article]:
        """The story's articles, earliest first by claimed or observed time, then by id."""
        query = _whole_article().where(article.c.story_id == story_id).order_by(article.c.dated_at, article.c.id)
        return self._articles(query)

    def units(self, space: str, keys: Sequence[str] | None = None) -> Iterator[UnitRow]:
        """By key where `keys` is None, so that whatever is built from all of them is built the same way each time."""
        held = and_(embedding.c.unit_key == unit.c.key, embedding.c.space == space)
        query = select(unit.c.key, unit.c.text, embedding.c.vector).select_from(unit.outerjoin(embedding, held))
        if keys is None:
            streamed = query.order_by(unit.c.key).execution_options(yield_per=1000)
            for key, text, vector in self._connection.execute(streamed):
                yield UnitRow(key, text, vector_from(vector))
            return
        for some in chunks(keys):
            for key, text, vector in self._connection.execute(query.where(unit.c.key.in_(some))).all():
                yield UnitRow(key, text, vector_from(vector))

    def unit_pairs(self, version: str, keys: Sequence[str] | None = None) -> Iterator[UnitPair]:
        query = select(unit_pair).where(unit_pair.c.version == version)
        if keys is None:
            streamed = query.order_by(unit_pair.c.a, unit_pair.c.b).execution_options(yield_per=1000)
            for row in self._connection.execute(streamed).mappings():
                yield _pair(row)
            return
        seen: set[tuple[str, str]] = set()
        for some in chunks(keys):
            # Two statements, because an OR over two columns keeps SQLite from using either index well.
            for column in (unit_pair.c.a, unit_pair.c.b):
                for row in self._connection.execute(query.where(column.in_(some))).mappings().all():
                    if (row["a"], row["b"]) not in seen:
                        seen.add((row["a"], row["b"]))
                        yield _pair(row)

    def copy_links(self, version: str, keys: Sequence[str]) -> list[tuple[str, str]]:
        wanted, columns = set(keys), unit_pair.c
        query = select(columns.a, columns.b).where(columns.version == version, columns.kind.in_(sorted(COPY_KINDS)))
        return [
            (a, b)
            for some in chunks(keys)
            for a, b in self._connection.execute(query.where(columns.a.in_(some))).all()
            if b in wanted
        ]

    def story_boilerplate(self, story_id: str) -> dict[str, frozenset[int]]:
        named, none = '%"boilerplate":[%', '%"boilerplate":[]%'
        query = select(article.c.id, article.c.findings).where(
            # Findings are long and hardly any have boilerplate, so most are not even read.
            article.c.story_id == story_id,
            article.c.findings.like(named),
            article.c.findings.not_like(none),
        )
        found = ((row[0], codec.load_findings(row[1])) for row in self._connection.execute(query).all())
        return {article_id: frozenset(concluded.boilerplate) for article_id, concluded in found if concluded}

    def story_units(self, story_id: str) -> list[tuple[str, int, int, str]]:
        places = paragraph_unit.c
        query = (
            select(article.c.id, article.c.revision, places.paragraph, places.unit_key)
            .join(paragraph_unit, places.article_id == article.c.id)
            .where(article.c.story_id == story_id, places.paragraph >= 0)
            .order_by(article.c.id, places.ordinal)
        )
        return [(row[0], row[1], row[2], row[3]) for row in self._connection.execute(query).all()]

    def occurrences(self, units: Sequence[str]) -> list[Occurrence]:
        """Ordered by unit (as given), article id and place."""
        found: list[Occurrence] = []
        columns = paragraph_unit.c
        for some in chunks(units):
            query = (
                select(columns.unit_key, columns.article_id, columns.paragraph, columns.start, columns.end)
                .where(columns.unit_key.in_(some))
                .order_by(columns.article_id, columns.ordinal)
            )
            rank = {key: place for place, key in enumerate(some)}
            rows = [Occurrence(*row) for row in self._connection.execute(query)]
            found.extend(sorted(rows, key=lambda one: rank[one.unit]))
        return found

    def story(self, story_id: str) -> Story | None:
        return self.stories([story_id]).get(story_id)

    def stories(self, story_ids: Sequence[str]) -> dict[str, Story]:
        found: dict[str, Story] = {}
        for some in chunks(story_ids):
            rows = self._connection.execute(select(story).where(story.c.id.in_(some))).mappings()
            found |= {row["id"]: _story(row) for row in rows}
        return {story_id: found[story_id] for story_id in story_ids if story_id in found}

    def list_stories(self, where: StoryFilter, after: tuple[str, ...] | None, limit: int) -> list[ListedStory]:
        began = datetime.fromisoformat(after[2]) if after is not None else self.last_story_update()
        if began is None:
            return []
        sites = outlet_sites(self._connection, where)
        rows = self._connection.execute(story_page(where, sites, after, began, limit)).mappings()
        return [ListedStory(_story(row), (_as_text(row["sort"]), row["id"], instant_text(began))) for row in rows]

    def last_story_update(self) -> datetime | None:
        found: datetime | None = self._connection.execute(select(func.max(story.c.updated_at))).scalar_one()
        return found

    def story_history(self, story_id: str, before: int | None = None, limit: int | None = None) -> list[StoryVersion]:
        """Newest first; `before` is the version of the last one seen."""
        query = select(story_version).where(story_version.c.story_id == story_id).order_by(story_version.c.version.desc())
        if before is not None:
            query = query.where(story_version.c.version < before)
        query = query.limit(limit)
        return [
            StoryVersion(row["story_id"], row["version"], row["at"], row["change"], **codec.load_story_version(row["detail"]))
            for row in self._connection.execute(query).mappings()
        ]

    def note(self, name: str) -> str | None:
        return self._connection.execute(select(note.c.value).where(note.c.name == name)).scalar_one_or_none()

    def check(self) -> None:
        if self._connection.execute(select(counter.c.value).where(counter.c.name == "article")).scalar_one_or_none() is None:
            raise LookupError("the store has no article counter; its schema is damaged")

    def _articles(self, query: Select[Any]) -> list[Article]:
        rows = self._connection.execute(query).mappings().all()
        places = self._unit_places([row["id"] for row in rows])
        return [_article(row, tuple(places.get(row["id"], ()))) for row in rows]

    def _unit_places(self, article_ids: Sequence[str]) -> dict[str, list[UnitRef]]:
        places: dict[str, list[UnitRef]] = {}
        columns = paragraph_unit.c
        for some in chunks(article_ids):
            query = (
                select(columns.article_id, columns.unit_key, columns.paragraph, columns.start, columns.end)
                .where(columns.article_id.in_(some))
                .order_by(columns.article_id, columns.ordinal)
            )
            for article_id, key, paragraph, start, end in self._connection.execute(query):
                places.setdefault(article_id, []).append(UnitRef(key, paragraph, start, end))
        return places


def _as_text(value: datetime | int) -> str:
    return str(value) if isinstance(value, int) else instant_text(value)


def _whole_article() -> Select[Any]:
    return select(article, article_body.c.content, article_body.c.reading, article_body.c.caller_metadata).join_from(
        article, article_body, article_body.c.article_id == article.c.id
    )


def _article(row: RowMapping, units: tuple[UnitRef, ...]) -> Article:
    content = codec.load_content(row["content"], row["caller_metadata"], row)  # type: ignore[arg-type]
    return Article(
        id=row["id"],
        sequence=row["sequence"],
        content=content,
        reading=codec.load_reading(row["reading"], content.paragraphs),
        units=units,
        content_hash=row["content_hash"],
        observed_at=row["observed_at"],
        revision=row["revision"],
        status=row["status"],
        findings=codec.load_findings(row["findings"]),
    )


def _pair(row: RowMapping) -> UnitPair:
    spans, features = codec.load_pair_detail(row["detail"])
    return UnitPair(
        a=row["a"],
        b=row["b"],
        kind=row["kind"],
        similarity=row["similarity"],
        overlap_a=row["overlap_a"],
        overlap_b=row["overlap_b"],
        confidence=row["confidence"],
        spans=spans,
        features=features,
        version=row["version"],
    )


def _story(row: RowMapping) -> Story:
    languages, organisations = codec.load_story_lists(row["languages"], row["organisations"])
    return Story(
        id=row["id"],
        title=row["title"],
        version=row["version"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        first_published_at=row["first_published_at"],
        last_published_at=row["last_published_at"],
        languages=languages,
        counts=StoryCounts(row["articles"], row["reports"], row["outlets"], row["passages"]),
        organisations=organisations,
        representative_id=row["representative_id"],
        merged_into=row["merged_into"],
    )
