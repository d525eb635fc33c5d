"""Builds what works behind the requests: batch jobs, articles that wait, answers that are kept.

A part of the composition root, used by `service/parts/writer.py` only.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog

from service.api.feed_intake import read_feed_line
from service.api.intake import read_line
from service.api.problems import problem_document
from service.api.services import Batching, Services, Uploading
from service.domain.models import ArticleInput
from service.errors import WiretraceError
from service.flows.answers import Answers
from service.flows.jobs import Jobs
from service.flows.retention import Retention
from service.flows.tasks import Ingested
from service.flows.waiting import Waiting
from service.ops.metrics import Metrics
from service.ports import Clock, Ids, Store
from service.store.engine import database_file
from service.store.shared_spool import SharedSpool
from service.store.spool import Spool
from service.store_values import Backlog

_SWEEP_S = 60
_log = structlog.get_logger("service.parts.background")


@asynccontextmanager
async def in_background(services: Services, metrics: Metrics, store: Store, clock: Clock, ids: Ids) -> AsyncIterator[Services]:
    """`services` with what needs a runner; it runs as long as this is open."""
    settings = services.settings
    files = Spool(settings.data / "batches")
    spool = files if database_file(settings.sqlalchemy_url()) else SharedSpool(files, store)

    def upload() -> tuple[str, Uploading]:
        job_id = ids.new(clock.now())
        return job_id, spool.upload(job_id)

    def taken_in(content: ArticleInput, done: Ingested) -> None:
        metrics.take_in(len(content.paragraphs), is_new=done.is_new, is_changed=done.is_changed)

    def line_taken_in(content: ArticleInput, done: Ingested) -> None:
        taken_in(content, done)
        metrics.job_lines.labels("done").inc()

    jobs = Jobs(
        store,
        clock,
        spool,
        services.ingest,
        lambda line, form: read_feed_line(line, services) if form == "feed" else read_line(line, services),
        problem_document,
        line_taken_in,
        lambda: metrics.job_lines.labels("failed").inc(),
        width=settings.batch_concurrency,
        max_line_bytes=settings.max_body_bytes,
        max_waiting=settings.max_waiting_batches,
    )
    waiting = Waiting(
        store,
        clock,
        ids,
        services.ingest,
        problem_document,
        taken_in,
        width=settings.batch_concurrency,
        max_waiting=settings.max_queued_articles,
    )
    answers = Answers(store, clock, kept_for=timedelta(hours=settings.idempotency_hours), max_kept=settings.max_idempotency_keys)
    retention = Retention(
        store,
        clock,
        change_days=settings.change_days,
        delivery_days=settings.delivery_days,
        dropped=metrics.changes_dropped.inc,
    )
    metrics.watch_backlog(lambda: _backlog(store), clock.now)
    await jobs.start()
    waiting.start()
    sweeping = asyncio.create_task(_sweep(answers, retention))
    try:
        yield dataclasses.replace(services, batches=Batching(jobs, upload), answers=answers, waiting=waiting)
    finally:
        sweeping.cancel()
        await asyncio.wait([sweeping])
        await waiting.stop()
        await jobs.stop()


def _backlog(store: Store) -> Backlog:
    with store.read() as session:
        return session.backlog()


async def _sweep(answers: Answers, retention: Retention) -> None:
    while True:
        for forget in (answers.drop_old, retention.sweep):
            try:
                await asyncio.to_thread(forget)
            except WiretraceError:
                _log.exception("what is old could not be dropped; it is tried again")
        await asyncio.sleep(_SWEEP_S)
