"""The two list queries: filters, order and keyset of articles and stories.

Builds statements only; the reading session runs them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.sql import FromClause

from service.ports import ArticleFilter, StoryFilter
from service.store.tables import article, story, story_facet


def article_page(query: Select[Any], where: ArticleFilter, after: tuple[str, ...] | None, limit: int) -> Select[Any]:
    """Newest first by id. A collapsed list keeps, of the articles that match, the earliest one of each group."""
    query = query.where(*_article_conditions(article, where))
    if where.collapse != "none":
        group = "report_id" if where.collapse == "report" else "story_id"
        earlier = article.alias("earlier")
        is_earlier = or_(
            earlier.c.dated_at < article.c.dated_at,
            and_(earlier.c.dated_at == article.c.dated_at, earlier.c.id < article.c.id),
        )
        # An article without a group equals no other here, as NULL does, and so stands for itself.
        rivals = select(1).where(earlier.c[group] == article.c[group], is_earlier, *_article_conditions(earlier, where))
        query = query.where(~exists(rivals))
    if after is not None:
        query = query.where(article.c.id < after[0])
    return query.order_by(article.c.id.desc()).limit(limit)


def _article_conditions(source: FromClause, where: ArticleFilter) -> list[ColumnElement[bool]]:
    columns = source.c
    conditions: list[ColumnElement[bool]] = []
    if where.url is not None:
        conditions.append(or_(columns.url == where.url, columns.canonical_url == where.url))
    for name in ("external_id", "outlet_site", "derivation", "story_id"):
        wanted = getattr(where, name)
        if wanted is not None:
            conditions.append(columns[name] == wanted)
    if where.since is not None:
        conditions.append(columns.dated_at >= where.since)
    if where.until is not None:
        conditions.append(columns.dated_at <= where.until)
    return conditions


def story_page(where: StoryFilter, after: tuple[str, ...] | None, limit: int) -> Select[Any]:
    """Living stories that hold an article, largest sort value first, then largest id first."""
    columns = story.c
    query = select(story).where(*story_conditions(where))
    sort_by = {"updated": columns.updated_at, "first": columns.first_published_at, "size": columns.articles}[where.order]
    if after is not None:
        value: datetime | int = int(after[0]) if where.order == "size" else datetime.fromisoformat(after[0])
        query = query.where(or_(sort_by < value, and_(sort_by == value, columns.id < after[1])))
    return query.order_by(sort_by.desc(), columns.id.desc()).limit(limit)


def story_conditions(where: StoryFilter) -> list[ColumnElement[bool]]:
    """Of a living story that holds an article and passes the filter."""
    columns = story.c
    conditions: list[ColumnElement[bool]] = [columns.merged_into.is_(None), columns.articles > 0]
    if where.since is not None:
        conditions.append(columns.last_published_at >= where.since)
    if where.until is not None:
        conditions.append(columns.first_published_at <= where.until)
    if where.min_reports is not None:
        conditions.append(columns.reports >= where.min_reports)
    if where.min_outlets is not None:
        conditions.append(columns.outlets >= where.min_outlets)
    if where.outlet_site is not None:
        # A name of its own: the query around it may be about articles too.
        member = article.alias("member")
        of_outlet = and_(member.c.story_id == columns.id, member.c.outlet_site == where.outlet_site)
        conditions.append(exists(select(1).select_from(member).where(of_outlet)))
    for facet, wanted in (("organisation", where.organisation_id), ("language", where.language)):
        if wanted is not None:
            of_facet = and_(story_facet.c.story_id == columns.id, story_facet.c.facet == facet, story_facet.c.value == wanted)
            conditions.append(exists(select(1).select_from(story_facet).where(of_facet)))
    return conditions
