"""What happened, in the words of the change feed; and an editor's word about stories. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

ChangeType = Literal[
    "article.ingested",
    "article.revised",
    "article.deleted",
    "story.created",
    "story.updated",
    "story.merged",
    "story.split",
    "story.deleted",
]
ConstraintKind = Literal["must_link", "cannot_link"]
DeliveryState = Literal["waiting", "delivered", "failed"]


@dataclass(frozen=True, slots=True)
class NewChange:
    """A change before the store gave it its place."""

    type: ChangeType
    story_id: str | None
    article_id: str | None
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the change feed. `sequence` counts from 1 without gaps, in the order of the commits."""

    sequence: int
    at: datetime
    type: ChangeType
    story_id: str | None
    article_id: str | None
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Constraint:
    """`must_link`: the stories of `articles` and of `others` are one; `cannot_link`: no story holds both. Ids sort by time, and
    of two that contradict each other the later one counts. `story_id` is where it was said.
    """

    id: str
    kind: ConstraintKind
    at: datetime
    story_id: str
    articles: tuple[str, ...]
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that is told of changes of `types` (all when empty). `sequence`: the last change dealt with. Messages are signed
    with `last_secret` too, until the time beside it.
    """

    id: str
    url: str
    types: tuple[ChangeType, ...]
    secret: str
    created_at: datetime
    sequence: int
    disabled_reason: str | None = None
    last_secret: str | None = None
    last_secret_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One change on its way to one webhook. `next_at` while `waiting`; `status` and `response` of the last attempt."""

    webhook_id: str
    sequence: int
    type: ChangeType
    state: DeliveryState
    attempts: int = 0
    next_at: datetime | None = None
    last_at: datetime | None = None
    status: int | None = None
    response: str = ""
