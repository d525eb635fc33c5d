"""So many calls a second for each API key: a bucket of tokens in memory, one a call. Pure ASGI like `middleware.py`."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from service.api.middleware import refuse
from service.errors import RateLimited
from service.keys import KeyLimits


class RateLimit:
    """Stands behind the authentication, so there are no more buckets than keys. `per_s` 0 means no limit; what a key says about
    itself counts instead.
    """

    def __init__(self, app: ASGIApp, per_s: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.app = app
        self._per_s = per_s
        self._burst = burst
        self._clock = clock
        # Key -> tokens left, and when they were counted.
        self._buckets: dict[str, tuple[float, float]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/v1"):
            own: KeyLimits = scope["state"].get("key_limits") or KeyLimits()
            per_s = self._per_s if own.rate is None else own.rate
            missing_s = self._take(scope["state"].get("key_id", ""), per_s, own.burst or self._burst) if per_s else 0.0
            if missing_s:
                error = RateLimited(retry_after_s=max(1, math.ceil(missing_s)))
                await refuse(error, scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _take(self, key_id: str, per_s: float, burst: int) -> float:
        """0 when a token was left, else the seconds until there is one."""
        now = self._clock()
        left, counted_at = self._buckets.get(key_id, (float(burst), now))
        left = min(float(burst), left + (now - counted_at) * per_s)
        is_allowed = left >= 1
        self._buckets[key_id] = (left - is_allowed, now)
        return 0.0 if is_allowed else (1 - left) / per_s
