"""Why each article is in its story, and how sure that is, for the stories that a recomputation touched.

Reads the working memory after a recomputation; decides nothing and writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from service.domain.membership import Feature, Membership, Reason, confidence, telling
from service.flows.corpus import Corpus

_REMEMBERED = 20_000
"""The features of two reports do not change while the same articles stand for them."""


class Memberships:
    """One thread uses it."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._features: dict[tuple[object, object], tuple[Feature, ...]] = {}

    def of_story(self, story: frozenset[str]) -> dict[str, Membership]:
        """By article key, for every article of a story (a set of article keys)."""
        partitions, weights = self._corpus.partitions, self._corpus.weights
        reports = sorted({partitions.report_of[key] for key in story})
        found: dict[str, Membership] = {}
        for report in reports:
            members = partitions.reports[report]
            row = partitions.story_graph.related[report]
            chances = {other: row.get(other, 0.0) for other in reports if other != report}
            sure = confidence(
                list(chances.values()),
                has_copies=len(members) > 1,
                intercept=weights.membership_intercept,
                slope=weights.membership_slope,
            )
            of_report = [*self._same_event(report, chances), *self._editor(report, reports)]
            for key in members:
                reasons = (*self._shared_copy(key, members), *of_report)
                found[key] = Membership(sure, reasons or (Reason("alone"),))
        return found

    def _shared_copy(self, key: str, members: frozenset[str]) -> Iterable[Reason]:
        """What it shares with the article that stands for its report, or that one with the fullest of the others."""
        if len(members) == 1:
            return ()
        row, shown = self._corpus.shared[key], self._corpus.representative_of(key)
        mates = [shown] if shown in row else [other for other in row if other in members]
        if not mates:
            return ()
        mate = min(mates, key=lambda other: (-row[other].weight, other))
        other = self._corpus.entries[mate].article.id
        return (Reason("shared_copy", other, share=row[mate].mine, share_of_other=row[mate].theirs),)

    def _same_event(self, report: str, chances: dict[str, float]) -> Iterable[Reason]:
        if not any(chances.values()):
            return ()
        nearest = min(chances, key=lambda other: (-chances[other], other))
        corpus, shown = self._corpus, self._corpus.partitions.representatives
        mine, other = corpus.entries[shown[report]], corpus.entries[shown[nearest]]
        pair = (mine.version, other.version)
        if pair not in self._features:
            if len(self._features) >= _REMEMBERED:
                self._features.clear()
            self._features[pair] = telling(corpus.chances.features(mine, other), corpus.weights.story)
        return (Reason("same_event", other.article.id, probability=chances[nearest], features=self._features[pair]),)

    def _editor(self, report: str, reports: list[str]) -> Iterable[Reason]:
        """Somebody's word that joins the report with another one of the story."""
        graph = self._corpus.partitions.story_graph
        return (Reason("editor"),) if graph.is_said_to_join(report, reports) else ()
