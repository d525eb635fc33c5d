"""An editor's word kept by every clustering: stories that are one, and stories that are not, whatever the evidence says.

Pure, and a function of the articles held and the constraints: reports are never cut, and of two constraints that contradict
each other the later one counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from service.domain.changes import Constraint

Sides = frozenset[tuple[str, bool]]
"""Constraint id and which side of it; a cluster never holds both sides of one."""

NEITHER: Sides = frozenset()


def sides_of(articles: Iterable[str], constraints: Sequence[Constraint]) -> Sides:
    """Where a report with these article ids stands: on the side that names most of its articles, the first one on a tie."""
    held = frozenset(articles)
    found: set[tuple[str, bool]] = set()
    for one in constraints:
        if one.kind == "cannot_link":
            named, other = len(held.intersection(one.articles)), len(held.intersection(one.others))
            if named or other:
                found.add((one.id, named >= other))
    return frozenset(found)


def conflict(a: Sides, b: Sides) -> bool:
    return any((name, not side) in b for name, side in a)


def unite(
    clusters: Sequence[frozenset[str]], articles: Mapping[str, frozenset[str]], constraints: Sequence[Constraint]
) -> list[frozenset[str]]:
    """Clusters of reports after the forced unions. `articles` gives the article ids of a report.

    A must-link joins the cluster that holds most of its one side with the one that holds most of the other, latest word first; it
    gives way to a cannot-link said after it.
    """
    found: dict[int, frozenset[str]] = dict(enumerate(clusters))
    cannot = [one for one in constraints if one.kind == "cannot_link"]
    for word in sorted((one for one in constraints if one.kind == "must_link"), key=lambda one: one.id, reverse=True):
        later = [one for one in cannot if one.id > word.id]
        pair = _pair(found, articles, word, later)
        if pair is not None and pair[0] != pair[1]:
            found[pair[0]] |= found.pop(pair[1])
    return sorted(found.values(), key=min)


def _pair(
    clusters: Mapping[int, frozenset[str]], articles: Mapping[str, frozenset[str]], word: Constraint, later: Sequence[Constraint]
) -> tuple[int, int] | None:
    """The two clusters that a must-link means, fullest first, that no later word keeps apart."""
    counts = [_counts(clusters, articles, side) for side in (word.articles, word.others)]
    candidates = sorted(
        (-(counts[0][a] + counts[1][b]), min(clusters[a]), min(clusters[b]), a, b) for a in counts[0] for b in counts[1]
    )
    for *_, a, b in candidates:
        if a == b or not any(
            conflict(sides_of(articles[one], later), sides_of(articles[two], later)) for one in clusters[a] for two in clusters[b]
        ):
            return a, b
    return None


def _counts(clusters: Mapping[int, frozenset[str]], articles: Mapping[str, frozenset[str]], named: Sequence[str]) -> Counter[int]:
    wanted = frozenset(named)
    found: Counter[int] = Counter()
    for index, reports in clusters.items():
        held = sum(len(articles[report] & wanted) for report in reports)
        if held:
            found[index] = held
    return found
