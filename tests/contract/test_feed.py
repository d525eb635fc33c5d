"""The store's side of changes, constraints and webhooks, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from service.domain.changes import Change, Constraint, Delivery, NewChange, Webhook
from service.domain.jobs import Job, QueuedArticle
from service.domain.models import StoryVersion
from service.store.repository import SqlStore
from service.store_values import Backlog
from tests.contract.test_store import NOON, article

NEW = NewChange("story.updated", "s1", None, {"version": 2, "from": ["ü"]})
HOOK = Webhook("w1", "https://a.example/hook", ("story.merged",), "whsec_MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw", NOON, 3)


def test_changes_have_no_gaps_whatever_was_rolled_back(store: SqlStore) -> None:
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


def test_a_reader_never_sees_a_later_change_before_an_earlier_one(store: SqlStore) -> None:
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


def test_a_consumer_keeps_its_place(store: SqlStore) -> None:
    with store.write() as session:
        session.put_consumer("search", 4, NOON)
        session.put_consumer("search", 7, NOON)
    with store.read() as session:
        assert (session.consumer("search"), session.consumer("Search")) == (7, None)


def test_constraints_come_back_oldest_first_and_go(store: SqlStore) -> None:
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


def test_a_webhook_and_its_deliveries(store: SqlStore) -> None:
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


def test_history_is_paged(store: SqlStore) -> None:
    with store.write() as session:
        for version in range(1, 6):
            session.add_story_version(StoryVersion("s1", version, NOON, "grown"))
    with store.read() as session:
        assert [one.version for one in session.story_history("s1")] == [5, 4, 3, 2, 1]
        assert [one.version for one in session.story_history("s1", 4, 2)] == [3, 2]


def sequences(store: SqlStore) -> list[int]:
    with store.read() as session:
        return [one.sequence for one in session.changes(0, 1000)]


def test_old_changes_are_dropped_from_the_front_a_few_at_once(store: SqlStore) -> None:
    with store.write() as session:
        assert session.drop_changes(NOON, 10) == session.dropped_changes() == 0
        session.add_changes([NEW] * 5, NOON)
        session.add_changes([NEW], NOON + timedelta(days=2))
        # The clock was set back: what is behind a younger one stays, so that there are no gaps.
        session.add_changes([NEW], NOON)
    later = NOON + timedelta(days=1)
    with store.write() as session:
        assert session.drop_changes(NOON, 10) == 0
        assert session.drop_changes(later, 3) == 3
        assert session.dropped_changes() == 3
        assert session.drop_changes(later, 3) == 2
        assert session.drop_changes(later, 3) == 0
    assert sequences(store) == [6, 7]
    with store.write() as session:
        assert session.drop_changes(NOON + timedelta(days=9), 10) == 2
        assert (session.dropped_changes(), session.last_change()) == (7, 7)
        session.add_changes([NEW], NOON)
    assert sequences(store) == [8]


def test_what_a_webhook_still_needs_is_not_dropped(store: SqlStore) -> None:
    later = NOON + timedelta(days=1)
    waiting = Delivery("w1", 3, "story.merged", "waiting", 1, NOON, NOON)

    def dropped(*deliveries: Delivery, **hook: object) -> int:
        with store.write() as session:
            session.put_webhook(replace(HOOK, **hook))  # type: ignore[arg-type]
            for one in deliveries:
                session.put_delivery(one)
            session.drop_changes(later, 100)
            return session.dropped_changes()

    with store.write() as session:
        session.add_changes([NEW] * 9, NOON)
    assert dropped(waiting, sequence=5) == 2
    assert dropped(replace(waiting, state="failed"), sequence=5, disabled_reason="410") == 2
    assert dropped(replace(waiting, state="failed"), sequence=5) == 5
    assert dropped(replace(waiting, sequence=7, state="delivered"), sequence=8) == 8
    with store.write() as session:
        session.delete_webhook("w1")
        assert session.drop_changes(later, 100) == 1


def test_old_records_of_deliveries_are_dropped(store: SqlStore) -> None:
    later = NOON + timedelta(days=1)
    of = Delivery("w1", 1, "story.merged", "delivered", 1, None, NOON, 200)
    with store.write() as session:
        session.put_webhook(HOOK)
        session.put_webhook(replace(HOOK, id="w2", disabled_reason="410"))
        for one in (
            of,
            replace(of, sequence=2),
            replace(of, sequence=3, last_at=later),
            replace(of, sequence=4, state="waiting", next_at=later),
            replace(of, sequence=5, state="failed"),
            replace(of, webhook_id="w2", sequence=5, state="failed"),
            replace(of, webhook_id="w2", sequence=6),
        ):
            session.put_delivery(one)
    with store.write() as session:
        assert session.drop_deliveries(NOON, 10) == 0
        assert session.drop_deliveries(later, 3) == 3
        assert session.drop_deliveries(later, 3) == 1
        assert [one.sequence for one in session.deliveries("w1", None, 10)] == [4, 3]
        assert [one.sequence for one in session.deliveries("w2", None, 10)] == [5]


def test_what_waits_is_counted_with_its_age(store: SqlStore) -> None:
    empty = Backlog(0, 0, 0, 0, 0, 0, None, 0, 0, 0, None, 0, None)
    with store.read() as session:
        assert session.backlog() == empty

    def at(hours: int) -> datetime:
        return NOON + timedelta(hours=hours)

    job = Job("j1", "queued", 10, 2, 1, at(3))
    waiting = QueuedArticle("t1", article(1, status="queued", observed_at=at(4)))
    with store.write() as session:
        for hours in range(6):
            session.add_changes([NEW], at(hours))
        session.put_consumer("fast", 6, NOON)
        session.put_consumer("slow", 1, NOON)
        session.put_webhook(replace(HOOK, sequence=6))
        session.put_webhook(replace(HOOK, id="w2", sequence=4))
        session.put_webhook(replace(HOOK, id="w3", sequence=0, disabled_reason="410"))
        session.put_job(job)
        session.put_job(replace(job, id="j2", state="running", created_at=at(2)))
        session.put_job(replace(job, id="j3", state="done", created_at=at(0)))
        session.put_queued_article(waiting)
        session.put_queued_article(replace(waiting, ticket="t0", problem={"title": "failed"}))
    counted = replace(
        empty, last_change=6, changes_kept=6, consumer_changes=5, webhooks_enabled=2, webhooks_disabled=1, webhook_changes=2,
        webhook_since=at(4), jobs_queued=1, jobs_running=1, job_lines=14, job_since=at(2), articles=1, article_since=at(4),
    )  # fmt: skip
    with store.read() as session:
        assert session.backlog() == counted
    with store.write() as session:
        session.put_delivery(Delivery("w1", 3, "story.merged", "waiting", 1, NOON, NOON))
        session.put_delivery(Delivery("w3", 1, "story.merged", "failed", 1, NOON, NOON))
        assert session.backlog() == replace(counted, webhook_changes=3, webhook_since=at(2))
