"""The obvious ways to name an article's direct source, each with the true reports given, which no real service has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from rapidfuzz.distance import Indel

from bench.spread.articles import Article

Named = Mapping[str, set[str]]
Answers = dict[str, set[str]]


def earliest(articles: Sequence[Article], time: Callable[[Article], object]) -> Answers:
    """Everything in a report comes from the article with the least `time`; articles without one are never first."""
    reports = _reports(articles)
    found: Answers = {}
    for members in reports.values():
        timed = [a for a in members if time(a) is not None]
        first = min(timed, key=lambda a: (time(a), a.key)) if timed else None
        found |= {a.key: {first.key} if first and first is not a else set() for a in members}
    return found


def similarity(articles: Sequence[Article], credited: Named) -> Answers:
    """The earlier arrival with the most equal words, unless a credit names another; `credited` are names read from each text."""
    found: Answers = {}
    for members in _reports(articles).values():
        words = {a.key: " ".join(p.text() for p in a.body).split() for a in members}
        for number, a in enumerate(members):
            names = credited[a.key] - {a.house.name}
            present = [b for b in members if b is not a and b.house.name in names]
            earlier = present or ([] if names else members[:number])
            if earlier:
                best = max(earlier, key=lambda b: Indel.normalized_similarity(words[a.key], words[b.key]))
                found[a.key] = {best.key}
            else:
                found[a.key] = {f"org:{name}" for name in sorted(names)[:1]}
    return found


def _reports(articles: Sequence[Article]) -> dict[str, list[Article]]:
    reports: dict[str, list[Article]] = defaultdict(list)
    for article in articles:
        reports[article.report].append(article)
    return reports
