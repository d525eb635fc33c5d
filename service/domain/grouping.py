"""Parts of a weighted graph that can be clustered each for itself, however large the graph grows.

A part is a connected component over strong enough edges. What is strong enough rises, step by step, where a component would hold
too many: in dense regions weak edges join everything with everything. The parts are a function of the graph alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

Edges = Mapping[str, Mapping[str, float]]


def part(seed: str, edges: Edges, bars: Sequence[float], most: int, crowded: Mapping[float, set[str]]) -> frozenset[str]:
    """The component of `seed` over edges of the lowest of the rising `bars` at which it has at most `most` members; of the last
    bar where none will do. `crowded` remembers, for one state of the graph, who is in a component that is too large.
    """
    for bar in bars[:-1]:
        found = _component(seed, edges, bar, most, crowded[bar])
        if found is not None:
            return found
    whole = _component(seed, edges, bars[-1], len(edges) + 1, set())
    assert whole is not None
    return whole


def _component(seed: str, edges: Edges, bar: float, most: int, crowded: set[str]) -> frozenset[str] | None:
    """None when it has more than `most` members; then those seen are `crowded`."""
    seen, stack = {seed}, [seed]
    while stack:
        here = stack.pop()
        if here in crowded or len(seen) > most:
            crowded |= seen
            return None
        for other, weight in edges.get(here, {}).items():
            if weight >= bar and other not in seen:
                seen.add(other)
                stack.append(other)
    if len(seen) > most:
        crowded |= seen
        return None
    return frozenset(seen)


class Parts:
    """The parts of a graph that changes, kept up with a cost bounded by `most` and the number of neighbours."""

    def __init__(self, bars: Sequence[float], most: int) -> None:
        """`bars` rise."""
        self._bars = tuple(bars)
        self._most = most
        self._part_of: dict[str, frozenset[str]] = {}

    def of(self, name: str) -> frozenset[str]:
        """The part of a node at the last renewal."""
        return self._part_of.get(name, frozenset())

    def renew(self, edges: Edges, changed: Iterable[str], near: Iterable[str]) -> list[frozenset[str]]:
        """Every part that may have come or changed since the last call, each sorted by its first member.

        `changed`: nodes that came, went (they are no keys of `edges` any more) or whose edges changed. `near`: the neighbours, by
        edges of the lowest bar or more, that they had or have.
        """
        crowded: dict[float, set[str]] = {bar: set() for bar in self._bars}
        dirty = set(changed)
        waiting = [*dirty, *near]
        for name in dirty:
            waiting.extend(self._part_of.get(name, ()))
        found: dict[str, frozenset[str]] = {}
        while waiting:
            name = waiting.pop()
            if name in found or name not in edges:
                continue
            group = part(name, edges, self._bars, self._most, crowded)
            for member in group:
                found[member] = group
            if group != self._part_of.get(name) or not dirty.isdisjoint(group):
                for member in group:
                    waiting.extend(self._part_of.get(member, ()))
        renewed = {group for name, group in found.items() if group != self._part_of.get(name) or not dirty.isdisjoint(group)}
        for name in dirty:
            if name not in edges:
                self._part_of.pop(name, None)
        for group in renewed:
            for member in group:
                self._part_of[member] = group
        return sorted(renewed, key=min)
