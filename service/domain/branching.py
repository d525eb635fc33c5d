"""Maximum-weight branching: for each node at most one source, no cycles, greatest sum of weights.

Edmonds (1967), "Optimum branchings", in the contraction form of Chu and Liu. Deterministic: equal weights fall by name.
"""

from __future__ import annotations

from collections.abc import Mapping

Weights = Mapping[str, Mapping[str, float]]
"""Target -> source -> weight of the link."""


def maximum_branching(links: Weights) -> dict[str, str]:
    """Target -> chosen source. Links of weight 0 or less are never chosen; sources need not be targets themselves."""
    rows = {target: {s: w for s, w in row.items() if w > 0 and s != target} for target, row in links.items()}
    best = {target: min(row, key=lambda s: (-row[s], s)) for target, row in rows.items() if row}
    cycle = find_cycle(best)
    if cycle is None:
        return best
    inside = frozenset(cycle)
    knot = "\x00" + min(cycle)
    while knot in rows:
        knot = "\x00" + knot
    weakest = min(rows[node][best[node]] for node in cycle)
    # Every link into the cycle pays for the link of the cycle that it would replace; every link out of it leaves from the knot.
    entry: dict[str, tuple[float, str]] = {}
    leaving: dict[str, str] = {}
    contracted: dict[str, dict[str, float]] = {knot: {}}
    for target, row in sorted(rows.items()):
        if target in inside:
            for source, weight in row.items():
                if source not in inside:
                    gain = weight - row[best[target]] + weakest
                    if source not in entry or (-gain, target) < (-entry[source][0], entry[source][1]):
                        entry[source] = (gain, target)
            continue
        contracted[target] = {source: weight for source, weight in row.items() if source not in inside}
        through = {source: weight for source, weight in row.items() if source in inside}
        if through:
            leaving[target] = min(through, key=lambda s: (-through[s], s))
            contracted[target][knot] = through[leaving[target]]
    contracted[knot] = {source: gain for source, (gain, _) in entry.items()}
    solved = maximum_branching(contracted)
    chosen = {target: leaving[target] if source == knot else source for target, source in solved.items() if target != knot}
    broken = entry[solved[knot]][1] if knot in solved else min(cycle, key=lambda node: (rows[node][best[node]], node))
    chosen.update({node: best[node] for node in cycle if node != broken})
    if knot in solved:
        chosen[broken] = solved[knot]
    return chosen


def find_cycle(source_of: Mapping[str, str]) -> list[str] | None:
    """The nodes of a cycle in a map from node to source, or None."""
    settled: set[str] = set()
    for start in sorted(source_of):
        path: list[str] = []
        here: str | None = start
        while here is not None and here not in settled and here not in path:
            path.append(here)
            here = source_of.get(here)
        if here is not None and here in path:
            return path[path.index(here) :]
        settled.update(path)
    return None
