"""The graph of reports that may be of one event, and the stories that follow from it.

Reports are named by their caller. A cache of a function of the reports held; asks for chances and never judges texts itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from service.domain.changes import Constraint
from service.domain.clustering import average_linkage
from service.domain.constraints import sides_of, unite
from service.domain.grouping import Parts
from service.ports import VectorIndex

_COSINE = 0.25
"""Least cosine of two reports' mean vectors at which they can be one story."""
_LEAST_CHANCE = 0.05
"""A smaller chance counts as none, so that the graph holds what matters."""
_MOST_TOGETHER = 200
_STEPS = 6
"""More reports than these are not clustered together if edges that are stronger by a step part them."""


class StoryGraph:
    """One thread uses it."""

    def __init__(self, index: VectorIndex, threshold: float, articles_of: Callable[[str], frozenset[str]]) -> None:
        """`threshold` is the mean chance at which reports are one story; `articles_of` gives the article ids of a report."""
        self._index = index
        self._threshold = threshold
        self._articles_of = articles_of
        self._constraints: tuple[Constraint, ...] = ()
        self.related: dict[str, dict[str, float]] = {}
        self.story_of: dict[str, str] = {}
        self.stories: dict[str, frozenset[str]] = {}
        self._numbers: dict[str, int] = {}
        self._names: dict[int, str] = {}
        self._following = 0
        self._parts = Parts([threshold + step * (1 - threshold) / _STEPS for step in range(_STEPS)], _MOST_TOGETHER)
        self._changed: set[str] = set()
        self._near: set[str] = set()

    def __len__(self) -> int:
        return len(self._index)

    def constrain(self, constraints: Sequence[Constraint]) -> None:
        """Keep an editor's word, all of it, from the next recomputation on."""
        self._constraints = tuple(constraints)

    def is_said_to_join(self, name: str, names: Sequence[str]) -> bool:
        """Whether an editor's word joins this report with another one of these."""
        articles = self._articles_of(name)
        others = frozenset[str]().union(*(self._articles_of(other) for other in names if other != name))
        return any(
            one.kind == "must_link"
            and (
                not (articles.isdisjoint(one.articles) or others.isdisjoint(one.others))
                or not (articles.isdisjoint(one.others) or others.isdisjoint(one.articles))
            )
            for one in self._constraints
        )

    def companions(self, name: str) -> frozenset[str]:
        """The reports that were in one story with this one at the last recomputation, itself among them."""
        return self.stories.get(self.story_of.get(name, ""), frozenset())

    def put(self, name: str, vector: npt.NDArray[np.float32], chance: Callable[[str], float | None]) -> None:
        """A report, by the mean vector of what stands for it; `chance` of its being of one event with another report, None where
        that is out of the question.
        """
        row: dict[str, float] = {}
        query = vector[np.newaxis, :]
        for number, _ in self._index.within(query, _COSINE)[0]:
            other = self._names[number]
            found = chance(other)
            if found is not None and found >= _LEAST_CHANCE:
                row[other] = self.related[other][name] = found
        self.related[name] = row
        number = self._following
        self._following += 1
        self._numbers[name], self._names[number] = number, name
        self._index.add([number], query)
        self._note(name, row)

    def forget(self, name: str) -> None:
        number = self._numbers.pop(name)
        del self._names[number]
        self._index.remove([number])
        row = self.related.pop(name)
        for other in row:
            self.related[other].pop(name, None)
        self._note(name, row)

    def _note(self, name: str, row: Mapping[str, float]) -> None:
        """A report came or went; until the next recomputation."""
        self._changed.add(name)
        self._near.update(other for other, chance in row.items() if chance >= self._threshold)

    def recompute(self, seeds: set[str], report_of: Callable[[str], str | None]) -> list[frozenset[str]]:
        """Stories (sets of reports) of every part that changed or holds a seed. `report_of` gives the report of an article id."""
        threshold, said = self._threshold, self._constraints
        parts = self._touched_parts(seeds, report_of)
        touched = {name for group in parts for name in group}
        sides = {name: stand for name in touched if (stand := sides_of(self._articles_of(name), said))} if said else {}
        found: list[frozenset[str]] = []
        for group in parts:
            found.extend(average_linkage(group, self.related, threshold, sides))
        if said:
            found = unite(found, {name: self._articles_of(name) for name in touched}, said)
        gone, self._changed, self._near = self._changed - self.related.keys(), set(), set()
        for name in (*gone, *(name for story in found for name in story)):
            self.stories.pop(self.story_of.pop(name, ""), None)
        for story in found:
            self.stories[min(story)] = story
            for name in story:
                self.story_of[name] = min(story)
        return found

    def _touched_parts(self, seeds: set[str], report_of: Callable[[str], str | None]) -> list[frozenset[str]]:
        """The parts that changed or hold a seed, and those that an editor's word ties to them."""
        changed = self._changed | seeds
        parts = set(self._parts.renew(self.related, changed, self._near))
        touched = {name for group in parts for name in group}
        reached = changed | touched
        while self._constraints:
            near = {name for t in reached for name in self.companions(t)} | self._constrained_with(reached, report_of)
            more = (near & self.related.keys()) - touched
            if not more:
                break
            parts |= {self._parts.of(name) for name in more}
            touched = {name for group in parts for name in group}
            reached |= touched
        return sorted(parts, key=min)

    def _constrained_with(self, names: set[str], report_of: Callable[[str], str | None]) -> set[str]:
        found: set[str] = set()
        for one in self._constraints:
            named = {report for article in (*one.articles, *one.others) if (report := report_of(article)) is not None}
            if not named.isdisjoint(names):
                found |= named
        return found
