"""The records of outlets and organisations, as frozen models; the same rules as `service/flows/views.py`. Holds no behaviour."""

from __future__ import annotations

from pydantic import Field

from service.domain import models as domain
from service.flows.views import Fraction, OrganisationView, OutletView, Time, View


class OutletSummaryView(View):
    site: str
    name: str
    articles: int
    independent: Fraction = Field(description="Part of its articles that are `independent`.")
    partially_derived: Fraction
    wholly_derived: Fraction
    undetermined: Fraction
    mean_share: Fraction | None = Field(description="Mean part of an article's body that is carried from elsewhere.")
    first_seen: Time = Field(
        description="Claimed time of its first article, or when it came where none that can be true was claimed."
    )
    last_seen: Time


class OutletListView(View):
    items: list[OutletSummaryView]
    next_cursor: str | None


class CarriedOrganisationView(View):
    organisation: OrganisationView
    articles: int = Field(description="Articles that carry its copy, directly or through others.")


class CarriedByView(View):
    outlet: OutletView
    articles: int


class OutletRecordView(OutletSummaryView):
    agencies: list[CarriedOrganisationView] = Field(description="Agencies and press offices whose copy it carries, most first.")
    other_sources: list[CarriedOrganisationView] = Field(description="Other outlets and organisations whose copy it carries.")
    carried_by: list[CarriedByView] = Field(description="Outlets that carry its copy, most first.")
    median_lag_s: float | None = Field(
        description="Median seconds from a direct source's claimed time to its own, where both were ingested; "
        "negative where clocks disagree, null where nothing can be compared."
    )


class OrganisationSummaryView(View):
    id: str
    name: str
    organisation_class: domain.OrganisationKind = Field(alias="class")
    sites: list[str]
    articles: int = Field(description="Articles that credit it or whose links name it.")
    credited: dict[domain.CreditKind, int] = Field(description="Articles by kind of credit; one with two kinds counts twice.")
    outlets: int
    stories: int


class OrganisationListView(View):
    items: list[OrganisationSummaryView]
    next_cursor: str | None


class OrganisationRecordView(OrganisationSummaryView):
    carried_by: list[CarriedByView] = Field(description="Outlets that carry its copy, most first.")
    median_lag_s: float | None = Field(
        description="Median seconds from its own article's claimed time to a carrier's, where both were ingested; null where "
        "nothing can be compared."
    )
