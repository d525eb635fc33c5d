"""The records of outlets and organisations: counts over articles, credits and links, made by the database.

Builds on the side tables that every write of an article or of findings keeps in step. Loads no article.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Float,
    FromClause,
    Select,
    and_,
    cast,
    distinct,
    extract,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    type_coerce,
    union,
    union_all,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP

from service.domain.models import Organisation
from service.store import codec
from service.store.tables import article, article_credit, article_link, organisation, outlet
from service.store_values import CarrierCount, OrganisationRecord, OutletRecord, Period, SourceCount

_MOST_ROWS = 200


class RecordQueries:
    """The part of a reading session that counts; mixed into `service.store.reading.SqlReadSession`."""

    _connection: Connection

    def list_outlets(self, within: Period, after: tuple[str, ...] | None, limit: int) -> list[OutletRecord]:
        page = _outlets(within).order_by(outlet.c.site).limit(limit)
        if after is not None:
            page = page.where(outlet.c.site > after[0])
        return self._outlet_records(page, within)

    def outlet_record(self, site: str, within: Period) -> OutletRecord | None:
        found = self._outlet_records(_outlets(within).where(outlet.c.site == site, article.c.outlet_site == site), within)
        return found[0] if found else None

    def _outlet_records(self, page: Select[Any], within: Period) -> list[OutletRecord]:
        rows = self._connection.execute(page).all()
        labels = (
            select(article.c.outlet_site, article.c.derivation, func.count())
            .where(article.c.outlet_site.in_([row.site for row in rows]), article.c.derivation.is_not(None), *_during(within))
            .group_by(article.c.outlet_site, article.c.derivation)
        )
        counts: dict[str, dict[Any, int]] = {}
        for site, label, number in self._connection.execute(labels):
            counts.setdefault(site, {})[label] = number
        return [
            OutletRecord(
                row.site,
                row.name,
                row.articles,
                counts.get(row.site, {}),
                row.mean_share,
                datetime.fromisoformat(row.first_at),
                datetime.fromisoformat(row.last_at),
            )
            for row in rows
        ]

    def outlet_sources(self, site: str, within: Period) -> list[SourceCount]:
        by_link = (
            select(article_link.c.article_id, article_link.c.source_organisation.label("organisation_id"))
            .join_from(article_link, article, article.c.id == article_link.c.article_id)
            .where(article.c.outlet_site == site, article_link.c.source_organisation.is_not(None), *_during(within))
        )
        by_origin = select(article.c.id, article.c.origin_organisation).where(
            article.c.outlet_site == site, article.c.origin_organisation.is_not(None), *_during(within)
        )
        # A union without duplicates: an article counts once for an organisation, however it is known.
        named = union(by_link, by_origin).subquery("named")
        organisations = (
            select(organisation, func.count().label("n"))
            .join_from(named, organisation, organisation.c.id == named.c.organisation_id)
            .group_by(*organisation.c)
        )
        source = article.alias("source")
        number = func.count(distinct(article_link.c.article_id))
        outlets = (
            select(outlet.c.site, outlet.c.name, number.label("n"))
            .select_from(
                article_link.join(article, article.c.id == article_link.c.article_id)
                .join(source, source.c.id == article_link.c.source_article)
                .join(outlet, outlet.c.site == source.c.outlet_site)
            )
            .where(article.c.outlet_site == site, source.c.outlet_site != site, *_during(within))
            .group_by(outlet.c.site, outlet.c.name)
        )
        found = [SourceCount(_organisation(row), None, None, row.n) for row in self._top(organisations)]
        return found + [SourceCount(None, row.site, row.name, row.n) for row in self._top(outlets)]

    def _top(self, counted: Select[Any]) -> Sequence[Any]:
        """The rows with the largest `n`, by name where they are equal."""
        first = counted.selected_columns[0]
        return self._connection.execute(counted.order_by(literal_column("n").desc(), first).limit(_MOST_ROWS)).all()

    def outlet_lag_s(self, site: str, within: Period) -> float | None:
        source = article.alias("source")
        return self._median_lag_s(source, article.c.outlet_site == site, source.c.outlet_site != site, *_during(within))

    def organisation_lag_s(self, sites: Sequence[str], within: Period) -> float | None:
        source = article.alias("source")
        theirs = source.c.outlet_site.in_(sites), article.c.outlet_site.not_in(sites)
        return self._median_lag_s(source, *theirs, *_during(within)) if sites else None

    def _median_lag_s(self, source: FromClause, *conditions: ColumnElement[bool]) -> float | None:
        lag = self._seconds(article.c.published_at) - self._seconds(source.c.published_at)
        lags = (
            select(lag.label("lag"))
            .select_from(
                article_link.join(article, article.c.id == article_link.c.article_id).join(
                    source, source.c.id == article_link.c.source_article
                )
            )
            .where(
                article_link.c.is_direct,
                # Claims that cannot be true are dated by when the article was seen.
                article.c.published_at == article.c.dated_at,
                source.c.published_at == source.c.dated_at,
                *conditions,
            )
            .subquery()
        )
        ranked = select(
            lags.c.lag, func.row_number().over(order_by=lags.c.lag).label("place"), func.count().over().label("total")
        ).subquery()
        # The middle one, or the mean of the middle two.
        middle = and_(ranked.c.place * 2 >= ranked.c.total, ranked.c.place * 2 <= ranked.c.total + 2)
        found = self._connection.execute(select(func.avg(ranked.c.lag)).where(middle)).scalar_one_or_none()
        return None if found is None else round(float(found), 3)

    def carriers(self, sites: Sequence[str], organisations: Sequence[str], within: Period) -> list[CarrierCount]:
        source = article.alias("source")
        number = func.count(distinct(article_link.c.article_id))
        query = (
            select(outlet.c.site, outlet.c.name, number.label("n"))
            .select_from(
                article_link.join(article, article.c.id == article_link.c.article_id)
                .join(outlet, outlet.c.site == article.c.outlet_site)
                .outerjoin(source, source.c.id == article_link.c.source_article)
            )
            .where(
                or_(
                    article_link.c.source_organisation.in_(list(organisations)),
                    article.c.origin_organisation.in_(list(organisations)),
                    source.c.outlet_site.in_(list(sites)),
                ),
                article.c.outlet_site.not_in(list(sites)),
                *_during(within),
            )
            .group_by(outlet.c.site, outlet.c.name)
            .order_by(number.desc(), outlet.c.site)
            .limit(_MOST_ROWS)
        )
        return [CarrierCount(*row) for row in self._connection.execute(query)]

    def list_organisations(self, within: Period, after: tuple[str, ...] | None, limit: int) -> list[OrganisationRecord]:
        page = _organisations(within).order_by(organisation.c.id).limit(limit)
        if after is not None:
            page = page.where(organisation.c.id > after[0])
        return self._organisation_records(page, within)

    def organisation_record(self, organisation_id: str, within: Period) -> OrganisationRecord | None:
        found = self._organisation_records(_organisations(within).where(organisation.c.id == organisation_id), within)
        return found[0] if found else None

    def _organisation_records(self, page: Select[Any], within: Period) -> list[OrganisationRecord]:
        rows = self._connection.execute(page).all()
        kinds = (
            select(article_credit.c.organisation_id, article_credit.c.kind, func.count())
            .join_from(article_credit, article, article.c.id == article_credit.c.article_id)
            .where(article_credit.c.organisation_id.in_([row.id for row in rows]), *_during(within))
            .group_by(article_credit.c.organisation_id, article_credit.c.kind)
            .order_by(article_credit.c.kind)
        )
        counts: dict[str, dict[Any, int]] = {}
        for ident, kind, number in self._connection.execute(kinds):
            counts.setdefault(ident, {})[kind] = number
        return [
            OrganisationRecord(_organisation(row), row.articles, row.outlets, row.stories, counts.get(row.id, {})) for row in rows
        ]

    def _seconds(self, instant: ColumnElement[Any]) -> ColumnElement[float]:
        """Seconds since any fixed moment, of a time stored as text."""
        if self._connection.dialect.name == "postgresql":
            return cast(extract("epoch", cast(type_coerce(instant, outlet.c.name.type), TIMESTAMP(timezone=True))), Float)
        return func.julianday(instant) * literal(86400.0, Float)


def _outlets(within: Period) -> Select[Any]:
    dated = article.c.dated_at
    return (
        select(
            outlet.c.site,
            outlet.c.name,
            func.count().label("articles"),
            func.avg(article.c.share).label("mean_share"),
            type_coerce(func.min(dated), outlet.c.name.type).label("first_at"),
            type_coerce(func.max(dated), outlet.c.name.type).label("last_at"),
        )
        .join_from(outlet, article, article.c.outlet_site == outlet.c.site)
        .where(*_during(within))
        .group_by(outlet.c.site, outlet.c.name)
    )


def _organisations(within: Period) -> Select[Any]:
    """Credited, or the source of a link that no credit names (a sibling's credit speaks for it)."""
    named = union_all(
        select(article_credit.c.article_id, article_credit.c.organisation_id),
        select(article_link.c.article_id, article_link.c.source_organisation).where(
            article_link.c.source_organisation.is_not(null())
        ),
    ).subquery("named")
    return (
        select(
            organisation,
            func.count(distinct(article.c.id)).label("articles"),
            func.count(distinct(article.c.outlet_site)).label("outlets"),
            func.count(distinct(article.c.story_id)).label("stories"),
        )
        .join_from(organisation, named, named.c.organisation_id == organisation.c.id)
        .join(article, article.c.id == named.c.article_id)
        .where(*_during(within))
        .group_by(*organisation.c)
    )


def _during(within: Period) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if within.since is not None:
        conditions.append(article.c.dated_at >= within.since)
    if within.until is not None:
        conditions.append(article.c.dated_at <= within.until)
    return conditions


def _organisation(row: Any) -> Organisation:
    return Organisation(row.id, row.name, row.kind, codec.load_sites(row.sites))
