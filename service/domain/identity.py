"""Which id a changed cluster keeps, so that a reader's stored ids go on meaning what they meant.

Pure: from the members before and after to an assignment. The part that holds most of the old articles keeps the id; where
clusters meet, the id with most articles in the union survives, the older (smaller) id on a tie.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Assignment:
    """`ids` in the order of the clusters given; `merged` maps each id that lost its place to the survivor that holds most of
    its articles, `gone` are ids whose articles are all away; `origins` says from which ids each cluster took articles.
    """

    ids: tuple[str, ...]
    fresh: frozenset[str]
    merged: Mapping[str, str]
    gone: frozenset[str]
    origins: tuple[frozenset[str], ...]


def assign(
    clusters: Sequence[frozenset[str]],
    before: Mapping[str, str],
    touched: frozenset[str],
    new_id: Callable[[], str],
    kept: str | None = None,
) -> Assignment:
    """`before` maps article ids to old cluster ids, `touched` are the old ids in question, `new_id` makes one. `kept` survives
    where it meets others, however small it is.
    """
    overlap = [Counter(before[a] for a in members if before.get(a) in touched) for members in clusters]
    claims = sorted(
        (
            (old != kept, -count, old, min(members), index)
            for index, (members, row) in enumerate(zip(clusters, overlap, strict=True))
            for old, count in row.items()
        )
    )
    chosen: dict[int, str] = {}
    holder: dict[str, int] = {}
    for *_, old, _, index in claims:
        if index not in chosen and old not in holder:
            chosen[index], holder[old] = old, index
    fresh: set[str] = set()
    for index in range(len(clusters)):
        if index not in chosen:
            chosen[index] = new_id()
            fresh.add(chosen[index])
    merged: dict[str, str] = {}
    gone: set[str] = set()
    for old in sorted(touched - holder.keys()):
        best = max(((row[old], -index) for index, row in enumerate(overlap) if row[old]), default=None)
        if best is None:
            gone.add(old)
        else:
            merged[old] = chosen[-best[1]]
    return Assignment(
        tuple(chosen[index] for index in range(len(clusters))),
        frozenset(fresh),
        merged,
        frozenset(gone),
        tuple(frozenset(row) for row in overlap),
    )
