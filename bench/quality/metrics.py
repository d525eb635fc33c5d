"""Measures of partitions, decisions and claimed probabilities, defined here once. Knows no data set and no pipeline.

Partitions are two label lists of one length: `gold[i]` and `pred[i]` are the clusters of item i. `focus` restricts a measure to
some items: B3 averages over them, pairs count when at least one side is among them, and everything else may still be merged
into their clusters wrongly.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

T = TypeVar("T")
Labels = Sequence[Hashable]
Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rates:
    """Precision, recall and their harmonic mean, each 0 to 1; a rate over nothing is 1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of items by whether the gold and the predicted partition put them together."""

    both: int
    only_pred: int
    only_gold: int
    neither: int

    def __add__(self, other: Pairs) -> Pairs:
        return Pairs(
            self.both + other.both,
            self.only_pred + other.only_pred,
            self.only_gold + other.only_gold,
            self.neither + other.neither,
        )

    @property
    def rates(self) -> Rates:
        return rates(self.both, self.only_pred, self.only_gold)

    @property
    def ari(self) -> float:
        """Adjusted Rand index: 1 for equal partitions, 0 by chance."""
        a, b, c, d = self.both, self.only_pred, self.only_gold, self.neither
        below = (a + c) * (c + d) + (a + b) * (b + d)
        return 2 * (a * d - b * c) / below if below else 1.0


def rates(right: float, wrong: float, missed: float) -> Rates:
    return Rates(
        right / (right + wrong) if right + wrong else 1.0,
        right / (right + missed) if right + missed else 1.0,
    )


def bcubed_items(gold: Labels, pred: Labels) -> tuple[Vector, Vector]:
    """B3 precision and recall of each item: the part of its predicted cluster that shares its gold cluster, and the reverse."""
    in_gold, in_pred, in_both = Counter(gold), Counter(pred), Counter(zip(gold, pred, strict=True))
    pairs = list(zip(gold, pred, strict=True))
    return (
        np.array([in_both[g, p] / in_pred[p] for g, p in pairs], dtype=np.float64),
        np.array([in_both[g, p] / in_gold[g] for g, p in pairs], dtype=np.float64),
    )


def bcubed(gold: Labels, pred: Labels, focus: Collection[int] | None = None) -> Rates:
    """Averages of the items' precisions and recalls. The lists must not be empty."""
    chosen = sorted(focus) if focus is not None else slice(None)
    precision, recall = bcubed_items(gold, pred)
    return Rates(float(precision[chosen].mean()), float(recall[chosen].mean()))


def pairs(gold: Labels, pred: Labels, focus: Collection[int] | None = None) -> Pairs:
    whole = _pairs(gold, pred)
    if focus is None:
        return whole
    outside = [i for i in range(len(gold)) if i not in set(focus)]
    rest = _pairs([gold[i] for i in outside], [pred[i] for i in outside])
    return Pairs(
        whole.both - rest.both,
        whole.only_pred - rest.only_pred,
        whole.only_gold - rest.only_gold,
        whole.neither - rest.neither,
    )


def _pairs(gold: Labels, pred: Labels) -> Pairs:
    both = _together(zip(gold, pred, strict=True))
    in_gold, in_pred = _together(gold), _together(pred)
    total = len(gold) * (len(gold) - 1) // 2
    return Pairs(both, in_pred - both, in_gold - both, total - in_pred - in_gold + both)


def _together(labels: object) -> int:
    return sum(n * (n - 1) // 2 for n in Counter(labels).values())  # type: ignore[call-overload]


def cluster_noise(
    gold: Labels, pred: Labels, focus: Collection[int] | None = None, *, draws: int = 500, seed: int = 1
) -> tuple[float, float, float]:
    """Standard errors of B3 F1, pair F1 and ARI when the gold clusters are drawn anew with replacement.

    A predicted pair of two gold clusters counts half for each, so that every cluster's part is its own. ARI follows pair F1
    wherever most pairs are apart in both partitions, so it takes the same draws with chance left out.
    """
    precision, recall = bcubed_items(gold, pred)
    kept = set(focus) if focus is not None else set(range(len(gold)))
    in_gold, in_pred, in_both = Counter(gold), Counter(pred), Counter(zip(gold, pred, strict=True))
    parts: dict[Hashable, Vector] = defaultdict(lambda: np.zeros(6))
    for i in kept:
        g, p = gold[i], pred[i]
        parts[g] += (precision[i], recall[i], 1, (in_both[g, p] - 1) / 2, (in_gold[g] - 1) / 2, (in_pred[p] - 1) / 2)
    table = np.stack(list(parts.values()))
    generator = np.random.default_rng(seed)
    sums = np.stack([table[generator.integers(0, len(table), len(table))].sum(axis=0) for _ in range(draws)])
    b3 = [Rates(row[0] / row[2], row[1] / row[2]).f1 for row in sums]
    pair = [rates(row[3], row[5] - row[3], row[4] - row[3]).f1 for row in sums]
    return float(np.std(b3)), float(np.std(pair)), float(np.std(pair))


def share_noise(share: float, count: int) -> float:
    """Standard error of a share of `count` independent cases; at 0 and 1 what one case more or less would make."""
    return max(math.sqrt(share * (1 - share) / count), 1 / count if share in (0.0, 1.0) else 0.0) if count else 0.0


def resampled(values: Sequence[T], measure: Callable[[list[T]], float], *, draws: int = 200, seed: int = 1) -> float:
    """Standard error of a measure of a list of cases, by drawing the cases anew with replacement."""
    if len(values) < 2:
        return 0.0
    generator = np.random.default_rng(seed)
    return float(np.std([measure([values[i] for i in generator.integers(0, len(values), len(values))]) for _ in range(draws)]))


@dataclass(frozen=True, slots=True)
class Bin:
    """A tenth of the claims, by confidence: their mean claimed probability, the part that was right, and how many."""

    claimed: float
    right: float
    count: int


def reliability(claims: Sequence[tuple[float, bool]], bins: int = 10) -> list[Bin]:
    """Bins of (nearly) equal size over claims (confidence 0 to 1, right or not), lowest confidence first.

    Claims of one confidence are told apart by nothing, so they share their mean outcome: the bins do not depend on the order
    in which equal claims come.
    """
    confidence, outcome = _columns(claims)
    return [Bin(float(c.mean()), float(r.mean()), len(c)) for c, r in _binned(confidence, outcome, bins)]


def _columns(claims: Sequence[tuple[float, bool]]) -> tuple[Vector, Vector]:
    return np.array([c for c, _ in claims], dtype=np.float64), np.array([r for _, r in claims], dtype=np.float64)


def _binned(confidence: Vector, outcome: Vector, bins: int) -> list[tuple[Vector, Vector]]:
    if not len(confidence):
        return []
    levels, place, counts = np.unique(confidence, return_inverse=True, return_counts=True)
    shares = np.bincount(place, weights=outcome) / counts
    parts = min(bins, len(confidence))
    return list(
        zip(
            np.array_split(np.repeat(levels, counts), parts),
            np.array_split(np.repeat(shares, counts), parts),
            strict=True,
        )
    )


def calibration_error(bins: Sequence[Bin]) -> float:
    """Expected calibration error: mean distance of claimed and right over the claims, 0 (honest) to 1."""
    total = sum(b.count for b in bins)
    return sum(abs(b.claimed - b.right) * b.count for b in bins) / total if total else 0.0


def calibration_noise(claims: Sequence[tuple[float, bool]], *, bins: int = 10, draws: int = 200, seed: int = 1) -> float:
    """Standard error of the calibration error, by drawing the claims anew with replacement."""
    if len(claims) < 2:
        return 0.0
    confidence, outcome = _columns(claims)
    generator = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        drawn = generator.integers(0, len(claims), len(claims))
        parts = _binned(confidence[drawn], outcome[drawn], bins)
        found.append(sum(abs(c.mean() - r.mean()) * len(c) for c, r in parts) / len(claims))
    return float(np.std(found))
