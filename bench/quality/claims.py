"""Pairs of paragraphs that the service says carry the same copy, and what is true of them where the lineage is known.

Knows nothing of reports or sources.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.quality import sets
from bench.quality.pipeline import Body, Pipeline
from service.domain.models import COPY_KINDS, Article

Truth = Mapping[str, dict[str, Any]]


class Lineage:
    """Which wire paragraph each paragraph descends from."""

    def __init__(self, truth: Truth) -> None:
        self._truth = truth
        self._wires = {key: f"{t['story']}:wire" for key, t in truth.items() if t["parent"] is None}
        self._roots: dict[tuple[str, int], tuple[str, int]] = {}

    def of(self, key: str, paragraph: int) -> tuple[str, int]:
        article, index = self._root(key, paragraph)
        return self._wires.get(article, article), index

    def _root(self, key: str, paragraph: int) -> tuple[str, int]:
        here = (key, paragraph)
        if here not in self._roots:
            self._roots[here] = here
            for index, source, source_paragraph, _ in self._truth[key]["copied"]:
                if index == paragraph:
                    wire = (f"{self._truth[key]['story']}:wire", source_paragraph)
                    self._roots[here] = wire if source is None else self._root(source, source_paragraph)
        return self._roots[here]


@dataclass(slots=True)
class Claims:
    """Pairs of paragraphs said to carry the same copy: from which side, and confidence and correctness of each pair once."""

    by_article: dict[str, set[tuple[int, str, int]]] = field(default_factory=lambda: defaultdict(set))
    right: int = 0
    wrong: int = 0
    once: dict[frozenset[tuple[str, int]], tuple[float, bool]] = field(default_factory=dict)


def claims_of(
    pipeline: Pipeline,
    bodies: Sequence[Body],
    articles: Mapping[str, Article],
    key_of: Mapping[str, str],
    truth: Truth,
    half: Collection[str],
) -> Claims:
    lineage, claims = Lineage(truth), Claims()
    text = {body["external_id"]: body["paragraphs"] for body in bodies}
    grams: dict[tuple[str, int], set[tuple[str, ...]]] = {
        (key, i): trigrams(paragraph) for key, paragraphs in text.items() for i, paragraph in enumerate(paragraphs)
    }
    for key in half:
        article = articles[key]
        for match in pipeline.query.matches(article.id).items:
            other = key_of[match.article_id]
            for pair in match.pairs:
                if pair.kind not in COPY_KINDS:
                    continue
                here, there = (key, pair.paragraph), (other, pair.other_paragraph)
                claims.by_article[key].add((pair.paragraph, other, pair.other_paragraph))
                is_right = lineage.of(*here) == lineage.of(*there) or contained(grams[here], grams[there]) >= 0.5
                claims.right += is_right
                claims.wrong += not is_right
                claims.once[frozenset((here, there))] = (pair.confidence, is_right)
    return claims


def trigrams(text: str) -> set[tuple[str, ...]]:
    found = sets.words(text)
    return {tuple(found[k : k + 3]) for k in range(len(found) - 2)}


def contained(a: set[tuple[str, ...]], b: set[tuple[str, ...]]) -> float:
    """Share of the shorter text's word trigrams that stand in the other."""
    return len(a & b) / max(1, min(len(a), len(b)))
