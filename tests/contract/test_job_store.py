"""Jobs, waiting articles and kept answers in the store, on SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import exc

from service.domain.jobs import Job, LineError, QueuedArticle, StoredAnswer
from service.store.repository import SqlStore
from tests.contract.test_store import EVERYTHING, NOON

JOB = Job("j1", "queued", 5, 0, 0, NOON)
PROBLEM = {"type": "/problems/malformed-json", "status": 400}
WAITING = QueuedArticle("t1", replace(EVERYTHING, sequence=0, units=(), revision=1, status="queued", findings=None))
ANSWER = StoredAnswer("reader", "k-1", "digest", NOON, 201, "/v1/articles/a1", b'{"id": "a1"}' * 50)
DAY = timedelta(hours=24)


def test_a_job_goes_its_way_and_counts_each_item_once(store: SqlStore) -> None:
    with store.write() as session:
        session.put_job(JOB)
        session.put_job(replace(JOB, id="j2"))
        session.change_job("j1", "running", NOON + DAY)
        session.settle_items("j1", [1, 3], {4: LineError(6, PROBLEM)}, 10)
        session.settle_items("j1", [3], {4: LineError(6, PROBLEM), 1: LineError(1, PROBLEM)}, 10)
        session.settle_items("nobody", [1], {}, 10)
    with store.read() as session:
        job = session.job("j1")
        assert job == replace(
            JOB, state="running", started_at=NOON + DAY, done=2, failed=1, position=1, ahead=frozenset({3, 4}),
            errors=(LineError(6, PROBLEM),),
        )  # fmt: skip
        assert [one.id for one in session.unfinished_jobs()] == ["j1", "j2"]
        assert [one.id for one in session.list_jobs(None, 1)] == ["j2"]
        assert [one.id for one in session.list_jobs(("j2",), 5)] == ["j1"]
        assert session.job("nobody") is None
    with store.write() as session:
        session.settle_items("j1", [2], {5: LineError(9, PROBLEM)}, 1)
        ended = session.change_job("j1", "done", NOON + 2 * DAY)
        assert ended is not None
        assert (ended.position, ended.ahead, ended.failed, len(ended.errors)) == (5, frozenset(), 2, 1)
        again = session.change_job("j1", "cancelled", NOON + 3 * DAY)
        assert again == ended
        assert session.change_job("nobody", "done", NOON) is None
    with store.read() as session:
        assert [one.id for one in session.unfinished_jobs()] == ["j2"]


def test_a_waiting_article_comes_back_and_holds_its_id(store: SqlStore) -> None:
    later = replace(WAITING, ticket="t2")
    with store.write() as session:
        session.put_queued_article(WAITING)
        session.put_queued_article(later)
        content = WAITING.article.content
        assert session.reserved_id(replace(content, canonical_url=None)) == "a1"
        assert session.reserved_id(replace(content, external_id="other")) == "a1"
        assert session.reserved_id(replace(content, external_id="other", canonical_url=None)) is None
        assert session.queued_articles("", 10) == [WAITING, later]
        assert session.queued_articles("t1", 10) == [later]
        assert session.queued_articles("", 1) == [WAITING]
        assert session.queued_article("a1") == later
        session.end_queued_article("t1", PROBLEM)
        assert session.count_queued_articles() == 1
        assert session.reserved_id(content) == "a1"
        session.end_queued_article("t2")
    with store.read() as session:
        assert session.queued_article("a1") is None


def test_a_failed_article_says_why(store: SqlStore) -> None:
    with store.write() as session:
        session.put_queued_article(WAITING)
        session.end_queued_article("t1", PROBLEM)
        found = session.queued_article("a1")
        assert found is not None
        assert (found.article.status, found.problem) == ("failed", PROBLEM)
        assert session.queued_articles("", 10) == []


def test_the_first_answer_counts_until_it_is_too_old(store: SqlStore) -> None:
    with store.write() as session:
        assert session.keep_answer(ANSWER, NOON - DAY) == ANSWER
        assert session.keep_answer(replace(ANSWER, status=200), NOON - DAY) == ANSWER
    with store.write() as session:
        assert session.stored_answer("reader", "k-1", NOON) == ANSWER
        assert session.stored_answer("reader", "k-1", NOON + DAY) is None
        assert session.stored_answer("other", "k-1", NOON) is None
        newer = replace(ANSWER, at=NOON + 2 * DAY, status=200, location=None)
        assert session.keep_answer(newer, NOON + DAY) == newer
        assert session.stored_answer("reader", "k-1", NOON) == newer


def test_old_and_surplus_answers_go(store: SqlStore) -> None:
    with store.write() as session:
        for number in range(6):
            session.replace_answer(replace(ANSWER, key=f"k{number}", at=NOON + timedelta(hours=number)))
        assert session.drop_answers(NOON + timedelta(hours=1), 100) == 1
        assert session.drop_answers(NOON, 3) == 2
        kept = [n for n in range(6) if session.stored_answer("reader", f"k{n}", NOON)]
        assert kept == [3, 4, 5]


def test_two_jobs_cannot_share_an_id(store: SqlStore) -> None:
    with pytest.raises(exc.IntegrityError), store.write() as session:
        session.put_job(JOB)
        session.put_job(JOB)
