"""/v1/batches and /v1/jobs: many articles in one request, worked off later. No rules and no SQL."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from service.api import examples, job_examples, pagination
from service.api.answers import json_answer, tagged_answer
from service.api.articles import LOAD_PROBLEMS, READ_PROBLEMS, Cursor, Limit
from service.api.batch_bodies import ArrayLines
from service.api.idempotency import KEY_HEADER, once_only
from service.api.problems import problem_responses
from service.api.services import Batching, Use
from service.api.taking_in import KEY_PROBLEMS
from service.domain.jobs import Job
from service.errors import (
    BodyTooLarge,
    Fault,
    Forbidden,
    InvalidCursor,
    InvalidInput,
    JobNotFound,
    MalformedJson,
    MissingBody,
    UnsupportedMediaType,
)
from service.flows.answers import Once
from service.flows.job_views import JobListView, JobView, job_view
from service.ports import WriteSession

router = APIRouter(tags=["batches"])

LINES = ("application/x-ndjson", "application/ndjson", "application/jsonl")
_TAKEN = "application/x-ndjson, application/json"
JobId = Annotated[str, Path(max_length=100)]
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-ndjson": {
                "schema": {
                    "type": "string",
                    "pattern": r"\S",
                    "description": "One article a line, each a body of `POST /v1/articles`.",
                },
                "example": job_examples.LINES,
            },
            "application/json": {
                "schema": {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/ArticleRequest"}},
                "example": [examples.REQUEST],
            },
        },
    }
}


def _batches(use: Use) -> Batching:
    assert use.batches is not None
    return use.batches


@router.post(
    "/v1/batches",
    operation_id="ingestBatch",
    summary="Take many articles in, in the background",
    description="The lines are worked off in their order. A line that cannot be taken in is reported in the job and stops no "
    "other.",
    status_code=202,
    response_model=JobView,
    openapi_extra={**BODY, "parameters": [KEY_HEADER]},
    responses={
        202: {
            "description": "Safely kept; the job at `Location` tells how far it is.",
            "headers": {"Location": {"schema": {"type": "string"}}},
            "content": {"application/json": {"example": examples.dump(job_examples.QUEUED)}},
        },
        **problem_responses(
            BodyTooLarge,
            MalformedJson,
            MissingBody,
            InvalidInput,
            UnsupportedMediaType,
            Forbidden,
            *KEY_PROBLEMS,
            *LOAD_PROBLEMS,
        ),
    },
)
async def ingest_batch(request: Request, use: Use) -> Response:
    array = _array(request)
    batches = _batches(use)
    job_id, upload = await run_in_threadpool(batches.upload)
    is_kept, digest = False, hashlib.sha256()

    async def work(once: Once | None) -> Response:
        nonlocal is_kept
        where = f"/v1/jobs/{job_id}"

        def also(session: WriteSession, job: Job) -> None:
            if once is not None:
                once.keep(session, 202, where, job_view(job).model_dump_json().encode())

        job = await batches.jobs.accept(job_id, total, also)
        is_kept = True
        return json_answer(job_view(job), 202, {"Location": where})

    try:
        async for part in request.stream():
            # To the system's cache: quicker than a change of threads.
            upload.write(array.feed(part) if array else part)
            digest.update(part)
        if array:
            array.finish()
        total = await run_in_threadpool(upload.finish)
        return await once_only(request, use, work, digest.hexdigest())
    except ClientDisconnect:
        return Response(status_code=400)  # nobody reads it
    finally:
        if not is_kept:
            await run_in_threadpool(upload.discard)


def _array(request: Request) -> ArrayLines | None:
    """What parts a JSON array; None for lines. Raises UnsupportedMediaType."""
    given, _, parameters = request.headers.get("content-type", "").partition(";")
    media_type = given.strip().lower()
    if media_type != "application/json" and media_type not in LINES:
        shown = media_type[:100] or "no Content-Type"
        raise UnsupportedMediaType(f"This call takes {_TAKEN}, not {shown}.", [Fault("Content-Type", f"must be one of {_TAKEN}")])
    charset = parameters.lower().partition("charset=")[2].partition(";")[0].strip(" \"'")
    if charset not in ("", "utf-8", "utf8"):
        raise UnsupportedMediaType("JSON is always UTF-8.", [Fault("Content-Type", f"charset must be utf-8, not {charset[:40]}")])
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("Bodies are taken uncompressed.", [Fault("Content-Encoding", "must be left away")])
    return ArrayLines() if media_type == "application/json" else None


@router.get(
    "/v1/jobs",
    operation_id="listJobs",
    summary="List jobs, newest first",
    response_model=JobListView,
    responses={
        200: {"content": {"application/json": {"example": examples.dump(job_examples.JOBS)}}},
        **problem_responses(InvalidCursor, *READ_PROBLEMS),
    },
)
def list_jobs(use: Use, *, cursor: Cursor = None, limit: Limit = 50) -> Response:
    after = pagination.decode("jobs", {}, cursor)
    jobs, following = _batches(use).jobs.jobs(after, limit)
    next_cursor = pagination.encode("jobs", {}, following) if following else None
    link = {"Link": pagination.next_link("/v1/jobs", {}, limit, next_cursor)} if next_cursor else None
    return json_answer(JobListView(items=[job_view(job) for job in jobs], next_cursor=next_cursor), headers=link)


@router.get(
    "/v1/jobs/{job_id}",
    operation_id="getJob",
    summary="How far a batch is, and which lines failed",
    response_model=JobView,
    responses={
        200: {"content": {"application/json": {"example": examples.dump(job_examples.DONE)}}},
        304: {"description": "Unchanged since the ETag in If-None-Match."},
        **problem_responses(JobNotFound, *READ_PROBLEMS),
    },
)
def get_job(request: Request, use: Use, job_id: JobId) -> Response:
    return tagged_answer(request, job_view(_batches(use).jobs.job(job_id)))


@router.delete(
    "/v1/jobs/{job_id}",
    operation_id="cancelJob",
    summary="Cancel a batch",
    description="Articles that were taken in stay; a job that is finished stays as it is. Some lines may still be under way.",
    response_model=JobView,
    responses={
        200: {
            "description": "The job as it is now.",
            "content": {"application/json": {"example": examples.dump(job_examples.CANCELLED)}},
        },
        **problem_responses(JobNotFound, Forbidden, *READ_PROBLEMS),
    },
)
async def cancel_job(use: Use, job_id: JobId) -> Response:
    return json_answer(job_view(await _batches(use).jobs.cancel(job_id)))
