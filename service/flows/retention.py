"""Forgetting what is old: changes and records of deliveries, a few at once so that no write waits for it.

What the change feed cannot tell any more is refused there, never left out. Synchronous; callers run it in a thread.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from service.ports import Clock, Store, WriteSession

AT_ONCE = 500
_ROUNDS = 20


class Retention:
    """Days for which each is kept; 0 means for ever. `dropped` hears how many changes went."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        change_days: float,
        delivery_days: float,
        dropped: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._change_days = change_days
        self._delivery_days = delivery_days
        self._dropped = dropped

    def sweep(self) -> None:
        """Bounded: what is left is taken by the next one. Raises StoreUnavailable, Overloaded."""
        if self._delivery_days:
            self._rounds(self._delivery_days, lambda session, before: session.drop_deliveries(before, AT_ONCE))
        if self._change_days:
            self._dropped(self._rounds(self._change_days, lambda session, before: session.drop_changes(before, AT_ONCE)))

    def _rounds(self, days: float, drop: Callable[[WriteSession, datetime], int]) -> int:
        before, count = self._clock.now() - timedelta(days=days), 0
        for _ in range(_ROUNDS):
            # A transaction each, so that articles come in between.
            with self._store.write() as session:
                gone = drop(session, before)
            count += gone
            if gone < AT_ONCE:
                break
        return count
