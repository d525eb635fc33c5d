"""The answers of the contract, as frozen models: the one place for their shapes. The API declares and returns these.

Holds no behaviour; `service/flows/presentation.py` fills them from domain values.
Fields that the contract marks with `?` are absent, not null, when empty.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from service.domain import models as domain
from service.domain.membership import ReasonKind


def _is_none(value: object) -> bool:
    return value is None


def _rfc3339(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


Time = Annotated[datetime, PlainSerializer(_rfc3339, return_type=str), Field(json_schema_extra={"format": "date-time"})]
Fraction = Annotated[float, Field(ge=0, le=1), PlainSerializer(lambda value: round(value, 4), return_type=float)]


class View(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True, validate_by_name=True)


class OutletView(View):
    site: str
    name: str


class OrganisationView(View):
    id: str
    name: str
    kind: domain.OrganisationKind


class DerivationView(View):
    label: domain.DerivationLabel
    share: Fraction
    confidence: Fraction


class OriginView(View):
    kind: Literal["article", "organisation", "undetermined"]
    article_id: str | None = Field(None, exclude_if=_is_none)
    organisation: OrganisationView | None = Field(None, exclude_if=_is_none)
    basis: list[domain.Basis]
    confidence: Fraction
    reason: str | None = Field(None, exclude_if=_is_none, description="Why it is undetermined.")


class CreditView(View):
    organisation: OrganisationView
    kind: domain.CreditKind
    carry: domain.Carry
    paragraph: int | None = Field(description="Index of the paragraph; null when it stands in the field that `field` names.")
    start: int
    end: int
    text: str
    confidence: Fraction
    field: str = Field(description="`body`, or the metadata field that holds the credit.")


class CitationView(View):
    organisation: OrganisationView
    paragraph: int
    start: int
    end: int
    text: str


class ParagraphView(View):
    index: int
    role: domain.Role
    text: str
    passage_id: str | None = Field(description="The passage that this paragraph carries; null where nothing is matched.")


class ArticleSummaryView(View):
    id: str
    external_id: str | None
    url: str | None
    canonical_url: str | None
    outlet: OutletView
    title: str
    authors: list[str]
    language: str | None
    published_at: Time | None
    observed_at: Time
    status: domain.ArticleStatus
    revision: int
    story_id: str | None
    report_id: str | None
    derivation: DerivationView
    origin: OriginView
    composite: bool = Field(
        False,
        description="A roundup: it touches several events (`touches` of the article) and belongs to the story of none of them; "
        "its own story holds nothing else.",
    )


class TouchView(View):
    story_id: str | None
    article_id: str = Field(description="An article of the event that the roundup touches.")
    share: Fraction = Field(description="Part of the roundup's body that stands in that article.")


class ArticleView(ArticleSummaryView):
    credits: list[CreditView]
    citations: list[CitationView]
    paragraphs: list[ParagraphView]
    metadata: dict[str, Any]
    touches: list[TouchView] = Field([], description="The events that a roundup touches, fullest first; empty for others.")
    captions: list[str] = Field([], description="Texts under pictures, where a page was read.")
    field_sources: dict[str, str] = Field(
        {},
        description="Field -> where it was read (`ld+json:headline`, `meta:author`); fields that the caller named are not in it.",
    )
    problem: dict[str, Any] | None = Field(
        None, exclude_if=_is_none, description="Why it failed, as a problem document; only where `status` is `failed`."
    )


class ArticleListView(View):
    items: list[ArticleSummaryView]
    next_cursor: str | None


class SpanView(View):
    start: int
    end: int
    other_start: int
    other_end: int


class ParagraphMatchView(View):
    paragraph: int
    other_paragraph: int
    kind: domain.MatchKind
    similarity: Fraction
    overlap: Fraction
    spans: list[SpanView]


class MatchView(View):
    article_id: str
    outlet: OutletView
    published_at: Time | None
    share: Fraction
    share_of_other: Fraction
    pairs: list[ParagraphMatchView]


class MatchesView(View):
    items: list[MatchView]


class EvidenceView(View):
    kind: str
    paragraph: int | None = Field(None, exclude_if=_is_none)
    other_paragraph: int | None = Field(None, exclude_if=_is_none)
    start: int | None = Field(None, exclude_if=_is_none)
    end: int | None = Field(None, exclude_if=_is_none)
    text: str
    weight: Fraction


class LinkView(View):
    id: str
    source: str = Field(description="Node that the copy comes from.")
    target: str = Field(description="Node that carries the copy.")
    relation: domain.Relation
    carry: domain.Carry
    share: Fraction
    basis: list[domain.Basis]
    evidence: list[EvidenceView]
    confidence: Fraction


class ArticleProvenanceView(View):
    article_id: str
    origin: OriginView
    chains: list[list[LinkView]]
    undetermined_reason: str | None = Field(None, exclude_if=_is_none)


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
    merged_into: str | None = Field(None, exclude_if=_is_none)


class ListedStoryView(StoryView):
    match: StoryMatchView | None = Field(
        None, exclude_if=_is_none, description="What was found; only in a list asked for with `q`."
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
    article_id: str | None = Field(None, exclude_if=_is_none)
    share: Fraction | None = Field(None, exclude_if=_is_none, description="Part of its body that stands in the other article.")
    share_of_other: Fraction | None = Field(None, exclude_if=_is_none)
    probability: Fraction | None = Field(None, exclude_if=_is_none, description="That the two reports are about one event.")
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
        None, exclude_if=_is_none, description="Why it is in the story; absent until it is concluded about anew after an upgrade."
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


class OutletSummaryView(View):
    site: str
    name: str
    articles: int
    independent: Fraction = Field(description="Part of its articles that are `independent`.")
    partially_derived: Fraction
    wholly_derived: Fraction
    undetermined: Fraction
    mean_share: Fraction | None = Field(description="Mean part of an article's body that is carried from elsewhere.")
    first_seen: Time = Field(description="Claimed time of its first article, or when it came where none was claimed.")
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


class WireHintView(View):
    """Weak evidence that makes no credit: for pages whose text names nobody, and to check another detector's flags."""

    is_wire: bool
    organisation: OrganisationView | None = Field(description="Whom the fields name, if anybody.")
    confidence: Fraction = Field(description="Estimated chance that `is_wire` is right.")
    reasons: list[str] = Field(description="Evidence that counted, strongest first.")


class CheckView(View):
    credits: list[CreditView]
    citations: list[CitationView]
    derivation: DerivationView
    matches: list[MatchView]
    story: str | None = Field(description="Id of the story it would join; null when it would be a new one.")
    report: str | None = Field(description="Id of the report it would join; null when it would be a new one.")
    composite: bool = Field(False, description="It would be a roundup of several events, in the story of none of them.")
    origin: OriginView
    wire_hint: WireHintView = Field(description="Whether it is likely wire copy by byline, headline and URL alone.")


class HealthCheckView(View):
    name: Literal["writer", "store", "index", "encoder"]
    ok: bool
    detail: str


class HealthView(View):
    status: Literal["ok"] = "ok"
    version: str
    role: Literal["writer", "replica"] = Field(
        "writer", description="`replica`: reads, and hands what writes or needs the index to the one that writes."
    )
    mode: Literal["semantic", "lexical"] = Field(description="`lexical`: no model is loaded, so rewording is not found.")
    checks: list[HealthCheckView]


class LivenessView(View):
    status: Literal["ok"] = "ok"
