"""The tables of work that outlives its request: batch jobs, articles that wait, answers kept for repeated requests.

Same rules as `service/store/tables.py`, whose metadata these share.
"""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, Text
from sqlmodel import Field

from service.store.tables import Ordered, Row, UtcDateTime


class JobRow(Row, table=True):
    """A batch and how far it has come; its lines are kept beside it until it ends."""

    __tablename__ = "job"
    __table_args__ = (Index(None, "state", "id"),)
    id: str = Field(sa_type=Ordered, primary_key=True)
    state: str = Field(sa_type=Text)
    total: int
    done: int
    failed: int
    position: int
    ahead: str = Field(sa_type=Text)
    errors: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=UtcDateTime)
    started_at: datetime | None = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(sa_type=UtcDateTime)
    # What a line of its body is; see `service.domain.jobs.Form`.
    form: str = Field(sa_type=Text, sa_column_kwargs={"server_default": "lines"})


class QueuedArticleRow(Row, table=True):
    """An article that was accepted but is not worked on yet; `article_id` is the id that it has or will have."""

    __tablename__ = "queued_article"
    __table_args__ = (
        Index(None, "article_id", "ticket"),
        Index(None, "external_id"),
        Index(None, "canonical_url"),
        Index(None, "state", "ticket"),
    )
    ticket: str = Field(sa_type=Ordered, primary_key=True)
    article_id: str = Field(sa_type=Ordered)
    state: str = Field(sa_type=Text)
    problem: str | None = Field(sa_type=Text)
    external_id: str | None = Field(sa_type=Text)
    url: str | None = Field(sa_type=Text)
    canonical_url: str | None = Field(sa_type=Text)
    outlet_site: str = Field(sa_type=Text)
    published_at: datetime | None = Field(sa_type=UtcDateTime)
    observed_at: datetime = Field(sa_type=UtcDateTime)
    content_hash: str = Field(sa_type=Text)
    content: str = Field(sa_type=Text)
    reading: str = Field(sa_type=Text)
    caller_metadata: str = Field(sa_type=Text)


class StoredAnswerRow(Row, table=True):
    """What a request with an Idempotency-Key was answered, by API key and key."""

    __tablename__ = "stored_answer"
    __table_args__ = (Index(None, "at"),)
    scope: str = Field(sa_type=Ordered, primary_key=True)
    key: str = Field(sa_type=Ordered, primary_key=True)
    digest: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=UtcDateTime)
    status: int
    location: str | None = Field(sa_type=Text)
    body: bytes = Field(sa_type=LargeBinary)


class BatchPartRow(Row, table=True):
    """A piece of the body of a job that waits or runs, where whoever works it off next may be another machine."""

    __tablename__ = "batch_part"
    job_id: str = Field(sa_type=Ordered, primary_key=True)
    number: int = Field(primary_key=True)
    data: bytes = Field(sa_type=LargeBinary)


batch_part = Row.metadata.tables["batch_part"]
job = Row.metadata.tables["job"]
queued_article = Row.metadata.tables["queued_article"]
stored_answer = Row.metadata.tables["stored_answer"]
