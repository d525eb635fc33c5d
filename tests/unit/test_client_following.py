"""Following the change feed through a world that cuts connections wherever it likes: nothing is missed, nothing comes twice."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.client import Busy, NoAnswer, NotAllowed, Retries, UnexpectedAnswer
from service.client.operations.changes import changes, consume_changes, stream_changes
from service.client.policy import Policy
from service.client.steps import Answer, Close, Emit, Lost, Open, Receive, Request, Send, Wait

CUT = Lost("cut", may_be_done=True)
GONE = Lost("refused", may_be_done=False)
STREAM = {"content-type": "text/event-stream; charset=utf-8"}


def change(sequence: int) -> dict[str, Any]:
    return {"sequence": sequence, "at": "2026-05-04T12:00:00Z", "type": "story.updated", "story_id": "ß", "data": {}}


def rendered(after: int, until: int) -> bytes:
    said = "".join(
        f"id: {number}\nevent: story.updated\ndata: {json.dumps(change(number), ensure_ascii=False)}\n\n: still here\n\n"
        for number in range(after + 1, until + 1)
    )
    return ("retry: 3000\n\n" + said).encode()


class World:
    """A service with `count` changes. `chance` decides what fails; what is performed is noted."""

    def __init__(self, count: int, chance: random.Random | None = None, trouble: float = 0.0) -> None:
        self.count = count
        self.chance = chance or random.Random(0)
        self.trouble = trouble
        self.acknowledged = 0
        self.words: list[int] = []
        self.opened: list[Request] = []
        self.waits: list[float] = []
        self.pages = 0
        self.now = 0.0
        self.parts: Iterator[bytes | Lost] | None = None

    def policy(self, **retries: Any) -> Policy:
        return Policy("http://x", Retries(**retries), chance=lambda: 1.0, clock=lambda: self.now)

    def fails(self) -> bool:
        return self.chance.random() < self.trouble

    def perform(self, step: Any) -> Any:
        match step:
            case Open(request):
                assert self.parts is None, "one stream is open already"
                self.opened.append(request)
                return self.open(request)
            case Receive():
                assert self.parts is not None
                return next(self.parts, b"")
            case Close():
                self.parts = None
                return None
            case Wait(seconds):
                self.waits.append(seconds)
                self.now += seconds
                return None
            case Send(request):
                return self.answer(request)
        raise AssertionError(step)

    def open(self, request: Request) -> Answer | Lost:
        if self.fails():
            return self.chance.choice([CUT, GONE, Answer(503, {}), Answer(429, {"retry-after": "1"}), Answer(502, {}, b"<html>")])
        after = int(request.headers.get("Last-Event-ID", 0))
        if request.params.get("consumer"):
            after = self.acknowledged
        self.parts = self.received(rendered(after, self.count))
        return Answer(200, STREAM)

    def received(self, whole: bytes) -> Iterator[bytes | Lost]:
        place = 0
        while place < len(whole):
            size = self.chance.randint(1, 400) if self.trouble else len(whole)
            yield whole[place : place + size]
            place += size
            if self.fails():
                yield self.chance.choice([CUT, b""])
                return

    def answer(self, request: Request) -> Answer | Lost:
        if self.fails():
            return self.chance.choice([CUT, GONE, Answer(503, {})])
        if request.path == "/v1/changes/acknowledge":
            assert isinstance(request.body, bytes)
            said = json.loads(request.body)["sequence"]
            assert said <= self.count
            self.words.append(said)
            self.acknowledged = max(self.acknowledged, said)
            return Answer(200, {}, json.dumps({"consumer": "c", "sequence": self.acknowledged}).encode())
        self.pages += 1
        after = int(request.params.get("after", self.acknowledged))
        limit = int(request.params["limit"])
        items = [change(number) for number in range(after + 1, min(self.count, after + limit) + 1)]
        return Answer(200, {}, json.dumps({"items": items, "next": items[-1]["sequence"] if items else after}).encode())


def followed(world: World, feed: Any, most: int = 10**6) -> list[int]:
    """The sequences that are handed over, `most` of them."""
    found: list[int] = []
    result: Any = None
    try:
        while len(found) < most:
            step = feed.send(result)
            result = None
            if isinstance(step, Emit):
                found.append(step.item.sequence)
            else:
                result = world.perform(step)
    except StopIteration:
        pass
    finally:
        feed.close()
        world.parts = None  # as a driver lets go of what is open
    return found


@settings(max_examples=50)
@given(st.integers(0, 2**32), st.integers(1, 60), st.floats(0, 0.6))
def test_a_stream_misses_nothing_and_repeats_nothing(seed: int, count: int, trouble: float) -> None:
    world = World(count, random.Random(seed), trouble)
    assert followed(world, stream_changes(world.policy(attempts=200)), count) == list(range(1, count + 1))
    assert followed(world, stream_changes(world.policy(attempts=200), after=count // 2), count - count // 2) == list(
        range(count // 2 + 1, count + 1)
    )


@settings(max_examples=50)
@given(st.integers(0, 2**32), st.integers(1, 500), st.floats(0, 0.4), st.lists(st.integers(1, 300), max_size=4))
def test_a_consumer_that_crashes_is_handed_everything(seed: int, count: int, trouble: float, crashes: list[int]) -> None:
    world = World(count, random.Random(seed), trouble)
    handled: list[int] = []
    for most in crashes:
        before = world.acknowledged
        found = followed(world, consume_changes(world.policy(attempts=200), "c"), min(most, count - before))
        if found:
            assert found == list(range(before + 1, before + 1 + len(found)))
            # The last one was in hand when it crashed.
            assert world.acknowledged < found[-1] or world.acknowledged == before
        handled += found
        if world.acknowledged == count:
            break
    left = count - world.acknowledged
    handled += followed(world, consume_changes(world.policy(attempts=200), "c"), left)
    assert set(handled) == set(range(1, count + 1))


def test_a_backlog_is_read_and_acknowledged_in_pages() -> None:
    world = World(450)
    assert followed(world, consume_changes(world.policy(), "c", patience_s=0), 450) == list(range(1, 451))
    assert world.words == [200, 400]
    assert world.opened == []
    world = World(450)
    with pytest.raises(NoAnswer, match="the change stream ended"):
        followed(world, consume_changes(world.policy(), "c", patience_s=0))
    assert (world.words, world.pages) == ([200, 400, 450], 4)
    assert [request.headers["Last-Event-ID"] for request in world.opened] == ["450"]


def test_what_takes_long_is_acknowledged_in_between() -> None:
    world = World(6)
    feed, result, seen = consume_changes(world.policy(), "c"), None, 0
    while seen < 5:
        step = feed.send(result)
        result = None
        if isinstance(step, Emit):
            seen += 1
            world.now += 1.5
        else:
            result = world.perform(step)
    feed.close()
    assert world.words == [2, 4]


def test_what_comes_live_is_acknowledged_before_waiting_for_more() -> None:
    world = World(0)
    feed = consume_changes(world.policy(), "c")
    step = feed.send(None)
    while not isinstance(step, Receive):
        step = feed.send(world.perform(step))
    assert world.opened[0].params == {"consumer": "c"}
    step = feed.send(rendered(0, 2))
    assert isinstance(step, Emit)
    step = feed.send(None)
    assert isinstance(step, Emit)
    assert world.words == []
    world.count = 2
    step = feed.send(None)
    while not isinstance(step, Receive):
        step = feed.send(world.perform(step))
    assert world.words == [2]
    feed.close()


def test_a_word_that_is_lost_is_said_again_with_the_next_part() -> None:
    world = World(2)
    feed = consume_changes(world.policy(attempts=1), "c")
    step = feed.send(None)
    words = 0
    while not isinstance(step, Receive):
        if isinstance(step, Emit):
            step = feed.send(None)
        elif isinstance(step, Send) and step.request.path.endswith("acknowledge"):
            words += 1
            step = feed.send(GONE)
        else:
            step = feed.send(world.perform(step))
    assert (words, world.words) == (1, [])
    step = feed.send(b": still here\n\n")
    step = feed.send(world.perform(step))
    assert isinstance(step, Receive)
    assert world.words == [2]
    feed.close()


def test_the_first_connection_is_tried_as_often_as_any_call() -> None:
    world = World(1)
    world.open = lambda request: GONE  # type: ignore[method-assign]
    with pytest.raises(NoAnswer, match="refused"):
        followed(world, stream_changes(world.policy(attempts=3)))
    assert world.waits == [0.25, 0.5]


def test_a_connection_that_stood_is_made_again_for_ever() -> None:
    world = World(1)
    open_, tries = world.open, iter(range(1_000))

    def rarely(request: Request) -> Answer | Lost:
        number = next(tries)
        world.count = 1 if number == 0 else 2
        return open_(request) if number in (0, 150) else GONE

    world.open = rarely  # type: ignore[method-assign]
    assert followed(world, stream_changes(world.policy(attempts=3)), 2) == [1, 2]
    assert [request.headers.get("Last-Event-ID") for request in (world.opened[0], *world.opened[1:])] == [None, *["1"] * 150]
    assert world.waits[0] == 3.0, "the service asked for three seconds"
    assert max(world.waits) == 30.0


def test_patience_ends_the_trying() -> None:
    world = World(1)
    with pytest.raises(NoAnswer, match="the change stream ended"):
        followed(world, stream_changes(world.policy(), patience_s=2))
    assert world.waits == []
    first, tries = world.open, iter(range(200))
    world.open = lambda request: first(request) if next(tries) == 0 else Answer(503, {})  # type: ignore[method-assign]
    with pytest.raises(Busy):
        followed(world, stream_changes(world.policy(), patience_s=60))
    assert 30 < sum(world.waits) <= 60


@pytest.mark.parametrize("status", [401, 403, 404, 422, 500])
def test_a_refusal_is_raised_at_once_also_later(status: int) -> None:
    world = World(1)
    first, tries = world.open, iter(range(9))
    world.open = lambda request: first(request) if next(tries) == 0 else Answer(status, {})  # type: ignore[method-assign]
    with pytest.raises(NotAllowed if status in (401, 403) else Exception, match=str(status)):
        followed(world, stream_changes(world.policy()))
    assert len(world.opened) == 2


def test_what_is_no_stream_is_named() -> None:
    world = World(1)
    world.open = lambda request: Answer(200, {"content-type": "text/html"})  # type: ignore[method-assign]
    with pytest.raises(UnexpectedAnswer, match="server-sent"):
        followed(world, stream_changes(world.policy()))


def test_pages_come_to_an_end() -> None:
    world = World(450)
    assert followed(world, changes(world.policy(), after=3)) == list(range(4, 451))
    assert world.pages == 4
