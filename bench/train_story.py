"""Learns the story weights from labelled articles and prints how well they cluster articles of topics that they have not seen.

    python -m bench.train_story DATA_FOLDER [--vectors PICKLE] [--weights FILE]

DATA_FOLDER holds ecbplus/articles.jsonl (label `subtopic`) and gedikli/articles.jsonl (label `story`, measured only). --vectors
reads (unit keys, texts, vectors) instead of running the encoder. Only the story part of FILE changes. Needs numpy and scipy.
"""

from __future__ import annotations

import argparse
import json
import pickle
import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from bench.weights_file import put
from service.domain import story_similarity as ss
from service.domain.clustering import average_linkage
from service.domain.tokens import surface, unit_key, unit_ranges

LEARNED = [name for name in ss.STORY_FEATURES if name != "days_apart"]
DAYS_WEIGHT = -1.0
"""By hand: the learning set has no dates. A week apart costs one unit of log odds."""
LEAST_COSINE = 0.25
"""The service scores no pair whose mean vectors are farther apart."""
REGULAR = 1e-4
THRESHOLD = 0.45
SEEDS = range(5)
GRID = (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6)
EASY_LEAD, EASY_SHARE = 0.05, 0.25


class Set:
    """Articles of one file: labels, topics, pairs as two index arrays and their features (NaN rows are never scored)."""

    def __init__(self, path: Path, label: str, vectors: dict) -> None:
        rows = [json.loads(line) for line in path.open(encoding="utf8")]
        self.labels, self.topics = [str(row[label]) for row in rows], [str(row.get("topic")) for row in rows]
        profiles = [_profile(row, vectors) for row in rows]
        means = np.stack([p.mean_vector for p in profiles])
        near = means @ means.T
        self.left, self.right = np.triu_indices(len(rows), 1)
        self.features = np.full((len(self.left), len(LEARNED)), np.nan)
        self.days = np.zeros(len(self.left))
        for row, (i, j) in enumerate(zip(self.left, self.right, strict=True)):
            if near[i, j] >= LEAST_COSINE:
                found = ss.story_features(profiles[i], profiles[j])
                self.features[row] = [found[name] for name in LEARNED]
                self.days[row] = found["days_apart"]
        self.scored = ~np.isnan(self.features[:, 0])
        names = np.array(self.labels)
        self.same = names[self.left] == names[self.right]

    def clusters(self, chances: np.ndarray, threshold: float, only: Sequence[int] | None = None) -> list[int]:
        """Cluster number of each article (of `only`), by the service's own linkage."""
        chosen = list(range(len(self.labels))) if only is None else list(only)
        kept = set(chosen)
        edges: dict[str, dict[str, float]] = defaultdict(dict)
        for row in np.flatnonzero(chances > 0):
            i, j = int(self.left[row]), int(self.right[row])
            if i in kept and j in kept:
                edges[f"{i:06d}"][f"{j:06d}"] = edges[f"{j:06d}"][f"{i:06d}"] = float(chances[row])
        number = {
            key: n for n, group in enumerate(average_linkage([f"{i:06d}" for i in chosen], edges, threshold)) for key in group
        }
        return [number[f"{i:06d}"] for i in chosen]


def _profile(row: dict, vectors: dict) -> ss.Profile:
    when = row.get("date")
    title, text = row["title"] or "", row["text"] or ""
    units = [[vectors[unit_key(t[a:b])] for a, b in unit_ranges(t, 0, len(t))] for t in (title, text)]
    at = datetime.fromisoformat(when) if when else None
    return ss.profile(title, [text], units[0][0] if units[0] else None, units[1], len(next(iter(vectors.values()))), at)


def fit(data: Set, rows: np.ndarray) -> tuple[float, np.ndarray]:
    """Logistic regression whose weights keep the sign of their feature. Three quarters of the easy negatives are left out and the
    rest weighted up, for speed alone.
    """
    x, same = data.features[rows], data.same[rows]
    easy = (x[:, LEARNED.index("lead_words")] < EASY_LEAD) & ~same
    keep = ~easy | (np.random.RandomState(0).rand(len(same)) < EASY_SHARE)
    share = np.where(easy, 1 / EASY_SHARE, 1.0)[keep]
    share /= share.sum()
    x, sign = x[keep], np.where(same[keep], 1.0, -1.0)
    middle, spread = x.mean(0), x.std(0) + 1e-9
    z = np.c_[np.ones(len(x)), (x - middle) / spread]

    def loss(b: np.ndarray) -> tuple[float, np.ndarray]:
        margin = sign * (z @ b)
        pull = REGULAR * np.r_[0.0, b[1:]]
        slope = -share * sign * np.exp(-np.logaddexp(0, margin))
        return float(share @ np.logaddexp(0, -margin) + pull @ b), z.T @ slope + 2 * pull

    bounds = [(None, None)] + [(None, 0.0) if name in ss.STORY_AGAINST else (0.0, None) for name in LEARNED]
    b = minimize(loss, np.zeros(z.shape[1]), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 300}).x
    weights = b[1:] / spread
    return float(b[0] - weights @ middle), weights


def chances(data: Set, model: tuple[float, np.ndarray], rows: np.ndarray, days: float = 0.0) -> np.ndarray:
    rows = rows & data.scored
    out = np.zeros(len(rows))
    logit = model[0] + data.features[rows] @ model[1] + days * data.days[rows]
    out[rows] = np.round(1 / (1 + np.exp(-np.clip(logit, -30, 30))), 4)
    return out


def figures(gold: Sequence, found: Sequence) -> tuple[float, float]:
    """B-cubed F1 and pair F1."""
    both, golds, founds = Counter(zip(gold, found, strict=True)), Counter(gold), Counter(found)
    n = len(gold)
    p = sum(c * c / founds[f] for (_, f), c in both.items()) / n
    r = sum(c * c / golds[g] for (g, _), c in both.items()) / n
    tp, pp, gp = (sum(c * (c - 1) // 2 for c in counts.values()) for counts in (both, founds, golds))
    return 2 * p * r / (p + r), 2 * tp / max(1, pp + gp)


def cross_validate(data: Set, seed: int) -> tuple[float, ...]:
    """Five folds by topic. A pair's model has seen no topic of either of its articles. Per fold, then all articles together."""
    topics = sorted(set(data.topics))
    np.random.RandomState(seed).shuffle(topics)
    fold_of = {topic: i % 5 for i, topic in enumerate(topics)}
    fold = np.array([fold_of[topic] for topic in data.topics])
    a, b = fold[data.left], fold[data.right]
    scores = np.zeros(len(a))
    for f, g in [*((f, f) for f in range(5)), *combinations(range(5), 2)]:
        unseen = ~np.isin(a, (f, g)) & ~np.isin(b, (f, g)) & data.scored
        rows = ((a == f) & (b == g)) | ((a == g) & (b == f))
        scores += chances(data, fit(data, unseen), rows)
    gold: list[str] = []
    found: list[tuple[int, int]] = []
    for f in range(5):
        members = np.flatnonzero(fold == f)
        gold += [data.labels[i] for i in members]
        found += [(f, c) for c in data.clusters(scores, THRESHOLD, members)]
    learned: list[tuple[int, int]] = []
    thresholds = []
    for f in range(5):
        members, others = np.flatnonzero(fold == f), np.flatnonzero(fold != f)
        quality = [sum(figures([data.labels[i] for i in others], data.clusters(scores, t, others))) for t in GRID]
        # Smoothed over neighbours: single peaks are noise.
        smooth = [statistics.mean(quality[max(0, i - 1) : i + 2]) for i in range(len(GRID))]
        thresholds.append(GRID[smooth.index(max(smooth))])
        learned += [(f, c) for c in data.clusters(scores, thresholds[-1], members)]
    together = figures(data.labels, data.clusters(scores, statistics.median(thresholds)))
    fixed = (*figures(gold, found), *figures(data.labels, data.clusters(scores, THRESHOLD)))
    return (*figures(gold, learned), *together, *fixed)


def encode(files: Sequence[Path]) -> dict:
    from service.embed.local import SentenceTransformerEncoder  # takes seconds to import

    texts = {}
    for path in files:
        for line in path.open(encoding="utf8"):
            row = json.loads(line)
            for text in (row["title"] or "", row["text"] or ""):
                for start, end in unit_ranges(text, 0, len(text)):
                    texts[unit_key(text[start:end])] = surface(text[start:end])
    encoder, wanted = SentenceTransformerEncoder(), list(texts.values())
    rows = [row for start in range(0, len(wanted), 32) for row in encoder.encode(wanted[start : start + 32])]
    return dict(zip(texts, rows, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--vectors", type=Path)
    parser.add_argument("--weights", type=Path)
    options = parser.parse_args()
    files = [options.data / name / "articles.jsonl" for name in ("ecbplus", "gedikli")]
    if options.vectors:
        keys, _, stored = pickle.loads(options.vectors.read_bytes())
        vectors = dict(zip(keys, stored.astype(np.float32), strict=True))
    else:
        vectors = encode(files)
    learn, check = Set(files[0], "subtopic", vectors), Set(files[1], "story", vectors)
    print(f"seed, then (b3 pair) of: folds, all together with learned thresholds; folds, all together at {THRESHOLD}")
    rounds = [cross_validate(learn, seed) for seed in SEEDS]
    for seed, row in zip(SEEDS, rounds, strict=True):
        print(seed, *(f"{v:.4f}" for v in row), flush=True)
    print("mean", *(f"{statistics.mean(column):.4f}" for column in zip(*rounds, strict=True)))
    model = fit(learn, learn.scored)
    for days in (0.0, DAYS_WEIGHT):
        scores = chances(check, model, check.scored, days)
        print(f"gedikli, days weight {days}:", *(f"{v:.4f}" for v in figures(check.labels, check.clusters(scores, THRESHOLD))))
    weights = dict(zip(LEARNED, (round(float(w), 4) for w in model[1]), strict=True)) | {"days_apart": DAYS_WEIGHT}
    story = {"intercept": round(model[0], 4), "threshold": THRESHOLD, "weights": {n: weights[n] for n in ss.STORY_FEATURES}}
    story["learned"] = {
        "command": "python -m bench.train_story DATA --weights service/data/weights.json",
        "data": "ECB+ (Cybulska and Vossen 2014), topics 1 to 22; days_apart and threshold by hand",
        "date": datetime.now(UTC).date().isoformat(),
    }
    print(json.dumps(story, indent=1))
    if options.weights:
        put(options.weights, "story", story)


if __name__ == "__main__":
    main()
