"""Which articles are one report and which reports one story, kept up to date around what changed.

A cache of a function of the entries and of what they share; the same for every order in which they came. Never looks at a text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import timedelta

from service.domain.changes import Constraint
from service.domain.clustering import components
from service.domain.reports import RAW_THRESHOLD, Shares, partition_reports, representative
from service.domain.roundups import events_touched
from service.flows.entries import Entry, is_in_window
from service.flows.story_graph import StoryGraph
from service.ports import VectorIndex

_SAME_EVENT = 0.2
"""From this chance on, two articles that a third one touches may be about one event; then it is no roundup for touching both."""


@dataclass(frozen=True, slots=True)
class Change:
    """The touched part after a recomputation: its reports and stories as sets of article keys; `fresh` are the reports whose
    members, or the sources of whose members, may have changed.
    """

    articles: frozenset[str]
    reports: tuple[frozenset[str], ...]
    stories: tuple[frozenset[str], ...]
    fresh: tuple[frozenset[str], ...]


class Partitions:
    """One thread uses it. `entries` are the articles held, `shared` what each shares with others."""

    def __init__(
        self,
        entries: Mapping[str, Entry],
        shared: Mapping[str, Mapping[str, Shares]],
        chance: Callable[[Entry, Entry], float],
        report_index: VectorIndex,
        story_threshold: float,
        window: timedelta,
    ) -> None:
        """`chance`: that two articles are of one event. `story_threshold`: the mean of it at which reports are one story."""
        self._entries = entries
        self._shared = shared
        self._chance = chance
        self._window = window
        self.report_of: dict[str, str] = {}
        self.reports: dict[str, frozenset[str]] = {}
        self.representatives: dict[str, str] = {}
        self.roundups: dict[str, tuple[str, ...]] = {}
        """Articles that touch several events, each with one article for each event."""
        self.story_graph = StoryGraph(report_index, story_threshold, self.ids_of)

    def leave(self, key: str) -> set[str]:
        """An article goes; returns the articles that were with it, as far as they are still there."""
        self.roundups.pop(key, None)
        name = self.report_of.pop(key, None)
        if name is None:
            return set()
        companions = self.story_graph.companions(name) - {name}
        # A companion may have gone before, when several articles go between two recomputations.
        left = set(self.reports[name]) | {min(self.reports[r]) for r in companions if r in self.reports}
        self._forget_report(name)
        return left & self._entries.keys()

    def recompute(self, dirty: set[str], recast: AbstractSet[str], report_of_article: Callable[[str], str | None]) -> Change:
        """Bring reports and stories up to date around the articles named by `dirty`, and say what is in the touched part.
        `recast` are those of them whose bodies are read in another way now; `report_of_article`: the report of an article id.
        """
        recast = recast | self._review_roundups(dirty & self._entries.keys())
        dirty = dirty | recast
        # By all copy, also where it makes no report: an article's sources may stand in other reports than its own.
        rows = self._touched_rows(dirty)
        touched = set(rows)
        # An article that left a report leaves its old companions to be looked at again.
        touched |= {
            m for key in touched if key in self.report_of for m in self.reports[self.report_of[key]] if m in self._entries
        }
        old_reports = {self.report_of[key] for key in touched if key in self.report_of}
        new_reports: list[frozenset[str]] = []
        if not touched <= rows.keys():
            rows |= self._touched_rows(touched)
        weights = {key: {other: s.weight for other, s in row.items()} for key, row in rows.items()}
        for group in components(touched, weights, RAW_THRESHOLD):
            new_reports.extend(partition_reports(group, self._shared, self.roundups.keys()))
        story_seeds = {other for name in old_reports for other in self.story_graph.companions(name)} - old_reports
        unchanged = {
            name
            for name in old_reports
            if (members := self.reports[name]) in new_reports and name == min(members) and recast.isdisjoint(members)
        }
        for name in old_reports - unchanged:
            self._forget_report(name)
        for members in new_reports:
            name = min(members)
            if name not in unchanged:
                self._remember_report(name, members)
        around = {other for key in dirty & self._entries.keys() for other in self._shared[key]} | dirty
        seeds = {min(members) for members in new_reports} | (story_seeds & self.reports.keys())
        stories = self.story_graph.recompute(seeds, report_of_article)
        reports = {name for story in stories for name in story}
        articles = frozenset(key for name in reports for key in self.reports[name])
        return Change(
            articles,
            tuple(self.reports[name] for name in sorted(reports)),
            tuple(frozenset(key for name in story for key in self.reports[name]) for story in stories),
            tuple(members for members in new_reports if min(members) not in unchanged or not members.isdisjoint(around)),
        )

    def touches(self, key: str) -> dict[str, float]:
        """Of a roundup: one article for each event, and the part of the body that it shares with it, fullest first."""
        return {other: self._shared[key][other].mine for other in self.roundups.get(key, ())}

    def ids_of(self, name: str) -> frozenset[str]:
        """Article ids of a report."""
        return frozenset(self._entries[key].article.id for key in self.reports[name])

    def constrain(self, constraints: Sequence[Constraint]) -> None:
        """Keep an editor's word, all of it, from the next recomputation on."""
        self.story_graph.constrain(constraints)

    def _review_roundups(self, dirty: AbstractSet[str]) -> set[str]:
        """Look at these articles and those that share anything with them: which of them touch other events now."""
        changed: set[str] = set()
        for key in dirty | {other for one in dirty for other in self._shared[one]}:
            events = events_touched(key, self._shared, self._is_one_event)
            before = self.roundups.pop(key, ())
            if events:
                self.roundups[key] = events
            if events != before:
                changed.add(key)
        return changed

    def _is_one_event(self, a: str, b: str) -> bool:
        return self._chance(self._entries[a], self._entries[b]) >= _SAME_EVENT

    def _touched_rows(self, dirty: set[str]) -> dict[str, Mapping[str, Shares]]:
        """The rows of the shared graph that can be reached from `dirty`."""
        rows: dict[str, Mapping[str, Shares]] = {}
        stack = [key for key in dirty if key in self._entries]
        while stack:
            key = stack.pop()
            if key in rows:
                continue
            rows[key] = self._shared[key]
            stack.extend(other for other, s in rows[key].items() if other not in rows and s.copied >= RAW_THRESHOLD)
        return rows

    def _forget_report(self, name: str) -> None:
        for key in self.reports.pop(name):
            if self.report_of.get(key) == name:
                del self.report_of[key]
        self.representatives.pop(name)
        self.story_graph.forget(name)

    def _remember_report(self, name: str, members: frozenset[str]) -> None:
        self.reports[name] = members
        for key in members:
            self.report_of[key] = name
        sizes = {key: self._entries[key].characters for key in members}
        self.representatives[name] = representative(members, self._shared, sizes)
        entry = self._entries[self.representatives[name]]

        def chance(other_name: str) -> float | None:
            other = self._entries[self.representatives[other_name]]
            # A roundup is about no event, so it is of one event with nothing.
            may_be = not {entry.key, other.key} & self.roundups.keys() and is_in_window(entry, other, self._window)
            return self._chance(entry, other) if may_be else None

        self.story_graph.put(name, entry.profile.mean_vector, chance)
