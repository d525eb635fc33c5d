"""Partitions of a weighted graph that depend on the graph alone: not on arrival, batch size, restarts or the order of a map.

Average linkage (Sokal and Michener 1958) with missing edges counting as 0: two clusters join while the mean weight between all
their members reaches the threshold, so that one strong bridge does not chain two groups together.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping

from service.domain.constraints import NEITHER, Sides, conflict

Edges = Mapping[str, Mapping[str, float]]


def components(seeds: Iterable[str], edges: Edges, least: float) -> list[frozenset[str]]:
    """Connected components, over edges of weight >= `least`, that hold one of the seeds."""
    seen: set[str] = set()
    found: list[frozenset[str]] = []
    for seed in sorted(seeds):
        if seed in seen:
            continue
        group, stack = {seed}, [seed]
        while stack:
            for other, weight in edges.get(stack.pop(), {}).items():
                if weight >= least and other not in group:
                    group.add(other)
                    stack.append(other)
        seen |= group
        found.append(frozenset(group))
    return found


def average_linkage(
    members: Iterable[str], edges: Edges, threshold: float, sides: Mapping[str, Sides] | None = None
) -> list[frozenset[str]]:
    """Clusters of `members`, each sorted list of merges decided by (weight, smallest keys): O(E log E) in the edges among them.

    `members` are keys that sort the same way whenever the same set is clustered; ties fall by key. No cluster holds two members
    on opposite `sides`.
    """
    order = sorted(members)
    apart = {i: sides.get(key, NEITHER) for i, key in enumerate(order)} if sides else {}
    clusters: dict[int, frozenset[str]] = {i: frozenset((key,)) for i, key in enumerate(order)}
    position = {key: i for i, key in enumerate(order)}
    sums: dict[int, dict[int, float]] = {i: {} for i in clusters}
    heap: list[tuple[float, str, str, int, int]] = []
    for i, key in enumerate(order):
        for other, weight in sorted(edges.get(key, {}).items()):
            j = position.get(other)
            if j is not None and i < j:
                sums[i][j] = sums[j][i] = weight
                if weight >= threshold:
                    heap.append((-weight, key, other, i, j))
    heapq.heapify(heap)
    smallest = dict(enumerate(order))
    following = len(order)
    while heap:
        _, _, _, i, j = heapq.heappop(heap)
        # What is kept apart stays apart however the two sides grow, so the pair need not come again.
        if i not in clusters or j not in clusters or (apart and conflict(apart[i], apart[j])):
            continue
        union = clusters.pop(i) | clusters.pop(j)
        first = min(smallest[i], smallest[j])
        row: dict[int, float] = {}
        for old in (i, j):
            for neighbour, total in sums.pop(old).items():
                if neighbour in clusters:
                    row[neighbour] = row.get(neighbour, 0.0) + total
                    sums[neighbour].pop(old, None)
        clusters[following], smallest[following], sums[following] = union, first, row
        if apart:
            apart[following] = apart[i] | apart[j]
        for neighbour, total in row.items():
            sums[neighbour][following] = total
            mean = total / (len(union) * len(clusters[neighbour]))
            if mean >= threshold:
                a, b = sorted((first, smallest[neighbour]))
                heapq.heappush(heap, (-mean, a, b, min(neighbour, following), max(neighbour, following)))
        following += 1
    return sorted(clusters.values(), key=min)
