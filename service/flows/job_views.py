"""The answers about batch jobs, as frozen models; the same rules as `service/flows/views.py`. Holds no behaviour."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from service.domain.jobs import Job, JobState
from service.flows.views import Time, View


class LineErrorView(View):
    line: int = Field(description="Line of the batch, or place in the array or feed, from 1; 0 is the batch as a whole.")
    problem: dict[str, Any] = Field(description="The problem document that the line would have been answered with.")


class JobView(View):
    """A batch. `done` counts lines that became articles (new or known), `failed` those that did not."""

    id: str
    state: JobState
    total: int = Field(description="Lines that are not blank, or items.")
    done: int
    failed: int
    errors: list[LineErrorView] = Field(description="Of the lines that failed, those that were met first: 100 at most.")
    created_at: Time
    started_at: Time | None
    finished_at: Time | None


class JobListView(View):
    items: list[JobView]
    next_cursor: str | None


def job_view(job: Job) -> JobView:
    return JobView(
        id=job.id,
        state=job.state,
        total=job.total,
        done=job.done,
        failed=job.failed,
        errors=[LineErrorView(line=error.line, problem=dict(error.problem)) for error in job.errors],
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
    )
