"""Runs the other methods on the same articles and scores them as the service is scored."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bench.quality import metrics
from bench.quality.baselines import methods, pair_methods
from bench.quality.result import Rival
from service.ports import Encoder


def partition_rivals(texts: Sequence[str], gold: Sequence[str], encoder: Encoder, key: str) -> list[Rival]:
    """Two rows for each method: at its default threshold, and at the best one on the answers (B3 and pair F1 together)."""
    found: list[Rival] = []
    for method in methods(texts, encoder):
        if method.cluster is None:
            found.append(Rival(method.name, None, is_tuned=False, why=method.why, values={}))
            continue
        scored = {
            threshold: _partition_values(gold, method.cluster(threshold), key)
            for threshold in dict.fromkeys((method.default, *method.sweep))
        }
        best = max(scored, key=lambda t: (scored[t][f"{key}_b3"] + scored[t][f"{key}_pair"], -t))
        found.append(Rival(method.name, method.default, is_tuned=False, why=method.why, values=scored[method.default]))
        found.append(Rival(method.name, best, is_tuned=True, why="tuned on the answers: an upper bound", values=scored[best]))
    return found


def _partition_values(gold: Sequence[str], pred: Sequence[int], key: str) -> dict[str, float]:
    counts = metrics.pairs(gold, pred)
    values = {
        f"{key}_b3": metrics.bcubed(gold, pred).f1,
        f"{key}_pair": counts.rates.f1,
        f"{key}_ari": counts.ari,
    }
    return {name: round(value, 4) for name, value in values.items()}


def pair_rivals(left: Sequence[str], right: Sequence[str], gold: Sequence[bool], encoder: Encoder) -> list[Rival]:
    """As above for decisions on pairs; figures `f1` and `accuracy`, tuned for their sum."""
    truth = np.array(gold, dtype=bool)
    found: list[Rival] = []
    for name, (default, similarity) in pair_methods(left, right, encoder).items():
        scored = {
            float(threshold): decision_values(truth, similarity >= threshold)
            for threshold in (default, *np.round(np.arange(0.02, 1.0, 0.02), 2))
        }
        best = max(scored, key=lambda t: (sum(scored[t].values()), -t))
        found.append(Rival(name, default, is_tuned=False, why="", values=scored[default]))
        found.append(Rival(name, best, is_tuned=True, why="tuned on the answers: an upper bound", values=scored[best]))
    return found


def decision_values(truth: npt.NDArray[np.bool_], said: npt.NDArray[np.bool_]) -> dict[str, float]:
    right = int((truth & said).sum())
    f1 = metrics.rates(right, int((said & ~truth).sum()), int((truth & ~said).sum())).f1
    return {"f1": round(f1, 4), "accuracy": round(float((truth == said).mean()), 4)}
