"""What every call does that changes something other than by sending articles: in time, and once for each `Idempotency-Key`.

The answer is kept in the transaction of the effect, so a request that comes again finds both or neither. Knows no use case.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from fastapi import Request
from starlette.responses import Response

from service.api.idempotency import answered, once_only
from service.api.services import Services
from service.api.taking_in import in_time
from service.domain.jobs import StoredAnswer
from service.flows.answers import Alongside, Once
from service.flows.views import View
from service.ports import WriteSession

Outcome = TypeVar("Outcome", bound=View | None)


async def changed(
    request: Request,
    use: Services,
    change: Callable[[Alongside[Outcome] | None], Awaitable[Outcome]],
    *,
    status: int = 200,
    location: Callable[[Outcome], str] | None = None,
    instead: Response | None = None,
    is_secret: bool = False,
) -> Response:
    """The answer to what `change` does, or to what it did under the same key before.

    `change` calls what it is given in the transaction of its effect, with its result. `instead`: this answer leads the request
    elsewhere where it is no replay, and nothing is changed. `is_secret`: no cache may keep the answer. Raises
    IdempotencyKeyInFlight, IdempotencyKeyReused, InvalidInput, Overloaded and what `change` raises.
    """

    def shown(outcome: Outcome) -> tuple[int, str | None, bytes]:
        body = b"" if outcome is None else outcome.model_dump_json().encode()
        return status, location(outcome) if location else None, body

    async def work(once: Once | None) -> Response:
        if instead is not None:
            return instead
        kept: list[StoredAnswer] = []

        def also(session: WriteSession, outcome: Outcome) -> None:
            assert once is not None
            kept[:] = [once.keep(session, *shown(outcome))]

        doing = asyncio.ensure_future(change(also if once is not None else None))
        if once is not None:
            # Whoever is told that it takes too long and asks again must not start it a second time.
            once.lasts(doing)
        outcome = await in_time(use, asyncio.shield(doing))
        if kept:
            return answered(kept[0])
        code, where, body = shown(outcome)
        headers = {"Location": where} if where else {}
        return Response(body, code, headers, "application/json" if body else None)

    answer = await once_only(request, use, work, other_path=instead.headers["location"] if instead is not None else None)
    if is_secret:
        answer.headers["Cache-Control"] = "no-store"
    return answer
