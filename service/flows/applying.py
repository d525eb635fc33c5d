"""What a write does: articles in, changed and out, an editor's word kept and taken back, and every effect told.

Works inside the writer's transaction and thread; never commits. A refusal is found before anything is touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Any, cast

from service.domain.changes import Constraint, ConstraintKind
from service.domain.models import Article, ArticleInput
from service.errors import ArticleNotFound, ConstraintNotFound, Fault, InvalidInput, RequestError, StoryGone, StoryNotFound
from service.flows.clustering import Clusterer, Correction
from service.flows.corpus import Corpus
from service.flows.moments import Moment
from service.flows.story_changes import article_change
from service.flows.tasks import Corrected, Delete, Ingest, Ingested, Merge, Split, Withdraw, Write
from service.flows.vectors import Embed, complete
from service.ports import Ids, ReadSession, WriteSession
from service.store_values import UnitRow


@dataclass(slots=True)
class _Round:
    """Articles that are settled together; none of them comes twice with something new. `results` and `told` say of each write
    whether the article is new and whether its text is.
    """

    dirty: set[str] = field(default_factory=set)
    loose: set[str] = field(default_factory=set)
    results: list[tuple[Ingest, str | None, bool, bool]] = field(default_factory=list)
    told: list[tuple[bool, str, bool]] = field(default_factory=list)

    @property
    def ids(self) -> set[str]:
        return {article_id for _, article_id, _, _ in self.results if article_id is not None}


class Applier:
    """Owns nothing but its tools. One thread uses it."""

    def __init__(self, corpus: Corpus, clusterer: Clusterer, embed: Embed, space: str, ids: Ids) -> None:
        self._corpus = corpus
        self._clusterer = clusterer
        self._embed = embed
        self._space = space
        self._ids = ids

    def apply(self, writes: Sequence[Write], session: WriteSession, moment: Moment) -> list[Any]:
        """One outcome each: what the task's docstring promises, or the RequestError that refuses it alone."""
        outcomes: list[Any] = []
        for kind, group in groupby(writes, type):
            if kind is Ingest:
                outcomes.extend(self._ingest(cast("list[Ingest]", list(group)), session, moment))
                continue
            for write in group:
                try:
                    outcomes.append(self._edit(write, session, moment))
                except RequestError as error:
                    outcomes.append(error)
        return outcomes

    def _edit(self, write: Write, session: WriteSession, moment: Moment) -> Corrected | None:
        match write:
            case Merge() | Split():
                done = self._merge(write, session, moment) if isinstance(write, Merge) else self._split(write, session, moment)
                if write.also is not None:
                    write.also(session, done)
                return done
            case Delete() | Withdraw():
                if isinstance(write, Delete):
                    self._delete(write, session, moment)
                else:
                    self._withdraw(write, session, moment)
                if write.also is not None:
                    write.also(session, None)
                return None
            case _:
                raise TypeError(f"{type(write).__name__} is no edit")

    # ---- articles ----------------------------------------------------------------------------------------------------

    def _ingest(self, writes: Sequence[Ingest], session: WriteSession, moment: Moment) -> list[Ingested | None]:
        outcomes: list[Ingested | None] = []
        round_ = _Round()
        for write in writes:
            if write.ticket is not None and not session.is_queued(write.ticket):
                round_.results.append((write, None, False, False))
                continue
            existing = known(session, write.prepared.content)
            if existing is not None and existing.id in round_.ids:
                # It comes twice: whoever sent the first text is answered with that one, so its effects are settled before.
                outcomes.extend(self._settle(round_, session, moment))
                round_, existing = _Round(), known(session, write.prepared.content)
            self._put(write, existing, round_, session, moment)
        return outcomes + self._settle(round_, session, moment)

    def _put(self, write: Ingest, existing: Article | None, round_: _Round, session: WriteSession, moment: Moment) -> None:
        prepared = write.prepared
        content = prepared.content if existing is None else completed(prepared.content, existing, session, moment.now)
        is_same_text = existing is not None and existing.content_hash == prepared.content_hash
        if existing is not None:
            if (is_same_text and content == existing.content) or (content.is_excerpt and not existing.content.is_excerpt):
                round_.results.append((write, existing.id, False, False))
                return
            round_.dirty |= self._corpus.remove(existing.id)
            round_.loose |= {unit.key for unit in existing.units}
        article = Article(
            id=existing.id if existing else session.reserved_id(content) or self._ids.new(moment.now),
            sequence=existing.sequence if existing else session.next_sequence(),
            content=content,
            reading=prepared.reading,
            units=prepared.units,
            content_hash=prepared.content_hash,
            observed_at=existing.observed_at if existing else moment.now,
            revision=existing.revision + (not is_same_text) if existing else 1,
            findings=existing.findings if existing else None,
        )
        fresh = [key for key in prepared.texts if not self._corpus.has_unit(key)]
        vectors = complete(prepared.texts, write.vectors, fresh, self._embed)
        session.put_article(article)
        session.put_units(self._space, [UnitRow(key, prepared.texts[key], vectors[key]) for key in fresh])
        session.put_unit_pairs(self._corpus.add(article, vectors))
        round_.dirty = {key for key in round_.dirty if key in self._corpus.entries} | {self._corpus.key_of[article.id]}
        round_.results.append((write, article.id, existing is None, not is_same_text))
        round_.told.append((existing is None, article.id, not is_same_text))

    def _settle(self, round_: _Round, session: WriteSession, moment: Moment) -> list[Ingested | None]:
        of_stories = self._clusterer.settle(round_.dirty, frozenset(), session, moment) if round_.dirty else []
        session.delete_unused_units(sorted(round_.loose))
        stored = session.articles(sorted(round_.ids))
        of_articles = [
            article_change(
                "article.ingested" if is_new else "article.revised",
                stored[article_id],
                self._clusterer.story_of(article_id),
                is_text_changed=is_changed,
            )
            for is_new, article_id, is_changed in round_.told
        ]
        session.add_changes([*of_articles, *of_stories], moment.now)
        outcomes: list[Ingested | None] = []
        for write, article_id, is_new, is_changed in round_.results:
            outcome = Ingested(stored[article_id], is_new, is_changed) if article_id is not None else None
            if outcome is not None and write.also is not None:
                write.also(session, outcome)
            outcomes.append(outcome)
        return outcomes

    def _delete(self, write: Delete, session: WriteSession, moment: Moment) -> None:
        article = session.article(write.article_id)
        is_waiting = False
        # Sent but not worked on yet, or in vain: nothing was concluded from it, so there is nothing to tell.
        while (waiting := session.queued_article(write.article_id)) is not None:
            session.end_queued_article(waiting.ticket)
            is_waiting = True
        if article is None:
            if is_waiting:
                return
            raise ArticleNotFound(f"No article has the id {write.article_id!r}.")
        story_id = self._clusterer.story_of(article.id)
        dirty = self._corpus.remove(article.id)
        session.delete_article(article.id)
        of_stories = self._clusterer.settle(dirty, frozenset((article.id,)), session, moment)
        session.delete_unused_units(sorted({unit.key for unit in article.units}))
        session.add_changes([article_change("article.deleted", article, story_id), *of_stories], moment.now)

    # ---- an editor's word --------------------------------------------------------------------------------------------

    def _merge(self, write: Merge, session: WriteSession, moment: Moment) -> Corrected:
        mine, other = _living(session, write.story_id), _living(session, write.other_id)
        if mine == other:
            raise InvalidInput("#/other_id is the same story", [Fault("#/other_id", "is the same story, or was merged into it")])
        sides = self._clusterer.members(mine), self._clusterer.members(other)
        return self._keep(self._said("must_link", mine, *sides, moment.now), session, moment, Correction(kept=mine))

    def _split(self, write: Split, session: WriteSession, moment: Moment) -> Corrected:
        story_id = _living(session, write.story_id)
        members = self._clusterer.members(story_id)
        faults = [
            Fault(f"#/article_ids/{place}", "is no article of this story")
            for place, article_id in enumerate(write.article_ids)
            if article_id not in members
        ]
        if faults:
            raise InvalidInput(f"{faults[0].pointer} {faults[0].detail}", faults[:50])
        # A report is never cut: its articles carry one piece of reporting, and that is of one event.
        reports = {self._clusterer.findings[article_id].report_id for article_id in write.article_ids}
        apart = frozenset(a for a in members if self._clusterer.findings[a].report_id in reports)
        if not apart or apart == members:
            reason = "must leave at least one report of the story; a report goes as a whole"
            raise InvalidInput(f"#/article_ids {reason}", [Fault("#/article_ids", reason)])
        said = self._said("cannot_link", story_id, apart, members - apart, moment.now)
        return self._keep(said, session, moment, Correction())

    def _withdraw(self, write: Withdraw, session: WriteSession, moment: Moment) -> None:
        found = next((one for one in session.constraints() if one.id == write.constraint_id), None)
        if found is None:
            raise ConstraintNotFound(f"No constraint has the id {write.constraint_id!r}.")
        session.delete_constraint(found.id)
        self._settle_about(found, session, moment, Correction())

    def _said(
        self, kind: ConstraintKind, story_id: str, articles: frozenset[str], others: frozenset[str], now: datetime
    ) -> Constraint:
        return Constraint(self._ids.new(now), kind, now, story_id, tuple(sorted(articles)), tuple(sorted(others)))

    def _keep(self, said: Constraint, session: WriteSession, moment: Moment, correction: Correction) -> Corrected:
        session.put_constraint(said)
        self._settle_about(said, session, moment, correction)
        return Corrected(said, self.stories_of(said))

    def _settle_about(self, said: Constraint, session: WriteSession, moment: Moment, correction: Correction) -> None:
        self._corpus.constrain(session.constraints())
        named = {self._corpus.key_of[a] for a in (*said.articles, *said.others) if a in self._corpus.key_of}
        session.add_changes(self._clusterer.settle(named, frozenset(), session, moment, correction), moment.now)

    def stories_of(self, said: Constraint) -> tuple[str, ...]:
        found = {story for a in (*said.articles, *said.others) if (story := self._clusterer.story_of(a)) is not None}
        return tuple(sorted(found, key=lambda story: (story != said.story_id, story)))


def known(session: ReadSession, content: ArticleInput) -> Article | None:
    """The article meant: the one with the same external id, else the one at the same address."""
    found = session.article_by_external_id(content.external_id) if content.external_id is not None else None
    if found is None and content.canonical_url is not None:
        found = session.article_by_canonical_url(content.canonical_url)
    return found


def completed(new: ArticleInput, known: Article, session: ReadSession, now: datetime) -> ArticleInput:
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
        said_at=old.said_at if new.published_at in (None, old.published_at) else now,
        metadata=new.metadata or old.metadata,
    )


def _living(session: ReadSession, story_id: str) -> str:
    """The id of the story, or of the one that it was merged into. Raises StoryNotFound, StoryGone."""
    seen: set[str] = set()
    story = session.story(story_id)
    while story is not None and story.merged_into is not None and story.id not in seen:
        seen.add(story.id)
        story = session.story(story.merged_into)
    if story is None:
        raise StoryNotFound(f"No story has the id {story_id!r}.")
    if not story.counts.articles:
        raise StoryGone
    return story.id
