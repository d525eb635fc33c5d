"""Answers kept for requests that come again under one Idempotency-Key, so that their effect happens once.

An answer is kept in the transaction of its effect. That a request is in flight is held in memory only: when the process dies,
nothing is in flight any more.
"""

from __future__ import annotations

from asyncio import Future
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from service.domain.jobs import StoredAnswer
from service.errors import IdempotencyKeyInFlight, IdempotencyKeyReused
from service.ports import Clock, Store, WriteSession

Outcome = TypeVar("Outcome")
Alongside = Callable[[WriteSession, Outcome], None]
"""What is to be stored in the transaction of an effect, beside it."""


@dataclass(frozen=True, slots=True)
class Once:
    """A request that is to take effect once. `scope` names the API key, `digest` is of the whole request, `others` are of
    the same request to where it may have been sent before.
    """

    answers: Answers
    scope: str
    key: str
    digest: str
    others: frozenset[str] = frozenset()

    def keep(self, session: WriteSession, status: int, location: str | None, body: bytes) -> StoredAnswer:
        """In the transaction of the effect. Gives the answer that counts, which may be an earlier one."""
        return session.keep_answer(self._answer(status, location, body), self.answers.oldest())

    def keep_alone(self, status: int, location: str | None, body: bytes) -> None:
        """In a transaction of its own, where there is no effect to keep it with. An earlier answer stays. Blocks."""
        with self.answers.store.write() as session:
            self.keep(session, status, location, body)

    def replace(self, status: int, location: str | None, body: bytes) -> None:
        """In a transaction of its own, where the answer became another one than was expected. Blocks."""
        with self.answers.store.write() as session:
            session.replace_answer(self._answer(status, location, body))

    def lasts(self, work: Future[Any]) -> None:
        """The request is in flight until `work` has ended, although its caller may be told before that it takes too long."""
        self.answers.last(self.scope, self.key, work)

    def _answer(self, status: int, location: str | None, body: bytes) -> StoredAnswer:
        return StoredAnswer(self.scope, self.key, self.digest, self.answers.clock.now(), status, location, body)


class Answers:
    """Used from one event loop; what touches the store blocks."""

    def __init__(self, store: Store, clock: Clock, *, kept_for: timedelta, max_kept: int) -> None:
        self.store = store
        self.clock = clock
        self._kept_for = kept_for
        self._max_kept = max_kept
        self._in_flight: set[tuple[str, str]] = set()
        self._lasting: dict[tuple[str, str], Future[Any]] = {}

    @contextmanager
    def claimed(self, scope: str, key: str) -> Iterator[None]:
        """Raises IdempotencyKeyInFlight while another request holds the key."""
        name = (scope, key)
        if name in self._in_flight:
            raise IdempotencyKeyInFlight
        self._in_flight.add(name)
        try:
            yield
        finally:
            work = self._lasting.pop(name, None)
            if work is None or work.done():
                self._in_flight.discard(name)
            else:
                work.add_done_callback(lambda _: self._in_flight.discard(name))

    def last(self, scope: str, key: str, work: Future[Any]) -> None:
        """What `claimed` holds now is held until `work` has ended."""
        self._lasting[scope, key] = work

    def find(self, once: Once) -> StoredAnswer | None:
        """Raises IdempotencyKeyReused when the key belongs to another request."""
        with self.store.read() as session:
            found = session.stored_answer(once.scope, once.key, self.oldest())
        if found is not None and found.digest != once.digest and found.digest not in once.others:
            raise IdempotencyKeyReused
        return found

    def oldest(self) -> datetime:
        """What was answered before is forgotten."""
        return self.clock.now() - self._kept_for

    def drop_old(self) -> None:
        with self.store.write() as session:
            session.drop_answers(self.oldest(), self._max_kept)
