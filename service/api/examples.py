"""One example for each answer of the contract, built from the views themselves so that none can go stale.

An invented event with invented local outlets; the agencies are real, as their credit lines are the subject.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel

from service.flows import record_views, story_views, views
from service.flows.exports.graph import StoryGraph
from service.flows.exports.graphviz import graphviz
from service.flows.exports.prov import prov_json
from service.flows.exports.svg import svg

_LEAD = "PORT ELLERY, May 4 (Reuters) - A section of the old quay wall collapsed on Monday, closing the ferry terminal."
REQUEST = {
    "url": "https://harbour-gazette.example/news/quay-wall-collapse?utm_source=feed",
    "outlet": "Harbour Gazette",
    "title": "Quay wall collapses in Port Ellery",
    "authors": ["Reuters"],
    "language": "en",
    "published_at": "2026-05-04T10:05:00Z",
    "paragraphs": [
        _LEAD,
        "Divers were inspecting the remaining wall and ferries were diverted to Stanmouth, the harbour authority said.",
        "Sign up for our morning newsletter.",
    ],
    "metadata": {"feed": "harbour-gazette-rss"},
}

_AT = datetime(2026, 5, 4, 10, 5, tzinfo=UTC)
_WIRE_AT = datetime(2026, 5, 4, 9, 41, tzinfo=UTC)
_OBSERVED_AT = datetime(2026, 5, 4, 10, 6, 12, 345678, tzinfo=UTC)
_REUTERS = views.OrganisationView(id="reuters", name="Reuters", kind="agency")
_GAZETTE = views.OutletView(site="harbour-gazette.example", name="Harbour Gazette")
_WIRE = views.OutletView(site="reuters.com", name="Reuters")
_COURIER = views.OutletView(site="northern-courier.example", name="Northern Courier")
_ARTICLE_ID, _WIRE_ID, _COURIER_ID = "01jtexample0000000000000a2", "01jtexample0000000000000a1", "01jtexample0000000000000a3"
_STORY_ID, _REPORT_ID, _OTHER_REPORT_ID = "01jtexample0000000000000s1", "01jtexample0000000000000r1", "01jtexample0000000000000r2"
_PASSAGE_ID = "4f1c0b7a9d2e4c58"
_TEXT = "Divers were inspecting the remaining wall and ferries were diverted to Stanmouth, the harbour authority said."
_DERIVATION = views.DerivationView(label="wholly_derived", share=0.97, confidence=0.94)
_ORIGIN = views.OriginView(
    kind="article", article_id=_WIRE_ID, organisation=_REUTERS, basis=["credit", "text", "time"], confidence=0.95
)
_OWN_ORIGIN = views.OriginView(kind="article", article_id=_COURIER_ID, basis=["text"], confidence=0.8)
_CREDIT = views.CreditView(
    organisation=_REUTERS,
    kind="dateline",
    carry="full",
    paragraph=0,
    start=20,
    end=27,
    text="Reuters",
    confidence=0.98,
    field="body",
)
_CITATION = views.CitationView(organisation=_REUTERS, paragraph=4, start=12, end=24, text="told Reuters")
_LINK = views.LinkView(
    id="01jtexample0000000000000l1",
    source=_WIRE_ID,
    target=_ARTICLE_ID,
    relation="carried",
    carry="full",
    share=0.97,
    basis=["credit", "text", "time"],
    evidence=[
        views.EvidenceView(kind="dateline", paragraph=0, start=20, end=27, text="Reuters", weight=0.9),
        views.EvidenceView(kind="verbatim", paragraph=1, other_paragraph=1, start=0, end=len(_TEXT), text=_TEXT, weight=0.95),
    ],
    confidence=0.95,
)
_SUMMARY: dict[str, Any] = {
    "id": _ARTICLE_ID,
    "external_id": None,
    "url": REQUEST["url"],
    "canonical_url": "https://harbour-gazette.example/news/quay-wall-collapse",
    "outlet": _GAZETTE,
    "title": REQUEST["title"],
    "authors": ["Reuters"],
    "language": "en",
    "published_at": _AT,
    "observed_at": _OBSERVED_AT,
    "status": "clustered",
    "revision": 1,
    "story_id": _STORY_ID,
    "report_id": _REPORT_ID,
    "derivation": _DERIVATION,
    "origin": _ORIGIN,
}
ARTICLE = views.ArticleView(
    **_SUMMARY,
    credits=[_CREDIT],
    citations=[],
    paragraphs=[
        views.ParagraphView(
            index=0,
            role="body",
            text=_LEAD,
            passage_id="9b3d5e7f01a24c66",
        ),
        views.ParagraphView(index=1, role="body", text=_TEXT, passage_id=_PASSAGE_ID),
        views.ParagraphView(index=2, role="boilerplate", text="Sign up for our morning newsletter.", passage_id=None),
    ],
    metadata={"feed": "harbour-gazette-rss"},
)
ARTICLES = views.ArticleListView(items=[views.ArticleSummaryView(**_SUMMARY)], next_cursor="WzEsImE4ZjEiLCIwMWp0Il0")
_MATCH = views.MatchView(
    article_id=_WIRE_ID,
    outlet=_WIRE,
    published_at=_WIRE_AT,
    share=0.97,
    share_of_other=0.62,
    pairs=[
        views.ParagraphMatchView(
            paragraph=1,
            other_paragraph=1,
            kind="verbatim",
            similarity=1,
            overlap=1,
            confidence=1,
            spans=[views.SpanView(start=0, end=len(_TEXT), other_start=0, other_end=len(_TEXT))],
        )
    ],
)
MATCHES = views.MatchesView(items=[_MATCH])
ARTICLE_PROVENANCE = views.ArticleProvenanceView(article_id=_ARTICLE_ID, origin=_ORIGIN, chains=[[_LINK]])
_LEADING = story_views.RepresentativeView(
    article_id=_WIRE_ID, title="Quay wall collapses in Port Ellery", url="https://www.reuters.com/world/quay", outlet=_WIRE
)
_STORY: dict[str, Any] = {
    "id": _STORY_ID,
    "title": "Quay wall collapses in Port Ellery",
    "version": 3,
    "created_at": _WIRE_AT,
    "updated_at": datetime(2026, 5, 4, 12, 30, tzinfo=UTC),
    "first_published_at": _WIRE_AT,
    "last_published_at": datetime(2026, 5, 4, 12, 20, tzinfo=UTC),
    "languages": ["en"],
    "counts": story_views.CountsView(articles=3, reports=2, outlets=3, passages=14),
    "organisations": [_REUTERS],
    "representative": _LEADING,
}
STORIES = story_views.StoryListView(items=[story_views.ListedStoryView(**_STORY)], next_cursor=None)
_FOUND = story_views.StoryMatchView(
    article_id=_ARTICLE_ID, paragraph=0, start=0, end=len(_LEAD), text=_LEAD, score=0.9918, by="both"
)
FOUND_STORIES = story_views.StoryListView(items=[story_views.ListedStoryView(**_STORY, match=_FOUND)], next_cursor=None)


def _member(article_id: str, outlet: views.OutletView, at: datetime, label: Any, share: float) -> story_views.ReportArticleView:
    url = f"https://{outlet.site}/quay"
    return story_views.ReportArticleView(
        article_id=article_id, outlet=outlet, title=_STORY["title"], url=url, published_at=at, derivation=label, share=share
    )


STORY = story_views.StoryDetailView(
    **_STORY,
    reports=[
        story_views.ReportView(
            id=_REPORT_ID,
            origin=views.OriginView(
                kind="article", article_id=_WIRE_ID, organisation=_REUTERS, basis=["credit", "text"], confidence=0.95
            ),
            representative=_LEADING,
            articles=[
                _member(_WIRE_ID, _WIRE, _WIRE_AT, "independent", 0),
                _member(_ARTICLE_ID, _GAZETTE, _AT, "wholly_derived", 0.97),
            ],
            shared_passages=5,
        ),
        story_views.ReportView(
            id=_OTHER_REPORT_ID,
            origin=_OWN_ORIGIN,
            representative=story_views.RepresentativeView(
                article_id=_COURIER_ID,
                title="Ferries diverted after quay gives way",
                url="https://northern-courier.example/quay",
                outlet=_COURIER,
            ),
            articles=[_member(_COURIER_ID, _COURIER, datetime(2026, 5, 4, 12, 20, tzinfo=UTC), "independent", 0.03)],
            shared_passages=0,
        ),
    ],
)
PASSAGES = story_views.PassagesView(
    items=[
        story_views.PassageView(
            id=_PASSAGE_ID,
            text=_TEXT,
            kind_of_first="own",
            first_seen=story_views.FirstSeenView(article_id=_WIRE_ID, outlet=_WIRE, at=_WIRE_AT),
            occurrences=[
                story_views.OccurrenceView(article_id=_WIRE_ID, paragraph=1, kind="verbatim"),
                story_views.OccurrenceView(article_id=_ARTICLE_ID, paragraph=1, kind="verbatim"),
            ],
        )
    ]
)
STORY_PROVENANCE = story_views.StoryProvenanceView(
    nodes=[
        story_views.ArticleNodeView(
            id=_WIRE_ID,
            kind="article",
            article_id=_WIRE_ID,
            title=_STORY["title"],
            url="https://www.reuters.com/world/quay",
            outlet=_WIRE,
            outlet_class="agency",
            published_at=_WIRE_AT,
            observed_at=_OBSERVED_AT,
            report_id=_REPORT_ID,
            derivation="independent",
        ),
        story_views.ArticleNodeView(
            id=_ARTICLE_ID,
            kind="article",
            article_id=_ARTICLE_ID,
            title=_STORY["title"],
            url="https://harbour-gazette.example/quay",
            outlet=_GAZETTE,
            outlet_class="outlet",
            published_at=_AT,
            observed_at=_OBSERVED_AT,
            report_id=_REPORT_ID,
            derivation="wholly_derived",
        ),
        story_views.OrganisationNodeView(
            id="org:reuters", kind="organisation", name="Reuters", site="reuters.com", organisation_class="agency"
        ),
    ],
    links=[_LINK, _LINK.model_copy(update={"id": "01jtexample0000000000000l2", "source": "org:reuters", "target": _WIRE_ID})],
)
_GRAPH = StoryGraph(
    _STORY_ID, _STORY["title"], _STORY["version"], _STORY["updated_at"], STORY_PROVENANCE, kinds={_LINK.id: "verbatim"}
)
STORY_PROV = json.loads(prov_json(_GRAPH))
STORY_GRAPHVIZ = graphviz(_GRAPH)
STORY_SVG = svg(_GRAPH)
_RECORD: dict[str, Any] = {
    "site": _GAZETTE.site,
    "name": _GAZETTE.name,
    "articles": 40,
    "independent": 0.25,
    "partially_derived": 0.2,
    "wholly_derived": 0.5,
    "undetermined": 0.05,
    "mean_share": 0.61,
    "first_seen": _WIRE_AT,
    "last_seen": _AT,
}
_CARRIED_BY = [record_views.CarriedByView(outlet=_COURIER, articles=3)]
OUTLETS = record_views.OutletListView(items=[record_views.OutletSummaryView(**_RECORD)], next_cursor=None)
OUTLET = record_views.OutletRecordView(
    **_RECORD,
    agencies=[record_views.CarriedOrganisationView(organisation=_REUTERS, articles=22)],
    other_sources=[
        record_views.CarriedOrganisationView(
            organisation=views.OrganisationView(id="northern-courier-example", name="Northern Courier", kind="outlet"), articles=2
        )
    ],
    carried_by=_CARRIED_BY,
    median_lag_s=1440,
)
_CREDITED: dict[str, Any] = {
    "id": "reuters",
    "name": "Reuters",
    "organisation_class": "agency",
    "sites": ["reuters.com"],
    "articles": 31,
    "credited": {"byline": 4, "dateline": 27},
    "outlets": 12,
    "stories": 9,
}
ORGANISATIONS = record_views.OrganisationListView(items=[record_views.OrganisationSummaryView(**_CREDITED)], next_cursor=None)
ORGANISATION = record_views.OrganisationRecordView(
    **_CREDITED, carried_by=[record_views.CarriedByView(outlet=_GAZETTE, articles=22)], median_lag_s=5400.0
)
CHECK = views.CheckView(
    credits=[_CREDIT],
    citations=[_CITATION],
    derivation=_DERIVATION,
    matches=[_MATCH],
    story=_STORY_ID,
    report=_REPORT_ID,
    origin=_ORIGIN,
    wire_hint=views.WireHintView(
        is_wire=True,
        organisation=_CREDIT.organisation,
        confidence=0.984,
        reasons=["byline names Reuters", "URL section /world/"],
    ),
)
ALIVE = views.LivenessView()
HEALTH = views.HealthView(
    version="0.1.0",
    mode="semantic",
    checks=[
        views.HealthCheckView(name="writer", ok=True, detail="running"),
        views.HealthCheckView(name="store", ok=True, detail="readable"),
        views.HealthCheckView(name="index", ok=True, detail="matches the store"),
        views.HealthCheckView(name="encoder", ok=True, detail="answers"),
    ],
)


def dump(example: BaseModel) -> Any:
    return example.model_dump(mode="json")
