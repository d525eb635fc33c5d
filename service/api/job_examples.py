"""Examples of the answers about batch jobs, built from the views like those of examples.py."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from service.api import examples
from service.api.problems import problem_document
from service.errors import Fault, InvalidInput
from service.flows.job_views import JobListView, JobView, LineErrorView

_ID = "01jtexample0000000000000j1"
LINES = json.dumps(examples.REQUEST) + "\n"
_FAULT = Fault("#/url", "is required unless `external_id` is given")
_PROBLEM = problem_document(InvalidInput(f"{_FAULT.pointer} {_FAULT.detail}", [_FAULT]), f"/v1/jobs/{_ID}")
QUEUED = JobView(
    id=_ID,
    state="queued",
    total=5_000,
    done=0,
    failed=0,
    errors=[],
    created_at=datetime(2026, 5, 4, 10, 6, tzinfo=UTC),
    started_at=None,
    finished_at=None,
)
DONE = QUEUED.model_copy(
    update={
        "state": "done",
        "done": 4_999,
        "failed": 1,
        "errors": [LineErrorView(line=17, problem=_PROBLEM)],
        "started_at": datetime(2026, 5, 4, 10, 6, 1, tzinfo=UTC),
        "finished_at": datetime(2026, 5, 4, 10, 9, 30, tzinfo=UTC),
    }
)
CANCELLED = DONE.model_copy(update={"state": "cancelled", "done": 1_204})
JOBS = JobListView(items=[DONE], next_cursor=None)
