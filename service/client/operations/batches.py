"""Batches and their jobs. Flows of steps only."""

from __future__ import annotations

from collections.abc import Callable

from service.client.arguments import Batch, batch_body, get, key_headers, part
from service.client.errors import NotInTime
from service.client.policy import Policy, exchange
from service.client.reading import model_of
from service.client.steps import Flow, Request, Wait
from service.domain.jobs import FINISHED
from service.flows.job_views import JobListView, JobView

_FIRST_LOOK_S, _LAST_LOOK_S = 0.05, 2.0


def ingest_batch(policy: Policy, articles: Batch, *, idempotency_key: str | bool = True) -> Flow[JobView]:
    """Hand many articles over in one request; they are worked off in the background.

    `articles`: a list of articles, bytes of NDJSON, a `NewsFeed`, or the path of a file, which is sent without being held in
    memory (`.json`: an array; all else: NDJSON). Without an Idempotency-Key an unknown outcome is not tried again, as it could be
    a second job.
    """
    body, headers = batch_body(articles)
    key = key_headers(idempotency_key, policy.new_key)
    request = Request("POST", "/v1/batches", headers={**headers, **key}, body=body, is_repeatable=bool(key))
    return model_of((yield from exchange(policy, request)), JobView)


def list_jobs(policy: Policy, *, cursor: str | None = None, limit: int | None = None) -> Flow[JobListView]:
    """One page of jobs, newest first."""
    return model_of((yield from exchange(policy, get("/v1/jobs", cursor=cursor, limit=limit))), JobListView)


def get_job(policy: Policy, job_id: str) -> Flow[JobView]:
    """How far a batch is, and which lines failed."""
    return model_of((yield from exchange(policy, get(f"/v1/jobs/{part(job_id)}"))), JobView)


def cancel_job(policy: Policy, job_id: str) -> Flow[JobView]:
    """Cancel a batch; what was taken in stays."""
    return model_of((yield from exchange(policy, Request("DELETE", f"/v1/jobs/{part(job_id)}"))), JobView)


def wait_for_job(
    policy: Policy, job_id: str, *, timeout_s: float | None = None, progress: Callable[[JobView], None] | None = None
) -> Flow[JobView]:
    """The job once it is `done`, `failed` or `cancelled`; `progress` is called with each look. Raises NotInTime."""
    deadline = None if timeout_s is None else policy.clock() + timeout_s
    pause_s, done = _FIRST_LOOK_S, -1
    while True:
        job = yield from get_job(policy, job_id)
        if progress is not None:
            progress(job)
        if job.state in FINISHED:
            return job
        if deadline is not None and policy.clock() + pause_s > deadline:
            raise NotInTime(
                f"job {job_id} is {job.state} after {timeout_s:g} s, {job.done + job.failed} of {job.total} lines done"
            )
        yield Wait(pause_s)
        # A job that moves is looked at as often as before; one that stands still is left alone for longer.
        pause_s = min(pause_s * (1.2 if job.done > done else 1.5), _LAST_LOOK_S)
        done = job.done
