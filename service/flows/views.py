"""The answers of the contract, as frozen models: what they have in common, articles, checks and health. The API declares and
returns these; stories are in `story_views.py`, outlets and organisations in `record_views.py`.

Holds no behaviour; `service/flows/presentation.py` fills them from domain values.
Fields that the contract marks with `?` are absent, not null, when empty.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from service.domain import models as domain


def is_none(value: object) -> bool:
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
    article_id: str | None = Field(None, exclude_if=is_none)
    organisation: OrganisationView | None = Field(None, exclude_if=is_none)
    basis: list[domain.Basis]
    confidence: Fraction
    reason: str | None = Field(None, exclude_if=is_none, description="Why it is undetermined.")


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
        None, exclude_if=is_none, description="Why it failed, as a problem document; only where `status` is `failed`."
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
    confidence: Fraction = Field(
        description="That the two share copy; for a `quotation`, that it is one. A `paraphrase` of 0.6 is a retelling: too "
        "little of the wording was kept to be sure, or none. It counts for shares, reports and links only where three passages "
        "of the two articles or more are carried or retold in one order."
    )
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
    paragraph: int | None = Field(None, exclude_if=is_none)
    other_paragraph: int | None = Field(None, exclude_if=is_none)
    start: int | None = Field(None, exclude_if=is_none)
    end: int | None = Field(None, exclude_if=is_none)
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
    undetermined_reason: str | None = Field(None, exclude_if=is_none)


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
