"""How much waits in the store, and since when, for the operator. Mixed into the reading session; counts, never loads."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select, type_coerce

from service.store.feed_tables import change, change_consumer, webhook, webhook_delivery
from service.store.job_tables import job, queued_article
from service.store.tables import UtcDateTime, counter
from service.store_values import Backlog


class BacklogQueries:
    """One row each from small tables, or by an index."""

    _connection: Connection

    def backlog(self) -> Backlog:
        """All of it as of one moment."""
        last, dropped = self._counter("change"), self._counter("change.dropped")
        slowest = self._one(select(func.min(change_consumer.c.sequence)))[0]
        enabled = webhook.c.disabled_reason.is_(None)
        hooks, dealt_with, first = self._one(
            select(func.count(), func.sum(webhook.c.sequence), func.min(webhook.c.sequence)).where(enabled)
        )
        on_the_way, oldest = self._one(
            select(func.count(), func.min(webhook_delivery.c.sequence))
            .join(webhook, webhook.c.id == webhook_delivery.c.webhook_id)
            .where(webhook_delivery.c.state == "waiting", enabled)
        )
        untold = min((one for one in (oldest, first + 1 if hooks and first < last else None) if one is not None), default=None)
        queued, queued_lines, queued_since = self._jobs("queued")
        running, running_lines, running_since = self._jobs("running")
        articles, article_since = self._one(
            select(func.count(), _earliest(queued_article.c.observed_at)).where(queued_article.c.state == "queued")
        )
        return Backlog(
            last_change=last,
            changes_kept=last - dropped,
            consumer_changes=0 if slowest is None else last - slowest,
            webhooks_enabled=hooks,
            webhooks_disabled=self._one(select(func.count()).select_from(webhook).where(~enabled))[0],
            webhook_changes=hooks * last - int(dealt_with or 0) + on_the_way,
            webhook_since=None if untold is None else self._time_of(untold),
            jobs_queued=queued,
            jobs_running=running,
            job_lines=queued_lines + running_lines,
            job_since=min((at for at in (queued_since, running_since) if at is not None), default=None),
            articles=articles,
            article_since=article_since,
        )

    def _one(self, query: Select[*tuple[Any, ...]]) -> tuple[Any, ...]:
        return tuple(self._connection.execute(query).one())

    def _counter(self, name: str) -> int:
        return int(self._one(select(counter.c.value).where(counter.c.name == name))[0])

    def _jobs(self, state: str) -> tuple[int, int, datetime | None]:
        """How many, the lines that are left of them, and since when the oldest waits."""
        left = func.sum(job.c.total - job.c.done - job.c.failed)
        number, lines, since = self._one(select(func.count(), left, _earliest(job.c.created_at)).where(job.c.state == state))
        return number, int(lines or 0), since

    def _time_of(self, sequence: int) -> datetime | None:
        return self._connection.execute(select(change.c.at).where(change.c.sequence == sequence)).scalar_one_or_none()


def _earliest(instant: Any) -> Any:
    return type_coerce(func.min(instant), UtcDateTime)
