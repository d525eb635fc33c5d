"""Brings the store in line with the corpus after articles came, changed or went: findings, ids, stories, history.

Runs inside one write session, in the writer's thread. What it writes is a function of the articles held and the ids given
before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from service.domain.changes import NewChange
from service.domain.identity import Assignment, assign
from service.domain.models import Findings, OriginChange, Story, StoryChange, StoryCounts, StoryVersion
from service.domain.provenance import Traced
from service.domain.registry import Registry
from service.flows.conclusions import trace_reports
from service.flows.corpus import Change, Corpus
from service.flows.memberships import Memberships
from service.flows.moments import Moment
from service.flows.story_changes import story_change
from service.flows.story_records import build_story
from service.ports import Ids, WriteSession


@dataclass(frozen=True, slots=True)
class Correction:
    """An editor's word is why stories change. `kept` is the id that survives where two become one."""

    kept: str | None = None


class Clusterer:
    """Owns the standing conclusions. One thread uses it."""

    def __init__(self, corpus: Corpus, registry: Registry, ids: Ids) -> None:
        self._corpus = corpus
        self.registry = registry
        self._ids = ids
        self.findings: dict[str, Findings] = {}
        self._memberships = Memberships(corpus)
        self._members: dict[str, set[str]] = {}

    def load(self, findings: Mapping[str, Findings]) -> None:
        for article_id, found in findings.items():
            self._stand(article_id, found)

    def story_of(self, article_id: str) -> str | None:
        found = self.findings.get(article_id)
        return found.story_id if found else None

    def members(self, story_id: str) -> frozenset[str]:
        """The ids of the articles that the story holds now."""
        return frozenset(self._members.get(story_id, ()))

    def preview(self, dirty: set[str]) -> tuple[Change, dict[str, Traced]]:
        """The conclusions around the dirty keys, without ids and without writing."""
        change = self._corpus.recompute(dirty)
        return change, trace_reports(self._corpus, self.registry, change.fresh)

    def settle(
        self,
        dirty: set[str],
        deleted: frozenset[str],
        session: WriteSession,
        moment: Moment,
        correction: Correction | None = None,
    ) -> list[NewChange]:
        """Recompute around `dirty` keys, write findings and stories, and say what became of the stories. `deleted` are ids of
        articles that went.
        """
        corpus = self._corpus
        left = frozenset(self.findings[a].story_id for a in deleted if a in self.findings)
        change, traced = self.preview(dirty)
        id_of = {key: corpus.entries[key].article.id for key in change.articles}
        articles = frozenset(id_of.values())
        before = {a: self.findings[a] for a in articles if a in self.findings}

        def new_id() -> str:
            return self._ids.new(moment.now)

        reports = [frozenset(id_of[key] for key in report) for report in change.reports]
        stories = [frozenset(id_of[key] for key in story) for story in change.stories]
        old_reports = {a: found.report_id for a, found in before.items()}
        old_stories = {a: found.story_id for a, found in before.items()}
        of_reports = assign(reports, old_reports, frozenset(old_reports.values()), new_id)
        kept = correction.kept if correction else None
        of_stories = assign(stories, old_stories, frozenset(old_stories.values()) | left, new_id, kept)
        report_of = {a: of_reports.ids[i] for i, members in enumerate(reports) for a in members}
        story_of = {a: of_stories.ids[i] for i, members in enumerate(stories) for a in members}
        memberships = {id_of[key]: one for story in change.stories for key, one in self._memberships.of_story(story).items()}
        changed: dict[str, Findings] = {}
        for article_id in sorted(articles):
            old = before.get(article_id)
            found = traced.get(article_id, old)
            if found is None:
                raise AssertionError(f"article {article_id} is in no report that was traced")
            new = Findings(
                report_of[article_id],
                story_of[article_id],
                found.derivation,
                found.origin,
                found.links,
                found.organisations,
                corpus.boilerplate_of(corpus.key_of[article_id]),
                corpus.touches_of(corpus.key_of[article_id]),
                memberships[article_id],
            )
            if new != old:
                changed[article_id] = new
        members_before = {story: self.members(story) for story in (*of_stories.ids, *of_stories.merged, *left)}
        for article_id in deleted & self.findings.keys():
            self._members[self.findings.pop(article_id).story_id].discard(article_id)
        for article_id, new in changed.items():
            self._stand(article_id, new)
        session.put_findings(changed)
        rerooted = {
            a: OriginChange(a, old.origin.node, self.findings[a].origin.node)
            for a, old in before.items()
            if old.origin.node != self.findings[a].origin.node
        }
        reread = frozenset(a for a, old in before.items() if _read_as(old) != _read_as(self.findings[a]))
        return self._write_stories(change, stories, of_stories, members_before, rerooted, reread, session, moment, correction)

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
        rerooted: Mapping[str, OriginChange],
        reread: frozenset[str],
        session: WriteSession,
        moment: Moment,
        correction: Correction | None,
    ) -> list[NewChange]:
        corpus = self._corpus
        told: list[NewChange] = []
        known = session.stories(sorted({*given.ids, *given.merged, *given.gone}))
        survivors: dict[str, list[str]] = {}
        for old, survivor in given.merged.items():
            survivors.setdefault(survivor, []).append(old)
        for index, story_id in enumerate(given.ids):
            keys = change.stories[index]
            reports = [report for report in change.reports if report <= keys]
            previous = known.get(story_id)
            story = build_story(story_id, reports, corpus, self.findings, previous, moment)
            had, has = members_before[story_id], stories[index]
            is_other_inside = bool(has & rerooted.keys() or has & reread)
            if previous is not None and had == has and not is_other_inside and _looks_same(previous, story):
                continue
            session.put_story(story)
            parts = [other for j, other in enumerate(given.ids) if other != story_id and story_id in given.origins[j]]
            kind = _change_of(
                previous is None, bool(survivors.get(story_id)), bool(given.origins[index] - {story_id}), bool(parts), had <= has
            )
            version = StoryVersion(
                story_id,
                story.version,
                moment.in_order,
                "corrected" if correction else kind,
                tuple(sorted(has - had)),
                tuple(sorted(had - has)),
                tuple(sorted(given.origins[index] - {story_id})),
                tuple(sorted(parts)),
                tuple(rerooted[a] for a in sorted(had & has & rerooted.keys())),
            )
            session.add_story_version(version)
            told.append(story_change("created" if previous is None else kind, version, story))
        ended = sorted({*given.merged, *given.gone} & known.keys())
        for old in ended:
            into, had_all = given.merged.get(old), members_before[old]
            told.append(self._close(known[old], into, had_all, session, moment, correction))
        return told

    def _close(
        self,
        story: Story,
        survivor: str | None,
        had: frozenset[str],
        session: WriteSession,
        moment: Moment,
        correction: Correction | None,
    ) -> NewChange:
        """The story lives on in another one, or holds no article any more."""
        version = story.version + 1
        ended = replace(story, version=version, updated_at=moment.in_order, merged_into=survivor)
        session.put_story(ended if survivor else replace(ended, counts=StoryCounts(0, 0, 0, 0), languages=(), organisations=()))
        change: StoryChange = "corrected" if correction else "merged" if survivor else "shrunk"
        into = (survivor,) if survivor else ()
        entry = StoryVersion(story.id, version, moment.in_order, change, articles_removed=tuple(sorted(had)), into_ids=into)
        session.add_story_version(entry)
        self._members.pop(story.id, None)
        return story_change("merged" if survivor else "deleted", entry, None)


def _looks_same(before: Story, after: Story) -> bool:
    return replace(after, version=0, updated_at=before.updated_at) == replace(before, version=0)


def _read_as(found: Findings) -> object:
    return found.boilerplate, found.touches


def _change_of(is_new: bool, has_merged: bool, came_from_others: bool, gave_away: bool, only_grew: bool) -> StoryChange:
    if is_new:
        return "split" if came_from_others else "created"
    if has_merged:
        return "merged"
    if gave_away:
        return "split"
    return "grown" if only_grew else "shrunk"
