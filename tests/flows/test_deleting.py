"""Deleting: as if the article had never come, whatever came and went before; and every effect is told in the change feed."""

from __future__ import annotations

import random
import threading
from dataclasses import replace

import pytest
from sqlalchemy import text

from service.domain.jobs import QueuedArticle
from service.errors import ArticleNotFound, StoreUnavailable, StoryGone
from service.flows.histories import MovedTo
from service.flows.query import Query
from service.flows.tasks import Delete
from tests import samples
from tests.flows.bench import conclusions, opened, replayed
from tests.flows.parts import WEIGHTS, partitions, vectors_of
from tests.flows.test_corpus import BODIES
from tests.samples import SAMPLES

BODY = {name: {k: v for k, v in body.items() if v is not None} for name, body in BODIES.items()}


def rows(bench, table):
    return bench.look(lambda session: session._connection.execute(text(f'select count(*) from "{table}"')).scalar_one())


def query(bench):
    return Query(bench.store, WEIGHTS.version, lambda _: None)


@pytest.mark.parametrize("gone", ["wire", "reprint", "cut", "local", "mixed", "roundup", "orchid", "strike", "empty"])
def test_a_store_without_it_equals_one_that_never_had_it(bench, template, tmp_path, gone):
    ids = {bench.ingest(BODY[name]).id: name for name in BODY}
    bench.delete(next(i for i, name in ids.items() if name == gone))
    (tmp_path / "other").mkdir()
    with opened(tmp_path / "other", template) as other:
        others = {other.ingest(BODY[name]).id: name for name in BODY if name != gone}
        assert conclusions(bench, ids) == conclusions(other, others)
        for table in ("unit", "embedding", "unit_pair", "paragraph_unit", "article", "article_body", "article_link"):
            assert rows(bench, table) == rows(other, table), table
    held = partitions(bench.writer.corpus)
    bench.restart()
    assert partitions(bench.writer.corpus) == held


@pytest.mark.parametrize("seed", range(6))
def test_any_history_ends_as_if_only_the_rest_had_come(bench, template, tmp_path, seed):
    chance = random.Random(seed)
    ids: dict[str, str] = {}
    for _ in range(30):
        name = chance.choice(list(BODY))
        known = next((i for i, n in ids.items() if n == name), None)
        if known is None:
            ids[bench.ingest(BODY[name]).id] = name
        elif chance.random() < 0.7:
            bench.delete(known)
            del ids[known]
        else:
            bench.ingest(BODY[name] | {"paragraphs": BODY[name]["paragraphs"][:1]})
            bench.ingest(BODY[name])
        if chance.random() < 0.1:
            bench.restart()
    (tmp_path / "other").mkdir()
    with opened(tmp_path / "other", template) as other:
        # In the order in which the others came, which links between silent carriers follow.
        order = sorted(bench.articles().values(), key=lambda one: one.sequence)
        others = {other.ingest(BODY[ids[one.id]]).id: ids[one.id] for one in order}
        assert conclusions(bench, ids) == conclusions(other, others)
        assert rows(bench, "unit") == rows(other, "unit")
    stories: dict[str, set[str]] = {}
    for one in bench.articles().values():
        stories.setdefault(one.findings.story_id, set()).add(one.id)
    assert replayed(bench.changes()) == stories


def test_a_story_that_loses_its_last_article_ends(bench):
    article = bench.ingest(SAMPLES["orchid"])
    story_id = article.findings.story_id
    bench.delete(article.id)
    with pytest.raises(StoryGone):
        query(bench).story(story_id)
    page, following = query(bench).histories.history(story_id, None, 10)
    assert [(v.version, v.change, v.articles_added, v.articles_removed) for v in page] == [
        (2, "shrunk", [], [article.id]),
        (1, "created", [article.id], []),
    ]
    assert following is None
    assert bench.ingest(SAMPLES["orchid"]).findings.story_id != story_id
    assert [c.type for c in bench.changes()] == [
        "article.ingested", "story.created", "article.deleted", "story.deleted", "article.ingested", "story.created",
    ]  # fmt: skip
    deleted = bench.changes()[2]
    assert (deleted.story_id, deleted.article_id) == (story_id, article.id)


def test_without_the_bridge_two_stories_are_two_again_and_old_ids_still_lead_somewhere(bench):
    left, right = samples.ORCHID[:1], (samples.ORCHID[2],)
    one = bench.ingest(samples.body("a", (*left, *samples.STRIKE[:1]), "A", "a.example", title="Ghost orchid"))
    far = bench.ingest(samples.body("c", right, "C", "c.example", title="Seed slept for years"))
    old = far.findings.story_id
    bridge = bench.ingest(
        samples.body("d", (*left, *samples.STRIKE[:1], *right), "D", "d.example", title="Ghost orchid: seed slept for years")
    )
    joint = bridge.findings.story_id
    assert {a.findings.story_id for a in bench.articles().values()} == {joint}
    bench.delete(bridge.id)
    found = bench.articles()
    assert found[one.id].findings.story_id != found[far.id].findings.story_id
    away = ({one.findings.story_id, old} - {joint}).pop()
    assert isinstance(query(bench).histories.history(away, None, 1), MovedTo)
    split = next(c for c in bench.changes() if c.type == "story.split")
    made = next(c for c in bench.changes() if c.sequence > split.sequence - 2 and c.type == "story.created" and c.data["from"])
    assert (split.story_id, split.data["into"], made.data["from"]) == (joint, [made.story_id], [joint])


def test_an_article_that_still_waits_can_be_deleted(bench):
    waiting = bench.ingest(SAMPLES["orchid"])
    bench.delete(waiting.id)
    with bench.store.write() as session:
        for ticket in ("t1", "t2"):
            session.put_queued_article(QueuedArticle(ticket, replace(waiting, status="queued", findings=None)))
    before = bench.changes()
    assert bench.delete(waiting.id) is None
    assert bench.look(lambda session: session.queued_article(waiting.id)) is None
    assert bench.changes() == before
    with pytest.raises(ArticleNotFound):
        bench.delete(waiting.id)


def test_an_unknown_article_is_refused_and_nothing_else_of_the_batch(bench):
    known = bench.ingest(SAMPLES["wire"])
    done = bench.together(SAMPLES["reprint"], Delete("nobody"), Delete(known.id), SAMPLES["local"], Delete(known.id))
    assert done[0].result(20).is_new
    for place in (1, 4):
        with pytest.raises(ArticleNotFound):
            done[place].result(20)
    assert done[2].result(20) is None
    assert bench.articles().keys() == {done[0].result(0).article.id, done[3].result(20).article.id}


def test_sequences_have_no_gap_and_a_failed_commit_tells_nothing(template, tmp_path):
    rung = threading.Event()
    with opened(tmp_path, template, on_commit=rung.set) as bench:
        bench.ingest(SAMPLES["wire"])
        assert rung.is_set()
        before = bench.changes()
        put, bench.store.write = bench.store.write, _failing(bench.store.write)
        rung.clear()
        with pytest.raises(StoreUnavailable):
            bench.ingest(SAMPLES["reprint"])
        assert not rung.is_set()
        bench.store.write = put
        assert bench.changes() == before
        bench.ingest(SAMPLES["reprint"])
        bench.ingest({**SAMPLES["wire"], "title": "Corrected"})
        bench.ingest({**SAMPLES["wire"], "title": "Corrected", "authors": ["Somebody"]})
        bench.ingest({**SAMPLES["wire"], "title": "Corrected", "authors": ["Somebody"]})
        changes = bench.changes()
        assert [c.sequence for c in changes] == list(range(1, len(changes) + 1))
        revised = [c for c in changes if c.type == "article.revised"]
        assert [(c.data["revision"], c.data["is_text_changed"]) for c in revised] == [(2, True), (2, False)]
        assert bench.changes(after=changes[-2].sequence) == changes[-1:]


def _failing(write):
    from contextlib import contextmanager

    @contextmanager
    def fails():
        with write() as session:
            yield session
            raise StoreUnavailable("disk full")

    return fails


def test_history_pages_join_up(bench):
    for name in ("wire", "reprint", "cut", "local"):
        story_id = bench.ingest(SAMPLES[name]).findings.story_id
    asked = query(bench)
    whole, end = asked.histories.history(story_id, None, 50)
    assert end is None
    assert [v.version for v in whole] == [4, 3, 2, 1]
    pages, after = [], None
    while True:
        page, after = asked.histories.history(story_id, after, 3)
        pages += page
        if after is None:
            break
    assert pages == whole


def test_what_was_deleted_while_it_waited_does_not_come_back(bench):
    """The queue had handed it over already; what counts is whether its ticket is still there when it is its turn."""
    orchid = bench.ingest(SAMPLES["orchid"])
    bench.delete(orchid.id)
    before = bench.changes()

    def queue(ticket):
        with bench.store.write() as session:
            session.put_queued_article(QueuedArticle(ticket, replace(orchid, status="queued", findings=None)))

    def submit(ticket):
        ready = samples.prepared(SAMPLES["orchid"])
        return bench.writer.submit(ready, vectors_of(ready), ticket=ticket, also=lambda *_: done.append(ticket))

    done = []
    queue("t1")
    bench.delete(orchid.id)
    assert submit("t1").result(20) is None
    assert (bench.articles(), bench.changes(), done) == ({}, before, [])
    queue("t2")
    with bench.store.write() as session:
        session.end_queued_article("t2", {"title": "failed"})
    assert submit("t2").result(20) is None, "what failed does not wait any more"
    queue("t3")
    taken = submit("t3").result(20)
    assert (taken.article.id, taken.is_new, done) == (orchid.id, True, ["t3"])


def test_each_write_is_answered_with_what_it_wrote(bench):
    texts = [SAMPLES["orchid"] | {"paragraphs": list(samples.ORCHID[:count])} for count in (1, 2, 2, 3)]
    futures = bench.together(*texts, SAMPLES["wire"], texts[0])
    found = [future.result(20) for future in futures]
    orchids = [*found[:4], found[5]]
    assert len({one.article.id for one in orchids}) == 1
    assert [(one.article.revision, one.is_new, one.is_changed) for one in orchids] == [
        (1, True, True), (2, False, True), (2, False, False), (3, False, True), (4, False, True),
    ]  # fmt: skip
    assert [len(one.article.content.paragraphs) for one in orchids] == [1, 2, 2, 3, 1]
    assert all(one.article.findings for one in orchids)
    shown = [query(bench).article_as(one.article) for one in orchids]
    assert [(one.revision, len(one.paragraphs), one.status) for one in shown] == [
        (1, 1, "clustered"), (2, 2, "clustered"), (2, 2, "clustered"), (3, 3, "clustered"), (4, 1, "clustered"),
    ]  # fmt: skip
    assert shown[-1] == query(bench).article(orchids[0].article.id)
    bench.delete(orchids[0].article.id)
    assert query(bench).article_as(orchids[0].article).revision == 1
    assert [one.type for one in bench.changes()].count("article.revised") == 3
