"""Work that outlives its request: batch jobs, articles that wait, and answers kept for a repeated request.

Values and the arithmetic of progress only; who runs jobs is `service/flows/jobs.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from service.domain.models import Article

JobState = Literal["queued", "running", "done", "failed", "cancelled"]
Form = Literal["lines", "feed"]
"""What a batch came as: one article a line, or a feed, of whose items a line each was made."""
FINISHED: frozenset[JobState] = frozenset({"done", "failed", "cancelled"})


@dataclass(frozen=True, slots=True)
class LineError:
    """A line that became no article. `line` counts from 1; 0 is the batch as a whole. `problem` is an RFC 9457 document."""

    line: int
    problem: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """A batch. Items are its lines that are not blank, counted from 1; those up to `position` and those in `ahead` have come
    to their end.
    """

    id: str
    state: JobState
    total: int
    done: int
    failed: int
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    position: int = 0
    ahead: frozenset[int] = frozenset()
    errors: tuple[LineError, ...] = ()
    form: Form = "lines"

    def is_settled(self, item: int) -> bool:
        return item <= self.position or item in self.ahead


def settled(job: Job, done: Sequence[int], failed: Mapping[int, LineError], max_errors: int) -> Job:
    """The job after these items came to their end; an item that was settled before counts once. The first `max_errors`
    errors are kept, the others counted.
    """
    new_done = {item for item in done if not job.is_settled(item)}
    new_failed = {item: error for item, error in failed.items() if not job.is_settled(item) and item not in new_done}
    ahead, position = set(job.ahead) | new_done | new_failed.keys(), job.position
    while position + 1 in ahead:
        position += 1
        ahead.discard(position)
    errors = sorted([*job.errors, *new_failed.values()], key=lambda error: error.line)[:max_errors]
    return replace(
        job,
        done=job.done + len(new_done),
        failed=job.failed + len(new_failed),
        position=position,
        ahead=frozenset(ahead),
        errors=tuple(errors),
    )


@dataclass(frozen=True, slots=True)
class QueuedArticle:
    """An article that was accepted and is not worked on yet. `ticket` orders the queue; `problem` says why it failed."""

    ticket: str
    article: Article
    problem: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What a request with an Idempotency-Key was answered. `digest` is that of the request; `scope` names the API key."""

    scope: str
    key: str
    digest: str
    at: datetime
    status: int
    location: str | None
    body: bytes
