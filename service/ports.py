"""What the flows need from the outside, as Protocols. No behaviour lives here.

Two adapters per port are planned for (SQLite with an in-process index, PostgreSQL with pgvector); each port has one
contract suite in tests/contract that runs on every adapter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from service.domain.models import Article, CreditKind, DerivationLabel, Findings, Organisation, Story, StoryVersion, UnitPair

Vector = npt.NDArray[np.float16]
Matrix = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ArticleFilter:
    """Which articles a list holds. Times bound `published_at` (or `observed_at` where none was claimed), inclusive."""

    url: str | None = None
    external_id: str | None = None
    outlet_site: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    derivation: DerivationLabel | None = None
    story_id: str | None = None
    collapse: Literal["none", "report", "story"] = "none"


@dataclass(frozen=True, slots=True)
class StoryFilter:
    """Which stories a list holds. `since` and `until` bound the time of the story's last and first article."""

    since: datetime | None = None
    until: datetime | None = None
    outlet_site: str | None = None
    organisation_id: str | None = None
    language: str | None = None
    min_reports: int | None = None
    min_outlets: int | None = None
    text: str | None = None
    order: Literal["updated", "first", "size"] = "updated"


@dataclass(frozen=True, slots=True)
class Period:
    """Which articles a record counts: times bound `published_at` (or `observed_at` where none was claimed), inclusive."""

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
class Occurrence:
    """A unit in an article: characters `start`..`end` of paragraph `paragraph` (-1: the title field)."""

    unit: str
    article_id: str
    paragraph: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A stored unit text with its vector in one embedding space (None while it has none)."""

    key: str
    text: str
    vector: Vector | None


class ReadSession(Protocol):
    """A consistent view of the store."""

    def article(self, article_id: str) -> Article | None: ...
    def article_by_external_id(self, external_id: str) -> Article | None: ...
    def article_by_canonical_url(self, canonical_url: str) -> Article | None: ...
    def articles(self, article_ids: Sequence[str]) -> dict[str, Article]: ...
    def all_articles(self, after_sequence: int = 0) -> Iterator[Article]:
        """Every article in order of `sequence`, streamed."""
        ...

    def list_articles(self, where: ArticleFilter, after: tuple[str, ...] | None, limit: int) -> list[Article]:
        """Keyset page, newest first by id; `after` is `(id,)` of the last one seen."""
        ...

    def units(self, space: str, keys: Sequence[str] | None = None) -> Iterator[UnitRow]: ...
    def unit_pairs(self, version: str, keys: Sequence[str] | None = None) -> Iterator[UnitPair]:
        """All pairs of that pipeline version, or those that touch one of `keys`."""
        ...

    def occurrences(self, units: Sequence[str]) -> list[Occurrence]: ...
    def story(self, story_id: str) -> Story | None: ...
    def stories(self, story_ids: Sequence[str]) -> dict[str, Story]: ...
    def list_stories(self, where: StoryFilter, after: tuple[str, ...] | None, limit: int) -> list[Story]:
        """Keyset page of living stories. `after` holds the sort value (ISO time or count as text) and the id."""
        ...

    def story_articles(self, story_id: str) -> list[Article]: ...
    def story_history(self, story_id: str) -> list[StoryVersion]: ...
    def list_outlets(self, within: Period, after: tuple[str, ...] | None, limit: int) -> list[OutletRecord]:
        """Keyset page of the outlets with an article in the period, by site; `after` is `(site,)` of the last one seen."""
        ...

    def outlet_record(self, site: str, within: Period) -> OutletRecord | None: ...
    def outlet_sources(self, site: str, within: Period) -> list[SourceCount]:
        """Where the outlet's articles come from: organisations that a link or the origin names, most first, then outlets."""
        ...

    def outlet_lag_s(self, site: str, within: Period) -> float | None:
        """Median seconds from the source's claimed time to the outlet's, over carried copy whose direct source was ingested."""
        ...

    def carriers(self, sites: Sequence[str], organisations: Sequence[str], within: Period) -> list[CarrierCount]:
        """Other outlets that carry copy of these sites directly, or of these organisations at any remove, most first."""
        ...

    def list_organisations(self, within: Period, after: tuple[str, ...] | None, limit: int) -> list[OrganisationRecord]:
        """Keyset page of those with an article in the period, by id; `after` is `(id,)` of the last one seen."""
        ...

    def organisation_record(self, organisation_id: str, within: Period) -> OrganisationRecord | None: ...
    def note(self, name: str) -> str | None:
        """What the service remembers about itself under this name."""
        ...

    def check(self) -> None:
        """Raise unless the store can be read now."""
        ...


class WriteSession(ReadSession, Protocol):
    """The single writer's view; everything becomes visible at once when the context ends without an error."""

    def put_note(self, name: str, value: str) -> None: ...
    def next_sequence(self) -> int: ...
    def put_article(self, article: Article) -> None:
        """Insert, or replace the article with the same id (its paragraphs, credits and unit places too)."""
        ...

    def delete_article(self, article_id: str) -> None: ...
    def put_units(self, space: str, rows: Sequence[UnitRow]) -> None:
        """Insert the units that are not there yet; a vector that is there stays as it is."""
        ...

    def put_unit_pairs(self, pairs: Sequence[UnitPair]) -> None: ...
    def put_findings(self, findings: Mapping[str, Findings]) -> None:
        """By article id: replace what is concluded about these articles."""
        ...

    def put_story(self, story: Story) -> None: ...
    def add_story_version(self, version: StoryVersion) -> None: ...


class Store(Protocol):
    def read(self) -> AbstractContextManager[ReadSession]: ...
    def write(self) -> AbstractContextManager[WriteSession]:
        """Commits on leaving the block, rolls back on an error. One at a time."""
        ...

    def close(self) -> None: ...


class VectorIndex(Protocol):
    """Proposes neighbours; the exact cosine from stored vectors decides."""

    def open(self, rows: Callable[[], Iterable[tuple[int, Vector]]]) -> object:
        """Fill an empty index with what the store holds: every key with its vector once."""
        ...

    def save(self) -> bool:
        """Keep what can be kept for the next start; False when there is nothing to keep."""
        ...

    def add(self, keys: Sequence[int], vectors: Matrix) -> None: ...
    def remove(self, keys: Sequence[int]) -> None: ...
    def within(self, queries: Matrix, minimum: float) -> list[list[tuple[int, float]]]:
        """For each query row every (key, cosine) with cosine >= `minimum`, best first: never a fixed number of them."""
        ...

    def __len__(self) -> int: ...


class Encoder(Protocol):
    """Turns texts into unit vectors. `space` names everything the vectors depend on; different spaces are never compared."""

    @property
    def space(self) -> str: ...
    @property
    def dimension(self) -> int: ...
    @property
    def mode(self) -> Literal["semantic", "lexical"]: ...
    def encode(self, texts: Sequence[str]) -> Matrix:
        """float32, shape (len(texts), dimension), rows of length 1. Blocks; called by one thread only."""
        ...


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware, UTC."""
        ...


class Ids(Protocol):
    def new(self, at: datetime) -> str:
        """A new opaque id; ids sort by time of creation."""
        ...
