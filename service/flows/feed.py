"""The change feed: pages of what happened, and how far each named consumer says that it has come.

Reads what the writer stored with each effect; decides nothing. Synchronous; callers run it in a thread.
"""

from __future__ import annotations

from service.domain.changes import Change
from service.errors import ChangesGone, Fault, InvalidInput
from service.flows.feed_views import AcknowledgedView, ChangesView, change_view
from service.ports import Clock, ReadSession, Store


class Feed:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def changes(self, after: int, limit: int) -> list[Change]:
        """Those behind `after`, in order and without gaps. Raises ChangesGone where the next one is not kept any more."""
        with self._store.read() as session:
            self._check(session, after)
            return session.changes(after, limit)

    def check(self, after: int) -> None:
        """Raises ChangesGone as `changes` does."""
        with self._store.read() as session:
            self._check(session, after)

    def _check(self, session: ReadSession, after: int) -> None:
        dropped = session.dropped_changes()
        if after < dropped:
            raise ChangesGone(
                f"Changes up to {dropped} are not kept any more; the last one that was given out is {session.last_change()}."
            )

    def page(self, after: int, limit: int) -> ChangesView:
        """Raises ChangesGone as `changes` does."""
        found = self.changes(after, limit)
        return ChangesView(items=[change_view(change) for change in found], next=found[-1].sequence if found else after)

    def position(self, consumer: str) -> int:
        """What the consumer acknowledged last; 0 for one that never did."""
        with self._store.read() as session:
            return session.consumer(consumer) or 0

    def acknowledge(self, consumer: str, sequence: int) -> AcknowledgedView:
        """Never goes back: an acknowledgement that was overtaken on its way changes nothing. Raises InvalidInput."""
        with self._store.write() as session:
            last = session.last_change()
            if sequence > last:
                reason = f"is beyond the last change, {last}"
                raise InvalidInput(f"#/sequence {reason}", [Fault("#/sequence", reason)])
            before = session.consumer(consumer) or 0
            if sequence > before:
                session.put_consumer(consumer, sequence, self._clock.now())
        return AcknowledgedView(consumer=consumer, sequence=max(before, sequence))
