"""The two list queries: filters, order and keyset of articles and stories.

Builds statements, which the reading session runs; runs itself only what finds the sites of an outlet.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Connection, Select, and_, exists, func, literal, or_, select, tuple_, union
from sqlalchemy.sql import FromClause

from service.store.tables import article, outlet, story, story_facet, story_version
from service.store_values import ArticleFilter, StoryFilter

Sites = Sequence[str] | CompoundSelect[Any] | None
_MANY_SITES = 500


def outlet_sites(connection: Connection, where: ArticleFilter | StoryFilter) -> Sites:
    """The sites of the outlet that is asked for, None where none is. Named one by one, because a database that knows them knows
    how many articles they have, and which index leads to those; as a statement where there are very many.
    """
    if where.outlet_site is None:
        return None
    if where.outlet_name is None:
        return [where.outlet_site]
    # SQLite folds ASCII letters only, so the name as it stands counts too.
    is_called_so = or_(outlet.c.name == where.outlet_name, func.lower(outlet.c.name) == where.outlet_name.lower())
    named = select(outlet.c.site).where(is_called_so)
    found = connection.execute(named.limit(_MANY_SITES)).scalars().all()
    if len(found) == _MANY_SITES:
        return union(select(literal(where.outlet_site)), named)
    return sorted({where.outlet_site, *found})


def _is_of_outlet(site: ColumnElement[str], sites: Sequence[str] | CompoundSelect[Any]) -> ColumnElement[bool]:
    # An index that leads to one site holds its articles in their order.
    return site == sites[0] if isinstance(sites, Sequence) and len(sites) == 1 else site.in_(sites)


def article_pages(where: ArticleFilter, sites: Sites, after: tuple[str, ...] | None, limit: int) -> list[Select[Any]]:
    """Ids of articles, newest first. A collapsed list keeps, of the articles that match, the earliest one of each group, newest
    group first: a group keeps its id, and so its place, whatever article stands for it. Articles of no group come behind them.

    The page is the beginning of what the statements give one after the other. They are two, because one that sorts articles of
    groups and of none together is not answered from an index.
    """
    query = select(article.c.id).where(*_article_conditions(article, where, sites)).limit(limit)
    if where.collapse == "none":
        unseen = [article.c.id < after[0]] if after is not None else []
        return [query.where(*unseen).order_by(article.c.id.desc())]
    name = "report_id" if where.collapse == "report" else "story_id"
    group, earlier = article.c[name], article.alias("earlier")
    # As one value, which an index is searched by; the same said with AND and OR is not.
    is_earlier = tuple_(earlier.c.dated_at, earlier.c.id) < tuple_(article.c.dated_at, article.c.id)
    rivals = select(1).where(earlier.c[name] == group, is_earlier, *_article_conditions(earlier, where, sites))
    grouped = query.where(~exists(rivals)).order_by(group.desc())
    alone = query.where(group.is_(None)).order_by(article.c.id.desc())
    if after is None:
        return [grouped.where(group.is_not(None)), alone]
    if after[0]:
        return [grouped.where(group < after[0]), alone]
    return [alone.where(article.c.id < after[1])]


def _article_conditions(source: FromClause, where: ArticleFilter, sites: Sites) -> list[ColumnElement[bool]]:
    columns = source.c
    conditions: list[ColumnElement[bool]] = []
    if where.url is not None:
        conditions.append(or_(columns.url == where.url, columns.canonical_url == where.url))
    for name in ("external_id", "derivation", "story_id"):
        wanted = getattr(where, name)
        if wanted is not None:
            conditions.append(columns[name] == wanted)
    if sites is not None:
        conditions.append(_is_of_outlet(columns.outlet_site, sites))
    if where.since is not None:
        conditions.append(columns.dated_at >= where.since)
    if where.until is not None:
        conditions.append(columns.dated_at <= where.until)
    return conditions


_ORDERS = {
    "updated": (story.c.updated_at, story_version.c.at),
    "first": (story.c.first_published_at, story_version.c.first_published_at),
    "size": (story.c.articles, story_version.c.articles),
}
"""What stories are sorted by now, and what they were sorted by at an earlier version."""


def story_page(where: StoryFilter, sites: Sites, after: tuple[str, ...] | None, began: datetime, limit: int) -> Select[Any]:
    """Living stories that hold an article, with their `sort` value at `began`: largest first, then largest id first.

    A list begins with what is there. It goes on along the history: of each story the last version of the time when the list began
    says where it stands, so that a change moves none from where the list has not been yet to where it has. An index leads to the
    version behind the last one shown, so a page costs the same whatever has changed since the list began.
    """
    now, then = _ORDERS[where.order]
    if after is None:  # nothing is later than the beginning, in one view of the store
        query = select(story, now.label("sort")).where(*story_conditions(where, sites))
        return query.order_by(now.desc(), story.c.id.desc()).limit(limit)
    later = story_version.alias("later")
    # Asked of the story and not of its version, so that SQLite first looks whether the story passes.
    of_story, at_the_time = later.c.story_id == story.c.id, later.c.at <= began
    is_replaced = exists(select(1).where(of_story, later.c.version > story_version.c.version, at_the_time))
    query = select(story, then.label("sort")).select_from(story_version.join(story, story.c.id == story_version.c.story_id))
    value: datetime | int = int(after[0]) if where.order == "size" else datetime.fromisoformat(after[0])
    # As one value, which an index is searched by; the same said with AND and OR is not.
    place = tuple_(then, story_version.c.story_id)
    query = query.where(place < tuple_(literal(value, then.type), literal(after[1], story.c.id.type)), ~is_replaced)
    if where.order != "updated":  # by which all behind `after` are of before the beginning
        query = query.where(story_version.c.at <= began)
    query = query.where(*story_conditions(where, sites))
    return query.order_by(then.desc(), story_version.c.story_id.desc()).limit(limit)


def story_conditions(where: StoryFilter, sites: Sites) -> list[ColumnElement[bool]]:
    """Of a living story that holds an article and passes the filter."""
    columns = story.c
    # Not `> 0`: hardly any holds none, and no index is to be chosen for that.
    conditions: list[ColumnElement[bool]] = [columns.merged_into.is_(None), columns.articles != 0]
    if where.since is not None:
        conditions.append(columns.last_published_at >= where.since)
    if where.until is not None:
        conditions.append(columns.first_published_at <= where.until)
    if where.min_reports is not None:
        conditions.append(columns.reports >= where.min_reports)
    if where.min_outlets is not None:
        conditions.append(columns.outlets >= where.min_outlets)
    if sites is not None:
        # A name of its own: the query around it may be about articles too.
        member = article.alias("member")
        of_outlet = and_(member.c.story_id == columns.id, _is_of_outlet(member.c.outlet_site, sites))
        conditions.append(exists(select(1).select_from(member).where(of_outlet)))
    for facet, wanted in (("organisation", where.organisation_id), ("language", where.language)):
        if wanted is not None:
            of_facet = and_(story_facet.c.story_id == columns.id, story_facet.c.facet == facet, story_facet.c.value == wanted)
            conditions.append(exists(select(1).select_from(story_facet).where(of_facet)))
    return conditions
