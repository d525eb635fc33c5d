"""Fills the views from domain values, and does nothing else: no reading, no deciding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.domain import models as domain
from service.domain.matches import ArticleMatch
from service.domain.membership import Membership
from service.domain.wire_hints import WireHint
from service.flows.story_views import (
    ArticleNodeView,
    CountsView,
    FeatureView,
    ListedStoryView,
    MembershipView,
    OrganisationNodeView,
    ReasonView,
    ReportArticleView,
    ReportView,
    RepresentativeView,
    StoryDetailView,
)
from service.flows.views import (
    ArticleSummaryView,
    ArticleView,
    CitationView,
    CreditView,
    DerivationView,
    EvidenceView,
    LinkView,
    MatchView,
    OrganisationView,
    OriginView,
    OutletView,
    ParagraphMatchView,
    ParagraphView,
    SpanView,
    TouchView,
    WireHintView,
)

UNKNOWN_DERIVATION = DerivationView(label="undetermined", share=0, confidence=0)


def outlet_view(content: domain.ArticleInput) -> OutletView:
    return OutletView(site=content.outlet_site, name=content.outlet_name or content.outlet_site)


def organisation_view(organisation: domain.Organisation) -> OrganisationView:
    return OrganisationView(id=organisation.id, name=organisation.name, kind=organisation.kind)


def origin_view(origin: domain.Origin) -> OriginView:
    return OriginView(
        kind=origin.kind,
        article_id=origin.article_id,
        organisation=organisation_view(origin.organisation) if origin.organisation else None,
        basis=list(origin.basis),
        confidence=origin.confidence,
        reason=origin.reason,
    )


def derivation_view(derivation: domain.Derivation) -> DerivationView:
    return DerivationView(label=derivation.label, share=derivation.share, confidence=derivation.confidence)


def link_view(link: domain.Link) -> LinkView:
    evidence = [
        EvidenceView(
            kind=item.kind,
            paragraph=item.paragraph,
            other_paragraph=item.other_paragraph,
            start=item.start,
            end=item.end,
            text=item.text,
            weight=item.weight,
        )
        for item in link.evidence
    ]
    return LinkView(
        id=link.id,
        source=link.source,
        target=link.target,
        relation=link.relation,
        carry=link.carry,
        share=link.share,
        basis=list(link.basis),
        evidence=evidence,
        confidence=link.confidence,
    )


def credit_views(reading: domain.Reading) -> list[CreditView]:
    return [
        CreditView(
            organisation=organisation_view(credit.organisation),
            kind=credit.kind,
            carry=credit.carry,
            paragraph=credit.paragraph,
            start=credit.start,
            end=credit.end,
            text=credit.text,
            confidence=credit.confidence,
            field=credit.field,
        )
        for credit in reading.credits
    ]


def citation_views(reading: domain.Reading) -> list[CitationView]:
    return [
        CitationView(
            organisation=organisation_view(citation.organisation),
            paragraph=citation.paragraph,
            start=citation.start,
            end=citation.end,
            text=citation.text,
        )
        for citation in reading.citations
    ]


def _summary_fields(article: domain.Article) -> dict[str, Any]:
    content, findings = article.content, article.findings
    pending = OriginView(kind="undetermined", basis=[], confidence=0, reason="The article is not clustered yet.")
    return {
        "id": article.id,
        "external_id": content.external_id,
        "url": content.url,
        "canonical_url": content.canonical_url,
        "outlet": outlet_view(content),
        "title": content.title,
        "authors": list(content.authors),
        "language": content.language,
        "published_at": content.published_at,
        "observed_at": article.observed_at,
        "status": article.status,
        "revision": article.revision,
        "story_id": findings.story_id if findings else None,
        "report_id": findings.report_id if findings else None,
        "derivation": derivation_view(findings.derivation) if findings else UNKNOWN_DERIVATION,
        "origin": origin_view(findings.origin) if findings else pending,
        "composite": bool(findings and findings.touches),
    }


def article_summary_view(article: domain.Article) -> ArticleSummaryView:
    return ArticleSummaryView(**_summary_fields(article))


def wire_hint_view(hint: WireHint) -> WireHintView:
    return WireHintView(
        is_wire=hint.is_wire,
        organisation=None if hint.organisation is None else organisation_view(hint.organisation),
        confidence=hint.confidence,
        reasons=list(hint.reasons),
    )


def article_view(
    article: domain.Article, passages: Mapping[int, str], stories: Mapping[str, str | None] | None = None
) -> ArticleView:
    """`passages`: paragraph index -> passage id. `stories`: article id -> story id, of the articles that it touches."""
    touches = article.findings.touches if article.findings else ()
    return ArticleView(
        **_summary_fields(article),
        credits=credit_views(article.reading),
        citations=citation_views(article.reading),
        paragraphs=[
            ParagraphView(
                index=paragraph.index, role=paragraph.role, text=paragraph.text, passage_id=passages.get(paragraph.index)
            )
            for paragraph in article.reading.paragraphs
        ],
        metadata=dict(article.content.metadata),
        touches=[
            TouchView(story_id=(stories or {}).get(touch.article_id), article_id=touch.article_id, share=touch.share)
            for touch in touches
        ],
        captions=list(article.content.captions),
        field_sources=dict(article.content.field_sources),
    )


def representative_view(article: domain.Article) -> RepresentativeView:
    content = article.content
    return RepresentativeView(article_id=article.id, title=content.title, url=content.url, outlet=outlet_view(content))


def story_view(story: domain.Story, representative: domain.Article) -> ListedStoryView:
    return ListedStoryView(**_story_fields(story, representative))


def story_detail_view(story: domain.Story, representative: domain.Article, reports: list[ReportView]) -> StoryDetailView:
    return StoryDetailView(**_story_fields(story, representative), reports=reports)


def _story_fields(story: domain.Story, representative: domain.Article) -> dict[str, Any]:
    counts = story.counts
    return {
        "id": story.id,
        "title": story.title,
        "version": story.version,
        "created_at": story.created_at,
        "updated_at": story.updated_at,
        "first_published_at": story.first_published_at,
        "last_published_at": story.last_published_at,
        "languages": list(story.languages),
        "counts": CountsView(articles=counts.articles, reports=counts.reports, outlets=counts.outlets, passages=counts.passages),
        "organisations": [organisation_view(organisation) for organisation in story.organisations],
        "representative": representative_view(representative),
        "composite": counts.reports == 1 and bool(representative.findings and representative.findings.touches),
        "merged_into": story.merged_into,
    }


def report_article_view(article: domain.Article) -> ReportArticleView:
    content, findings = article.content, article.findings
    return ReportArticleView(
        article_id=article.id,
        outlet=outlet_view(content),
        title=content.title,
        url=content.url,
        published_at=content.published_at,
        derivation=findings.derivation.label if findings else "undetermined",
        share=findings.derivation.share if findings else 0,
        membership=membership_view(findings.membership) if findings and findings.membership else None,
    )


def membership_view(membership: Membership) -> MembershipView:
    return MembershipView(
        confidence=membership.confidence,
        reasons=[
            ReasonView(
                kind=reason.kind,
                article_id=reason.article_id,
                share=reason.share,
                share_of_other=reason.share_of_other,
                probability=reason.probability,
                features=[FeatureView(name=f.name, value=f.value, weight=f.weight) for f in reason.features],
            )
            for reason in membership.reasons
        ],
    )


def article_node_view(article: domain.Article, outlet_class: domain.OrganisationKind = "outlet") -> ArticleNodeView:
    content, findings = article.content, article.findings
    return ArticleNodeView(
        id=article.id,
        kind="article",
        article_id=article.id,
        title=content.title,
        url=content.url,
        outlet=outlet_view(content),
        outlet_class=outlet_class,
        published_at=content.published_at,
        observed_at=article.observed_at,
        report_id=findings.report_id if findings else None,
        derivation=findings.derivation.label if findings else "undetermined",
    )


def organisation_node_view(node_id: str, organisation: domain.Organisation) -> OrganisationNodeView:
    return OrganisationNodeView(
        id=node_id,
        kind="organisation",
        name=organisation.name,
        site=organisation.sites[0] if organisation.sites else None,
        organisation_class=organisation.kind,
    )


def match_view(match: ArticleMatch, other: domain.Article) -> MatchView:
    pairs = [
        ParagraphMatchView(
            paragraph=pair.paragraph,
            other_paragraph=pair.other_paragraph,
            kind=pair.kind,
            similarity=min(1.0, max(0.0, pair.similarity)),
            overlap=pair.overlap,
            confidence=pair.confidence,
            spans=[
                SpanView(start=start, end=end, other_start=other_start, other_end=other_end)
                for start, end, other_start, other_end in pair.spans
            ],
        )
        for pair in match.pairs
    ]
    return MatchView(
        article_id=match.article_id,
        outlet=outlet_view(other.content),
        published_at=other.content.published_at,
        share=match.share,
        share_of_other=match.share_of_other,
        pairs=pairs,
    )
