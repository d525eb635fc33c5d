"""The embedding service against encoders that behave badly on command. Events order the threads, never the clock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.embed.batcher import EmbeddingService
from service.embed.batches import PROBE, Request, Waiting, cut_into_batches
from service.errors import EncoderUnavailable, ModelMismatch, Overloaded
from service.ports import Encoder, Matrix

WAIT_S = 10


def vector_for(text: str) -> np.ndarray:
    return np.array([len(text), sum(map(ord, text)) % 97, 1], dtype=np.float32)


class Scripted:
    """An encoder that records its batches and runs `on_batch` before each one; the probe passes unless `broken`."""

    space, dimension, mode = "scripted", 3, "lexical"

    def __init__(self, on_batch: Callable[[Sequence[str]], None] = lambda _: None) -> None:
        self.on_batch = on_batch
        self.batches: list[list[str]] = []
        self.threads: set[int] = set()
        self.broken = False

    def encode(self, texts: Sequence[str]) -> Matrix:
        self.threads.add(threading.get_ident())
        if self.broken:
            raise RuntimeError("broken")
        if list(texts) != [PROBE]:
            self.batches.append(list(texts))
            self.on_batch(texts)
        return np.array([vector_for(text) for text in texts], dtype=np.float32)


class Gate:
    """Holds the encoder inside its first batch until `open` is called."""

    def __init__(self) -> None:
        self.entered, self.released = threading.Event(), threading.Event()

    def __call__(self, _: Sequence[str]) -> None:
        self.entered.set()
        assert self.released.wait(WAIT_S)


@pytest.fixture
def run() -> Iterator[Callable[..., EmbeddingService]]:
    started: list[EmbeddingService] = []

    def start(encoder: Encoder | Callable[[], Encoder], **options: object) -> EmbeddingService:
        factory = encoder if not hasattr(encoder, "encode") else lambda: encoder
        service = EmbeddingService(factory, first_backoff_s=0.001, longest_backoff_s=0.01, **options)  # type: ignore[arg-type]
        started.append(service)
        service.start(WAIT_S)
        return service

    yield start
    for service in started:
        service.close(WAIT_S)


def rows(future: Future[np.ndarray]) -> np.ndarray:
    return future.result(WAIT_S)


def expected(texts: Sequence[str]) -> np.ndarray:
    return np.array([vector_for(text) for text in texts], dtype=np.float16)


def test_rows_come_in_the_order_asked_for(run: Callable[..., EmbeddingService]) -> None:
    service = run(Scripted())
    texts = ["long " * 50, "a", "mid " * 9, "a", ""]
    found = rows(service.submit(texts))
    assert found.dtype == np.float16
    assert np.array_equal(found, expected(texts))
    assert rows(service.submit([])).shape == (0, 3)
    assert (service.space, service.dimension, service.mode, service.healthy, service.ready()) == (
        "scripted",
        3,
        "lexical",
        True,
        True,
    )


def test_one_thread_merges_requests_and_encodes_a_text_once(run: Callable[..., EmbeddingService]) -> None:
    gate = Gate()
    encoder = Scripted(gate)
    service = run(encoder)
    first = service.submit(["first"])
    assert gate.entered.wait(WAIT_S)
    with ThreadPoolExecutor(8) as pool:
        futures = list(pool.map(lambda number: service.submit(["shared", f"own {number}", "first"]), range(8)))
    gate.released.set()
    for number, future in enumerate(futures):
        assert np.array_equal(rows(future), expected(["shared", f"own {number}", "first"]))
    rows(first)
    assert encoder.batches[0] == ["first"]
    assert sorted(encoder.batches[1]) == sorted(["shared", *(f"own {number}" for number in range(8))])
    assert len(encoder.threads) == 1
    rows(service.submit(["shared"]))
    assert len(encoder.batches) == 2


def test_recent_vectors_are_bounded(run: Callable[..., EmbeddingService]) -> None:
    encoder = Scripted()
    service = run(encoder, recent=2)
    for text in ("a", "b", "c", "b", "a"):
        rows(service.submit([text]))
    assert encoder.batches == [["a"], ["b"], ["c"], ["a"]]


def test_only_the_poisoned_text_fails(run: Callable[..., EmbeddingService]) -> None:
    gate = Gate()

    def poison(texts: Sequence[str]) -> None:
        gate(texts)
        if "poison" in texts:
            raise ValueError("cannot read this")

    service = run(Scripted(poison))
    service.submit(["hold"])
    assert gate.entered.wait(WAIT_S)
    good = [service.submit([f"good {number}", f"fine {number}"]) for number in range(9)]
    bad = service.submit(["good 1", "poison"])
    gate.released.set()
    for number, future in enumerate(good):
        assert np.array_equal(rows(future), expected([f"good {number}", f"fine {number}"]))
    with pytest.raises(EncoderUnavailable, match="cannot read this"):
        rows(bad)
    assert service.healthy
    assert np.array_equal(rows(service.submit(["after"])), expected(["after"]))


@pytest.mark.parametrize("answer", [np.zeros((1, 2)), np.zeros((2, 3)), np.full((1, 3), np.nan)])
def test_a_wrong_answer_is_an_error_not_a_vector(run: Callable[..., EmbeddingService], answer: np.ndarray) -> None:
    class Wrong(Scripted):
        def encode(self, texts: Sequence[str]) -> Matrix:
            return answer.astype(np.float32) if "wrong" in texts else super().encode(texts)

    with pytest.raises(EncoderUnavailable):
        rows(run(Wrong()).submit(["wrong"]))


def test_cancelled_texts_are_not_encoded_unless_somebody_else_wants_them(run: Callable[..., EmbeddingService]) -> None:
    gate = Gate()
    encoder = Scripted(gate)
    service = run(encoder)
    held = service.submit(["hold"])
    assert gate.entered.wait(WAIT_S)
    left, stayed = service.submit(["left", "both"]), service.submit(["both"])
    assert left.cancel()
    gate.released.set()
    assert np.array_equal(rows(stayed), expected(["both"]))
    rows(held)
    assert encoder.batches == [["hold"], ["both"]]
    with pytest.raises(CancelledError):
        rows(left)


def test_cancelling_what_is_being_encoded_harms_nobody(run: Callable[..., EmbeddingService]) -> None:
    gate = Gate()
    service = run(Scripted(gate))
    held = service.submit(["hold"])
    assert gate.entered.wait(WAIT_S)
    assert held.cancel()
    gate.released.set()
    assert np.array_equal(rows(service.submit(["next"])), expected(["next"]))


def test_a_full_queue_refuses_and_takes_known_texts(run: Callable[..., EmbeddingService]) -> None:
    gate = Gate()
    service = run(Scripted(gate), max_queue=2)
    held = service.submit(["hold"])
    assert gate.entered.wait(WAIT_S)
    waiting = service.submit(["a", "b", "a"])
    with pytest.raises(Overloaded):
        service.submit(["c"])
    again = service.submit(["b", "hold"])
    assert service.queued == 3
    gate.released.set()
    assert np.array_equal(rows(again), expected(["b", "hold"]))
    rows(held), rows(waiting)
    assert service.queued == 0


def test_a_broken_encoder_is_replaced_and_its_texts_tried_again(run: Callable[..., EmbeddingService]) -> None:
    made: list[Scripted] = []

    def factory() -> Encoder:
        def breaks(_: Sequence[str]) -> None:
            made[0].broken = True
            raise RuntimeError("lost")

        made.append(Scripted(breaks if not made else lambda _: None))
        return made[-1]

    service = run(factory)
    assert np.array_equal(rows(service.submit(["a", "b"])), expected(["a", "b"]))
    assert len(made) == 2
    assert service.healthy


def test_a_text_that_breaks_every_encoder_fails_and_the_rest_lives(run: Callable[..., EmbeddingService]) -> None:
    def factory() -> Encoder:
        def breaks(texts: Sequence[str]) -> None:
            if "killer" in texts:
                encoder.broken = True
                raise RuntimeError("lost")

        encoder = Scripted(breaks)
        return encoder

    service = run(factory)
    with pytest.raises(EncoderUnavailable, match="broke twice"):
        rows(service.submit(["killer"]))
    assert np.array_equal(rows(service.submit(["a"])), expected(["a"]))


def test_even_an_exit_inside_the_encoder_leaves_nobody_waiting(run: Callable[..., EmbeddingService]) -> None:
    def leave(texts: Sequence[str]) -> None:
        if "exit" in texts:
            raise SystemExit

    service = run(Scripted(leave))
    with pytest.raises(EncoderUnavailable):
        rows(service.submit(["exit"]))
    assert np.array_equal(rows(service.submit(["a"])), expected(["a"]))


def test_an_encoder_that_cannot_be_loaded_is_reported_and_loaded_later() -> None:
    allowed = threading.Event()
    served = threading.Event()

    def factory() -> Encoder:
        if not allowed.is_set():
            raise ModelMismatch("other weights")
        served.set()
        return Scripted()

    service = EmbeddingService(factory, first_backoff_s=0.001, longest_backoff_s=0.01)
    with pytest.raises(ModelMismatch, match="other weights"):
        service.start(WAIT_S)
    assert not service.healthy
    assert not service.ready(0.01)
    allowed.set()
    assert served.wait(WAIT_S)
    with service._changed:
        assert service._changed.wait_for(lambda: service.healthy, WAIT_S)
    assert np.array_equal(rows(service.submit(["a"])), expected(["a"]))
    service.close(WAIT_S)


def test_another_model_after_a_restart_is_refused(run: Callable[..., EmbeddingService]) -> None:
    made: list[Scripted] = []

    def factory() -> Encoder:
        encoder = Scripted()
        if made:
            encoder.space = "another"
        made.append(encoder)
        return encoder

    service = run(factory)
    made[0].broken = True
    with pytest.raises(EncoderUnavailable, match="another model"):
        rows(service.submit(["a"]))
    assert service.space == "scripted"


def test_closing_completes_every_future(run: Callable[..., EmbeddingService]) -> None:
    gate = Gate()
    service = run(Scripted(gate))
    held = service.submit(["hold"])
    assert gate.entered.wait(WAIT_S)
    waiting = service.submit(["never"])
    closing = threading.Thread(target=service.close, args=(0.0,))
    closing.start()
    closing.join()
    for future in (held, waiting):
        with pytest.raises(EncoderUnavailable, match="shutting down"):
            rows(future)
    with pytest.raises(EncoderUnavailable):
        service.submit(["later"])
    gate.released.set()
    service.close(WAIT_S)
    assert not service.ready()


def test_not_started_means_not_served() -> None:
    service = EmbeddingService(Scripted)
    with pytest.raises(EncoderUnavailable):
        service.submit(["a"])
    with pytest.raises(EncoderUnavailable):
        _ = service.space
    service.close()


@given(st.lists(st.text(max_size=300), max_size=60), st.integers(1, 200))
@settings(max_examples=60)
def test_batches_hold_everything_once_within_the_budget(texts: list[str], budget: int) -> None:
    batches = cut_into_batches([Waiting(text) for text in texts], budget)
    assert sorted(one.text for batch in batches for one in batch) == sorted(texts)
    assert all(len(batch) == 1 or len(batch) * max(one.tokens for one in batch) <= budget for batch in batches)
    widths = [one.tokens for batch in batches for one in batch]
    assert widths == sorted(widths)


def test_a_text_is_wanted_while_one_future_is_open() -> None:
    requests = [Request(Future(), [None], 1) for _ in range(2)]
    waiting = Waiting("a", [(request, 0) for request in requests])
    requests[0].future.cancel()
    assert waiting.is_wanted
    requests[1].future.cancel()
    assert not waiting.is_wanted


def test_what_is_urgent_goes_before_all_that_wait(run: Callable[..., EmbeddingService]) -> None:
    gate = Gate()
    encoder = Scripted(gate)
    service = run(encoder, token_budget=4)
    first = service.submit(["first"])
    assert gate.entered.wait(WAIT_S)
    # Longer than the stretch that is taken at once, so that the order of the queue shows.
    waiting = service.submit([f"text {number:03}" for number in range(60)])
    urgent = service.submit(["text 059", "asked for"], is_urgent=True)
    gate.released.set()
    for future in (first, waiting, urgent):
        future.result(WAIT_S)
    assert {text for batch in encoder.batches[1:4] for text in batch} >= {"text 059", "asked for"}
