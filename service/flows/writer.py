"""The single writer: one thread that owns the corpus and is the only caller of the store's write side.

Takes what waits, works on it in one transaction, commits, and only then answers. When anything fails, the transaction and the
corpus are thrown away, the corpus is rebuilt from the store and the articles are tried one by one, so that one bad article fails
alone and nothing half done is ever seen.
"""

from __future__ import annotations

import queue
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import structlog

from service.domain.matches import ArticleMatch
from service.domain.models import Article, ArticleInput, Findings, Reading
from service.domain.registry import Registry
from service.domain.tokens import surface
from service.errors import Overloaded, StoreUnavailable
from service.flows.clustering import Clusterer
from service.flows.corpus import Corpus
from service.flows.preparing import Prepared
from service.flows.rebuilding import rebuild
from service.ports import Clock, Ids, ReadSession, Store, UnitRow, WriteSession

Vectors = Mapping[str, npt.NDArray[np.float16]]
Embed = Callable[[Sequence[str]], npt.NDArray[np.float16]]

_log = structlog.get_logger("service.writer")


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of an article. `is_changed`: its text is new to the store."""

    article: Article
    is_new: bool
    is_changed: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """What would be concluded about an article; `report_id` and `story_id` are the existing ones that it would join, or None."""

    reading: Reading
    findings: Findings
    report_id: str | None
    story_id: str | None
    matches: tuple[ArticleMatch, ...]


@dataclass(slots=True)
class _Task:
    prepared: Prepared
    vectors: Vectors
    done: Future[Any]
    is_check: bool = False


class Writer:
    """Start it, submit to it, stop it. `submit` may be called from any thread."""

    def __init__(
        self,
        store: Store,
        registry: Registry,
        new_corpus: Callable[[], Corpus],
        embed: Embed,
        space: str,
        clock: Clock,
        ids: Ids,
        *,
        max_queue: int,
        max_batch: int,
    ) -> None:
        """`embed` gives vectors (float16, shape (n, dimension)) for texts and blocks; used for units that lost theirs."""
        self._store = store
        self._registry = registry
        self._new_corpus = new_corpus
        self._embed = embed
        self._space = space
        self._clock = clock
        self._ids = ids
        self._max_batch = max_batch
        self._waiting: queue.Queue[_Task | None] = queue.Queue(maxsize=max_queue)
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._is_working = False
        self.corpus = new_corpus()
        self._clusterer = Clusterer(self.corpus, registry, ids)

    def start(self) -> None:
        """Rebuild the corpus from the store, then begin to take work."""
        self._rebuild()
        self._thread = threading.Thread(target=self._run, name="wiretrace-writer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish what waits, then end. New work is refused from now on."""
        self._stopping.set()
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join()
            self._thread = None
            self.corpus.save_index()

    def is_alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def is_consistent(self) -> bool:
        """Whether the index fits the articles held; while the writer works on some, they need not agree yet."""
        return self._is_working or self.corpus.is_indexed

    def waiting(self) -> int:
        return self._waiting.qsize()

    def submit(self, prepared: Prepared, vectors: Vectors, *, is_check: bool = False) -> Future[Any]:
        """A future of Ingested, or of Checked. Raises Overloaded when the queue is full or the service stops."""
        task = _Task(prepared, vectors, Future(), is_check)
        if self._stopping.is_set() or not self.is_alive():
            raise StoreUnavailable("the writer is not running")
        try:
            self._waiting.put_nowait(task)
        except queue.Full:
            raise Overloaded("the write queue is full") from None
        return task.done

    def vector(self, unit_key: str) -> npt.NDArray[np.float16] | None:
        """The vector of a unit that is held now; safe from any thread because it only looks one name up."""
        return self.corpus.vector(unit_key)

    # ---- the thread --------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        batch: list[_Task] = []
        is_last = False
        try:
            while not is_last:
                batch, is_last = self._next_batch()
                self._is_working = True
                self._serve(batch)
                self._is_working = False
        except Exception:  # noqa: BLE001 - the thread ends; readiness says so and everybody gets an answer
            _log.exception("the corpus could not be rebuilt; the writer ends and readiness fails")
        finally:
            self._refuse(batch)

    def _next_batch(self) -> tuple[list[_Task], bool]:
        """Waits for a task and takes what else is there; True when nothing comes after."""
        batch: list[_Task] = []
        task = self._waiting.get()
        while task is not None:
            batch.append(task)
            if len(batch) == self._max_batch:
                return batch, False
            try:
                task = self._waiting.get_nowait()
            except queue.Empty:
                return batch, False
        return batch, True

    def _refuse(self, batch: Sequence[_Task]) -> None:
        """Whoever still waits gets an answer, however the thread came to its end."""
        self._stopping.set()
        left: list[_Task | None] = list(batch)
        while True:
            try:
                left.append(self._waiting.get_nowait())
            except queue.Empty:
                break
        for task in left:
            if task is not None and not task.done.done():
                _fail(task, StoreUnavailable("the writer has ended"))

    def _serve(self, batch: Sequence[_Task]) -> None:
        writes = [task for task in batch if not task.is_check]
        if writes:
            self._commit(writes)
        for task in batch:
            if task.is_check:
                try:
                    outcome = self._check(task)
                except Exception as error:  # noqa: BLE001 - the caller gets it; the corpus is made anew
                    _log.exception("check failed")
                    self._rebuild()
                    _fail(task, error)
                else:
                    _answer(task, outcome)

    def _commit(self, writes: Sequence[_Task]) -> None:
        try:
            with self._store.write() as session:
                outcomes = self._apply(writes, session)
        except Exception as error:  # noqa: BLE001 - every caller gets an answer
            _log.exception("write failed", articles=len(writes))
            self._rebuild()
            if len(writes) == 1:
                _fail(writes[0], error)
            else:
                for task in writes:
                    self._commit([task])
            return
        for task, outcome in zip(writes, outcomes, strict=True):
            _answer(task, outcome)

    def _apply(self, writes: Sequence[_Task], session: WriteSession) -> list[Ingested]:
        now = self._clock.now()
        dirty: set[str] = set()
        results: list[tuple[str, bool, bool]] = []
        for task in writes:
            existing = _known(session, task.prepared.content)
            content = task.prepared.content if existing is None else _completed(task.prepared.content, existing, session)
            is_same_text = existing is not None and existing.content_hash == task.prepared.content_hash
            if existing is not None:
                if is_same_text and content == existing.content:
                    results.append((existing.id, False, False))
                    continue
                dirty |= self.corpus.remove(existing.id)
            article = Article(
                id=existing.id if existing else self._ids.new(now),
                sequence=existing.sequence if existing else session.next_sequence(),
                content=content,
                reading=task.prepared.reading,
                units=task.prepared.units,
                content_hash=task.prepared.content_hash,
                observed_at=existing.observed_at if existing else now,
                revision=existing.revision + (not is_same_text) if existing else 1,
                findings=existing.findings if existing else None,
            )
            fresh = [key for key in task.prepared.texts if not self.corpus.has_unit(key)]
            vectors = self._complete(task, fresh)
            session.put_article(article)
            session.put_units(self._space, [UnitRow(key, task.prepared.texts[key], vectors[key]) for key in fresh])
            session.put_unit_pairs(self.corpus.add(article, vectors))
            dirty = {key for key in dirty if key in self.corpus.entries} | {self.corpus.key_of[article.id]}
            results.append((article.id, existing is None, not is_same_text))
        if dirty:
            self._clusterer.settle(dirty, frozenset(), session, now)
        stored = session.articles(sorted({article_id for article_id, _, _ in results}))
        return [Ingested(stored[article_id], is_new, is_changed) for article_id, is_new, is_changed in results]

    def _complete(self, task: _Task, fresh: Sequence[str]) -> dict[str, npt.NDArray[np.float16]]:
        """Vectors of the units that the corpus lacks; those known when the article was prepared may have gone since."""
        vectors = {key: task.vectors[key] for key in fresh if key in task.vectors}
        missing = [key for key in fresh if key not in vectors]
        if missing:
            vectors.update(zip(missing, self._embed([surface(task.prepared.texts[key]) for key in missing]), strict=True))
        return vectors

    def _check(self, task: _Task) -> Checked:
        """Conclude with the article held, then put everything back: the partitions are a function of the articles held."""
        corpus, content = self.corpus, task.prepared.content
        with self._store.read() as session:
            existing = _known(session, content)
        dirty = corpus.remove(existing.id) if existing is not None else set()
        probe = Article(
            id=f"check-{uuid.uuid4().hex}",
            sequence=existing.sequence if existing else 1 << 62,
            content=replace(content, external_id=None, canonical_url=None),
            reading=task.prepared.reading,
            units=task.prepared.units,
            content_hash=task.prepared.content_hash,
            observed_at=self._clock.now(),
            revision=1,
        )
        fresh = [key for key in task.prepared.texts if not corpus.has_unit(key)]
        corpus.add(probe, self._complete(task, fresh))
        key = corpus.key_of[probe.id]
        change, traced = self._clusterer.preview(dirty | {key})
        story = next(s for s in change.stories if key in s)
        companions = [corpus.entries[k].article.id for k in sorted(story - {key})]
        report_mates = [corpus.entries[k].article.id for k in sorted(corpus.report_members(key) - {key})]
        found = traced[probe.id]
        matches = [m for other in corpus.shared[key] if (m := corpus.match(key, other)) is not None]
        dirty = corpus.remove(probe.id)
        if existing is not None:
            corpus.add(
                existing,
                {k: v for k in {u.key for u in existing.units} if (v := corpus.vector(k)) is not None}
                | self._stored_vectors(existing),
            )
            dirty.add(corpus.key_of[existing.id])
        corpus.recompute(dirty)
        report_id = _most_common(self._clusterer.findings[a].report_id for a in report_mates)
        story_id = _most_common(self._clusterer.findings[a].story_id for a in companions)
        findings = Findings(report_id or "", story_id or "", found.derivation, found.origin, found.links, found.organisations)
        order = sorted(matches, key=lambda m: (-m.share, -m.share_of_other, m.article_id))
        return Checked(task.prepared.reading, findings, report_id, story_id, tuple(order))

    def _stored_vectors(self, article: Article) -> dict[str, npt.NDArray[np.float16]]:
        with self._store.read() as session:
            return {
                row.key: row.vector
                for row in session.units(self._space, sorted({u.key for u in article.units}))
                if row.vector is not None
            }

    # ---- rebuilding --------------------------------------------------------------------------------------------------

    def _rebuild(self) -> None:
        self.corpus = self._new_corpus()
        self._clusterer = Clusterer(self.corpus, self._registry, self._ids)
        rebuild(self._store, self.corpus, self._clusterer, self._registry, self._embed, self._space, self._clock.now())


def _known(session: ReadSession, content: ArticleInput) -> Article | None:
    """The article meant: the one with the same external id, else the one at the same address."""
    found = session.article_by_external_id(content.external_id) if content.external_id is not None else None
    if found is None and content.canonical_url is not None:
        found = session.article_by_canonical_url(content.canonical_url)
    return found


def _completed(new: ArticleInput, known: Article, session: ReadSession) -> ArticleInput:
    """What is said now, completed by what was said before: the first external id stays, what is left out is kept, and an address
    that another article holds is not taken from it.
    """
    old = known.content
    holder = session.article_by_canonical_url(new.canonical_url) if new.canonical_url is not None else known
    keeps_address = new.canonical_url is None or (holder is not None and holder.id != known.id)
    return replace(
        new,
        external_id=old.external_id or new.external_id,
        canonical_url=old.canonical_url if keeps_address else new.canonical_url,
        url=old.url if keeps_address else new.url,
        authors=new.authors or old.authors,
        language=new.language or old.language,
        published_at=new.published_at or old.published_at,
        metadata=new.metadata or old.metadata,
    )


def _most_common(values: Any) -> str | None:
    counts: dict[str, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return min(counts, key=lambda name: (-counts[name], name)) if counts else None


def _answer(task: _Task, outcome: object) -> None:
    if task.done.set_running_or_notify_cancel():
        task.done.set_result(outcome)


def _fail(task: _Task, error: Exception) -> None:
    if task.done.set_running_or_notify_cancel():
        task.done.set_exception(error)
