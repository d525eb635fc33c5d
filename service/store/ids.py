"""Ids that sort by time, and the clock. The only sources of randomness and time in the service; both are handed in."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RANDOM_BITS = 80
_LENGTH = 26


class SortableIds:
    """26 characters: 48 bits of milliseconds, 80 random bits. Within one process every id is greater than the one before,
    even in the same millisecond or when the clock steps back. May be used by several threads.
    """

    def __init__(self, random_bytes: Callable[[int], bytes] = os.urandom) -> None:
        self._random_bytes = random_bytes
        self._last = -1
        self._lock = threading.Lock()

    def new(self, at: datetime) -> str:
        """Raises ValueError for a time without a zone or before 1970."""
        if at.tzinfo is None or at.timestamp() < 0:
            raise ValueError("ids need a time with a zone, 1970 or later")
        milliseconds = int(at.timestamp() * 1000)
        with self._lock:
            value = milliseconds << _RANDOM_BITS | int.from_bytes(self._random_bytes(_RANDOM_BITS // 8), "big")
            self._last = value if value >> _RANDOM_BITS > self._last >> _RANDOM_BITS else self._last + 1
            value = self._last
        return "".join(_ALPHABET[value >> shift & 31] for shift in range(5 * (_LENGTH - 1), -1, -5))


class SystemClock:
    """The machine's time in UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)
