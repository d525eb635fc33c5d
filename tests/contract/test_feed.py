"""The store's side of changes, constraints and webhooks, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from service.domain.changes import Change, Constraint, Delivery, NewChange, Webhook
from service.domain.models import StoryVersion
from service.store.repository import SqlStore
from tests.contract.test_store import NOON, database_url, postgres, store  # noqa: F401 - fixtures

NEW = NewChange("story.updated", "s1", None, {"version": 2, "from": ["ü"]})
HOOK = Webhook("w1", "https://a.example/hook", ("story.merged",), "whsec_MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw", NOON, 3)


def test_changes_have_no_gaps_whatever_was_rolled_back(store: SqlStore) -> None:  # noqa: F811
    with store.write() as session:
        session.add_changes([NEW, NewChange("article.deleted", None, "a1", {})], NOON)
        session.add_changes([], NOON)
    with pytest.raises(RuntimeError, match="not this"), store.write() as session:
        session.add_changes([NEW], NOON)
        raise RuntimeError("not this")
    with store.write() as session:
        session.add_changes([NEW], NOON + timedelta(seconds=1))
    with store.read() as session:
        assert session.last_change() == 3
        assert session.changes(0, 10) == [
            Change(1, NOON, "story.updated", "s1", None, {"version": 2, "from": ["ü"]}),
            Change(2, NOON, "article.deleted", None, "a1", {}),
            Change(3, NOON + timedelta(seconds=1), "story.updated", "s1", None, NEW.data),
        ]
        assert [one.sequence for one in session.changes(1, 1)] == [2]
        assert session.changes(3, 10) == []


def test_a_reader_never_sees_a_later_change_before_an_earlier_one(store: SqlStore) -> None:  # noqa: F811
    seen: list[list[int]] = []
    is_over = threading.Event()

    def read() -> None:
        while not is_over.is_set():
            with store.read() as session:
                seen.append([one.sequence for one in session.changes(0, 1000)])

    def write() -> None:
        for _ in range(20):
            with store.write() as session:
                session.add_changes([NEW, NEW], NOON)

    reader, writers = threading.Thread(target=read), [threading.Thread(target=write) for _ in range(2)]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    is_over.set()
    reader.join()
    assert all(page == list(range(1, len(page) + 1)) for page in seen)
    with store.read() as session:
        assert len(session.changes(0, 1000)) == 80


def test_a_consumer_keeps_its_place(store: SqlStore) -> None:  # noqa: F811
    with store.write() as session:
        session.put_consumer("search", 4, NOON)
        session.put_consumer("search", 7, NOON)
    with store.read() as session:
        assert (session.consumer("search"), session.consumer("Search")) == (7, None)


def test_constraints_come_back_oldest_first_and_go(store: SqlStore) -> None:  # noqa: F811
    one = Constraint("c1", "must_link", NOON, "s1", ("a1",), ("a2", "a3"))
    two = Constraint("c2", "cannot_link", NOON, "s1", ("a1",), ())
    with store.write() as session:
        session.put_constraint(two)
        session.put_constraint(one)
        assert session.constraints() == [one, two]
        session.delete_constraint("c1")
        session.delete_constraint("nothing")
    with store.read() as session:
        assert session.constraints() == [two]


def test_a_webhook_and_its_deliveries(store: SqlStore) -> None:  # noqa: F811
    waiting = Delivery("w1", 4, "story.merged", "waiting", 1, NOON, NOON, 503, "busy")
    later = replace(waiting, sequence=9, state="delivered", next_at=None, status=200)
    with store.write() as session:
        session.put_webhook(HOOK)
        session.put_webhook(replace(HOOK, id="w2", types=()))
        for one in (waiting, later, replace(waiting, sequence=6)):
            session.put_delivery(one)
        session.put_delivery(replace(waiting, webhook_id="w2", sequence=1))
        session.put_webhook(replace(HOOK, sequence=9, disabled_reason="410"))
    with store.read() as session:
        assert session.webhooks() == [replace(HOOK, sequence=9, disabled_reason="410"), replace(HOOK, id="w2", types=())]
        assert session.webhook("w1") == session.webhooks()[0]
        assert session.webhook("w3") is None
        assert session.deliveries("w1", None, 10) == [later, replace(waiting, sequence=6), waiting]
        assert [one.sequence for one in session.deliveries("w1", 9, 1)] == [6]
        assert session.waiting_delivery("w1") == waiting
        assert session.delivery("w1", 9) == later
        assert session.delivery("w1", 5) is None
    with store.write() as session:
        session.delete_webhook("w1")
        assert session.webhook("w1") is None
        assert session.deliveries("w1", None, 10) == []
        assert session.waiting_delivery("w2") is not None


def test_history_is_paged(store: SqlStore) -> None:  # noqa: F811
    with store.write() as session:
        for version in range(1, 6):
            session.add_story_version(StoryVersion("s1", version, NOON, "grown"))
    with store.read() as session:
        assert [one.version for one in session.story_history("s1")] == [5, 4, 3, 2, 1]
        assert [one.version for one in session.story_history("s1", 4, 2)] == [3, 2]
