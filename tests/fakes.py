"""Stand-ins with the real interfaces: an ingest that stores at once and concludes the simplest things, and a still clock.

Articles of one title are one story, articles of one first paragraph one report; equal paragraphs are verbatim copies.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from service.domain.matches import article_matches
from service.domain.models import (
    Article,
    ArticleInput,
    Derivation,
    Evidence,
    Findings,
    Link,
    Organisation,
    Origin,
    Paragraph,
    Reading,
    Story,
    StoryCounts,
    StoryVersion,
    UnitRef,
)
from service.domain.wire_hints import WireHint
from service.ports import Store

AGENCY = Organisation("reuters", "Reuters", "agency", ("reuters.com",))


class SteppingClock:
    """One second later at each look."""

    def __init__(self) -> None:
        self.at = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


@dataclass
class FakeIngest:
    """Implements what the API needs of the writing side; `fault`, when set, is raised instead of any work."""

    store: Store
    clock: SteppingClock
    fault: Exception | None = None
    before: Callable[[], Any] | None = None
    version: str = "fake"
    alive: bool = True

    async def ingest(self, content: ArticleInput, also: Any = None, in_turn: Any = None) -> Any:
        if self.before:
            await self.before()
        if self.fault:
            raise self.fault
        if in_turn:
            await in_turn(Future)
        with self.store.write() as session:
            outcome = self._taken_in(session, content)
            if also:
                also(session, outcome)
            return outcome

    async def ingest_waiting(self, ticket: str, content: ArticleInput, also: Any, in_turn: Any) -> Any:
        return await self.ingest(content, also, in_turn)

    def _taken_in(self, session: Any, content: ArticleInput) -> Any:
        known = (
            session.article_by_external_id(content.external_id)
            if content.external_id
            else session.article_by_canonical_url(content.canonical_url or "")
        )
        digest = hashlib.sha256(repr((content.title, content.paragraphs)).encode()).hexdigest()
        if known and known.content_hash == digest:
            return SimpleNamespace(article=known, is_new=False, is_changed=False)
        sequence = known.sequence if known else session.next_sequence()
        article = self._article(content, digest, known, sequence, session.reserved_id(content))
        session.put_article(article)
        findings = self._findings(session, article)
        self._put_story(session, findings.story_id, article)
        session.put_findings({article.id: findings})
        self._put_story(session, findings.story_id, None)
        return SimpleNamespace(article=session.article(article.id), is_new=known is None, is_changed=True)

    async def prepare(self, content: ArticleInput) -> Any:
        return SimpleNamespace(reading=self._article(content, "", None, 0).reading, content_hash="")

    async def check(self, content: ArticleInput) -> Any:
        if self.fault:
            raise self.fault
        article = self._article(content, "", None, 0)
        with self.store.read() as session:
            places = session.occurrences(sorted({unit.key for unit in article.units}))
            others = session.articles(sorted({place.article_id for place in places}))
        matches = article_matches(article, others, [])
        findings = Findings(
            "none", "none", Derivation("independent", 0, 1), Origin("undetermined", 0, reason="Only checked."), ()
        )
        first = others[matches[0].article_id].findings if matches else None
        return SimpleNamespace(
            reading=article.reading,
            findings=findings,
            report_id=first.report_id if first else None,
            story_id=first.story_id if first else None,
            matches=matches,
            hint=WireHint(False, None, 0.8, ()),
        )

    def is_alive(self) -> bool:
        return self.alive

    def is_consistent(self) -> bool:
        return True

    def _article(
        self, content: ArticleInput, digest: str, known: Article | None, sequence: int, reserved: str | None = None
    ) -> Article:
        paragraphs = tuple(
            Paragraph(index, "body" if text.strip() else "boilerplate", text, 0, len(text))
            for index, text in enumerate(content.paragraphs)
        )
        units = tuple(
            UnitRef(hashlib.sha256(paragraph.text.encode()).hexdigest()[:16], paragraph.index, 0, len(paragraph.text))
            for paragraph in paragraphs
            if paragraph.role == "body"
        )
        return Article(
            id=known.id if known else reserved or f"A{sequence:06d}",
            sequence=sequence,
            content=content,
            reading=Reading(paragraphs, (), ()),
            units=units,
            content_hash=digest,
            observed_at=self.clock.now(),
            revision=known.revision + 1 if known else 1,
            findings=known.findings if known else None,
        )

    def _findings(self, session: Any, article: Article) -> Findings:
        title = hashlib.sha256(article.content.title.encode()).hexdigest()[:8]
        first = next((unit.key for unit in article.units), "none")
        earlier = [
            other
            for other in session.articles([place.article_id for place in session.occurrences([first])]).values()
            if other.sequence < article.sequence
        ]
        text = Evidence("verbatim", "same words", 0.9, 0, 0)
        above = Link(
            "L" + article.id,
            "org:reuters",
            article.id,
            "carried",
            "full",
            1,
            ("credit",),
            (Evidence("byline", "Reuters", 0.9),),
            0.9,
        )
        if not earlier:
            return Findings(
                "R" + first, "S" + title, Derivation("independent", 0, 0.8), Origin("organisation", 0.9, organisation=AGENCY), (above,),
                (AGENCY,),
            )  # fmt: skip
        source = min(earlier, key=lambda other: other.sequence)
        link = Link("L" + article.id, source.id, article.id, "carried", "full", 1, ("text", "time"), (text,), 0.8)
        origin = Origin("article", 0.8, article_id=source.id, basis=("text",))
        return Findings("R" + first, "S" + title, Derivation("wholly_derived", 1, 0.8), origin, (link,), ())

    def _put_story(self, session: Any, story_id: str, first: Article | None) -> None:
        articles = session.story_articles(story_id) or ([first] if first else [])
        times = [article.content.published_at or article.observed_at for article in articles]
        before = session.story(story_id)
        now = self.clock.now()
        version = before.version + 1 if before else 1
        session.put_story(
            Story(
                id=story_id,
                title=articles[0].content.title,
                version=version,
                created_at=before.created_at if before else now,
                updated_at=now,
                first_published_at=min(times),
                last_published_at=max(times),
                languages=tuple(sorted({article.content.language or "und" for article in articles})),
                counts=StoryCounts(
                    len(articles),
                    len({article.findings.report_id for article in articles if article.findings}),
                    len({article.content.outlet_site for article in articles}),
                    len({unit.key for article in articles for unit in article.units}),
                ),
                organisations=(AGENCY,),
                representative_id=articles[0].id,
            )
        )
        session.add_story_version(StoryVersion(story_id, version, now, "grown" if before else "created"))
