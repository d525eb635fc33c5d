"""Passages of a story: the classes of body paragraphs that carry the same copy.

Two paragraphs are in one class when they hold the same unit, or units that are a copy pair, directly or over others. A function
of the story's articles and the pairs, never of their order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from service.domain.models import COPY_KINDS, Article, UnitPair

Place = tuple[str, int]
"""Article id and paragraph index."""


def body_units(articles: Iterable[Article]) -> dict[Place, tuple[str, ...]]:
    """Unit keys of every body paragraph that has any."""
    found: dict[Place, tuple[str, ...]] = {}
    for article in articles:
        roles = {paragraph.index: paragraph.role for paragraph in article.reading.paragraphs}
        for unit in article.units:
            if roles.get(unit.paragraph) == "body":
                place = article.id, unit.paragraph
                found[place] = (*found.get(place, ()), unit.key)
    return found


def passage_ids(units: Mapping[Place, tuple[str, ...]], links: Iterable[tuple[str, str]]) -> dict[Place, str]:
    """Place -> id of its passage: the smallest unit key of the class. `links` are the unit keys of copy pairs."""
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        parent.setdefault(key, key)
        while parent[key] != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    def join(a: str, b: str) -> None:
        first, second = sorted((root(a), root(b)))
        # The smaller key stays the root, so the root is the smallest of the class whatever the order.
        parent[second] = first

    for keys in units.values():
        for key in keys:
            join(keys[0], key)
    for first, second in links:
        # Only units of this story: a pair that leaves it must not bridge two of its passages.
        if first in parent and second in parent:
            join(first, second)
    return {place: root(keys[0]) for place, keys in units.items()}


def copy_links(pairs: Iterable[UnitPair]) -> Iterator[tuple[str, str]]:
    return ((pair.a, pair.b) for pair in pairs if pair.kind in COPY_KINDS)


def classes(ids: Mapping[Place, str]) -> dict[str, list[Place]]:
    """Passage id -> its places, sorted."""
    found: dict[str, list[Place]] = defaultdict(list)
    for place in sorted(ids):
        found[ids[place]].append(place)
    return dict(found)
