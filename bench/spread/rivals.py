"""The obvious ways to name an article's direct source, each with the true reports given, which no real service has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz.distance import Indel

Answers = dict[str, set[str]]
"""Direct sources by article: keys of articles, or `org:` and the key of a name."""

EARLIEST = "earliest claimed time"
SIMILAR = "similarity, credits, arrival; reports given"
WHY: Mapping[str, str] = {
    EARLIEST: "the earliest article of the report, by the time it claims",
    SIMILAR: "edit similarity, credits and order of arrival, with the true reports given",
}


@dataclass(frozen=True, slots=True)
class Filed:
    """An article as these methods see it, in order of arrival. `house` and the credits read from its text are keys of names."""

    key: str
    report: str
    house: str
    claimed: Any
    words: Sequence[str]
    names: frozenset[str]


def answers(articles: Sequence[Filed]) -> dict[str, Answers]:
    """Both methods, by name."""
    return {EARLIEST: earliest(articles), SIMILAR: similarity(articles)}


def earliest(articles: Sequence[Filed]) -> Answers:
    """Everything in a report comes from the article that claims the earliest time; articles without one are never first."""
    found: Answers = {}
    for members in _reports(articles):
        timed = [a for a in members if a.claimed is not None]
        first = min(timed, key=lambda a: (a.claimed, a.key)) if timed else None
        found |= {a.key: {first.key} if first and first is not a else set() for a in members}
    return found


def similarity(articles: Sequence[Filed]) -> Answers:
    """The earlier arrival with the most equal words, unless a credit names another."""
    found: Answers = {}
    for members in _reports(articles):
        for number, a in enumerate(members):
            names = a.names - {a.house}
            present = [b for b in members if b is not a and b.house in names]
            earlier = present or ([] if names else members[:number])
            if earlier:
                best = max(earlier, key=lambda b: Indel.normalized_similarity(a.words, b.words))
                found[a.key] = {best.key}
            else:
                found[a.key] = {f"org:{name}" for name in sorted(names)[:1]}
    return found


def _reports(articles: Sequence[Filed]) -> list[list[Filed]]:
    reports: dict[str, list[Filed]] = defaultdict(list)
    for article in articles:
        reports[article.report].append(article)
    return list(reports.values())
