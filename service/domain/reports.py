"""Reports: which articles carry one piece of reporting, from how much of each stands in the others.

Copy decides, nothing else. An article that takes from several reports that share nothing with each other belongs to the one it
takes most from, or, when no source dominates, to none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from service.domain.clustering import average_linkage
from service.domain.fragments import MOSTLY_CARRIED, REPORT_PART
from service.domain.refilling import Refilled

REPORT_THRESHOLD = REPORT_PART
"""Mean shared part at which two groups of articles are one report."""
RAW_THRESHOLD = 0.12
"""Weakest shared part that counts at all."""
_ATTESTED_WEIGHT = 0.36
_DOMINANT_SHARE = 0.3
"""Least part of an article's body that its main source must supply when it has several unrelated ones."""
_SEVERAL = 3
_WHOLE_ROUNDUP = 0.75


@dataclass(frozen=True, slots=True)
class Shares:
    """Part of an article's body that stands in another (`mine`), and of the other's that stands in it (`theirs`).

    The agreements weigh the same parts by how much of the wording is equal: what a copy of a copy keeps of the first edits.
    """

    mine: float
    theirs: float
    mine_agreement: float = 0.0
    theirs_agreement: float = 0.0
    is_attested: bool = False
    """Both credit one agency, and what they share of its copy leads both: two cuts of one file that overlap little."""
    has_lead: bool = False
    """The beginning of the other's body stands in this one's."""
    lead_held: bool = False
    """The beginning of this one's body stands in the other's."""
    is_form: bool = False
    """They share no more than a form that each fills in; such copy makes no report."""
    refilled: Refilled = Refilled.NOT
    """How far they say the same with other figures and names."""
    are_issues: bool = False
    """As other articles show, they are two issues of a form."""
    is_fragment: bool = False
    """They share no more than a fragment in the news of two; it is copy, and makes no report either."""
    is_retold: bool = False
    """One of them retells the other, so that retellings and likenesses count like copy."""

    def reversed(self) -> Shares:
        return Shares(
            self.theirs,
            self.mine,
            self.theirs_agreement,
            self.mine_agreement,
            self.is_attested,
            has_lead=self.lead_held,
            lead_held=self.has_lead,
            is_form=self.is_form,
            refilled=self.refilled,
            are_issues=self.are_issues,
            is_fragment=self.is_fragment,
            is_retold=self.is_retold,
        )

    @property
    def weight(self) -> float:
        """How far they are one report by what they share."""
        return 0.0 if self.is_fragment else self.copied

    @property
    def copied(self) -> float:
        """How much of what they share is copy, whatever it makes of them."""
        return 0.0 if self.is_form or self.are_issues else self.overlap

    @property
    def overlap(self) -> float:
        return max(self.mine, self.theirs, _ATTESTED_WEIGHT if self.is_attested else 0.0)


SharedGraph = Mapping[str, Mapping[str, Shares]]


def partition_reports(
    members: Iterable[str], shared: SharedGraph, roundups: Collection[str] = frozenset()
) -> list[frozenset[str]]:
    """Split a connected set of articles into reports. Depends on the graph alone. `roundups` carry copy of many events; nothing
    is a report with them but a copy of the whole roundup.
    """
    names = sorted(members)
    if len(names) == 1:
        return [frozenset(names)]
    edges: dict[str, dict[str, float]] = {name: {} for name in names}
    dropped = {name: _sources_apart(name, shared, roundups) for name in names}
    related = {name: {other: s for other, s in shared.get(name, {}).items() if s.weight >= REPORT_THRESHOLD} for name in names}
    files = {name: related[name].keys() - roundups for name in names}
    whole = {name: {file for file in files[name] if related[name][file].mine >= MOSTLY_CARRIED} for name in names}
    for name in names:
        for other, shares in shared.get(name, {}).items():
            if other in edges and other not in dropped[name] and name not in dropped[other]:
                # Of two cuts of one file, one that is nothing else has no news of its own beside what they have in common.
                is_cut = shares.is_fragment and not (
                    whole[name].isdisjoint(files[other]) and whole[other].isdisjoint(files[name])
                )
                edges[name][other] = shares.copied if is_cut else shares.weight
    return average_linkage(names, edges, REPORT_THRESHOLD)


def _sources_apart(name: str, shared: SharedGraph, roundups: Collection[str]) -> frozenset[str]:
    """Neighbours that are no report with `name`, whatever they share."""
    row = shared.get(name, {})
    if name in roundups:
        return frozenset(other for other, s in row.items() if other not in roundups or s.weight < _WHOLE_ROUNDUP)
    return _unrelated_sources(name, shared, roundups) | frozenset(other for other in row if other in roundups)


def _unrelated_sources(name: str, shared: SharedGraph, roundups: Collection[str]) -> frozenset[str]:
    """Neighbours whose copy in `name` comes from another report than its main source's; all of them where no source dominates."""
    row = shared.get(name, {})
    # A roundup shares copy with many and would make one group of them.
    neighbours = {other: s for other, s in row.items() if s.weight >= RAW_THRESHOLD and other not in roundups}
    groups = _related(neighbours, shared)
    if len(groups) < 2:
        return frozenset()
    strength = sorted(((max(neighbours[n].mine for n in group), min(group)) for group in groups), reverse=True)
    by_first = {min(group): group for group in groups}
    is_mixture = len(groups) >= _SEVERAL and strength[0][0] < _DOMINANT_SHARE
    keep = frozenset() if is_mixture else by_first[strength[0][1]]
    return frozenset(neighbours) - keep


def _related(neighbours: Mapping[str, Shares], shared: SharedGraph) -> list[frozenset[str]]:
    """Neighbours grouped by copy among themselves: two cuts of one file may have no more than a fragment in common."""
    left = set(neighbours)
    groups: list[frozenset[str]] = []
    for start in sorted(neighbours):
        if start not in left:
            continue
        group, stack = {start}, [start]
        left.discard(start)
        while stack:
            for other, shares in shared.get(stack.pop(), {}).items():
                if other in left and shares.copied >= RAW_THRESHOLD:
                    left.discard(other)
                    group.add(other)
                    stack.append(other)
        groups.append(frozenset(group))
    return groups


def representative(members: Iterable[str], shared: SharedGraph, size: Mapping[str, int]) -> str:
    """The article that holds most of what the others carry; the shortest, then the smallest key, among equals."""
    names = sorted(members)

    def held(name: str) -> float:
        row = shared.get(name, {})
        return round(sum(row[other].theirs for other in names if other in row), 6)

    return min(names, key=lambda name: (-held(name), size[name], name))
