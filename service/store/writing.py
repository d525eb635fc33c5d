"""The writing half of the repository: domain values to rows, within the single writer's transaction.

Never commits: the store does when the block ends. Everything here may be repeated with the same values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite

from service.domain.models import ORGANISATION_NODE, Article, Findings, Organisation, Story, StoryVersion, UnitPair
from service.store import codec
from service.store.feed import FeedWriting
from service.store.job_sessions import JobWriting
from service.store.reading import SqlReadSession, chunks, vector_bytes
from service.store.search import SearchWriting
from service.store.tables import (
    article,
    article_body,
    article_credit,
    article_link,
    counter,
    embedding,
    note,
    organisation,
    outlet,
    paragraph_unit,
    story,
    story_facet,
    story_version,
    unit,
    unit_pair,
)
from service.store_values import UnitRow


class SqlWriteSession(SqlReadSession, JobWriting, FeedWriting, SearchWriting):
    """Implements `service.ports.WriteSession`; reads see what was written before in the same session."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert

    def next_sequence(self) -> int:
        grown = update(counter).where(counter.c.name == "article").values(value=counter.c.value + 1).returning(counter.c.value)
        return int(self._connection.execute(grown).scalar_one())

    def put_note(self, name: str, value: str) -> None:
        self._upsert(note, [{"name": name, "value": value}])

    def put_article(self, article: Article) -> None:
        """Raises sqlalchemy's IntegrityError when another article has the same external id, canonical URL or sequence."""
        self._upsert(_ARTICLE, [_article_row(article)])
        body = {
            "article_id": article.id,
            "content": codec.dump_content(article.content),
            "reading": codec.dump_reading(article),
            "caller_metadata": codec.dump_metadata(article.content.metadata),
        }
        self._upsert(article_body, [body])
        self._connection.execute(delete(paragraph_unit).where(paragraph_unit.c.article_id == article.id))
        places = [
            {
                "article_id": article.id,
                "ordinal": ordinal,
                "unit_key": place.key,
                "paragraph": place.paragraph,
                "start": place.start,
                "end": place.end,
            }
            for ordinal, place in enumerate(article.units)
        ]
        if places:
            self._connection.execute(paragraph_unit.insert(), places)
        self._upsert(outlet, [{"site": article.content.outlet_site, "name": article.content.outlet_name}])
        self._put_credits(article)
        self._put_links({article.id: article.findings})

    def delete_article(self, article_id: str) -> None:
        """Its body and unit places go with it; `delete_unused_units` then takes the texts that nothing else carries."""
        self._connection.execute(delete(_ARTICLE).where(_ARTICLE.c.id == article_id))

    def delete_unused_units(self, keys: Sequence[str]) -> list[str]:
        """Of these units those that stand in no article, now deleted with their vectors and pairs."""
        gone: list[str] = []
        for some in chunks(keys):
            placed = exists(select(1).select_from(paragraph_unit).where(paragraph_unit.c.unit_key == unit.c.key))
            unused = list(self._connection.scalars(select(unit.c.key).where(unit.c.key.in_(some), ~placed)))
            for column in (unit_pair.c.a, unit_pair.c.b):
                self._connection.execute(delete(unit_pair).where(column.in_(unused)))
            self._connection.execute(delete(unit).where(unit.c.key.in_(unused)))
            gone.extend(unused)
        return gone

    def put_units(self, space: str, rows: Sequence[UnitRow]) -> None:
        self._insert_missing(unit, [{"key": row.key, "text": row.text} for row in rows])
        self._put_words((row.key, row.text) for row in rows)
        vectors = [
            {"space": space, "unit_key": row.key, "vector": vector_bytes(row.vector)} for row in rows if row.vector is not None
        ]
        self._insert_missing(embedding, vectors)

    def put_unit_pairs(self, pairs: Sequence[UnitPair]) -> None:
        """Insert, or replace what stands under the same version and keys."""
        rows = [
            {
                "version": pair.version,
                "a": pair.a,
                "b": pair.b,
                "kind": pair.kind,
                "similarity": float(pair.similarity),
                "overlap_a": float(pair.overlap_a),
                "overlap_b": float(pair.overlap_b),
                "confidence": float(pair.confidence),
                "detail": codec.dump_pair_detail(pair),
            }
            for pair in pairs
        ]
        self._upsert(unit_pair, rows)

    def put_findings(self, findings: Mapping[str, Findings]) -> None:
        """Raises LookupError when one of the articles is not there."""
        rows = [{"of_article": article_id, **_findings_columns(concluded)} for article_id, concluded in findings.items()]
        if not rows:
            return
        values: dict[str, Any] = {name: bindparam(name) for name in _FINDINGS}
        change = update(article).where(article.c.id == bindparam("of_article")).values(values)
        if self._connection.execute(change, rows).rowcount != len(rows):
            raise LookupError("findings about an article that is not in the store")
        self._put_links(findings)

    def _put_credits(self, article: Article) -> None:
        named = {credit.organisation.id: credit.organisation for credit in article.reading.credits}
        self._put_organisations(named)
        kinds = sorted({(credit.organisation.id, credit.kind) for credit in article.reading.credits})
        self._connection.execute(delete(article_credit).where(article_credit.c.article_id == article.id))
        if kinds:
            rows = [{"article_id": article.id, "organisation_id": ident, "kind": kind} for ident, kind in kinds]
            self._connection.execute(article_credit.insert(), rows)

    def _put_links(self, findings: Mapping[str, Findings | None]) -> None:
        concluded = [found for found in findings.values() if found]
        named = {found.origin.organisation.id: found.origin.organisation for found in concluded if found.origin.organisation}
        self._put_organisations(named | {one.id: one for found in concluded for one in found.organisations})
        for some in chunks(list(findings)):
            self._connection.execute(delete(article_link).where(article_link.c.article_id.in_(some)))
        rows = [row for article_id, found in findings.items() if found for row in _link_rows(article_id, found)]
        if rows:
            self._connection.execute(article_link.insert(), rows)

    def _put_organisations(self, organisations: Mapping[str, Organisation]) -> None:
        rows = [
            {"id": one.id, "name": one.name, "kind": one.kind, "sites": codec.dump_sites(one.sites)}
            for _, one in sorted(organisations.items())
        ]
        self._upsert(organisation, rows)

    def put_story(self, story: Story) -> None:
        self._upsert(_STORY, [_story_row(story)])
        self._connection.execute(delete(story_facet).where(story_facet.c.story_id == story.id))
        facets = {("organisation", organisation.id) for organisation in story.organisations}
        facets |= {("language", language) for language in story.languages}
        if facets:
            rows = [{"story_id": story.id, "facet": facet, "value": value} for facet, value in sorted(facets)]
            self._connection.execute(story_facet.insert(), rows)

    def add_story_version(self, version: StoryVersion) -> None:
        """Behind `put_story` with that version. Raises sqlalchemy's IntegrityError when the story has it already."""
        row = {
            "story_id": version.story_id,
            "version": version.version,
            "at": version.at,
            "change": version.change,
            "detail": codec.dump_story_version(version),
        }
        self._connection.execute(_NEW_VERSION, row)

    def _upsert(self, table: Table, rows: Sequence[dict[str, Any]]) -> None:
        if rows:
            self._connection.execute(_upserting(self._insert, table, tuple(rows[0])), rows)

    def _insert_missing(self, table: Table, rows: Sequence[dict[str, Any]]) -> None:
        if rows:
            self._connection.execute(_inserting_missing(self._insert, table), rows)


# Building a statement costs more than running it, and its cache key is kept with it.
@lru_cache(maxsize=64)
def _upserting(insert: Callable[[Table], Any], table: Table, names: tuple[str, ...]) -> Any:
    statement = insert(table)
    replaced = {name: statement.excluded[name] for name in names if not table.c[name].primary_key}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=replaced)


@lru_cache(maxsize=64)
def _inserting_missing(insert: Callable[[Table], Any], table: Table) -> Any:
    return insert(table).on_conflict_do_nothing(index_elements=list(table.primary_key.columns))


# Parameters named after what they are hide the tables of the same name.
_ARTICLE = article
_STORY = story
_NEW_VERSION = story_version.insert().values(
    {
        **{name: bindparam(name) for name in ("story_id", "version", "at", "change", "detail")},
        **{
            name: select(story.c[name]).where(story.c.id == bindparam("story_id")).scalar_subquery()
            for name in ("articles", "first_published_at")
        },
    }
)
_FINDINGS = ("report_id", "story_id", "derivation", "share", "origin_organisation", "findings")


def _findings_columns(findings: Findings | None) -> dict[str, Any]:
    origin = findings.origin.organisation if findings else None
    return {
        "report_id": None if findings is None else findings.report_id,
        "story_id": None if findings is None else findings.story_id,
        "derivation": None if findings is None else findings.derivation.label,
        "share": None if findings is None else float(findings.derivation.share),
        "origin_organisation": origin.id if origin else None,
        "findings": codec.dump_findings(findings),
    }


def _link_rows(article_id: str, findings: Findings) -> list[dict[str, Any]]:
    """Rows for the links that carry text; the records of outlets and organisations do not count pictures."""
    return [
        {
            "article_id": article_id,
            "ordinal": ordinal,
            "source_article": None if link.source.startswith(ORGANISATION_NODE) else link.source,
            "source_organisation": link.source.removeprefix(ORGANISATION_NODE)
            if link.source.startswith(ORGANISATION_NODE)
            else None,
            "is_direct": link.target == article_id,
            "relation": link.relation,
            "carry": link.carry,
            "share": float(link.share),
            "confidence": float(link.confidence),
        }
        for ordinal, link in enumerate(findings.links)
        if link.relation != "photo"
    ]


def _article_row(article: Article) -> dict[str, Any]:
    content = article.content
    return {
        "id": article.id,
        "sequence": article.sequence,
        "external_id": content.external_id,
        "url": content.url,
        "canonical_url": content.canonical_url,
        "outlet_site": content.outlet_site,
        "published_at": content.published_at,
        "observed_at": article.observed_at,
        "dated_at": article.appeared_at,
        "content_hash": article.content_hash,
        "revision": article.revision,
        "status": article.status,
        **_findings_columns(article.findings),
    }


def _story_row(story: Story) -> dict[str, Any]:
    languages, organisations = codec.dump_story_lists(story)
    return {
        "id": story.id,
        "title": story.title,
        "version": story.version,
        "created_at": story.created_at,
        "updated_at": story.updated_at,
        "first_published_at": story.first_published_at,
        "last_published_at": story.last_published_at,
        "articles": story.counts.articles,
        "reports": story.counts.reports,
        "outlets": story.counts.outlets,
        "passages": story.counts.passages,
        "languages": languages,
        "organisations": organisations,
        "representative_id": story.representative_id,
        "merged_into": story.merged_into,
    }
