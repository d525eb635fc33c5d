"""The real parts of the pipeline without a model, for the tests of the flows."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from service.domain.models import Article
from service.domain.tokens import surface
from service.embed.hashing import HashingEncoder
from service.flows.corpus import Corpus
from service.flows.preparing import Prepared
from service.index.exact import ExactIndex
from service.registry_files import load_registry
from service.resources import load_weights

ENCODER = HashingEncoder()
WEIGHTS = load_weights()
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


class Index(ExactIndex):
    """The exact index with what the port asks of one that can be opened."""

    def open(self, rows: Any) -> None:
        for key, vector in rows():
            self.add([key], vector[np.newaxis, :])

    def save(self) -> bool:
        return False


def new_corpus(window_days: float = 14) -> Corpus:
    size = ENCODER.dimension
    return Corpus(WEIGHTS, load_registry(), Index(size), Index(size), timedelta(days=window_days), size)


def embed(texts: Iterable[str]) -> np.ndarray:
    """float16, shape (n, dimension)."""
    return ENCODER.encode([surface(text) for text in texts]).astype(np.float16)


def vectors_of(ready: Prepared) -> dict[str, np.ndarray]:
    return dict(zip(ready.texts, embed(ready.texts.values()), strict=True))


def article_of(name: str, sequence: int, ready: Prepared) -> Article:
    at = NOON + timedelta(seconds=sequence)
    return Article(name, sequence, ready.content, ready.reading, ready.units, ready.content_hash, at, 1)


@dataclass(frozen=True)
class Shelf:
    """Articles with their vectors, by name."""

    articles: Mapping[str, Article]
    vectors: Mapping[str, dict[str, np.ndarray]]

    @classmethod
    def of(cls, ready: Mapping[str, Prepared]) -> Shelf:
        """The articles in this order."""
        return cls(
            {name: article_of(name, number, one) for number, (name, one) in enumerate(ready.items(), 1)},
            {name: vectors_of(one) for name, one in ready.items()},
        )

    def add(self, corpus: Corpus, name: str) -> str:
        """The article's key; nothing is recomputed."""
        corpus.add(self.articles[name], self.vectors[name])
        return corpus.key_of[name]

    def filled(self, names: Iterable[str], every: int = 1) -> Corpus:
        """A corpus that took the articles in this order and recomputed after each `every`."""
        corpus, dirty = new_corpus(), set[str]()
        for number, name in enumerate(names, 1):
            dirty.add(self.add(corpus, name))
            if number % every == 0:
                corpus.recompute(dirty)
                dirty = set()
        corpus.recompute(dirty)
        return corpus

    def came_and_went(self, steps: Iterable[tuple[str, bool]]) -> Corpus:
        """A corpus into which each article named came, or from which it went if it was there; recomputed where a step says so."""
        corpus, dirty = new_corpus(), set[str]()
        for name, is_settled in steps:
            if name in corpus.key_of:
                dirty |= corpus.remove(name)
            else:
                dirty.add(self.add(corpus, name))
            dirty &= corpus.entries.keys()
            if is_settled:
                corpus.recompute(dirty)
                dirty = set()
        corpus.recompute(dirty)
        return corpus


def partitions(corpus: Corpus) -> tuple[set[frozenset[str]], set[frozenset[str]]]:
    """Reports and stories as sets of article ids."""

    def ids(keys: Iterable[str]) -> frozenset[str]:
        return frozenset(corpus.entries[key].article.id for key in keys)

    reports = {ids(members) for members in corpus.partitions.reports.values()}
    stories = {
        ids(key for report in story for key in corpus.partitions.reports[report])
        for story in corpus.partitions.story_graph.stories.values()
    }
    return reports, stories


def reports_in_many_orders(shelf: Shelf, names: Iterable[str], orders: int) -> list[set[frozenset[str]]]:
    """The reports of the articles, for so many orders of arrival and several sizes of batches."""
    shuffled, found = list(names), []
    for seed in range(orders):
        random.Random(seed).shuffle(shuffled)
        found.append(partitions(shelf.filled(shuffled, every=1 + seed % 3))[0])
    return found
