"""Webhooks are told everything they asked for, in order, once taken, whatever receivers, restarts and kills do."""

from __future__ import annotations

import asyncio
import json
import random
from datetime import timedelta

import pytest

from service.domain.changes import NewChange
from service.errors import DeliveryNotFound, InvalidInput, WebhookNotFound
from service.flows.bell import Bell
from service.flows.delivering import Deliverer, Posted
from service.flows.webhooks import Webhooks
from service.store.ids import SortableIds
from service.store.migrate import upgrade
from service.store.repository import SqlStore
from tests.flows.parts import NOON

TYPES = ("story.created", "story.updated", "article.ingested")


class StillClock:
    def __init__(self):
        self.at = NOON

    def now(self):
        return self.at


class Receiver:
    """Answers as `answer` says; keeps what it took."""

    def __init__(self, answer=lambda _: Posted(200, "ok")):
        self.answer, self.got, self.taken = answer, [], []

    async def __call__(self, url, headers, body):
        message = headers["webhook-id"]
        self.got.append((url, message))
        posted = self.answer(message)
        if posted.status is not None and posted.status < 300:
            self.taken.append((url, message, json.loads(body)))
        return posted


class World:
    def __init__(self, folder):
        upgrade(f"sqlite:///{folder / 'w.db'}")
        self.store, self.clock, self.bell = SqlStore(f"sqlite:///{folder / 'w.db'}"), StillClock(), Bell()
        self.hooks = Webhooks(self.store, self.clock, SortableIds(), self.bell, lambda _: None)

    def happen(self, *types):
        with self.store.write() as session:
            session.add_changes([NewChange(one, "s1", None, {"n": 1}) for one in types], self.clock.now())

    def tell(self, receiver):
        """One pass by a deliverer that has just started: everything that is due."""

        async def run():
            deliverer = Deliverer(self.store, self.clock, receiver, self.bell, lambda: 0.0)
            await asyncio.gather(*await deliverer.begin())

        asyncio.run(run())

    def later(self, seconds):
        self.clock.at += timedelta(seconds=seconds)


@pytest.fixture
def world(tmp_path):
    found = World(tmp_path)
    yield found
    found.store.close()


def sequences(receiver):
    return [message["data"]["sequence"] for _, _, message in receiver.taken]


def test_only_what_was_asked_for_and_only_what_happens_after(world):
    world.happen("story.created")
    hook = world.hooks.add("https://a.example", ["story.updated", "story.updated"], None)
    assert hook.secret.startswith("whsec_")
    assert hook.types == ["story.updated"]
    world.happen("story.created", "story.updated", *["story.created"] * 250, "story.updated")
    receiver = Receiver()
    world.tell(receiver)
    world.tell(receiver)
    assert sequences(receiver) == [3, 254]
    assert [one[1] for one in receiver.got] == [f"msg_{hook.id}_3", f"msg_{hook.id}_254"]
    body = receiver.taken[0][2]
    assert (body["type"], body["timestamp"], body["data"]["data"]) == ("story.updated", "2026-05-04T12:00:00Z", {"n": 1})
    [shown] = world.hooks.page(None, 10)[0]
    assert "secret" not in shown.model_dump()


def test_a_failure_holds_back_what_is_behind_it_and_no_other_webhook(world):
    sick = world.hooks.add("https://sick.example", [], None)
    world.hooks.add("https://well.example", [], None)
    world.happen(*TYPES)
    answers = {"is_sick": True}
    receiver = Receiver(lambda message: Posted(500, "no") if sick.id in message and answers["is_sick"] else Posted(204, ""))
    world.tell(receiver)
    assert [url for url, _ in receiver.got].count("https://sick.example") == 1
    assert sequences(receiver) == [1, 2, 3]
    [waiting] = world.hooks.deliveries(sick.id, None, 10)[0]
    assert (waiting.state, waiting.attempts, waiting.status, waiting.next_at) == ("waiting", 1, 500, NOON + timedelta(seconds=5))
    world.later(4)
    world.tell(receiver)
    assert len(receiver.got) == 4
    answers["is_sick"] = False
    world.later(1)
    world.tell(receiver)
    assert [one for url, one in receiver.got if url == "https://sick.example"] == [
        f"msg_{sick.id}_{n}" for n in (1, 1, 2, 3)
    ]  # fmt: skip
    assert [one.state for one in world.hooks.deliveries(sick.id, None, 10)[0]] == ["delivered"] * 3


def test_after_ten_attempts_it_is_disabled_and_a_redelivery_brings_everything_back(world):
    hook = world.hooks.add("https://a.example", [], None)
    world.happen(*TYPES)
    receiver = Receiver(lambda _: Posted(None, "no answer"))
    for _ in range(20):
        world.tell(receiver)
        world.later(90_000)
    assert len(receiver.got) == 10
    [failed] = world.hooks.deliveries(hook.id, None, 10)[0]
    assert (failed.state, failed.attempts, failed.next_at) == ("failed", 10, None)
    [shown] = world.hooks.page(None, 10)[0]
    assert shown.disabled_reason == "A message failed 10 times."
    world.happen("story.updated")
    receiver.answer = lambda _: Posted(200, "ok")
    world.tell(receiver)
    assert receiver.taken == []
    assert world.hooks.redeliver(hook.id, failed.id).state == "waiting"
    world.tell(receiver)
    assert sequences(receiver) == [1, 2, 3, 4]
    assert world.hooks.page(None, 10)[0][0].disabled_reason is None


def test_410_disables_and_retry_after_is_honoured(world):
    world.hooks.add("https://a.example", [], None)
    world.happen(*TYPES)
    receiver = Receiver(lambda _: Posted(429, "", 100.0))
    world.tell(receiver)
    world.later(99)
    world.tell(receiver)
    assert len(receiver.got) == 1
    world.later(1)
    receiver.answer = lambda _: Posted(410, "gone")
    world.tell(receiver)
    world.later(1e6)
    world.tell(receiver)
    assert len(receiver.got) == 2
    assert world.hooks.page(None, 10)[0][0].disabled_reason == "The receiver answered 410."


def test_a_kill_brings_no_more_than_twenty_messages_again(world, monkeypatch):
    world.hooks.add("https://a.example", [], None)
    world.happen(*["story.updated"] * 50)
    receiver = Receiver()
    with monkeypatch.context() as patched:
        patched.setattr(Deliverer, "_record", lambda *_: (_ for _ in ()).throw(RuntimeError("killed")))
        with pytest.raises(RuntimeError, match="killed"):
            world.tell(receiver)
    assert sequences(receiver) == list(range(1, 21))
    world.tell(receiver)
    assert sequences(receiver)[20:] == list(range(1, 51))


def test_a_failure_in_the_middle_is_noted_with_what_was_taken_before(world):
    hook = world.hooks.add("https://a.example", [], None)
    world.happen(*["story.updated"] * 10)
    receiver = Receiver(lambda message: Posted(500, "no") if message.endswith("_4") else Posted(200, ""))
    world.tell(receiver)
    shown = world.hooks.deliveries(hook.id, None, 20)[0]
    assert [(one.sequence, one.state) for one in shown] == [(4, "waiting"), (3, "delivered"), (2, "delivered"), (1, "delivered")]
    assert len(receiver.got) == 4
    world.tell(receiver)
    assert len(receiver.got) == 4


def test_a_slow_receiver_is_noted_before_long(world, monkeypatch):
    world.hooks.add("https://a.example", [], None)
    world.happen(*["story.updated"] * 10)
    noted = []
    monkeypatch.setattr("service.flows.delivering._UNNOTED_S", 0.0)
    record = Deliverer._record
    monkeypatch.setattr(Deliverer, "_record", lambda self, tried: (noted.append(len(tried)), record(self, tried)))
    world.tell(Receiver())
    assert noted == [1] * 10


def test_a_kill_between_sending_and_noting_sends_the_same_message_again(world):
    world.hooks.add("https://a.example", [], None)
    world.happen(*TYPES)

    class Killed(BaseException):
        pass

    receiver = Receiver()
    record = Deliverer._record
    try:
        Deliverer._record = lambda *_: (_ for _ in ()).throw(RuntimeError("killed"))
        with pytest.raises(RuntimeError, match="killed"):
            world.tell(receiver)
    finally:
        Deliverer._record = record
    world.tell(receiver)
    assert sequences(receiver) == [1, 2, 3, 1, 2, 3]
    assert receiver.got[:3] == receiver.got[3:]


@pytest.mark.parametrize("seed", range(5))
def test_a_receiver_that_fails_half_the_time_hears_everything_in_order(world, seed):
    chance = random.Random(seed)
    world.hooks.add("https://a.example", [], None)
    receiver = Receiver(lambda _: Posted(200, "") if chance.random() < 0.5 else Posted(503, ""))
    for _ in range(30):
        world.happen(*chance.choices(TYPES, k=chance.randrange(3)))
        world.tell(receiver)
        world.later(chance.choice([1, 10, 1000, 100_000]))
    for _ in range(200):
        world.tell(receiver)
        world.later(100_000)
    with world.store.read() as session:
        last = session.last_change()
    assert sequences(receiver) == list(range(1, last + 1))


def test_what_does_not_exist_is_refused(world):
    hook = world.hooks.add("https://a.example", [], None)
    with pytest.raises(WebhookNotFound):
        world.hooks.delete("nobody")
    with pytest.raises(WebhookNotFound):
        world.hooks.deliveries("nobody", None, 10)
    for message in ("x", f"msg_{hook.id}_7", "msg_other_1"):
        with pytest.raises(DeliveryNotFound):
            world.hooks.redeliver(hook.id, message)
    with pytest.raises(InvalidInput):
        world.hooks.add("https://a.example", [], "whsec_short")
    world.hooks.delete(hook.id)
    assert world.hooks.page(None, 10) == ([], None)


def test_a_webhook_deleted_while_it_is_told_stays_deleted(world):
    hook = world.hooks.add("https://a.example", [], None)
    world.happen(*TYPES)

    def leave(_):
        world.hooks.delete(hook.id)
        return Posted(200, "")

    receiver = Receiver(leave)
    world.tell(receiver)
    assert len(receiver.got) == 1
    assert world.hooks.page(None, 10) == ([], None)


def test_the_last_secret_signs_for_a_day(world):
    hook = world.hooks.add("https://a.example", [], None)
    world.hooks.exchange_secret(hook.id, None)
    counts = []

    async def receive(url, headers, body):
        counts.append(len(headers["webhook-signature"].split()))
        return Posted(200, "")

    for seconds in (0, 86_399, 1):
        world.later(seconds)
        world.happen("story.created")
        world.tell(receive)
    assert counts == [2, 2, 1]
    with pytest.raises(WebhookNotFound):
        world.hooks.exchange_secret("nobody", None)


def test_there_is_an_end_to_webhooks(world):
    from service.errors import TooManyWebhooks
    from service.flows.webhooks import MOST_WEBHOOKS

    hooks = [world.hooks.add("https://a.example", [], None) for _ in range(MOST_WEBHOOKS)]
    with pytest.raises(TooManyWebhooks, match=str(MOST_WEBHOOKS)):
        world.hooks.add("https://a.example", [], None)
    world.hooks.delete(hooks[0].id)
    world.hooks.add("https://a.example", [], None)
