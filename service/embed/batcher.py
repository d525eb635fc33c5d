"""One supervised thread that owns the encoder and serves everybody's texts in batches.

Owns the queue, the recent vectors and the promise that every future is completed, whatever happens to the encoder.
Stores nothing and never mixes embedding spaces.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Final, Literal

import numpy as np
import structlog

from service.embed.batches import PROBE, Embedded, Request, Waiting, cut_into_batches, probe, vectors_of
from service.errors import EncoderUnavailable, ModelMismatch, Overloaded
from service.ports import Encoder, Vector

_log = structlog.get_logger("wiretrace.embed")
# Texts of one length make a batch with little padding; so many batches are cut from one stretch of the queue, so that
# nobody waits for more than these.
_BATCHES_AHEAD: Final = 8
_ATTEMPTS: Final = 2


class _EncoderBrokenError(Exception):
    """The encoder fails on a harmless text too."""


class EmbeddingService:
    """Serves `submit` from any thread. Call `start` first and `close` last.

    `encoder_factory` is called in the service's own thread, again after each failure. `token_budget` is the estimated tokens
    of a batch, padding included (a text counts a quarter of its characters); small batches of one length are fastest on
    CPUs: MiniLM did 89 texts in a CPU second at 512, 88 at 1,024, 75 at 2,048, 53 at 8,192. `max_queue` bounds the distinct
    texts waiting, `recent` the vectors kept for texts that come again before they are stored. `first_backoff_s` doubles
    with each failure in a row, up to `longest_backoff_s`.
    """

    def __init__(
        self,
        encoder_factory: Callable[[], Encoder],
        *,
        token_budget: int = 1_024,
        max_queue: int = 20_000,
        recent: int = 10_000,
        first_backoff_s: float = 0.5,
        longest_backoff_s: float = 30.0,
    ) -> None:
        self._factory = encoder_factory
        self._token_budget = token_budget
        self._max_queue = max_queue
        self._recent_size = recent
        self._backoff_s = (first_backoff_s, longest_backoff_s)
        self._changed = threading.Condition()
        self._queue: OrderedDict[str, Waiting] = OrderedDict()
        self._in_flight: dict[str, Waiting] = {}
        self._recent: OrderedDict[str, Vector] = OrderedDict()
        self._thread: threading.Thread | None = None
        self._state: Literal["new", "loading", "serving", "failed", "closed"] = "new"
        self._error: BaseException | None = None
        self._described: tuple[str, int, Literal["semantic", "lexical"]] | None = None
        self._encoded_at = float("-inf")

    # What callers see

    def start(self, timeout_s: float = 300.0) -> None:
        """Loads the encoder and waits until it serves. Raises what the factory raised, EncoderUnavailable after the timeout."""
        with self._changed:
            if self._state == "new":
                self._state = "loading"
                self._thread = threading.Thread(target=self._supervise, name="encoder", daemon=True)
                self._thread.start()
            self._changed.wait_for(lambda: self._state != "loading" or self._error is not None, timeout_s)
            if self._error is not None:
                raise self._error
            if self._state != "serving":
                raise EncoderUnavailable("the encoder is not loaded yet")

    def submit(self, texts: Sequence[str], *, is_urgent: bool = False) -> Future[Embedded]:
        """The texts' vectors: float16, shape (len(texts), dimension), rows of length 1, in the order given. Urgent ones (somebody
        waits for an answer) go before all that wait.

        Cancelling the future takes the texts back unless somebody else wants them too. The future raises EncoderUnavailable
        when the encoder cannot embed one of the texts or broke twice. Raises Overloaded when the queue has no room for all
        of them, EncoderUnavailable when nothing is served now.
        """
        with self._changed:
            if self._state not in {"loading", "serving"} or self._thread is None or not self._thread.is_alive():
                raise EncoderUnavailable
            new = {text for text in texts if not self._is_known(text)}
            if len(self._queue) + len(new) > self._max_queue:
                raise Overloaded(f"{len(self._queue)} texts wait for the encoder")
            request = Request(Future(), [None] * len(texts), 0)
            for row, text in enumerate(texts):
                vector = self._recent.get(text)
                if vector is not None:
                    self._recent.move_to_end(text)
                    request.rows[row] = vector
                    continue
                request.missing += 1
                waiting = self._in_flight.get(text) or self._queue.setdefault(text, Waiting(text))
                waiting.places.append((request, row))
                if is_urgent and text in self._queue:
                    self._queue.move_to_end(text, last=False)
            self._changed.notify_all()
        if request.missing == 0:
            self._complete(request)
        return request.future

    @property
    def space(self) -> str:
        return self._description[0]

    @property
    def dimension(self) -> int:
        return self._description[1]

    @property
    def mode(self) -> Literal["semantic", "lexical"]:
        return self._description[2]

    @property
    def queued(self) -> int:
        """Distinct texts waiting or being encoded."""
        return len(self._queue) + len(self._in_flight)

    @property
    def healthy(self) -> bool:
        """An encoder is loaded and its thread lives. Says nothing about how soon it answers; `ready` does."""
        return self._state == "serving" and self._thread is not None and self._thread.is_alive()

    def ready(self, timeout_s: float = 5.0) -> bool:
        """Whether the encoder has really encoded something within the last `timeout_s` seconds, or does so now within them."""
        if not self.healthy:
            return False
        if time.monotonic() - self._encoded_at <= timeout_s:
            return True
        with self._changed:
            self._recent.pop(PROBE, None)
        try:
            self.submit([PROBE]).result(timeout_s)
        except (EncoderUnavailable, Overloaded, TimeoutError):
            return False
        return True

    def close(self, timeout_s: float = 10.0) -> None:
        """Ends the thread after the batch at hand; whoever still waits gets EncoderUnavailable. May be called twice."""
        with self._changed:
            self._state = "closed"
            self._changed.notify_all()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout_s)
        self._fail_everybody(EncoderUnavailable("the service is shutting down"))

    @property
    def _description(self) -> tuple[str, int, Literal["semantic", "lexical"]]:
        if self._described is None:
            raise EncoderUnavailable("the encoder is not loaded yet")
        return self._described

    @property
    def _is_closed(self) -> bool:
        return self._state == "closed"

    def _is_known(self, text: str) -> bool:
        return text in self._recent or text in self._in_flight or text in self._queue

    # What the thread does

    def _supervise(self) -> None:
        backoff_s, longest_s = self._backoff_s
        while not self._is_closed:
            served = False
            try:
                encoder = self._load()
                served = True
                self._serve(encoder)
            except BaseException as error:  # noqa: BLE001 - a dead thread would leave every caller waiting
                _log.error("encoder_failed", error=repr(error), restart_in_s=backoff_s)
                self._recover(error, served=served)
                if served:
                    backoff_s = self._backoff_s[0]
                    continue
                with self._changed:
                    if not self._changed.wait_for(lambda: self._is_closed, backoff_s):
                        self._state = "loading"
                backoff_s = min(backoff_s * 2, longest_s)
        self._fail_everybody(EncoderUnavailable("the service is shutting down"))

    def _load(self) -> Encoder:
        encoder = self._factory()
        described = (encoder.space, encoder.dimension, encoder.mode)
        if self._described not in {None, described}:
            raise ModelMismatch("the encoder came back with another model; restart the service to use it")
        # It must encode something before anybody is told that it can.
        probe(encoder)
        with self._changed:
            self._described = described
            if not self._is_closed:
                self._state, self._error = "serving", None
            self._changed.notify_all()
        return encoder

    def _serve(self, encoder: Encoder) -> None:
        while (stretch := self._take()) is not None:
            for batch in cut_into_batches(stretch, self._token_budget):
                wanted = self._still_wanted(batch)
                if wanted:
                    self._settle(self._encode(encoder, wanted))

    def _take(self) -> list[Waiting] | None:
        """The oldest texts, as many as fit some batches; None when the service is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._is_closed)
            if self._is_closed:
                return None
            stretch: list[Waiting] = []
            room = self._token_budget * _BATCHES_AHEAD
            while self._queue and (room > 0 or not stretch):
                text, waiting = self._queue.popitem(last=False)
                self._in_flight[text] = waiting
                stretch.append(waiting)
                room -= waiting.tokens
            return stretch

    def _still_wanted(self, batch: Sequence[Waiting]) -> list[Waiting]:
        with self._changed:
            for waiting in batch:
                if not waiting.is_wanted:
                    del self._in_flight[waiting.text]
            return [waiting for waiting in batch if waiting.text in self._in_flight]

    def _encode(self, encoder: Encoder, batch: Sequence[Waiting]) -> list[tuple[Waiting, Vector | Exception]]:
        """Halves a failing batch until only the text that it fails on is left alone with its error."""
        try:
            return list(zip(batch, vectors_of(encoder, [waiting.text for waiting in batch]), strict=True))
        except Exception as error:  # noqa: BLE001 - whatever the library raises
            try:
                probe(encoder)
            except Exception as second:  # noqa: BLE001
                raise _EncoderBrokenError(repr(second)) from error
            if len(batch) == 1:
                return [(batch[0], error)]
        middle = len(batch) // 2
        return self._encode(encoder, batch[:middle]) + self._encode(encoder, batch[middle:])

    def _settle(self, outcomes: Sequence[tuple[Waiting, Vector | Exception]]) -> None:
        complete: list[Request] = []
        failed: list[tuple[Request, Exception]] = []
        with self._changed:
            for waiting, outcome in outcomes:
                self._in_flight.pop(waiting.text, None)
                if isinstance(outcome, Exception):
                    failed.extend((request, outcome) for request, _ in waiting.places)
                    continue
                self._encoded_at = time.monotonic()
                self._recent[waiting.text] = outcome
                for request, row in waiting.places:
                    request.rows[row] = outcome
                    request.missing -= 1
                    if request.missing == 0:
                        complete.append(request)
            while len(self._recent) > self._recent_size:
                self._recent.popitem(last=False)
        # Outside the lock: a future's callbacks may submit again.
        for request in complete:
            self._complete(request)
        for request, cause in failed:
            self._fail(request, EncoderUnavailable(f"the encoder cannot embed one of the texts: {cause!r}"))

    def _complete(self, request: Request) -> None:
        if not self._claim(request):
            return
        vectors = [vector for vector in request.rows if vector is not None]
        dimension = 0 if self._described is None else self._described[1]
        request.future.set_result(np.stack(vectors) if vectors else np.zeros((0, dimension), dtype=np.float16))

    def _recover(self, error: BaseException, *, served: bool) -> None:
        """Gives texts that were in flight one more try with a new encoder; fails everybody when there is no new encoder."""
        hopeless: list[Waiting] = []
        with self._changed:
            if self._is_closed:
                return
            self._state, self._error = ("loading", None) if served else ("failed", error)
            for waiting in reversed(self._in_flight.values()):
                waiting.attempts += 1
                if waiting.attempts >= _ATTEMPTS:
                    hopeless.append(waiting)
                else:
                    self._queue[waiting.text] = waiting
                    self._queue.move_to_end(waiting.text, last=False)
            self._in_flight.clear()
            self._changed.notify_all()
        if served:
            for waiting in hopeless:
                for request, _ in waiting.places:
                    self._fail(request, EncoderUnavailable(f"the encoder broke twice on this request: {error!r}"))
        else:
            self._fail_everybody(EncoderUnavailable(f"the encoder cannot be loaded: {error!r}"), hopeless)

    def _fail_everybody(self, error: EncoderUnavailable, more: Sequence[Waiting] = ()) -> None:
        with self._changed:
            everybody = [*self._in_flight.values(), *self._queue.values(), *more]
            self._in_flight.clear()
            self._queue.clear()
        for waiting in everybody:
            for request, _ in waiting.places:
                self._fail(request, error)

    def _fail(self, request: Request, error: EncoderUnavailable) -> None:
        if self._claim(request):
            request.future.set_exception(error)

    def _claim(self, request: Request) -> bool:
        """True once, for the one who may complete this request; never when its caller has left."""
        with self._changed:
            if request.is_settled:
                return False
            request.is_settled = True
        return request.future.set_running_or_notify_cancel()
