"""Examples of the answers about what happened; see `service/api/examples.py`, whose invented event these tell of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from service.flows.feed_views import (
    AcknowledgedView,
    ChangesView,
    ChangeView,
    ConstraintListView,
    ConstraintView,
    CorrectionView,
    DeliveryListView,
    DeliveryView,
    NewWebhookView,
    StoryHistoryView,
    StoryVersionView,
    WebhookListView,
    WebhookView,
)

_AT = datetime(2026, 5, 4, 10, 6, 12, 345678, tzinfo=UTC)
_STORY_ID, _ARTICLE_ID = "01jtexample0000000000000s1", "01jtexample0000000000000a2"
_WIRE_ID = "01jtexample0000000000000a1"
_INGESTED = ChangeView(
    sequence=41,
    at=_AT,
    type="article.ingested",
    story_id=_STORY_ID,
    article_id=_ARTICLE_ID,
    data={
        "revision": 1,
        "external_id": None,
        "canonical_url": "https://harbour-gazette.example/news/quay-wall-collapse",
    },
)
_UPDATED = ChangeView(
    sequence=42,
    at=_AT,
    type="story.updated",
    story_id=_STORY_ID,
    data={
        "version": 2,
        "change": "grown",
        "articles_added": [_ARTICLE_ID],
        "articles_removed": [],
        "from": [],
        "into": [],
        "is_complete": True,
        "counts": {"articles": 2, "reports": 1, "outlets": 2, "passages": 9},
    },
)
CHANGES = ChangesView(items=[_INGESTED, _UPDATED], next=42)
ACKNOWLEDGE: dict[str, Any] = {"consumer": "search-index", "sequence": 42}
ACKNOWLEDGED = AcknowledgedView(consumer="search-index", sequence=42)
STREAM = f"retry: 3000\n\nid: 42\nevent: story.updated\ndata: {_UPDATED.model_dump_json()}\n\n: still here\n\n"
HISTORY = StoryHistoryView(
    items=[
        StoryVersionView(
            version=2, at=_AT, change="grown", articles_added=[_ARTICLE_ID], articles_removed=[], from_ids=[], into_ids=[]
        ),
        StoryVersionView(
            version=1, at=_AT, change="created", articles_added=[_WIRE_ID], articles_removed=[], from_ids=[], into_ids=[]
        ),
    ],
    next_cursor=None,
)
MERGE: dict[str, Any] = {"other_id": "01jtexample0000000000000s2"}
SPLIT: dict[str, Any] = {"article_ids": [_ARTICLE_ID]}
_CONSTRAINT: dict[str, Any] = {
    "id": "01jtexample0000000000000c1",
    "kind": "must_link",
    "at": _AT,
    "story_id": _STORY_ID,
    "article_ids": [_WIRE_ID, _ARTICLE_ID],
    "other_article_ids": ["01jtexample0000000000000a3"],
}
CORRECTION = CorrectionView(**_CONSTRAINT, story_ids=[_STORY_ID])
CONSTRAINT = ConstraintView(**_CONSTRAINT)
CONSTRAINTS = ConstraintListView(items=[CONSTRAINT], next_cursor=None)
_WEBHOOK_ID = "01jtexample0000000000000w1"
WEBHOOK_REQUEST: dict[str, Any] = {
    "url": "https://hooks.aggregator.example/wiretrace",
    "types": ["story.created", "story.merged"],
}
_WEBHOOK: dict[str, Any] = {
    "id": _WEBHOOK_ID,
    "url": WEBHOOK_REQUEST["url"],
    "types": WEBHOOK_REQUEST["types"],
    "created_at": _AT,
    "sequence": 42,
    "disabled_reason": None,
}
# The secret that the specification of Standard Webhooks uses in its examples.
NEW_WEBHOOK = NewWebhookView(**_WEBHOOK, secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")  # noqa: S106
WEBHOOK = WebhookView(**_WEBHOOK)
WEBHOOKS = WebhookListView(items=[WEBHOOK], next_cursor=None)
DELIVERY = DeliveryView(
    id=f"msg_{_WEBHOOK_ID}_42",
    sequence=42,
    type="story.merged",
    state="waiting",
    attempts=1,
    next_at=_AT,
    last_at=_AT,
    status=503,
    response="try later",
)
DELIVERIES = DeliveryListView(items=[DELIVERY], next_cursor=None)
