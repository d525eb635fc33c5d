"""The records of outlets and organisations as views: whose copy an outlet carries, who carries its copy, how late.

Reads what the store has counted; the registry says which site belongs to which organisation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from service.domain.models import Organisation
from service.errors import OrganisationNotFound, OutletNotFound
from service.flows import record_views, views
from service.flows.exports.graph import AGENCY_CLASSES
from service.ports import Store
from service.store_values import CarrierCount, OrganisationRecord, OutletRecord, Period, SourceCount

Row = TypeVar("Row")
Page = tuple[list[Row], tuple[str, ...] | None]


class Records:
    """`organisation` finds one by id, name, alias or site."""

    def __init__(self, store: Store, organisation: Callable[[str], Organisation | None]) -> None:
        self._store = store
        self._organisation = organisation

    def outlets(self, within: Period, after: tuple[str, ...] | None, limit: int) -> Page[record_views.OutletSummaryView]:
        """One page by site and the key of the next, None at the end."""
        with self._store.read() as session:
            found = session.list_outlets(within, after, limit + 1)
        page = found[:limit]
        return [_outlet_summary(record) for record in page], (page[-1].site,) if len(found) > limit else None

    def outlet(self, site: str, within: Period) -> record_views.OutletRecordView:
        own = self._organisation(site)
        with self._store.read() as session:
            record = session.outlet_record(site, within)
            if record is None:
                raise OutletNotFound
            sources = self._merged(session.outlet_sources(site, within), own)
            carriers = session.carriers([site], [own.id] if own else [], within)
            lag = session.outlet_lag_s(site, within)
        return record_views.OutletRecordView(
            **dict(_outlet_summary(record)),
            agencies=[carried for carried in sources if carried.organisation.kind in AGENCY_CLASSES],
            other_sources=[carried for carried in sources if carried.organisation.kind not in AGENCY_CLASSES],
            carried_by=_carried_by(carriers),
            median_lag_s=lag,
        )

    def organisations(
        self, within: Period, after: tuple[str, ...] | None, limit: int
    ) -> Page[record_views.OrganisationSummaryView]:
        """One page by id and the key of the next, None at the end."""
        with self._store.read() as session:
            found = session.list_organisations(within, after, limit + 1)
        page = found[:limit]
        return [_organisation_summary(record) for record in page], (page[-1].organisation.id,) if len(found) > limit else None

    def organisation(self, wanted: str, within: Period) -> record_views.OrganisationRecordView:
        """By id, name, alias or site; one that is registered but never credited has a record of zeros."""
        known = self._organisation(wanted)
        ident = known.id if known else wanted
        with self._store.read() as session:
            record = session.organisation_record(ident, within)
            if record is None:
                known = known or _stored(session.organisation_record(ident, Period()))
                if known is None:
                    raise OrganisationNotFound
                record = OrganisationRecord(known, 0, 0, 0, {})
            carriers = session.carriers(record.organisation.sites, [ident], within)
            lag = session.organisation_lag_s(record.organisation.sites, within)
        summary = dict(_organisation_summary(record))
        return record_views.OrganisationRecordView(**summary, carried_by=_carried_by(carriers), median_lag_s=lag)

    def _merged(self, sources: Sequence[SourceCount], own: Organisation | None) -> list[record_views.CarriedOrganisationView]:
        """An organisation's unseen copy and its own articles are one source; most first. Nobody carries its own copy."""
        counts: dict[str, int] = {}
        named: dict[str, Organisation] = {}
        for source in sources:
            organisation = source.organisation or self._organisation(source.site or "")
            if organisation is None:
                site = source.site or ""
                organisation = Organisation(site, source.name or site, "outlet", (site,))
            if own is not None and organisation.id == own.id:
                continue
            named[organisation.id] = organisation
            # Of both counts the larger: they are mostly of the same articles, whose origin is that article's organisation.
            counts[organisation.id] = max(counts.get(organisation.id, 0), source.articles)
        return [
            record_views.CarriedOrganisationView(
                organisation=views.OrganisationView(id=ident, name=named[ident].name, kind=named[ident].kind), articles=number
            )
            for ident, number in sorted(counts.items(), key=lambda found: (-found[1], found[0]))
        ]


def _stored(record: OrganisationRecord | None) -> Organisation | None:
    return record.organisation if record else None


def _outlet_summary(record: OutletRecord) -> record_views.OutletSummaryView:
    # Articles that are not concluded about yet count as undetermined.
    share = {label: number / record.articles for label, number in record.derivations.items()}
    decided = {label: share.get(label, 0.0) for label in ("independent", "partially_derived", "wholly_derived")}
    return record_views.OutletSummaryView(
        site=record.site,
        name=record.name,
        articles=record.articles,
        **decided,
        undetermined=max(0.0, 1 - sum(decided.values())),
        mean_share=record.mean_share,
        first_seen=record.first_at,
        last_seen=record.last_at,
    )


def _organisation_summary(record: OrganisationRecord) -> record_views.OrganisationSummaryView:
    return record_views.OrganisationSummaryView(
        id=record.organisation.id,
        name=record.organisation.name,
        organisation_class=record.organisation.kind,
        sites=list(record.organisation.sites),
        articles=record.articles,
        credited=dict(record.credits),
        outlets=record.outlets,
        stories=record.stories,
    )


def _carried_by(carriers: Sequence[CarrierCount]) -> list[record_views.CarriedByView]:
    return [
        record_views.CarriedByView(outlet=views.OutletView(site=found.site, name=found.name), articles=found.articles)
        for found in carriers
    ]
