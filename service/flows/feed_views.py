"""The answers about what happened: a story's history, the change feed, constraints, webhooks. Shapes, and how they are filled.

Same rules as `service/flows/views.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from service.domain import changes as domain
from service.domain.models import StoryChange, StoryVersion
from service.domain.webhooks import message_id
from service.flows.views import Time, View, is_none


class OriginChangeView(View):
    article_id: str
    before: str | None = Field(alias="from", description="Node id of the origin until then; null: undetermined.")
    after: str | None = Field(alias="to", description="Node id of the origin since; null: undetermined.")


class StoryVersionView(View):
    version: int
    at: Time
    change: StoryChange = Field(description="`corrected` where an editor's word, or taking one back, was the reason.")
    articles_added: list[str]
    articles_removed: list[str]
    from_ids: list[str] = Field(alias="from", description="Stories that articles came from.")
    into_ids: list[str] = Field(alias="into", description="Stories that articles went to.")
    origins_changed: list[OriginChangeView] = Field(
        [], description="Articles that stayed and whose copy is now held to begin elsewhere: a late original, say."
    )


class StoryHistoryView(View):
    items: list[StoryVersionView] = Field(description="Newest first.")
    next_cursor: str | None


class ChangeView(View):
    sequence: int = Field(description="Counts from 1 without gaps.")
    at: Time
    type: domain.ChangeType
    story_id: str | None
    article_id: str | None = Field(None, exclude_if=is_none)
    data: dict[str, Any]


class ChangesView(View):
    items: list[ChangeView]
    next: int = Field(description="What to send as `after` next, or to acknowledge.")


class AcknowledgedView(View):
    consumer: str
    sequence: int = Field(description="The furthest that this consumer ever acknowledged; its next page begins behind it.")


class ConstraintView(View):
    id: str
    kind: domain.ConstraintKind = Field(
        description="`must_link`: the stories of both lists are one; `cannot_link`: no story holds articles of both."
    )
    at: Time
    story_id: str = Field(description="The story where it was said.")
    article_ids: list[str]
    other_article_ids: list[str]


class CorrectionView(ConstraintView):
    story_ids: list[str] = Field(description="Where these articles are now; the story that was asked for first.")


class ConstraintListView(View):
    items: list[ConstraintView]
    next_cursor: str | None


class WebhookView(View):
    id: str
    url: str
    types: list[domain.ChangeType] = Field(description="Only these; all when empty.")
    created_at: Time
    sequence: int = Field(description="The last change that was dealt with.")
    disabled_reason: str | None = Field(description="Why nothing is sent any more; null while it is enabled.")


class NewWebhookView(WebhookView):
    secret: str = Field(description="Shown now and in replays of this answer only.")


class WebhookListView(View):
    items: list[WebhookView]
    next_cursor: str | None


class DeliveryView(View):
    id: str = Field(description="The `webhook-id` header of the message, the same at every attempt.")
    sequence: int
    type: domain.ChangeType
    state: domain.DeliveryState
    attempts: int
    next_at: Time | None = Field(description="When it is tried again, while it is `waiting`.")
    last_at: Time | None
    status: int | None = Field(description="What the receiver answered last; null when it did not.")
    response: str = Field(description="The beginning of that answer, or why there was none.")


class DeliveryListView(View):
    items: list[DeliveryView]
    next_cursor: str | None


class WebhookMessageView(View):
    """The body of a message."""

    type: domain.ChangeType
    timestamp: Time
    data: ChangeView


def webhook_view(hook: domain.Webhook) -> WebhookView:
    return WebhookView(
        id=hook.id,
        url=hook.url,
        types=list(hook.types),
        created_at=hook.created_at,
        sequence=hook.sequence,
        disabled_reason=hook.disabled_reason,
    )


def delivery_view(one: domain.Delivery) -> DeliveryView:
    return DeliveryView(
        id=message_id(one.webhook_id, one.sequence),
        sequence=one.sequence,
        type=one.type,
        state=one.state,
        attempts=one.attempts,
        next_at=one.next_at,
        last_at=one.last_at,
        status=one.status,
        response=one.response,
    )


def _constraint_fields(constraint: domain.Constraint) -> dict[str, Any]:
    return {
        "id": constraint.id,
        "kind": constraint.kind,
        "at": constraint.at,
        "story_id": constraint.story_id,
        "article_ids": list(constraint.articles),
        "other_article_ids": list(constraint.others),
    }


def constraint_view(constraint: domain.Constraint) -> ConstraintView:
    return ConstraintView(**_constraint_fields(constraint))


def correction_view(constraint: domain.Constraint, story_ids: Sequence[str]) -> CorrectionView:
    return CorrectionView(**_constraint_fields(constraint), story_ids=list(story_ids))


def version_view(version: StoryVersion) -> StoryVersionView:
    return StoryVersionView(
        version=version.version,
        at=version.at,
        change=version.change,
        articles_added=list(version.articles_added),
        articles_removed=list(version.articles_removed),
        from_ids=list(version.from_ids),
        into_ids=list(version.into_ids),
        origins_changed=[
            OriginChangeView(article_id=c.article_id, before=c.before, after=c.after) for c in version.origins_changed
        ],
    )


def change_view(change: domain.Change) -> ChangeView:
    return ChangeView(
        sequence=change.sequence,
        at=change.at,
        type=change.type,
        story_id=change.story_id,
        article_id=change.article_id,
        data=dict(change.data),
    )
