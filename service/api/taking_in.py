"""What POST /v1/articles and POST /v1/fetch do with an article: take it in and answer, at once or later (`Prefer`, RFC 7240).

No rules and no SQL.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from service.api import examples
from service.api.answers import json_answer
from service.api.idempotency import answered
from service.api.services import Services
from service.domain.jobs import QueuedArticle, StoredAnswer
from service.domain.models import ArticleInput
from service.errors import IdempotencyKeyInFlight, IdempotencyKeyReused, Overloaded
from service.flows.answers import Once
from service.flows.tasks import Ingested
from service.flows.views import ArticleView
from service.ops.metrics import Metrics
from service.ports import WriteSession

Result = TypeVar("Result")

KEY_PROBLEMS = (IdempotencyKeyReused, IdempotencyKeyInFlight)
PREFER_HEADER: dict[str, Any] = {
    "name": "Prefer",
    "in": "header",
    "required": False,
    "description": "`respond-async`: answer `202` as soon as the article is safely kept; `wait=N`: wait N seconds for it to be "
    "clustered (30 at most), then answer `202`.",
    "schema": {"type": "string"},
    "example": "respond-async",
}
ACCEPTED: dict[str, Any] = {
    "model": ArticleView,
    "description": "Kept, and worked on later, as `Prefer` asked: at `Location`, `status` goes from `queued` to `clustered`, or "
    "to `failed` with a `problem`.",
    "headers": {name: {"schema": {"type": "string"}} for name in ("Location", "Preference-Applied", "Retry-After")},
    "content": {
        "application/json": {
            "example": examples.dump(examples.ARTICLE)
            | {"status": "queued", "story_id": None, "report_id": None}
            | {"derivation": {"label": "undetermined", "share": 0, "confidence": 0}}
            | {"origin": {"kind": "undetermined", "basis": [], "confidence": 0, "reason": "The article is not clustered yet."}}
        }
    },
}
_PREFERENCE = re.compile(r'\s{0,9}(respond-async|wait)\s{0,9}(?:=\s{0,9}"?(\d{1,9})"?)?\s{0,9}(?:;.*)?', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Preference:
    """`applied` is the answer's Preference-Applied."""

    wait_s: float
    applied: str


async def take_in(request: Request, use: Services, content: ArticleInput, once: Once | None) -> Response:
    """Store and cluster, count, answer."""
    preference = _preference(request, use.settings.max_wait_s)
    if preference is not None:
        return await _later(use, content, preference, once)
    kept: list[StoredAnswer] = []

    def also(session: WriteSession, done: Ingested) -> None:
        # In the transaction of the article: whoever asks again after a kill is given this answer, or begins anew.
        if once is not None:
            body = use.query.article_in(session, done.article.id).model_dump_json().encode()
            kept[:] = [once.keep(session, _status(done), _address(done.article.id), body)]

    async def counted() -> Ingested:
        done = await use.ingest.ingest(content, also)
        metrics: Metrics = request.app.state.metrics
        metrics.take_in(len(content.paragraphs), is_new=done.is_new, is_changed=done.is_changed)
        return done

    doing: asyncio.Future[Ingested] = asyncio.ensure_future(counted())
    if once is not None:
        # Whoever is told that it takes too long and asks again is to be given this answer, not to start it a second time. Without
        # a key nobody can ask for it, and what the writer does not have yet is dropped: load falls when callers give up.
        once.lasts(doing)
        doing = asyncio.shield(doing)
    done = await in_time(use, doing)
    if kept:
        return answered(kept[0])
    view = await run_in_threadpool(use.query.article_as, done.article)
    return json_answer(view, _status(done), {"Location": _address(done.article.id)})


async def in_time(use: Services, work: Awaitable[Result]) -> Result:
    """What `work` gives; Overloaded when it takes longer than a caller should wait."""
    try:
        async with asyncio.timeout(use.settings.write_timeout_s):
            return await work
    except TimeoutError as error:
        detail = f"No result within {use.settings.write_timeout_s:g} s. It may still be worked on; sending it again does no harm."
        raise Overloaded(detail, use.settings.retry_after_s) from error


async def _later(use: Services, content: ArticleInput, preference: Preference, once: Once | None) -> Response:
    assert use.waiting is not None
    kept: list[bytes] = []

    def also(session: WriteSession, waiting: QueuedArticle) -> None:
        body = use.query.article_in(session, waiting.article.id).model_dump_json().encode()
        kept[:] = [body]
        if once is not None:
            kept[:] = [once.keep(session, 202, _address(waiting.article.id), body).body]

    outcome: asyncio.Future[Ingested | None] = asyncio.get_running_loop().create_future()
    waiting = await use.waiting.put(content, also, outcome if preference.wait_s else None)
    applied = {"Preference-Applied": preference.applied}
    done = await _within(outcome, preference.wait_s) if preference.wait_s else None
    if done is None:
        sent = {"Location": _address(waiting.article.id), "Retry-After": str(use.settings.retry_after_s), **applied}
        return Response(kept[0], 202, sent, "application/json")
    view = await run_in_threadpool(use.query.article_as, done.article)
    if once is not None:
        await run_in_threadpool(once.replace, _status(done), _address(done.article.id), view.model_dump_json().encode())
    return json_answer(view, _status(done), {"Location": _address(done.article.id), **applied})


async def _within(outcome: asyncio.Future[Ingested | None], seconds: float) -> Ingested | None:
    done, _ = await asyncio.wait([outcome], timeout=seconds)
    return outcome.result() if done else None


def _preference(request: Request, longest_s: float) -> Preference | None:
    """What `Prefer` asks for; what this service does not know is ignored, as RFC 7240 has it."""
    wait_s, applied = 0.0, []
    for part in ",".join(request.headers.getlist("prefer")).split(","):
        found = _PREFERENCE.fullmatch(part)
        if found is None or (found[1].lower() == "wait") == (found[2] is None):
            continue
        if found[2] is not None:
            wait_s = min(float(found[2]), longest_s)
            applied.append(f"wait={int(found[2])}")
        else:
            applied.append("respond-async")
    return Preference(wait_s, ", ".join(dict.fromkeys(applied))) if applied else None


def _status(done: Ingested) -> int:
    return 201 if done.is_new else 200


def _address(article_id: str) -> str:
    return f"/v1/articles/{article_id}"
