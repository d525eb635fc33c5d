"""What the flows need from the outside, as Protocols. No behaviour lives here.

Each port has one contract suite in tests/contract that runs on every adapter.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from service.domain.changes import Change, Constraint, Delivery, NewChange, Webhook
from service.domain.jobs import Job, JobState, LineError, QueuedArticle, StoredAnswer
from service.domain.models import Article, ArticleInput, Findings, Story, StoryVersion, UnitPair
from service.store_values import (
    ArticleFilter,
    Backlog,
    CarrierCount,
    ListedStory,
    Occurrence,
    OrganisationRecord,
    OutletRecord,
    Period,
    SourceCount,
    StoryFilter,
    UnitPlace,
    UnitRow,
)

Vector = npt.NDArray[np.float16]
Matrix = npt.NDArray[np.float32]


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
        """Keyset page, newest first by id; `after` is `(id,)` of the last one seen. Collapsed, the newest report or story first,
        and `after` is `(id of that, id)`, the first one empty where the article is in none.
        """
        ...

    def units(self, space: str, keys: Sequence[str] | None = None) -> Iterator[UnitRow]: ...
    def unit_pairs(self, version: str, keys: Sequence[str] | None = None) -> Iterator[UnitPair]:
        """All pairs of that pipeline version, or those that touch one of `keys`."""
        ...

    def copy_links(self, version: str, keys: Sequence[str]) -> list[tuple[str, str]]:
        """The copy pairs of that pipeline version with both units among `keys`, by their keys alone."""
        ...

    def story_boilerplate(self, story_id: str) -> dict[str, frozenset[int]]:
        """Article id -> paragraphs that the findings call boilerplate, for the articles of a story that have any."""
        ...

    def story_units(self, story_id: str) -> list[tuple[str, int, int, str]]:
        """Article id, its revision, paragraph and unit key of every body unit of a story, in order."""
        ...

    def occurrences(self, units: Sequence[str]) -> list[Occurrence]: ...
    def places_by_words(
        self, words: Sequence[str], any_of: Sequence[str], where: StoryFilter, looked_at: int, limit: int
    ) -> list[UnitPlace]:
        """Units that hold all of `words` and, where any are named, one of `any_of`, in the stories that `where` allows. Newest
        first; of the units with these words the newest `looked_at` are considered, and `limit` places are given at most.
        Words are those of `service.domain.search.search_words`.
        """
        ...

    def places_by_unit(self, units: Sequence[str], where: StoryFilter) -> list[UnitPlace]:
        """In which of the stories that `where` allows these units stand."""
        ...

    def story(self, story_id: str) -> Story | None: ...
    def stories(self, story_ids: Sequence[str]) -> dict[str, Story]: ...
    def list_stories(self, where: StoryFilter, after: tuple[str, ...] | None, limit: int) -> list[ListedStory]:
        """Keyset page of living stories in the order in which they stood when the list began, each as it is now. `after` is the
        `key` of the last one seen. What passes the filter all the while is shown once, whatever changes meanwhile.
        """
        ...

    def last_story_update(self) -> datetime | None:
        """When a story changed last; None before the first."""
        ...

    def story_articles(self, story_id: str) -> list[Article]: ...
    def story_history(self, story_id: str, before: int | None = None, limit: int | None = None) -> list[StoryVersion]:
        """Newest first; `before` is the version of the last one seen."""
        ...

    def changes(self, after: int, limit: int) -> list[Change]:
        """Those behind `after`, in order."""
        ...

    def last_change(self) -> int:
        """The highest sequence given out; 0 before the first."""
        ...

    def dropped_changes(self) -> int:
        """The highest sequence that is not kept any more; 0 while all are."""
        ...

    def backlog(self) -> Backlog: ...
    def consumer(self, name: str) -> int | None:
        """What this consumer acknowledged last."""
        ...

    def constraints(self) -> list[Constraint]:
        """All, oldest first."""
        ...

    def webhooks(self) -> list[Webhook]: ...
    def webhook(self, webhook_id: str) -> Webhook | None: ...
    def deliveries(self, webhook_id: str, before: int | None, limit: int) -> list[Delivery]:
        """Newest change first; `before` is the sequence of the last one seen."""
        ...

    def delivery(self, webhook_id: str, sequence: int) -> Delivery | None: ...
    def waiting_delivery(self, webhook_id: str) -> Delivery | None:
        """The oldest change that is still on its way."""
        ...

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

    def organisation_lag_s(self, sites: Sequence[str], within: Period) -> float | None:
        """The same from what these sites published to the articles of others whose direct source it is."""
        ...

    def carriers(self, sites: Sequence[str], organisations: Sequence[str], within: Period) -> list[CarrierCount]:
        """Other outlets that carry copy of these sites directly, or of these organisations at any remove, most first."""
        ...

    def list_organisations(self, within: Period, after: tuple[str, ...] | None, limit: int) -> list[OrganisationRecord]:
        """Keyset page of those with an article in the period, by id; `after` is `(id,)` of the last one seen."""
        ...

    def organisation_record(self, organisation_id: str, within: Period) -> OrganisationRecord | None: ...
    def job(self, job_id: str) -> Job | None: ...
    def list_jobs(self, after: tuple[str, ...] | None, limit: int) -> list[Job]:
        """Keyset page, newest first; `after` is `(id,)` of the last one seen."""
        ...

    def unfinished_jobs(self) -> list[Job]:
        """Oldest first."""
        ...

    def batch_part(self, job_id: str, number: int) -> bytes | None:
        """A piece of the body of a job, counted from 0; None behind the last."""
        ...

    def queued_articles(self, after: str, limit: int) -> list[QueuedArticle]:
        """Those that wait with a ticket above `after`, in order."""
        ...

    def count_queued_articles(self) -> int: ...
    def queued_article(self, article_id: str) -> QueuedArticle | None:
        """The latest that waits, or failed, under this article's id."""
        ...

    def is_queued(self, ticket: str) -> bool:
        """Whether the article with this ticket still waits."""
        ...

    def reserved_id(self, content: ArticleInput) -> str | None:
        """The id that was promised for an article with this external id or address while it waits."""
        ...

    def stored_answer(self, scope: str, key: str, since: datetime) -> StoredAnswer | None: ...
    def note(self, name: str) -> str | None:
        """What the service remembers about itself under this name."""
        ...

    def check(self) -> None:
        """Raise unless the store can be read now."""
        ...


class WriteSession(ReadSession, Protocol):
    """The single writer's view; everything becomes visible at once when the context ends without an error."""

    def put_note(self, name: str, value: str) -> None: ...
    def put_job(self, new: Job) -> None: ...
    def change_job(self, job_id: str, state: JobState, at: datetime, error: LineError | None = None) -> Job | None:
        """The job afterwards; one that is finished stays as it is, None where there is none."""
        ...

    def put_batch_part(self, job_id: str, number: int, data: bytes) -> None: ...
    def drop_batch_parts(self, job_id: str) -> None: ...
    def drop_other_batch_parts(self, kept: Collection[str]) -> None:
        """Those of jobs that are not among these."""
        ...

    def settle_items(self, job_id: str, done: Sequence[int], failed: Mapping[int, LineError], max_errors: int) -> None:
        """Record that these items came to their end; an item counts once."""
        ...

    def put_queued_article(self, waiting: QueuedArticle) -> None: ...
    def end_queued_article(self, ticket: str, problem: Mapping[str, Any] | None = None) -> None: ...
    def keep_answer(self, answer: StoredAnswer, since: datetime) -> StoredAnswer: ...
    def replace_answer(self, answer: StoredAnswer) -> None: ...
    def drop_answers(self, before: datetime, max_kept: int) -> int: ...
    def next_sequence(self) -> int: ...
    def put_article(self, article: Article) -> None:
        """Insert, or replace the article with the same id (its paragraphs, credits and unit places too)."""
        ...

    def delete_article(self, article_id: str) -> None: ...
    def delete_unused_units(self, keys: Sequence[str]) -> list[str]:
        """Of these units those that stand in no article, now deleted with their vectors and pairs."""
        ...

    def put_units(self, space: str, rows: Sequence[UnitRow]) -> None:
        """Insert the units that are not there yet; a vector that is there stays as it is."""
        ...

    def index_words(self) -> int:
        """Make the words of every unit anew; how many units there are. Other writes keep them in step by themselves."""
        ...

    def put_unit_pairs(self, pairs: Sequence[UnitPair]) -> None: ...
    def put_findings(self, findings: Mapping[str, Findings]) -> None:
        """By article id: replace what is concluded about these articles."""
        ...

    def put_story(self, story: Story) -> None: ...
    def add_story_version(self, version: StoryVersion) -> None:
        """Goes with each `put_story`, at the time of its update: lists of stories go on along the history."""
        ...

    def add_changes(self, changes: Sequence[NewChange], at: datetime) -> None:
        """In this order, with sequences behind all that were committed before, without gaps."""
        ...

    def drop_changes(self, before: datetime, most: int) -> int:
        """Drop the oldest that happened before then, `most` at once; how many went. One that a webhook has not been told yet
        stays, and so does what a disabled webhook failed on.
        """
        ...

    def drop_deliveries(self, before: datetime, most: int) -> int:
        """Drop records of attempts from before then that came to their end, `most` at once; how many went. What a disabled
        webhook failed on stays.
        """
        ...

    def put_consumer(self, name: str, sequence: int, at: datetime) -> None: ...
    def put_constraint(self, constraint: Constraint) -> None: ...
    def delete_constraint(self, constraint_id: str) -> None: ...
    def put_webhook(self, hook: Webhook) -> None: ...
    def delete_webhook(self, webhook_id: str) -> None: ...
    def put_delivery(self, delivery: Delivery) -> None: ...


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

    def nearest(self, query: Matrix, count: int) -> list[tuple[int, float]]:
        """The (key, cosine) of the `count` nearest to one vector (shape (1, dimension)), best first. May be asked from any
        thread.
        """
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
