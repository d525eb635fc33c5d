"""The answers about stories, as frozen models; the same rules as `service/flows/views.py`. Holds no behaviour."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from service.domain import models as domain
from service.domain.membership import ReasonKind
from service.flows.views import Fraction, LinkView, OrganisationView, OriginView, OutletView, Time, View, is_none


class CountsView(View):
    articles: int
    reports: int = Field(description="Independent reports: the figure that tells corroboration from echo.")
    outlets: int
    passages: int


class RepresentativeView(View):
    article_id: str
    title: str
    url: str | None
    outlet: OutletView


class StoryMatchView(View):
    article_id: str = Field(description="The first article of the story that holds the passage.")
    paragraph: int | None = Field(description="Null where it is the title.")
    start: int
    end: int
    text: str
    score: Fraction = Field(description="1 for a story that is first by words and by meaning; the list is in this order.")
    by: Literal["words", "meaning", "both"] = Field(description="What the story was found by.")


class StoryView(View):
    id: str
    title: str
    version: int
    created_at: Time
    updated_at: Time
    first_published_at: Time
    last_published_at: Time
    languages: list[str]
    counts: CountsView
    organisations: list[OrganisationView]
    representative: RepresentativeView
    composite: bool = Field(False, description="Its article is a roundup of several events; it is of none of them.")
    merged_into: str | None = Field(None, exclude_if=is_none)


class ListedStoryView(StoryView):
    match: StoryMatchView | None = Field(
        None, exclude_if=is_none, description="What was found; only in a list asked for with `q`."
    )


class StoryListView(View):
    items: list[ListedStoryView]
    next_cursor: str | None


class FeatureView(View):
    name: str
    value: float
    weight: float = Field(description="What it adds to the log odds of one event; below 0 it speaks against.")


class ReasonView(View):
    kind: ReasonKind = Field(
        description="`shared_copy`: it carries the same copy as that article of its report. `same_event`: its report and that of "
        "the other article are about one event. `editor`: somebody said so. `alone`: nothing else is in the story."
    )
    article_id: str | None = Field(None, exclude_if=is_none)
    share: Fraction | None = Field(None, exclude_if=is_none, description="Part of its body that stands in the other article.")
    share_of_other: Fraction | None = Field(None, exclude_if=is_none)
    probability: Fraction | None = Field(None, exclude_if=is_none, description="That the two reports are about one event.")
    features: list[FeatureView] = Field([], description="What moved that probability most, strongest first.")


class MembershipView(View):
    confidence: Fraction = Field(
        description="That most of the story is about this article's event; calibrated on labelled stories."
    )
    reasons: list[ReasonView]


class ReportArticleView(View):
    article_id: str
    outlet: OutletView
    title: str
    url: str | None
    published_at: Time | None
    derivation: domain.DerivationLabel
    share: Fraction
    membership: MembershipView | None = Field(
        None, exclude_if=is_none, description="Why it is in the story; absent until it is concluded about anew after an upgrade."
    )


class ReportView(View):
    id: str
    origin: OriginView
    representative: RepresentativeView
    articles: list[ReportArticleView]
    shared_passages: int = Field(description="Passages that two or more of these articles carry.")


class StoryDetailView(StoryView):
    reports: list[ReportView]


class FirstSeenView(View):
    article_id: str
    outlet: OutletView
    at: Time


class OccurrenceView(View):
    article_id: str
    paragraph: int
    kind: domain.MatchKind = Field(description="How this paragraph relates to the first one; `verbatim` for the first itself.")


class PassageView(View):
    id: str
    text: str = Field(description="The paragraph as it was first seen.")
    kind_of_first: Literal["own", "carried", "undetermined"] = Field(
        description="Whether the article it was first seen in wrote it, or carries it from a source that was not ingested."
    )
    first_seen: FirstSeenView
    occurrences: list[OccurrenceView]


class PassagesView(View):
    items: list[PassageView]


class ArticleNodeView(View):
    id: str
    kind: Literal["article"]
    article_id: str
    title: str
    url: str | None
    outlet: OutletView
    outlet_class: domain.OrganisationKind = Field(description="What the outlet is: `agency` for a news agency's own article.")
    published_at: Time | None
    observed_at: Time
    report_id: str | None
    derivation: domain.DerivationLabel


class OrganisationNodeView(View):
    id: str
    kind: Literal["organisation"]
    name: str
    site: str | None
    organisation_class: domain.OrganisationKind = Field(alias="class")


class StoryProvenanceView(View):
    nodes: list[Annotated[ArticleNodeView | OrganisationNodeView, Field(discriminator="kind")]]
    links: list[LinkView]
