"""The writer on a real SQLite store: what callers are answered, what is stored, and that nothing half done is ever seen."""

from __future__ import annotations

import time
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import text

from service.errors import StoreUnavailable
from service.flows import writer
from service.flows.writer import Writer
from service.store.ids import SortableIds
from service.store.repository import SqlStore
from tests import samples
from tests.fakes import SteppingClock
from tests.flows.parts import ENCODER, embed, new_corpus, partitions, vectors_of
from tests.samples import SAMPLES, body


class Faulty:
    """A store whose writing can be made to fail: at one article, or when everything is to be committed."""

    def __init__(self, store):
        self._store = store
        self.poison = ""
        self.commit_fault = None
        self.is_failing_for_good = False
        self.is_down = False

    def read(self):
        if self.is_down:
            raise StoreUnavailable("no disk")
        return self._store.read()

    @contextmanager
    def write(self):
        with self._store.write() as session:
            put = session.put_article

            def put_article(article):
                if self.poison and self.poison in article.content.title:
                    self.is_down = self.is_failing_for_good
                    raise RuntimeError("poisoned")
                put(article)

            session.put_article = put_article
            yield session
            if self.commit_fault:
                raise self.commit_fault

    def close(self):
        self._store.close()


class Bench:
    """A writer on a store that outlives it."""

    def __init__(self, store):
        self.store = Faulty(store)
        self.clock = SteppingClock()
        self.writer = self._new_writer()
        self.writer.start()

    def _new_writer(self):
        return Writer(
            self.store, samples.REGISTRY, new_corpus, embed, ENCODER.space, self.clock, SortableIds(), max_queue=50, max_batch=8
        )

    def restart(self):
        self.writer.stop()
        self.writer = self._new_writer()
        self.writer.start()

    def submit(self, article, **how) -> Future:
        ready = samples.prepared(article)
        return self.writer.submit(ready, vectors_of(ready), **how)

    def ingest(self, article):
        return self.submit(article).result(20)

    def together(self, *articles):
        """Submitted so that one batch takes them all."""
        self.writer.stop()
        self.writer = self._new_writer()
        start, self.writer.is_alive = self.writer.is_alive, lambda: True
        waiting = [self.submit(article) for article in articles]
        self.writer.is_alive = start
        self.writer.start()
        return waiting

    def check(self, article):
        return self.submit(article, is_check=True).result(20)

    def article(self, article_id):
        with self.store.read() as session:
            return session.article(article_id)

    def story(self, story_id):
        with self.store.read() as session:
            return session.story(story_id), session.story_history(story_id)

    def dump(self):
        """Every row of every table."""
        with self.store.read() as session:
            connection = session._connection
            names = connection.execute(text("select name from sqlite_master where type = 'table'")).scalars().all()
            return {name: sorted(map(repr, connection.execute(text(f'select * from "{name}"')).all())) for name in names}

    def findings(self):
        with self.store.read() as session:
            return {article.id: article.findings for article in session.all_articles()}


@pytest.fixture
def bench(template, tmp_path):
    file = tmp_path / "wiretrace.db"
    file.write_bytes(template)
    store = SqlStore(f"sqlite:///{file}")
    found = Bench(store)
    yield found
    found.store.is_down = False
    found.writer.stop()
    store.close()


def test_the_same_text_again_is_known_and_writes_nothing(bench):
    first = bench.ingest(SAMPLES["wire"])
    before = bench.dump()
    again = bench.ingest(SAMPLES["wire"])
    assert (first.is_new, first.is_changed) == (True, True)
    assert (again.is_new, again.is_changed) == (False, False)
    assert again.article == first.article == bench.article(first.article.id)
    assert bench.dump() == before


def test_a_revision_keeps_the_article_its_place_and_its_story(bench):
    bench.ingest(SAMPLES["wire"])
    first = bench.ingest(SAMPLES["cut"]).article
    done = bench.ingest({**SAMPLES["cut"], "paragraphs": list(samples.UPDATE)})
    assert (done.is_new, done.is_changed) == (False, True)
    new = done.article
    assert (new.id, new.sequence, new.observed_at, new.revision) == (first.id, first.sequence, first.observed_at, 2)
    assert new.findings.story_id == first.findings.story_id
    assert new.findings.report_id == first.findings.report_id
    assert [p.text for p in bench.article(first.id).reading.paragraphs] == list(samples.UPDATE)
    assert bench.ingest({**SAMPLES["cut"], "paragraphs": list(samples.UPDATE)}).article.revision == 2


def test_a_revision_that_is_another_event_leaves_its_story(bench):
    wire = bench.ingest(SAMPLES["wire"]).article
    moved = bench.ingest(SAMPLES["cut"]).article
    assert moved.findings.story_id == wire.findings.story_id
    moved = bench.ingest({**SAMPLES["orchid"], "url": SAMPLES["cut"]["url"]}).article
    wire = bench.article(wire.id)
    assert moved.findings.story_id != wire.findings.story_id
    story, history = bench.story(wire.findings.story_id)
    assert story.counts.articles == 1
    assert history[0].articles_removed == (moved.id,)
    assert history[0].into_ids == (moved.findings.story_id,)
    _, history = bench.story(moved.findings.story_id)
    assert (history[0].change, history[0].from_ids) == ("split", (wire.findings.story_id,))


def test_a_late_original_is_told_in_the_history(bench):
    cut = bench.ingest(SAMPLES["cut"]).article
    wire = bench.ingest(SAMPLES["wire"]).article
    _, history = bench.story(wire.findings.story_id)
    (rerooted,) = history[0].origins_changed
    assert (rerooted.article_id, rerooted.before, rerooted.after) == (cut.id, "org:reuters", wire.id)
    assert history[1].origins_changed == ()
    bench.ingest(SAMPLES["orchid"])
    bench.ingest(SAMPLES["local"])
    _, history = bench.story(wire.findings.story_id)
    assert history[0].origins_changed == ()


def test_a_mixed_article_is_traced_to_the_agency_and_not_to_a_fuller_carrier(bench):
    afp = samples.body("afp", samples.STRIKE[1:3], "AFP", "afp.com", 5)
    carrier = samples.body("carrier", samples.STRIKE[:3], "Harbour Gazette", "harbour-gazette.example", 6)
    mixed = samples.body(
        "mixed",
        (*samples.plain(samples.WIRE), *samples.STRIKE[:3], "With Reuters and AFP"),
        "Radio Orrin",
        "radio-orrin.example",
        8,
    )
    ids = {name: bench.ingest(one).article.id for name, one in (("wire", SAMPLES["wire"]), ("afp", afp), ("carrier", carrier))}
    found = bench.ingest(mixed).article
    assert {link.source for link in found.findings.links if link.relation == "carried"} == {ids["wire"], ids["afp"]}


def test_one_canonical_url_is_one_article(bench):
    one = bench.ingest(SAMPLES["wire"]).article
    done = bench.ingest(
        {**SAMPLES["wire"], "url": "https://REUTERS.example/wire?utm_source=feed#top", "title": "Corrected title"}
    )
    assert (done.is_new, done.article.id, done.article.revision) == (False, one.id, 2)


def test_an_external_id_names_the_article_whatever_its_url(bench):
    one = bench.ingest({**SAMPLES["wire"], "external_id": "k1"}).article
    done = bench.ingest({**SAMPLES["wire"], "external_id": "k1", "url": "https://reuters.example/moved", "title": "Moved"})
    assert (done.is_new, done.article.id, done.article.revision) == (False, one.id, 2)
    other = bench.ingest({**SAMPLES["local"], "external_id": "k2"})
    assert other.is_new


def without(article, *names):
    return {name: value for name, value in article.items() if name not in names}


def test_an_article_first_known_by_its_url_takes_an_external_id(bench):
    one = bench.ingest(SAMPLES["wire"]).article
    done = bench.ingest({**SAMPLES["wire"], "external_id": "k1"})
    assert (done.is_new, done.is_changed, done.article.id, done.article.revision) == (False, False, one.id, 1)
    by_key = bench.ingest({**without(SAMPLES["wire"], "url"), "external_id": "k1", "title": "By key"}).article
    assert (by_key.id, by_key.revision, by_key.content.url) == (one.id, 2, SAMPLES["wire"]["url"])
    before = partitions(bench.writer.corpus)
    bench.restart()
    assert partitions(bench.writer.corpus) == before


def test_names_that_contradict_each_other_make_no_second_article_and_no_error(bench):
    one = bench.ingest({**SAMPLES["wire"], "external_id": "k1"}).article
    two = bench.ingest({**SAMPLES["local"], "external_id": "k2"}).article
    # Another key for a known address is the same article, and it keeps its first key.
    again = bench.ingest({**SAMPLES["wire"], "external_id": "k3", "title": "Third"}).article
    assert (again.id, again.content.external_id) == (one.id, "k1")
    # A known key with the address of another article: the key decides, the other keeps its address.
    moved = bench.ingest({**SAMPLES["wire"], "external_id": "k1", "url": SAMPLES["local"]["url"], "title": "Moved"}).article
    assert (moved.id, moved.content.url) == (one.id, SAMPLES["wire"]["url"])
    assert bench.article(two.id).content == two.content


def test_stories_that_meet_keep_the_larger_id_and_the_other_points_to_it(bench):
    # Two halves of one text share nothing until the whole comes.
    left, right = samples.ORCHID[:1], (samples.ORCHID[2],)
    one = bench.ingest(body("a", (*left, *samples.STRIKE[:1]), "A", "a.example", title="Ghost orchid")).article
    two = bench.ingest(body("b", (*left, *samples.STRIKE[:1]), "B", "b.example", title="Ghost orchid")).article
    far = bench.ingest(body("c", right, "C", "c.example", title="Seed slept for years")).article
    large, small = one.findings.story_id, far.findings.story_id
    assert two.findings.story_id == large != small
    joint = bench.ingest(
        body("d", (*left, *samples.STRIKE[:1], *right), "D", "d.example", title="Ghost orchid: seed slept for years")
    ).article
    assert joint.findings.story_id == large
    assert bench.article(far.id).findings.story_id == large
    gone, history = bench.story(small)
    assert gone.merged_into == large
    assert (history[0].change, history[0].into_ids) == ("merged", (large,))
    story, history = bench.story(large)
    assert (story.merged_into, story.counts.articles) == (None, 4)
    assert (history[0].change, history[0].from_ids) == ("merged", (small,))
    assert set(history[0].articles_added) == {far.id, joint.id}


def test_a_story_grows_by_versions_and_its_history_tells_each(bench):
    ids = [bench.ingest(SAMPLES[name]).article.id for name in ("wire", "reprint", "local")]
    story, history = bench.story(bench.article(ids[0]).findings.story_id)
    assert story.version == 3
    assert [(v.version, v.change, v.articles_added) for v in history] == [
        (3, "grown", (ids[2],)),
        (2, "grown", (ids[1],)),
        (1, "created", (ids[0],)),
    ]
    assert (story.counts.articles, story.counts.reports, story.counts.outlets) == (3, 2, 3)
    assert story.created_at < story.updated_at
    assert {o.id for o in story.organisations} == {"reuters"}
    with bench.store.read() as session:
        assert {a.id for a in session.story_articles(story.id)} == set(ids)


def test_an_article_of_another_event_leaves_the_story_as_it_is(bench):
    wire = bench.ingest(SAMPLES["wire"]).article
    before = bench.story(wire.findings.story_id)
    bench.ingest(SAMPLES["strike"])
    bench.ingest(SAMPLES["orchid"])
    assert bench.story(wire.findings.story_id) == before


def test_a_batch_gives_the_same_as_one_by_one(bench, template, tmp_path):
    names = list(SAMPLES)
    together = [f.result(20).article.id for f in bench.together(*(SAMPLES[n] for n in names))]
    other_file = tmp_path / "other.db"
    other_file.write_bytes(template)
    store = SqlStore(f"sqlite:///{other_file}")
    other = Bench(store)
    single = [other.ingest(SAMPLES[n]).article.id for n in names]
    other.writer.stop()

    def by_name(found, ids):
        name = dict(zip(ids, names, strict=True))
        return {
            name[i]: (
                f.derivation,
                f.origin.kind,
                name.get(f.origin.article_id),
                {(name.get(link.source, link.source), link.relation, link.share, link.confidence) for link in f.links},
                {name[j] for j, g in found.items() if g.report_id == f.report_id},
                {name[j] for j, g in found.items() if g.story_id == f.story_id},
            )
            for i, f in found.items()
        }

    assert by_name(bench.findings(), together) == by_name(other.findings(), single)
    store.close()


def test_an_article_that_comes_twice_in_one_batch_is_stored_once(bench):
    first, again, revised = (
        f.result(20) for f in bench.together(SAMPLES["wire"], SAMPLES["wire"], {**SAMPLES["wire"], "title": "New"})
    )
    assert (first.is_new, again.is_new, revised.is_new) == (True, False, False)
    assert len({first.article.id, again.article.id, revised.article.id}) == 1
    assert revised.article.revision == 2


def test_two_revisions_of_one_story_in_one_batch(bench):
    bench.ingest(SAMPLES["wire"])
    bench.ingest(SAMPLES["local"])
    done = [
        f.result(20)
        for f in bench.together({**SAMPLES["wire"], "title": "Fire, again"}, {**SAMPLES["local"], "title": "Soot, again"})
    ]
    assert [d.article.revision for d in done] == [2, 2]


def test_one_bad_article_fails_alone(bench):
    bench.store.poison = "poison"
    bad = {**SAMPLES["orchid"], "title": "poison"}
    waiting = bench.together(SAMPLES["wire"], bad, SAMPLES["reprint"])
    stored = [waiting[0].result(20).article, waiting[2].result(20).article]
    with pytest.raises(RuntimeError, match="poisoned"):
        waiting[1].result(20)
    assert bench.findings().keys() == {a.id for a in stored}
    assert stored[0].findings.report_id == stored[1].findings.report_id
    bench.store.poison = ""
    assert bench.ingest(bad).is_new


def test_a_failed_commit_is_answered_and_leaves_no_trace(bench):
    bench.ingest(SAMPLES["wire"])
    before, held = bench.dump(), partitions(bench.writer.corpus)
    bench.store.commit_fault = StoreUnavailable("disk full")
    with pytest.raises(StoreUnavailable, match="disk full"):
        bench.ingest(SAMPLES["reprint"])
    with pytest.raises(StoreUnavailable):
        bench.ingest({**SAMPLES["wire"], "title": "Revised"})
    assert bench.dump() == before
    assert partitions(bench.writer.corpus) == held
    assert bench.writer.is_consistent()
    bench.store.commit_fault = None
    done = bench.ingest(SAMPLES["reprint"])
    assert done.is_new
    assert {link.target for link in done.article.findings.links} == {done.article.id}


def test_when_the_corpus_cannot_be_rebuilt_every_caller_is_told(bench):
    bench.ingest(SAMPLES["wire"])
    bench.store.poison, bench.store.is_failing_for_good = "poison", True
    waiting = bench.together({**SAMPLES["orchid"], "title": "poison"}, *(SAMPLES[name] for name in SAMPLES if name != "wire"))
    for future in waiting:
        with pytest.raises(StoreUnavailable):
            future.result(20)
    assert not bench.writer.is_alive()
    with pytest.raises(StoreUnavailable):
        bench.submit(SAMPLES["reprint"])
    bench.writer.stop()
    assert not bench.writer.is_alive()
    bench.store.poison, bench.store.is_down = "", False
    bench.restart()
    assert bench.ingest(SAMPLES["reprint"]).is_new


def test_the_writer_goes_on_when_the_store_is_back(bench):
    bench.ingest(SAMPLES["wire"])
    bench.store.poison, bench.store.is_failing_for_good = "poison", True
    (failed,) = bench.together({**SAMPLES["orchid"], "title": "poison"})
    with pytest.raises(StoreUnavailable):
        failed.result(20)
    bench.store.poison, bench.store.is_down = "", False
    deadline = time.monotonic() + 60
    while not bench.writer.is_alive():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert bench.ingest(SAMPLES["reprint"]).article.findings.report_id == bench.ingest(SAMPLES["wire"]).article.findings.report_id


def test_a_restart_changes_no_answer_and_gives_no_new_ids(bench):
    for name in ("wire", "local", "reprint", "orchid", "cut", "respelt", "strike"):
        bench.ingest(SAMPLES[name])
    before, held = bench.dump(), partitions(bench.writer.corpus)
    bench.restart()
    assert bench.dump() == before
    assert partitions(bench.writer.corpus) == held
    assert bench.ingest(SAMPLES["cut"]).is_changed is False
    story = bench.findings()
    new = bench.ingest(SAMPLES["reworded"]).article
    assert new.findings.story_id in {f.story_id for f in story.values()}
    after = bench.findings()
    assert {i: (f.report_id, f.story_id) for i, f in after.items() if i in story} == {
        i: (f.report_id, f.story_id) for i, f in story.items()
    }


def test_a_restart_after_each_article_concludes_the_same(bench):
    ids = []
    for name in SAMPLES:
        ids.append(bench.ingest(SAMPLES[name]).article.id)
        bench.restart()
    reports, stories = partitions(bench.writer.corpus)
    name = dict(zip(ids, SAMPLES, strict=True))
    assert {frozenset(name[i] for i in s) for s in stories} == {frozenset(names) for names in samples.EVENTS.values()}
    found = bench.findings()
    for group, field in ((reports, "report_id"), (stories, "story_id")):
        values = [{getattr(found[i], field) for i in members} for members in group]
        assert all(len(v) == 1 for v in values)
        assert len(set().union(*values)) == len(values)


def test_a_check_stores_nothing_and_leaves_everything_as_it_was(bench):
    for name in ("wire", "local", "orchid", "strike"):
        bench.ingest(SAMPLES[name])
    before, held = bench.dump(), partitions(bench.writer.corpus)
    units = set(bench.writer.corpus.verdicts.units)
    found = bench.findings()
    for name in SAMPLES:
        checked = bench.check(SAMPLES[name])
        assert bench.dump() == before, name
        assert partitions(bench.writer.corpus) == held, name
        assert set(bench.writer.corpus.verdicts.units) == units
        if name == "cut":
            assert checked.findings.derivation.label == "wholly_derived"
            assert checked.report_id == found[checked.matches[0].article_id].report_id
            assert [c.organisation.id for c in checked.reading.credits] == ["reuters"]
    assert bench.writer.is_consistent()
    bridge = body("bridge", (*samples.WIRE[:3], *samples.ORCHID), "Bridge", "bridge.example")
    assert bench.check(bridge).story_id is not None
    assert (bench.dump(), partitions(bench.writer.corpus)) == (before, held)


def test_a_check_of_something_new_names_no_story(bench):
    bench.ingest(SAMPLES["wire"])
    checked = bench.check(SAMPLES["orchid"])
    assert (checked.report_id, checked.story_id, checked.matches) == (None, None, ())


def test_what_was_submitted_before_the_stop_is_stored_and_nothing_is_taken_after(bench):
    waiting = [bench.submit(SAMPLES[name]) for name in SAMPLES]
    bench.writer.stop()
    assert all(f.result(0).is_new for f in waiting)
    with pytest.raises(StoreUnavailable):
        bench.submit(SAMPLES["wire"])
    assert not bench.writer.is_alive()


def test_times_of_a_story_are_those_claimed(bench):
    found = [bench.ingest(SAMPLES[name]).article for name in ("reprint", "wire")]
    story, _ = bench.story(found[0].findings.story_id)
    assert story.last_published_at - story.first_published_at == timedelta(hours=1)
    assert story.first_published_at == found[1].content.published_at


def test_every_write_is_later_than_all_before_though_the_clock_is_set_back(bench):
    """A list of stories goes on by asking what changed since it began."""
    times = []
    for name in ("wire", "reprint", "orchid", "cut", "local"):
        article = bench.ingest(SAMPLES[name]).article
        story, history = bench.story(article.findings.story_id)
        assert story.updated_at == history[0].at
        times.append(story.updated_at)
        bench.clock.at -= timedelta(hours=1)
        if name == "orchid":
            bench.restart()
    assert times == sorted(set(times))


def test_a_clock_that_was_wrong_once_spoils_no_later_time(bench, monkeypatch):
    warned = []
    monkeypatch.setattr(writer._log, "warning", lambda event, **_: warned.append(event), raising=False)
    bench.clock.at += timedelta(days=365)
    early = bench.ingest(SAMPLES["orchid"]).article
    bench.clock.at -= timedelta(days=365)
    bench.restart()
    late = [bench.ingest(SAMPLES[name]).article for name in ("wire", "local")]
    stories = [bench.story(article.findings.story_id)[0] for article in late]
    with bench.store.read() as session:
        told = [change.at for change in session.changes(0, 100) if change.article_id == late[1].id]
    assert told
    for at in (*told, *(article.observed_at for article in late), *(story.created_at for story in stories)):
        assert bench.clock.at - timedelta(minutes=5) < at <= bench.clock.at
    assert min(story.updated_at for story in stories) > early.observed_at, "lists of stories are paged by it"
    assert warned == ["the clock is behind the last change of a story"]
