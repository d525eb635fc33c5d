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
from service.api.articles import LOAD_PROBLEMS, WRITERS_READ_PROBLEMS, Cursor, Limit
from service.api.batch_bodies import ArrayLines
from service.api.feed_intake import FEED_TYPES, MAX_FEED_BYTES, feed_lines
from service.api.idempotency import KEY_HEADER, once_only
from service.api.problems import problem_responses
from service.api.services import Batching, Services, Uploading, Use
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
    UnreadableFeed,
    UnsupportedMediaType,
)
from service.flows.answers import Once
from service.flows.job_views import JobListView, JobView, job_view
from service.ports import WriteSession

router = APIRouter(tags=["batches"])

LINES = ("application/x-ndjson", "application/ndjson", "application/jsonl")
_TAKEN = "application/x-ndjson, application/json, application/rss+xml, application/atom+xml"
JobId = Annotated[str, Path(max_length=100)]
_FEED: dict[str, Any] = {
    "type": "string",
    "pattern": r"\S",
    "description": "An RSS or Atom document of 2,000,000 bytes and 1,000 items at most, without a document type; "
    "`application/xml` and `text/xml` are taken too. Of an item without its text the summary is taken in, but never in place of "
    "a text that is known.",
}
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
            "application/rss+xml": {"schema": _FEED, "example": job_examples.RSS},
            "application/atom+xml": {"schema": _FEED, "example": job_examples.ATOM},
        },
    }
}
FEED_ADDRESS: dict[str, Any] = {
    "name": "Content-Location",
    "in": "header",
    "required": False,
    "description": "The feed's own address; links of its items may be relative to it.",
    "schema": {"type": "string", "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://"},
    "example": "https://harbour-gazette.example/feed",
}


def _batches(use: Use) -> Batching:
    assert use.batches is not None
    return use.batches


@router.post(
    "/v1/batches",
    operation_id="ingestBatch",
    summary="Take many articles in, in the background",
    description="The lines, or the items of a feed, are worked off in their order. One that cannot be taken in is reported in "
    "the job and stops no other.",
    status_code=202,
    response_model=JobView,
    openapi_extra={**BODY, "parameters": [FEED_ADDRESS, KEY_HEADER]},
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
            UnreadableFeed,
            Forbidden,
            *KEY_PROBLEMS,
            *LOAD_PROBLEMS,
        ),
    },
)
async def ingest_batch(request: Request, use: Use) -> Response:
    media_type = _media_type(request)
    batches = _batches(use)
    job_id, upload = await run_in_threadpool(batches.upload)
    is_kept = False

    async def work(once: Once | None) -> Response:
        nonlocal is_kept
        where = f"/v1/jobs/{job_id}"

        def also(session: WriteSession, job: Job) -> None:
            if once is not None:
                once.keep(session, 202, where, job_view(job).model_dump_json().encode())

        job = await batches.jobs.accept(job_id, total, also, form="feed" if media_type in FEED_TYPES else "lines")
        is_kept = True
        return json_answer(job_view(job), 202, {"Location": where})

    try:
        taking = _take_feed if media_type in FEED_TYPES else _take_lines
        digest = await taking(request, use, upload, media_type)
        total = await run_in_threadpool(upload.finish)
        return await once_only(request, use, work, digest)
    except ClientDisconnect:
        return Response(status_code=400)  # nobody reads it
    finally:
        if not is_kept:
            await run_in_threadpool(upload.discard)


async def _take_lines(request: Request, _: Services, upload: Uploading, media_type: str) -> str:
    """The body, streamed to the disk; its digest."""
    array = ArrayLines() if media_type == "application/json" else None
    digest = hashlib.sha256()
    async for part in request.stream():
        # To the system's cache: quicker than a change of threads.
        upload.write(array.feed(part) if array else part)
        digest.update(part)
    if array:
        array.finish()
    return digest.hexdigest()


async def _take_feed(request: Request, use: Services, upload: Uploading, _: str) -> str:
    """The items of the feed, each a line; the digest of the body. Raises MissingBody, BodyTooLarge, InvalidInput, UnreadableFeed,
    Overloaded.
    """
    url = request.headers.get("content-location", "").strip() or None
    if url is not None and not url.lower().startswith(("http://", "https://")):
        detail = "must hold the feed's absolute http(s) address"
        raise InvalidInput(f"Content-Location {detail}", [Fault("Content-Location", detail)])
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_FEED_BYTES:
            raise BodyTooLarge(f"The feed has more than {MAX_FEED_BYTES:,} bytes.")
    if not body.strip():
        raise MissingBody
    assert use.pages is not None
    items = await use.pages.read_feed(body, url=url)
    if not items:
        raise MissingBody("The feed holds no item.")
    await run_in_threadpool(upload.write, feed_lines(items, url))
    return hashlib.sha256(body).hexdigest()


def _media_type(request: Request) -> str:
    """Raises UnsupportedMediaType."""
    given, _, parameters = request.headers.get("content-type", "").partition(";")
    media_type = given.strip().lower()
    if media_type not in ("application/json", *LINES, *FEED_TYPES):
        shown = media_type[:100] or "no Content-Type"
        raise UnsupportedMediaType(f"This call takes {_TAKEN}, not {shown}.", [Fault("Content-Type", f"must be one of {_TAKEN}")])
    charset = parameters.lower().partition("charset=")[2].partition(";")[0].strip(" \"'")
    # XML says itself how it is encoded, and is oftener right than the header.
    if charset not in ("", "utf-8", "utf8") and media_type not in FEED_TYPES:
        raise UnsupportedMediaType("JSON is always UTF-8.", [Fault("Content-Type", f"charset must be utf-8, not {charset[:40]}")])
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("Bodies are taken uncompressed.", [Fault("Content-Encoding", "must be left away")])
    return media_type


@router.get(
    "/v1/jobs",
    operation_id="listJobs",
    summary="List jobs, newest first",
    response_model=JobListView,
    responses={
        200: {"content": {"application/json": {"example": examples.dump(job_examples.JOBS)}}},
        **problem_responses(InvalidCursor, *WRITERS_READ_PROBLEMS),
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
        **problem_responses(JobNotFound, *WRITERS_READ_PROBLEMS),
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
        **problem_responses(JobNotFound, Forbidden, *WRITERS_READ_PROBLEMS),
    },
)
async def cancel_job(use: Use, job_id: JobId) -> Response:
    return json_answer(job_view(await _batches(use).jobs.cancel(job_id)))
