"""Brings the store in line with the corpus after articles came, changed or went: findings, ids, stories, history.

Runs inside one write session, in the writer's thread. What it writes is a function of the articles held and the ids given
before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from service.domain.identity import Assignment, assign
from service.domain.models import Findings, Story, StoryChange, StoryVersion
from service.domain.provenance import Traced
from service.domain.registry import Registry
from service.flows.conclusions import trace_reports
from service.flows.corpus import Change, Corpus
from service.flows.story_records import build_story
from service.ports import Ids, WriteSession


class Clusterer:
    """Owns the standing conclusions. One thread uses it."""

    def __init__(self, corpus: Corpus, registry: Registry, ids: Ids) -> None:
        self._corpus = corpus
        self._registry = registry
        self._ids = ids
        self.findings: dict[str, Findings] = {}
        self._members: dict[str, set[str]] = {}

    def load(self, findings: Mapping[str, Findings]) -> None:
        for article_id, found in findings.items():
            self._stand(article_id, found)

    def forget(self, article_id: str) -> str | None:
        """Drop what is concluded about an article that goes; returns the story that it leaves."""
        found = self.findings.pop(article_id, None)
        if found is None:
            return None
        self._members[found.story_id].discard(article_id)
        return found.story_id

    def preview(self, dirty: set[str]) -> tuple[Change, dict[str, Traced]]:
        """The conclusions around the dirty keys, without ids and without writing."""
        change = self._corpus.recompute(dirty)
        return change, trace_reports(self._corpus, self._registry, change.fresh)

    def settle(self, dirty: set[str], left: frozenset[str], session: WriteSession, now: datetime) -> None:
        """Recompute around `dirty` keys, write findings and stories. `left` are ids of stories that lost an article outright."""
        corpus = self._corpus
        change, traced = self.preview(dirty)
        id_of = {key: corpus.entries[key].article.id for key in change.articles}
        articles = frozenset(id_of.values())
        before = {a: self.findings[a] for a in articles if a in self.findings}

        def new_id() -> str:
            return self._ids.new(now)

        reports = [frozenset(id_of[key] for key in report) for report in change.reports]
        stories = [frozenset(id_of[key] for key in story) for story in change.stories]
        old_reports = {a: found.report_id for a, found in before.items()}
        old_stories = {a: found.story_id for a, found in before.items()}
        of_reports = assign(reports, old_reports, frozenset(old_reports.values()), new_id)
        of_stories = assign(stories, old_stories, frozenset(old_stories.values()) | left, new_id)
        report_of = {a: of_reports.ids[i] for i, members in enumerate(reports) for a in members}
        story_of = {a: of_stories.ids[i] for i, members in enumerate(stories) for a in members}
        changed: dict[str, Findings] = {}
        for article_id in sorted(articles):
            old = before.get(article_id)
            if article_id in traced:
                t = traced[article_id]
                new = Findings(report_of[article_id], story_of[article_id], t.derivation, t.origin, t.links, t.organisations)
            elif old is not None:
                new = Findings(
                    report_of[article_id], story_of[article_id], old.derivation, old.origin, old.links, old.organisations
                )
            else:
                raise AssertionError(f"article {article_id} is in no report that was traced")
            if new != old:
                changed[article_id] = new
        members_before = {
            story: frozenset(self._members.get(story, ())) for story in (*of_stories.ids, *of_stories.merged, *left)
        }
        for article_id, new in changed.items():
            self._stand(article_id, new)
        session.put_findings(changed)
        self._write_stories(change, stories, of_stories, members_before, session, now)

    def _stand(self, article_id: str, found: Findings) -> None:
        old = self.findings.get(article_id)
        if old is not None:
            self._members[old.story_id].discard(article_id)
        self.findings[article_id] = found
        self._members.setdefault(found.story_id, set()).add(article_id)

    def _write_stories(
        self,
        change: Change,
        stories: list[frozenset[str]],
        given: Assignment,
        members_before: Mapping[str, frozenset[str]],
        session: WriteSession,
        now: datetime,
    ) -> None:
        corpus = self._corpus
        known = session.stories(sorted({*given.ids, *given.merged, *given.gone}))
        survivors: dict[str, list[str]] = {}
        for old, survivor in given.merged.items():
            survivors.setdefault(survivor, []).append(old)
        for index, story_id in enumerate(given.ids):
            keys = change.stories[index]
            reports = [report for report in change.reports if report <= keys]
            previous = known.get(story_id)
            story = build_story(story_id, reports, corpus, self.findings, previous, now)
            had, has = members_before[story_id], stories[index]
            if previous is not None and had == has and _looks_same(previous, story):
                continue
            session.put_story(story)
            parts = [other for j, other in enumerate(given.ids) if other != story_id and story_id in given.origins[j]]
            kind = _change_of(
                previous is None, bool(survivors.get(story_id)), bool(given.origins[index] - {story_id}), bool(parts), had <= has
            )
            session.add_story_version(
                StoryVersion(
                    story_id,
                    story.version,
                    now,
                    kind,
                    tuple(sorted(has - had)),
                    tuple(sorted(had - has)),
                    tuple(sorted(given.origins[index] - {story_id})),
                    tuple(sorted(parts)),
                )
            )
        for old, survivor in sorted(given.merged.items()):
            self._close(old, survivor, known, session, now)
        for old in sorted(given.gone):
            self._close(old, None, known, session, now)

    def _close(self, old: str, survivor: str | None, known: Mapping[str, Story], session: WriteSession, now: datetime) -> None:
        story = known.get(old)
        if story is None:
            return
        version = story.version + 1
        session.put_story(replace(story, version=version, updated_at=now, merged_into=survivor))
        into = (survivor,) if survivor else ()
        session.add_story_version(StoryVersion(old, version, now, "merged" if survivor else "shrunk", into_ids=into))


def _looks_same(before: Story, after: Story) -> bool:
    return replace(after, version=0, updated_at=before.updated_at) == replace(before, version=0)


def _change_of(is_new: bool, has_merged: bool, came_from_others: bool, gave_away: bool, only_grew: bool) -> StoryChange:
    if is_new:
        return "split" if came_from_others else "created"
    if has_merged:
        return "merged"
    if gave_away:
        return "split"
    return "grown" if only_grew else "shrunk"
