"""The halves of the repository that hold batch jobs, articles that wait and kept answers: rows to domain values and back.

Mixed into the reading and the writing session; begins and ends no transaction.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from service.domain.jobs import FINISHED, Job, JobState, LineError, QueuedArticle, StoredAnswer, settled
from service.domain.models import Article, ArticleInput
from service.store import codec
from service.store.job_tables import batch_part, job, queued_article, stored_answer


class JobQueries:
    """The reading half of `service.ports.ReadSession` for jobs."""

    _connection: Connection

    def job(self, job_id: str) -> Job | None:
        row = self._connection.execute(select(job).where(job.c.id == job_id)).mappings().one_or_none()
        return None if row is None else _job(row)

    def list_jobs(self, after: tuple[str, ...] | None, limit: int) -> list[Job]:
        query = select(job).order_by(job.c.id.desc()).limit(limit)
        if after is not None:
            query = query.where(job.c.id < after[0])
        return [_job(row) for row in self._connection.execute(query).mappings()]

    def unfinished_jobs(self) -> list[Job]:
        query = select(job).where(job.c.state.in_(["queued", "running"])).order_by(job.c.id)
        return [_job(row) for row in self._connection.execute(query).mappings()]

    def batch_part(self, job_id: str, number: int) -> bytes | None:
        query = select(batch_part.c.data).where(batch_part.c.job_id == job_id, batch_part.c.number == number)
        return self._connection.execute(query).scalar_one_or_none()

    def queued_articles(self, after: str, limit: int) -> list[QueuedArticle]:
        columns = queued_article.c
        query = select(queued_article).where(columns.state == "queued", columns.ticket > after)
        rows = self._connection.execute(query.order_by(columns.ticket).limit(limit)).mappings()
        return [_queued(row) for row in rows]

    def count_queued_articles(self) -> int:
        query = select(func.count()).select_from(queued_article).where(queued_article.c.state == "queued")
        return int(self._connection.execute(query).scalar_one())

    def queued_article(self, article_id: str) -> QueuedArticle | None:
        columns = queued_article.c
        query = select(queued_article).where(columns.article_id == article_id).order_by(columns.ticket.desc()).limit(1)
        row = self._connection.execute(query).mappings().one_or_none()
        return None if row is None else _queued(row)

    def is_queued(self, ticket: str) -> bool:
        query = select(queued_article.c.state).where(queued_article.c.ticket == ticket)
        return self._connection.execute(query).scalar_one_or_none() == "queued"

    def reserved_id(self, content: ArticleInput) -> str | None:
        columns = queued_article.c
        for column, value in ((columns.external_id, content.external_id), (columns.canonical_url, content.canonical_url)):
            if value is not None:
                query = select(columns.article_id).where(column == value).order_by(columns.ticket).limit(1)
                if (found := self._connection.execute(query).scalar_one_or_none()) is not None:
                    return str(found)
        return None

    def stored_answer(self, scope: str, key: str, since: datetime) -> StoredAnswer | None:
        columns = stored_answer.c
        query = select(stored_answer).where(columns.scope == scope, columns.key == key, columns.at >= since)
        row = self._connection.execute(query).mappings().one_or_none()
        return None if row is None else StoredAnswer(**{**row, "body": zlib.decompress(row["body"])})


class JobWriting(JobQueries):
    """The writing half of `service.ports.WriteSession` for jobs."""

    def put_job(self, new: Job) -> None:
        self._connection.execute(job.insert(), _job_row(new))

    def change_job(self, job_id: str, state: JobState, at: datetime, error: LineError | None = None) -> Job | None:
        found = self.job(job_id)
        if found is None or found.state in FINISHED:
            return found
        changed = replace(
            found,
            state=state,
            errors=(*found.errors, *([error] if error else ())),
            started_at=found.started_at if state in FINISHED else found.started_at or at,
            finished_at=at if state in FINISHED else None,
        )
        self._connection.execute(update(job).where(job.c.id == job_id), _job_row(changed))
        return changed

    def put_batch_part(self, job_id: str, number: int, data: bytes) -> None:
        self._connection.execute(insert(batch_part), {"job_id": job_id, "number": number, "data": data})

    def drop_batch_parts(self, job_id: str) -> None:
        self._connection.execute(delete(batch_part).where(batch_part.c.job_id == job_id))

    def drop_other_batch_parts(self, kept: Collection[str]) -> None:
        self._connection.execute(delete(batch_part).where(batch_part.c.job_id.not_in(list(kept))))

    def settle_items(self, job_id: str, done: Sequence[int], failed: Mapping[int, LineError], max_errors: int) -> None:
        found = self.job(job_id)
        if found is not None:
            row = _job_row(settled(found, done, failed, max_errors))
            self._connection.execute(update(job).where(job.c.id == job_id), row)

    def put_queued_article(self, waiting: QueuedArticle) -> None:
        content = waiting.article.content
        row = {
            "ticket": waiting.ticket,
            "article_id": waiting.article.id,
            "state": "failed" if waiting.problem else "queued",
            "problem": json.dumps(waiting.problem) if waiting.problem else None,
            "external_id": content.external_id,
            "url": content.url,
            "canonical_url": content.canonical_url,
            "outlet_site": content.outlet_site,
            "published_at": content.published_at,
            "observed_at": waiting.article.observed_at,
            "content_hash": waiting.article.content_hash,
            "content": codec.dump_content(content),
            "reading": codec.dump_reading(waiting.article),
            "caller_metadata": codec.dump_metadata(content.metadata),
        }
        self._connection.execute(queued_article.insert(), row)

    def end_queued_article(self, ticket: str, problem: Mapping[str, Any] | None = None) -> None:
        """Forget it, with what failed of the same article before; with a problem, keep it as failed."""
        columns = queued_article.c
        if problem is not None:
            failed = update(queued_article).where(columns.ticket == ticket)
            self._connection.execute(failed, {"state": "failed", "problem": json.dumps(problem)})
            return
        owner = select(columns.article_id).where(columns.ticket == ticket).scalar_subquery()
        older = delete(queued_article).where(columns.article_id == owner, columns.ticket < ticket, columns.state == "failed")
        self._connection.execute(older)
        self._connection.execute(delete(queued_article).where(columns.ticket == ticket))

    def keep_answer(self, answer: StoredAnswer, since: datetime) -> StoredAnswer:
        """Keep it unless one younger than `since` is there already; gives the one that counts."""
        earlier = self.stored_answer(answer.scope, answer.key, since)
        if earlier is not None:
            return earlier
        self.replace_answer(answer)
        return answer

    def replace_answer(self, answer: StoredAnswer) -> None:
        row = {name: getattr(answer, name) for name in _names(stored_answer)} | {"body": zlib.compress(answer.body)}
        insert = postgresql.insert if self._connection.dialect.name == "postgresql" else sqlite.insert
        statement = insert(stored_answer)
        changed = {name: statement.excluded[name] for name in row if name not in ("scope", "key")}
        self._connection.execute(statement.on_conflict_do_update(index_elements=["scope", "key"], set_=changed), row)

    def drop_answers(self, before: datetime, max_kept: int) -> int:
        """Those from before, and the oldest of more than `max_kept`; how many went."""
        columns = stored_answer.c
        oldest_kept = select(columns.at).order_by(columns.at.desc()).offset(max_kept - 1).limit(1)
        limit = max([before, *self._connection.execute(oldest_kept).scalars()])
        return self._connection.execute(delete(stored_answer).where(columns.at < limit)).rowcount


def _names(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def _job(row: Mapping[Any, Any]) -> Job:
    errors = tuple(LineError(line, problem) for line, problem in json.loads(row["errors"]))
    return Job(**{**row, "ahead": frozenset(json.loads(row["ahead"])), "errors": errors})


def _job_row(value: Job) -> dict[str, Any]:
    row = {name: getattr(value, name) for name in _names(job)}
    errors = [[error.line, dict(error.problem)] for error in value.errors]
    return row | {"ahead": json.dumps(sorted(value.ahead)), "errors": json.dumps(errors)}


def _queued(row: Mapping[Any, Any]) -> QueuedArticle:
    content = codec.load_content(row["content"], row["caller_metadata"], row)
    waiting = Article(
        id=row["article_id"],
        sequence=0,
        content=content,
        reading=codec.load_reading(row["reading"], content.paragraphs),
        units=(),
        content_hash=row["content_hash"],
        observed_at=row["observed_at"],
        revision=1,
        status=row["state"],
    )
    return QueuedArticle(row["ticket"], waiting, json.loads(row["problem"]) if row["problem"] else None)
