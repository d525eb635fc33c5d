"""Trying again what cannot be done now, for work that nobody waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from service.errors import EncoderUnavailable, Unavailable

Result = TypeVar("Result")

_LONGEST_WAIT_S = 30.0
_ENCODER_ATTEMPTS = 20


async def patiently(work: Callable[[], Awaitable[Result]]) -> Result:
    """What `work` gives, after as many trials as it takes. Only the encoder gets a last one (after some minutes): it may be
    the text itself that it cannot bear. Raises EncoderUnavailable, and what is no matter of waiting.
    """
    attempt = 0
    while True:
        try:
            return await work()
        except Unavailable as error:
            attempt += 1
            if isinstance(error, EncoderUnavailable) and attempt >= _ENCODER_ATTEMPTS:
                raise
            await asyncio.sleep(min(max(float(error.retry_after_s), 0.25 * 2.0 ** min(attempt, 10)), _LONGEST_WAIT_S))
