"""A writer on a real SQLite store, for tests of what writes do."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace

from service.flows.tasks import Delete
from service.flows.writer import Writer
from service.store.ids import SortableIds
from service.store.migrate import upgrade
from service.store.repository import SqlStore
from tests import samples
from tests.fakes import SteppingClock
from tests.flows.parts import ENCODER, embed, new_corpus, vectors_of


class Bench:
    def __init__(self, store, **how):
        self.store, self.clock, self.how = store, SteppingClock(), how
        self.restart()

    def restart(self):
        if hasattr(self, "writer"):
            self.writer.stop()
        self.writer = Writer(
            self.store, samples.REGISTRY, new_corpus, embed, ENCODER.space, self.clock, SortableIds(), max_queue=50, max_batch=8,
            **self.how,
        )  # fmt: skip
        self.writer.start()

    def submit(self, article):
        ready = samples.prepared(article)
        return self.writer.submit(ready, vectors_of(ready))

    def ingest(self, article):
        return self.submit(article).result(20).article

    def ask(self, work):
        return self.writer.request(work).result(20)

    def delete(self, article_id):
        return self.ask(Delete(article_id))

    def together(self, *works):
        """Works (or articles) that one batch takes; their futures."""
        self.writer.stop()
        self.writer = Writer(
            self.store, samples.REGISTRY, new_corpus, embed, ENCODER.space, self.clock, SortableIds(), max_queue=50, max_batch=50,
            **self.how,
        )  # fmt: skip
        start, self.writer.is_alive = self.writer.is_alive, lambda: True
        waiting = [self.submit(work) if isinstance(work, dict) else self.writer.request(work) for work in works]
        self.writer.is_alive = start
        self.writer.start()
        return waiting

    def look(self, what):
        """`what` of a reading session."""
        with self.store.read() as session:
            return what(session)

    def articles(self):
        return {one.id: one for one in self.look(lambda session: list(session.all_articles()))}

    def changes(self, after=0):
        return self.look(lambda session: session.changes(after, 1000))


@contextmanager
def opened(folder, template=None, **how):
    file = folder / "wiretrace.db"
    if template is None:
        upgrade(f"sqlite:///{file}")
    else:
        file.write_bytes(template)
    store = SqlStore(f"sqlite:///{file}")
    bench = Bench(store, **how)
    try:
        yield bench
    finally:
        bench.writer.stop()
        store.close()


def conclusions(bench, name_of):
    """What is concluded of each article, by name, without ids and times: to compare two stores."""
    found = bench.articles()
    names = {article_id: name_of[article_id] for article_id in found}

    def mates(article, field):
        mine = getattr(article.findings, field)
        return {names[other.id] for other in found.values() if getattr(other.findings, field) == mine}

    def link(one):
        return (
            names.get(one.source, one.source),
            names.get(one.target, one.target),
            one.relation,
            one.carry,
            one.share,
            one.confidence,
        )

    return {
        names[article.id]: (
            article.findings.derivation,
            article.findings.origin.kind,
            names.get(article.findings.origin.article_id),
            article.findings.origin.organisation,
            {link(one) for one in article.findings.links},
            mates(article, "report_id"),
            mates(article, "story_id"),
            article.findings.boilerplate,
            {names[touch.article_id]: touch.share for touch in article.findings.touches},
            article.findings.membership.confidence,
            [replace(why, article_id=names.get(why.article_id)) for why in article.findings.membership.reasons],
        )
        for article in found.values()
    }


def replayed(changes):
    """Story id -> its articles, for a consumer that knows nothing but the feed; checks that each entry follows from those before."""
    stories: dict[str, set[str]] = {}
    for change in changes:
        if not change.type.startswith("story."):
            continue
        data = change.data
        assert data["is_complete"]
        assert (change.type == "story.created") == (change.story_id not in stories), change
        held = stories.setdefault(change.story_id, set())
        assert held.isdisjoint(data["articles_added"])
        assert held >= set(data["articles_removed"])
        held.difference_update(data["articles_removed"])
        held.update(data["articles_added"])
        # A story that takes one up and gives articles away at once is told as merged, with the parts in `into`, and lives on.
        if change.type == "story.deleted" or (change.type == "story.merged" and "counts" not in data):
            assert not stories[change.story_id]
            stories[change.story_id] = set()
    return {story: articles for story, articles in stories.items() if articles}
