"""Learns weights on part of a set so that the rest can be measured unseen. The features and the decision are the service's own.

Knows nothing of files. What the service ships is learned elsewhere; here only the split matters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.quality import metrics
from service.domain.clustering import average_linkage, components
from service.domain.matching import Weights
from service.domain.membership import log_odds
from service.domain.story_similarity import STORY_AGAINST, STORY_FEATURES, Profile, are_filled_for_two, story_features

Table = npt.NDArray[np.float64]
_CANDIDATE_COSINE = 0.25
_SITUATION_CLAIM = 0.25
"""A claim about a situation counts as this part of one about labelled events: situations are as hard as they come."""
_SITUATION_COUNTS = 2
"""A pair of a situation counts as so many: they are few, and stand for what is hardest to tell."""
_THRESHOLDS = tuple(round(0.1 + 0.05 * k, 2) for k in range(15))


def folds(groups: Sequence[str], count: int = 5) -> Iterator[tuple[list[int], list[int]]]:
    """(learned on, measured on) as item numbers; a group is never split, largest groups are dealt out first."""
    sizes = {group: groups.count(group) for group in set(groups)}
    held: list[list[str]] = [[] for _ in range(count)]
    for group in sorted(sizes, key=lambda g: (-sizes[g], g)):
        min(held, key=lambda names: (sum(sizes[name] for name in names), held.index(names))).append(group)
    for names in held:
        yield [i for i, g in enumerate(groups) if g not in names], [i for i, g in enumerate(groups) if g in names]


@dataclass(frozen=True, slots=True)
class Situation:
    """Articles that it is easy to mistake for each other: the pairs of them by their places, what the service judges each by (a
    row of features), and an editor's label for each article.
    """

    labels: Sequence[str]
    places: Sequence[tuple[int, int]]
    table: Table

    @property
    def same(self) -> list[bool]:
        return [self.labels[i] == self.labels[j] for i, j in self.places]


class StoryPairs:
    """Features of all pairs of articles that can be one event at all, computed once. Three sources: a set of labelled events,
    pairs of a newswire that are of no event together, and situations.
    """

    def __init__(
        self,
        profiles: Sequence[Profile],
        apart: Sequence[tuple[Profile, Profile]] = (),
        situations: Sequence[Situation] = (),
    ) -> None:
        """`apart`: pairs of articles that are of no event together. A set of labelled events has few pairs as alike as those of a
        busy newswire.
        """
        self.places = likely_pairs(profiles)
        self.table = _table((profiles[i], profiles[j]) for i, j in self.places)
        self._apart = _table((a, b) for a, b in apart if not are_filled_for_two(a, b))
        self._situations = situations

    def learn(
        self, labels: Sequence[str], learned_on: Sequence[int], shipped: Weights, situations: Sequence[Situation] | None = None
    ) -> Weights:
        """Story weights and threshold from the pairs within `learned_on`, those of no event, and the situations: all of them
        where none are given. A feature without any variety there keeps its weight.

        Signs are bounded as the service says: what speaks against one event may only lower the probability.
        """
        situations = self._situations if situations is None else situations
        kept = set(learned_on)
        rows = [k for k, (i, j) in enumerate(self.places) if i in kept and j in kept]
        same = np.array([labels[self.places[k][0]] == labels[self.places[k][1]] for k in rows], dtype=np.float64)
        told = [one for each in situations for one in each.same]
        table = np.concatenate([self.table[rows], self._apart, *(one.table for one in situations)])
        outcomes = np.concatenate([same, np.zeros(len(self._apart)), np.array(told, dtype=np.float64)])
        counts = np.concatenate([np.ones(len(rows) + len(self._apart)), np.full(len(told), float(_SITUATION_COUNTS))])
        # Pairs of two times stand as if of one day, so that they say nothing of what days say.
        table[:, STORY_FEATURES.index("days_apart")] = 0.0
        intercept, weights = _fit(table, outcomes, [name in STORY_AGAINST for name in STORY_FEATURES], counts)
        learned = {
            name: float(weights[c]) if np.ptp(table[:, c]) > 0 else shipped.story[name] for c, name in enumerate(STORY_FEATURES)
        }
        found = replace(shipped, story_intercept=intercept, story=learned)
        chances = _chance(self.table[rows], found)
        graph: dict[str, dict[str, float]] = {str(i): {} for i in learned_on}
        for k, chance in zip(rows, chances, strict=True):
            i, j = map(str, self.places[k])
            graph[i][j] = graph[j][i] = float(chance)
        gold = [labels[i] for i in learned_on]
        # By the labelled events alone: situations are as hard as they come, and would have more joined than is right elsewhere.
        agreement = [_agreement(gold, _clustered(graph, threshold, map(str, learned_on))) for threshold in _THRESHOLDS]
        # Smoothed over two neighbours on either side: single peaks are noise.
        smooth = [sum(around) / len(around) for k in range(len(agreement)) if (around := agreement[max(0, k - 2) : k + 3])]
        return replace(found, story_threshold=_THRESHOLDS[smooth.index(max(smooth))])

    def calibrated(self, weights: Weights, labels: Sequence[str], groups: Sequence[str], learned_on: Sequence[int]) -> Weights:
        """The weights with the calibration of story membership learned from claims about groups and situations that story weights
        had not seen, all groups within `learned_on`.
        """
        claims: list[tuple[float, bool]] = []
        counts: list[float] = []
        parts = 4
        for number, (others, held_out) in enumerate(folds([groups[i] for i in learned_on], parts)):
            seen = [one for k, one in enumerate(self._situations) if k % parts != number]
            unseen = self.learn(labels, [learned_on[k] for k in others], weights, seen)
            claims += self._claims(unseen, labels, [learned_on[k] for k in held_out])
            counts += [1.0] * (len(claims) - len(counts))
            for one in self._situations[number::parts]:
                claims += _claims(_graph_of(one, unseen), one.labels, range(len(one.labels)), unseen.story_threshold)
            counts += [_SITUATION_CLAIM] * (len(claims) - len(counts))
        table = np.array([[log_odds(min(0.999, max(0.001, mean)))] for mean, _ in claims])
        outcomes = np.array([right for _, right in claims], dtype=np.float64)
        intercept, slope = _fit(table, outcomes, [False], np.array(counts))
        return replace(weights, membership_intercept=intercept, membership_slope=float(slope[0]))

    def _claims(self, weights: Weights, labels: Sequence[str], measured_on: Sequence[int]) -> list[tuple[float, bool]]:
        graph: dict[str, dict[str, float]] = {str(i): {} for i in range(len(labels))}
        for (i, j), chance in zip(self.places, _chance(self.table, weights), strict=True):
            graph[str(i)][str(j)] = graph[str(j)][str(i)] = float(chance)
        return _claims(graph, labels, measured_on, weights.story_threshold)


Graph = dict[str, dict[str, float]]


def _claims(graph: Graph, labels: Sequence[str], measured_on: Iterable[int], threshold: float) -> list[tuple[float, bool]]:
    """For each article that shares its story: the mean chance with the others, and whether half of them are of its event."""
    story: dict[str, frozenset[str]] = {}
    for group in components(set(graph), graph, threshold):
        for cluster in average_linkage(group, graph, threshold):
            story |= dict.fromkeys(cluster, cluster)
    found = []
    for i in measured_on:
        others = sorted(story[str(i)] - {str(i)})
        if others:
            right = 2 * sum(labels[int(j)] == labels[i] for j in others) >= len(others)
            found.append((sum(graph[str(i)].get(j, 0.0) for j in others) / len(others), right))
    return found


def _graph_of(one: Situation, weights: Weights) -> Graph:
    graph: Graph = {str(i): {} for i in range(len(one.labels))}
    for (i, j), chance in zip(one.places, _chance(one.table, weights), strict=True):
        graph[str(i)][str(j)] = graph[str(j)][str(i)] = float(chance)
    return graph


def likely_pairs(profiles: Sequence[Profile], others: Sequence[Profile] | None = None) -> list[tuple[int, int]]:
    """The pairs, each once, or with `others` of one article each, that the service would ask for a chance; by their places."""
    means = np.stack([profile.mean_vector for profile in profiles])
    near = means @ (means if others is None else np.stack([profile.mean_vector for profile in others])).T >= _CANDIDATE_COSINE
    return [(int(i), int(j)) for i, j in np.argwhere(near) if others is not None or i < j]


def _table(pairs: Iterable[tuple[Profile, Profile]]) -> Table:
    return table_of(story_features(a, b) for a, b in pairs)


def table_of(features: Iterable[Mapping[str, float]]) -> Table:
    """One row for each pair, in the order of `STORY_FEATURES`."""
    rows = [[row[name] for name in STORY_FEATURES] for row in features]
    return np.array(rows, dtype=np.float64).reshape(-1, len(STORY_FEATURES))


def _clustered(graph: Graph, threshold: float, items: Iterable[str]) -> list[int]:
    """A number for the cluster of each item."""
    label: dict[str, int] = {}
    for group in components(set(graph), graph, threshold):
        for cluster in average_linkage(group, graph, threshold):
            label |= dict.fromkeys(cluster, len(label))
    return [label[item] for item in items]


def _agreement(gold: Sequence[str], found: Sequence[object]) -> float:
    return metrics.bcubed(gold, found).f1 + metrics.pairs(gold, found).rates.f1


def _chance(table: Table, weights: Weights) -> Table:
    logits = weights.story_intercept + table @ np.array([weights.story[name] for name in STORY_FEATURES])
    found: Table = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
    return found


def _fit(
    table: Table, outcomes: Table, is_against: Sequence[bool], counts: Table | float = 1.0, penalty: float = 0.1
) -> tuple[float, Table]:
    """Logistic regression with bounded signs and a light quadratic penalty. `counts`: how often each row counts."""
    from scipy.optimize import minimize

    def loss(point: Table) -> tuple[float, Table]:
        logits = point[0] + table @ point[1:]
        errors = counts * (1 / (1 + np.exp(-np.clip(logits, -30, 30))) - outcomes)
        value = float(np.sum(counts * (np.logaddexp(0, logits) - outcomes * logits)) + 0.5 * penalty * np.sum(point[1:] ** 2))
        return value, np.concatenate([[errors.sum()], table.T @ errors + penalty * point[1:]])

    start = np.zeros(table.shape[1] + 1)
    bounds = [(None, None), *((None, 0) if against else (0, None) for against in is_against)]
    found = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B", options={"maxiter": 500}).x
    return float(found[0]), found[1:]


Learner = Callable[[], Any]
"""Makes a classifier of scikit-learn's that has learned nothing yet."""


def regression() -> Any:
    """Logistic regression; columns are brought to one scale first, for this one and the next."""
    from sklearn.linear_model import LogisticRegression

    return _scaled(LogisticRegression(max_iter=2_000))


def kernel_machine() -> Any:
    """Support vector machine with a radial kernel (Cortes and Vapnik 1995): for columns that tell only together."""
    from sklearn.svm import SVC

    return _scaled(SVC())


def forest(seed: int, trees: int = 300) -> Any:
    """Random trees (Geurts, Ernst and Wehenkel 2006): for few cases, and columns that tell in steps and only together. The seed
    decides the doubtful cases where the trees are few.
    """
    from sklearn.ensemble import ExtraTreesClassifier

    return ExtraTreesClassifier(trees, random_state=seed)


def _scaled(model: Any) -> Any:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), model)


def classify_in_folds(table: Table, outcomes: Sequence[str], groups: Sequence[str], learner: Learner = regression) -> list[str]:
    """The class that a classifier learned on the other groups gives each row. No setting of a learner is tuned."""
    said = [""] * len(outcomes)
    for learned_on, measured_on in folds(groups):
        model = learner()
        model.fit(table[learned_on], [outcomes[i] for i in learned_on])
        for i, name in zip(measured_on, model.predict(table[measured_on]), strict=True):
            said[i] = str(name)
    return said
