"""What a store is asked for, and what it answers with beside the domain's own values. Values only; the ports name them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
import numpy.typing as npt

from service.domain.models import CreditKind, DerivationLabel, Organisation, Story


@dataclass(frozen=True, slots=True)
class ArticleFilter:
    """Which articles a list holds. Times bound `published_at` (or `observed_at` where none that can be true was claimed),
    inclusive. Of an outlet are those of this site, and those of every site with this display name, where it is given.
    """

    url: str | None = None
    external_id: str | None = None
    outlet_site: str | None = None
    outlet_name: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    derivation: DerivationLabel | None = None
    story_id: str | None = None
    collapse: Literal["none", "report", "story"] = "none"


@dataclass(frozen=True, slots=True)
class StoryFilter:
    """Which stories a list holds. `since` and `until` bound the time of the story's last and first article. Of an outlet are
    those with an article of it, as above.
    """

    since: datetime | None = None
    until: datetime | None = None
    outlet_site: str | None = None
    outlet_name: str | None = None
    organisation_id: str | None = None
    language: str | None = None
    min_reports: int | None = None
    min_outlets: int | None = None
    order: Literal["updated", "first", "size"] = "updated"


@dataclass(frozen=True, slots=True)
class ListedStory:
    """A story in a list. `key`: its sort value when the list began (ISO time or count, as text), its id, when the list began."""

    story: Story
    key: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Period:
    """Which articles a record counts: times bound `published_at` (or `observed_at` where none that can be true was claimed),
    inclusive.
    """

    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class OutletRecord:
    """What an outlet's articles are. `mean_share` 0 to 1, None while none of them is concluded about."""

    site: str
    name: str
    articles: int
    derivations: Mapping[DerivationLabel, int]
    mean_share: float | None
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class OrganisationRecord:
    """How often an organisation is credited or found to be a source: `articles`, of `outlets`, in `stories`.

    `credits` counts articles by kind of credit; an article with two kinds counts under both.
    """

    organisation: Organisation
    articles: int
    outlets: int
    stories: int
    credits: Mapping[CreditKind, int]


@dataclass(frozen=True, slots=True)
class SourceCount:
    """In `articles` articles the source is this organisation, or an article of the outlet with this site."""

    organisation: Organisation | None
    site: str | None
    name: str | None
    articles: int


@dataclass(frozen=True, slots=True)
class CarrierCount:
    """`articles` articles of the outlet carry the copy."""

    site: str
    name: str
    articles: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits now, and since when the oldest of it does. `webhook_changes` counts what enabled webhooks are behind, all of
    them together; `consumer_changes` what the named consumer is behind that is behind most.
    """

    last_change: int
    changes_kept: int
    consumer_changes: int
    webhooks_enabled: int
    webhooks_disabled: int
    webhook_changes: int
    webhook_since: datetime | None
    jobs_queued: int
    jobs_running: int
    job_lines: int
    job_since: datetime | None
    articles: int
    article_since: datetime | None


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A unit in an article: characters `start`..`end` of paragraph `paragraph` (-1: the title field)."""

    unit: str
    article_id: str
    paragraph: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class UnitPlace:
    """A unit in a living story: `article_id` is the first article of the story to hold it, `number` grows with every new unit."""

    unit: str
    number: int
    story_id: str
    article_id: str


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A stored unit text with its vector in one embedding space (None while it has none)."""

    key: str
    text: str
    vector: npt.NDArray[np.float16] | None
