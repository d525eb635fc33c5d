"""What would be concluded about an article: taken in, looked at, taken out again. Stores nothing.

Runs in the writer's thread, because it borrows the working memory; the partitions are a function of the articles held, so
putting everything back leaves them as they were.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from service.domain.models import Article, Findings
from service.domain.wire_hints import wire_hint
from service.flows.applying import completed, known
from service.flows.clustering import Clusterer
from service.flows.corpus import Corpus
from service.flows.tasks import Check, Checked
from service.flows.vectors import Embed, Vector, complete
from service.ports import Store


def check(task: Check, corpus: Corpus, clusterer: Clusterer, store: Store, embed: Embed, space: str, now: datetime) -> Checked:
    content = task.prepared.content
    with store.read() as session:
        existing = known(session, content)
        content = content if existing is None else completed(content, existing, session, now)
    dirty = corpus.remove(existing.id) if existing is not None else set()
    probe = Article(
        id=f"check-{uuid.uuid4().hex}",
        sequence=existing.sequence if existing else 1 << 62,
        content=replace(content, external_id=None, canonical_url=None),
        reading=task.prepared.reading,
        units=task.prepared.units,
        content_hash=task.prepared.content_hash,
        observed_at=existing.observed_at if existing else now,
        revision=1,
    )
    fresh = [key for key in task.prepared.texts if not corpus.has_unit(key)]
    corpus.add(probe, complete(task.prepared.texts, task.vectors, fresh, embed))
    key = corpus.key_of[probe.id]
    change, traced = clusterer.preview(dirty | {key})
    story = next(s for s in change.stories if key in s)
    companions = [corpus.entries[k].article.id for k in sorted(story - {key})]
    report_mates = [corpus.entries[k].article.id for k in sorted(corpus.report_members(key) - {key})]
    found = traced[probe.id]
    reading, touches = corpus.entries[key].article.reading, corpus.touches_of(key)
    matches = corpus.matches_of(key)
    dirty = corpus.remove(probe.id)
    if existing is not None:
        held = {k: v for k in {u.key for u in existing.units} if (v := corpus.vector(k)) is not None}
        corpus.add(existing, held | _stored_vectors(existing, store, space))
        dirty.add(corpus.key_of[existing.id])
    corpus.recompute(dirty)
    report_id = _most_common(clusterer.findings[a].report_id for a in report_mates)
    story_id = _most_common(clusterer.findings[a].story_id for a in companions)
    findings = Findings(
        report_id or "", story_id or "", found.derivation, found.origin, found.links, found.organisations, touches=touches
    )
    told = task.prepared.content
    hint = wire_hint(told.authors, told.title, told.url or "", told.outlet_site, told.outlet_name, clusterer.registry)
    return Checked(reading, findings, report_id, story_id, matches, hint)


def _stored_vectors(article: Article, store: Store, space: str) -> dict[str, Vector]:
    with store.read() as session:
        rows = session.units(space, sorted({u.key for u in article.units}))
        return {row.key: row.vector for row in rows if row.vector is not None}


def _most_common(values: Iterable[str]) -> str | None:
    counts = Counter(values)
    return min(counts, key=lambda name: (-counts[name], name)) if counts else None
